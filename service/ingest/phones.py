"""One form for all spellings of a phone number."""

from __future__ import annotations

import phonenumbers

from service.ingest.normalise import UnreadableError, UnusableError

# The patterns of all countries are more than `re` keeps: it would compile them again and again, at ten times the cost.
phonenumbers.enable_pattern_cache()


def number(value: str, region: str | None) -> tuple[str, str]:
    """A number as E.164 has it (+33123456789), without an extension, and its country (ISO 3166), which is empty of one
    of none, such as a satellite's. `region`: where a number without a country's code is from; None: such a number says
    nothing. Raises UnusableError."""
    try:
        found = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise UnreadableError("is no phone number") from None
    if not phonenumbers.is_valid_number(found):
        raise UnusableError("is a number that nobody can have")
    country = phonenumbers.region_code_for_number(found) or ""
    return phonenumbers.format_number(found, phonenumbers.PhoneNumberFormat.E164), country if country.isalpha() else ""


def calling_code(country: str) -> str | None:
    """Of a country (ISO 3166): +33; None of what is none."""
    code = phonenumbers.country_code_for_region(country)
    return f"+{code}" if code else None
