"""XML formats with ids that XML can't hold, opened again."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import pytest

from service.export import formats, picture
from service.export.records import RingGraph
from service.export.redact import FULL

ODD = ["a\ufffe", "a\uffff", "a\ufffd", "\U0001fffe", '<&">']


def page() -> RingGraph:
    graph: RingGraph = nx.DiGraph()
    for name in ODD:
        graph.add_node(name, kind="account", label=name)
    graph.add_node("dv_1", kind="device")
    for name in ODD:
        graph.add_edge(name, "dv_1", type="USES_DEVICE", uses=1)
    return graph


@pytest.mark.parametrize(
    ("write", "read"), [(formats.graphml, nx.read_graphml), (formats.gexf, nx.read_gexf)], ids=["graphml", "gexf"]
)
def test_any_id_leaves_a_file_that_is_read_again(
    write: Callable[[formats.Pages], Iterator[str]], read: Callable[[Any], Any]
) -> None:
    text = "".join(write([page()]))
    if write is formats.gexf:
        text = text.replace("http://gexf.net/1.3", "http://www.gexf.net/1.2draft").replace('"1.3"', '"1.2"')
    graph = read(io.BytesIO(text.encode()))
    assert set(graph) == {"a\\ufffe", "a\\uffff", "a\ufffd", "\U0001fffe", '<&">', "dv_1"}
    assert graph.number_of_edges() == len(ODD)


def test_a_picture_is_read_again() -> None:
    drawing = {"nodes": [{"id": "ip\ufffe", "kind": "ip", "members": 2}], "links": []}
    svg = ElementTree.fromstring(picture.svg(picture.arrange("Ring \x1b", drawing, FULL)))
    assert any(text.text == "ip\\ufffe" for text in svg.iter("{http://www.w3.org/2000/svg}text"))
