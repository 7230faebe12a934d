"""Random worlds: every parameter of honest people and of campaigns is drawn anew from a seed.

Domain randomisation (Tobin and others, Domain randomization for transferring deep neural networks, 2017): what is
fitted on worlds that have nothing in common but the question holds where nobody tuned it. No world is like any data."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from service.errors import InputError
from service.simulation.addresses import hex_names, ip_text
from service.simulation.calendar import Ints
from service.simulation.random_campaigns import campaign_uses, draw_sizes
from service.simulation.random_draws import NONE, Settings, Uses, draw_settings, joined
from service.simulation.random_honest import honest_uses

LEAST_ACCOUNTS = 60
BEGIN_S = 1_609_459_200  # 2021-01-01, UTC
SALT = {"device": 2, "card": 3}


@dataclass(frozen=True, slots=True)
class RandomWorld:
    """One world: events in the columns of the event contract, truth (account_id, label: fraud or legitimate,
    campaign), and the settings it was drawn with."""

    events: pl.DataFrame
    truth: pl.DataFrame
    settings: Settings


def random_world(seed: int, accounts: int) -> RandomWorld:
    """The world of a seed, with about so many accounts (some are lost where their kind of identifier is not told).

    The same arguments give the same world. Raises InputError for fewer than LEAST_ACCOUNTS."""
    if accounts < LEAST_ACCOUNTS:
        raise InputError(f"accounts: {accounts} is too few for a random world; use {LEAST_ACCOUNTS} or more")
    rng = np.random.Generator(np.random.PCG64([seed, 20_261_127]))
    settings = draw_settings(rng, accounts)
    sizes = draw_sizes(rng, accounts)
    honest = accounts - sum(sizes)
    uses, born = honest_uses(rng, settings, honest)
    parts, births, rings = [uses], [born], [np.full(honest, NONE)]
    first = honest
    for number, size in enumerate(sizes):
        uses, made = campaign_uses(rng, settings, size, number, born)
        parts.append(Uses(uses.account + first, uses.time, uses.ip, uses.device, uses.card))
        births.append(made)
        rings.append(np.full(size, number))
        first += size
    ring = np.concatenate(rings)
    uses = _as_told(rng, settings, joined(parts), np.concatenate(births))
    names = hex_names(rng.permutation(accounts).astype(np.int64), "acc_", seed)
    truth = pl.DataFrame({"account_id": names, "ring": ring}).select(
        "account_id",
        label=pl.when(pl.col("ring") < 0).then(pl.lit("legitimate")).otherwise(pl.lit("fraud")),
        campaign=pl.when(pl.col("ring") >= 0).then(pl.format("campaign-{}", "ring")),
    )
    events = _to_frame(rng, settings, uses, np.concatenate(births), names, seed)
    return RandomWorld(events, truth.join(events.select("account_id").unique(), on="account_id", how="semi"), settings)


def _as_told(rng: np.random.Generator, settings: Settings, uses: Uses, born: Ints) -> Uses:
    """The uses as the data tells them: without kinds that are not told, rounded, or all at the first moment."""
    columns = {}
    for name, kind, share in (
        ("card", "payment_method", settings.known[0]),
        ("device", "device", settings.known[1]),
        ("ip", "ip", settings.known[2]),
    ):
        told = rng.random(len(born)) < share if kind in settings.kinds else np.zeros(len(born), bool)
        columns[name] = np.where(told[uses.account], getattr(uses, name), NONE)
    time = born[uses.account] if settings.one_moment else uses.time
    time = time // settings.step_s * settings.step_s
    return Uses(uses.account, time, **columns)


def _to_frame(
    rng: np.random.Generator, settings: Settings, uses: Uses, born: Ints, names: pl.Series, seed: int
) -> pl.DataFrame:
    kept = np.flatnonzero((uses.ip != NONE) | (uses.device != NONE) | (uses.card != NONE))
    uses = uses.take(kept)
    people = np.arange(len(born)) if settings.signups else np.zeros(0, np.int64)
    none = np.full(len(people), NONE)
    told = Uses(people, born[people] // settings.step_s * settings.step_s, none, none, none)
    rows = joined([told, uses])
    kind = np.repeat([0, 2], [len(people), len(kept)])
    kind[len(people) :][uses.card != NONE] = 1
    order = np.lexsort((kind, rows.account, rows.time))
    rows, kind = rows.take(order), kind[order]
    return pl.DataFrame(
        {
            "account_id": names.gather(rows.account),
            "occurred_at": pl.Series((rows.time + BEGIN_S) * 1_000_000).cast(pl.Datetime("us", "UTC")),
            "type": pl.Series(["signup", "payment", "activity"]).gather(kind),
            "ip": ip_text(_addresses(rows.ip), rng),
            "device_id": hex_names(rows.device, "dev_", seed * 4 + SALT["device"]),
            "payment_fingerprint": hex_names(rows.card, "fp_", seed * 4 + SALT["card"]),
        }
    )


def _addresses(codes: Ints) -> Ints:
    """IPv4 addresses for the codes of exits and homes (NONE stays): neighbours stay neighbours, within networks that no
    two makers of accounts have in common but by chance."""
    block = np.array([0, 11, 22, 26, 28, 29, 30])[np.clip(codes >> 32, 0, 6)]
    low = codes & 0xFFFFFFFF
    scattered = ((low >> 8) * 40_503 % 65_521) << 8 | (low & 0xFF)
    return np.where(codes == NONE, NONE, (block << 24) | (scattered & 0xFFFFFF))


def write_random(out: Path, seed: int, accounts: int) -> RandomWorld:
    """Writes the world of a seed to `out` (made if absent): events.parquet and truth.parquet."""
    world = random_world(seed, accounts)
    out.mkdir(parents=True, exist_ok=True)
    world.events.write_parquet(out / "events.parquet")
    world.truth.write_parquet(out / "truth.parquet")
    return world
