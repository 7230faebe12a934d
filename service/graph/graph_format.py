"""The format of the graph (service/formats.py), on a node of its own."""

from __future__ import annotations

import json

from service import formats
from service.errors import SettingsError
from service.graph.client import Graph


def newest_known(graph: Graph) -> int:
    """The format that this version writes."""
    return formats.newest(_steps(graph))


def check(graph: Graph) -> None:
    """Raises SettingsError if a newer version of Ringsight wrote the graph."""
    formats.refuse_newer(_name(graph), _found(graph), newest_known(graph))


def bring_up(graph: Graph) -> None:
    """Brings a graph that an earlier version filled up to this version's format. Each step can be done again. Raises
    SettingsError if a newer version wrote the graph."""
    found = _found(graph)
    formats.bring_up(
        _name(graph), found, _steps(graph), lambda number: graph.write("ingest/keep_format", format=number)
    )


def note(graph: Graph) -> None:
    """Brings the graph up, or notes of a new one that this version fills it."""
    bring_up(graph)
    graph.write("ingest/keep_format", format=newest_known(graph))


def _found(graph: Graph) -> int:
    row = graph.run_autocommit("ingest/graph_format")[0]  # never retried: GraphHealth asks each second
    if row["format"] is None:
        # What an import has filled, or an earlier version before its first run, is as this version would leave it.
        return 1 if row["published"] else newest_known(graph)
    try:
        return formats.parsed(str(row["format"]))
    except ValueError as error:
        raise SettingsError(
            f"{_name(graph)} says of its format what this version cannot read: {error}; restore a backup of the graph, "
            "or put the number back"
        ) from None


def _name(graph: Graph) -> str:
    return f"the graph at {graph.address.uri}"


def _steps(graph: Graph) -> list[formats.Step]:
    return [lambda: _mark_unread(graph)]


def _mark_unread(graph: Graph) -> None:
    """1 to 2: accounts that no published run has read are marked. Before, their creation told, as it does here."""
    as_of = json.loads(graph.read("serve/published_run")[0]["counts"]).get("as_of", 0)
    graph.run_autocommit("ingest/mark_unread", after=as_of)
