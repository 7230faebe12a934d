"""The same world tied by another kind has the same ties."""

from __future__ import annotations

from pathlib import Path

import engine_free
import numpy as np
from one_kind import KINDS, one_kind

from service.simulation.random_world import random_world


def test_each_kind_ties_as_many(tmp_path: Path) -> None:
    world = random_world(9003, 300)
    tied = []
    for kind in KINDS:
        events = tmp_path / f"{kind}.parquet"
        one_kind(world.events, kind).write_parquet(events)
        snapshot = engine_free.load(events).snapshot
        assert len(np.unique(snapshot.kind)) == 1
        tied.append(np.sort(snapshot.k).tolist())
    assert max(tied[0]) > 1
    assert tied[0] == tied[1] == tied[2]
