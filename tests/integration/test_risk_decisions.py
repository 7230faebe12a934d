"""Decisions through the API, on a real graph and a real index, in health and with each store gone."""

from __future__ import annotations

import fcntl
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient

from service import bootstrap
from service.api.services import EXTENSION, Services
from service.cli import cli
from service.decisions.index.freshness import LiveLink
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lookup import GraphLookup
from service.engine.state import EngineState
from service.graph.client import Graph
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import load_tokeniser
from service.model.kinds import kinds
from service.rings import runs
from service.settings import Settings
from tests.support import rings

NOW = int(time.time())
RING = replace(rings.MIDDLE, accounts=60)
CARRIER = "203.0.113.7"

# As a detection run leaves them (docs/architecture.md).
IDENTIFIERS = """
MERGE (d:Device {id: $device})
SET d.k = 40, d.j = 1.9, d.window_from = $now - 900000, d.window_to = $now, d.sum_h = 22.5, d.sum_hp = 20.75,
    d.evidence_at = $now - 3600, d.ring = $ring, d.ring_members = 40
MERGE (ip:IP {id: $ip})
SET ip.k = 304, ip.j = 0.02, ip.window_from = 0, ip.window_to = $now, ip.sum_h = 14.0, ip.sum_hp = 0.25,
    ip.evidence_at = $now - 3600, ip.ring = $ring, ip.ring_members = 4, ip.kind = 'mobile'
MERGE (pm:PaymentMethod {id: $payment})
WITH d, ip, pm
MATCH (a:Account)
WITH d, ip, pm, a ORDER BY a.id
WITH d, ip, pm, collect(CASE WHEN a.id STARTS WITH 'mi-' THEN a END) AS fakes,
  collect(CASE WHEN a.id STARTS WITH 'honest-' THEN a END) AS honest
FOREACH (a IN fakes[..40] | MERGE (a)-[l:USES_DEVICE]->(d)
  SET l += {first_s: a.created_s, first_seen: a.created_at, last_seen: a.created_at, uses: 1})
FOREACH (a IN fakes[..4] + honest[..300] | MERGE (a)-[l:CONNECTS_FROM]->(ip)
  SET l += {first_s: a.created_s, first_seen: a.created_at, last_seen: a.created_at, uses: 1})
FOREACH (a IN honest[..2] | MERGE (a)-[l:PAYS_WITH]->(pm)
  SET l += {first_s: a.created_s, first_seen: a.created_at, last_seen: a.created_at, uses: 1})
"""
NEWCOMER = """
MATCH (d:Device {id: $device})
MERGE (a:Account {id: 'newcomer'}) SET a.created_s = $now - 30, a.created_at = datetime(), a.unread = true
MERGE (a)-[l:USES_DEVICE]->(d) SET l += {first_s: $now - 30, first_seen: datetime(), last_seen: datetime(), uses: 1}
"""
LATE = "MERGE (a:Account {id: 'late/comer'}) SET a.created_s = $now, a.created_at = datetime({epochSeconds: $now})"
RUN = "MATCH (r:DetectionRun {id: $run}) SET r.counts = $counts, r.model_version = '7', r.finished_at = datetime()"


def execute(graph: Graph, text: str, **parameters: Any) -> list[Any]:
    return graph.driver.execute_query(text, parameters, database_=graph.address.database).records


def ids(settings: Settings, **fields: str) -> list[tuple[str, str]]:
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    return [pair for pair in identifiers_of(tokeniser, **fields) if kinds().by_name[pair[0]].field]


@pytest.fixture(scope="module")
def world(graph: Graph, settings: Settings) -> Graph:
    rings.write(graph, RING, honest=320)
    wanted = dict(ids(settings, device_id="ring-device", payment_fingerprint="honest-card"))
    device = wanted["device"]
    execute(graph, IDENTIFIERS, device=device, ip=CARRIER, payment=wanted["payment_method"], ring=RING.id, now=NOW)
    counts = json.dumps({"as_of": NOW - 3600, "base_risk": 0.02})
    execute(graph, RUN, run=rings.RUN, counts=counts)
    execute(graph, NEWCOMER, device=device, now=NOW)
    # Came after the run had read the graph, with events older than the run's newest: a worker that lagged.
    at = (NOW - 7200) * 1_000_000
    late = ["lagged", at, at, at, 1, [], [[device, at, at, 1]], []]
    graph.write("ingest/accounts_and_links", rows=[late])
    bootstrap.rebuild_index(settings, graph)
    return graph


@pytest.fixture
def client(world: Graph, settings: Settings) -> Iterator[FlaskClient]:
    app = bootstrap.application(settings)
    with app.test_client() as client:
        yield client
    app.extensions[EXTENSION].close()


@pytest.fixture
def parts(client: FlaskClient) -> Services:
    services: Services = client.application.extensions[EXTENSION].get()
    return services


def signup(client: FlaskClient, **body: str) -> dict[str, Any]:
    answer = client.post("/v1/risk/signup", json=body)
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.get_json()
    return decision


def account(client: FlaskClient, account_id: str) -> dict[str, Any]:
    answer = client.get(f"/v1/accounts/{account_id}/risk")
    assert answer.status_code == 200, answer.text
    decision: dict[str, Any] = answer.get_json()
    return decision


QUESTIONS = [
    {"device_id": "ring-device"},
    {"device_id": "ring-device", "ip": CARRIER, "payment_fingerprint": "honest-card"},
    {"ip": CARRIER},
    {"payment_fingerprint": "honest-card", "device_id": "never-seen"},
    {"ip": "192.0.2.55", "device_id": "never-seen"},
]


@pytest.mark.parametrize("question", QUESTIONS)
def test_the_index_and_the_graph_say_the_same_of_identifiers(
    world: Graph, settings: Settings, parts: Services, question: dict[str, str]
) -> None:
    wanted = ids(settings, **question)
    now = int(time.time())
    from_graph = GraphLookup(world).identifiers(wanted, now)
    from_index = IndexLookup(parts.index).identifiers(wanted, now)
    # Fresh signups reach the index through the workers, the graph has them in its links.
    assert [replace(item, recent=0, last_day=0) for item in from_graph] == from_index


@pytest.mark.parametrize("account_id", ["mi-00001", "honest-00001", "newcomer", "lagged", "nobody"])
def test_the_index_and_the_graph_say_the_same_of_accounts(world: Graph, parts: Services, account_id: str) -> None:
    now = int(time.time())
    from_graph = GraphLookup(world).account(account_id, now)
    from_index = IndexLookup(parts.index).account(account_id, now)
    if from_graph is not None and from_graph.identifiers is not None:
        strip = tuple(replace(item, recent=0, last_day=0) for item in from_graph.identifiers)
        from_graph = replace(from_graph, identifiers=strip)
    assert from_graph == from_index


def test_a_rebuilt_index_equals_the_one_it_replaces(world: Graph, settings: Settings) -> None:
    store = bootstrap.index_store(settings)
    folder = settings.home / "index"
    contents = []
    for _ in range(2):
        bootstrap.rebuild_index(settings, world)
        contents.append((folder / (folder / "current").read_text() / "data.mdb").stat().st_size)
        wanted = [pair for question in QUESTIONS for pair in ids(settings, **question)]
        contents.append(IndexLookup(store).identifiers(wanted, NOW))  # type: ignore[arg-type]
    store.close()
    assert contents[:2] == contents[2:]


def test_an_unseen_signup_on_a_rings_device(client: FlaskClient) -> None:
    decision = signup(client, device_id="ring-device")
    assert decision["level"] in ("high", "critical")
    assert decision["action"] in ("challenge", "block")
    assert decision["ring"] == RING.id
    assert decision["degraded"] is False
    assert (decision["run_id"], decision["model_version"]) == (rings.RUN, "7")
    assert decision["run_age_s"] >= 0
    first = decision["reasons"][0]
    assert first["code"] == "in_ring_device"
    assert "40 accounts" in first["text"]
    assert "mi-000" not in json.dumps(decision)


def test_a_carrier_and_unknown_identifiers_are_harmless(client: FlaskClient) -> None:
    assert signup(client, ip=CARRIER)["level"] == "low"
    decision = signup(client, ip="192.0.2.55", device_id="never-seen")
    assert (decision["score"], decision["ring"]) == (0, None)
    assert {reason["code"] for reason in decision["reasons"]} == {"unknown_ip", "unknown_device"}


def test_known_accounts(client: FlaskClient) -> None:
    fake = account(client, "mi-00001")
    assert (fake["level"], fake["ring"]) == ("high", RING.id)
    assert fake["reasons"]
    assert account(client, "honest-00001")["level"] == "low"
    newcomer = account(client, "newcomer")
    assert newcomer["reasons"][0]["code"] == "not_scored_yet"
    assert newcomer["level"] in ("high", "critical")


def test_an_account_that_no_run_has_read_is_judged_by_its_identifiers(client: FlaskClient) -> None:
    lagged = account(client, "lagged")
    assert lagged["reasons"][0]["code"] == "not_scored_yet"
    assert lagged["level"] in ("high", "critical")


def test_an_unknown_account_is_not_found(client: FlaskClient) -> None:
    answer = client.get("/v1/accounts/nobody/risk")
    assert answer.status_code == 404
    assert answer.get_json()["code"] == "not_found"


def test_an_account_that_only_the_graph_knows_is_decided(client: FlaskClient, world: Graph) -> None:
    execute(world, LATE, now=NOW - 7200)
    assert account(client, "late/comer")["level"] == "low"


def test_every_decision_is_kept_and_explained(client: FlaskClient) -> None:
    decision = signup(client, device_id="ring-device", ip=CARRIER)
    kept = client.get(f"/v1/decisions/{decision['id']}").get_json()
    for field in ("id", "score", "level", "action", "ring", "reasons", "run_id", "model_version", "policy_version"):
        assert kept[field] == decision[field]
    assert kept["source"] == "index"
    kinds = {kind for kind, _ in kept["inputs"]}
    assert kinds == {"device", "ip"}
    assert "ring-device" not in json.dumps(kept)
    assert client.get("/v1/decisions/d-20260101-0123456789ab-0-00000000").status_code == 404
    forged = decision["id"][:-8] + "00000000"
    assert client.get(f"/v1/decisions/{forged}").status_code == 404


def test_a_label_counts_at_once(client: FlaskClient, world: Graph, parts: Services, settings: Settings) -> None:
    before = signup(client, payment_fingerprint="honest-card")["score"]
    execute(world, "MATCH (a:Account {id: 'honest-00001'}) SET a.label = 'fraud'")
    assert parts.labelled("honest-00001")
    assert account(client, "honest-00001")["level"] == "critical"
    after = signup(client, payment_fingerprint="honest-card")
    assert after["score"] > before + 20
    assert after["reasons"][0]["code"] == "labelled_payment_method"
    bootstrap.rebuild_index(settings, world)
    time.sleep(0.2)
    assert signup(client, payment_fingerprint="honest-card")["score"] == pytest.approx(after["score"], abs=0.2)
    execute(world, "MATCH (a:Account {id: 'honest-00001'}) REMOVE a.label")
    assert parts.labelled("honest-00001")
    assert account(client, "honest-00001")["level"] == "low"
    assert signup(client, payment_fingerprint="honest-card")["score"] == pytest.approx(before, abs=0.2)


def test_a_rings_status_counts_at_once(client: FlaskClient, parts: Services) -> None:
    assert parts.ring_status(RING.id, "dismissed")
    assert account(client, "mi-00001")["level"] == "low"
    honest = signup(client, device_id="ring-device")  # the next one is let in at once, with a true reason
    assert (honest["level"], honest["action"], honest["ring"]) == ("low", "allow", None)
    assert "made up ring R-MIDD-2, which people dismissed" in honest["reasons"][0]["text"]
    assert parts.ring_status(RING.id, "confirmed")
    assert account(client, "mi-00001")["level"] == "critical"
    assert signup(client, device_id="ring-device")["ring"] == RING.id
    assert parts.ring_status(RING.id, "open")
    assert account(client, "mi-00001")["level"] == "high"


def test_a_burst_on_a_new_device_is_seen_before_any_run(client: FlaskClient, settings: Settings) -> None:
    device = dict(ids(settings, device_id="burst-device"))["device"]
    assert signup(client, device_id="burst-device")["score"] == 0
    now = int(time.time())
    links = [LiveLink(f"burst-{n}", "device", device, now - 10 * n, True) for n in range(30)]
    assert bootstrap.freshness(settings).apply(links)
    decision = signup(client, device_id="burst-device")
    assert decision["score"] > 20
    assert decision["reasons"][0]["evidence"]["new_10_minutes"] == 30
    assert account(client, "burst-3")["score"] == decision["score"]


@pytest.mark.parametrize("header", ["0", "-1", "abc", "1.5", "60001", "9" * 400, "\u0661"])
def test_a_wrong_deadline_is_refused(client: FlaskClient, header: str) -> None:
    answer = client.post(
        "/v1/risk/signup", json={"ip": CARRIER}, headers={"X-Deadline-Ms": header.encode().decode("latin-1")}
    )
    assert answer.status_code == 422
    assert "X-Deadline-Ms" in answer.get_json()["detail"]


@contextmanager
def no_index(settings: Settings) -> Iterator[None]:
    """Takes the index away, as if its disk were gone."""
    folder = settings.home / "index"
    away = settings.home / "index.away"
    folder.rename(away)
    try:
        yield
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        away.rename(folder)


@contextmanager
def frozen(engine: EngineState) -> Iterator[None]:
    """Stops the database in its tracks: connections stay open, and nothing answers."""
    os.kill(engine.pid, signal.SIGSTOP)
    try:
        yield
    finally:
        os.kill(engine.pid, signal.SIGCONT)


def wait_for(parts: Services, up: bool) -> None:
    deadline = time.monotonic() + 15
    while parts.health.up is not up and time.monotonic() < deadline:
        time.sleep(0.05)
    assert parts.health.up is up


@pytest.fixture
def without_index(world: Graph, settings: Settings) -> Iterator[FlaskClient]:
    patient = settings.model_copy(update={"decision_deadline_ms": 20_000})  # the machine may be busy
    with no_index(settings):
        app = bootstrap.application(patient)
        with app.test_client() as client:
            yield client
        app.extensions[EXTENSION].close()


def test_without_the_index_decisions_come_from_the_graph(without_index: FlaskClient) -> None:
    decision = signup(without_index, device_id="ring-device")
    assert decision["level"] in ("high", "critical")
    kept = without_index.get(f"/v1/decisions/{decision['id']}").get_json()
    assert kept["source"] == "graph"
    assert account(without_index, "mi-00001")["ring"] == RING.id
    ready = without_index.get("/readyz")
    assert (ready.status_code, ready.get_json()["decides"]) == (503, True)


def test_with_the_graph_frozen_decisions_go_on_degraded(
    client: FlaskClient, parts: Services, engine: EngineState
) -> None:
    healthy = signup(client, device_id="ring-device")
    with frozen(engine):
        wait_for(parts, up=False)
        started = time.monotonic()
        decision = signup(client, device_id="ring-device")
        assert time.monotonic() - started < 1.0
        assert decision["degraded"] is True
        assert decision["run_age_s"] >= 0
        assert decision["score"] == healthy["score"]
        assert account(client, "mi-00001")["degraded"] is True
        other = client.get("/v1/accounts/nobody/risk")
        assert other.status_code == 503  # whether there is such an account can't be told
        assert int(other.headers["Retry-After"]) > 0
    wait_for(parts, up=True)
    assert signup(client, device_id="ring-device")["degraded"] is False


def test_with_both_gone_it_refuses_within_the_deadline(without_index: FlaskClient, engine: EngineState) -> None:
    parts: Services = without_index.application.extensions[EXTENSION].get()
    wait_for(parts, up=True)
    assert signup(without_index, ip=CARRIER)["level"] == "low"
    with frozen(engine):
        started = time.monotonic()
        answer = without_index.post("/v1/risk/signup", json={"ip": CARRIER}, headers={"X-Deadline-Ms": "300"})
        took = time.monotonic() - started
        assert answer.status_code == 503
        assert took < 1.5
        assert "Retry-After" in answer.headers
        wait_for(parts, up=False)
        started = time.monotonic()
        assert without_index.post("/v1/risk/signup", json={"ip": CARRIER}).status_code == 503
        assert time.monotonic() - started < 1.0
    wait_for(parts, up=True)
    assert signup(without_index, ip=CARRIER)["level"] == "low"


def test_the_shadow_policy_is_counted_and_listed(world: Graph, settings: Settings, tmp_path: Path) -> None:
    policy = tmp_path / "policy.toml"
    policy.write_text('version = "p2"\n[enforce.signup]\nblock = 99\n[shadow.signup]\nreview = 60\n')
    app = bootstrap.application(settings.model_copy(update={"policy": policy}))
    with app.test_client() as client:
        decision = signup(client, device_id="ring-device")
        assert (decision["action"], decision["policy_version"]) == ("allow", "p2")
        signup(client, ip=CARRIER)
        found = client.get("/v1/policy/differences?hours=1").get_json()
        metrics = client.get("/metrics").text
    app.extensions[EXTENSION].close()
    assert found["shadow"] is True
    assert {"event": "signup", "action": "allow", "shadow_action": "review", "count": 1} in found["counts"]
    assert found["latest"][0]["id"] == decision["id"]
    assert 'ringsight_shadow_differences_total{action="allow",event="signup",shadow_action="review"}' in metrics
    assert "ringsight_graph_up 1.0" in metrics
    assert 'route="/v1/risk/signup"' in metrics


def test_replay_shows_what_a_changed_policy_would_do(world: Graph, settings: Settings, tmp_path: Path) -> None:
    new = tmp_path / "new.toml"
    new.write_text('version = "strict"\n[enforce.account]\nblock = 75\n[enforce.signup]\nblock = 60\n')
    done = CliRunner().invoke(cli, ["replay", "--policy", str(new), "--since", "2026-01-01"], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert f"ring {RING.id}: " in done.output
    assert "account: challenge -> block: " in done.output
    assert "signup decision: challenge -> block: " in done.output
    last = done.output.strip().splitlines()[-1]
    assert last.startswith("policy strict against built-in-2: ")
    blocked = int(re.findall(rf"ring {RING.id}: (\d+) newly blocked", done.output)[0])
    execute(world, "MATCH (a:Account) WHERE a.risk > 0.76 WITH a LIMIT 2 SET a.label = 'legitimate'")
    fewer = CliRunner().invoke(cli, ["replay", "--policy", str(new), "--since", "2026-01-01"], catch_exceptions=False)
    assert f"ring {RING.id}: {blocked - 2} newly blocked" in fewer.output  # by what decisions answer
    dismissed = "MATCH (r:Ring {id: $ring}) SET r.status = 'dismissed', r.status_at = $now"
    execute(world, dismissed, ring=RING.id, now=NOW)
    none = CliRunner().invoke(cli, ["replay", "--policy", str(new), "--since", "2026-01-01"], catch_exceptions=False)
    assert RING.id not in none.output
    execute(world, "MATCH (r:Ring {id: $ring}) SET r.status = 'open' REMOVE r.status_at", ring=RING.id)
    execute(world, "MATCH (a:Account) WHERE a.label = 'legitimate' REMOVE a.label")
    later = CliRunner().invoke(cli, ["replay", "--policy", str(new), "--since", "2027-01-01"], catch_exceptions=False)
    assert "0 newly blocked, 0 released" in later.output


def test_explain_names_what_the_level_hangs_by(client: FlaskClient, world: Graph, parts: Services) -> None:
    answer = client.get("/v1/accounts/mi-00001/risk?explain=true").get_json()
    assert isinstance(answer["would_change"], list)
    assert client.get("/v1/accounts/honest-00003/risk?explain=true").get_json()["would_change"] == []
    assert "would_change" not in account(client, "mi-00001")
    execute(world, "MATCH (a:Account {id: 'mi-00001'}) SET a.label = 'legitimate'")
    assert parts.labelled("mi-00001")
    assert client.get("/v1/accounts/mi-00001/risk?explain=true").get_json()["would_change"] == []
    execute(world, "MATCH (a:Account {id: 'mi-00001'}) SET a.label = 'fraud'")
    assert parts.labelled("mi-00001")
    assert client.get("/v1/accounts/mi-00001/risk?explain=true").get_json()["would_change"] == [], "the label decides"
    execute(world, "MATCH (a:Account {id: 'mi-00001'}) REMOVE a.label")
    assert parts.labelled("mi-00001")


def test_runs_are_listed_and_found(client: FlaskClient) -> None:
    listed = client.get("/v1/detection/runs").get_json()["runs"]
    assert [run["id"] for run in listed if run["published"]] == [rings.RUN]
    assert client.get(f"/v1/detection/runs/{rings.RUN}").get_json()["counts"]["base_risk"] == 0.02
    assert client.get("/v1/detection/runs/none").status_code == 404


# A run of another home, and on another machine for all that this one's files say.
RUNS_ON = """
import sys, time
from service.graph.client import Graph, GraphAddress
graph = Graph(GraphAddress(*sys.argv[1:]))
with graph.holding_node_ids("run-killed"):
    graph.write(
        "detect/start_run", run="run-killed", user=graph.address.user, parameters="{}", model_version="0"
    )
    print("on", flush=True)
    time.sleep(600)
"""


def test_a_run_whose_process_has_gone_is_not_running(client: FlaskClient, world: Graph) -> None:
    where = world.address
    call = [sys.executable, "-c", RUNS_ON, where.uri, where.user, where.password, where.database]
    with subprocess.Popen(call, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"on\n"
        assert client.get("/v1/detection/runs/run-killed").get_json()["state"] == "running"
        process.kill()
    deadline = time.monotonic() + 20
    while (found := client.get("/v1/detection/runs/run-killed").get_json())["state"] == "running":
        assert time.monotonic() < deadline
    assert (found["state"], found["error"][:28]) == ("failed", "it ended without a result: i")
    assert found["finished_at"] is None, "nobody knows when"
    assert client.get("/v1/detection/runs").get_json()["runs"][0] == found
    world.write("detect/start_run", run="run-next", user=where.user, parameters="{}", model_version="0")
    assert client.get("/v1/detection/runs/run-killed").get_json() == found, "which is not when the next one began"
    execute(world, "MATCH (n:DetectionRun {id: 'run-killed'}) SET n.finished_at = datetime()")  # of an earlier version
    assert client.get("/v1/detection/runs/run-killed").get_json() == found
    execute(world, "MATCH (n:DetectionRun) WHERE n.id IN ['run-killed', 'run-next'] DETACH DELETE n")


def test_a_full_disk_does_not_stop_decisions(world: Graph, settings: Settings) -> None:
    """Where nothing can be written the decision is answered, without an id."""
    folder, away = settings.home / "decisions", settings.home / "decisions.away"
    folder.rename(away)
    folder.write_text("a file where the folder should be")
    try:
        app = bootstrap.application(settings)
        with app.test_client() as client:
            decision = signup(client, device_id="ring-device")
            metrics = client.get("/metrics").text
        app.extensions[EXTENSION].close()
    finally:
        folder.unlink()
        away.rename(folder)
    assert decision["id"] is None
    assert decision["level"] in ("high", "critical")
    assert "ringsight_decisions_not_kept_total 1.0" in metrics


def test_one_run_at_a_time(client: FlaskClient, settings: Settings) -> None:
    """The last test here: the run replaces what the others ask about."""
    with (settings.home / "detect.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert client.post("/v1/detection/runs").status_code == 409
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.application.test_client().post("/v1/detection/runs"), range(4)))
    started, *refused = sorted(answers, key=lambda answer: answer.status_code)
    assert started.status_code == 202, started.text
    assert [answer.status_code for answer in refused] == [409] * 3  # also of those who ask at the same moment
    assert started.get_json()["state"] in ("running", "published")
    assert client.get(started.headers["Location"]).status_code == 200
    assert client.post("/v1/detection/runs").status_code == 409
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        run = client.get(started.headers["Location"]).get_json()
        if run["state"] != "running":
            break
        time.sleep(0.5)
    assert run["state"] == "published", run["error"]
    assert [process.wait(60) for process in runs._started] == [0]  # it builds the index after that
