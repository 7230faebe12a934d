"""The rules for one value of each field. Decisions call them per request; files map them over distinct values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import AddressValueError, IPv4Address
from socket import AF_INET6, inet_ntoa, inet_ntop, inet_pton

ACCOUNT_ID_CHARS = 256
VALUE_CHARS = 512  # device ids, payment fingerprints and event ids
IP_CHARS = 64
MAX_USES = 1_000_000_000  # of one event
TYPES = ("signup", "login", "payment", "activity")
DEFAULT_TYPE = "activity"

# Control characters and the line and paragraph separators: they break logs, exports and pages.
CONTROL_PATTERN = "[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_CONTROL = re.compile(CONTROL_PATTERN)
_IPV4_MAPPED = bytes(10) + b"\xff\xff"


@dataclass(frozen=True, slots=True)
class Address:
    """A client's address: `ip` is an IPv4 address or IPv6 /64, `network` the IPv4 /24 or IPv6 /48 it is in."""

    ip: str
    network: str


def normalise_ip(value: str) -> Address:
    """Normalises an address. IPv4 in IPv6 (::ffff:1.2.3.4) becomes IPv4. Raises ValueError with a short reason."""
    if len(value) > IP_CHARS:
        raise ValueError(f"is longer than {IP_CHARS} characters")
    if ":" not in value:
        return _ipv4(value)
    if "%" in value:
        raise ValueError("has a zone, which means something on one machine only")
    try:
        packed = inet_pton(AF_INET6, value)
    except (OSError, ValueError):
        raise ValueError("is not an IPv4 or IPv6 address") from None
    if packed.startswith(_IPV4_MAPPED):
        return _ipv4(inet_ntoa(packed[12:]))
    if not any(packed) or packed[0] == 0xFF:
        raise ValueError("is not the address of one client (unspecified or multicast)")
    host = inet_ntop(AF_INET6, packed[:8] + bytes(8))
    network = inet_ntop(AF_INET6, packed[:6] + bytes(10))
    return Address(f"{host}/64", f"{network}/48")


def _ipv4(value: str) -> Address:
    try:
        number = int(IPv4Address(value))
    except (AddressValueError, ValueError):
        raise ValueError("is not an IPv4 or IPv6 address") from None
    if number == 0 or number >> 28 == 0xE or number == 0xFFFFFFFF:
        raise ValueError("is not the address of one client (unspecified, multicast or broadcast)")
    return Address(value, f"{value.rpartition('.')[0]}.0/24")


def check_text(value: str, limit: int) -> str:
    """Returns `value` if it can be kept. Raises ValueError with a short reason."""
    if not value:
        raise ValueError("is empty")
    if len(value) > limit:
        raise ValueError(f"is longer than {limit} characters")
    if _CONTROL.search(value):
        raise ValueError("has a control character")
    return value
