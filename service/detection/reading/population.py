"""The population: the facts of each account, and their shares among all, which a ring is compared with."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from service.detection import parameters
from service.detection.reading.baseline import Baseline
from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import GROUP_STRIDE, Flags, Floats, Ints, Snapshot

SHARES = (
    "unaddressed_share",
    "unanchored_share",
    "short_share",
    "birth_share",
    "no_home_share",
    "resolution_s",
)
ADDRESSES_TOLD = 0.4  # first uses of addresses for each account, from which the data tells them; fitted worlds have 0.5
MOST_EXITS = 63  # addresses of an account, above which more say no more
RESOLUTIONS_S = (86_400, 3_600, 60, 1)
OF_STEP = 0.95  # of all creations that lie on whole steps, from which the data is told to that step only


@dataclass(frozen=True, slots=True)
class Population:
    """What accounts have in common.

    For each account (N): anchored (kept an identifier of its own), addressed (has an address of its own, its
    household's, or one it kept), at_home (has a household's address), no_residential_ip (has addresses, but none of its
    own or its household's), short (fell silent within a week); and whether it is old enough to tell (mature: anchored,
    online: addressed, placed: at_home, settled: short). The shares are those of the accounts that are old enough.

    births: all creations; moves: all later first uses of an identifier; arrivals: all first uses of addresses; sorted
    epoch seconds. added: how many cards and devices each account (N) added within each of VELOCITY_SPANS_S at most,
    added_usual: how many of all accounts added 0, 1, 2.. of them. sharing: of each strong kind (cards, devices), how
    many accounts share one with as many, by size class; crowded: how many of its identifiers have as many accounts.
    exits: how many addresses each account (N) uses that has none of its own or its household's (0: it has one; at most
    MOST_EXITS), exits_usual: how many of all accounts use 0, 1, 2.. so.
    resolution_s: the step to which creations are told. addresses_told: whether the data tells addresses, enough of them
    that they are not an accident."""

    anchored: Flags
    addressed: Flags
    online: Flags
    placed: Flags
    at_home: Flags
    no_residential_ip: Flags
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
    sharing: list[Ints]
    crowded: list[Ints]
    exits: Ints
    exits_usual: Ints
    no_home_share: float
    resolution_s: float
    addresses_told: bool


def population_of(snapshot: Snapshot) -> Population:
    """Of all accounts. Anchors and short lives are judged only on accounts that are old enough to have them."""
    place = snapshot.place[snapshot.identifier]
    own = (snapshot.k[snapshot.identifier] == 1) & snapshot.sent[snapshot.identifier]
    kept = snapshot.last - snapshot.first >= parameters.ADDRESS_S
    household = place & (snapshot.k[snapshot.identifier] <= parameters.HOUSEHOLD)
    seen_online = _any(snapshot, place)
    no_residential_ip = seen_online & ~_any(snapshot, household)
    stayed = snapshot.last - snapshot.first >= parameters.DAY_S
    at_home = _any(snapshot, household & (stayed | (snapshot.k[snapshot.identifier] > 1)))
    # An address that one account used once is a home or a rented one: that can't be told.
    placed = (at_home | no_residential_ip) & (snapshot.active - snapshot.created >= parameters.DAY_S)
    addressed = _any(snapshot, household | (place & kept))
    online = seen_online & (snapshot.created <= snapshot.now - parameters.ADDRESS_S)
    anchored = _any(snapshot, own & (snapshot.last - snapshot.first >= parameters.ANCHOR_S))
    mature = snapshot.created <= snapshot.now - parameters.ANCHOR_S
    short = snapshot.active - snapshot.created <= parameters.SHORT_LIFE_S
    settled = snapshot.created <= snapshot.now - 2 * parameters.SHORT_LIFE_S
    added = most_within(snapshot, parameters.VELOCITY_SPANS_S)
    arrivals = arrivals_of(snapshot)
    addresses = np.bincount(snapshot.account[place], minlength=snapshot.accounts)
    exits = np.where(no_residential_ip, np.minimum(addresses, MOST_EXITS), 0)
    return Population(
        anchored=anchored,
        addressed=addressed,
        online=online,
        placed=placed,
        at_home=at_home,
        no_residential_ip=no_residential_ip,
        mature=mature,
        short=short,
        settled=settled,
        births=np.sort(snapshot.created),
        moves=np.sort(snapshot.first[~snapshot.birth]),
        arrivals=arrivals,
        unaddressed_share=_share(~addressed, online),
        unanchored_share=_share(~anchored, mature),
        short_share=_share(short, settled),
        birth_share=float(snapshot.birth.mean()) if len(snapshot.birth) else 1.0,
        added=added,
        added_usual=[np.bincount(counts) for counts in added],
        sharing=[np.bincount(most_shared(snapshot, kind)) for kind in codes().strong_codes],
        crowded=[np.bincount(size_class(snapshot.k[snapshot.kind == kind])) for kind in codes().strong_codes],
        exits=exits,
        exits_usual=np.bincount(exits),
        no_home_share=_share(~at_home, placed),
        resolution_s=float(_resolution(snapshot.created)),
        addresses_told=_told(arrivals, snapshot.created),
    )


def most_within(snapshot: Snapshot, spans_s: tuple[int, ...]) -> list[Ints]:
    """The most cards and devices that each account (N) added within any span, for each of the spans."""
    rows = np.flatnonzero(snapshot.strong[snapshot.identifier])
    key = np.sort(snapshot.account[rows] * GROUP_STRIDE + snapshot.first[rows])
    found = []
    for span_s in spans_s:
        count = np.searchsorted(key, key + span_s, "right") - np.arange(len(key))
        most = np.zeros(snapshot.accounts, np.int64)
        np.maximum.at(most, key // GROUP_STRIDE, count)
        found.append(most)
    return found


def arrivals_of(snapshot: Snapshot) -> Ints:
    """First uses of addresses, sorted."""
    return np.sort(snapshot.first[snapshot.place[snapshot.identifier]])


def baseline_of(population: Population, snapshot: Snapshot) -> Baseline:
    """What the incremental pass, which reads a part of the graph, needs to know of all of it."""
    shares = {name: getattr(population, name) for name in SHARES}
    return Baseline(
        births=population.births,
        moves=population.moves,
        arrivals=population.arrivals,
        shares=shares,
        added=population.added_usual,
        sharing=population.sharing,
        crowded=population.crowded,
        exits=population.exits_usual,
        uses=int(snapshot.uses.sum()),
        as_of=snapshot.now,
    )


def within(baseline: Baseline, part: Snapshot) -> Population:
    """The population of which `part` is a part: its accounts' own flags, and the shares and times of the whole."""
    known = baseline.until(part)
    return replace(
        population_of(part),
        births=known.births,
        moves=known.moves,
        arrivals=known.arrivals,
        unaddressed_share=known.shares["unaddressed_share"],
        unanchored_share=known.shares["unanchored_share"],
        short_share=known.shares["short_share"],
        birth_share=known.shares["birth_share"],
        added_usual=known.added,
        sharing=known.sharing,
        crowded=known.crowded,
        exits_usual=known.exits,
        no_home_share=known.shares["no_home_share"],
        resolution_s=known.shares["resolution_s"],
        addresses_told=_told(baseline.arrivals, baseline.births),  # as the run judged, whatever has come since
    )


def _told(arrivals: Ints, births: Ints) -> bool:
    return len(arrivals) >= ADDRESSES_TOLD * len(births)


def size_class(k: Ints) -> Ints:
    """Doublings of a count, in halves: 0 for none and one, 2 for two, 3 for three, 4 for four.."""
    return np.floor(2 * np.log2(np.maximum(k, 1)) + 1e-9).astype(np.int64)


def sharing_rarity(classes: Ints, histogram: Ints, own: Ints) -> Floats:
    """How rare it is to be of a size class or above: -log10 of the share of all that `histogram` counts by class but
    `own`, which is how many of these are the ring's (any shape)."""
    above = np.append(np.cumsum(histogram[::-1])[::-1], 0)[np.minimum(classes, len(histogram))]
    others = np.maximum(above - own, 0) + 1
    return np.asarray(-np.log10(others / (np.maximum(histogram.sum() - own, 0) + 1)))


def most_shared(snapshot: Snapshot, kind: int) -> Ints:
    """The size class of the identifier of a kind that most accounts use, of those that each account (N) has."""
    rows = np.flatnonzero((snapshot.kind == kind)[snapshot.identifier])
    most = np.zeros(snapshot.accounts, np.int64)
    np.maximum.at(most, snapshot.account[rows], snapshot.k[snapshot.identifier[rows]])
    return size_class(most)


def _resolution(created: Ints) -> int:
    """The coarsest of RESOLUTIONS_S that nearly all creations are whole multiples of, in seconds."""
    told = (step for step in RESOLUTIONS_S if step == 1 or np.mean(created % step == 0) >= OF_STEP)
    return next(told) if len(created) else 1


def _any(snapshot: Snapshot, links: Flags) -> Flags:
    """Whether an account (N) has any of these links (L)."""
    return np.bincount(snapshot.account[links], minlength=snapshot.accounts) > 0


def _share(flags: Flags, among: Flags) -> float:
    return float(flags[among].mean()) if among.any() else 1.0
