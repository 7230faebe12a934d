"""One entrance to the exports of a ring: which formats there are, and the chunks of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from service.errors import InputError
from service.export import formats, records, subgraph
from service.graph.client import GraphAddress


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its media type, its file's extension and what writes it from pages."""

    media_type: str
    extension: str
    write: Callable[[formats.Pages], Iterator[str]]


FORMATS = {
    "graphml": Format("application/graphml+xml", "graphml", formats.graphml),
    "json": Format("application/json", "json", formats.node_link),
    "csv": Format("text/csv; charset=utf-8", "csv", formats.csv_links),
    "csv-nodes": Format("text/csv; charset=utf-8", "nodes.csv", formats.csv_nodes),
}


def chosen(name: str) -> Format:
    """The format of that name. Raises InputError that lists all."""
    try:
        return FORMATS[name]
    except KeyError:
        raise InputError(f"format: {name!r} is none of {', '.join(FORMATS)}", field="format") from None


def chunks(address: GraphAddress, ring_id: str, wanted: Format) -> Iterator[bytes]:
    """The export in pieces, read from the graph as it is written."""
    with subgraph.connected(address) as graph:
        for text in wanted.write(records.graphs(subgraph.pages(graph, ring_id))):
            if text:
                yield text.encode()
