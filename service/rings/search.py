"""What a search term leads to: an account, a ring, a decision, or an identifier as it is or as its token."""

from __future__ import annotations

import ipaddress
from contextlib import suppress
from typing import Any

from service.errors import InputError
from service.graph.client import Graph
from service.ingest import networks
from service.ingest.identifiers import identifiers_of
from service.ingest.normalise import PREFIXES
from service.ingest.normalisers import as_child, autonomous_systems
from service.ingest.tokens import Tokeniser
from service.model.kinds import Kind, kinds

HOSTS = {4: (32,), 6: (64, 128)}  # how long the prefix of one address is, by version

Row = dict[str, Any]


def accounts(graph: Graph, term: str, limit: int) -> list[Row]:
    """The first accounts whose id is, or begins with, the term."""
    return list(graph.read("serve/find_accounts", text=term, limit=limit)[0]["accounts"])


def identifiers(graph: Graph, ids: dict[str, list[str]], limit: int) -> list[Row]:
    """The identifiers that a term may be (see candidates), each with its number of accounts and the newest of them,
    `limit` at most."""
    rows = graph.read("serve/find_identifiers", ids=ids, limit=limit)
    labels = kinds().by_label
    return [{"kind": labels[row["label"]].name, **{k: row[k] for k in ("id", "accounts", "newest")}} for row in rows]


def candidates(tokeniser: Tokeniser, term: str) -> dict[str, list[str]]:
    """Kind -> ids that the term may be in the graph: a token (also one of an older key), what events say, or, for a
    derived kind, itself (a network's range)."""
    table, token = kinds(), tokeniser.current(term)
    found: dict[str, list[str]] = {kind.name: [token] for kind in table.every}
    for kind in table.sent:
        if (systems := autonomous_systems(kind)) and (number := networks.number(term)):
            found[systems].append(tokeniser.kept(table.by_name[systems], number))
        plain = term.partition("/")[0] if kind.address else term
        for name in _names(kind, term):
            value = plain if name == kind.name else as_child(kind, plain)
            with suppress(InputError):
                both = dict(identifiers_of(tokeniser, **{str(kind.field): value}))
                found[name] += [both[name]] if name in both else []
    return found


def _names(kind: Kind, term: str) -> tuple[str, ...]:
    """Which kinds the term may be: this one, or those that are derived from it."""
    if kind.normalise == "email":
        return (kind.name,) if "@" in term else kind.parents
    if not kind.address:
        return (kind.name,)
    try:
        interface = ipaddress.ip_interface(term)
    except ValueError:
        return ()
    length = interface.network.prefixlen
    if length in HOSTS[interface.version]:
        return (kind.name,)
    pairs = zip(kind.parents, PREFIXES, strict=False)
    return tuple(parent for parent, prefixes in pairs if prefixes.get(interface.version) == length)
