"""A home and a graph of the first format, left by an earlier version (tests/upgrade/make_home.py), go on here."""

from __future__ import annotations

import json
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import formats
from service.graph import graph_format
from service.graph.client import Graph
from service.security.journal import Journal
from service.settings import Settings
from tests.support import database, security, work
from tests.upgrade import graph_dump, make_home

FIXTURE = Path(__file__).resolve().parents[1] / "upgrade" / "first_format.tar.gz"
LONG = 36_500  # days: the fixture grows old


@dataclass(frozen=True, slots=True)
class Old:
    """What the earlier version left, and what is to be found in it."""

    settings: Settings
    expected: dict[str, Any]
    events: Path


@pytest.fixture(scope="module")
def old(graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Old:
    folder = tmp_path_factory.mktemp("old")
    with tarfile.open(FIXTURE) as archive:
        archive.extractall(folder, filter="data")
    with graph.driver.session(database=graph.address.database) as session:
        session.run(database.DELETE_ALL).consume()
    graph_dump.load(graph.driver, folder / "graph.jsonl")
    events = folder / "events.jsonl"
    events.write_text("".join(json.dumps(row) + "\n" for row in make_home.events()), encoding="utf-8")
    own = work.own_home(settings, graph, folder / "home", decisions_keep_days=LONG, worker_look_s=0)
    return Old(own, json.loads((folder / "expected.json").read_text(encoding="utf-8")), events)


def run(old: Old, *arguments: str) -> str:
    """A command of this version on the old home; returns what it says on standard error."""
    process = work.command(old.settings, *arguments)
    _, told = process.communicate(timeout=300)
    assert process.returncode == 0, told.decode()
    return told.decode()


@pytest.fixture(scope="module")
def upgraded(graph: Graph, old: Old) -> Old:
    """After the one command that the upgrade asks for."""
    assert (formats.of_home(old.settings.home), (old.settings.home / "index").exists()) == (1, True)
    ask(graph, "CREATE (:Account {id: 'unread', created_at: datetime('2031-01-01'), created_s: 1924988400, uses: 0})")
    told = run(old, "index", "rebuild")
    assert "from format 1 to 2" in told
    assert ask(graph, "MATCH (a:Account {unread: true}) RETURN collect(a.id) AS found") == ["unread"]
    ask(graph, "MATCH (a:Account {id: 'unread'}) DELETE a")
    return old


def ask(graph: Graph, query: str) -> Any:
    """The one value of a query that a test asks in its own words."""
    records = graph.driver.execute_query(query, database_=graph.address.database).records
    return records[0]["found"] if records else None


@pytest.fixture
def api(upgraded: Old) -> FlaskClient:
    own = upgraded.settings
    client = security.client(own.home, neo4j_uri=own.neo4j_uri, neo4j_password=own.neo4j_password)
    client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {upgraded.expected['key']}"
    return client


def uses(graph: Graph) -> int:
    return int(ask(graph, "MATCH (a:Account) RETURN sum(a.uses) AS found"))


def test_the_home_and_the_graph_are_of_the_newest_format_and_sound(graph: Graph, upgraded: Old) -> None:
    assert not formats.home_is_old(upgraded.settings.home)
    assert graph.read("ingest/graph_format")[0]["format"] == graph_format.newest_known(graph)
    graph_format.check(graph)
    assert Journal(upgraded.settings.home).verify().number > 5


def test_what_people_and_runs_left_is_read(api: FlaskClient, upgraded: Old) -> None:
    expected, ring = upgraded.expected, upgraded.expected["ring"]
    found = api.get(f"/v1/rings/{ring}").get_json()
    assert found["status"] == "confirmed"
    members = api.get(f"/v1/rings/{ring}/members?limit=100").get_json()["members"]
    assert sorted(member["id"] for member in members) == expected["members"]
    labels = {account: api.get(f"/v1/accounts/{account}").get_json()["label"] for account in ("s1", "p3", "p4")}
    assert labels == {"s1": "fraud", "p3": "legitimate", "p4": None}
    notes = [action["note"] for action in api.get(f"/v1/rings/{ring}/journal").get_json()["actions"]]
    assert notes == ["charged back", "seen by Ann"]
    for decision, score in expected["decisions"].items():
        assert api.get(f"/v1/decisions/{decision}").get_json()["score"] == score
    assert api.get(f"/v1/rings/{ring}/graph").status_code == 200
    answered = api.get("/v1/accounts/s2/risk").get_json()
    assert answered["ring"] == ring and answered["score"] > 95


def test_events_go_on_and_none_counts_twice(graph: Graph, api: FlaskClient, upgraded: Old) -> None:
    before = uses(graph)
    run(upgraded, "worker", "--drain")
    assert uses(graph) == before + len(upgraded.expected["waiting"])
    at = make_home.START
    again = [make_home.fake(account, at) for account in ("late0", "late1", "late2")]
    assert api.post("/v1/events", json=again).get_json()["duplicates"] == 3
    run(upgraded, "worker", "--drain")
    run(upgraded, "ingest", str(upgraded.events))
    run(upgraded, "worker", "--replay-rejects")
    run(upgraded, "worker", "--drain")
    assert uses(graph) == before + len(upgraded.expected["waiting"])
    api.post("/v1/events", json=[make_home.fake("new", at)])
    run(upgraded, "worker", "--drain")
    assert uses(graph) == before + len(upgraded.expected["waiting"]) + 1


def test_a_look_between_runs_asks_for_a_run_of_this_version(upgraded: Old) -> None:
    process = work.command(upgraded.settings, "detect", "--incremental")
    _, told = process.communicate(timeout=60)
    assert process.returncode == 1 and b"run `ringsight detect`" in told and b"Traceback" not in told


def test_detection_goes_on_and_keeps_rings_and_verdicts(api: FlaskClient, upgraded: Old) -> None:
    run(upgraded, "detect")
    ring = upgraded.expected["ring"]
    assert api.get(f"/v1/rings/{ring}").get_json()["status"] == "confirmed"
    members = api.get(f"/v1/rings/{ring}/members?limit=100").get_json()["members"]
    expected = {*upgraded.expected["members"], *upgraded.expected["waiting"]}
    assert expected <= {member["id"] for member in members}
    assert api.get("/v1/accounts/s1").get_json()["label"] == "fraud"
    run(upgraded, "doctor", str(upgraded.events))


def test_a_graph_of_a_newer_version_is_refused_with_a_sentence(graph: Graph, api: FlaskClient, upgraded: Old) -> None:
    graph.write("ingest/keep_format", format=99)
    try:
        work.until(lambda: api.get("/v1/rings").status_code == 503)
        assert "newer version of Ringsight" in api.get("/v1/rings").get_json()["detail"]
        assert api.get("/v1/accounts/s2/risk").status_code == 200, "decisions go on from the index"
        process = work.command(upgraded.settings, "detect")
        _, told = process.communicate(timeout=60)
        assert process.returncode == 1
        assert b"is of format 99, which a newer version of Ringsight wrote" in told and b"Traceback" not in told
    finally:
        ask(graph, "MATCH (p:Pointer {name: 'format'}) SET p.format = 2")


def test_a_server_gets_over_a_format_that_is_no_number(graph: Graph, api: FlaskClient, upgraded: Old) -> None:
    """It ended the watch of the database: the server said that the database is missing until it was started again."""
    ask(graph, "MATCH (p:Pointer {name: 'format'}) SET p.format = 'abc'")
    try:
        work.until(lambda: api.get("/v1/rings").status_code == 503)
        assert "'abc' is no format's number" in api.get("/v1/rings").get_json()["detail"]
    finally:
        ask(graph, "MATCH (p:Pointer {name: 'format'}) SET p.format = 2")
    work.until(lambda: api.get("/v1/rings").status_code == 200)
