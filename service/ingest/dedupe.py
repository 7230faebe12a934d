"""The same event_id counts once: remembers a 64-bit hash of each id seen, 8 bytes an event."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.uint64]


class SeenIds:
    """Sorted runs of hashes; a run is joined with the one before once it has grown to half of its size.

    With n ids, one is taken for another with a chance of n^2 / 2^65: 7 in a million for 16 million ids.
    """

    def __init__(self) -> None:
        self._runs: list[Hashes] = []

    def filter(self, good: pl.DataFrame) -> pl.DataFrame:
        """The events whose id was not seen before, in this frame or an earlier one; those without an id stay."""
        if good.get_column("event_id").null_count() == len(good):
            return good
        ids = good.filter(pl.col("event_id").is_not_null())
        hashes = ids.get_column("event_id").hash(seed=0).to_numpy()
        first = ids.select(pl.col("event_id").is_first_distinct()).to_series().to_numpy()
        fresh = first & ~self._known(hashes)
        self._remember(np.sort(hashes[fresh]))
        if fresh.all():
            return good
        keep = good.get_column("event_id").is_null().to_numpy().copy()
        keep[~keep] = fresh
        return good.filter(pl.Series(keep))

    def _known(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(hashes), dtype=np.bool_)
        for run in self._runs:
            at = np.searchsorted(run, hashes)
            known |= run[np.minimum(at, len(run) - 1)] == hashes
        return known

    def _remember(self, fresh: Hashes) -> None:
        if not len(fresh):
            return
        self._runs.append(fresh)
        while len(self._runs) > 1 and len(self._runs[-1]) * 2 >= len(self._runs[-2]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate([self._runs[-1], last]))
