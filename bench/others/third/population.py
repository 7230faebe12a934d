"""Accounts and the way they are used, before anything of it is an event."""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

from others.third.companies import DAY, Company
from others.third.network import Exit, Network

NEVER = 1e18  # seconds: after all data
HEX = "0123456789abcdef"
LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"

WeightedExits = list[tuple[Exit, float]]


@dataclass(frozen=True, slots=True)
class Device:
    """A device, and from when until when it is used (seconds)."""

    id: str
    since: float = 0.0
    until: float = NEVER


@dataclass(slots=True)
class Account:
    """One account and the way it is used. Where no exit or device is given for the signup, it is like any session."""

    group: str
    signup: float  # seconds
    exits: WeightedExits
    devices: list[Device]
    cards: list[str]
    rate: float  # sessions a day
    life: float  # days in which it is used
    pay_every: float  # days
    peak: float  # hour of the day at which it is most active, UTC
    spread: float = 3.5  # hours around it, one standard deviation
    signup_device: str | None = None
    signup_exit: Exit | None = None
    device_null: float = 0.0  # share of sessions without a device, on top of the company's
    turn: float = NEVER  # when another owner takes over
    late_exits: WeightedExits = field(default_factory=list)  # what that one uses; none: as before
    late_cards: list[str] = field(default_factory=list)


class Population:
    """The accounts of a company, the network that they come by, and new devices, cards and ids for them."""

    def __init__(self, company: Company, seed: str) -> None:
        self.company = company
        self.rng = random.Random(seed)
        self.network = Network(self.rng, company.accounts, company.v6)
        self.accounts: list[Account] = []
        self._id_style = self.rng.randrange(4)
        self._device_style = self.rng.randrange(3)
        self._models = [self._fingerprint() for _ in range(self.rng.randint(15, 120))]
        self._weekends = self.rng.uniform(0, 0.4)  # share of signups that a weekend loses
        self._growth = self.rng.uniform(0.6, 1.4)  # below 1 signups become more by the day, above 1 fewer
        self._ids: set[str] = set()

    @property
    def end(self) -> float:
        """The end of the data, in seconds."""
        return self.company.days * DAY

    def device(self, honest: bool = True) -> str:
        """A new device. Some models have one fingerprint for all who own one; fakes choose them less."""
        if self.rng.random() < self.company.common_fingerprint * (1.0 if honest else 0.6):
            return self.rng.choice(self._models)
        return self._fingerprint()

    def card(self) -> str:
        """A new card."""
        return "pf_" + self._text(18, LETTERS)

    def account_id(self) -> str:
        """A new id in the style of the company."""
        while (name := self._any_id()) in self._ids:
            pass
        self._ids.add(name)
        return name

    def signup_time(self) -> float:
        """The time of a signup: more or fewer by the day, in some companies fewer at weekends."""
        while True:
            day = self.rng.random() ** self._growth * self.company.days
            if int(day) % 7 < 5 or self.rng.random() > self._weekends:
                return self.at_hour(day, self.company.peak, 4.0)

    def at_hour(self, day: float, peak: float, spread: float) -> float:
        """A time on this day, around the hour `peak`, not after the last minute of the data."""
        hour = self.rng.gauss(peak, spread) % 24
        time = (math.floor(day) + hour / 24) * DAY
        return min(max(time, 0.0), self.end - 60)

    def _text(self, length: int, letters: str) -> str:
        return "".join(self.rng.choices(letters, k=length))

    def _fingerprint(self) -> str:
        if self._device_style == 2:
            return "d_" + self._text(14, LETTERS)
        digits = self._text(32, HEX)
        if self._device_style == 0:
            return digits
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    def _any_id(self) -> str:
        if self._id_style == 0:
            return self._text(24, HEX)
        if self._id_style == 1:
            return "u_" + self._text(10, LETTERS)
        if self._id_style == 2:
            return str(self.rng.randrange(10**9, 10**10))
        return "acct_" + self._text(16, LETTERS)
