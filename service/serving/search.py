"""What a search term leads to: an account, a ring, a decision, or an identifier as it is or as its token."""

from __future__ import annotations

import ipaddress
from typing import Any

from service.errors import InputError
from service.graph.client import Graph
from service.ingest.identifiers import NETWORK_KIND, identifiers_of
from service.ingest.tokens import Tokeniser
from service.model.kinds import BY_LABEL, IP

ACCOUNTS = 20  # of those whose id begins with the term, and of each identifier
# How long the prefix of an address is: of a network as the graph knows it, and of one address.
PREFIXES = {4: {24: NETWORK_KIND, 32: IP.name}, 6: {48: NETWORK_KIND, 64: IP.name, 128: IP.name}}

Row = dict[str, Any]


def accounts(graph: Graph, term: str) -> list[Row]:
    """The first accounts whose id is, or begins with, the term."""
    return list(graph.read("serve/find_accounts", text=term, limit=ACCOUNTS)[0]["accounts"])


def identifiers(graph: Graph, tokens: dict[str, list[str]]) -> list[Row]:
    """The identifiers and networks that a term may be (see candidates), each with its number of accounts and the
    newest of them."""
    rows = graph.read(
        "serve/find_identifiers",
        payment_methods=tokens["payment_method"],
        devices=tokens["device"],
        ips=tokens["ip"],
        networks=tokens[NETWORK_KIND],
        limit=ACCOUNTS,
    )
    return [{"kind": _kind(row["label"]), **{k: row[k] for k in ("id", "accounts", "newest")}} for row in rows]


def candidates(tokeniser: Tokeniser, term: str) -> dict[str, list[str]]:
    """Kind -> ids that the term may be in the graph: a token (also one of an older key), a device id or card's token, a
    normalised IP or network."""
    token = tokeniser.current(term)
    found: dict[str, list[str]] = {kind: [token] for kind in ("payment_method", "device", "ip", NETWORK_KIND)}
    try:
        for kind, value in identifiers_of(tokeniser, device_id=term, payment_fingerprint=term):
            found[kind].append(value)
    except InputError:
        return found
    wanted = _address_kind(term)
    if wanted:
        both = dict(identifiers_of(tokeniser, ip=term.split("/")[0]))
        found[wanted].append(both[wanted])
    return found


def _address_kind(term: str) -> str | None:
    """Whether the term is an address (ip), a network, or neither."""
    try:
        interface = ipaddress.ip_interface(term)
    except ValueError:
        return None
    return PREFIXES[interface.version].get(interface.network.prefixlen)


def _kind(label: str) -> str:
    return BY_LABEL[label].name if label in BY_LABEL else NETWORK_KIND
