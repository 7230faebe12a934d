"""Writes a ring's pages in the formats that other tools open, page by page, so that memory stays bounded."""

from __future__ import annotations

import csv
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator
from typing import Any
from xml.sax.saxutils import escape, quoteattr

import networkx as nx

from service.export.records import LINK_ATTRIBUTES, NODE_ATTRIBUTES, RingGraph
from service.export.xml import well_formed

Pages = Iterable[RingGraph]
# How a formula begins: also after blanks, which are cut off, and in full-width forms, which some spreadsheets fold.
FORMULA = r"^[\s\u00a0]*[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]"
NODE_COLUMNS = ["id", *NODE_ATTRIBUTES]
LINK_COLUMNS = ["source", "target", *LINK_ATTRIBUTES]


@well_formed
def graphml(pages: Pages) -> Iterator[str]:
    """GraphML 1.0. networkx would take a second for each 3,000 accounts, so it is written here."""
    yield GRAPHML_OPEN + _graphml_keys("node", NODE_ATTRIBUTES) + _graphml_keys("edge", LINK_ATTRIBUTES)
    yield '<graph edgedefault="directed">\n'
    for page in pages:
        yield "".join(
            f"<node id={quoteattr(node)}>{_graphml_data(data)}</node>\n"
            for node, data in page.nodes(data=True)
            if data  # else an earlier page had it
        )
        yield "".join(
            f"<edge source={quoteattr(source)} target={quoteattr(target)}>{_graphml_data(data)}</edge>\n"
            for source, target, data in page.edges(data=True)
        )
    yield "</graph>\n</graphml>\n"


GRAPHML_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n'
    '<graphml xmlns="http://graphml.graphdrawing.org/xmlns" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
    'xsi:schemaLocation="http://graphml.graphdrawing.org/xmlns http://graphml.graphdrawing.org/xmlns/1.0/graphml.xsd">\n'
)
XML_TYPES = {str: "string", float: "double", int: "long"}


def _graphml_keys(of: str, attributes: dict[str, type]) -> str:
    return "".join(
        f'<key id="{name}" for="{of}" attr.name="{name}" attr.type="{XML_TYPES[kind]}"/>\n'
        for name, kind in attributes.items()
    )


def _graphml_data(data: dict[str, object]) -> str:
    return "".join(
        [
            f'<data key="{name}">{escape(value) if isinstance(value, str) else value}</data>'
            for name, value in data.items()
        ]
    )


def node_link(pages: Pages) -> Iterator[str]:
    """JSON in networkx's node-link form: `nodes` and `edges` of a directed graph."""
    yield '{"directed": true, "multigraph": false, "graph": {}, "nodes": ['
    read = (nx.node_link_data(page, edges="edges") for page in pages)
    yield from _nodes_then_edges(([node for node in data["nodes"] if len(node) > 1], data["edges"]) for data in read)
    yield "]}\n"


def _nodes_then_edges(parts: Iterator[tuple[list[Any], list[Any]]]) -> Iterator[str]:
    """The inside of `"nodes": [...], "edges": [...]` from (nodes, edges) of each page; edges wait in a file."""
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        comma = ""
        for nodes, edges in parts:
            if nodes:
                yield comma + ",\n".join(json.dumps(node) for node in nodes)
                comma = ",\n"
            waiting.writelines(json.dumps(edge) + "\n" for edge in edges)
        yield '],\n"edges": ['
        yield from _joined(waiting)


def _joined(lines: io.TextIOBase) -> Iterator[str]:
    lines.seek(0)
    comma = ""
    for line in lines:
        yield comma + line.rstrip("\n")
        comma = ",\n"


def csv_links(pages: Pages) -> Iterator[str]:
    """CSV: one row a link, an account to an identifier, with the identifier's kind."""
    yield _rows([[*LINK_COLUMNS[:2], "kind", *LINK_COLUMNS[2:]]])
    kinds: dict[str, str] = {}
    for page in pages:
        kinds.update(_kinds(page))
        yield _rows(
            [source, target, kinds[target], *(data.get(name) for name in LINK_ATTRIBUTES)]
            for source, target, data in page.edges(data=True)
        )


def csv_nodes(pages: Pages) -> Iterator[str]:
    """CSV: one row an account or identifier."""
    yield _rows([NODE_COLUMNS])
    for page in pages:
        yield _rows(
            [node, *(data.get(name) for name in NODE_ATTRIBUTES)] for node, data in page.nodes(data=True) if data
        )


def _kinds(page: RingGraph) -> dict[str, str]:
    return {node: data["kind"] for node, data in page.nodes(data=True) if data}


def _rows(rows: Iterable[Iterable[object]]) -> str:
    text = io.StringIO()
    csv.writer(text, lineterminator="\r\n").writerows([_safe(cell) for cell in row] for row in rows)
    return text.getvalue()


def _safe(cell: object) -> object:
    """A text that a spreadsheet would run as a formula gets an apostrophe in front (ids come from outside)."""
    return f"'{cell}" if isinstance(cell, str) and re.match(FORMULA, cell) else cell


def cytoscape(pages: Pages) -> Iterator[str]:
    """Cytoscape JSON: `elements` with nodes and edges, as Cytoscape and Cytoscape.js open it."""
    yield '{"data": [], "directed": true, "multigraph": false, "elements": {"nodes": ['
    read = (nx.cytoscape_data(page)["elements"] for page in pages)
    yield from _nodes_then_edges(
        ([node for node in data["nodes"] if len(node["data"]) > OWN_FIELDS], data["edges"]) for data in read
    )
    yield "]}}\n"


@well_formed
def gexf(pages: Pages) -> Iterator[str]:
    """GEXF 1.3, for Gephi. networkx would hold it whole and number attributes by chance, so it is written here."""
    yield (
        GEXF_OPEN + _gexf_attributes("node", NODE_ATTRIBUTES) + _gexf_attributes("edge", LINK_ATTRIBUTES) + "<nodes>\n"
    )
    with tempfile.TemporaryFile("w+", encoding="utf-8") as edges:
        for page in pages:
            yield "".join(
                f"<node id={quoteattr(node)} label={quoteattr(node)}>{_gexf_values(data, NODE_ATTRIBUTES)}</node>\n"
                for node, data in page.nodes(data=True)
                if data
            )
            edges.writelines(
                f"<edge source={quoteattr(source)} target={quoteattr(target)}>"
                f"{_gexf_values(data, LINK_ATTRIBUTES)}</edge>\n"
                for source, target, data in page.edges(data=True)
            )
        yield "</nodes>\n<edges>\n"
        edges.seek(0)
        for number, line in enumerate(edges):
            yield f'<edge id="{number}"' + line.removeprefix("<edge")
    yield "</edges>\n</graph>\n</gexf>\n"


# A node of GEXF has a label of its own, its name: readers would take that for what people said of an account.
GEXF_TITLES = {"label": "labelled"}
OWN_FIELDS = 3  # id, value and name, which networkx adds to each node
GEXF_OPEN = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<gexf xmlns="http://gexf.net/1.3" version="1.3">\n'
    '<graph defaultedgetype="directed" mode="static">\n'
)


def _gexf_attributes(of: str, attributes: dict[str, type]) -> str:
    rows = "".join(
        f'<attribute id="{name}" title="{GEXF_TITLES.get(name, name)}" type="{XML_TYPES[kind]}"/>\n'
        for name, kind in attributes.items()
    )
    return f'<attributes class="{of}">\n{rows}</attributes>\n'


def _gexf_values(data: dict[str, object], attributes: dict[str, type]) -> str:
    values = "".join(
        f'<attvalue for="{name}" value={quoteattr(str(data[name]))}/>' for name in attributes if name in data
    )
    return f"<attvalues>{values}</attvalues>"
