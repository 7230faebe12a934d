"""One specification of an index store, run on LMDB and on a real Valkey or Redis server."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import redis

from service.decisions.index import live_records, records, redis_store
from service.decisions.index.freshness import NEVER, Freshness, LabelCount, LiveLink
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.redis_store import RedisStore
from service.decisions.index.store import IndexStore, Meta
from service.errors import SettingsError, UnavailableError
from service.model.evidence import RingSummary, RunInfo
from tests.support.valkey import Server

META = Meta(RunInfo("run-1", 1000, 0.02, "1"), 1000, accounts=3)
NOW = 2_000_000_000


@pytest.fixture(params=["lmdb", "redis"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[IndexStore]:
    made: IndexStore
    if request.param == "lmdb":
        made = LmdbStore(tmp_path / "index")
    else:
        server: Server = request.getfixturevalue("valkey")
        with redis.Redis.from_url(server.url) as client:
            client.flushall()
        made = RedisStore(server.url)
    yield made
    made.close()


def key(n: int) -> bytes:
    return records.key("device", str(n))


def test_nothing_built_is_unavailable_and_names_the_remedy(store: IndexStore) -> None:
    with pytest.raises(UnavailableError, match="ringsight index rebuild"):
        store.meta()
    with pytest.raises(UnavailableError):
        store.base([key(1)])


def test_a_generation_is_switched_whole(store: IndexStore) -> None:
    built = store.build(META, [(key(n), b"a%d" % n) for n in range(20_000)])
    assert built.records == 20_000
    assert store.meta() == replace(META, records=20_000)
    assert store.base([key(7), key(20_000), key(0)]) == [b"a7", None, b"a0"]
    store.build(replace(META, built=2000), [(key(n), b"b%d" % n) for n in range(3)])
    assert store.meta().built == 2000
    assert store.base([key(1), key(7)]) == [b"b1", None]


def test_a_build_that_fails_changes_nothing(store: IndexStore) -> None:
    store.build(META, [(key(1), b"a")])

    def broken() -> Iterator[tuple[bytes, bytes]]:
        yield key(1), b"b"
        raise RuntimeError("the graph went away")

    with pytest.raises(RuntimeError):
        store.build(META, broken())
    assert store.base([key(1)]) == [b"a"]


def test_a_generation_is_amended_whole(store: IndexStore) -> None:
    with pytest.raises(UnavailableError, match="ringsight index rebuild"):
        store.amend(META, {key(1): b"b"})
    store.build(META, [(key(n), b"a%d" % n) for n in range(20_000)])
    changes: dict[bytes, bytes | None] = {key(n): b"b" * 3000 for n in range(0, 20_000, 4)}
    changes |= {key(20_000): b"new", key(1): None, key(30_000): None}
    built = store.amend(replace(META, built=2000, version="v"), changes)
    assert built.records == 20_000
    assert store.meta() == replace(META, built=2000, version="v", records=20_000)
    assert store.base([key(0), key(1), key(2), key(20_000)]) == [b"b" * 3000, None, b"a2", b"new"]
    store.amend(META, {})
    assert store.base([key(0), key(1), key(2), key(20_000)]) == [b"b" * 3000, None, b"a2", b"new"]


def test_an_amendment_that_fails_changes_nothing(store: IndexStore) -> None:
    store.build(META, [(key(1), b"a")])

    class Broken(dict[bytes, bytes | None]):
        def items(self) -> Any:
            yield key(1), b"b"
            raise RuntimeError("no room")

    with pytest.raises(RuntimeError):
        store.amend(replace(META, version="v"), Broken({key(1): b"b"}))
    assert store.base([key(1)]) == [b"a"]
    assert store.meta() == replace(META, records=1)


def test_a_server_whose_index_was_built_meanwhile_keeps_that(valkey: Server) -> None:
    store, other = RedisStore(valkey.url), RedisStore(valkey.url)
    store.build(META, [(key(1), b"a")])

    class Slow(dict[bytes, bytes | None]):
        def items(self) -> Any:
            other.build(META, [(key(1), b"c")])
            return super().items()

    with pytest.raises(UnavailableError, match="meanwhile"):
        store.amend(META, Slow({key(1): b"b"}))
    time.sleep(0.2)
    assert store.base([key(1)]) == [b"c"]
    store.close()
    other.close()


def test_readers_see_one_generation_or_the_other(store: IndexStore) -> None:
    numbers = range(200)
    store.build(META, [(key(n), b"0") for n in numbers])
    seen: set[bytes] = set()
    stop = threading.Event()

    def read() -> None:
        while not stop.is_set():
            found = store.base([key(n) for n in numbers])
            assert len(set(found)) == 1
            seen.update(value for value in found if value is not None)

    reader = threading.Thread(target=read)
    reader.start()
    time.sleep(0.15)
    for generation in range(1, 4):
        store.build(META, [(key(n), b"%d" % generation) for n in numbers])
        time.sleep(0.15)
    stop.set()
    reader.join()
    assert seen == {b"0", b"1", b"2", b"3"}


def test_live_records_change_and_are_swept(store: IndexStore) -> None:
    store.change([key(1), key(2)], lambda _key, before: (before or b"") + b"x")
    store.change([key(1)], lambda _key, before: (before or b"") + b"y")
    assert store.live([key(1), key(2), key(3)]) == [b"xy", b"x", None]
    store.change([key(2)], lambda _key, _before: None)
    assert store.live([key(2)]) == [None]
    store.change([key(2), key(3)], lambda _key, _before: b"z")
    assert store.sweep(lambda data: {b"xy": None, b"z": b"zz"}[data]) == 1
    assert store.live([key(1), key(2), key(3)]) == [None, b"zz", b"zz"]
    store.sweep(lambda _: None)


def test_two_writers_lose_nothing(store: IndexStore) -> None:
    def add() -> None:
        for _ in range(50):
            store.change([key(1)], lambda _key, before: (before or b"") + b".")

    writers = [threading.Thread(target=add) for _ in range(2)]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert store.live([key(1)]) == [b"." * 100]


def link(account: int, seen: int = NOW, signup: bool = True, kind: str = "device") -> LiveLink:
    return LiveLink(f"a{account}", kind, "d", seen, signup)


def evidence(store: IndexStore) -> Any:
    return IndexLookup(store).identifiers([("device", "d")], NOW)[0]


def test_thirty_signups_in_ten_minutes_are_counted_once_each(store: IndexStore) -> None:
    store.build(META, [(records.key("device", "d"), records.pack_identifier(records.Identifier(2)))])
    fresh = Freshness(store)
    assert evidence(store).accounts == 2
    links = [link(n) for n in range(30)]
    assert fresh.apply(links)
    assert fresh.apply(links)  # a batch that is delivered twice
    found = evidence(store)
    assert (found.accounts, found.recent, found.last_day) == (32, 30, 30)
    fresh.apply([link(50, NOW - 3600), link(51, signup=False)])
    found = evidence(store)
    assert (found.accounts, found.recent, found.last_day) == (34, 31, 32)


def test_older_accounts_that_come_to_an_address_are_counted_but_no_burst(store: IndexStore) -> None:
    store.build(META, [])
    fresh = Freshness(store)
    assert fresh.apply([link(n, signup=n < 3, kind="ip") for n in range(20)])
    found = IndexLookup(store).identifiers([("ip", "d")], NOW)[0]
    assert (found.accounts, found.recent) == (20, 3)
    assert IndexLookup(store).account("a1", NOW) is not None
    assert IndexLookup(store).account("a9", NOW) is None, "the next build, or the graph, knows it"


def test_what_a_look_found_counts_until_the_next_build(store: IndexStore) -> None:
    store.build(META, [(records.key("device", "d"), records.pack_identifier(records.Identifier(5, fraud=1)))])
    fresh = Freshness(store)
    block = (6, 2.5, 10, 20, 6.0, 5.5, 30)
    found = {
        records.key("ring", "R-9"): records.pack_ring(replace(evidence_ring(), id="R-9")),
        records.key("account", "a1"): records.pack_account(records.Account(0.8, None, "R-9", "[]")),
        records.key("device", "d"): records.pack_identifier(records.Identifier(0, block, ring="R-9", ring_members=6)),
    }
    assert fresh.found(found)
    account, device = IndexLookup(store).account("a1", NOW), evidence(store)
    assert account is not None and account.ring is not None
    assert (account.risk, account.ring.id, account.ring.level) == (0.8, "R-9", "critical")
    assert (device.accounts, device.fraud, device.k, device.ring_members, device.ring.id) == (5, 1, 6, 6, "R-9")
    assert fresh.ring_status("R-9", "dismissed")
    assert evidence(store).ring.status == "dismissed"
    assert fresh.forget("a1", [("device", "d")])
    assert IndexLookup(store).account("a1", NOW) is None
    store.build(replace(META, built=int(time.time()) + 1), [])
    assert evidence(store).ring is None


def test_times_are_by_the_clock_of_the_index(store: IndexStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """A worker of a machine that is ten days ahead: what it wrote does not outlast the next build."""
    now, real = int(store.now()), time.time
    store.build(replace(META, built=now - 10), [])
    if isinstance(store, RedisStore):  # files have no clock but the machine's
        monkeypatch.setattr(time, "time", lambda: real() + 864_000)
    fresh = Freshness(store)
    assert fresh.label("a", "fraud", [LabelCount("device", "d", 1, 0)])
    assert fresh.apply([link(1, now)])
    assert fresh.ring_status("R-1", "dismissed") and fresh.forget("b", [])
    names = [("account", "a"), ("account", "b"), ("device", "d"), ("ring", "R-1")]
    for data in store.live([records.key(*name) for name in names]):
        assert data is not None and live_records.outlives(data, now - 1, now)
        assert not live_records.outlives(data, now + 60, now + 3 * live_records.DAY_S)


def test_up_to_where_it_was_told_is_kept_with_the_links(store: IndexStore) -> None:
    store.build(META, [])
    fresh = Freshness(store)
    assert fresh.told("log/0") == NEVER
    assert fresh.apply([link(1)], ("log/0", 41))
    assert fresh.told("log/0") == 41
    store.sweep(lambda data: data if live_records.outlives(data, NOW, NOW) else None)
    assert fresh.told("log/0") == 41


def test_counts_go_on_beyond_the_entries_that_are_kept(store: IndexStore) -> None:
    store.build(META, [])
    fresh = Freshness(store)
    for start in range(0, 300, 100):
        fresh.apply([link(n) for n in range(start, start + 100)])
    found = evidence(store)
    assert found.known
    assert found.accounts == 300
    assert found.recent == live_records.ENTRIES


def test_an_account_that_no_build_knows_is_judged_by_its_identifiers(store: IndexStore) -> None:
    store.build(META, [])
    assert IndexLookup(store).account("a1", NOW) is None
    Freshness(store).apply([link(n) for n in range(30)])
    account = IndexLookup(store).account("a1", NOW)
    assert account is not None
    assert [item.recent for item in account.identifiers or ()] == [30]


def test_labels_and_statuses_count_until_the_next_build(store: IndexStore) -> None:
    entries = {
        records.key("account", "a1"): records.pack_account(records.Account(0.97, None, "R-1", "[]")),
        records.key("device", "d"): records.pack_identifier(records.Identifier(9, ring="R-1", ring_members=8)),
        records.key("ring", "R-1"): records.pack_ring(evidence_ring()),
    }
    store.build(META, entries.items())
    fresh = Freshness(store)
    assert fresh.label("a1", "legitimate", [LabelCount("device", "d", 0, 1)])
    assert fresh.ring_status("R-1", "dismissed")
    account = IndexLookup(store).account("a1", NOW)
    assert account is not None and account.ring is not None
    assert (account.label, account.ring.status) == ("legitimate", "dismissed")
    assert (evidence(store).legitimate, evidence(store).ring.status) == (1, "dismissed")
    store.build(replace(META, built=int(time.time()) + 1), entries.items())
    account = IndexLookup(store).account("a1", NOW)
    assert account is not None and account.label is None
    assert evidence(store).legitimate == 0


def evidence_ring() -> RingSummary:
    return RingSummary("R-1", 97.0, "critical", 8, "open")


def test_freshness_never_raises_when_the_store_is_gone(tmp_path: Path) -> None:
    (tmp_path / "index").write_text("a file where the folder should be")
    assert not Freshness(LmdbStore(tmp_path / "index")).apply([link(1)])
    assert not Freshness(RedisStore("redis://127.0.0.1:1/0")).apply([link(1)])


def test_a_server_that_hangs_is_unavailable_soon(valkey: Server) -> None:
    store = RedisStore(valkey.url)
    store.build(META, [(key(1), b"a")])
    with redis.Redis.from_url(valkey.url) as client:
        pid = client.info("server")["process_id"]
    os.kill(pid, signal.SIGSTOP)
    try:
        started = time.monotonic()
        with pytest.raises(UnavailableError, match="does not answer"):
            store.base([key(1)])
        assert time.monotonic() - started < 2
        # From then on nobody waits but the one that asks again, however many decisions there are.
        waited = []

        def decide() -> None:
            for _ in range(40):
                began = time.monotonic()
                with pytest.raises(UnavailableError, match="does not answer"):
                    store.base([key(1)])
                waited.append(time.monotonic() - began)
                time.sleep(0.05)

        threads = [threading.Thread(target=decide) for _ in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(waited) == 320
        assert sum(wait > 0.2 for wait in waited) <= 5
        assert max(waited) < 1
    finally:
        os.kill(pid, signal.SIGCONT)
    time.sleep(1.1)
    assert store.base([key(1)]) == [b"a"]
    store.close()


def test_a_build_that_fails_leaves_nothing_that_stays(valkey: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    store = RedisStore(valkey.url)
    monkeypatch.setattr(redis_store, "LINGER_S", 1)
    with redis.Redis.from_url(valkey.url) as client:
        client.flushall()
        store.build(META, [(key(1), b"a")])
        kept = set(client.keys())

        def broken() -> Iterator[tuple[bytes, bytes]]:
            yield from ((key(n), b"b") for n in range(20_000))
            raise RuntimeError("the graph went away")

        with pytest.raises(RuntimeError):
            store.build(META, broken())
        time.sleep(1.5)
        assert set(client.keys()) == kept

        # One whose builder was killed is found by the next build, a day later.
        old = b"%x-dead" % (time.time_ns() - 25 * 3600 * 10**9)
        client.hset(b"ringsight:" + old + b":ab", "k", "v")
        client.sadd("ringsight:building", old)
        store.build(META, [(key(1), b"a")])
        time.sleep(1.5)
        assert not client.keys(b"ringsight:" + old + b"*")
        assert not client.exists("ringsight:building")
    store.close()


def test_a_server_that_came_back_empty_is_unavailable_until_the_next_build(valkey: Server) -> None:
    store = RedisStore(valkey.url)
    store.build(META, [(key(1), b"a")])
    assert store.base([key(1)]) == [b"a"]
    valkey.kill()
    with pytest.raises(UnavailableError):
        store.base([key(1)])
    valkey.start()
    time.sleep(1.1)  # a server that did not answer is asked again after a second
    with pytest.raises(UnavailableError, match="ringsight index rebuild"):
        store.base([key(1)])
    store.build(META, [(key(1), b"b")])
    assert store.base([key(1)]) == [b"b"]
    store.close()


def test_a_wrong_address_is_a_wrong_setting() -> None:
    with pytest.raises(SettingsError, match="RINGSIGHT_INDEX"):
        RedisStore("nonsense")


def test_a_broken_generation_is_unavailable(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path)
    built = store.build(META, [(key(1), b"a")])
    (tmp_path / built.name / "data.mdb").write_bytes(b"\0" * 8192)
    other = LmdbStore(tmp_path)
    with pytest.raises(UnavailableError, match="ringsight index rebuild"):
        other.meta()
    other.build(META, [(key(1), b"b")])
    assert other.base([key(1)]) == [b"b"]
    store.close()
    other.close()


def _write_forever(folder: Path) -> None:
    store = LmdbStore(folder)
    n = 0
    while True:
        store.change([key(n % 50)], lambda _key, before: (before or b"") + b".")
        n += 1


def test_a_writer_that_is_killed_leaves_a_readable_index(tmp_path: Path) -> None:
    store = LmdbStore(tmp_path)
    store.build(META, [(key(1), b"a")])
    writer = multiprocessing.get_context("spawn").Process(target=_write_forever, args=(tmp_path,))
    writer.start()
    deadline = time.monotonic() + 20
    while store.live([key(40)]) == [None] and time.monotonic() < deadline:
        time.sleep(0.05)
    writer.kill()
    writer.join()
    assert store.live([key(40)]) != [None]
    store.change([key(1)], lambda _key, before: (before or b"") + b"!")  # no lock was left behind
    found = store.live([key(1)])[0]
    assert found is not None and found.endswith(b"!")
    assert store.base([key(1)]) == [b"a"]
    store.close()


def test_a_forgotten_account_is_gone_until_it_comes_again(store: IndexStore) -> None:
    store.build(
        META,
        [(records.key("account", "a1"), records.pack_account(records.Account(0.9)))],
    )
    fresh = Freshness(store)
    fresh.apply([link(1), link(2)])
    assert evidence(store).accounts == 2
    assert fresh.forget("a1", [("device", "d"), ("ip", "192.0.2.1")])
    assert IndexLookup(store).account("a1", NOW) is None
    assert evidence(store).accounts == 1
    assert IndexLookup(store).account("a2", NOW) is not None
    fresh.apply([link(1)])
    again = IndexLookup(store).account("a1", NOW)
    assert again is not None
    assert (again.risk, len(again.identifiers or ())) == (0.0, 1)
