"""A page of an export is a Subgraph like any other of py2neo's, though its entities skip py2neo's constructors."""

from __future__ import annotations

from typing import Any

from service.export import subgraph

RECORD: dict[str, Any] = {
    "accounts": [[1, {"id": "a", "label": "fraud"}], [2, {"id": "b"}]],
    "identifiers": [[3, "Device", "d"], [4, "IP", "i"]],
    "links": [
        [1, "USES_DEVICE", 3, 5, "2026-01-01", "2026-01-02"],
        [2, "USES_DEVICE", 3, 6, "2026-01-01", "2026-01-02"],
        [2, "CONNECTS_FROM", 4, 7, "2026-01-01", "2026-01-02"],
    ],
}


def test_a_page_has_nodes_and_links_as_py2neo_makes_them() -> None:
    page = subgraph._page(RECORD)
    assert (len(page.nodes), len(page.relationships)) == (4, 3)
    assert page.labels() == {"Account", "Device", "IP"}
    assert page.types() == {"USES_DEVICE", "CONNECTS_FROM"}
    assert page.keys() == {"id", "label", "uses", "first_seen", "last_seen"}
    nodes = {node["id"]: node for node in page.nodes}
    assert dict(nodes["a"]) == {"id": "a", "label": "fraud"} and set(nodes["a"].labels) == {"Account"}
    assert repr(nodes["b"]) == "Node('Account', id='b')"
    (link,) = (link for link in page.relationships if link["uses"] == 5)
    assert (link.start_node, link.end_node) == (nodes["a"], nodes["d"])
    assert link.types() == {"USES_DEVICE"} and set(link.nodes) == {nodes["a"], nodes["d"]}


def test_set_operations_work_on_it() -> None:
    page = subgraph._page(RECORD)
    (one,) = (link for link in page.relationships if link["uses"] == 7)
    rest = page - one
    assert (len(rest.nodes), len(rest.relationships)) == (3, 2)
    whole = rest | one
    assert (set(whole.nodes), set(whole.relationships)) == (set(page.nodes), set(page.relationships))
