"""Incremental passes of the worker: a ring is told and decided on within seconds; what a killed worker left is told."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest

from service import bootstrap
from service.cli.scores import read_scores
from service.decisions import decide, policy
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model.decision import Decision
from service.model.evidence import IdentifierEvidence
from service.model.kinds import kinds
from service.rings import changes
from service.settings import Settings
from service.worker.start import make_worker
from tests.support import crowd, events, work
from tests.support.database import wipe


@pytest.fixture(scope="module")
def own(graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A home of its own, whose graph has a crowd, a published run and an index."""
    wipe(graph)
    own = work.own_home(settings, graph, tmp_path_factory.mktemp("incremental"), worker_look_s=0.2)
    path = events.write(own.home / "people.jsonl", crowd.people())
    FileIngest(graph, load_tokeniser(own.home, True), own.home, 5000).run([path])
    detect(graph, own.home)
    bootstrap.rebuild_index(own, graph)
    changes.note(graph)
    work.drain(own, graph)  # from here on the index is told of each partition
    return own


@pytest.fixture
def store(own: Settings) -> Iterator[LmdbStore]:
    with closing(LmdbStore(own.home / "index")) as store:
        yield store


def identifiers(own: Settings, **fields: str) -> list[tuple[str, str]]:
    found = identifiers_of(load_tokeniser(own.home, True), **fields)
    return [pair for pair in found if kinds().by_name[pair[0]].field]


def decided(own: Settings, store: LmdbStore, **fields: str) -> Decision:
    wanted = identifiers(own, **fields)
    return decide.signup(IndexLookup(store), policy.load(None), wanted, int(time.time()), False)


def evidence(own: Settings, store: LmdbStore, **fields: str) -> IdentifierEvidence:
    return IndexLookup(store).identifiers(identifiers(own, **fields), int(time.time()))[0]


def test_a_ring_is_told_after_its_sixth_signup_and_the_next_run_keeps_it(
    graph: Graph, own: Settings, store: LmdbStore
) -> None:
    stop = threading.Event()
    worker = make_worker(own, graph, stop)
    thread = threading.Thread(target=worker.run)
    thread.start()
    try:
        work.append(own, [*crowd.office("colleague", 5), *crowd.ring("s", 6)])
        work.until(lambda: any(change["kind"] == "opened" for change in changes.since(graph, 0)), 30)
        (opened,) = changes.since(graph, 0)
        ring = opened["ring"]
        assert opened["size"] == 6
        assert opened["level"] != "low"
        seventh = {"device_id": "burner s", "payment_fingerprint": "card s", "ip": "203.0.113.9"}
        work.until(lambda: decided(own, store, **seventh).ring == ring)
        assert decided(own, store, **seventh).level in ("high", "critical")
        assert decided(own, store, ip="203.0.113.77").level == "low"
        found = IndexLookup(store).account("s1", int(time.time()))
        assert found is not None and found.ring is not None and found.ring.id == ring and found.risk >= 0.5
        work.append(own, crowd.ring("s", 9)[6:])
        work.until(lambda: read_scores(graph)["ring"].drop_nulls().len() == 9, 30)
    finally:
        stop.set()
        thread.join()
        worker.log.close()
    looked = read_scores(graph)
    assert set(looked.filter(looked["ring"].is_not_null())["ring"]) == {ring}
    assert not looked.filter(looked["id"].str.starts_with("colleague"))["ring"].is_not_null().any()
    from_looks = IndexLookup(store).account("s1", 0), evidence(own, store, device_id="burner s")
    bootstrap.rebuild_index(own, graph)
    time.sleep(0.2)
    rebuilt = IndexLookup(store).account("s1", 0), evidence(own, store, device_id="burner s")
    assert rebuilt == from_looks, "the index is as a build makes it"
    detect(graph, own.home)
    changes.note(graph)
    assert set(read_scores(graph)["ring"].drop_nulls()) == {ring}
    assert [change["kind"] for change in changes.since(graph, opened["seq"])] == ["grown"]


def test_older_accounts_that_come_to_a_device_count(graph: Graph, own: Settings, store: LmdbStore) -> None:
    now = datetime.now(UTC).isoformat()
    rows = [
        {"account_id": f"p{n}", "type": "login", "occurred_at": now, "device_id": "thief", "ip": f"198.18.0.{n}"}
        for n in range(30)
    ]
    quiet = own.model_copy(update={"worker_look_s": 0})
    assert decided(own, store, device_id="thief").score == 0
    for _ in range(2):  # a second login is nothing new
        work.append(quiet, rows)
        work.drain(quiet, graph)
        found = evidence(own, store, device_id="thief")
        assert (found.accounts, found.recent) == (30, 30)
    assert decided(own, store, device_id="thief").score > 20
    assert evidence(own, store, ip="198.18.0.5").recent == 0, "they had these addresses before"


def test_what_a_killed_worker_wrote_and_did_not_tell_is_told(
    graph: Graph, own: Settings, store: LmdbStore, tmp_path: Path
) -> None:
    """Killed between the commit and the index: the index is locked while it writes."""
    quiet = own.model_copy(update={"worker_look_s": 0})
    held, go = threading.Event(), threading.Event()

    def hold(_key: bytes, before: bytes | None) -> bytes | None:
        held.set()
        go.wait(60)
        return before

    holder = threading.Thread(target=store.change, args=([b"any"], hold))
    process = work.start(quiet)
    try:
        holder.start()
        assert held.wait(10)
        work.append(quiet, [crowd.signup("k", datetime.now(UTC), device_id="killed")])
        work.until(lambda: work.lag(quiet, graph) == 0)
        time.sleep(0.2)
        process.kill()
        process.wait()
    finally:
        process.kill()
        go.set()
        holder.join()
    assert not evidence(own, store, device_id="killed").known, "it was killed before it told"
    next_one = work.start(quiet)
    try:
        work.until(lambda: evidence(own, store, device_id="killed").known)
    finally:
        next_one.terminate()
        assert next_one.wait(30) == 0
    found = evidence(own, store, device_id="killed")
    assert (found.accounts, found.recent) == (1, 1)
