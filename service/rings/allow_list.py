"""The allow-list: identifiers that are known to be shared (an office, a tablet) and say nothing of their accounts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from service.errors import InputError, NotFoundError
from service.graph.client import Graph
from service.ingest import networks
from service.ingest.identifiers import identifiers_of
from service.ingest.normalisers import as_child, autonomous_systems
from service.ingest.tokens import TOKEN, Tokeniser
from service.model.kinds import kinds

Row = dict[str, Any]


def kept_as(tokeniser: Tokeniser, name: str, value: str) -> str:
    """The id under which the graph keeps an identifier of a kind. `value` is that id, or what events say; for a derived
    one, itself (a network's range) or what it is derived from (an address in it). Raises InputError."""
    table = kinds()
    kind, sent = table.by_name[name], table.child.get(name, table.by_name[name])
    current = tokeniser.current(value)
    if TOKEN.fullmatch(current) and current.startswith(f"{kind.prefix}_{tokeniser.key_id}"):
        return current
    plain = value.partition("/")[0] if kind.address else value
    if not plain.strip():
        raise InputError(f"the {name} is empty; give its value as events have it, or its id as `rings show` tells it")
    systems = autonomous_systems(sent)
    if name == systems and (number := networks.number(plain)):
        return tokeniser.kept(kind, number)
    if kind is not sent:
        plain = as_child(sent, plain)
    fields = {str(sent.field): plain}
    found = dict(identifiers_of(replace(tokeniser, ip_plain=True), **fields))
    if name not in found and name == systems:
        raise InputError(f"no file of RINGSIGHT_MMDB has the {kind.word} of {value}; write its number, like AS64500")
    if name not in found:
        raise InputError(f"{value} identifies nobody (docs/ingest.md, Placeholders): no account is tied by it")
    if "/" in value and kind.address and found[name] != value:
        raise InputError(f"{value} is no {name} as the graph keeps it; {plain} is in {found[name]}: give that")
    return dict(identifiers_of(tokeniser, **fields))[name]


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
