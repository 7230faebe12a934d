"""The facts of accounts: what each has of its own, and as a member of its group; and the risk that follows."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import priors
from service.detection.evidence.signup_windows import sigmoid
from service.detection.reading.population import Population
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot
from service.detection.scoring.excess import UNIVERSAL, shrunk, tells_apart
from service.detection.scoring.model import Table
from service.detection.scoring.ring_features import MemberFacts, RingFacts
from service.detection.scoring.terms import LOGIT_MOST
from service.detection.scoring.velocity import rarity

AS_MEMBER = ("ring", "shares_as_ring", "lives_as_ring", "acts_with_ring")
"""The terms that are about an account's group; not known of an account without one."""


@dataclass(frozen=True, slots=True)
class AccountFacts:
    """What each account (N) has of its own, by the code of the term."""

    by_code: dict[str, Floats]


def account_facts(snapshot: Snapshot, evidence: Evidence, population: Population) -> AccountFacts:
    """The facts of all accounts (N) that do not depend on a group."""
    return AccountFacts(
        {
            "no_anchor": _flag(~population.anchored, population.mature, population.unanchored_share),
            "velocity": velocity(snapshot, population),
            "own_links": own_links(snapshot, evidence),
        }
    )


def _flag(flags: Flags, among: Flags, share: float) -> Floats:
    """1 or 0, nan of accounts that are too young to tell, or where nearly all or none have it."""
    if not tells_apart(share):
        return np.full(len(flags), np.nan)
    return np.where(among, flags.astype(np.float64), np.nan)


def member_facts(
    ring_score: Floats, facts: RingFacts, members: MemberFacts, own: AccountFacts, population: Population
) -> dict[str, Floats]:
    """The fact of each term, for N accounts as members of the groups that `members` puts them in."""
    none = members.ring < 0
    ring = np.maximum(members.ring, 0)
    if len(ring_score) == 0:
        return alone(own)
    bounded = np.clip(ring_score, 1e-4, 1 - 1e-4)
    lives = np.zeros(len(ring))
    for has, judged, base in (
        (members.moves > 0, population.settled, parameters.USUALLY_MOVED),
        (population.addressed, population.online, 1 - population.unaddressed_share),
        (population.anchored, population.mature, 1 - population.unanchored_share),
    ):
        lives += _likeness(members.ring, has & judged, judged * 1, np.full(len(facts.size), base))
    found = {
        "ring": np.clip(np.log(bounded / (1 - bounded)), -LOGIT_MOST, LOGIT_MOST)[ring],
        "shares_as_ring": members.covered - facts.covered[ring],
        "lives_as_ring": lives,
        "acts_with_ring": _likeness(members.ring, members.acts, members.moves, facts.chance),
    }
    return {code: np.where(none, np.nan, values) for code, values in found.items()} | own.by_code


def alone(own: AccountFacts) -> dict[str, Floats]:
    """The fact of each term, for N accounts without a group."""
    nothing = np.full(len(own.by_code["velocity"]), np.nan)
    return dict.fromkeys(AS_MEMBER, nothing) | own.by_code


def risk(table: Table, facts: dict[str, Floats]) -> Floats:
    """The probability that an account is fake (N, 0 to 1)."""
    return sigmoid(table.logit(facts))


def _likeness(ring: Ints, hits: Ints | Flags, tries: Ints, usual: Floats) -> Floats:
    """ln P(hits of tries | share of hits in the ring) / P(.. | usual share, R), 0 outside of rings (N), within
    LIKENESS_MOST. The ring's share is drawn to the usual one as if SHRINK more tries were as is usual."""
    placed = np.flatnonzero(ring >= 0)
    of = ring[placed]
    rings = len(usual)
    share = shrunk(np.bincount(of, hits[placed], rings), np.bincount(of, tries[placed], rings).astype(np.int64), usual)
    share, base = np.clip(share, *parameters.SHARE_BOUNDS), np.clip(usual, *parameters.SHARE_BOUNDS)
    likeness = np.zeros(len(ring))
    likeness[placed] = hits[placed] * np.log(share / base)[of]
    likeness[placed] += (tries - hits)[placed] * np.log((1 - share) / (1 - base))[of]
    return np.clip(likeness, -parameters.LIKENESS_MOST, parameters.LIKENESS_MOST)


def own_links(snapshot: Snapshot, evidence: Evidence) -> Floats:
    """It came from addresses on which many accounts were made at the same time.

    N, 0 to 1.
    """
    prior = priors(snapshot, parameters.EVIDENCE)[snapshot.identifier]
    tie = parameters.MEMBER_LINK * evidence.link * prior * ~snapshot.strong[snapshot.identifier]
    untied = np.bincount(snapshot.account, np.log1p(-np.minimum(tie, 0.999)), snapshot.accounts)
    return 1.0 - np.exp(untied)


def velocity(snapshot: Snapshot, usual: Population) -> Floats:
    """It added more cards and devices within weeks or months than nearly all others did.

    N, decimal orders: the mean over several spans of -log10 of the share of accounts that added as many within such a
    span, plus a part of the mean of the other accounts on its most suspect card or device. nan where nearly all links
    are as old as their account, as in data that tells all of an account at once: what is no speed there is how many.
    """
    if usual.birth_share > UNIVERSAL:
        return np.full(snapshot.accounts, np.nan)
    rare = [rarity(counts, every) for counts, every in zip(usual.added, usual.added_usual, strict=True)]
    own = np.mean(-np.log10(rare), axis=0)
    return np.asarray(own + parameters.VELOCITY_OTHERS * _most_suspect_others(snapshot, own))


def _most_suspect_others(snapshot: Snapshot, x: Floats) -> Floats:
    """The highest mean of x over the other accounts on one of an account's shared cards and devices, 0 without (N)."""
    rows = np.flatnonzero(snapshot.strong[snapshot.identifier] & (snapshot.k >= 2)[snapshot.identifier])
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    total = np.bincount(identifier, x[account], snapshot.identifiers)
    others = (total[identifier] - x[account]) / (snapshot.k[identifier] - 1)
    most = np.zeros(snapshot.accounts)
    np.maximum.at(most, account, others)
    return most
