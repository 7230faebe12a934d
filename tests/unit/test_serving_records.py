"""The index's records: what goes in comes out, in few bytes."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from service.decisions.index import live_records, records
from service.model.evidence import RingSummary
from service.model.kinds import kinds

KIND_NAMES = [kind.name for kind in kinds().evidence]
u32 = st.integers(0, 2**32 - 1)
real = st.floats(0, 1e6)
ring_id = st.text("R-0123456789ABCXYZ", min_size=1, max_size=12)
keys = st.lists(st.tuples(st.sampled_from(KIND_NAMES), st.binary(min_size=10, max_size=10)), max_size=16).map(tuple)


@given(
    st.builds(
        records.Identifier,
        accounts=u32,
        evidence=st.none() | st.tuples(u32, real, u32, u32, real, real, u32),
        fraud=u32,
        legitimate=u32,
        ring=st.none(),
        ring_members=st.just(0),
    ),
    st.none() | st.tuples(ring_id, u32),
)
def test_identifiers(item: records.Identifier, ring: tuple[str, int] | None) -> None:
    if ring:
        item = records.Identifier(item.accounts, item.evidence, item.fraud, item.legitimate, *ring)
    assert records.unpack_identifier(records.pack_identifier(item)) == item


@given(
    label=st.sampled_from(records.LABELS),
    risk=st.floats(0, 1),
    ring=st.none() | ring_id,
    reasons=st.sampled_from(["[]", '[{"code": "coverage", "text": "ünï"}]']),
    identifiers=keys,
)
def test_accounts(
    label: str | None, risk: float, ring: str | None, reasons: str, identifiers: tuple[tuple[str, bytes], ...]
) -> None:
    scored = records.Account(risk, label, ring, reasons)
    assert records.unpack_account(records.pack_account(scored)) == scored
    fresh = records.Account(label=label, identifiers=identifiers)
    assert records.unpack_account(records.pack_account(fresh)) == fresh


@given(u32, u32, u32, u32, u32, st.lists(st.tuples(u32, u32, u32, st.integers(0, 1)), max_size=64).map(tuple))
def test_live_identifiers(
    new: int, since: int, labels_at: int, fraud: int, legitimate: int, entries: tuple[tuple[int, int, int, int], ...]
) -> None:
    live = live_records.LiveIdentifier(new, since, labels_at, fraud, legitimate, entries)
    assert live_records.unpack_live(live_records.pack_live(live)) == live


@given(st.sampled_from(records.LABELS), u32, u32, keys)
def test_live_accounts(label: str | None, at: int, touched: int, identifiers: tuple[tuple[str, bytes], ...]) -> None:
    live = live_records.LiveAccount(label, at, touched, identifiers, forgotten=bool(at % 2))
    assert live_records.unpack_live_account(live_records.pack_live_account(live)) == live


def test_rings_and_statuses() -> None:
    ring = RingSummary("R-7F3K-Q", 97.25, "critical", 16000, "reviewing", 1_790_000_000)
    assert records.unpack_ring(ring.id, records.pack_ring(ring)) == ring
    assert live_records.unpack_status(live_records.pack_status("confirmed", 7)) == ("confirmed", 7)


def test_most_records_are_tiny() -> None:
    assert len(records.pack_identifier(records.Identifier(1))) == 2
    assert len(records.pack_account(records.Account())) == 1
    assert len(records.key("device", "x" * 500)) == records.KEY_BYTES


def test_kinds_do_not_share_keys() -> None:
    assert len({records.key(kind, "same") for kind in ("account", "ring", *KIND_NAMES)}) == 2 + len(KIND_NAMES)


def test_counting_begins_anew_with_each_build() -> None:
    entries = ((1, 100, 100, 1), (2, 200, 200, 1), (3, 300, 300, 1), (4, 310, 310, 0))
    live = live_records.LiveIdentifier(new=4, since=100, entries=entries)
    assert live.new_since(50) == 4
    assert live.new_since(150) == 3
    assert live.new_since(310) == 0
    assert live.seen(True, 800, 600) == 2
    assert live.seen(False, 800, 600) == 3


def test_what_outlives_a_build() -> None:
    built, now = 1000, 1000 + 2 * live_records.DAY_S
    old = live_records.pack_live(live_records.LiveIdentifier(1, 900, entries=((1, 900, 900, 1),)))
    labelled = live_records.pack_live(live_records.LiveIdentifier(labels_at=1001))
    account = live_records.pack_live_account(live_records.LiveAccount("fraud", 1001, 1001))
    status = live_records.pack_status("confirmed", 999)
    found = live_records.pack_found(1001, records.pack_account(records.Account(0.9)))
    assert not live_records.outlives(old, built, now)
    assert live_records.outlives(old, 899, now)
    assert live_records.outlives(old, built, 1000)
    assert live_records.outlives(labelled, built, now)
    assert live_records.outlives(account, built, now)
    assert not live_records.outlives(status, built, now)
    assert live_records.outlives(found, built, now) and not live_records.outlives(found, 1001, now)
    assert live_records.outlives(live_records.pack_place(7), built, now), "what was told is known for ever"


def test_a_live_account_of_an_older_version_says_nothing_and_goes_with_the_next_build() -> None:
    old = b"A" + bytes(9) + b"\x01" + b"\xff" * 10
    assert live_records.unpack_live_account(old) == live_records.LiveAccount()
    assert not live_records.outlives(old, 0, 1)
