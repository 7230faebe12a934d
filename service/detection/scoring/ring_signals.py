"""The signals of a ring. Each is one pure function of the facts of R rings that gives phi (R); its docstring is the
sentence that an analyst reads. The score is sigmoid(base + sum of weight times phi)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from service.detection import parameters
from service.detection.evidence.signup_windows import sigmoid
from service.detection.reading.snapshot import Floats
from service.detection.scoring.ring_features import RingFacts

Signal = Callable[[RingFacts], Floats]


def coverage(facts: RingFacts) -> Floats:
    """Most of what these accounts use, they share with each other."""
    return np.clip((facts.covered - 0.15) / 0.35, 0.0, 1.0)


def births_together(facts: RingFacts) -> Floats:
    """The accounts were made within a window of time that is narrow against all signups."""
    return np.minimum((facts.nats - 0.4) / 1.1, 1.0)


def reuse(facts: RingFacts) -> Floats:
    """A few identifiers serve many of the accounts."""
    return (facts.reuse - 1.0) / 3.0


def kinds(facts: RingFacts) -> Floats:
    """More than one kind of identifier ties the accounts together."""
    return (facts.kinds - 1.0) / 2.0


def no_anchor(facts: RingFacts) -> Floats:
    """Unlike most accounts, these have no identifier of their own that they kept for two weeks."""
    return _beyond_usual(facts.unanchored)


def no_address(facts: RingFacts) -> Floats:
    """Unlike most accounts, these have no address of their own, nor one that they came back to after a week."""
    return _beyond_usual(facts.unaddressed)


def scripted(facts: RingFacts) -> Floats:
    """They were made in bursts, and none of those in a burst has an address of its own."""
    return in_step(facts) * np.maximum(no_address(facts), 0.0)


def _beyond_usual(excess: Floats) -> Floats:
    """Lives like those of most speak against a ring, a little; 0 where there is too little to tell."""
    return np.nan_to_num(np.maximum((excess - 0.2) / 0.8, -0.25))


def size(facts: RingFacts) -> Floats:
    """More accounts than a household or a small office has."""
    doublings = np.log2(np.maximum(facts.size, 1) / 8.0)
    return np.where(doublings > 0, np.minimum(doublings / 6.0, 1.0), doublings)


def short_life(facts: RingFacts) -> Floats:
    """The accounts fell silent within a week of signing up, more often than is usual."""
    return np.nan_to_num(facts.short)


def born_with_links(facts: RingFacts) -> Floats:
    """The accounts came with all their identifiers on the first day and added few later."""
    return facts.birth_share


def in_step(facts: RingFacts) -> Floats:
    """The accounts were made in bursts, minutes apart, that the day's signups do not explain."""
    return np.clip((facts.in_step - 0.1) / 0.5, 0.0, 1.0)


def acting_in_step(facts: RingFacts) -> Floats:
    """After they were made, the accounts turned up together, minutes apart, again on other addresses or devices."""
    return np.nan_to_num(np.clip((facts.acting - 0.25) / 0.25, -0.9, 1.0), nan=0.0)


def synchrony(facts: RingFacts) -> Floats:
    """They were made in bursts and go on to turn up together in bursts: one hand works them all."""
    acting = np.nan_to_num(np.clip((facts.acting - 0.25) / 0.35, 0.0, 1.0), nan=0.0)
    return np.clip((facts.in_step - 0.3) / 0.5, 0.0, 1.0) * acting


def fresh(facts: RingFacts) -> Floats:
    """They are new, were made minutes apart, and share a device and a card or address that nobody else used."""
    return facts.fresh


SIGNALS: dict[str, Signal] = {
    "coverage": coverage,
    "births_together": births_together,
    "reuse": reuse,
    "kinds": kinds,
    "no_anchor": no_anchor,
    "no_address": no_address,
    "scripted": scripted,
    "size": size,
    "short_life": short_life,
    "born_with_links": born_with_links,
    "in_step": in_step,
    "acting_in_step": acting_in_step,
    "synchrony": synchrony,
    "fresh": fresh,
}


def contributions(facts: RingFacts) -> dict[str, Floats]:
    """What each signal adds to the logit of each ring (R), by code."""
    return {code: parameters.RING_WEIGHTS[code] * signal(facts) for code, signal in SIGNALS.items()}


def logit(facts: RingFacts) -> Floats:
    """What the signals add up to for each ring (R), before it becomes a score."""
    return np.asarray(parameters.RING_BASE + np.sum(list(contributions(facts).values()), axis=0))


def score(facts: RingFacts) -> Floats:
    """The probability-like score of each ring (R), 0 to 1."""
    p = sigmoid(logit(facts))
    return np.where(facts.size < parameters.SMALL_RING, np.minimum(p, parameters.SMALL_RING_MOST), p)
