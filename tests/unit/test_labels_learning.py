"""What people say: what is learned from labels, whom it reaches, and what decisions on rings do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from service.detection.evidence import sigmoid
from service.detection.snapshot import DEVICE, IP, Accounts, Flags, Floats, Ints, Links, Snapshot, build
from service.detection.spread import Spread
from service.scoring import weights
from service.scoring.candidates import Candidates
from service.scoring.facts import MemberFacts, Pairs, RingFacts
from service.scoring.labels import Said, by_rings, seeds, take
from service.scoring.learning import Learned, fit, learn, learned_from
from service.scoring.nearness import Totals, shared, walked
from service.scoring.result import NEAR_CONFIRMED, NONE, RING_CONFIRMED, RING_DISMISSED, Found

DAY = 86_400
START = 1_700_000_000


def snapshot(created: list[int], links: list[tuple[int, int, int]]) -> Snapshot:
    """Accounts numbered from 0, born at these moments; links are (account, identifier, kind), seen first at birth."""
    node, born = np.arange(len(created)), np.array(created)
    columns = np.array(links).reshape(-1, 3).T
    none, one = np.zeros(len(born), np.int64), np.ones(len(born), np.int64)
    first = born[columns[0]]
    return build(
        Accounts(node, born, born, one, none),
        Links(columns[0], 1_000_000 + columns[1], columns[2], first, first),
        Links(*[np.zeros(0, np.int64) for _ in range(5)]),
        DAY,
    )


def said(label: Ints, decided: Ints | None = None) -> Said:
    nothing = np.zeros(len(label), np.int64)
    weight = np.abs(label).astype(float)
    fold = np.where(weight > 0, np.arange(len(label)) % weights.LABEL_FOLDS, -1)
    return Said(label, nothing if decided is None else decided, weight, fold)


def found(risk: Floats, ring: Ints, score: float = 0.95) -> Found:
    rings = int(ring.max(initial=-1)) + 1
    none: Any = np.zeros(len(risk))
    many: Any = np.zeros(rings)
    facts = RingFacts(*[many] * len(RingFacts.__dataclass_fields__))
    members = MemberFacts(ring, *[none] * (len(MemberFacts.__dataclass_fields__) - 1))
    judged = Candidates(facts, members, Pairs(*[many] * 5), np.full(rings, score), risk)
    zero = np.zeros(len(risk), np.int64)
    return Found(ring, judged, risk, risk, none, none, risk, zero, np.zeros(rings, np.int64))


def planted(rng: np.random.Generator, w: Floats, n: int = 4000) -> tuple[Floats, Flags, Floats]:
    """Features, classes and risks of n accounts, of which the risk alone does not know what the features add."""
    x = rng.exponential(1.0, (n, len(w)))
    z = rng.normal(-1.0, 1.5, n)
    return x, rng.random(n) < sigmoid(z + x @ w), sigmoid(z)


def test_the_planted_weights_are_found() -> None:
    w = np.array([1.5, 0.0, 0.7])
    x, fraud, risk = planted(np.random.default_rng(1), w)
    beta = fit(x, fraud.astype(float), np.ones(len(x)), np.log(risk / (1 - risk)))
    assert beta[0] == pytest.approx(0.0, abs=0.25)
    assert beta[1:] == pytest.approx(w, abs=0.2)


def test_a_feature_that_speaks_the_wrong_way_is_left_out() -> None:
    x, fraud, risk = planted(np.random.default_rng(2), np.array([1.0, -1.0]))
    beta = fit(x, fraud.astype(float), np.ones(len(x)), np.log(risk / (1 - risk)))
    assert beta[1] > 0.5 and beta[2] == 0.0


def test_rows_count_by_their_weight() -> None:
    x = np.array([[1.0], [1.0], [0.0]])
    y = np.array([1.0, 0.0, 0.0])
    twice = fit(np.repeat(x, [2, 1, 1], axis=0), np.repeat(y, [2, 1, 1]), np.ones(4), np.zeros(4))
    assert fit(x, y, np.array([2.0, 1.0, 1.0]), np.zeros(3)) == pytest.approx(twice)


def test_what_helps_is_told_from_what_does_not() -> None:
    rng = np.random.default_rng(3)
    x, fraud, risk = planted(rng, np.array([1.5, 1.5]))
    fold, ones, totals = np.arange(len(x)) % 4, np.ones(len(x)), Totals(10_000, (100.0, 100.0), 1.0)
    assert learn(x, fraud, ones, risk, fold, totals).helps
    assert not learn(rng.exponential(1.0, x.shape), fraud, ones, risk, fold, totals).helps


def test_what_was_learned_is_kept_as_json() -> None:
    learned = Learned((1.0, 0.0, 2.5, 0.1), 0.2, 0.3, Totals(10, (3.0, 4.5), 12.5))
    assert learned_from(json.loads(json.dumps(learned.kept()))) == learned
    assert learned_from(None) is None


def test_a_few_labels_on_a_device_speak_and_as_many_on_a_carriers_address_do_not() -> None:
    created = [START + account * 3600 for account in range(1000)]
    links = [(account, 0, IP) for account in range(1000)] + [(account, 1, DEVICE) for account in range(10)]
    labels = np.zeros(1000)
    labels[:3] = 1.0
    near = shared(snapshot(created, links), np.full(1000, -1), labels, 3 / 1000)
    assert near[9] == pytest.approx(np.log(4 / 1.03))
    assert near[10:].max() == 0.0


def test_labels_in_a_group_speak_of_the_rest_of_it() -> None:
    group = np.array([0, 0, 0, -1])
    alone = snapshot([START] * 4, [(account, account, DEVICE) for account in range(4)])
    near = shared(alone, group, np.array([1.0, 0.0, 0.0, 0.0]), 0.25)
    assert near[1] == near[2] > 0 and near[3] == 0.0


def test_walks_are_measured_against_chance() -> None:
    assert walked(np.array([0.0, 0.5]), 4.0, 2.0) == pytest.approx([0.0, np.log(2)])
    assert walked(np.array([0.5]), 4.0, 0.0).tolist() == [0.0]


def campaign(labelled: int) -> tuple[Snapshot, Said, Found]:
    """600 accounts, a day apart. Those of even number are fraud, on devices of 20; the odd ones share devices of 20
    too. The score can tell neither. `labelled` of each class have labels, the last 100 accounts are near nobody."""
    count = 600
    links = [(n, 2 * (n // 40) + n % 2 if n < 500 else 100 + n, DEVICE) for n in range(count)]
    label = np.zeros(count, np.int64)
    chosen = np.random.default_rng(4).permutation(250)[:labelled]
    label[2 * chosen], label[2 * chosen + 1] = 1, -1
    people = snapshot([START + DAY * n for n in range(count)], links)
    parts = replace(said(label), fold=np.where(label != 0, np.arange(count) // 2 % 4, -1))
    return people, parts, found(np.full(count, 0.3), np.full(count, -1))


def no_walks(people: Snapshot) -> Spread:
    return Spread(np.zeros((2 * weights.LABEL_FOLDS, people.accounts)), 1.0, 0)


def test_labels_tell_of_accounts_that_nobody_has_looked_at_and_of_no_others() -> None:
    people, words, before = campaign(60)
    after = take(before, words, people, np.full(people.accounts, -1), no_walks(people))
    assert after.learned is not None and after.learned.helps
    unsaid, near = words.label == 0, np.arange(people.accounts) < 500
    even = np.arange(people.accounts) % 2 == 0
    assert after.risk[unsaid & near & even].mean() > 0.6 > 0.3 > after.risk[unsaid & near & ~even].mean()
    assert after.risk[~near].tolist() == before.risk[~near].tolist() and not after.cause[~near].any()
    assert set(after.cause[unsaid & near & even & (after.risk > 0.31)].tolist()) == {NEAR_CONFIRMED}
    assert after.risk[~unsaid].tolist() == before.risk[~unsaid].tolist()


def test_what_is_said_of_an_account_does_not_tell_of_itself() -> None:
    """Each on a device of its own: the label is all that is known, and nothing can be learned from it."""
    count = 400
    people = snapshot([START + DAY * n for n in range(count)], [(n, n, DEVICE) for n in range(count)])
    words = said(np.where(np.arange(count) % 2, 1, -1))
    after = take(found(np.full(count, 0.3), np.full(count, -1)), words, people, np.full(count, -1), no_walks(people))
    assert after.learned is not None and not after.learned.helps
    assert after.learned.loss == pytest.approx(after.learned.loss_without)


def test_what_a_run_learned_is_used_on_a_part_of_the_graph() -> None:
    people, words, before = campaign(60)
    nobody = np.full(people.accounts, -1)
    full = take(before, words, people, nobody, no_walks(people))
    part = take(before, words, people, nobody, no_walks(people), full.learned)
    assert part.learned == full.learned
    assert part.risk == pytest.approx(full.risk)


def test_few_labels_are_not_learned_from() -> None:
    fifty = np.repeat([1, -1, 0], [50, 50, 100])
    assert said(fifty).enough
    assert not said(np.repeat([1, -1, 0], [50, 49, 101])).enough
    assert not replace(said(fifty), fold=np.where(fifty != 0, 0, -1)).enough, "all on days of one part"


def test_walks_start_at_labels_of_each_class_in_parts() -> None:
    words = said(np.array([1, -1, 0, 0, 1, 0]))
    rows = seeds(words)
    assert rows.shape == (2 * weights.LABEL_FOLDS, 6)
    assert rows.reshape(2, weights.LABEL_FOLDS, 6).sum(axis=1).tolist() == words.classes.tolist()


def test_a_ring_that_people_dismissed_is_not_flagged_again() -> None:
    risk, ring = np.array([0.9, 0.9, 0.9, 0.9, 0.9]), np.array([0, 0, 0, 0, 1])
    words = said(np.zeros(5, np.int64), np.array([-1, -1, 0, 0, 0]))
    after = by_rings(found(risk, ring), words, np.ones(5, bool))
    assert after.risk.tolist() == [0.0, 0.0, 0.0, 0.0, 0.9], "two who came later are still the same story"
    assert after.verdict.tolist() == [-1, 0]
    assert after.cause.tolist() == [RING_DISMISSED] * 4 + [NONE]


def test_a_dismissed_ring_that_has_outgrown_what_people_saw_speaks_again_of_those_who_came() -> None:
    risk, ring = np.full(5, 0.9), np.zeros(5, np.int64)
    words = said(np.zeros(5, np.int64), np.array([-1, -1, 0, 0, 0]))
    after = by_rings(found(risk, ring), words, np.ones(5, bool))
    assert after.risk.tolist() == [0.0, 0.0, 0.9, 0.9, 0.9]
    assert after.verdict.tolist() == [0]


def test_members_of_a_confirmed_ring_are_surer_and_weak_ones_stay_behind() -> None:
    risk, ring = np.array([0.6, 0.3, 0.6, 0.6]), np.zeros(4, np.int64)
    words = said(np.array([0, 0, 0, -1]), np.array([1, 1, 0, 1]))
    after = by_rings(found(risk, ring, score=0.6), words, np.ones(4, bool))
    assert after.risk[0] == pytest.approx(weights.CONFIRMED)
    assert 0.3 < after.risk[1] < weights.CONFIRMED
    assert after.risk[2] == pytest.approx(weights.CONFIRMED), "who joined later is in the confirmed ring too"
    assert after.risk[3] == 0.6, "an account's own label outranks what people say of its ring"
    assert after.cause.tolist() == [RING_CONFIRMED] * 3 + [NONE]


def test_in_a_part_of_the_graph_only_those_who_were_in_the_ring_say_which_it_is() -> None:
    risk, ring = np.full(4, 0.9), np.zeros(4, np.int64)
    words = said(np.zeros(4, np.int64), np.array([-1, 0, 0, 0]))
    after = by_rings(found(risk, ring), words, np.array([True, False, False, False]))
    assert after.risk.tolist() == [0.0] * 4
