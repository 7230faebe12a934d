"""What the accounts of one operator have in common: devices, exits, cards, dates and habits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from others.second.draws import (
    Fixed,
    Floats,
    Fresh,
    Pick,
    Range,
    Source,
    card_id,
    chance,
    device_id,
    device_ids,
    log_uniform,
    log_uniform_count,
)
from others.second.honest import own_card
from others.second.lives import Scene
from others.second.networks import Pool, Proxy, Range6, range_pool


@dataclass(frozen=True, slots=True)
class Play:
    """What an operator chooses from: each campaign takes one of each, all as likely."""

    size: Range  # accounts
    exits: tuple[str, ...]  # home, carrier, vpn, proxy, hosting, range6
    devices: tuple[str, ...]  # few: 1-4; farm: 2.5-25 accounts on one; each: one an account; fresh: one a session
    cards: tuple[str, ...]  # few: 5-60 accounts on one; many: 1.6-6 accounts on one; own: one an account
    when: tuple[str, ...]  # of signups. burst: within 3 days; batches; drip: day by day; aged: long ago
    habits: tuple[str, ...]  # dead: left within 3 days; customer: as people come; rota: jobs are dealt out in turn


def _one_of(scene: Scene, items: tuple[str, ...]) -> str:
    return items[int(scene.rng.integers(len(items)))]


def _range6(scene: Scene) -> Range6:
    """A /48 beside one of a provider's."""
    beside = scene.net.isp6().rsplit(":", 1)[0]
    return Range6(scene.rng, f"{beside}:{scene.rng.integers(1, 0xFFFF):x}")


def _exits(scene: Scene, how: str, size: int) -> Source:
    rng, net = scene.rng, scene.net
    if how == "range6":
        return Pick(rng, [_range6(scene) for _ in range(log_uniform_count(rng, 1, 3))])
    if how == "hosting":
        return range_pool(rng, max(1, int(size / log_uniform(rng, 15, 120))), log_uniform_count(rng, 4, 200))
    if how == "proxy" and chance(rng, 0.5):
        return net.proxy()
    if how == "proxy":
        return Proxy(net, max(8, int(size * log_uniform(rng, 0.3, 8))))
    if how == "home":
        return net.home()
    return net.carrier() if how == "carrier" else net.vpn()


def _tools(scene: Scene, how: str, size: int) -> list[str]:
    """The devices of few and of farm."""
    if how == "few":
        return device_ids(scene.rng, max(1, min(log_uniform_count(scene.rng, 1, 4), size // 3)))
    return device_ids(scene.rng, max(1, int(size / log_uniform(scene.rng, 2.5, 25))))


def _purse(scene: Scene, how: str, size: int) -> list[str]:
    """The cards of few and of many."""
    per = log_uniform(scene.rng, 5, 60) if how == "few" else log_uniform(scene.rng, 1.6, 6)
    return [card_id(scene.rng) for _ in range(max(1, int(size / per)))]


class Ring:
    """The common property of one operator, from which each account gets its share.

    `slip`: how likely an account also shows the operator's own computer, and as likely his home line. It is higher
    where each account has a device of its own and no card is shared: nothing else is left of such a ring."""

    def __init__(self, scene: Scene, play: Play, size: int) -> None:
        rng = self.rng = scene.rng
        self.scene, self.size = scene, size
        self.how_device, self.how_card = _one_of(scene, play.devices), _one_of(scene, play.cards)
        self.when, self.habit = _one_of(scene, play.when), _one_of(scene, play.habits)
        self.exits = _exits(scene, _one_of(scene, play.exits), size)
        self.tools = _tools(scene, self.how_device, size)
        self.purse = _purse(scene, self.how_card, size)
        self.sticky, self.slip = chance(rng, 0.5), log_uniform(rng, 0.02, 0.4)
        if self.how_device == "each" and (self.how_card == "own" or not scene.habits.pays):
            self.slip = log_uniform(rng, 0.1, 0.5)
        self.own_computer, self.own_home = Fixed(device_id(rng)), scene.net.home()
        self.rate, self.stay = scene.habits.rate * log_uniform(rng, 0.5, 3), log_uniform(rng, 5, 200)
        self.pays, self.pay_delay = rng.uniform(0.3, 1), log_uniform(rng, 0.002, 3)

    def device(self) -> Source:
        """The device of one account."""
        if self.how_device == "fresh":
            return Fresh(self.rng)
        if self.how_device == "each":
            mine = Fixed(device_id(self.rng))
        else:
            mine = Fixed(self.tools[int(self.rng.integers(len(self.tools)))])
        if chance(self.rng, self.slip):
            return Pick(self.rng, [mine, self.own_computer], [1, 0.3])
        return mine

    def exit(self) -> Source:
        """Where one account comes from: all exits, or 1 to 4 of them that it stays with."""
        out = self.exits
        if self.sticky and isinstance(out, Pool | Proxy):
            out = Pool(self.rng, out.draw(np.zeros(log_uniform_count(self.rng, 1, 4))))
        if chance(self.rng, self.slip):
            out = Pick(self.rng, [out, self.own_home], [1, 0.2])
        return out

    def card(self) -> Source:
        """The card of one account."""
        if self.how_card == "own":
            return own_card(self.scene)
        return Fixed(self.purse[int(self.rng.integers(len(self.purse)))])

    def signups(self) -> Floats:
        """The days on which the accounts sign up."""
        rng, size, days = self.rng, self.size, self.scene.days
        begin = rng.uniform(0.02, 0.6) * days
        if self.when == "burst":
            return begin + log_uniform(rng, 0.02, 3) * rng.random(size)
        if self.when == "batches":
            batches = max(2, size // log_uniform_count(rng, 4, 40))
            starts = begin + np.sort(rng.random(batches)) * (days - begin) * 0.8
            return rng.choice(starts, size) + log_uniform(rng, 0.01, 0.3) * rng.random(size)
        if self.when == "aged":
            return days * rng.uniform(-0.6, 0.35, size)
        day = np.floor(begin + (days - begin) * 0.85 * rng.random(size))
        return day + ((rng.uniform(0, 24) + log_uniform(rng, 1, 5) * rng.standard_normal(size)) % 24) / 24

    def rota(self, begin: float) -> list[Floats]:
        """The visits of each account where a dispatcher deals out jobs: the next one gets the next, few are skipped."""
        rng, size = self.rng, self.size
        span = max(self.scene.days - begin, 2.0)
        jobs = np.sort(begin + span * rng.random(int(size * min(self.rate * span, 40)) + size))
        turn = rng.permutation(size)
        skip = rng.random(len(jobs)) < rng.uniform(0, 0.2)
        who = turn[(np.arange(len(jobs)) + np.cumsum(skip)) % size]
        return [jobs[who == k] for k in range(size)]
