"""From what was measured of rings and accounts to the fact of each term (terms.py)."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from service.detection.parameters import USUALLY_IN_STEP
from service.detection.reading.snapshot import Floats
from service.detection.scoring.ring_features import RingFacts


def ring_facts(facts: RingFacts) -> dict[str, Floats]:
    """The fact of each term, for R rings."""
    return {code: np.asarray(compute(facts), np.float64) for code, compute in _RINGS.items()}


def ring_measures(facts: RingFacts) -> Mapping[str, Floats]:
    """What the sentences of each term are about, for R rings: the facts, but seconds, accounts and shares plain."""
    plain = {
        "haste": facts.gap_s,
        "size": facts.size.astype(np.float64),
        "coverage_of_many": facts.covered,
        "no_anchor": facts.unanchored,
        "no_home": facts.without_home,
        "short_life": facts.short,
        "tied_no_anchor": facts.tied_unanchored,
        "tied_short_life": facts.tied_short,
        "tied_no_home": facts.tied_without_home,
        "synchrony": np.minimum(facts.in_step, facts.acting),
    }
    return ring_facts(facts) | plain


def account_measures(facts: Mapping[str, Floats]) -> Mapping[str, Floats]:
    """The same for N accounts, from their facts by term; the group's score is 0 to 100."""
    return {**facts, "ring": 100 / (1 + np.exp(-facts["ring"]))}


_RINGS: dict[str, Callable[[RingFacts], Floats]] = {
    "coverage": lambda facts: facts.covered,
    "coverage_of_many": lambda facts: _of_many(facts, facts.covered),
    "births_together": lambda facts: facts.nats,
    "haste": lambda facts: -np.log10(np.maximum(facts.gap_s, 1.0)),
    "arrivals_together": lambda facts: facts.arrivals,
    "rarity": lambda facts: facts.rarity,
    "crowding": lambda facts: facts.crowding,
    "exits": lambda facts: facts.exits,
    "exclusive": lambda facts: facts.exclusive,
    "none_of_their_own": lambda facts: facts.lacking,
    "no_anchor": lambda facts: _of_many(facts, facts.unanchored),
    "no_home": lambda facts: _of_many(facts, facts.without_home),
    "short_life": lambda facts: _of_many(facts, facts.short),
    "tied_no_anchor": lambda facts: facts.tied_unanchored * np.log2(1.0 + facts.strong_users),
    "tied_short_life": lambda facts: facts.tied_short * np.log2(1.0 + facts.strong_users),
    "tied_no_home": lambda facts: facts.tied_without_home * np.log2(1.0 + facts.place_users),
    "born_with_links": lambda facts: facts.birth_share,
    "acting_in_step": lambda facts: facts.acting,
    "synchrony": lambda facts: _of_many(facts, np.minimum(facts.in_step, facts.acting) - USUALLY_IN_STEP),
    "size": lambda facts: np.log2(np.maximum(facts.size, 1)),
}


def _of_many(facts: RingFacts, share: Floats) -> Floats:
    """A share times the doublings of the accounts that have it: what two have in common is no pattern."""
    return np.asarray(share * np.log2(1.0 + facts.size), np.float64)
