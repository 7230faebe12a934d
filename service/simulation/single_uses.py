"""The large form: each use by a campaign as an event of its own, written as a stream in bounded memory."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from service.logs import Progress
from service.simulation.calendar import SECOND, Ints
from service.simulation.records import Rows, to_frame

ROW_GROUP = 500_000
SPREAD = 1_800 * SECOND  # the uses of one record happen within this time


def write_single_uses(
    rows: Rows, fake: npt.NDArray[np.bool_], cut: int, seed: int, rng: np.random.Generator, path: Path
) -> int:
    """Writes rows (sorted by time), those of fake accounts as `uses` events of one use each. Returns how many."""
    copies = np.where(fake[rows.account], rows.uses, 1)
    ends = np.cumsum(copies)
    total = int(ends[-1])
    writer: pq.ParquetWriter | None = None
    try:
        with Progress("writing single uses", total) as progress:
            for start in range(0, total, ROW_GROUP):
                chunk = _expand(rows, copies, ends, start, min(start + ROW_GROUP, total), fake, cut, rng)
                table = to_frame(chunk, seed, rng).to_arrow(compat_level=None)
                writer = writer or pq.ParquetWriter(path, table.schema)
                writer.write_table(table)
                progress.advance(chunk.size)
    finally:
        if writer is not None:
            writer.close()
    return total


def _expand(
    rows: Rows,
    copies: Ints,
    ends: Ints,
    start: int,
    stop: int,
    fake: npt.NDArray[np.bool_],
    cut: int,
    rng: np.random.Generator,
) -> Rows:
    """Events start to stop of the expanded rows."""
    first, last = np.searchsorted(ends, [start, stop - 1], side="right")
    source = np.arange(first, last + 1)
    counts = np.minimum(ends[source], stop) - np.maximum(ends[source] - copies[source], start)
    picked = rows.take(np.repeat(source, counts))
    single = fake[picked.account]
    several = np.repeat(copies[source] > 1, counts)
    time = np.where(several, np.minimum(picked.time + rng.integers(0, SPREAD, size=picked.size), cut - 1), picked.time)
    return Rows(
        picked.account, time, picked.type, picked.ip, picked.device, picked.card, np.where(single, 1, picked.uses)
    )
