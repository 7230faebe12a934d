"""Refuses a process whose table of kinds is not the one that the graph was written under: what has been written under a
label, a link or a prefix is found again only under the same. The graph keeps how each kind is written, from the first
write on."""

from __future__ import annotations

import json
from collections.abc import Collection
from dataclasses import dataclass

import neo4j

from service.errors import InputError, NotFoundError, SettingsError
from service.graph import queries
from service.graph.client import Graph
from service.model.kinds import Kind, kinds

WRITTEN = ("label", "link", "prefix")
REMEDY = (
    "set RINGSIGHT_IDENTIFIERS to the table that this graph was filled with, in every process (docs/identifiers.md)"
)


# How a kind is written: its name, and what WRITTEN names.
Written = dict[str, str]


@dataclass(frozen=True, slots=True)
class Removed:
    """What went of a kind, or would go: identifiers, their links, and entries of the allow-list."""

    identifiers: int
    links: int
    allowed: int


def check(graph: Graph, leaving: Collection[str] = ()) -> None:
    """Raises SettingsError if the table lacks a kind that the graph has (but one that is leaving, by its name), or
    writes one in another way."""
    for row in graph.read("ingest/kinds_in_use"):
        kept = json.loads(row["kind"])
        if kept["name"] in leaving:
            continue
        kind = kinds().by_name.get(kept["name"])
        if kind is None:
            raise SettingsError(
                f"identifiers: the graph has the kind {kept['name']}, this table does not; {REMEDY}, or give "
                f"that kind up with all its identifiers: `ringsight kinds remove {kept['name']}`"
            )
        for key in WRITTEN:
            now = getattr(kind, key)
            if now != kept[key]:
                raise SettingsError(
                    f"identifiers: the kind {kind.name} has {key} = {json.dumps(kept[key])} in the graph, "
                    f"{json.dumps(now)} in this table; {REMEDY}"
                )


def keep(graph: Graph) -> None:
    """Notes the kinds of this table in the graph. Raises SettingsError as `check` does, also if another process wrote
    others at the same moment."""
    check(graph)
    graph.write("ingest/keep_kinds", kinds=[_as_written(kind) for kind in kinds().every])
    check(graph)


def leaving(graph: Graph, names: Collection[str]) -> list[Written]:
    """How kinds are written that only the graph has. Raises InputError if the table in use still has one, NotFoundError
    if the graph does not."""
    written = {kind["name"]: kind for kind in (json.loads(row["kind"]) for row in graph.read("ingest/kinds_in_use"))}
    for name in names:
        if name in kinds().by_name:
            raise InputError(
                f"the table of kinds still has {name}, and whoever writes would bring it again: take it out of the "
                "file that RINGSIGHT_IDENTIFIERS names (a copy of the built-in one, if there is none), restart what "
                "runs with the old one, and do this then (docs/identifiers.md)"
            )
        if name not in written:
            raise NotFoundError(f"the graph has no kind {name}; it has {', '.join(sorted(written)) or 'none'}")
    return [written[name] for name in dict.fromkeys(names)]


def count(graph: Graph, kind: Written) -> Removed:
    """What `remove` would take out of a kind that is leaving."""
    return Removed(**_of(graph, "ingest/count_kind", kind, called=kind["name"]))


def remove(graph: Graph, kind: Written) -> Removed:
    """Takes all of a kind that is leaving out of the graph, in batches, and the note of it last: stopped in the middle,
    it goes on when it is called again, and until then the graph is refused to a table without it."""
    links = _of(graph, "ingest/remove_kind_links", kind)["gone"]
    identifiers = _of(graph, "ingest/remove_kind_nodes", kind)["gone"]
    with graph.translated():  # by its name, which is no parameter; the table of kinds took it as one
        graph.driver.execute_query(
            f"DROP CONSTRAINT `{kind['name']}_id` IF EXISTS",
            database_=graph.address.database,
            routing_=neo4j.RoutingControl.WRITE,
        )
    done = graph.write("ingest/forget_kind", called=kind["name"], kind=_line(kind))
    return Removed(identifiers, links, done[0]["allowed"])


def _of(graph: Graph, name: str, kind: Written, **parameters: str) -> dict[str, int]:
    """The one row of a query about a kind that is leaving. Its label, which the table in use does not have, is put into
    the text: given as a parameter, it would have the database look at all nodes."""
    label = kind["label"].replace("`", "``")
    text = queries.load(name).text.replace("LEAVING", f"`{label}`")
    with graph.translated(), graph.driver.session(database=graph.address.database) as session:
        return session.run(text, parameters).data()[0]


def _as_written(kind: Kind) -> str:
    return _line({key: getattr(kind, key) for key in ("name", *WRITTEN)})


def _line(written: Written) -> str:
    return json.dumps(written, sort_keys=True)
