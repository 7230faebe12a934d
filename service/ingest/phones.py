"""One form for all spellings of a phone number."""

from __future__ import annotations

import phonenumbers

from service.ingest.normalise import UnreadableError, UnusableError

# The patterns of all countries are more than `re` keeps: it would compile them again and again, at ten times the cost.
phonenumbers.enable_pattern_cache()


def number(value: str, region: str | None) -> str:
    """A number as E.164 has it (+33123456789), without an extension. `region`: where a number without a country's code
    is from (ISO 3166, such as FR); None: such a number says nothing. Raises UnusableError."""
    try:
        found = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise UnreadableError("is no phone number") from None
    if not phonenumbers.is_valid_number(found):
        raise UnusableError("is a number that nobody can have")
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164)
