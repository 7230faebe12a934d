"""The life of one account, told as events. All times and spans are in days from the begin of the window."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from others.second.draws import Bools, Floats, Ints, Source, account_id
from others.second.networks import Networks
from others.second.profiles import Habits, Profile

TYPES = ("signup", "login", "payment", "activity")
SIGNUP, LOGIN, PAYMENT, ACTIVITY = range(4)
MOST_VISITS = 100  # of an account that comes as it likes
MOST_ACTIVITIES = 8  # of a session


@dataclass(slots=True)
class Timing:
    """When an account does what. `signup` may be before the window."""

    signup: float
    stay: float  # days until it is left
    rate: float  # visits a day
    peak: float  # hour of the day at which it is most in use
    pay_every: float  # days; 0 for never
    pay_delay: float  # days from signup to the first payment
    length: float  # a session has Poisson of this activities


@dataclass(slots=True)
class Life:
    """One account: its truth, its timing and what it uses."""

    group: str
    fake: bool
    timing: Timing
    devices: Source
    ips: Source
    cards: Source | None = None  # it never pays without
    visits: Floats | None = None  # where they are given instead of drawn


@dataclass(slots=True)
class Scene:
    """What one world is drawn from, and what its accounts have done so far.

    Sessions have an account, ip, device and card each; events have the number of their session, a type (a place in
    TYPES) and a time."""

    rng: np.random.Generator
    accounts: int
    days: float  # length of the window
    profile: Profile
    habits: Habits
    net: Networks
    _truth: list[tuple[str, bool, str]] = field(default_factory=list)
    _account: list[str] = field(default_factory=list)
    _ip: list[str] = field(default_factory=list)
    _device: list[str | None] = field(default_factory=list)
    _card: list[str | None] = field(default_factory=list)
    _session: list[Ints] = field(default_factory=list)
    _type: list[Ints] = field(default_factory=list)
    _time: list[Floats] = field(default_factory=list)

    def live(self, life: Life) -> None:
        """Writes down the events of one account."""
        rng, account = self.rng, account_id(self.rng)
        start, kind = self._starts(life)
        session, first, time = self._steps(start, kind, life.timing.length)
        cards: list[str | None] = [None] * len(start)
        if life.cards is not None:
            cards = list(life.cards.draw(start))
        devices, ips = life.devices.draw(start), life.ips.draw(start)
        lost = (rng.random(len(start)) < self.habits.no_device).tolist()
        self._session.append(session + len(self._account))
        self._type.append(np.where(first, kind[session], ACTIVITY))
        self._time.append(time)
        self._truth.append((account, life.fake, life.group))
        self._account += [account] * len(start)
        self._ip += ips
        self._device += [None if gone else device for device, gone in zip(devices, lost, strict=True)]
        self._card += cards

    def _starts(self, life: Life) -> tuple[Floats, Ints]:
        """Times and kinds of an account's sessions; where none is in the window, one login somewhere in it."""
        timing = life.timing
        end = min(timing.signup + timing.stay, self.days)
        parts = [np.array([timing.signup]), self._visits(life, end), self._payments(life, end)]
        kind = np.repeat([SIGNUP, LOGIN, PAYMENT], [len(part) for part in parts])
        start = np.concatenate(parts)
        seen = (start >= 0) & (start < self.days)
        if not seen.any():
            return self.days * self.rng.random(1), np.array([LOGIN])
        return start[seen], kind[seen]

    def _visits(self, life: Life, end: float) -> Floats:
        """Times of logins: most early in its life, about its hour of the day (standard deviation 4 hours)."""
        rng, timing = self.rng, life.timing
        if life.visits is not None:
            return life.visits[(life.visits > timing.signup) & (life.visits < self.days)]
        begin = max(timing.signup, 0.0)
        count = min(int(rng.poisson(timing.rate * max(end - begin, 0.0))), MOST_VISITS)
        day = np.floor(begin + (end - begin) * rng.random(count) ** self.habits.decay)
        t = day + (timing.peak + 4.0 * rng.standard_normal(count)) % 24 / 24
        return np.where(t < begin, begin + rng.exponential(0.05, count), t)

    def _payments(self, life: Life, end: float) -> Floats:
        """Times of payments: evenly apart, each some minutes to hours late."""
        timing = life.timing
        if life.cards is None or timing.pay_every <= 0:
            return np.empty(0)
        t = np.arange(timing.signup + timing.pay_delay, end + 0.01, timing.pay_every)
        return t + self.rng.exponential(0.03, len(t))

    def _steps(self, start: Floats, kind: Ints, length: float) -> tuple[Ints, Bools, Floats]:
        """Events of sessions, minutes apart: their session, whether they are its first, time. A payment is alone."""
        rng = self.rng
        count = np.where(kind == PAYMENT, 1, 1 + np.minimum(rng.poisson(length, len(start)), MOST_ACTIVITIES))
        session = np.repeat(np.arange(len(start)), count)
        first = np.zeros(len(session), bool)
        first[np.cumsum(count) - count] = True
        passed = np.cumsum(np.where(first, 0.0, rng.exponential(0.004, len(session))))
        return session, first, start[session] + passed - passed[first][session]

    def events(self, begin: dt.datetime) -> pl.DataFrame:
        """All events in the window, which begins at a time, by time and account."""
        time, kind = np.concatenate(self._time), np.concatenate(self._type)
        seen = time < self.days
        session = np.concatenate(self._session)[seen]
        micros = (time[seen] * 86_400e6).astype(np.int64) + int(begin.timestamp()) * 1_000_000
        events = pl.DataFrame(
            {
                "account_id": pl.Series(self._account).gather(session),
                "occurred_at": pl.Series(micros).cast(pl.Datetime("us", "UTC")),
                "type": pl.Series(TYPES).gather(kind[seen]),
                "ip": pl.Series(self._ip).gather(session),
                "device_id": pl.Series(self._device, dtype=pl.String).gather(session),
                "payment_fingerprint": pl.Series(self._card, dtype=pl.String).gather(session),
            }
        )
        paid = pl.when(pl.col("type") == TYPES[PAYMENT]).then("payment_fingerprint")
        return events.with_columns(paid).sort("occurred_at", "account_id")

    def truth(self) -> pl.DataFrame:
        """Each account's truth, by account."""
        return pl.DataFrame(self._truth, ["account_id", "fake", "group"], orient="row").sort("account_id")
