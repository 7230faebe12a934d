"""Facts about candidate rings, all at once as arrays: what the signals are computed from."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np

from service.detection import parameters
from service.detection.evidence.bursts import chance_synchrony, synchronised
from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import priors
from service.detection.evidence.signup_windows import narrowest
from service.detection.reading.population import Population
from service.detection.reading.snapshot import Flags, Floats, Ints, Snapshot
from service.detection.scoring.excess import excess, shrunk, tells_apart
from service.detection.scoring.tying import (
    Pairs,
    accounts_of,
    identifiers_of,
    mean_exits,
    mean_rarity,
    mean_users,
    pairs_of,
    tied_excess,
)

ENOUGH_MOVES = 0.5  # later first uses of an identifier, for each member, from which acting in step can be judged
TOLD_TO_S = 600  # creations told to coarser steps than this say nothing of minutes


@dataclass(frozen=True, slots=True)
class RingFacts:
    """R candidate rings; nan where a fact can't be known: too few members are old enough, the data is told to the day,
    or nearly all or none of the population have it.

    size: accounts. covered: share of what members use that is inside. nats: surprise of the creations, per account.
    born_from, born_to: epoch seconds. unanchored, without_home, short,
    birth_share: excess over the population, -1 to 1. in_step: share of members made in step. acting: share
    of members that later turned up somewhere new in step; chance: how often a stranger would. gap_s: median seconds
    between two creations, one after the other. arrivals: surprise of the times at which members that are older than
    that came to what ties them, nats per account. rarity: how rare it is to share a card or device
    with as many (decimal orders, mean over the members). crowding: how rare cards and devices with as many
    accounts are, the same. exits: how rare it is to use as many addresses without one of one's own,
    the same. exclusive: share of the accounts on what ties them that are members. lacking: share of the
    members with a card or device that have none of their own. tied_unanchored,
    tied_short: excess among all accounts on the cards and devices that tie them; tied_without_home: on what
    else ties them, which are addresses. strong_users, place_users: accounts on one of these, on average."""

    size: Ints
    covered: Floats
    nats: Floats
    born_from: Ints
    born_to: Ints
    unanchored: Floats
    without_home: Floats
    short: Floats
    birth_share: Floats
    in_step: Floats
    acting: Floats
    chance: Floats
    gap_s: Floats
    arrivals: Floats
    rarity: Floats
    crowding: Floats
    exits: Floats
    exclusive: Floats
    lacking: Floats
    tied_unanchored: Floats
    tied_short: Floats
    tied_without_home: Floats
    strong_users: Floats
    place_users: Floats


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Accounts (N) as members of the ring that `ring` numbers (-1: none): covered (share of what it uses that is inside
    its ring), moves (how often it later turned up anywhere new) and acts (how often of these in step with its ring)."""

    ring: Ints
    covered: Floats
    moves: Ints
    acts: Ints


def describe(
    snapshot: Snapshot, evidence: Evidence, usual: Population, ring: Ints
) -> tuple[RingFacts, MemberFacts, Pairs]:
    """Facts of the rings that `ring` (N; -1 for none) puts accounts in."""
    rings = int(ring.max(initial=-1)) + 1
    rows = np.flatnonzero(ring[snapshot.account] >= 0)
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    pairs, pair = pairs_of(snapshot, evidence, ring, rows)
    inside = pairs.inside[pair]
    weight = priors(snapshot, parameters.EVIDENCE)[identifier]
    size = np.bincount(ring[ring >= 0], minlength=rings).astype(np.int64)

    of = ring[account]
    total = np.bincount(of, weight, rings)
    covered = np.bincount(of, weight * inside, rings) / np.maximum(total + 0.25 * size, 1e-9)
    own_total = np.bincount(account, weight, snapshot.accounts)
    own_covered = np.bincount(account, weight * inside, snapshot.accounts) / np.maximum(own_total, 1e-9)

    tied = partial(tied_excess, snapshot, pairs, rings)
    minutes = np.nan if usual.resolution_s > TOLD_TO_S else 0.0
    nats, born_from, born_to, step = _births(snapshot, usual, ring)
    acting, chance, moves, acts = _acting(snapshot, usual, ring, rows, size)
    birth_links = np.bincount(of, snapshot.birth[rows], rings) / np.maximum(np.bincount(of, minlength=rings), 1)
    facts = RingFacts(
        size=size,
        covered=covered,
        nats=nats,
        born_from=born_from,
        born_to=born_to,
        unanchored=_excess(ring, rings, ~usual.anchored, usual.mature, usual.unanchored_share),
        without_home=_excess(ring, rings, ~usual.at_home, usual.placed, usual.no_home_share),
        short=_excess(ring, rings, usual.short, usual.settled, usual.short_share),
        birth_share=_known(excess(birth_links, usual.birth_share), usual.birth_share),
        in_step=shrunk(np.bincount(ring[ring >= 0], step[ring >= 0], rings), size, parameters.USUALLY_IN_STEP)
        + minutes,
        acting=acting + minutes,
        chance=chance,
        gap_s=np.maximum(_gaps(snapshot, ring, rings), usual.resolution_s),
        arrivals=_arrivals(snapshot, usual, ring, rows[inside], size),
        rarity=mean_rarity(snapshot, usual.sharing, ring, rows[inside], size, accounts_of),
        crowding=mean_rarity(snapshot, usual.crowded, ring, rows[inside], size, identifiers_of),
        exits=mean_exits(usual, ring, size),
        exclusive=np.bincount(pairs.ring[pairs.inside], (pairs.held * pairs.members)[pairs.inside], rings)
        / np.maximum(np.bincount(pairs.ring[pairs.inside], pairs.members[pairs.inside], rings), 1),
        lacking=_lacking(snapshot, ring, size),
        tied_unanchored=tied(snapshot.strong, ~usual.anchored, usual.mature, usual.unanchored_share),
        tied_short=tied(snapshot.strong, usual.short, usual.settled, usual.short_share),
        tied_without_home=tied(~snapshot.strong, ~usual.at_home, usual.placed, usual.no_home_share),
        strong_users=mean_users(snapshot, pairs, rings, snapshot.strong),
        place_users=mean_users(snapshot, pairs, rings, ~snapshot.strong),
    )
    members = MemberFacts(ring, own_covered, moves, acts)
    return facts, members, pairs


def _gaps(snapshot: Snapshot, ring: Ints, rings: int) -> Floats:
    """The median of the seconds between two creations in a ring, one after the other (R; nan for one account)."""
    members = np.flatnonzero(ring >= 0)
    members = members[np.lexsort((snapshot.created[members], ring[members]))]
    same = np.diff(ring[members]) == 0
    gap, of = np.diff(snapshot.created[members])[same], ring[members][1:][same]
    order = np.lexsort((gap, of))
    count = np.bincount(of, minlength=rings)
    middle = np.cumsum(count) - count + (count - 1) // 2
    found = np.full(rings, np.nan)
    some = count > 0
    found[some] = gap[order][middle[some]]
    return found


def _arrivals(snapshot: Snapshot, usual: Population, ring: Ints, inside: Ints, size: Ints) -> Floats:
    """How surprising it is when members came to what ties them, in nats per account (R), for those of the links (rows)
    that are not as old as the account; nan where fewer than half of the members have such."""
    late = inside[~snapshot.birth[inside]]
    late = late[np.lexsort((snapshot.first[late], snapshot.account[late]))]
    late = late[np.diff(snapshot.account[late], prepend=-1) != 0]
    count = np.bincount(ring[snapshot.account[late]], minlength=len(size))
    known = np.flatnonzero((count >= 2) & (2 * count >= size))
    nats = np.full(len(size), np.nan)
    chosen = late[np.isin(ring[snapshot.account[late]], known)]
    if len(known) and len(usual.moves):
        chosen = chosen[np.lexsort((snapshot.first[chosen], ring[snapshot.account[chosen]]))]
        start = np.concatenate([[0], np.cumsum(count[known])]).astype(np.int64)
        nats[known] = narrowest(snapshot.first[chosen], start, usual.moves, parameters.EVIDENCE.quotas, True)[0]
    return nats


def _known(excess_of: Floats, usual: float) -> Floats:
    """An excess, nan where nearly all or none of the population have the trait."""
    return excess_of if tells_apart(usual) else np.full(len(excess_of), np.nan)


def _births(snapshot: Snapshot, usual: Population, ring: Ints) -> tuple[Floats, Ints, Ints, Floats]:
    """Surprise and window of each ring's births, and for each account (N) 1 if it was born in step with its ring."""
    members = np.flatnonzero(ring >= 0)
    members = members[np.lexsort((snapshot.created[members], ring[members]))]
    step = np.zeros(snapshot.accounts)
    if len(members) == 0:
        none = np.zeros(0, np.int64)
        return np.zeros(0), none, none, step
    start = np.concatenate([[0], np.cumsum(np.bincount(ring[members]))]).astype(np.int64)
    time = snapshot.created[members]
    nats, born_from, born_to = narrowest(time, start, usual.births, parameters.EVIDENCE.quotas, True)
    step[members] = synchronised(time, start, usual.births, parameters.STEP) >= parameters.STEP.surprise
    return nats, born_from, born_to, step


def _acting(
    snapshot: Snapshot, usual: Population, ring: Ints, rows: Ints, size: Ints
) -> tuple[Floats, Floats, Ints, Ints]:
    """Share of each ring's members that, after their birth, turned up on an identifier in step with other members; how
    often a stranger would; and how often each account (N) turned up anywhere new at all, and in step."""
    later = ~snapshot.birth & snapshot.sent[snapshot.identifier]
    late = rows[later[rows]]
    late = late[np.lexsort((snapshot.first[late], ring[snapshot.account[late]]))]
    account = snapshot.account[late]
    moves = np.bincount(account, minlength=snapshot.accounts).astype(np.int64)
    chance = np.full(len(size), parameters.USUALLY_IN_STEP)
    if len(late) == 0:
        return np.full(len(size), np.nan), chance, moves, moves
    count = np.bincount(ring[account], minlength=len(size))
    moved = np.flatnonzero(count)
    time, start = snapshot.first[late], np.concatenate([[0], np.cumsum(count[moved])]).astype(np.int64)
    together = synchronised(time, start, usual.moves, parameters.STEP) >= parameters.STEP.surprise
    strangers = np.sort(snapshot.first[later & (ring < 0)[snapshot.account]])
    if len(strangers):
        by_chance = chance_synchrony(time, start, strangers, usual.moves, parameters.STEP)
        chance[moved] = np.maximum(by_chance, parameters.USUALLY_IN_STEP)
    acts = np.bincount(account[together], minlength=snapshot.accounts).astype(np.int64)
    share = shrunk(np.bincount(ring[acts > 0], minlength=len(size)), size, parameters.USUALLY_IN_STEP)
    return np.where(count >= ENOUGH_MOVES * np.maximum(size, 1), share, np.nan), chance, moves, acts


def _lacking(snapshot: Snapshot, ring: Ints, size: Ints) -> Floats:
    """The share of members without a card or device of their own, of those that have any (R); nan where fewer than half
    of the members have."""
    strong = snapshot.strong[snapshot.identifier]
    has = np.bincount(snapshot.account[strong], minlength=snapshot.accounts) > 0
    own = strong & (snapshot.k == 1)[snapshot.identifier]
    owns = np.bincount(snapshot.account[own], minlength=snapshot.accounts) > 0
    placed = ring >= 0
    having = np.bincount(ring[placed & has], minlength=len(size))
    lacking = np.bincount(ring[placed & has & ~owns], minlength=len(size))
    return np.where(2 * having >= np.maximum(size, 1), lacking / np.maximum(having, 1), np.nan)


def _excess(ring: Ints, rings: int, flags: Flags, among: Flags, usual: float) -> Floats:
    """Excess of a share of members over the population's; nan where fewer than half of the members are old enough, or
    where nearly all or none of the population have it."""
    if not tells_apart(usual):
        return np.full(rings, np.nan)
    placed = ring >= 0
    size = np.bincount(ring[placed], minlength=rings)
    judged = np.bincount(ring[placed & among], minlength=rings)
    share = shrunk(np.bincount(ring[placed & among], flags[placed & among], rings), judged, usual)
    return np.where((judged * 2 >= size) & (judged > 0), excess(share, usual), np.nan)
