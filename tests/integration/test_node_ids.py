"""What a run writes by node id reaches no node but the one that was read, whatever is removed meanwhile."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import Any

import pytest

from service.detection import pipeline
from service.detection.grouping import projection
from service.detection.publishing.names import ACCOUNTS, named
from service.detection.reading.read_graph import read
from service.detection.reading.snapshot import Snapshot
from service.graph import queries
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.privacy.erase import erase_from_graph
from service.settings import Settings
from tests.support import crowd, events

WRITES = re.compile(r"\b(SET|REMOVE|CREATE|MERGE|DELETE)\b")
FOLDERS = ("browse", "detect", "ingest", "schema", "security", "serve")
BY_NODE_ID = re.compile(r"\bid\((\w)\) = ")
# Of each query that writes by node id: its other columns.
COLUMNS: dict[str, dict[str, Any]] = {
    "set_risk": {"risks": [0.9], "levels": ["critical"], "reasons": ["[]"]},
    "set_low_risk": {"risks": [0.1]},
    "set_words": {"words": ["R-AAAA-A"]},
    "clear_risk": {},
    "mark_read": {"created": [1]},
    "write_members": {"run": "r", "rings": ["R-AAAA-A"], "strengths": [1.0], "below": [0]},
    "set_evidence": {"at": 1, "k": [9], "j": [1.0], "window_from": [1], "window_to": [2]}
    | {"sum_h": [1.0], "sum_hp": [1.0], "ring": ["R-AAAA-A"], "ring_members": [3]},
    "clear_evidence": {},
}
MAKE = (
    "CREATE (a:Account {id: 'a', created_s: 1, risk: 0.5, level: 'high', unread: true}) "
    "CREATE (b:Account {id: 'b', created_s: 1}) CREATE (d:Device {id: 'd', k: 3, ring: 'R'}) "
    "RETURN id(a) AS a, id(b) AS b, id(d) AS d"
)


def one(graph: Graph, query: str, **values: Any) -> dict[str, Any]:
    return dict(graph.driver.execute_query(query, values, database_=graph.address.database).records[0])


@pytest.fixture
def nodes(graph: Graph) -> dict[str, int]:
    """The node ids of two accounts and a device."""
    graph.driver.execute_query("MATCH (n:Account|Device|Ring) DETACH DELETE n", database_=graph.address.database)
    return one(graph, MAKE)


def everything(graph: Graph) -> dict[str, Any]:
    query = "MATCH (n:Account|Device) OPTIONAL MATCH (n)-[l]->() RETURN collect([properties(n), type(l)]) AS every"
    return one(graph, query)


def test_the_queries_that_write_by_node_id_are_these() -> None:
    texts = {name: queries.load(name).text for folder in FOLDERS for name in queries.names(folder)}
    found = {name for name, text in texts.items() if WRITES.search(text) and BY_NODE_ID.search(text)}
    # Notes for the read index go by their node ids: nobody else removes one while the index is at this version.
    assert found == {"detect/write_similar", "serve/index_done", *(f"detect/{name}" for name in COLUMNS)}


@pytest.mark.parametrize("name", COLUMNS)
def test_a_node_id_that_is_anothers_by_now_is_not_written_to(graph: Graph, nodes: dict[str, int], name: str) -> None:
    node = nodes["d" if "evidence" in name else "a"]
    before = everything(graph)
    graph.write(f"detect/{name}", nodes=[node], names=["who was here before"], **COLUMNS[name])
    assert everything(graph) == before
    graph.write(f"detect/{name}", nodes=[node], names=["d" if "evidence" in name else "a"], **COLUMNS[name])
    assert everything(graph) != before


def test_accounts_that_the_run_put_in_no_ring_are_like_nobody(graph: Graph, nodes: dict[str, int]) -> None:
    ends = {"source": [nodes["a"], nodes["b"]], "target": [2**40, 2**40], "weight": [1.0, 1.0]}
    view = projection.View("detect/project_members", 2, ends)
    gds = projection.connect(graph)
    member = {"names": ["a"], "rings": ["R-AAAA-A"], "strengths": [1.0], "below": [0]}
    graph.write("detect/write_members", run="r", nodes=[nodes["a"]], **member)
    with projection.projected(graph, gds, "similar-r", view) as made:
        assert made is not None
        gds.node_similarity.mutate(made, "SIMILAR", "score", relationship_weight_property="weight", log_progress=False)
        similar = {"graph": "similar-r", "run": "r", "type": "SIMILAR", "property": "score"}
        graph.run_autocommit("detect/write_similar", **similar)
        assert one(graph, "MATCH ()-[l:SIMILAR_TO]->() RETURN count(l) AS n") == {"n": 0}
        graph.write("detect/write_members", run="r", nodes=[nodes["b"]], **{**member, "names": ["b"]})
        graph.run_autocommit("detect/write_similar", **similar)
        assert one(graph, "MATCH ()-[l:SIMILAR_TO]->() RETURN count(l) AS n") == {"n": 1}


def test_no_node_id_is_given_again_while_it_is_held(graph: Graph, nodes: dict[str, int]) -> None:
    with graph.holding_node_ids("run") as held:
        graph.driver.execute_query("MATCH (a:Account {id: 'a'}) DELETE a", database_=graph.address.database)
        for _ in range(5):
            made = one(graph, "UNWIND range(1, 200) AS n CREATE (a:Account {id: n}) RETURN collect(id(a)) AS node")
            assert nodes["a"] not in made["node"]
            time.sleep(0.5)
            graph.driver.execute_query("MATCH (a:Account) WHERE a.id <> 'b' DELETE a", database_=graph.address.database)
        columns: dict[str, list[Any]] = {"nodes": [nodes["a"], nodes["b"]], "risks": [0.1, 0.2]}
        assert named(held, ACCOUNTS, columns) == {"nodes": [nodes["b"]], "risks": [0.2], "names": ["b"]}


def newcomers(graph: Graph) -> None:
    """Accounts and devices that take over what node ids have become free."""
    at = int(crowd.START.timestamp()) * 1_000_000
    for n in range(4):
        rows = [[f"new{n}-{m}", at, at, at, 1, [], [[f"device {n}-{m}", at, at, 1]], []] for m in range(40)]
        graph.write("ingest/accounts_and_links", rows=rows)
        time.sleep(0.7)


def test_who_is_erased_from_another_home_during_a_run_leaves_nothing_to_others(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    graph.driver.execute_query("MATCH (n:Account|Device|Ring) DETACH DELETE n", database_=graph.address.database)
    rows = [*crowd.people(), *crowd.ring("s", 14)]
    # A second device that goes with those who are erased, and says much of them.
    rows += [crowd.signup(f"s{n}", crowd.END, device_id="theirs") for n in range(5)]
    path = events.write(tmp_path / "people.jsonl", rows)
    FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, 500).run([path])
    pipeline.detect(graph, settings.home)

    def read_and_erase(graph: Graph, birth_s: int) -> Snapshot:
        snapshot = read(graph, birth_s)
        for n in range(5):
            assert erase_from_graph(graph, f"s{n}").accounts == 1
        newcomers(graph)
        return snapshot

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "read", read_and_erase)
        pipeline.detect(graph, settings.home)
    touched = (
        "MATCH (a:Account) WHERE a.id STARTS WITH 'new' RETURN count(a) AS n, count(a.risk) AS risk, "
        "count(a.unread) AS unread, sum(COUNT { (a)-[:MEMBER_OF|SIMILAR_TO]-() }) AS links, "
        "sum(COUNT { (a)-[:USES_DEVICE]->(d) WHERE d.k IS NOT NULL }) AS evidence"
    )
    assert one(graph, touched) == {"n": 160, "risk": 0, "unread": 160, "links": 0, "evidence": 0}
    members = one(graph, "MATCH (a:Account)-[:MEMBER_OF]->() RETURN collect(a.id) AS ids")["ids"]
    assert {f"s{n}" for n in range(5, 14)} <= set(members)
    held = one(graph, "MATCH (r:Ring) WHERE r.size > 0 RETURN r.held_by AS held")["held"]
    assert "null" not in held
