"""An address with very many accounts: what an account's or a ring's graph answers stays bounded."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.graph.client import Graph
from service.settings import Settings
from tests.support import rings

CROWD = 20_000
MOST_NODES = 2_000
MOST_BYTES = 2_000_000
ADD = """UNWIND range(1, $crowd) AS n MERGE (a:Account {id: 'crowd-' + n})
SET a.created_at = datetime('2025-01-01T00:00:00Z'), a.created_s = 1735689600, a.uses = 1
WITH a MATCH (i:IP {id: $ip}) MERGE (a)-[l:CONNECTS_FROM]->(i)
SET l.first_seen = a.created_at, l.first_s = a.created_s, l.last_seen = a.created_at, l.uses = 1"""


@pytest.fixture(scope="module")
def asking(graph: Graph, settings: Settings) -> Iterator[FlaskClient]:
    rings.write(graph, rings.MIDDLE, honest=0)
    graph.driver.execute_query(ADD, crowd=CROWD, ip="12.0.0.7", database_=graph.address.database)
    app = bootstrap.application(settings)
    with app.test_client() as client:
        yield client
    app.extensions["ringsight"].close()


@pytest.mark.parametrize(
    "path",
    [
        "/v1/accounts/crowd-1",
        "/v1/accounts/crowd-1/graph",
        f"/v1/rings/{rings.MIDDLE.id}/graph",
        f"/v1/rings/{rings.MIDDLE.id}/members",
        "/v1/rings?identifier=12.0.0.7",
    ],
)
def test_an_answer_beside_a_supernode_is_bounded(asking: FlaskClient, path: str) -> None:
    answer = asking.get(path)
    assert answer.status_code == 200, answer.text[:500]
    assert len(answer.data) < MOST_BYTES
    found = answer.get_json()
    assert len(found.get("nodes", [])) <= MOST_NODES
