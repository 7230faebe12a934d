"""The worlds that the model is fitted on, as facts: random ones, and those of generators by others (bench/others)."""

from __future__ import annotations

from dataclasses import dataclass
from types import ModuleType

import numpy as np
from engine_free import Loaded, load_events, load_world, views_of
from others import first, second
from others.telling import told

from service.detection.reading.snapshot import Flags, Floats, Ints
from service.detection.scoring import terms
from service.detection.scoring.membership import account_facts, alone, member_facts
from service.detection.scoring.ring_features import describe
from service.detection.scoring.term_facts import ring_facts
from service.simulation.random_draws import log_uniform

RINGS, ACCOUNTS = tuple(terms.RINGS), tuple(terms.ACCOUNTS)
MOST_ACCOUNTS = 1500  # of each world's honest ones, drawn, and of its fakes; the others' weight is theirs
GENERATORS = (first, second)
ACCOUNTS_OF_OTHERS = 2_000, 14_000  # the fewest and the most; below, their campaigns take up too much


@dataclass(frozen=True, slots=True)
class World:
    """A world's candidate rings (facts by RINGS, share of fakes, weight) and accounts: facts by ACCOUNTS in each view
    (V, A; the ring's place in `ring`, -1 for none, instead of its logit), whether fake, and weight. addresses: whether
    its data tells them; other: whether it is of one of GENERATORS."""

    seed: int
    other: bool
    addresses: bool
    rings: Floats
    fake_share: Floats
    ring_weight: Floats
    accounts: Floats
    ring: Ints
    fake: Floats
    weight: Floats


def draw_random(seed: int) -> World:
    """The random world of a seed."""
    rng = np.random.default_rng([seed, 1])
    accounts = round(log_uniform(rng, 60, 400) if rng.random() < 0.12 else log_uniform(rng, 400, 40_000))
    return _facts(seed, False, *load_world(seed, accounts))


def draw_other(seed: int) -> World:
    """A world of each generator and each of its names in turn, told as random worlds are."""
    kinds = [(generator, name) for generator in GENERATORS for name in generator.NAMES]
    generator, name = kinds[seed % len(kinds)]
    return _facts(seed, True, *load_other(generator, name, seed))


def load_other(generator: ModuleType, name: str, seed: int) -> tuple[Loaded, Flags]:
    """A world of another's generator, as a part of what there is would tell it; and which of its accounts are fake."""
    rng = np.random.default_rng([seed, 7])
    accounts = round(log_uniform(rng, *ACCOUNTS_OF_OTHERS))
    events, truth = generator.world(name, seed, accounts)
    loaded = load_events(told(events, rng, accounts))
    return loaded, loaded.ids.is_in(truth.filter("fake")["account_id"].implode()).to_numpy()


def _facts(seed: int, other: bool, loaded: Loaded, flags: Flags) -> World:
    population, snapshot, evidence, views = views_of(loaded.snapshot)
    own = account_facts(snapshot, evidence, population)
    fake = flags.astype(np.float64)
    honest = np.flatnonzero(fake == 0)
    chosen = np.sort(np.random.default_rng([seed, 2]).permutation(honest)[:MOST_ACCOUNTS])
    picked = np.concatenate([np.flatnonzero(fake > 0)[:MOST_ACCOUNTS], chosen])
    weight = np.where(fake[picked] > 0, max(fake.sum() / MOST_ACCOUNTS, 1), len(honest) / max(len(chosen), 1))
    rings, shares, sizes, rows, numbers = [], [], [], [], []
    offset = 0
    for view in views:
        facts, members, _ = describe(snapshot, evidence, population, view)
        count = len(facts.size)
        by_code = member_facts(np.full(count, 0.5), facts, members, own, population) if count else alone(own)
        rows.append(np.column_stack([by_code[code][picked] for code in ACCOUNTS]))
        numbers.append(np.where(view[picked] >= 0, view[picked] + offset, -1))
        found = ring_facts(facts)
        rings.append(np.column_stack([found[code] for code in RINGS]).reshape(count, len(RINGS)))
        shares.append(np.bincount(view[view >= 0], fake[view >= 0], count) / np.maximum(facts.size, 1))
        sizes.append(facts.size)
        offset += count
    return World(
        seed=seed,
        other=other,
        addresses=population.addresses_told,
        rings=np.concatenate(rings).astype(np.float32),
        fake_share=np.concatenate(shares),
        ring_weight=np.concatenate(sizes) / snapshot.accounts,
        accounts=np.stack(rows).astype(np.float32),
        ring=np.stack(numbers),
        fake=fake[picked],
        weight=weight / weight.sum(),
    )
