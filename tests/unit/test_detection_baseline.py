"""The baseline that a run keeps for the passes between runs: what comes back, also of a run of an older version."""

from __future__ import annotations

import json
import zlib
from dataclasses import fields

import numpy as np

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


def test_what_a_run_of_before_did_not_count_is_not_known() -> None:
    snapshot = of_exits()
    head, _, body = zlib.decompress(baseline_of(population_of(snapshot), snapshot).pack()).partition(b"\n")
    older = json.loads(head)
    del older["exits"]
    usual = within(Baseline.unpack(zlib.compress(json.dumps(older).encode() + b"\n" + body)), snapshot)
    ring = np.where(snapshot.account_node >= 200, 0, -1)
    assert np.isnan(mean_exits(usual, ring, np.array([40]))).all()
    assert mean_exits(population_of(snapshot), ring, np.array([40]))[0] > 2.0
