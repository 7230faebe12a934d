"""The third set of worlds that models are chosen by: its form, its share of fakes, and the same at every call."""

from __future__ import annotations

from functools import cache
from ipaddress import ip_address

import polars as pl
import pytest
from others.third import NAMES, world
from others.third.companies import COMPANIES

from tests.support.others import EVENTS, TRUTH

ACCOUNTS = 1_000


@cache
def made(name: str) -> tuple[pl.DataFrame, pl.DataFrame]:
    return world(name, 1, ACCOUNTS)


@pytest.mark.parametrize("name", NAMES)
def test_the_same_arguments_give_the_same_world(name: str) -> None:
    events, truth = world(name, 1, ACCOUNTS)
    assert events.equals(made(name)[0]) and truth.equals(made(name)[1])
    assert not events.equals(world(name, 2, ACCOUNTS)[0])


@pytest.mark.parametrize("name", NAMES)
def test_events_come_by_time_and_begin_with_the_signup(name: str) -> None:
    events, truth = made(name)
    assert (events.schema, truth.schema) == (EVENTS, TRUTH)
    assert events["occurred_at"].is_sorted()
    first = events.group_by("account_id", maintain_order=True).first()
    assert set(first["type"]) == {"signup"} and set(first["account_id"]) == set(truth["account_id"])
    assert events["type"].is_in(["signup", "login", "activity", "payment"]).all()
    assert events["payment_fingerprint"].is_not_null().equals(events["type"] == "payment")


@pytest.mark.parametrize("name", NAMES)
def test_the_share_of_fakes_is_one_of_its_company(name: str) -> None:
    truth = made(name)[1]
    least, most = COMPANIES[name].fake_share
    share = truth["fake"].sum() / truth.height
    assert truth.height == ACCOUNTS and least <= share <= most
    assert truth.filter("fake")["group"].str.starts_with("campaign:").all()
    assert truth.filter(~pl.col("fake"))["group"].str.starts_with("honest:").all()


def test_a_company_without_fakes_has_none() -> None:
    assert not made("quiet_games")[1]["fake"].any()


@pytest.mark.parametrize("name", NAMES)
def test_addresses_are_public(name: str) -> None:
    assert all(ip_address(address).is_global for address in made(name)[0]["ip"].unique())


def test_no_card_where_nobody_pays() -> None:
    assert made("social_feed")[0]["payment_fingerprint"].is_null().all()
