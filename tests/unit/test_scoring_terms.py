"""The terms of the model, and how they become scores, members and reasons."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import fields

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.detection.publishing.reasons import LEAST_POINTS, points_of, ring_reasons
from service.detection.scoring import terms
from service.detection.scoring.candidates import compact, finalise_rings, ring_scores
from service.detection.scoring.excess import shrunk
from service.detection.scoring.model import model
from service.detection.scoring.ring_features import RingFacts
from service.detection.scoring.term_facts import ring_facts, ring_measures
from service.detection.scoring.velocity import rarity
from service.model.decision import told_points

NAN = float("nan")
TABLES = model().with_addresses
RING = {
    "size": 200, "covered": 0.7, "nats": 3.0, "born_from": 0, "born_to": 600_000,
    "unanchored": 0.9, "without_home": 0.9, "short": 0.5,
    "birth_share": 0.3, "in_step": 0.9, "acting": 0.8, "chance": 0.15, "gap_s": 60.0, "arrivals": 2.0, "rarity": 3.0,
    "crowding": 4.0, "exits": 2.0, "exclusive": 1.0, "lacking": 1.0, "tied_unanchored": 0.8,
    "tied_short": 0.5, "tied_without_home": 0.8, "strong_users": 60.0, "place_users": 100.0,
}  # fmt: skip
HONEST = {
    "covered": 0.1, "nats": 0.0, "unanchored": -0.3,
    "without_home": -0.3, "short": -0.3, "birth_share": -0.3, "in_step": 0.0,
    "acting": 0.05, "gap_s": 1e6, "arrivals": 0.0, "rarity": 0.5, "crowding": 0.5, "exits": 0.0,
    "exclusive": 0.2, "lacking": 0.0, "tied_unanchored": -0.3, "tied_short": -0.3, "tied_without_home": -0.3,
}  # fmt: skip


def facts(**changes: float) -> RingFacts:
    """One ring of 200 accounts with every trait of a campaign, but for the changes."""
    return RingFacts(**{name: np.array([value]) for name, value in (RING | changes).items()})


def score(**changes: float) -> float:
    return float(ring_scores(facts(**changes), TABLES)[0])


def test_a_campaign_scores_high_and_people_who_share_little_do_not() -> None:
    assert score() > 0.9
    assert score(**HONEST) < 0.1


@pytest.mark.parametrize("addresses", [True, False])
@pytest.mark.parametrize("table", ["rings", "accounts"])
def test_every_learned_term_is_known_monotone_and_worth_more_than_its_error(table: str, addresses: bool) -> None:
    known = {"rings": terms.RINGS, "accounts": terms.ACCOUNTS}[table]
    for code, curve in getattr(model().tables(addresses), table).terms.items():
        assert code in known
        assert (np.diff(curve.values) >= 0).all(), code
        assert (np.diff(curve.knots) > 0).all(), code
        assert np.ptp(curve.values) > curve.error > 0, code


def test_all_that_is_computed_is_learned() -> None:
    both = model().with_addresses, model().without_addresses
    assert {code for tables in both for code in tables.rings.terms} == set(terms.RINGS)
    assert {code for tables in both for code in tables.accounts.terms} == set(terms.ACCOUNTS)


@pytest.mark.parametrize("name", ["covered", "nats", "unanchored", "without_home", "short", "in_step", "acting"])
def test_more_of_what_is_suspicious_never_scores_less(name: str) -> None:
    low, high = (score(**{name: value}) for value in (0.1, 0.9))
    assert high >= low


def test_what_can_not_be_judged_counts_as_was_learned() -> None:
    parts = TABLES.rings.parts(ring_facts(facts(acting=NAN)))
    learned = TABLES.rings.terms["acting_in_step"]
    assert parts["acting_in_step"][0] == pytest.approx(learned.unknown - learned.usual)


@st.composite
def any_facts(draw: st.DrawFn) -> RingFacts:
    """Rings of anything that can be measured, or not be known."""

    def number(low: float, high: float) -> float:
        return draw(st.one_of(st.floats(low, high), st.just(NAN)))

    shares = ("covered", "in_step", "acting", "exclusive", "lacking")
    return facts(
        size=draw(st.integers(2, 60_000)), gap_s=number(0, 1e7),
        **{name: number(0, 1) for name in shares},
        **{name: number(0, 12) for name in ("nats", "arrivals", "rarity", "crowding", "exits")},
        **{name: number(-1, 1) for name in ("tied_unanchored", "tied_short", "tied_without_home")},
        **{name: draw(st.floats(0, 60_000)) for name in ("strong_users", "place_users")},
        **{
            name: number(-1, 1)
            for name in ("unanchored", "without_home", "short", "birth_share")
        },
    )  # fmt: skip


CLAIMS: tuple[tuple[str, Callable[[float, float], bool]], ...] = (
    ("More of", lambda value, usual: value > usual),
    (", more than usual", lambda value, usual: value > usual),
    (", no more than usual", lambda value, usual: value <= usual),
    ("No more of", lambda value, usual: value <= usual),
    ("They share most", lambda value, usual: value > 0.5),
    ("accounts share most", lambda value, usual: value > 0.5),
    ("accounts share less than half", lambda value, usual: value <= 0.5),
    ("They share less than half", lambda value, usual: value <= 0.5),
    ("closer together", lambda value, usual: value > 0.7),
    ("about as far apart", lambda value, usual: value <= 0.7),
    ("at times of their own", lambda value, usual: value <= 0.7),
    ("in quick succession", lambda value, usual: value <= 3_600),
    ("with no more accounts than many", lambda value, usual: value <= 1),
    ("more accounts than most", lambda value, usual: value > 1),
    ("Few cards", lambda value, usual: value > 1),
    ("They use many addresses", lambda value, usual: value > 1),
    ("They use no more addresses", lambda value, usual: value <= 1),
    ("Many cards", lambda value, usual: value <= 1),
    ("Most accounts on what they share", lambda value, usual: value > 0.5),
    ("Others use what they share", lambda value, usual: value <= 0.5),
    ("most of the accounts turned up", lambda value, usual: value > 0.5),
    ("few or some of the accounts turned up", lambda value, usual: value <= 0.5),
    ("go on to turn up together", lambda value, usual: value > usual),
    ("not both made in bursts", lambda value, usual: value <= usual),
    ("have none of their own", lambda value, usual: value > 0.5),
    ("at least half have one of their own", lambda value, usual: value <= 0.5),
    ("accounts: more than in a household", lambda value, usual: value > 5),
    ("accounts: no more than in a household", lambda value, usual: value <= 5),
)
"""Words of the sentences, and what has to be true of the measured value for them to be."""


@given(any_facts())
def test_no_sentence_of_a_ring_says_the_opposite_of_what_was_measured(found: RingFacts) -> None:
    measures = ring_measures(found)
    for reason in ring_reasons(TABLES.rings, found, ring_scores(found, TABLES))[0]:
        if reason.code == "start":
            continue
        value = float(measures[reason.code][0])
        usual = terms.RINGS[reason.code].middle
        if np.isnan(value):
            assert reason.text.startswith("Not known") and not reason.evidence
            continue
        claims = [holds for words, holds in CLAIMS if words in reason.text]
        if "suspicious here than on average" in reason.text:
            assert ("more suspicious" if reason.points > 0 else "less suspicious") in reason.text
            assert not claims, reason.text
            continue
        suspicious = (value > usual) != terms.RINGS[reason.code].falls
        assert suspicious == (reason.points > 0), (reason.text, reason.points)
        assert claims or reason.code == "haste", reason.text
        assert all(holds(value, usual) for holds in claims), (reason.text, value)
        for told in re.findall(r"(\d+)%", reason.text):
            assert abs(int(told) - 100 * value) <= 0.5 + 1e-9


@pytest.mark.parametrize(
    ("code", "value", "points", "sentence"),
    [
        (
            "short_life",
            0.1,
            -3.0,
            "Whether they fell silent within a week of signing up: less suspicious here than on average.",
        ),
        (
            "coverage",
            0.48,
            2.0,
            "How much of what they use they share with each other (48%): more suspicious here than on average.",
        ),
        (
            "haste",
            7200.0,
            1.0,
            "How much time passed between one creation and the next (2 hours): more suspicious here than on average.",
        ),
        (
            "rarity",
            1.1,
            -1.0,
            "How many accounts they share cards or devices with (1 in 13): less suspicious here than on average.",
        ),
    ],
)
def test_a_sentence_sounds_as_its_points(code: str, value: float, points: float, sentence: str) -> None:
    """More than usual fell silent at -3 points: the mean of the term is not where its sentence turns."""
    term = terms.RINGS[code]
    assert term.sentence(value, points) == sentence
    assert term.sentence(value, -points) == term.sentence(value) != sentence


@pytest.mark.parametrize("term", terms.ACCOUNTS.values(), ids=terms.ACCOUNTS)
def test_so_do_those_of_accounts(term: terms.Term) -> None:
    for value, points in ((term.middle + 0.6, -1.0), (term.middle, 1.0)):
        sentence = term.sentence(value, points)
        assert ("on average" in sentence) == (term.above != term.below)
        assert term.sentence(value, -points) == term.sentence(value)


@given(any_facts())
def test_points_of_a_ring_add_up_to_its_score(found: RingFacts) -> None:
    given_score = ring_scores(found, TABLES)
    reasons = ring_reasons(TABLES.rings, found, given_score)[0]
    assert sum(reason.points for reason in reasons) == pytest.approx(told_points(100 * float(given_score[0])), abs=1e-6)
    assert all(reason.points == told_points(reason.points) for reason in reasons)
    assert [reason.points for reason in reasons] == sorted((reason.points for reason in reasons), reverse=True)


@given(any_facts())
def test_no_measured_value_is_told_twice(found: RingFacts) -> None:
    """The share of what they share stood in two reasons, one for so many accounts."""
    reasons = ring_reasons(TABLES.rings, found, ring_scores(found, TABLES))[0]
    assert "coverage_of_many" not in [reason.code for reason in reasons]
    points, _ = points_of(TABLES.rings, ring_facts(found))
    both = float(points["coverage"][0] + points["coverage_of_many"][0])
    told = [reason.points for reason in reasons if reason.code == "coverage"]
    assert told == pytest.approx([both] if abs(both) >= LEAST_POINTS else [], abs=0.11)


@given(any_facts())
def test_points_have_the_sign_of_what_a_term_adds(found: RingFacts) -> None:
    by_term = ring_facts(found)
    parts, (points, _) = TABLES.rings.parts(by_term), points_of(TABLES.rings, by_term)
    assert all(np.sign(points[code]) == np.sign(part) for code, part in parts.items())


@pytest.mark.parametrize("code", list(terms.ACCOUNTS))
def test_sentences_of_accounts_have_two_sides_and_one_for_what_is_not_known(code: str) -> None:
    term = terms.ACCOUNTS[code]
    above, below = term.sentence(term.middle + 0.6), term.sentence(term.middle)
    assert above.endswith(".") and below.endswith(".")
    assert above != below or code == "ring"
    assert term.sentence(NAN).startswith("Not known")


@pytest.mark.parametrize("table", [terms.RINGS, terms.ACCOUNTS])
def test_what_is_not_known_is_told_in_plain_words_and_never_twice_the_same(table: dict[str, terms.Term]) -> None:
    told = [term.sentence(NAN) for term in table.values()]
    assert len(set(told)) == len(table)
    for term, sentence in zip(table.values(), told, strict=True):
        assert re.fullmatch(r"Not known here: (whether|how|the) [^{}_]+ [^{}_]+\.", sentence), sentence
        assert not sentence.endswith(f": {term.measure}.")


def test_a_ring_that_its_members_lift_says_so() -> None:
    reasons = ring_reasons(TABLES.rings, facts(**HONEST), np.array([0.8]))[0]
    assert reasons[0].code == "members"
    # Of no larger groups: most such rings are part of none.
    assert reasons[0].text == "Its accounts are surer to be fake, on average, than what is known of it as a group says."
    assert sum(reason.points for reason in reasons) == pytest.approx(80, abs=1e-6)


def test_all_facts_of_a_ring_are_covered_here() -> None:
    assert set(RING) == {field.name for field in fields(RingFacts)}


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


def test_what_none_of_all_has_is_rarer_than_what_one_has() -> None:
    """An incremental pass compares with accounts of the run, of which nobody may have added as many."""
    assert rarity(np.array([5, 6, 90]), np.bincount([1, 1, 1, 5])).tolist() == [0.25, 0.2, 0.2]


@pytest.mark.parametrize("value", [0.4, 0.5, 0.6])
def test_what_is_said_of_those_with_cards_is_not_said_of_all(value: float) -> None:
    """Of ten, five have cards and three of these one of their own: not most of the ten."""
    said = terms.RINGS["none_of_their_own"].sentence(value)
    assert "those with cards or devices" in said and ("Most" in said) == (value > 0.5)
