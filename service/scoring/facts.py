"""Facts about candidate rings, all at once as arrays: what the signals are computed from."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.detection.evidence import Evidence, narrowest, priors
from service.detection.project import kept_links
from service.detection.snapshot import IP, Flags, Floats, Ints, Snapshot
from service.detection.step import arrivals_of, in_step
from service.detection.usual import Usual
from service.scoring import weights
from service.scoring.added import most_within
from service.scoring.young import fresh

ENOUGH_MOVES = 0.5  # later first uses of an identifier, for each member, from which acting in step can be judged
SHARES = ("unaddressed_share", "unanchored_share", "short_share", "birth_share")
COVERED = 0.4  # share of members from which a kind counts as holding a ring together


@dataclass(frozen=True, slots=True)
class Population:
    """What is usual: for each account (N) whether it is anchored, addressed (has an address of its own,
    its household's, or one it kept; online: old enough to tell), short-lived, and old enough to tell; and the
    shares of the population. `births` is all creations, `moves` all later first uses of an identifier, `arrivals` all
    first uses of addresses, sorted. `added` is how many cards and devices each account (N) added within each of
    VELOCITY_SPANS_S at most, `added_usual` how many of all accounts added 0, 1, 2.. of them."""

    anchored: Flags
    addressed: Flags
    online: Flags
    mature: Flags
    short: Flags
    settled: Flags
    births: Ints
    moves: Ints
    arrivals: Ints
    unaddressed_share: float
    unanchored_share: float
    short_share: float
    birth_share: float
    added: list[Ints]
    added_usual: list[Ints]


@dataclass(frozen=True, slots=True)
class RingFacts:
    """R candidate rings: size, covered (share of what members use that is inside), nats (surprise of births, per
    account), born_from and born_to (epoch seconds), reuse (accounts for each identifier, in doublings, times covered
    share), kinds (of identifier that cover members), unanchored, unaddressed, short, birth_share (excess over the
    population, -1 to 1), in_step (share of members born in step), acting (share of members that later turned up
    somewhere new in step; nan where there is too little to tell), fresh (in a ring too young to be judged by addresses,
    how far its members share a device and more that nobody else used; 0 in others)."""

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
    fresh: Floats


@dataclass(frozen=True, slots=True)
class MemberFacts:
    """Accounts (N) as members of the ring that `ring` numbers (-1: none): covered (share of what it uses that is inside
    its ring), strength (0 to 1, how strongly its links tie it to the ring), in_step (whether born in step), moved
    (whether it later turned up anywhere new), acting (whether it did so in step)."""

    ring: Ints
    covered: Floats
    strength: Floats
    in_step: Flags
    moved: Flags
    acting: Flags


@dataclass(frozen=True, slots=True)
class Pairs:
    """P pairs of a ring and an identifier that members use: members (P), held (share of its accounts in the ring),
    inside (whether it ties the ring together)."""

    ring: Ints
    identifier: Ints
    members: Ints
    held: Floats
    inside: Flags


def population(snapshot: Snapshot) -> Population:
    """The usual shares. Anchors and short lives are judged only on accounts that are old enough to have them."""
    kind = snapshot.kind[snapshot.identifier]
    own = (snapshot.k[snapshot.identifier] == 1) & (kind <= IP)
    kept = snapshot.last - snapshot.first >= weights.ADDRESS_S
    home = (kind == IP) & ((snapshot.k[snapshot.identifier] <= weights.HOUSEHOLD) | kept)
    addressed = np.bincount(snapshot.account[home], minlength=snapshot.accounts) > 0
    online = np.bincount(snapshot.account[kind == IP], minlength=snapshot.accounts) > 0
    online &= snapshot.created <= snapshot.now - weights.ADDRESS_S
    long = own & (snapshot.last - snapshot.first >= weights.ANCHOR_S)
    anchored = np.bincount(snapshot.account[long], minlength=snapshot.accounts) > 0
    mature = snapshot.created <= snapshot.now - weights.ANCHOR_S
    short = snapshot.active - snapshot.created <= weights.SHORT_LIFE_S
    settled = snapshot.created <= snapshot.now - 2 * weights.SHORT_LIFE_S
    added = [most_within(snapshot, span) for span in weights.VELOCITY_SPANS_S]
    return Population(
        anchored=anchored,
        addressed=addressed,
        online=online,
        mature=mature,
        short=short,
        settled=settled,
        births=np.sort(snapshot.created),
        moves=np.sort(snapshot.first[~snapshot.birth]),
        arrivals=arrivals_of(snapshot),
        unaddressed_share=_share(~addressed, online),
        unanchored_share=_share(~anchored, mature),
        short_share=_share(short, settled),
        birth_share=float(snapshot.birth.mean()) if len(snapshot.birth) else 1.0,
        added=added,
        added_usual=[np.bincount(counts) for counts in added],
    )


def usual_of(population: Population, snapshot: Snapshot) -> Usual:
    """What a look at a part of the graph needs to know of all of it."""
    shares = {name: getattr(population, name) for name in SHARES}
    uses = int(snapshot.uses.sum())
    return Usual(
        population.births, population.moves, population.arrivals, shares, population.added_usual, uses, snapshot.now
    )


def within(usual: Usual, part: Snapshot) -> Population:
    """The population of which `part` is a part: its accounts' own flags, and what is usual in all of the graph."""
    known = usual.until(part)
    return replace(
        population(part),
        births=known.births,
        moves=known.moves,
        arrivals=known.arrivals,
        unaddressed_share=known.shares["unaddressed_share"],
        unanchored_share=known.shares["unanchored_share"],
        short_share=known.shares["short_share"],
        birth_share=known.shares["birth_share"],
        added_usual=known.added,
    )


def _share(flags: Flags, among: Flags) -> float:
    return float(flags[among].mean()) if among.any() else 1.0


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
    weight = priors(snapshot, weights.EVIDENCE)[identifier]
    size = np.bincount(ring[ring >= 0], minlength=rings).astype(np.int64)

    of = ring[account]
    total = np.bincount(of, weight, rings)
    covered = np.bincount(of, weight * inside, rings) / np.maximum(total + 0.25 * size, 1e-9)
    own_total = np.bincount(account, weight, snapshot.accounts)
    own_covered = np.bincount(account, weight * inside, snapshot.accounts) / np.maximum(own_total, 1e-9)
    strength = evidence.strength(snapshot)[rows]
    tie = weights.MEMBER_LINK * strength * np.maximum(pairs.held[pair], weights.MEMBER_HELD_LEAST)
    untied = np.bincount(account[inside], np.log1p(-np.minimum(tie[inside], 0.999)), snapshot.accounts)

    nats, born_from, born_to, step = _births(snapshot, usual, ring)
    acting, moved, acts = _acting(snapshot, usual, ring, rows, size)
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
        in_step=np.bincount(ring[ring >= 0], step[ring >= 0], rings) / np.maximum(size, 1),
        acting=acting,
        fresh=fresh(snapshot, ring, rows, (pairs.inside & (pairs.held >= weights.FRESH_HELD))[pair]),
    )
    return facts, MemberFacts(ring, own_covered, 1.0 - np.exp(untied), step > 0, moved, acts), pairs


def _pairs(snapshot: Snapshot, evidence: Evidence, ring: Ints, rows: Ints) -> tuple[Pairs, Ints]:
    """Pairs of ring and identifier, and the pair that each of the given links belongs to."""
    key = ring[snapshot.account[rows]] * snapshot.identifiers + snapshot.identifier[rows]
    found, pair, members = np.unique(key, return_inverse=True, return_counts=True)
    ring_of, identifier = np.divmod(found, max(snapshot.identifiers, 1))
    strong = kept_links(snapshot, evidence.strength(snapshot), weights.GROUPS.pruned_evidence)
    kept = np.bincount(pair, strong[rows], len(found)) >= 2
    held = members / np.maximum(snapshot.k[identifier], 1)
    inside = ((members >= weights.INSIDE_MEMBERS) & (held >= weights.INSIDE_HELD)) | kept
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
    nats, born_from, born_to = narrowest(time, start, usual.births, weights.EVIDENCE.quotas)
    step[members] = in_step(time, start, usual.births, weights.STEP) >= weights.STEP.surprise
    return nats, born_from, born_to, step


def _acting(snapshot: Snapshot, usual: Population, ring: Ints, rows: Ints, size: Ints) -> tuple[Floats, Flags, Flags]:
    """Share of each ring's members that, after their birth, turned up on an identifier in step with other members;
    and for each account (N) whether it turned up anywhere new at all, and whether in step."""
    late = rows[~snapshot.birth[rows] & (snapshot.kind[snapshot.identifier[rows]] <= IP)]
    order = np.lexsort((snapshot.first[late], ring[snapshot.account[late]]))
    late = late[order]
    account = snapshot.account[late]
    moved, acts = np.zeros(snapshot.accounts, bool), np.zeros(snapshot.accounts, bool)
    if len(late) == 0:
        return np.full(len(size), np.nan), moved, acts
    count = np.bincount(ring[account], minlength=len(size))
    start = np.concatenate([[0], np.cumsum(count[np.flatnonzero(count)])]).astype(np.int64)
    together = in_step(snapshot.first[late], start, usual.moves, weights.STEP) >= weights.STEP.surprise
    moved[account] = True
    acts[account[together]] = True
    share = np.bincount(ring[acts], minlength=len(size)) / np.maximum(size, 1)
    return np.where(count >= ENOUGH_MOVES * np.maximum(size, 1), share, np.nan), moved, acts


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
        reuse = np.maximum(reuse, weights.EVIDENCE.priors[name] * doublings * share)
        kinds += share >= COVERED
    return reuse, kinds


def _ring_excess(ring: Ints, rings: int, flags: Flags, among: Flags, usual: float) -> Floats:
    """Excess of a share of members over the population's; 0 where fewer than half of the members are old enough."""
    placed = ring >= 0
    size = np.bincount(ring[placed], minlength=rings)
    judged = np.bincount(ring[placed & among], minlength=rings)
    share = np.bincount(ring[placed & among], flags[placed & among], rings) / np.maximum(judged, 1)
    return np.where(judged * 2 >= np.maximum(size, 1), excess(share, usual), 0.0)
