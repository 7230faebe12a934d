"""Erasing an account from the graph: all of it goes, what others use stays, its ring still adds up."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from service.detection.detection_lock import between_runs, detection_lock
from service.errors import ConflictError
from service.graph.client import Graph
from service.privacy.erase import erase_from_graph
from tests.support import rings

ALL_TEXT = """MATCH (n) WITH collect(properties(n)) AS nodes
OPTIONAL MATCH ()-[l]->() RETURN nodes, collect(properties(l)) AS links"""


def rows(graph: Graph, query: str, **parameters: Any) -> list[dict[str, Any]]:
    with graph.driver.session(database=graph.address.database) as session:
        return session.run(query, parameters).data()


def ring(graph: Graph) -> dict[str, Any]:
    found: dict[str, Any] = rows(graph, "MATCH (r:Ring {id: $id}) RETURN r", id=rings.SMALL.id)[0]["r"]
    return found


@pytest.fixture(scope="module")
def ringed(graph: Graph) -> Graph:
    rings.write(graph, rings.SMALL, honest=0)
    rows(graph, "MATCH (a:Account)-[:MEMBER_OF]->(r) SET a.uses = 100 SET r.uses = 1200")
    graph.write("serve/set_account_label", action="act", ids=["sm-00003"], label="fraud", who="ana", note="a note")
    rows(
        graph,
        """MATCH (a:Account {id: 'sm-00003'}) MERGE (i:IP {id: '21.9.9.9'}) MERGE (n:Network {id: '21.9.9.0/24'})
        MERGE (i)-[:IN]->(n) MERGE (a)-[:CONNECTS_FROM {first_seen: datetime(), uses: 1}]->(i)""",
    )
    return graph


def test_an_erased_account_is_gone_and_its_ring_adds_up(ringed: Graph) -> None:
    before = ring(ringed)
    devices = rows(ringed, "MATCH (i:Device) RETURN count(i) AS n")[0]["n"]
    for drawn in (rings.SMALL.id, "R-OTHR-4"):
        ringed.write("serve/keep_drawing", id=drawn, run=rings.RUN, size=12, text="21.9.9.9" if drawn[2] == "S" else "")

    gone = erase_from_graph(ringed, "sm-00003")

    assert (gone.accounts, gone.actions, gone.identifiers) == (1, 1, 2)  # its own address and that one's network
    assert gone.links == 5
    assert gone.rings == {rings.SMALL.id: rings.SMALL.accounts - 1}
    assert {kind for kind, _ in gone.uses} == {"payment_method", "device", "ip"}
    everything = json.dumps(rows(ringed, ALL_TEXT), default=str)
    assert "sm-00003" not in everything and "a note" not in everything and "21.9.9" not in everything
    assert [row["ring"] for row in rows(ringed, "MATCH (d:Drawing) RETURN d.ring AS ring")] == ["R-OTHR-4"]
    assert rows(ringed, "MATCH (i:Device) RETURN count(i) AS n")[0]["n"] == devices
    after = ring(ringed)
    members = rows(ringed, "MATCH (a)-[:MEMBER_OF]->(r:Ring {id: $id}) RETURN count(a) AS n", id=rings.SMALL.id)
    assert after["size"] == members[0]["n"] == before["size"] - 1
    assert (before["uses"], after["uses"]) == (1200, 1100)
    assert after["share_of_all_uses"] == pytest.approx(before["share_of_all_uses"] * 11 / 12)
    held = {entry["id"]: entry["members"] for entry in json.loads(before["held_by"])}
    used = {identifier for _, identifier in gone.uses}
    assert held.keys() & used
    for entry in json.loads(after["held_by"]):
        assert entry["members"] == held[entry["id"]] - (entry["id"] in used)


def test_erasing_again_changes_nothing(ringed: Graph) -> None:
    before = rows(ringed, ALL_TEXT)
    assert erase_from_graph(ringed, "sm-00003").accounts == 0
    assert erase_from_graph(ringed, "never was' OR 1=1 //").accounts == 0
    assert rows(ringed, ALL_TEXT) == before


def test_a_ring_may_lose_all_its_members(ringed: Graph) -> None:
    for n in range(rings.SMALL.accounts):
        erase_from_graph(ringed, f"sm-{n:05d}")
    left = ring(ringed)
    assert (left["size"], left["uses"], json.loads(left["held_by"])) == (0, 0, [])
    assert left["status"] == "open"
    assert rows(ringed, "MATCH (n:Account|Device|PaymentMethod|IP|Network|Action) RETURN count(n) AS n")[0]["n"] == 0


def test_an_erasure_does_not_run_into_a_detection_run(tmp_path: Path) -> None:
    with between_runs(tmp_path), between_runs(tmp_path), pytest.raises(ConflictError), detection_lock(tmp_path):
        pass
    with (
        detection_lock(tmp_path),
        pytest.raises(ConflictError, match="try again when it is done"),
        between_runs(tmp_path),
    ):
        pass
