"""What people say: what is learned from labels, whom it reaches, and what decisions on rings do."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from service.detection import parameters
from service.detection.evidence.signup_windows import sigmoid
from service.detection.grouping.label_walks import LabelWalks
from service.detection.reading.snapshot import Accounts, Floats, Ints, Links, Snapshot, build
from service.detection.scoring.analyst_labels import AnalystLabels, apply_label_model, apply_ring_decisions, seeds
from service.detection.scoring.candidates import Candidates
from service.detection.scoring.label_model import Learned, Table, fit, learn, learned_from, tabulate
from service.detection.scoring.label_proximity import Totals, beyond_chance, grouped, shared, walked
from service.detection.scoring.membership import AccountFacts
from service.detection.scoring.model import model
from service.detection.scoring.result import NEAR_CONFIRMED, NONE, RING_CONFIRMED, RING_DISMISSED, ScoringResult
from service.detection.scoring.ring_features import MemberFacts, RingFacts
from service.detection.scoring.tying import Pairs
from tests.support.kind_codes import DEVICE, IP

DAY = 86_400
FRAUD = np.arange(3000) % 10 == 0  # of the 3,000 accounts of `campaign`
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


def labelled_as(label: Ints, decided: Ints | None = None) -> AnalystLabels:
    nothing = np.zeros(len(label), np.int64)
    weight = np.abs(label).astype(float)
    return AnalystLabels(
        label, nothing if decided is None else decided, weight, np.arange(len(label)) % parameters.LABEL_FOLDS
    )


def found(risk: Floats, ring: Ints, score: float = 0.95) -> ScoringResult:
    rings = int(ring.max(initial=-1)) + 1
    none: Any = np.zeros(len(risk))
    many: Any = np.zeros(rings)
    facts = RingFacts(*[many] * len(RingFacts.__dataclass_fields__))
    members = MemberFacts(ring, *[none] * (len(MemberFacts.__dataclass_fields__) - 1))
    judged = Candidates(facts, members, Pairs(*[many] * 5), np.full(rings, score), risk, {})
    zero = np.zeros(len(risk), np.int64)
    verdict = np.zeros(rings, np.int64)
    tables = model().with_addresses
    return ScoringResult(ring, judged, AccountFacts({}), risk, risk, none, risk, {}, zero, verdict, tables)


def planted(seed: int, w: list[float], accounts: int = 12_000, labelled: float = 0.1) -> tuple[Floats, Floats, Floats]:
    """Features, risks and labels of accounts whose risk alone does not know what features add; people have labelled a
    tenth of the fakes, whichever they are, and as many of the honest."""
    rng = np.random.default_rng(seed)
    x = np.minimum(rng.exponential(1.0, (accounts, len(w))), 5.0)
    z = rng.normal(-4.0, 1.0, accounts)
    fake = rng.random(accounts) < sigmoid(z + x @ np.array(w))
    told = rng.random(accounts) < labelled
    honest = ~fake & (rng.random(accounts) < labelled * fake.mean())
    return x, sigmoid(z), np.stack([fake & told, honest]).astype(float)


def table(x: Floats, risk: Floats, labels: Floats) -> Table:
    return tabulate(x, risk, labels, np.arange(len(x)) % parameters.LABEL_FOLDS)


TOTALS = Totals(20_000, (100.0, 100.0), (100, 100), 1.0)


def test_the_planted_weights_are_found_though_most_fakes_have_no_label() -> None:
    beta, rate = fit(table(*planted(1, [1.5, 0.0, 0.7])))
    assert beta[1:] == pytest.approx([1.5, 0.0, 0.7], abs=0.25)
    assert 0.05 < rate < 0.25


def test_a_feature_that_speaks_the_wrong_way_is_left_out() -> None:
    beta, _ = fit(table(*planted(2, [1.5, -1.0])))
    assert beta[1] > 0.5 and beta[2] == 0.0


def test_labels_count_by_their_weight() -> None:
    x, risk, labels = planted(3, [1.5])
    half, _ = fit(table(np.repeat(x, 2, axis=0), np.repeat(risk, 2), np.repeat(labels, 2, axis=1) / 2))
    ones, _ = fit(table(x, risk, labels))
    assert half == pytest.approx(ones, abs=0.2)


def test_what_helps_is_told_from_what_does_not() -> None:
    x, risk, labels = planted(4, [1.5, 1.5])
    assert learn(table(x, risk, labels), TOTALS).helps
    other = np.random.default_rng(5).exponential(1.0, x.shape)
    assert not learn(table(other, risk, labels), TOTALS).helps


def test_what_was_learned_is_kept_as_json() -> None:
    learned = Learned(-2.0, (1.0, 0.0, 2.5, 0.1), 0.2, 0.3, Totals(10, (3.0, 4.5), (3, 4), 12.5))
    assert learned_from(json.loads(json.dumps(learned.kept()))) == learned
    assert learned_from(None) is None


def test_nearness_counts_from_where_it_outweighs_what_the_honest_have() -> None:
    learned = Learned(-2.0, (4.0, 3.0), 0.2, 0.3, TOTALS)
    x = np.array([[0.0, 0.0], [0.5, 0.0], [1.0, 0.0], [0.0, -1.0]])
    assert learned.shift(x) == pytest.approx([0.0, 0.0, 2.0, -3.0])


def test_a_few_labels_on_a_device_speak_and_as_many_on_a_carriers_address_do_not() -> None:
    created = [START + account * 3600 for account in range(1000)]
    links = [(account, 0, IP) for account in range(1000)] + [(account, 1, DEVICE) for account in range(10)]
    labels = np.zeros(1000)
    labels[:3] = 1.0
    near, cleared = shared(snapshot(created, links), np.stack([labels, 0 * labels]), (3 / 1000, 0.0))
    assert near[9] == pytest.approx(np.log(4 / 1.03) / 1.6), "the mean over the device and, of weight 0.6, the address"
    assert near[10:].max() == 0.0 and not cleared.any()


def test_labels_in_a_group_speak_of_the_rest_of_it() -> None:
    group = np.array([0, 0, 0, -1])
    confirmed, cleared = grouped(group, np.array([[1.0, 0.0, 0.0, 0.0], [0.0] * 4]), (0.25, 0.0))
    assert confirmed[1] == confirmed[2] > 0 and confirmed[3] == 0.0 and not cleared.any()


def test_labels_of_both_kinds_on_one_exit_say_nothing() -> None:
    net = beyond_chance(np.array([[4.0, 4.0, 0.0], [4.0, 0.0, 4.0]]), np.array([100, 100, 100]), (0.01, 0.01))
    assert net[0] == 0.0 and net[1] == -net[2] > 0


def test_walks_are_measured_against_chance() -> None:
    assert walked(np.array([0.0, 0.5]), 4.0, 2) == pytest.approx([0.0, np.log(2)])
    assert walked(np.array([0.5]), 4.0, 0).tolist() == [0.0]


def campaign(labelled: int) -> tuple[Snapshot, AnalystLabels, ScoringResult]:
    """3,000 accounts, a day apart, that share devices of 20; each tenth is fraud, on devices of its kind. The score
    can't tell which. `labelled` of each class have labels; the last 500 accounts share with nobody."""
    n = np.arange(3000)
    device = np.where(FRAUD, n // 200, 1000 + n // 20)
    links = [(a, int(device[a]) if a < 2500 else 5000 + a, DEVICE) for a in n.tolist()]
    label, rng = np.zeros(3000, np.int64), np.random.default_rng(4)
    for sign, among in ((1, FRAUD), (-1, ~FRAUD)):
        label[rng.choice(np.flatnonzero(among & (n < 2500)), labelled, replace=False)] = sign
    people = snapshot([START + DAY * a for a in n.tolist()], links)
    return (
        people,
        replace(labelled_as(label), part=n // 10 % parameters.LABEL_FOLDS),
        found(np.full(3000, 0.05), np.full(3000, -1)),
    )


def no_walks(people: Snapshot) -> LabelWalks:
    return LabelWalks(np.zeros((2 * parameters.LABEL_FOLDS, people.accounts)), 1.0, 0)


def test_labels_tell_of_accounts_that_nobody_has_looked_at_and_of_no_others() -> None:
    people, words, before = campaign(60)
    after = apply_label_model(before, words, people, np.full(people.accounts, -1), no_walks(people))
    assert after.learned is not None and after.learned.helps
    unsaid, near = words.label == 0, np.arange(people.accounts) < 2500
    assert after.risk[unsaid & near & FRAUD].mean() > 0.4 > 0.06 > after.risk[unsaid & near & ~FRAUD].mean()
    assert after.risk.max() <= parameters.LABELS_MOST, "nobody is refused for what others did"
    assert after.risk[~near].tolist() == before.risk[~near].tolist() and not after.cause[~near].any()
    assert set(after.cause[after.risk > 0.06].tolist()) == {NEAR_CONFIRMED}
    assert after.risk[~unsaid].tolist() == before.risk[~unsaid].tolist()


def test_what_is_said_of_an_account_does_not_tell_of_itself() -> None:
    """Each on a device of its own: the label is all that is known, and nothing can be learned from it."""
    count = 400
    people = snapshot([START + DAY * n for n in range(count)], [(n, n, DEVICE) for n in range(count)])
    words = labelled_as(np.where(np.arange(count) % 2, 1, -1))
    after = apply_label_model(
        found(np.full(count, 0.3), np.full(count, -1)), words, people, np.full(count, -1), no_walks(people)
    )
    assert after.learned is not None and not after.learned.helps
    assert after.learned.loss == pytest.approx(after.learned.loss_without)


def test_what_a_run_learned_is_used_on_a_part_of_the_graph() -> None:
    people, words, before = campaign(60)
    nobody = np.full(people.accounts, -1)
    full = apply_label_model(before, words, people, nobody, no_walks(people))
    part = apply_label_model(before, words, people, nobody, no_walks(people), full.learned)
    assert part.learned == full.learned
    assert part.risk == pytest.approx(full.risk)


def test_few_labels_are_not_learned_from() -> None:
    fifty = np.repeat([1, -1, 0], [50, 50, 100])
    assert labelled_as(fifty).enough
    assert not labelled_as(np.repeat([1, -1, 0], [50, 49, 101])).enough
    assert not replace(labelled_as(fifty), part=np.zeros(200, np.int64)).enough, "all on days of one part"


def test_walks_start_at_labels_of_each_class_in_parts() -> None:
    words = labelled_as(np.array([1, -1, 0, 0, 1, 0]))
    rows = seeds(words)
    assert rows.shape == (2 * parameters.LABEL_FOLDS, 6)
    assert rows.reshape(2, parameters.LABEL_FOLDS, 6).sum(axis=1).tolist() == words.classes.tolist()
    by_ring = replace(words, decided=np.full(6, 1), weight=np.full(6, 0.5))
    assert seeds(by_ring).sum() == 3, "not at members of rings that people decided on"


def test_a_ring_that_people_dismissed_is_not_flagged_again() -> None:
    risk, ring = np.array([0.9, 0.9, 0.9, 0.9, 0.9]), np.array([0, 0, 0, 0, 1])
    words = labelled_as(np.zeros(5, np.int64), np.array([-1, -1, 0, 0, 0]))
    after = apply_ring_decisions(found(risk, ring), words, np.ones(5, bool))
    assert after.risk.tolist() == [0.0, 0.0, 0.0, 0.0, 0.9], "two who came later are still the same story"
    assert after.verdict.tolist() == [-1, 0]
    assert after.cause.tolist() == [RING_DISMISSED] * 4 + [NONE]


def test_a_dismissed_ring_that_has_outgrown_what_people_saw_speaks_again_of_those_who_came() -> None:
    risk, ring = np.full(5, 0.9), np.zeros(5, np.int64)
    words = labelled_as(np.zeros(5, np.int64), np.array([-1, -1, 0, 0, 0]))
    after = apply_ring_decisions(found(risk, ring), words, np.ones(5, bool))
    assert after.risk.tolist() == [0.0, 0.0, 0.9, 0.9, 0.9]
    assert after.verdict.tolist() == [0]


def test_members_of_a_confirmed_ring_are_surer_and_weak_ones_stay_behind() -> None:
    risk, ring = np.array([0.6, 0.3, 0.6, 0.6]), np.zeros(4, np.int64)
    words = labelled_as(np.array([0, 0, 0, -1]), np.array([1, 1, 0, 1]))
    after = apply_ring_decisions(found(risk, ring, score=0.6), words, np.ones(4, bool))
    assert after.risk[0] == pytest.approx(parameters.CONFIRMED)
    assert 0.3 < after.risk[1] < parameters.CONFIRMED
    assert after.risk[2] == pytest.approx(parameters.CONFIRMED), "who joined later is in the confirmed ring too"
    assert after.risk[3] == 0.6, "an account's own label outranks what people say of its ring"
    assert after.cause.tolist() == [RING_CONFIRMED] * 3 + [NONE]


def test_in_a_part_of_the_graph_only_those_who_were_in_the_ring_say_which_it_is() -> None:
    risk, ring = np.full(4, 0.9), np.zeros(4, np.int64)
    words = labelled_as(np.zeros(4, np.int64), np.array([-1, 0, 0, 0]))
    after = apply_ring_decisions(found(risk, ring), words, np.array([True, False, False, False]))
    assert after.risk.tolist() == [0.0] * 4
