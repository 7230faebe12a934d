"""Makes values equal that mean the same, kind by kind: functions named in the table of kinds, pure but for what files
of networks (RINGSIGHT_MMDB) say of an address.

Each gives the value as it is kept, and the coarser values that kinds derived from it have, empty where there is none to
share. Given what it gave, it gives
the same again. It raises UnusableError for what identifies nobody, and ValueError for what breaks a rule.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from urllib.parse import urlsplit

from service.ingest import networks
from service.ingest.domains import sort_of
from service.ingest.hosts import domain
from service.ingest.mailboxes import mailbox
from service.ingest.normalise import (
    VALUE_CHARS,
    UnreadableError,
    UnusableError,
    check_text,
    is_placeholder,
    normalise_ip,
)
from service.model.kinds import Kind

Values = tuple[str, ...]
_SEPARATORS = re.compile(r"[\s:.\-]")
_SYSTEMS = 3  # place of the autonomous system among the coarser values of an address
_HEX = re.compile(r"[0-9a-f]{8,}")


def normalised(kind: Kind, value: str, inside: bool = False) -> Values:
    """(value, coarser values..) of one value of a kind. `inside`: private addresses are clients'
    (RINGSIGHT_CLIENTS_INSIDE). Raises UnusableError, a ValueError, or ValueError."""
    if is_placeholder(value) or (kind.placeholders and value.strip().lower() in kind.placeholders):
        raise UnusableError("is a placeholder")
    if kind.normalise == "phone":
        return phone(value, kind.region)
    if kind.normalise == "ip":
        return ip(value, inside)
    if kind.normalise == "email":
        return email(value, kind)
    return NORMALISERS[kind.normalise](value)


def text(value: str) -> Values:
    """As it came."""
    return (check_text(value, VALUE_CHARS),)


def lower(value: str) -> Values:
    """Without blanks around it, in one form of Unicode, and without regard to case."""
    return (_folded(check_text(value, VALUE_CHARS)),)


def hexadecimal(value: str) -> Values:
    """A hash or a hardware address: 8 or more hexadecimal digits, in lower case and without separators."""
    digits = _SEPARATORS.sub("", check_text(value, VALUE_CHARS)).lower().removeprefix("0x")
    if not _HEX.fullmatch(digits) or len(set(digits)) == 1:
        raise UnreadableError("is no hexadecimal number of 8 digits or more")
    return (digits,)


def url_host(value: str) -> Values:
    """The host of a URL, or a host, without `www.`."""
    plain = _folded(check_text(value, VALUE_CHARS))
    try:
        host = urlsplit(plain if "//" in plain else f"//{plain}").hostname or ""
    except ValueError:
        host = ""
    return (domain(host.removeprefix("www.")),)


def ip(value: str, inside: bool) -> Values:
    """An IPv4 address or the IPv6 /64 it is in, its network (the IPv4 /24 or IPv6 /48), the IPv6 /56 and /32, and the
    autonomous system, which is empty unless a file says it."""
    address = normalise_ip(value, inside)
    return address.ip, address.network, address.subnet, address.block, networks.origin(address.ip).asn


def email(value: str, kind: Kind) -> Values:
    """A mailbox in one spelling, and its domain, which is none where anybody can have a mailbox."""
    address, host = mailbox(check_text(value, VALUE_CHARS))
    return address, "" if sort_of(kind, host) == "free" else host


def phone(value: str, region: str | None) -> Values:
    """A phone number as E.164 has it, and its country."""
    from service.ingest.phones import number  # phonenumbers takes a tenth of a second to import

    return number(check_text(value, VALUE_CHARS), region)


def as_child(kind: Kind, value: str) -> str:
    """A value of the kind that a derived one may come from: an address in this network, a mailbox of this domain.
    `value`: what is derived, or what it is derived from already."""
    if kind.normalise == "ip":
        return value.partition("/")[0]
    if kind.normalise == "email" and "@" not in value:
        return f"mailbox@{value}"
    return value


def autonomous_systems(kind: Kind) -> str | None:
    """Name of the derived kind that has the autonomous systems of a kind of addresses."""
    return kind.parents[_SYSTEMS] if kind.normalise == "ip" and len(kind.parents) > _SYSTEMS else None


def _folded(value: str) -> str:
    return unicodedata.normalize("NFKC", value).strip().casefold()


NORMALISERS: dict[str, Callable[[str], Values]] = {
    "text": text,
    "lower": lower,
    "hex": hexadecimal,
    "url_host": url_host,
}
