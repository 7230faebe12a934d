"""Random draws: numbers, names, and sources of a device, card or address for each session.

The order of draws from the generator is part of what a seed means."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Range = tuple[float, float]


def log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    """A number whose logarithm is uniform."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def log_uniform_count(rng: np.random.Generator, low: float, high: float) -> int:
    """A log-uniform number, rounded, at least one."""
    return max(1, round(log_uniform(rng, low, high)))


def chance(rng: np.random.Generator, p: float) -> bool:
    """True with probability p."""
    return bool(rng.random() < p)


def account_id(rng: np.random.Generator) -> str:
    """An account's id: 12 hex digits."""
    return rng.bytes(6).hex()


def device_ids(rng: np.random.Generator, count: int) -> list[str]:
    """So many ids of devices: 16 hex digits each."""
    text = rng.bytes(8 * count).hex()
    return [text[k : k + 16] for k in range(0, len(text), 16)]


def device_id(rng: np.random.Generator) -> str:
    """The id of one device."""
    return device_ids(rng, 1)[0]


def card_id(rng: np.random.Generator) -> str:
    """The fingerprint of one card: 20 hex digits."""
    return rng.bytes(10).hex()


class Source(Protocol):
    """Anything that names a device, a card or an address."""

    def draw(self, t: Floats) -> list[str]:
        """One value for each session, by their starts in days."""


@dataclass(frozen=True, slots=True)
class Fixed:
    """Always the same value."""

    value: str

    def draw(self, t: Floats) -> list[str]:
        return [self.value] * len(t)


@dataclass(frozen=True, slots=True)
class Fresh:
    """A new device for each session, as private windows have."""

    rng: np.random.Generator

    def draw(self, t: Floats) -> list[str]:
        return device_ids(self.rng, len(t))


@dataclass(frozen=True, slots=True)
class Pick:
    """One of several sources, chosen anew for each session: by weight, or each as likely."""

    rng: np.random.Generator
    sources: Sequence[Source]
    weights: Sequence[float] | None = None

    def _which(self, count: int) -> Ints:
        if self.weights is None:
            return self.rng.integers(0, len(self.sources), count)
        cumulative = np.cumsum(np.asarray(self.weights, float) / sum(self.weights))
        at = np.searchsorted(cumulative / cumulative[-1], self.rng.random(count), side="right")
        return at.astype(np.int64)  # the draws of rng.choice, in a third of its time

    def draw(self, t: Floats) -> list[str]:
        which = self._which(len(t))
        if len(self.sources) == 1:
            return self.sources[0].draw(t)
        out = np.empty(len(t), object)
        for k in set(which.tolist()):  # a set's order is not that of size: a seed's draws hang on it
            at = which == k
            out[at] = self.sources[k].draw(t[at])
        return list(out)


@dataclass(frozen=True, slots=True)
class Switch:
    """One source before a moment (days), another from then on: a new phone, a lost card, an account that is sold."""

    before: Source
    after: Source
    at: float

    def draw(self, t: Floats) -> list[str]:
        early = t < self.at
        out = np.empty(len(t), object)
        out[early] = self.before.draw(t[early])
        out[~early] = self.after.draw(t[~early])
        return list(out)
