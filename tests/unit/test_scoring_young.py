"""Young rings: what is one hand's work within minutes, and what is not."""

from __future__ import annotations

import numpy as np
import pytest

from service.detection.reading.snapshot import Accounts, Links, build
from service.detection.scoring.new_rings import fresh

DAY_S = 86_400
NOW = 100 * DAY_S
CARD, DEVICE, ADDRESS = range(3)


def score(uses: dict[int, list[int]], gap_s: int = 120, age_s: int = 0, others: int = 0) -> float:
    """Five accounts in one ring; `uses` gives the identifier of each by kind. `others` more accounts, in no ring, are
    on all identifiers of the first."""
    n = 5 + others
    created = NOW - age_s - gap_s * np.arange(n)
    links = [(a, 100 * (kind + 1) + i, kind) for kind, of in uses.items() for a, i in enumerate(of)]
    links += [(a, 100 * (kind + 1) + of[0], kind) for kind, of in uses.items() for a in range(5, n)]
    account, identifier, kind = np.array(links).T
    seen = created[account]
    last = np.append(created[:-1], NOW) if age_s else created
    accounts = Accounts(np.arange(n), created, last, np.ones(n, np.int64), np.zeros(n, np.int64))
    none = np.zeros(0, np.int64)
    snapshot = build(accounts, Links(account, identifier, kind, seen, seen), Links(*[none] * 5), DAY_S)
    ring = np.where(np.arange(n) < 5, 0, -1)
    rows = np.flatnonzero(ring[snapshot.account] >= 0)
    shared = np.bincount(snapshot.identifier[rows], minlength=snapshot.identifiers)
    own = (shared >= 3) & (shared >= 0.9 * snapshot.k)
    return float(fresh(snapshot, ring, rows, own[snapshot.identifier[rows]])[0])


ONE, EACH = [0] * 5, [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("uses", "phi"),
    [
        ({DEVICE: ONE, CARD: ONE, ADDRESS: ONE}, 1.0),
        ({DEVICE: ONE, CARD: ONE, ADDRESS: EACH}, 0.7),
        ({DEVICE: ONE, CARD: EACH, ADDRESS: ONE}, 0.3),
        ({DEVICE: ONE, ADDRESS: EACH}, 0.0),
        ({DEVICE: EACH, CARD: ONE, ADDRESS: ONE}, 0.0),
    ],
    ids=["one hand", "through proxies", "a stand", "a tablet", "a training"],
)
def test_five_accounts_of_ten_minutes(uses: dict[int, list[int]], phi: float) -> None:
    assert score(uses) == pytest.approx(phi)


def test_a_family_is_not_hasty() -> None:
    assert score({DEVICE: ONE, CARD: ONE, ADDRESS: ONE}, gap_s=3600) == 0.0


def test_what_others_use_too_says_nothing() -> None:
    assert score({DEVICE: ONE, CARD: ONE}, others=5) == 0.0


def test_an_older_ring_is_judged_by_its_addresses() -> None:
    assert score({DEVICE: ONE, CARD: ONE}, age_s=8 * DAY_S) == 0.0
