"""One entrance to the exports of a ring: which formats there are, and the chunks of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from service.errors import InputError
from service.export import formats, pack, picture, records, subgraph
from service.export.dossier import gather
from service.export.redact import FULL, Profile
from service.graph.client import Graph
from service.rings import graphview, rings


@dataclass(frozen=True, slots=True)
class Format:
    """A format: its media type, its file's extension, and what writes it from pages (None: not from pages)."""

    media_type: str
    extension: str
    write: Callable[[formats.Pages], Iterator[str]] | None = None


FORMATS = {
    "graphml": Format("application/graphml+xml", "graphml", formats.graphml),
    "gexf": Format("application/gexf+xml", "gexf", formats.gexf),
    "csv": Format("text/csv; charset=utf-8", "csv", formats.csv_links),
    "csv-nodes": Format("text/csv; charset=utf-8", "nodes.csv", formats.csv_nodes),
    "json": Format("application/json", "json", formats.node_link),
    "cytoscape": Format("application/json", "cytoscape.json", formats.cytoscape),
    "svg": Format("image/svg+xml", "svg"),
    "png": Format("image/png", "png"),
    "pack": Format("application/zip", "zip"),
}


def chosen(name: str) -> Format:
    """The format of that name. Raises InputError that lists all."""
    try:
        return FORMATS[name]
    except KeyError:
        raise InputError(f"format: {name!r} is none of {', '.join(FORMATS)}", field="format") from None


def chunks(graph: Graph, ring_id: str, name: str, profile: Profile = FULL, home: Path | None = None) -> Iterator[bytes]:
    """The export in pieces, read from the graph as it is written. A pack needs `home`, which holds the signing key."""
    wanted = chosen(name)
    if wanted.write is not None:
        with subgraph.connected(graph.address) as source:
            for text in wanted.write(records.graphs(subgraph.pages(source, ring_id), profile)):
                if text:
                    yield text.encode()
    elif name == "pack":
        if home is None:
            raise InputError("a pack is signed with the key of a home: give one")
        dossier = gather(graph, ring_id, profile)
        with subgraph.connected(graph.address) as source:
            pages = subgraph.pages(source, ring_id, dossier.run.get("id"))
            yield from pack.chunks(dossier, records.graphs(pages, profile), home)
    else:
        yield _picture(graph, ring_id, name, profile)


def _picture(graph: Graph, ring_id: str, name: str, profile: Profile) -> bytes:
    ring = rings.ring(graph, ring_id)
    drawing = graphview.ring_graph(graph, ring)
    drawn = picture.arrange(f"Ring {ring_id}", drawing, profile)
    return picture.svg(drawn).encode() if name == "svg" else picture.png(drawn)
