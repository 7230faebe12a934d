"""What honest people do: sign up, pay, and come back, from the places and devices that their traits give."""

from __future__ import annotations

import numpy as np

from service.simulation.addresses import V6, renew
from service.simulation.calendar import DAY, DAYS, HOUR, LATE_DAYS, SECOND, Ints, at
from service.simulation.honest import Traits
from service.simulation.records import ACTIVITY, NONE, PAYMENT, SIGNUP, Rows, concat
from service.simulation.world import World

GONE_AT_ONCE = 0.3  # share of people who never come back after their first days
STAY_DAYS = 150.0  # mean of the others' stay
SESSIONS = 9.0  # mean number of records of a full stay (each stands for many uses)
MOST_SESSIONS = 40
CARD_AT_SIGNUP = 0.3


def honest_rows(world: World, people: Traits, numbers: Ints) -> Rows:
    """All events of honest people. `numbers` are their account numbers."""
    rng, n = world.rng, people.created.size
    everyone = np.arange(n)
    signup = _visits(world, people, everyone, people.created, people.signup_here)
    with_card = rng.random(n) < CARD_AT_SIGNUP
    first_card = _cards(rng, people, everyone)
    signup_rows = Rows(
        numbers,
        people.created,
        np.full(n, SIGNUP),
        *signup,
        np.where(with_card, first_card, NONE),
        np.ones(n, np.int64),
    )
    stay = np.where(rng.random(n) < GONE_AT_ONCE, rng.exponential(1.0, n), rng.exponential(STAY_DAYS, n) + 1) * DAY
    stay = np.minimum(stay.astype(np.int64), at(DAYS + LATE_DAYS) - people.created - 1)
    return concat(
        [signup_rows, _payments(world, people, numbers, stay, with_card), _returns(world, people, numbers, stay)]
    )


def _payments(world: World, people: Traits, numbers: Ints, stay: Ints, paid: np.typing.NDArray[np.bool_]) -> Rows:
    """Those who did not give a card at signup do within days; people with more cards use each."""
    rng = world.rng
    shared = people.shared_card != NONE
    times = np.where(paid & (people.cards < 2), 0, np.maximum(people.cards, shared.astype(np.int64)))
    who = np.repeat(np.arange(times.size), times)
    turn = np.arange(who.size) - np.repeat(np.cumsum(times) - times, times)
    card = np.where(people.cards[who] > 0, people.card[who] + turn, people.shared_card[who])
    card = np.where(shared[who] & (turn == 0), people.shared_card[who], card)
    delay = np.where(turn == 0, rng.exponential(2 * DAY, who.size), rng.uniform(0, 1, who.size) * stay[who])
    when = people.created[who] + 60 * SECOND + np.minimum(delay.astype(np.int64), stay[who])
    visits = _visits(world, people, who, when)
    return Rows(numbers[who], when, np.full(who.size, PAYMENT), *visits, card, np.ones(who.size, np.int64))


def _returns(world: World, people: Traits, numbers: Ints, stay: Ints) -> Rows:
    rng = world.rng
    mean = SESSIONS * rng.gamma(0.9, 1 / 0.9, size=stay.size) * np.minimum(1.0, stay / (60 * DAY))
    count = 1 + np.minimum(rng.poisson(mean), MOST_SESSIONS - 1)
    who = np.repeat(np.arange(stay.size), count)
    days = rng.random(who.size) * stay[who] // DAY
    when = people.created[who] + (days * DAY).astype(np.int64) + rng.integers(HOUR // 12, 10 * HOUR, size=who.size)
    # people differ by orders of magnitude in how much they use, and so do their days
    taste = rng.lognormal(3.4, 1.3, size=stay.size)
    uses = np.ceil(taste[who] * rng.lognormal(0, 0.8, size=who.size)).astype(np.int64)
    visits = _visits(world, people, who, when)
    return Rows(numbers[who], when, np.full(who.size, ACTIVITY), *visits, np.full(who.size, NONE), uses)


def _visits(
    world: World, people: Traits, who: Ints, when: Ints, here: np.typing.NDArray[np.bool_] | None = None
) -> tuple[Ints, Ints]:
    """Address and device of each visit. Where `here` holds, it is at the shared place and on the shared device."""
    rng, n = world.rng, who.size
    roll = rng.random(n)
    forced = np.zeros(n, bool) if here is None else here
    has_place = people.place[who] != NONE
    at_place = has_place & (forced | (roll < people.at_place[who]))
    roll = rng.random(n)
    home, lease = people.home[who], people.lease[who]
    changing = (lease > 0) & (home < V6)
    ip = np.where(changing, renew(home, when // (np.maximum(lease, 1) * DAY), world.leased), home)
    ip = np.where(rng.random(n) < people.away[who], rng.choice(world.cafes, size=n), ip)
    mobile = (roll < people.mobile[who]) | (forced & ~has_place)
    ip = np.where(mobile, world.carrier_addresses(people.region[who]), ip)
    ip = np.where(roll > 1 - people.vpn[who], world.draw_vpn_exits(n), ip)
    ip = np.where(at_place, people.place[who] + rng.integers(0, people.place_width[who]), ip)
    own = people.device[who] + (rng.random(n) ** 2 * people.devices[who]).astype(np.int64)
    on_shared = (people.shared_device[who] != NONE) & (forced | (rng.random(n) < people.on_shared[who]))
    shared = people.shared_device[who] + rng.integers(0, people.shared_width[who])
    return ip, np.where(on_shared, shared, own)


def _cards(rng: np.random.Generator, people: Traits, who: Ints) -> Ints:
    """The card given at signup: the family's or company's if there is one, else the first of one's own, or none."""
    own = np.where(people.cards[who] > 0, people.card[who], NONE)
    return np.where(people.shared_card[who] != NONE, people.shared_card[who], own)
