"""What is told of a world of others: kinds, accounts, steps and moments are drawn, and nothing is invented."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest
from others.first import NAMES, world
from others.telling import FIELDS, told

FIELD_NAMES = list(FIELDS.values())


@pytest.fixture(scope="module")
def events() -> pl.DataFrame:
    return world(NAMES[0], 1, 1_000)[0]


def test_every_kind_is_told_and_left_out_in_some_worlds(events: pl.DataFrame) -> None:
    drawn = [told(events, np.random.default_rng(seed), 1_000) for seed in range(30)]
    kinds = [[name for name in FIELD_NAMES if frame[name].null_count() < frame.height] for frame in drawn]
    assert all(kinds)
    assert {len(found) for found in kinds} == {1, 2, 3}
    assert {name for found in kinds for name in found} == set(FIELD_NAMES)
    assert 2 < sum(frame["type"].eq("signup").any() for frame in drawn) < 30
    moments = [int(frame.select(pl.col("occurred_at").n_unique().over("account_id").max()).item()) for frame in drawn]
    assert moments.count(1) in range(1, 15)  # some tell all at an account's first moment


def test_what_is_told_was_there(events: pl.DataFrame) -> None:
    for seed in range(10):
        frame = told(events, np.random.default_rng(seed), 1_000)
        assert frame.columns == events.columns
        assert (frame["occurred_at"] <= events["occurred_at"].max()).all()
        for name in FIELD_NAMES:
            pairs = frame.select("account_id", name).drop_nulls().unique()
            assert pairs.join(
                events.select("account_id", name).unique(), on=["account_id", name], how="anti"
            ).is_empty()
        without = frame.group_by("account_id").agg(
            pl.any_horizontal(pl.col(FIELD_NAMES).is_not_null()).any().alias("any")
        )
        assert without["any"].all()  # who has nothing left is not told at all
