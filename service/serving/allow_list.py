"""The allow-list: identifiers that are known to be shared (an office, a tablet) and say nothing of their accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.errors import InputError, NotFoundError
from service.graph.client import Graph
from service.ingest.identifiers import NETWORK_KIND, NETWORK_PREFIX, identifiers_of
from service.ingest.tokens import TOKEN, Tokeniser
from service.model.kinds import BY_NAME

KINDS = (*BY_NAME, NETWORK_KIND)
PREFIXES = {**{name: kind.prefix for name, kind in BY_NAME.items()}, NETWORK_KIND: NETWORK_PREFIX}
FIELDS = {**{name: kind.field for name, kind in BY_NAME.items()}, NETWORK_KIND: "ip"}

Row = dict[str, Any]


def kept_as(tokeniser: Tokeniser, kind: str, value: str) -> str:
    """The id under which the graph keeps an identifier. `value` is that id, or what events say; for a network, an
    address in it or its range. Raises InputError."""
    current = tokeniser.current(value)
    if TOKEN.fullmatch(current) and current.startswith(f"{PREFIXES[kind]}_{tokeniser.key_id}"):
        return current
    address = value.partition("/")[0] if FIELDS[kind] == "ip" else value
    if not address.strip():
        raise InputError(f"the {kind} is empty; give its value as events have it, or its id as `rings show` tells it")
    plain = replace(tokeniser, ip_plain=True)
    found = dict(identifiers_of(plain, **{FIELDS[kind]: address}))
    if kind not in found:
        raise InputError(f"{value} identifies nobody (docs/ingest.md, Placeholders): no account is tied by it")
    if "/" in value and FIELDS[kind] == "ip" and found[kind] != value:
        raise InputError(f"{value} is no {kind} as the graph keeps it; {address} is in {found[kind]}: give that")
    return found[kind] if tokeniser.ip_plain else dict(identifiers_of(tokeniser, **{FIELDS[kind]: address}))[kind]


def add(graph: Graph, kind: str, identifier: str, who: str, why: str) -> None:
    """Puts an identifier (by the id that the graph keeps) on the list, from the next run on; it need not be in the
    graph yet. A second time changes who and why."""
    graph.write("detect/allow", kind=kind, identifier=identifier, who=who, why=why)


def remove(graph: Graph, kind: str, identifier: str) -> None:
    """Takes an identifier off the list. Raises NotFoundError if it is not on it."""
    if not graph.write("detect/disallow", kind=kind, identifier=identifier)[0]["entries"]:
        raise NotFoundError(f"{kind} {identifier} is not on the allow-list; `ringsight allow list` shows what is")


def entries(graph: Graph) -> list[Row]:
    """The list, oldest first: kind, identifier, who, why, at, accounts (None: not in the graph)."""
    return graph.read("detect/allowed")
