"""What people and events change counts at once, though the clock of the machine that built the index is ahead."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from service.decisions.index import records
from service.decisions.index.build import seconds_until
from service.decisions.index.freshness import Freshness, LabelCount, LiveLink
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.store import Meta
from service.model.evidence import RingSummary, RunInfo

AHEAD_S = 3600


@pytest.fixture
def store(tmp_path: Path) -> Iterator[LmdbStore]:
    made = LmdbStore(tmp_path)
    built = int(time.time()) + AHEAD_S
    base = {
        records.key("account", "a"): records.pack_account(records.Account(0.99, None, "R-1")),
        records.key("ring", "R-1"): records.pack_ring(RingSummary("R-1", 95.0, "critical", 20, "open")),
        records.key("device", "d"): records.pack_identifier(records.Identifier(2)),
    }
    made.build(Meta(RunInfo("run-1", built, 0.02, "1"), built), base.items())
    yield made
    made.close()


def test_a_label_and_a_status_count_at_once(store: LmdbStore, caplog: pytest.LogCaptureFixture) -> None:
    fresh, lookup, now = Freshness(store), IndexLookup(store), int(time.time())
    assert fresh.label("a", "legitimate", [LabelCount("device", "d", 1, 0)])
    assert fresh.ring_status("R-1", "dismissed")
    account = lookup.account("a", now)
    assert account is not None and account.ring is not None
    assert (account.label, account.ring.status) == ("legitimate", "dismissed")
    assert lookup.identifiers([("device", "d")], now)[0].fraud == 1
    assert "behind the one that built the read index" in caplog.text


def test_links_and_an_erasure_count_at_once(store: LmdbStore) -> None:
    fresh, lookup, now = Freshness(store), IndexLookup(store), int(time.time())
    assert fresh.apply([LiveLink("b", "device", "d", now, True)])
    assert lookup.identifiers([("device", "d")], now)[0].accounts == 3
    assert fresh.forget("a", [("device", "d")])
    assert lookup.account("a", now) is None


def test_a_build_waits_for_the_next_second_and_no_longer() -> None:
    """`time.sleep` raises if the second has begun by then; a clock that was set back made a build wait for as long."""
    assert seconds_until(101, 100.75) == 0.25
    assert seconds_until(101, 101.00001) == 0.0
    assert seconds_until(101, 90.0) == 1.0
