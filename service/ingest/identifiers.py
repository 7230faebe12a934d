"""The identifiers of one event or request, as the graph and the index name them. Hot path: about 10 microseconds."""

from __future__ import annotations

from service.errors import InputError
from service.ingest.normalise import VALUE_CHARS, Address, UnusableError, check_text, is_placeholder, normalise_ip
from service.ingest.tokens import Tokeniser
from service.model.kinds import DEVICE, IP, PAYMENT_METHOD

NETWORK_KIND = "network"
NETWORK_PREFIX = "nw"


def identifiers_of(
    tokeniser: Tokeniser,
    *,
    ip: str | None = None,
    device_id: str | None = None,
    payment_fingerprint: str | None = None,
) -> list[tuple[str, str]]:
    """(kind, id) of each identifier given; kinds are payment_method, device, ip and (derived from the IP) network.

    Absent and empty values are left out, and those that identify nobody (placeholders, private addresses), as ingest
    does. Raises InputError that names the field.
    """
    found: list[tuple[str, str]] = []
    try:
        field = PAYMENT_METHOD.field
        if payment_fingerprint and not is_placeholder(payment_fingerprint):
            value = check_text(payment_fingerprint, VALUE_CHARS)
            found.append((PAYMENT_METHOD.name, tokeniser.token(PAYMENT_METHOD.prefix, value)))
        field = DEVICE.field
        if device_id and not is_placeholder(device_id):
            value = check_text(device_id, VALUE_CHARS)
            found.append((DEVICE.name, tokeniser.token(DEVICE.prefix, value)))
        field = IP.field
        if ip and (address := _usable(ip, tokeniser.inside)):
            found.append((IP.name, tokeniser.address(IP.prefix, address.ip)))
            found.append((NETWORK_KIND, tokeniser.address(NETWORK_PREFIX, address.network)))
    except ValueError as error:
        raise InputError(f"{field} {error}; send a valid value or leave {field} out", field=field) from None
    return found


def _usable(ip: str, inside: bool) -> Address | None:
    try:
        return normalise_ip(ip, inside)
    except UnusableError:
        return None
