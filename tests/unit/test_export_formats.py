"""XML formats with ids that XML can't hold, opened again."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Iterator
from typing import Any
from xml.etree import ElementTree

import networkx as nx
import polars as pl
import pytest

from service.cli.scores import _no_formulas
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


FORMULAS = ["=1+1", "+1", "-1", "@SUM(1)", "\t=1", " =1", "\u00a0=1", "\uff1d1+1", "\uff0b1", "\uff20x"]
NO_FORMULAS = ["a=1", "1-1", "a b", "x@y.example", "漢", "'=1"]


def test_no_cell_of_csv_is_a_formula() -> None:
    graph: RingGraph = nx.DiGraph()
    for name in (*FORMULAS, *NO_FORMULAS):
        graph.add_node(name, kind="account")
    cells = [row[0] for row in csv.reader(io.StringIO("".join(formats.csv_nodes([graph]))))][1:]
    assert cells == [f"'{name}" for name in FORMULAS] + NO_FORMULAS
    frame = pl.DataFrame({"id": [*FORMULAS, *NO_FORMULAS]}).with_columns(_no_formulas(pl.col("id")))
    assert frame["id"].to_list() == cells
