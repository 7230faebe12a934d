"""A server whose clock is days ahead or behind, and is put right: nothing is lost, nothing outlasts its time."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.decisions import history
from service.decisions.index import live_records, records
from service.decisions.index.freshness import Freshness, LabelCount, LiveLink
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.store import Meta
from service.decisions.journal import Journal
from service.model.evidence import RingSummary, RunInfo, most_within
from service.security.journal import Journal as Changes
from service.security.keys import KeyStore
from service.security.roles import Role
from service.sources.eventlog import Entry
from service.sources.sqlitelog import SqliteLog
from tests.support import security
from tests.unit.test_decision_journal import entry

DAY_S = 86_400
DAYS = [-10, 10]

Clock = Callable[[float], None]


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    """Sets this process's clock to so many days from now."""
    real, off = time.time, [0.0]
    monkeypatch.setattr(time, "time", lambda: real() + off[0])

    def set_to(days: float) -> None:
        off[0] = days * DAY_S

    yield set_to


@pytest.mark.parametrize("days", DAYS)
def test_decisions_are_found_and_each_is_in_the_file_of_its_day(tmp_path: Path, clock: Clock, days: int) -> None:
    journal = Journal(tmp_path, 90)
    made = []
    for now in (0, days, 0):
        clock(now)
        made.append((journal.write({**entry(1), "at": int(1000 * time.time())}), time.time()))
    for decision, at in made:
        assert Journal(tmp_path, 90).find(decision)["id"] == decision
        assert decision[2:10] == datetime.fromtimestamp(at, UTC).strftime("%Y%m%d")
    assert journal._compactor is None or journal._compactor.wait(30) == 0
    assert history.decisions(tmp_path, time.time() - 60).collect().height == (2 if days < 0 else 3)
    journal.close()


@pytest.mark.parametrize("days", DAYS)
def test_a_label_of_a_server_with_a_wrong_clock_counts_until_a_right_one_says_otherwise(
    tmp_path: Path, clock: Clock, days: int
) -> None:
    store = LmdbStore(tmp_path)
    built = int(time.time())
    base = {
        records.key("account", "a"): records.pack_account(records.Account(0.9, None, None)),
        records.key("device", "d"): records.pack_identifier(records.Identifier(2)),
    }
    store.build(Meta(RunInfo("run-1", built, 0.02, "1"), built), base.items())
    fresh, lookup = Freshness(store), IndexLookup(store)
    for now, label in ((days, "fraud"), (0, "legitimate"), (days, None)):
        clock(now)
        assert fresh.label("a", label, [LabelCount("device", "d", label == "fraud", label == "legitimate")])
        clock(0)
        found = lookup.account("a", int(time.time()))
        assert found is not None and found.label == label
        device = lookup.identifiers([("device", "d")], int(time.time()))[0]
        assert (device.fraud, device.legitimate) == (label == "fraud", label == "legitimate")
    store.close()


@pytest.mark.parametrize("built_then", [True, False])
def test_what_came_before_a_clock_was_set_back_does_not_outlast_the_next_build(
    tmp_path: Path, clock: Clock, built_then: bool
) -> None:
    """An hour ahead, with and without a build in that hour; then the clock is put right."""
    store, hour = LmdbStore(tmp_path), 1 / 24
    fresh, lookup = Freshness(store), IndexLookup(store)

    def build(label: str | None, accounts: int, status: str) -> None:
        built = int(time.time())
        store.sweep(lambda data: live_records.stamped_by(data, built))  # as service/decisions/index/build.py begins
        base = {
            records.key("account", "a"): records.pack_account(records.Account(0.9, label, "R-1")),
            records.key("device", "d"): records.pack_identifier(records.Identifier(accounts)),
            records.key("ring", "R-1"): records.pack_ring(RingSummary("R-1", 95.0, "critical", 20, status)),
        }
        store.build(Meta(RunInfo("run-1", built, 0.02, "1"), built), base.items())
        store.sweep(lambda data: data if live_records.outlives(data, built, built) else None)

    def told() -> tuple[str | None, str, int]:
        now = int(time.time())
        account, (device,) = lookup.account("a", now), lookup.identifiers([("device", "d")], now)
        assert account is not None and account.ring is not None
        return account.label, account.ring.status, device.accounts

    build(None, 1, "open")
    clock(hour)
    if built_then:
        build(None, 1, "open")
    came = int(time.time())
    assert fresh.label("a", "fraud", [LabelCount("device", "d", 1, 0)])
    assert fresh.ring_status("R-1", "confirmed")
    assert fresh.apply([LiveLink("b", "device", "d", came, True)])
    assert fresh.found({records.key("device", "e"): records.pack_identifier(records.Identifier(7))})
    assert told() == ("fraud", "confirmed", 2)
    clock(0)
    build("legitimate", 2, "reviewing")  # the graph has all of it, and what people said since
    assert told() == ("legitimate", "reviewing", 2)
    assert not lookup.identifiers([("device", "e")], int(time.time()))[0].known
    assert fresh.label("a", None, [])
    assert fresh.apply([LiveLink("c", "device", "d", came, True)])
    assert told() == (None, "reviewing", 3), "what comes now counts at once"
    store.close()


@pytest.mark.parametrize("behind_s", [0, 3600])
@pytest.mark.parametrize("at_once", [False, True], ids=["as they came", "in one batch"])
def test_ten_minutes_are_no_longer_by_a_clock_that_is_behind(
    tmp_path: Path, clock: Clock, caplog: pytest.LogCaptureFixture, behind_s: int, at_once: bool
) -> None:
    """A signup a minute for an hour: 70 of them were within the last ten minutes to a server an hour behind."""
    store, end = LmdbStore(tmp_path), int(time.time())
    clock(-behind_s / DAY_S)
    store.build(Meta(RunInfo("run-1", int(time.time()) - 7200, 0.02, "1"), int(time.time()) - 7200), iter(()))
    fresh, lookup = Freshness(store), IndexLookup(store)
    came = [LiveLink(f"a{minute}", "device", "d", end - 60 * minute, True) for minute in reversed(range(60))]
    for batch in [came] if at_once else [[link] for link in came]:
        clock((0 if at_once else batch[-1].first_seen - end) / DAY_S - behind_s / DAY_S)
        assert fresh.apply(batch)
    clock(-behind_s / DAY_S)
    found = lookup.identifiers([("device", "d")], int(time.time()))[0]
    assert found.recent in (10, 11) and found.last_day == 60
    assert ("after this server's clock" in caplog.text) == (behind_s > 0)
    clock((1800 - behind_s) / DAY_S)
    found = lookup.identifiers([("device", "d")], int(time.time()))[0]
    assert found.recent == (11 if behind_s else 0), "half an hour later: for as long as the clock is behind, at most"
    clock((1800 + 600) / DAY_S)
    assert lookup.identifiers([("device", "d")], int(time.time()))[0].recent == 0
    store.close()


@given(st.lists(st.integers(0, 200)), st.integers(1, 60))
def test_no_window_holds_more_than_the_fullest_of_its_length(times: list[int], window_s: int) -> None:
    now = 100
    found = most_within(times, now, window_s)
    late = [time for time in times if time >= now - window_s]
    assert found == max((sum(0 <= time - start <= window_s for time in late) for start in late), default=0)
    if max(times, default=0) <= now:
        assert found == len(late)


@pytest.mark.parametrize("days", [-1000, 1000])
def test_events_that_no_worker_has_read_outlast_any_clock(tmp_path: Path, clock: Clock, days: int) -> None:
    with closing(SqliteLog(tmp_path / "events.db", partitions=1, keep_days=7)) as log:
        log.append([Entry("a", "first", b"1"), Entry("a", "second", b"2"), Entry("a", "third", b"3")])
        clock(days)
        log.append([Entry("a", "fourth", b"4")])
        log.done(0, 1)
        log.expire(7)
        clock(0)
        log.done(0, 1)
        log.expire(7)
        assert [record.body for record in log.read(0, 1, 10)] == [b"2", b"3", b"4"]
        assert log.waiting() == 3
        assert log.append([Entry("a", "fifth", b"5"), Entry("a", "fifth", b"5")]) == 1


@pytest.mark.parametrize("days", DAYS)
def test_keys_hold_for_as_long_as_they_are_to(tmp_path: Path, clock: Clock, days: int) -> None:
    """By the clock of the server that is asked, with a wrong one as with a right one; one that was revoked never."""
    month, revoked = (KeyStore(tmp_path).create(name, [Role.ADMIN], 30 * DAY_S)[1] for name in ("month", "revoked"))
    clock(days)
    KeyStore(tmp_path).revoke("revoked")
    day = KeyStore(tmp_path).create("day", [Role.ADMIN], DAY_S)[1]
    store = KeyStore(tmp_path)
    assert [store.check(key) is not None for key in (month, revoked, day)] == [True, False, True]
    clock(0)
    store = KeyStore(tmp_path)
    assert [store.check(key) is not None for key in (month, revoked, day)] == [True, False, days > 0]


@pytest.mark.parametrize("days", DAYS)
def test_the_journal_is_in_the_order_of_what_was_done(tmp_path: Path, clock: Clock, days: int) -> None:
    for now in (0, days, 0):
        clock(now)
        Changes(tmp_path).append(who="a", what=str(now), where="b")
    assert Changes(tmp_path).verify().number == 3
    assert [line["n"] for line in Changes(tmp_path).lines()] == [1, 2, 3]


def test_events_from_after_the_servers_day_are_refused_with_the_remedy(tmp_path: Path) -> None:
    """As all are to a server that is days behind: they are kept, with the reason, to be tried again."""
    client = security.client(tmp_path, auth="off")
    event = {"account_id": "a", "occurred_at": datetime.fromtimestamp(time.time() + 3 * DAY_S, UTC).isoformat()}
    answer = client.post("/v1/events", json=[event]).get_json()
    assert answer["refused"][0]["remedy"] == "check the clocks of the sender and of this server"
    assert list((tmp_path / "rejects").glob("http-*.jsonl"))
