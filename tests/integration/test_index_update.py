"""The read index that is brought up to date by what changed equals one that is built whole, record for record."""

from __future__ import annotations

import multiprocessing
import os
import random
import signal
import zlib
from collections.abc import Callable, ItemsView, Iterator, Mapping
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import redis

from service import bootstrap
from service.decisions.index import build, found
from service.decisions.index.lmdb_store import META_KEY, LmdbStore
from service.decisions.index.redis_store import CURRENT, PREFIX, RedisStore
from service.decisions.index.store import Built, IndexStore, Meta
from service.detection.incremental import IncrementalDetector
from service.detection.pipeline import detect
from service.errors import UnavailableError
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.expire import expire
from service.loading.files import FileIngest
from service.logs import Progress
from service.privacy.erase import erase_from_graph
from service.rings import allow_list
from service.settings import Settings
from tests.support import crowd, events, work
from tests.support.database import wipe
from tests.support.valkey import Server

WITNESS = b"not of graph"  # a record that an update keeps and a build of the whole does not

Records = dict[bytes, bytes]


# Both stores are asked the first test here; the long ones of a server go with `make faults`.
LMDB_FIRST = pytest.mark.parametrize("own", ["lmdb", pytest.param("redis", marks=pytest.mark.faults)], indirect=True)


@pytest.fixture(params=["lmdb", "redis"])
def own(request: pytest.FixtureRequest, graph: Graph, settings: Settings, tmp_path: Path) -> Settings:
    """A home of its own with two rings, of which a run and an index are."""
    wipe(graph)
    url = None
    if request.param == "redis":
        server: Server = request.getfixturevalue("valkey")
        with redis.Redis.from_url(server.url) as client:
            client.flushall()
        url = server.url
    made = work.own_home(settings, graph, tmp_path, index=url, worker_look_s=0, worker_batch_events=100)
    ingest(graph, made, [*crowd.people(), *campaign("s", 20, days=-90), *campaign("b", 15, days=-20)])
    detect(graph, made.home)
    bootstrap.rebuild_index(made, graph)
    return made


def campaign(name: str, accounts: int, days: int = 0, device: str | None = None) -> list[dict[str, Any]]:
    """Accounts that were made minutes apart on one device, one card and one address."""
    rows = crowd.ring(name, accounts, at=crowd.END + timedelta(days=days))
    own = {"ip": f"203.0.{zlib.crc32(name.encode()) % 250}.9", **({"device_id": device} if device else {})}
    return [{**row, **own} for row in rows]


def ingest(graph: Graph, own: Settings, rows: list[dict[str, Any]]) -> None:
    path = events.write(own.home / f"events-{random.getrandbits(60):x}", rows)
    FileIngest(graph, load_tokeniser(own.home, own.ip_plain), own.home, 100).run([path])


def contents(own: Settings) -> Records:
    """All base records of the index, whichever it is."""
    if own.index is None:
        with closing(LmdbStore(own.home / "index")) as store, store._current().begin() as read:
            return {bytes(key): bytes(value) for key, value in read.cursor() if bytes(key) != META_KEY}
    with redis.Redis.from_url(own.index) as client:
        name: Any = client.get(CURRENT)
        start = PREFIX + name + b":"
        buckets: Any = [key for key in client.scan_iter(start + b"*", 10_000) if key != start + b"meta"]
        return {
            bucket[len(start) :] + rest: value
            for bucket in buckets
            for rest, value in dict(client.hgetall(bucket)).items()
        }


def whole(graph: Graph) -> Records:
    """What a build of the whole would write."""
    with Progress("building") as progress:
        return dict(build._records(graph, progress))


def mark(own: Settings) -> None:
    """Puts the witness into the index."""
    with closing(bootstrap.index_store(own)) as store:
        store.amend(store.meta(), {WITNESS: b"x"})


def meta(own: Settings) -> Meta:
    with closing(bootstrap.index_store(own)) as store:
        return store.meta()


def brought_up_to_date(graph: Graph, own: Settings, by_changes: bool = True) -> None:
    """Updates the index and compares it; says whether that was to be done by what changed."""
    mark(own)
    bootstrap.update_index(own, graph)
    known = contents(own)
    assert (known.pop(WITNESS, None) is not None) == by_changes
    assert known == whole(graph)
    assert meta(own).records == len(known) + by_changes
    assert graph.read_bulk("serve/index_changes")["notes"] == []


def label(graph: Graph, account: str, value: str | None, action: str = "label") -> None:
    done = graph.write(
        "serve/set_account_label", action=f"{action}-{account}", ids=[account], label=value, who="ana", note=None
    )
    assert len(done[0]["actions"]) == 1


def ring_of(graph: Graph, account: str) -> str:
    ring: str = graph.read("serve/account_evidence", account=account)[0]["ring"]["id"]
    return ring


def judge(graph: Graph, ring: str, status: str) -> None:
    graph.write("serve/set_ring_status", action=f"{ring}-{status}", ids=[ring], status=status, who="ana", note=None)


def look(graph: Graph, own: Settings) -> None:
    """An incremental pass, of which the index is told."""
    result = IncrementalDetector(graph).detect_new()
    assert result.joined and result.written is not None
    with closing(bootstrap.index_store(own)):
        assert found.tell(graph, bootstrap.freshness(own), result.written)


def test_after_any_mix_of_changes_it_equals_one_that_is_built_whole(graph: Graph, own: Settings) -> None:
    brought_up_to_date(graph, own)  # nothing changed
    older = ring_of(graph, "s1")

    # New accounts by a file and by a worker, of which an incremental pass finds some; a new ring, labels, an erasure.
    work.append(own, campaign("c", 12))
    work.drain(own, graph)
    look(graph, own)
    ingest(graph, own, events.stream(60, seed=3))
    label(graph, "p3", "legitimate")
    label(graph, "s2", "fraud")
    erase_from_graph(graph, "s3")
    erase_from_graph(graph, "p7")
    brought_up_to_date(graph, own)  # before a run has read them
    detect(graph, own.home)
    assert ring_of(graph, "c1") != older
    brought_up_to_date(graph, own)

    # Two rings are one; people decide; an older account turns out to be older still, and comes to another device.
    bridge = campaign("d", 14, days=1, device="burner s")
    ingest(graph, own, [{**row, "payment_fingerprint": "card c"} for row in bridge])
    early = (crowd.START - timedelta(days=3)).isoformat()
    ingest(graph, own, [{"account_id": "p5", "type": "signup", "occurred_at": early, "device_id": "phone 9"}])
    judge(graph, ring_of(graph, "b1"), "dismissed")
    detect(graph, own.home)  # nobody brought the index up to date after this run
    judge(graph, ring_of(graph, "s1"), "confirmed")
    label(graph, "s2", None, "again")
    graph.write("serve/undo_action", id="label-p3-0", undo="undo-1", who="ana", note=None)
    erase_from_graph(graph, "d2")
    detect(graph, own.home)
    brought_up_to_date(graph, own)

    # A ring vanishes: what ties it is on the allow-list.
    tokeniser = load_tokeniser(own.home, own.ip_plain)
    for kind, value in (("device", "burner b"), ("payment_method", "card b")):
        prefix = {"device": "dv", "payment_method": "pm"}[kind]
        allow_list.add(graph, kind, tokeniser.token(prefix, value), "ana", "an office")
    allow_list.add(graph, "ip", campaign("b", 1)[0]["ip"], "ana", "an office")
    detect(graph, own.home)
    assert graph.read("serve/account_evidence", account="b1")[0]["ring"] is None
    brought_up_to_date(graph, own)


@LMDB_FIRST
def test_what_nobody_noted_is_built_whole_and_then_it_goes_on_by_changes(graph: Graph, own: Settings) -> None:
    assert expire(graph, datetime(2026, 3, 1, tzinfo=UTC)).links > 0
    detect(graph, own.home)
    brought_up_to_date(graph, own, by_changes=False)
    ingest(graph, own, campaign("c", 12))
    detect(graph, own.home)
    brought_up_to_date(graph, own)
    bootstrap.rotate_token_key(own, graph)
    assert contents(own) == whole(graph)
    ingest(graph, own, campaign("d", 12))
    brought_up_to_date(graph, own)
    # An index of another state of the graph: after a restore, or of another home that was brought up to date meanwhile.
    with graph.driver.session() as session:
        session.run("MATCH (x:Pointer {name: 'index'}) SET x.version = '0:other', x.next = null").consume()
    brought_up_to_date(graph, own, by_changes=False)
    brought_up_to_date(graph, own)


@LMDB_FIRST
def test_random_changes_between_updates(graph: Graph, own: Settings) -> None:
    dice = random.Random(5)
    names = [f"p{n}" for n in range(600)] + [f"s{n}" for n in range(20)]

    def erase() -> None:
        erase_from_graph(graph, names.pop(dice.randrange(len(names))))

    steps: list[Callable[[], None]] = [
        lambda: ingest(graph, own, campaign(f"r{dice.randrange(3)}-", dice.randrange(5, 15), -dice.randrange(60))),
        lambda: ingest(graph, own, events.stream(40, seed=dice.randrange(1000))),
        lambda: label(graph, dice.choice(names), dice.choice(("fraud", "legitimate", None)), str(dice.random())),
        lambda: judge(graph, ring_of(graph, "b1"), dice.choice(("confirmed", "dismissed", "open"))),
        erase,
        lambda: (work.append(own, campaign(f"w{dice.randrange(9)}-", 6)), work.drain(own, graph), None)[-1],
    ]
    for _ in range(3):
        for step in dice.sample(steps, len(steps)) + dice.choices(steps, k=4):
            step()
        if dice.random() < 0.7:
            detect(graph, own.home)
        brought_up_to_date(graph, own)


def test_a_run_stays_published_if_the_index_cannot_be_written(graph: Graph, own: Settings) -> None:
    ingest(graph, own, campaign("c", 12))

    def broken() -> None:
        raise UnavailableError("the disk is full")

    with pytest.raises(UnavailableError):
        detect(graph, own.home, broken)
    assert graph.read("serve/detection_runs", id=None, limit=1)[0]["state"] == "published"
    brought_up_to_date(graph, own)


class Half(dict[bytes, bytes | None]):
    """Changes of which half are told; then the process is killed."""

    def items(self) -> ItemsView[bytes, bytes | None]:  # type: ignore[override]
        return self._items()  # type: ignore[return-value]

    def _items(self) -> Iterator[tuple[bytes, bytes | None]]:
        for number, item in enumerate(super().items()):
            if number > len(self) // 2:
                os.kill(os.getpid(), signal.SIGKILL)
            yield item


class DyingGraph(Graph):
    """Is killed after the index was switched, before the graph knows."""

    def write(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        if name == "serve/index_done":
            os.kill(os.getpid(), signal.SIGKILL)
        return super().write(name, **parameters)


class DyingLmdb(LmdbStore):
    def amend(self, meta: Meta, changes: Mapping[bytes, bytes | None]) -> Built:
        return super().amend(meta, Half(changes))


class DyingRedis(RedisStore):
    def amend(self, meta: Meta, changes: Mapping[bytes, bytes | None]) -> Built:
        return super().amend(meta, Half(changes))


def _update_and_die(own: Settings, where: str) -> None:
    graph = (DyingGraph if where == "switched" else Graph)(bootstrap.graph_address(own))
    store: IndexStore = bootstrap.index_store(own)
    if where == "half":
        store = DyingRedis(own.index) if own.index else DyingLmdb(own.home / "index")
    build.update(graph, store, store.meta().key_id)


@pytest.mark.parametrize("where", ["half", "switched"])
def test_a_kill_leaves_an_index_that_is_whole_and_catches_up(graph: Graph, own: Settings, where: str) -> None:
    mark(own)
    before = contents(own)
    ingest(graph, own, campaign("c", 60))
    detect(graph, own.home)
    after = {**whole(graph), WITNESS: b"x"}
    assert before != after
    child = multiprocessing.get_context("spawn").Process(target=_update_and_die, args=(own, where))
    child.start()
    child.join()
    assert child.exitcode == -signal.SIGKILL
    assert contents(own) == (before if where == "half" else after)
    erase_from_graph(graph, "c7")
    brought_up_to_date(graph, own)
    assert not [*(own.home / "index").glob("draft-*")]
