"""What all accounts on the identifiers of a ring are like, members or not."""

from __future__ import annotations

import numpy as np

from service.detection.reading.population import population_of
from service.detection.reading.snapshot import Accounts, Links, Snapshot, build
from service.detection.scoring.ring_features import RingFacts, describe
from tests.support.detection_evidence import weighed
from tests.support.kind_codes import DEVICE, PAYMENT

DAY = 86_400
START = 1_700_000_000
FIRM = 60
SILENT = 10  # the first of the firm: they left within a week


def facts_of_the_silent(firm: int) -> RingFacts:
    """200 accounts made a day apart, each with a device of its own, of which `firm` share a card; the first ten of them
    are the ring, and one in five of the others fell silent too."""
    node = np.arange(200)
    created = START + node * DAY
    silent = (node < SILENT) | (node % 5 == 0)
    last = created + np.where(silent, 0, 100 * DAY)
    account = np.concatenate([node, node[:firm]])
    identifier = 1_000 + np.concatenate([node, np.full(firm, 500)])
    kind = np.repeat([DEVICE, PAYMENT], [200, firm])
    links = Links(account, identifier, kind, created[account], last[account])
    none = Links(*[np.zeros(0, np.int64) for _ in range(5)])
    one, zero = np.ones(200, np.int64), np.zeros(200, np.int64)
    found: Snapshot = build(Accounts(node, created, last, one, zero), links, none, DAY)
    full, evidence = weighed(found)
    ring = np.where(full.account_node < SILENT, 0, -1)
    return describe(full, evidence, population_of(full), ring)[0]


def test_a_part_of_a_firm_is_told_by_all_who_use_its_card() -> None:
    """Grouping cuts those who left out of a firm on one card: seen alone, they look like throw-away accounts."""
    facts = facts_of_the_silent(FIRM)
    assert facts.short[0] > 0.5
    assert facts.tied_short[0] < 0.2
    assert facts.strong_users[0] == FIRM


def test_a_ring_with_a_card_of_its_own_is_told_by_its_members() -> None:
    facts = facts_of_the_silent(SILENT)
    assert facts.tied_short[0] == facts.short[0] > 0.5
    assert facts.strong_users[0] == SILENT


def test_what_nothing_ties_is_not_known() -> None:
    facts = facts_of_the_silent(0)
    assert np.isnan(facts.tied_short[0]) and np.isnan(facts.tied_without_home[0])
    assert facts.strong_users[0] == facts.place_users[0] == 0
