"""A new token key on the real engine: rings, decisions and all else stay, whoever writes at that time."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service import bootstrap
from service.api.services import EXTENSION
from service.cli.allow import command as allow
from service.cli.scores import read_scores
from service.cli.tokens import command
from service.detection.pipeline import detect
from service.errors import SettingsError
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.keyfile import secret_path
from service.loading.files import FileIngest
from service.rings import allow_list
from service.settings import Settings
from service.worker.start import make_worker
from tests.support import events, work
from tests.support.database import wipe
from tests.support.digest import Digest, digest

QUESTIONS = ({"device_id": "tablet"}, {"payment_fingerprint": "card"}, {"device_id": "phone 7"}, {"ip": "203.0.113.1"})
# The last ones of the afternoon.
LATER = {"occurred_at": "2026-09-17T01:24:00Z", "type": "signup", "device_id": "tablet", "payment_fingerprint": "card"}


@pytest.fixture(params=[True, False], ids=["plain IPs", "IPs as tokens"])
def own(graph: Graph, settings: Settings, tmp_path: Path, request: pytest.FixtureRequest) -> Settings:
    wipe(graph)
    return work.own_home(settings, graph, tmp_path, ip_plain=request.param, auth="off", worker_batch_events=100)


@pytest.fixture
def client(own: Settings) -> Iterator[FlaskClient]:
    app = bootstrap.application(own)
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()


def load(graph: Graph, own: Settings, rows: list[dict[str, Any]], name: str = "events") -> None:
    path = events.write(own.home / name, rows)
    FileIngest(graph, load_tokeniser(own.home, own.ip_plain), own.home, 100).run([path])


def decisions(client: FlaskClient) -> list[dict[str, Any]]:
    """What is decided about signups, without what every answer has of its own."""
    answers = [client.post("/v1/risk/signup", json=body).get_json() for body in QUESTIONS]
    return [{name: part[name] for name in part if name not in ("id", "run_age_s")} for part in answers]


def fresh(graph: Graph, own: Settings, rows: list[dict[str, Any]]) -> Digest:
    """The graph as it would be had the keys of now been there from the start."""
    wipe(graph)
    load(graph, own, rows, "again")
    return digest(graph)


def test_rings_decisions_and_what_waits_in_the_log_stay(graph: Graph, own: Settings, client: FlaskClient) -> None:
    rows = events.one_ring()
    load(graph, own, rows)
    old = load_tokeniser(own.home, own.ip_plain)
    allow_list.add(graph, "device", old.token("dv", "phone 3"), "ana", "a test phone")
    detect(graph, own.home)
    bootstrap.rebuild_index(own, graph)
    live, waits = [{"account_id": f"later-{n}", **LATER} for n in range(2)]
    work.append(own, [live])
    work.drain(own, graph)
    graph.write("serve/keep_drawing", id="R-1", run="run", size=500, text="names tokens")
    before, scores = decisions(client), read_scores(graph)
    assert before[0]["ring"] and before[0]["level"] != "low" and before[2]["ring"] is None
    work.append(own, [waits])

    done = bootstrap.rotate_token_key(own, graph)
    new = load_tokeniser(own.home, own.ip_plain)
    assert (done.key_id, new.key_ids[0]) == (new.key_id, old.key_id) and done.identifiers >= 401
    assert decisions(client) == before
    assert graph.read("serve/drawing", id="R-1", run="run", size=500) == []
    assert allow_list.entries(graph)[0]["identifier"] == new.token("dv", "phone 3")
    token = old.token("dv", "tablet")
    assert token not in str(read_scores(graph).rows()), "reasons name the new token"
    found = client.get("/v1/rings", query_string={"identifier": token}).get_json()["rings"]
    assert [ring["id"] for ring in found] == [before[0]["ring"]], "an old token is still found"

    work.drain(own, graph)
    detect(graph, own.home)
    after = read_scores(graph).drop_nulls("ring").select("id", "ring")
    ring = before[0]["ring"]
    assert {*after.rows()} == {
        *scores.drop_nulls("ring").select("id", "ring").rows(),
        ("later-0", ring),
        ("later-1", ring),
    }
    assert digest(graph) == fresh(graph, own, [*rows, live, waits])


def test_whoever_writes_meanwhile_waits_and_goes_on(graph: Graph, own: Settings) -> None:
    rows = events.stream(2000)
    load(graph, own, rows[:500])
    work.append(own, rows[500:1000])
    stop = threading.Event()
    worker = make_worker(own, graph, stop)
    threads = [
        threading.Thread(target=worker.run),
        threading.Thread(target=load, args=(graph, own, rows[1500:], "beside")),
    ]
    for thread in threads:
        thread.start()
    for _ in range(2):
        bootstrap.rotate_token_key(own, graph)
        work.append(own, rows[1000:1250] if work.lag(own, graph) else rows[1250:1500])
    work.append(own, rows[1000:1500])  # each event counts once
    work.until(lambda: work.lag(own, graph) == 0)
    stop.set()
    for thread in threads:
        thread.join()
    worker.log.close()
    assert len(load_tokeniser(own.home, own.ip_plain).key_ids) == 3
    assert digest(graph) == fresh(graph, own, rows)


def test_an_exchange_that_died_is_finished_by_the_next(graph: Graph, own: Settings) -> None:
    rows = events.stream(300)
    load(graph, own, rows[:200])
    key_id = load_tokeniser(own.home, own.ip_plain).key_id
    graph.write("security/token_key_changing")  # as far as it came
    thread = threading.Thread(target=load, args=(graph, own, rows[200:], "waits"))
    thread.start()
    work.until(lambda: len(sources(graph)) == 2)
    assert "was not finished" in CliRunner().invoke(command, ["status"], env=work.environment(own)).output
    done = CliRunner().invoke(command, ["rotate"], env=work.environment(own), catch_exceptions=False)
    assert "brought" in done.output
    thread.join(timeout=30)
    assert [row["state"] for row in sources(graph)] == ["done", "done"]
    shown = CliRunner().invoke(command, ["status"], env=work.environment(own)).output
    assert f"{key_id}  0 identifiers" in shown and "2 keys" in shown
    assert digest(graph) == fresh(graph, own, rows)


@pytest.mark.parametrize("noted", [True, False])
def test_without_its_key_nothing_comes_again_under_another_name(graph: Graph, own: Settings, noted: bool) -> None:
    rows = events.stream(300)
    load(graph, own, rows[:200])
    before = digest(graph)
    if not noted:  # as an older version left it
        with graph.driver.session(database=graph.address.database) as session:
            session.run("MATCH (k:TokenKey) DELETE k").consume()
    path = secret_path(own.home, "token")
    secret = path.read_bytes()
    path.unlink()
    with pytest.raises(SettingsError, match=r"keys/token\.key .*put that file back"):
        load(graph, own, rows[200:])
    work.append(own, rows[200:])
    for write in (bootstrap.rebuild_index, bootstrap.rotate_token_key):
        with pytest.raises(SettingsError):
            write(own, graph)
    with pytest.raises(SettingsError):
        work.drain(own, graph)
    added = CliRunner().invoke(allow, ["add", "device", "a", "--who", "a", "--why", "b"], env=work.environment(own))
    assert isinstance(added.exception, SettingsError)
    assert digest(graph) == before

    path.write_bytes(secret)
    counts = work.drain(own, graph)
    assert counts.events == 100
    assert (counts.refused == 0) == own.ip_plain, "an address in the clear counts"
    assert counts.fields.refused["device_id"] > 0
    load(graph, own, rows[200:], "once more")
    with_tokens = {row["key"] for row in graph.read("security/tokens_by_key")}
    assert with_tokens == {load_tokeniser(own.home, own.ip_plain).key_id}, "nothing is under the key that was made anew"


def sources(graph: Graph) -> list[dict[str, Any]]:
    with graph.driver.session(database=graph.address.database) as session:
        return session.run("MATCH (s:IngestSource) RETURN s.state AS state").data()
