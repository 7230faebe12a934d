"""Worlds by another author: the same for a seed, in the columns they promise, and with as many fakes as they say."""

from __future__ import annotations

import ipaddress
from functools import cache

import polars as pl
import pytest
from others.first import NAMES, world
from others.first.population import LEAST_RING
from others.first.settings import WORLDS
from polars.testing import assert_frame_equal

from tests.support.others import EVENTS, TRUTH

ACCOUNTS = 1_000


@cache
def drawn(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return world(name, 1, ACCOUNTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_seed_gives_the_same_world_and_another_seed_another(name: str) -> None:
    events, truth = drawn(name)
    again, truth_again = world(name, 1, ACCOUNTS)
    assert_frame_equal(events, again)
    assert_frame_equal(truth, truth_again)
    assert not events.equals(world(name, 2, ACCOUNTS)[0])


@pytest.mark.parametrize("name", NAMES)
def test_events_and_truth_are_in_their_columns(name: str) -> None:
    events, truth = drawn(name)
    assert dict(events.schema) == EVENTS
    assert dict(truth.schema) == TRUTH
    assert events.drop("device_id", "payment_fingerprint").null_count().sum_horizontal().item() == 0
    assert events["occurred_at"].is_sorted()
    assert set(events["type"]) == {"signup", "login", "activity"} | ({"payment"} if WORLDS[name].paying else set())
    assert (events["type"] == "payment").equals(events["payment_fingerprint"].is_not_null())
    assert not truth["account_id"].is_duplicated().any()
    assert set(events["account_id"]) == set(truth["account_id"])
    assert truth["fake"].equals(truth["group"].str.starts_with("campaign:"))


@pytest.mark.parametrize("name", NAMES)
def test_all_addresses_are_public(name: str) -> None:
    assert all(ipaddress.ip_address(ip).is_global for ip in drawn(name)[0]["ip"].unique())


@pytest.mark.parametrize("name", NAMES)
def test_there_are_as_many_fakes_as_the_world_says(name: str) -> None:
    """Up to one account a ring less, as sizes are cut to whole ones, or as many more as the least ring has."""
    _, truth = drawn(name)
    least, most = WORLDS[name].fake
    fakes = truth.filter("fake")
    rings = fakes.filter(~pl.col("group").str.contains("bonus_ring"))["group"].n_unique()
    assert least * ACCOUNTS - rings <= fakes.height <= most * ACCOUNTS + LEAST_RING * rings
    assert (fakes.height == 0) == (name == "meadow_plain")
    assert truth.height >= ACCOUNTS
