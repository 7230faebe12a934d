"""Identifiers as integer codes while arrays are made, and as text in the end.

An IPv4 address is its 32-bit value. An IPv6 home is V6 + the 32 bits that follow 2001:db8 in its /64; the lower half
of the address is drawn anew for each event, as privacy extensions do. IPv4 space is from blocks that are not routed
on the public internet, so that no simulated address is somebody's.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

from service.simulation.calendar import Ints

V6 = 1 << 40
HOMES, CARRIERS, HOSTING, OFFICES, CAMPUSES, LEASED = (block << 24 for block in (11, 21, 22, 26, 28, 29))
V6_SHARE = 0.4
HOMES_PER_V6_NETWORK = 200

_HEX = pl.Series([f"{value:04x}" for value in range(1 << 16)])
_HEX_SHORT = pl.Series([f"{value:x}" for value in range(1 << 16)])
_BYTE = pl.Series([str(value) for value in range(256)])


def mix(values: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    """Scatters 64-bit integers one to one (the finaliser of SplitMix64, Steele, Lea and Flood 2014)."""
    with np.errstate(over="ignore"):
        values = values + np.uint64(0x9E3779B97F4A7C15)
        values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))


def draw_homes(rng: np.random.Generator, n: int) -> Ints:
    """n distinct home addresses, IPv4 in half-full /24s or IPv6 /56s in common /48s."""
    v6 = rng.random(n) < V6_SHARE
    codes = HOMES + rng.permutation(2 * n)[:n].astype(np.int64)
    order = rng.permutation(n).astype(np.int64)
    network, home = np.divmod(order, HOMES_PER_V6_NETWORK)
    codes[v6] = (V6 + (network << 16) + (home << 8))[v6]
    return codes


def renew(codes: Ints, leases: Ints, pool: int) -> Ints:
    """The IPv4 address that a home with a changing address has in its n-th lease, out of its provider's pool."""
    seeds = (codes * 100_003 + leases).astype(np.uint64)
    return LEASED + (mix(seeds) % np.uint64(pool)).astype(np.int64)


def hex_names(codes: Ints, prefix: str, salt: int) -> pl.Series:
    """Opaque names, one to one with codes; a code below 0 is null."""
    words = mix(codes.astype(np.uint64) ^ mix(np.array([salt], np.uint64)))
    groups = [_HEX.gather((words >> np.uint64(shift)) & np.uint64(0xFFFF)) for shift in (48, 32, 16, 0)]
    text = pl.select(pl.concat_str([pl.lit(prefix), *groups])).to_series()
    return _null_where(text, codes < 0)


def ip_text(codes: Ints, rng: np.random.Generator) -> pl.Series:
    """Addresses as text; null for a code below 0."""
    v4 = [_BYTE.gather((codes >> shift) & 0xFF) for shift in (24, 16, 8, 0)]
    text = pl.select(pl.concat_str(v4, separator=".")).to_series()
    rows = np.flatnonzero(codes >= V6)
    if rows.size:
        text = text.scatter(rows, _ip6_text(codes[rows] - V6, rng))
    return _null_where(text, codes < 0)


def _ip6_text(homes: Ints, rng: np.random.Generator) -> pl.Series:
    lower = [_HEX_SHORT.gather(rng.integers(1, 1 << 16, size=homes.size)) for _ in range(4)]
    upper = [_HEX_SHORT.gather(homes >> 16), _HEX_SHORT.gather(homes & 0xFFFF)]
    return pl.select(pl.concat_str([pl.lit("2001:db8"), *upper, *lower], separator=":")).to_series()


def _null_where(text: pl.Series, missing: npt.NDArray[np.bool_]) -> pl.Series:
    if not missing.any():
        return text
    return pl.select(pl.when(pl.Series(~missing)).then(text)).to_series()
