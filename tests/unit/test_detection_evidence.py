"""Evidence: births, bursts, and the links that they make strong."""

from __future__ import annotations

import numpy as np
import pytest

from service.detection import parameters
from service.detection.evidence.bursts import chance_synchrony, poisson_surprise, synchronised
from service.detection.evidence.combine import static_evidence
from service.detection.evidence.link_weights import weigh_links
from service.detection.evidence.signup_windows import divergence, narrowest
from service.detection.reading.population import population_of
from service.detection.reading.snapshot import Accounts, Links, Snapshot, build
from service.detection.scoring.membership import velocity
from service.detection.scoring.ring_features import describe
from tests.support.detection_evidence import bursts_of, weighed, windows_of
from tests.support.kind_codes import BURST, DEVICE, IP, NETWORK, PAYMENT

DAY = 86_400
START = 1_700_000_000
NONE = Links(*[np.zeros(0, np.int64) for _ in range(5)])


def snapshot(created: list[int], links: list[tuple[int, int, int, int]]) -> Snapshot:
    """Accounts numbered from 0, born at these moments; links are (account, identifier, kind, first seen)."""
    node = np.arange(len(created))
    born = np.array(created)
    columns = np.array(links).reshape(-1, 4).T
    return build(
        Accounts(node, born, born, np.ones(len(born), np.int64), np.zeros(len(born), np.int64)),
        Links(columns[0], 1_000_000 + columns[1], columns[2], columns[3], columns[3]),
        NONE,
        DAY,
    )


@pytest.fixture
def population() -> Snapshot:
    """1,000 accounts over 1,000 days; identifier 0 is used by 20 of one week, identifier 1 by 20 of all ages."""
    created = [START + day * DAY for day in range(1000)]
    links = [(account, 0, IP, created[account]) for account in range(500, 520)]
    links += [(account, 1, IP, created[account]) for account in range(0, 1000, 50)]
    return snapshot(created, links)


def test_divergence_is_nought_where_the_window_holds_no_more_than_its_share() -> None:
    assert divergence(np.array([0.2, 0.5, 1.0]), np.array([0.4, 0.5, 0.1])) == pytest.approx([0.0, 0.0, np.log(10)])


def test_births_of_one_week_are_surprising_and_births_of_all_ages_are_not(population: Snapshot) -> None:
    windows = windows_of(population)
    assert set(population.identifier_node[windows.identifier].tolist()) == {1_000_000}
    assert windows.nats.max() == pytest.approx(np.log(50) - (np.log(20) + 1) / 20)


def test_only_links_of_accounts_born_in_the_window_are_strong() -> None:
    created = [START + day * DAY for day in range(1000)]
    links = [(account, 0, IP, created[account]) for account in [*range(500, 520), 10, 900]]
    campaign = snapshot(created, links)
    full, evidence = weighed(campaign)
    strength = dict(zip(full.account.tolist(), evidence.link.tolist(), strict=True))
    assert all(strength[account] > 0.9 for account in range(500, 520))
    assert strength[10] == strength[900] == 0.0


def test_the_narrowest_window_gives_ties_their_full_width() -> None:
    """With dates for times, a window within one day still holds all that were born that day."""
    births = np.repeat(np.arange(100), 10) * DAY
    time = np.array([5, 5, 5]) * DAY
    nats, lo, hi = narrowest(time, np.array([0, 3]), births, (1.0,), True)
    assert nats[0] == pytest.approx(np.log(998 / 8) - (np.log(3) + 1) / 3)  # 7 others and one more of 997 and one more
    assert (lo[0], hi[0]) == (5 * DAY, 5 * DAY)


@pytest.mark.parametrize("size", [10, 200, 2000])
def test_a_campaign_is_not_less_surprising_the_larger_it_is(size: int) -> None:
    """What is usual was told by the campaign's own accounts too: of 200 on one card within hours, less was said than
    of 10."""
    created = [START + hour * 3600 for hour in range(2000)] + [START + 3_600_000 + 7 * place for place in range(size)]
    links = [(account, account, DEVICE, created[account]) for account in range(2000)]
    links += [(account, 2000 + account % 2, DEVICE, created[account]) for account in range(2000, 2000 + size)]
    full, evidence = weighed(snapshot(created, links))
    ring = np.where(full.account_node >= 2000, 0, -1)
    facts, _, _ = describe(full, evidence, population_of(full), ring)
    assert facts.nats[0] > 5.0
    assert facts.rarity[0] > 3.0
    assert facts.crowding[0] > 3.0


@pytest.mark.parametrize("size", [100, 400])
def test_many_addresses_and_none_of_ones_own_are_rare_however_many_do_so(size: int) -> None:
    """1,000 people at home who also use a carrier; a ring that comes from ten exits each, and one that uses one."""
    created = [START + hour * 3600 for hour in range(1000 + 2 * size)]
    links = [(account, account // 2, IP, created[account]) for account in range(1000)]
    links += [(account, 600 + account % 4, IP, created[account]) for account in range(1000)]
    ring = [(account, turn) for account in range(1000, 1000 + size) for turn in range(10)]
    links += [(account, 700 + (account + 7 * turn) % 40, IP, created[account]) for account, turn in ring]
    links += [(account, 800, IP, created[account]) for account in range(1000 + size, 1000 + 2 * size)]
    full, evidence = weighed(snapshot(created, links))
    rings = np.where(full.account_node < 1000, -1, np.where(full.account_node < 1000 + size, 0, 1))
    facts, _, _ = describe(full, evidence, population_of(full), rings)
    assert facts.exits[0] > 3.0
    assert facts.exits[1] < facts.exits[0]
    at_home = np.where(full.account_node < 20, 0, -1)
    assert describe(full, evidence, population_of(full), at_home)[0].exits[0] == 0.0


def test_where_all_of_an_account_is_told_at_once_nobody_adds_anything_fast() -> None:
    """How many cards an account has there says nothing of how fast it came to them."""
    created = [START + hour * 3600 for hour in range(400)]
    cards = [(account, 4 * account + turn, PAYMENT) for account in range(400) for turn in range(4)]
    at_once = snapshot(created, [(account, card, kind, created[account]) for account, card, kind in cards])
    assert np.isnan(velocity(at_once, population_of(at_once))).all()
    by_and_by = snapshot(
        created, [(account, card, kind, created[account] + card % 4 * DAY * 20) for account, card, kind in cards]
    )
    assert np.isfinite(velocity(by_and_by, population_of(by_and_by))).all()


def test_sharing_alone_counts_for_cards_and_devices_only() -> None:
    created = [START + day * DAY for day in range(64)]
    links = [(account, 0, DEVICE, created[account]) for account in range(64)]
    links += [(account, 1, IP, created[account]) for account in range(64)]
    static = static_evidence(snapshot(created, links), parameters.EVIDENCE)
    assert static.tolist() == [parameters.EVIDENCE.static_most, 0.0]


def test_a_burst_becomes_a_moment_that_only_its_accounts_share() -> None:
    """30 accounts turn up on a busy exit within ten minutes; 300 others use it all year round."""
    created = [START + hour * 3600 for hour in range(3000)]
    links = [(account, account % 10, NETWORK, created[account]) for account in range(3000)]
    burst = range(1501, 1801, 10)
    links += [(account, 0, NETWORK, START + 9_000_000 + 2 * account) for account in burst]
    busy = snapshot(created, links)
    full, evidence = weighed(busy)
    on_burst = full.kind[full.identifier] == BURST
    assert len(bursts_of(busy).identifier) == 1
    assert set(burst) <= set(full.account[on_burst].tolist())
    assert on_burst.sum() <= 32  # at most a chance arrival or two within the hour
    assert (evidence.link[on_burst] > 0.9).all()


def test_steady_arrivals_are_no_burst(population: Snapshot) -> None:
    assert len(bursts_of(population).identifier) == 0


def test_poisson_surprise_bounds_the_tail_from_above() -> None:
    """The Chernoff bound is never more surprising than the exact tail."""
    expected, count = 2.0, 7
    pmf = [np.exp(-expected) * expected**n / np.prod(np.arange(1, n + 1), dtype=float) for n in range(count)]
    exact = -np.log(1 - sum(pmf))
    bound = float(poisson_surprise(np.array([float(count)]), np.array([expected]))[0])
    assert 0 < bound <= exact


def test_a_script_is_in_step_and_a_busy_week_is_not() -> None:
    rng = np.random.default_rng(1)
    others = rng.integers(START, START + 100 * DAY, 20_000)
    script = START + 50 * DAY + np.arange(30) * 20
    campus = np.sort(rng.integers(START + 50 * DAY, START + 57 * DAY, 400))
    time = np.concatenate([script, campus])
    surprise = synchronised(time, np.array([0, 30, 430]), np.sort(np.concatenate([others, time])), parameters.STEP)
    assert (surprise[:30] >= parameters.STEP.surprise).all()
    assert (surprise[30:] >= parameters.STEP.surprise).mean() < 0.15


def test_a_link_counts_only_where_another_one_does(population: Snapshot) -> None:
    full, evidence = weighed(population)
    weight = weigh_links(full, evidence, parameters.EVIDENCE, 0.5, 0.5)
    assert set(full.account[weight > 0].tolist()) == set(range(500, 520))


def test_links_given_twice_count_once_with_their_widest_span() -> None:
    links = Links(
        *[np.array(column) for column in ([0, 0], [9, 9], [IP, IP], [START + 5, START], [START + 9, START + 7])]
    )
    built = build(Accounts(*[np.array([value]) for value in (0, START, START, 1, 0)]), links, NONE, DAY)
    assert (built.k.tolist(), built.first.tolist(), built.last.tolist()) == ([1], [START], [START + 9])


def test_a_stranger_is_in_step_by_chance_with_a_busy_group_only() -> None:
    """One group acts in 200 bursts a day, the other in one; strangers turn up at any time."""
    rng = np.random.default_rng(1)
    strangers = np.sort(rng.integers(START, START + 30 * DAY, 30_000))
    bursts = [np.sort(rng.integers(START, START + 30 * DAY, count)) for count in (6_000, 30)]
    groups = [np.sort((at[:, None] + np.arange(0, 600, 60)).ravel()) for at in bursts]
    start = np.array([0, len(groups[0]), len(groups[0]) + len(groups[1])])
    time = np.concatenate(groups)
    everyone = np.sort(np.concatenate([strangers, time]))
    own = synchronised(time, start, everyone, parameters.STEP) >= parameters.STEP.surprise
    busy, quiet = chance_synchrony(time, start, strangers, everyone, parameters.STEP)
    assert own[start[1] :].mean() > 0.9
    assert quiet < 0.1
    assert busy > quiet
