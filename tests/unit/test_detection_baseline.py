"""The baseline that a run keeps for the passes between runs: what comes back, also of a run of an older version."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields, replace

import numpy as np
import pytest

from service.detection.reading.baseline import Baseline
from service.detection.reading.population import baseline_of, population_of, within
from service.detection.reading.snapshot import Accounts, Links, Snapshot, build
from service.detection.scoring.tying import mean_exits
from tests.support.kind_codes import IP, PAYMENT

NONE = Links(*[np.zeros(0, np.int64) for _ in range(5)])


def of_exits() -> Snapshot:
    """200 people, two to an address and a card, and 40 accounts that come from four exits each and have no home."""
    node = np.arange(240)
    born = node * 3_600
    links = [(n, 1_000 + n // 2, IP) for n in range(200)] + [(n, 2_000 + n // 2, PAYMENT) for n in range(200)]
    links += [(n, 3_000 + (n + turn) % 4, IP) for n in range(200, 240) for turn in range(4)]
    account, identifier, kind = np.array(links).T
    return build(
        Accounts(node, born, born, node * 0 + 1, node * 0),
        Links(account, identifier, kind, born[account], born[account]), NONE, 86_400,
    )  # fmt: skip


def test_what_is_packed_comes_back() -> None:
    snapshot = of_exits()
    baseline = baseline_of(population_of(snapshot), snapshot)
    again = Baseline.unpack(baseline.pack())
    for field in fields(Baseline):
        one, other = getattr(baseline, field.name), getattr(again, field.name)
        assert json.dumps(one, default=np.ndarray.tolist) == json.dumps(other, default=np.ndarray.tolist), field.name
    assert again.exits.tolist() == [200, 0, 0, 0, 40]


def test_a_pass_over_a_part_without_addresses_knows_that_the_data_tells_them() -> None:
    """Else a newcomer whose address is not known yet would be judged by the tables for data without any."""
    snapshot = of_exits()
    assert population_of(snapshot).addresses_told
    baseline = baseline_of(population_of(snapshot), snapshot)
    cards = Links(np.array([900, 901]), np.array([9_000, 9_000]), np.full(2, PAYMENT), np.full(2, 9), np.full(2, 9))
    two = Accounts(np.array([900, 901]), np.full(2, 9), np.full(2, 9), np.ones(2, np.int64), np.zeros(2, np.int64))
    part = build(two, cards, NONE, 86_400)
    assert not population_of(part).addresses_told
    assert within(baseline, part).addresses_told


@pytest.mark.parametrize("known", [39, 41])
def test_a_pass_judges_by_the_tables_of_the_run_though_newcomers_tell_more_or_fewer_addresses(known: int) -> None:
    """Else a ring of the run has its score by the one pair of tables and its newcomers theirs by the other."""
    told = known > 40
    whole = some_with_addresses(100, known, 0)
    assert population_of(whole).addresses_told is told
    baseline = baseline_of(population_of(whole), whole)
    newcomers = some_with_addresses(60, 0 if told else 60, 200)
    assert within(baseline, newcomers).addresses_told is told


def some_with_addresses(accounts: int, known: int, since: int) -> Snapshot:
    """Accounts a second apart with a card each, the first of them with an address too."""
    node = since + np.arange(accounts)
    account = np.concatenate([node, node[:known]])
    kind = np.repeat([PAYMENT, IP], [accounts, known])
    one = np.ones(accounts, np.int64)
    return build(
        Accounts(node, node, node, one, 0 * one), Links(account, 1_000 * (1 + kind) + account, kind, account, account),
        NONE, 86_400,
    )  # fmt: skip


def test_the_first_accounts_without_a_home_are_rare() -> None:
    """A pass that saw them where the run had seen none did not know what to say; a run of all would."""
    snapshot = of_exits()
    ring = np.where(snapshot.account_node >= 200, 0, -1)
    nobody = replace(population_of(snapshot), exits_usual=np.array([200]))
    assert mean_exits(nobody, ring, np.array([40]))[0] == pytest.approx(np.log10(161))
    assert np.isnan(mean_exits(nobody, np.where(ring < 0, 0, -1), np.array([200]))).all()


def test_what_a_run_of_before_did_not_count_is_not_known() -> None:
    snapshot = of_exits()
    head, _, body = zlib.decompress(baseline_of(population_of(snapshot), snapshot).pack()).partition(b"\n")
    older = json.loads(head)
    del older["exits"]
    usual = within(Baseline.unpack(zlib.compress(json.dumps(older).encode() + b"\n" + body)), snapshot)
    ring = np.where(snapshot.account_node >= 200, 0, -1)
    assert np.isnan(mean_exits(usual, ring, np.array([40]))).all()
    assert mean_exits(population_of(snapshot), ring, np.array([40]))[0] > 2.0
