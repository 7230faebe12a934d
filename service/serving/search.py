"""What a search term may mean: an account, a ring, or an identifier as it is or as its token."""

from __future__ import annotations

import ipaddress

from service.errors import InputError
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import Tokeniser


def candidates(tokeniser: Tokeniser, term: str) -> dict[str, list[str]]:
    """Kind -> ids that the term may be in the graph: a token (also one of an older key), a device id or card's token, a
    normalised IP."""
    token = tokeniser.current(term)
    found: dict[str, list[str]] = {"payment_method": [token], "device": [token], "ip": [token]}
    try:
        for kind, value in identifiers_of(tokeniser, device_id=term, payment_fingerprint=term):
            found[kind].append(value)
    except InputError:
        return found
    if _is_ip(term):
        for kind, value in identifiers_of(tokeniser, ip=term.split("/")[0]):
            found.setdefault(kind, []).append(value)
    return found


def _is_ip(term: str) -> bool:
    try:
        ipaddress.ip_interface(term)
    except ValueError:
        return False
    return True
