"""Signals and how they become scores, members and reasons."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from service.detection import parameters
from service.detection.publishing.reasons import ring_reasons, sentence
from service.detection.reading.population import Population
from service.detection.scoring import membership, ring_signals
from service.detection.scoring.candidates import compact, finalise_rings
from service.detection.scoring.ring_features import MemberFacts, RingFacts, shrunk
from service.detection.scoring.velocity import rarity


def facts(**changes: float) -> RingFacts:
    """One ring of 200 accounts that shares nearly all it uses, was born in a week, and acts in step."""
    values = {
        "size": 200, "covered": 0.7, "nats": 3.0, "born_from": 0, "born_to": 600_000, "reuse": 3.0, "kinds": 3.0,
        "unanchored": 0.9, "unaddressed": 0.9, "short": 0.0, "birth_share": 0.0, "in_step": 0.9, "acting": 0.8,
        "chance": 0.15, "fresh": 0.0,
    } | changes  # fmt: skip
    return RingFacts(**{name: np.array([value]) for name, value in values.items()})


HONEST = {"unanchored": 0.0, "unaddressed": 0.0, "in_step": 0.0, "acting": 0.05}


def score(**changes: float) -> float:
    return float(ring_signals.score(facts(**changes))[0])


def usual(accounts: int, anchored: bool = False, addressed: bool = False) -> Population:
    yes = np.ones(accounts, bool)
    return Population(
        anchored=yes & anchored, addressed=yes & addressed, online=yes, no_residential_ip=~yes,
        mature=yes, short=~yes, settled=yes,
        births=np.arange(accounts), moves=np.arange(accounts),
        arrivals=np.arange(accounts), unaddressed_share=0.3, unanchored_share=0.5,
        short_share=0.3, birth_share=0.5, added=[], added_usual=[],
    )  # fmt: skip


TYPICAL = 50  # members that are all alike, after the one that is looked at


def members(covered: float = 0.7, strength: float = 1.0, acting: bool = True) -> MemberFacts:
    """A ring of typical members, the first of which is as said."""
    rest = np.ones(TYPICAL)
    return MemberFacts(
        np.zeros(TYPICAL + 1, np.int64),
        np.append(covered, 0.7 * rest),
        np.append(strength, rest),
        np.full(TYPICAL + 1, 8),
        np.append(8 if acting else 0, 8 * rest).astype(np.int64),
    )


def member(who: MemberFacts, anchored: bool = False, addressed: bool = False) -> float:
    ring, population = facts(), usual(TYPICAL + 1)
    population.anchored[0], population.addressed[0] = anchored, addressed
    return float(membership.membership(ring_signals.score(ring), ring, who, population)[0])


def test_a_campaign_scores_critical_and_an_office_that_shares_as_much_does_not() -> None:
    assert score() > 0.99
    assert score(**HONEST) < 0.5


def test_a_carrier_scores_low() -> None:
    assert score(size=5000, covered=0.4, nats=0.0, reuse=3.5, kinds=1.0, **HONEST) < 0.05


@pytest.mark.parametrize("code", list(ring_signals.SIGNALS))
def test_every_signal_has_a_weight_a_sentence_and_evidence(code: str) -> None:
    assert code in parameters.RING_WEIGHTS
    assert sentence(ring_signals.SIGNALS[code]).endswith(".")


def test_no_weight_is_without_a_signal() -> None:
    assert set(parameters.RING_WEIGHTS) == set(ring_signals.SIGNALS)


@pytest.mark.parametrize(
    "name", ["covered", "nats", "reuse", "kinds", "unanchored", "unaddressed", "in_step", "acting"]
)
def test_more_of_what_is_suspicious_never_scores_less(name: str) -> None:
    low, high = (score(**{name: value}) for value in (0.1, 0.9))
    assert high >= low


def test_what_can_not_be_judged_says_nothing() -> None:
    unknown = ring_signals.contributions(facts(acting=float("nan")))["acting_in_step"]
    assert unknown.tolist() == [0.0]


def test_the_smallest_rings_are_never_critical_for_certain() -> None:
    assert score(size=4, reuse=9.0) <= parameters.SMALL_RING_MOST


def test_points_of_a_ring_add_up_to_its_score() -> None:
    ring = facts()
    reasons = ring_reasons(ring, ring_signals.score(ring))[0]
    assert sum(reason.points for reason in reasons) == pytest.approx(100 * score(), abs=1.5)
    assert [reason.points for reason in reasons] == sorted((reason.points for reason in reasons), reverse=True)


def test_who_shares_the_rings_exits_but_has_an_address_and_is_out_of_step_is_no_member() -> None:
    """The owner of a home whose line a campaign rented."""
    assert member(members()) > 0.99
    assert member(members(covered=0.2, strength=0.2, acting=False), anchored=True, addressed=True) < 0.01


def test_a_weak_tie_is_made_up_for_by_acting_with_the_ring_and_not_by_silence() -> None:
    assert member(members(strength=0.6)) > 0.9
    assert member(members(strength=0.6, acting=False)) < 0.5


def test_no_member_is_surer_than_its_ring() -> None:
    ring = facts(**HONEST)
    sure = membership.membership(ring_signals.score(ring), ring, members(covered=1.0), usual(TYPICAL + 1))
    assert sure.max() <= ring_signals.score(ring)[0]


def test_a_share_of_few_is_drawn_to_what_is_usual() -> None:
    assert shrunk(np.array([2.0, 200.0]), np.array([4, 400]), 0.1) == pytest.approx([0.3, 0.496], abs=0.001)


def test_cards_and_devices_join_the_pieces_of_a_campaign_and_cut_off_another() -> None:
    ring = np.array([0, 0, 0, 1, 1, 1, 1, 1, 1, 1])  # grouping: two pieces, the second mixed
    tied = np.array([0, 0, 0, 0, 0, -1, -1, -1, -1, -1])  # one operator's devices reach into the second
    settled = finalise_rings(ring, tied)
    assert len(set(settled[:5].tolist())) == 1
    assert len(set(settled[5:].tolist())) == 1
    assert settled[0] != settled[5]


def test_a_household_in_a_ring_does_not_take_it_over() -> None:
    ring = np.zeros(10, np.int64)
    assert finalise_rings(ring, np.array([0, 0, *[-1] * 8])).tolist() == ring.tolist()


def test_small_rings_are_left_out() -> None:
    assert compact(np.array([0, 0, 1, 1, 1, -1]), 3).tolist() == [-1, -1, 0, 0, 0, -1]


def test_rarity_counts_ties_and_none_is_rarer_than_one_in_all() -> None:
    assert rarity(np.array([1, 1, 1, 5]), np.bincount([1, 1, 1, 5])).tolist() == [1.0, 1.0, 1.0, 0.25]


def test_independent_reasons_add_without_passing_one() -> None:
    fused = membership.fuse(np.array([0.9, 0.0]), np.array([0.4, 0.4]))
    assert fused == pytest.approx([0.94, 0.4])


def test_a_ring_of_nobody_has_no_score() -> None:
    none = replace(members(), ring=np.full(TYPICAL + 1, -1))
    assert not membership.membership(np.zeros(0), facts(), none, usual(TYPICAL + 1)).any()
