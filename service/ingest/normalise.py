"""The rules for one value of each field. Decisions call them per request; files map them over distinct values."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Network
from socket import AF_INET, AF_INET6, inet_ntoa, inet_ntop, inet_pton

ACCOUNT_ID_CHARS = 256
VALUE_CHARS = 512  # device ids, payment fingerprints and event ids
IP_CHARS = 64
MAX_USES = 1_000_000_000  # of one event
TYPES = ("signup", "login", "payment", "activity")
DEFAULT_TYPE = "activity"

# Control characters and the line and paragraph separators: they break logs, exports and pages.
CONTROL_PATTERN = "[\x00-\x1f\x7f-\x9f\u2028\u2029]"
_CONTROL = re.compile(CONTROL_PATTERN)

# What senders write where they have no value. The same patterns serve Polars, so they hold to what both engines know.
_BLANK = "[ \u00a0\u200b\u3000\ufeff]*"
_NOTHING = r"null|nil|none|undefined|nan|\(null\)|<null>|\[object object\]"
_NO_VALUE = (
    r"unknown|n/a|na|n\.a\.|not available|not applicable|not set|unavailable|unset|missing|empty|default|"
    r"default string|anonymous|invalid|error|false|true|test|to be filled by o\.e\.m\.?"
)
_NO_NUMBER = r"(?:0x)?[-0:._?*/#{} ]*|[-f:]{8,}"  # nothing but zeros and signs; a number, MAC or UUID of ones only
_NO_DEVICE = "9774d56d682e549c|02:00:00:00:00:00"  # given to every app where the system gives no id
PLACEHOLDER_PATTERN = f"(?i)^{_BLANK}(?:{_NOTHING}|{_NO_VALUE}|{_NO_NUMBER}|{_NO_DEVICE}){_BLANK}$"
# An account may be called "unknown" or "0"; these stand for no account.
NO_ACCOUNT_PATTERN = f"(?i)^{_BLANK}(?:{_NOTHING}|0{{8}}-0{{4}}-0{{4}}-0{{4}}-0{{12}})?{_BLANK}$"
_PLACEHOLDER = re.compile(PLACEHOLDER_PATTERN)

# What proxies write of a client: an address with a port, IPv6 in brackets then.
PORT_PATTERN = r"^ *(?:(\d{1,3}(?:\.\d{1,3}){3}):\d{1,5}|\[([0-9a-fA-F:.]+)\](?::\d{1,5})?) *$"
_PORT = re.compile(PORT_PATTERN)
_LIST = re.compile(r"[,;]|\S\s+\S")

_NOBODY = "is not the address of one client on the internet"
_IPV4_MAPPED = bytes(10) + b"\xff\xff"
_NAT64 = bytes.fromhex("0064ff9b") + bytes(8)
_6TO4 = bytes.fromhex("2002")  # the client's IPv4 address follows
_TEREDO = bytes.fromhex("20010000")  # its server's IPv4 address follows, so that strangers share a /64
_GLOBAL_V6 = 0b001  # the first three bits of every global unicast address


def _ranges(*ranges: str) -> tuple[tuple[int, int], ...]:
    """(first bits, how many bits follow them) of IPv4 ranges."""
    networks = [IPv4Network(text) for text in ranges]
    return tuple((int(net.network_address) >> 32 - net.prefixlen, 32 - net.prefixlen) for net in networks)


# This network, loopback, link-local, multicast, reserved: nobody's, wherever the clients are.
_UNUSABLE_V4 = _ranges("0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "224.0.0.0/4", "240.0.0.0/4")
_NOT_PUBLIC_V4 = _UNUSABLE_V4 + _ranges("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16")
_PRIVATE_V6 = 0b1111110  # the first seven bits of every unique local address


# How long the prefixes of an Address are, of each version of IP: of its network, subnet and block.
PREFIXES: tuple[dict[int, int], ...] = ({4: 24, 6: 48}, {6: 56}, {6: 32})


class UnusableError(ValueError):
    """The value is sound but tells nobody from anybody: it is left out as if it were not there."""


class UnreadableError(UnusableError):
    """The value is none of its kind, as `call me` is no phone number; it is left out like other unusable ones."""


@dataclass(frozen=True, slots=True)
class Address:
    """A client's address: `ip` is an IPv4 address or IPv6 /64, `network` the IPv4 /24 or IPv6 /48 it is in. Of IPv6
    `subnet` is the /56 (what one line gets), `block` the /32 (what it has itself); of IPv4 both are empty."""

    ip: str
    network: str
    subnet: str = ""
    block: str = ""


def normalise_ip(value: str, inside: bool = False) -> Address:
    """Normalises an address. IPv4 in IPv6 (::ffff:1.2.3.4, 64:ff9b::1.2.3.4, 6to4, Teredo) becomes IPv4. `inside`: a
    private address is one client's, as in a network where all clients are. A port and blanks around it are taken off.

    Raises ValueError with a short reason, and UnusableError for one that many machines have, or none.
    """
    if is_placeholder(value) or value.lower() == "localhost":
        raise UnusableError("is a placeholder")
    if len(value) > IP_CHARS:
        raise ValueError(f"is longer than {IP_CHARS} characters")
    value = value.strip(" ")
    if ":" not in value:
        return _ipv4(value, inside)
    if found := _PORT.fullmatch(value):
        return normalise_ip(found[1] or found[2], inside)
    if "%" in value:
        raise ValueError("has a zone, which means something on one machine only")
    try:
        packed = inet_pton(AF_INET6, value)
    except (OSError, ValueError):
        raise ValueError(_no_address(value)) from None
    if packed.startswith((_IPV4_MAPPED, _NAT64)):
        return _ipv4(inet_ntoa(packed[12:]), inside)
    if packed.startswith(_6TO4):
        return _ipv4(inet_ntoa(packed[2:6]), inside)
    if packed.startswith(_TEREDO):
        return _ipv4(inet_ntoa(bytes(byte ^ 0xFF for byte in packed[12:])), inside)
    if packed[0] >> 5 != _GLOBAL_V6 and not (inside and packed[0] >> 1 == _PRIVATE_V6):
        raise UnusableError(f"{_NOBODY} (unspecified, loopback, link-local, private, multicast or reserved)")
    host = inet_ntop(AF_INET6, packed[:8] + bytes(8))
    network = inet_ntop(AF_INET6, packed[:6] + bytes(10))
    subnet = inet_ntop(AF_INET6, packed[:7] + bytes(9))
    block = inet_ntop(AF_INET6, packed[:4] + bytes(12))
    return Address(f"{host}/64", f"{network}/48", f"{subnet}/56", f"{block}/32")


def _ipv4(value: str, inside: bool) -> Address:
    try:
        number = int.from_bytes(inet_pton(AF_INET, value))
    except (OSError, ValueError):
        raise ValueError(_no_address(value)) from None
    unusable = _UNUSABLE_V4 if inside else _NOT_PUBLIC_V4
    if any(number >> shift == prefix for prefix, shift in unusable):
        raise UnusableError(f"{_NOBODY} (unspecified, loopback, link-local, private, multicast or reserved)")
    return Address(value, f"{value.rpartition('.')[0]}.0/24")


def _no_address(value: str) -> str:
    """Why a value is none: such as all of an X-Forwarded-For."""
    if _LIST.search(value):
        return "is a list, of which one address is the client's (in X-Forwarded-For, what your own proxy added)"
    if "/" in value:
        return "is a range of addresses"
    return "is not an IPv4 or IPv6 address"


def is_placeholder(value: str) -> bool:
    """Whether an identifier is only what a sender writes where it has none: null, n/a, zeros, blanks."""
    return _PLACEHOLDER.fullmatch(value) is not None


def check_text(value: str, limit: int) -> str:
    """Returns `value` if it can be kept. Raises ValueError with a short reason."""
    if not value:
        raise ValueError("is empty")
    if len(value) > limit:
        raise ValueError(f"is longer than {limit} characters")
    if _CONTROL.search(value):
        raise ValueError("has a control character")
    return value
