"""The same event_id counts once: remembers a 64-bit hash of each id seen, 8 bytes an event.

With n ids, one is taken for another with a chance of n^2 / 2^65: 7 in a million for 16 million ids.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

Hashes = npt.NDArray[np.int64]


def hashes_of(event_ids: pl.Series) -> Hashes:
    """The hashes of event ids (no nulls), as the signed integers that Neo4j keeps. They never change."""
    digests = [hashlib.blake2b(value.encode(), digest_size=8).digest() for value in event_ids.to_list()]
    return np.frombuffer(b"".join(digests), dtype="<i8").astype(np.int64)


@dataclass(frozen=True, slots=True)
class Change:
    """What to keep: run `number` with sorted `hashes`, in place of the runs `drop`."""

    number: int
    hashes: Hashes
    drop: list[int]


class SeenIds:
    """Numbered, sorted runs of hashes. A new run takes in the ones before it that are not twice its size, so that
    there are few, and each hash is moved a few times only.

    `longest`: a run of this many is left as it is. `window`: only about this many of the newest ids are remembered.
    """

    def __init__(self, longest: int | None = None, window: int | None = None) -> None:
        self.runs: dict[int, Hashes] = {}
        self._longest = longest
        self._window = window

    def fresh(self, good: pl.DataFrame) -> tuple[pl.DataFrame, Hashes]:
        """The events whose id was not seen before, in this frame or in what was remembered; those without an id stay.

        Also gives the sorted hashes of the new ids, for `change`.
        """
        has_id = good.get_column("event_id").is_not_null()
        ids = good.filter(has_id).get_column("event_id")
        hashes = hashes_of(ids)
        new = ids.is_first_distinct().to_numpy() & ~self._known(hashes)
        keep = ~has_id.to_numpy()
        keep[has_id.to_numpy()] = new
        return good.filter(pl.Series(keep, dtype=pl.Boolean)), np.sort(hashes[new])

    def change(self, hashes: Hashes) -> Change:
        """What remembering these sorted hashes comes to; nothing is changed yet."""
        drop: list[int] = []
        for number in reversed(self.runs):
            run = self.runs[number]
            if len(run) > 2 * len(hashes) or (self._longest is not None and len(run) >= self._longest):
                break
            hashes = np.sort(np.concatenate([run, hashes]))
            drop.append(number)
        if self._window is not None:
            left = self._window - len(hashes)
            for number in reversed(self.runs):
                if number not in drop:
                    if left <= 0:
                        drop.append(number)
                    left -= len(self.runs[number])
        return Change(max(self.runs, default=0) + 1, hashes, drop)

    def apply(self, change: Change) -> None:
        """Remembers."""
        for number in change.drop:
            del self.runs[number]
        if len(change.hashes):
            self.runs[change.number] = change.hashes

    def filter(self, good: pl.DataFrame) -> pl.DataFrame:
        """`fresh`, `change` and `apply` at once."""
        kept, hashes = self.fresh(good)
        if len(hashes):
            self.apply(self.change(hashes))
        return kept

    def _known(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        known = np.zeros(len(hashes), dtype=np.bool_)
        for run in self.runs.values():
            at = np.searchsorted(run, hashes)
            known |= run[np.minimum(at, len(run) - 1)] == hashes
        return known
