"""Facts about candidate rings, all at once as arrays: what the signals are computed from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection import parameters
from service.detection.evidence.bursts import chance_synchrony, synchronised
from service.detection.evidence.combine import Evidence
from service.detection.evidence.link_weights import kept_links, priors
from service.detection.evidence.signup_windows import narrowest
from service.detection.reading.population import Population
from service.detection.reading.snapshot import IP, Flags, Floats, Ints, Snapshot
from service.detection.scoring.new_rings import fresh

ENOUGH_MOVES = 0.5  # later first uses of an identifier, for each member, from which acting in step can be judged
COVERED = 0.4  # share of members from which a kind counts as holding a ring together


@dataclass(frozen=True, slots=True)
class RingFacts:
    """R candidate rings: size, covered (share of what members use that is inside), nats (surprise of births, per
    account), born_from and born_to (epoch seconds), reuse (accounts for each identifier, in doublings, times covered
    share), kinds (of identifier that cover members), unanchored, unaddressed, short, birth_share (excess over the
    population, -1 to 1), in_step (share of members born in step), acting (share of members that later turned up
    somewhere new in step; nan where there is too little to tell), chance (how often a stranger would), fresh (in a ring
    too young to be judged by addresses, how far its members share a device and more that nobody else used; 0 in
    others). An excess is nan where too few members are old enough to tell."""

    size: Ints
    covered: Floats
    nats: Floats
    born_from: Ints
    born_to: Ints
    reuse: Floats
    kinds: Floats
    unanchored: Floats
    unaddressed: Floats
    short: Floats
    birth_share: Floats
    in_step: Floats
    acting: Floats
    chance: Floats
    fresh: Floats


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Accounts (N) as members of the ring that `ring` numbers (-1: none): covered (share of what it uses that is inside
    its ring), strength (0 to 1, how strongly its links tie it to the ring), moves (how often it later turned up
    anywhere new) and acts (how often of these in step with its ring)."""

    ring: Ints
    covered: Floats
    strength: Floats
    moves: Ints
    acts: Ints


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs of a ring and an identifier that members use: members (P), held (share of its accounts in the ring),
    inside (whether it ties the ring together)."""

    ring: Ints
    identifier: Ints
    members: Ints
    held: Floats
    inside: Flags


def excess(share: Floats, usual: float) -> Floats:
    """How far a share lies above (to 1) or below (to -1) what is usual; 0 where all of the population has it."""
    if usual >= 1.0:
        return np.zeros_like(share)
    return np.clip((share - usual) / (1.0 - usual), -1.0, 1.0)


def describe(
    snapshot: Snapshot, evidence: Evidence, usual: Population, ring: Ints
) -> tuple[RingFacts, MemberFacts, Pairs]:
    """Facts of the rings that `ring` (N; -1 for none) puts accounts in."""
    rings = int(ring.max(initial=-1)) + 1
    rows = np.flatnonzero(ring[snapshot.account] >= 0)
    account, identifier = snapshot.account[rows], snapshot.identifier[rows]
    pairs, pair = _pairs(snapshot, evidence, ring, rows)
    inside = pairs.inside[pair]
    weight = priors(snapshot, parameters.EVIDENCE)[identifier]
    size = np.bincount(ring[ring >= 0], minlength=rings).astype(np.int64)

    of = ring[account]
    total = np.bincount(of, weight, rings)
    covered = np.bincount(of, weight * inside, rings) / np.maximum(total + 0.25 * size, 1e-9)
    own_total = np.bincount(account, weight, snapshot.accounts)
    own_covered = np.bincount(account, weight * inside, snapshot.accounts) / np.maximum(own_total, 1e-9)
    strength = evidence.strength(snapshot)[rows]
    tie = parameters.MEMBER_LINK * strength * np.maximum(pairs.held[pair], parameters.MEMBER_HELD_LEAST)
    untied = np.bincount(account[inside], np.log1p(-np.minimum(tie[inside], 0.999)), snapshot.accounts)

    nats, born_from, born_to, step = _births(snapshot, usual, ring)
    acting, chance, moves, acts = _acting(snapshot, usual, ring, rows, size)
    reuse, kinds = _by_kind(snapshot, ring, rows, inside, size)
    birth_links = np.bincount(of, snapshot.birth[rows], rings) / np.maximum(np.bincount(of, minlength=rings), 1)
    facts = RingFacts(
        size=size,
        covered=covered,
        nats=nats,
        born_from=born_from,
        born_to=born_to,
        reuse=reuse,
        kinds=kinds,
        unanchored=_ring_excess(ring, rings, ~usual.anchored, usual.mature, usual.unanchored_share),
        unaddressed=_ring_excess(ring, rings, ~usual.addressed, usual.online, usual.unaddressed_share),
        short=_ring_excess(ring, rings, usual.short, usual.settled, usual.short_share),
        birth_share=excess(birth_links, usual.birth_share),
        in_step=shrunk(np.bincount(ring[ring >= 0], step[ring >= 0], rings), size, parameters.USUALLY_IN_STEP),
        acting=acting,
        chance=chance,
        fresh=fresh(snapshot, ring, rows, (pairs.inside & (pairs.held >= parameters.FRESH_HELD))[pair]),
    )
    return facts, MemberFacts(ring, own_covered, 1.0 - np.exp(untied), moves, acts), pairs


def shrunk(count: Floats | Ints, of: Ints, usual: Floats | float) -> Floats:
    """A share of members, drawn towards what is usual as if SHRINK accounts more were as is usual: in a ring of four,
    two are no pattern."""
    return np.asarray((count + parameters.SHRINK * usual) / (of + parameters.SHRINK))


def _pairs(snapshot: Snapshot, evidence: Evidence, ring: Ints, rows: Ints) -> tuple[Pairs, Ints]:
    """Pairs of ring and identifier, and the pair that each of the given links belongs to."""
    key = ring[snapshot.account[rows]] * snapshot.identifiers + snapshot.identifier[rows]
    found, pair, members = np.unique(key, return_inverse=True, return_counts=True)
    ring_of, identifier = np.divmod(found, max(snapshot.identifiers, 1))
    strong = kept_links(snapshot, evidence.strength(snapshot), parameters.GROUPS.pruned_evidence)
    kept = np.bincount(pair, strong[rows], len(found)) >= 2
    held = members / np.maximum(snapshot.k[identifier], 1)
    inside = ((members >= parameters.INSIDE_MEMBERS) & (held >= parameters.INSIDE_HELD)) | kept
    return Pairs(ring_of, identifier, members, held, inside), pair


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
    nats, born_from, born_to = narrowest(time, start, usual.births, parameters.EVIDENCE.quotas)
    step[members] = synchronised(time, start, usual.births, parameters.STEP) >= parameters.STEP.surprise
    return nats, born_from, born_to, step


def _acting(
    snapshot: Snapshot, usual: Population, ring: Ints, rows: Ints, size: Ints
) -> tuple[Floats, Floats, Ints, Ints]:
    """Share of each ring's members that, after their birth, turned up on an identifier in step with other members; how
    often a stranger would; and how often each account (N) turned up anywhere new at all, and in step."""
    later = ~snapshot.birth & (snapshot.kind[snapshot.identifier] <= IP)
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


def _by_kind(snapshot: Snapshot, ring: Ints, rows: Ints, inside: Flags, size: Ints) -> tuple[Floats, Floats]:
    """Reuse (the best kind's prior times doublings of links an identifier, times covered share) and kinds that cover
    40 % of members, for each ring (R). Networks are a coarser view of IPs and count for neither."""
    rings = len(size)
    reuse, kinds = np.zeros(rings), np.zeros(rings)
    for number, name in enumerate(("payment_method", "device", "ip")):
        chosen = rows[inside & (snapshot.kind[snapshot.identifier[rows]] == number)]
        of = ring[snapshot.account[chosen]]
        links = np.bincount(of, minlength=rings)
        distinct = np.unique(of * snapshot.identifiers + snapshot.identifier[chosen])
        identifiers = np.bincount(distinct // max(snapshot.identifiers, 1), minlength=rings)
        members = np.unique(of * snapshot.accounts + snapshot.account[chosen])
        share = np.bincount(members // max(snapshot.accounts, 1), minlength=rings) / np.maximum(size, 1)
        doublings = np.log2(np.maximum(links, 1) / np.maximum(identifiers, 1))
        reuse = np.maximum(reuse, parameters.EVIDENCE.priors[name] * doublings * share)
        kinds += share >= COVERED
    return reuse, kinds


def _ring_excess(ring: Ints, rings: int, flags: Flags, among: Flags, usual: float) -> Floats:
    """Excess of a share of members over the population's; nan where fewer than half of the members are old enough."""
    placed = ring >= 0
    size = np.bincount(ring[placed], minlength=rings)
    judged = np.bincount(ring[placed & among], minlength=rings)
    share = shrunk(np.bincount(ring[placed & among], flags[placed & among], rings), judged, usual)
    return np.where(judged * 2 >= np.maximum(size, 1), excess(share, usual), np.nan)
