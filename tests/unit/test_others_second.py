"""Worlds of the second author: the same for a seed, readable as any events are, fakes where they belong."""

from __future__ import annotations

from ipaddress import ip_address

import polars as pl
import pytest
from others.second import NAMES, world
from polars.testing import assert_frame_equal

from tests.support.others import EVENTS, TRUTH

ACCOUNTS = 1_000


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    for first, again, other in zip(*(world("six_api", seed, ACCOUNTS) for seed in (7, 7, 8)), strict=True):
        assert_frame_equal(first, again)
        assert not first.equals(other)


@pytest.mark.parametrize("name", NAMES)
def test_events_and_truth_are_what_is_said_of_them(name: str) -> None:
    events, truth = world(name, 7, ACCOUNTS)
    assert dict(events.schema) == EVENTS
    assert dict(truth.schema) == TRUTH
    assert len(truth) == ACCOUNTS
    assert truth["account_id"].is_unique().all()
    assert set(events["account_id"]) == set(truth["account_id"])
    assert events["occurred_at"].is_sorted()
    assert set(events["type"]) <= {"signup", "login", "payment", "activity"}
    assert all(ip_address(ip).is_global for ip in events["ip"].unique())
    paid = pl.col("payment_fingerprint").is_not_null()
    assert events.filter(paid != (pl.col("type") == "payment")).is_empty()
    assert events.filter(paid).is_empty() == (name == "free_service")


@pytest.mark.parametrize("name", NAMES)
def test_fakes_are_in_campaigns_and_3_to_15_percent_or_none(name: str) -> None:
    _, truth = world(name, 7, ACCOUNTS)
    share = truth["fake"].mean()
    assert isinstance(share, float)
    assert share == 0 if name == "honest_shop" else 0.03 <= share <= 0.15
    assert truth.filter(pl.col("fake") != pl.col("group").str.starts_with("campaign:")).is_empty()
