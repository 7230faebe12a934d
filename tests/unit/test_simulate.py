"""The simulated population: what it promises, and that its honest crowds and quiet fakes are real confounders."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner

from service.cli.simulate import command
from service.errors import InputError
from service.evaluation.metrics import auc
from service.simulation.campaigns import share_out
from service.simulation.populations import POPULATIONS
from service.simulation.simulate import simulate

IDENTIFIERS = ("ip", "device_id", "payment_fingerprint")
END = datetime(2026, 11, 1, tzinfo=UTC)


@pytest.fixture(scope="module")
def main(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("main")
    simulate(out, seed=3, accounts=40_000)
    return out


def _joined(out: Path) -> pl.DataFrame:
    """Events with truth; an IPv6 address stands for its /64."""
    events, truth = pl.read_parquet(out / "events.parquet"), pl.read_parquet(out / "truth.parquet")
    home = pl.col("ip").str.split(":").list.head(4).list.join(":")
    events = events.with_columns(ip=pl.when(pl.col("ip").str.contains(":")).then(home).otherwise("ip"))
    return events.join(truth, on="account_id", how="left", validate="m:1")


def test_events_follow_the_contract(main: Path) -> None:
    events = pl.read_parquet(main / "events.parquet")
    assert events.columns == ["account_id", "occurred_at", "type", *IDENTIFIERS, "event_id", "uses"]
    assert events.schema["occurred_at"] == pl.Datetime("us", "UTC")
    assert set(events["type"]) == {"signup", "payment", "activity"}
    assert events["uses"].min() == 1 and events["occurred_at"].is_sorted()
    assert events.select(pl.col("account_id", "occurred_at", "type", "uses").null_count()).row(0) == (0, 0, 0, 0)
    assert events.select(pl.any_horizontal(pl.col(IDENTIFIERS).is_not_null()).all()).item()
    first = events.group_by("account_id").agg(pl.col("type").first(), (pl.col("type") == "signup").sum().alias("n"))
    assert set(first["type"]) == {"signup"} and set(first["n"]) == {1}


def test_counts_and_uses_are_exact(main: Path) -> None:
    joined = _joined(main)
    fakes = joined.filter(pl.col("label") == "fraud")
    per_campaign = dict(fakes.group_by("campaign").agg(pl.col("account_id").n_unique()).rows())
    assert per_campaign == {"harvest": 2857, "patient": 893, "sprint": 536}
    uses = dict(fakes.group_by("campaign").agg(pl.col("uses").sum()).rows())
    assert uses == {"harvest": 2_321_429, "patient": 607_143, "sprint": 26_786}
    assert joined["label"].null_count() == 0 and joined["account_id"].n_unique() == 40_000
    described = json.loads((main / "simulation.json").read_text())
    assert described["totals"]["campaign_uses"] == sum(uses.values())
    assert described["totals"]["events"] == joined.height


def test_full_size_campaigns_are_those_of_the_case() -> None:
    for name in ("main", "hard", "aged", "constant-rate", "mid-campaign", "daily"):
        campaigns = POPULATIONS[name].campaigns
        assert [habits.accounts for habits in campaigns] == [16_000, 5_000, 3_000]
        assert [habits.uses for habits in campaigns] == [13_000_000, 3_400_000, 150_000]


def test_the_same_seed_gives_the_same_content_and_another_seed_another(tmp_path: Path) -> None:
    for folder, seed in (("a", 1), ("b", 1), ("c", 2)):
        simulate(tmp_path / folder, seed=seed, accounts=2_000)
    frames = {name: pl.read_parquet(tmp_path / name / "events.parquet") for name in "abc"}
    assert frames["a"].equals(frames["b"]) and not frames["a"].equals(frames["c"])
    assert not set(frames["a"]["account_id"]) & set(frames["c"]["account_id"])


def test_no_limit_on_one_account_finds_the_fakes(main: Path) -> None:
    """Whatever is counted of a single account, fakes stay within what hundreds of honest accounts do."""
    joined = _joined(main)
    account = joined.group_by("account_id").agg(
        pl.col("label").first(),
        pl.col("uses").sum(),
        pl.len().alias("events"),
        pl.col("uses").max().alias("most_at_once"),
        *[pl.col(name).drop_nulls().n_unique() for name in IDENTIFIERS],
    )
    fake = (account["label"] == "fraud").to_numpy()
    for name in ("uses", "events", "most_at_once", *IDENTIFIERS):
        values = account[name].to_numpy().astype(float)
        assert (values[~fake] >= values[fake].max()).sum() >= 10, name
        area = auc(values, fake)
        assert area is not None and area < 0.92, (name, area)


def _hubs(joined: pl.DataFrame, field: str, least: int) -> pl.DataFrame:
    links = joined.filter(pl.col(field).is_not_null()).unique(["account_id", field])
    hubs = links.group_by(field).agg(k=pl.len(), fakes=(pl.col("label") == "fraud").mean())
    return hubs.filter(pl.col("k") >= least)


def test_a_popular_address_is_no_sign_of_a_campaign(main: Path) -> None:
    hubs = _hubs(_joined(main), "ip", 30)
    area = auc(hubs["k"].to_numpy().astype(float), (hubs["fakes"] > 0.5).to_numpy())
    assert area is not None and area < 0.5
    honest = hubs.filter(pl.col("fakes") < 0.1)
    assert honest.height >= 50 and honest["k"].max() > 500  # type: ignore[operator]
    assert hubs.filter(pl.col("fakes").is_between(0.0001, 0.5)).height >= 10  # honest exits that fakes use too


def test_honest_people_share_cards_and_devices_more_than_fakes_do(main: Path) -> None:
    joined = _joined(main)
    cards = _hubs(joined, "payment_fingerprint", 15)
    assert cards.height and (cards["fakes"] == 0).mean() > 0.8  # type: ignore[operator]
    devices = _hubs(joined, "device_id", 20)
    assert devices.filter(pl.col("fakes") == 0).height >= 5


def test_honest_crowds_are_what_their_kind_says(main: Path) -> None:
    joined = _joined(main).filter(pl.col("type") == "signup")
    campus = joined.filter(pl.col("kind") == "campus").with_columns(network=pl.col("ip").str.replace(r"\.\d+$", ""))
    in_week = (
        campus.group_by("network").agg(pl.col("occurred_at").sort(), pl.len().alias("n")).filter(pl.col("n") > 100)
    )
    for births in in_week["occurred_at"].to_list():
        times = pl.Series(births).to_numpy().astype("datetime64[us]").astype(np.int64)
        width = int(timedelta(days=8) / timedelta(microseconds=1))
        most = max(np.searchsorted(times, times + width) - np.arange(times.size))
        assert most / times.size > 0.6
    tablet = joined.filter(pl.col("kind") == "tablet").group_by("device_id").agg(n=pl.len(), at=pl.col("occurred_at"))
    spread = tablet.select(pl.col("at").list.max() - pl.col("at").list.min()).to_series()
    assert tablet["n"].max() >= 25 and spread.max() <= timedelta(days=3)  # type: ignore[operator]
    growth = joined.filter(pl.col("kind") == "home").with_columns(
        late=pl.col("occurred_at") > END - timedelta(days=182)
    )
    assert 0.55 < growth["late"].mean() < 0.75  # type: ignore[operator]


def test_an_ipv6_home_is_one_64_with_many_addresses(main: Path) -> None:
    raw = pl.read_parquet(main / "events.parquet").filter(pl.col("ip").str.starts_with("2001:db8:"))
    home = raw.with_columns(home=pl.col("ip").str.split(":").list.head(4).list.join(":"))
    seen = home.group_by("home").agg(pl.col("ip").n_unique(), pl.len())
    assert (seen.filter(pl.col("len") > 1)["ip"] > 1).all()


def test_hard_campaigns_share_no_card_and_no_device(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="hard", accounts=20_000)
    fakes = _joined(tmp_path).filter(pl.col("label") == "fraud")
    for field in ("device_id", "payment_fingerprint"):
        owners = fakes.filter(pl.col(field).is_not_null()).group_by(field).agg(pl.col("account_id").n_unique())
        assert owners["account_id"].max() == 1
    exits = fakes.group_by("ip").agg(pl.col("account_id").n_unique(), pl.col("campaign").n_unique())
    assert exits["account_id"].max() > 20 and exits["campaign"].max() > 1  # type: ignore[operator]


def test_timing_campaigns_live_on_honest_exits_only_and_act_in_step(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="timing", accounts=40_000)
    joined = _joined(tmp_path)
    step = joined.filter(pl.col("campaign") == "in-step")
    honest_exits = joined.filter(pl.col("label") == "legitimate")["ip"].unique()
    assert step["ip"].is_in(honest_exits.implode()).mean() == 1.0
    births = step.filter(pl.col("type") == "signup")["occurred_at"].sort().diff().drop_nulls()
    assert births.median() < timedelta(minutes=2)  # type: ignore[operator]
    assert (joined["kind"] == "tv_ad").any() and (joined["kind"] == "onboarding").any()


def test_aged_fakes_are_born_when_honest_accounts_are(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="aged", accounts=20_000)
    signups = _joined(tmp_path).filter(pl.col("type") == "signup")
    births = signups["occurred_at"].to_numpy().astype(np.int64).astype(float)
    area = auc(births, (signups["label"] == "fraud").to_numpy())
    assert area is not None and 0.42 < area < 0.58


def test_small_rings_have_5_to_40_members_at_any_scale(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="small-rings", accounts=22_400)
    sizes = pl.read_parquet(tmp_path / "truth.parquet").drop_nulls("campaign")["campaign"].value_counts()["count"]
    assert sizes.len() == 15 and sizes.min() >= 5 and sizes.max() <= 40  # type: ignore[operator]


def test_a_population_without_fakes_has_none(tmp_path: Path) -> None:
    done = simulate(tmp_path, seed=1, population="none", accounts=2_000)
    assert (done.accounts, done.fakes, done.campaign_uses) == (2_000, 0, 0)


def test_mid_campaign_ends_while_the_campaign_runs(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="mid-campaign", accounts=20_000)
    joined = _joined(tmp_path)
    last = joined["occurred_at"].max()
    harvest = joined.filter((pl.col("campaign") == "harvest") & (pl.col("type") == "signup"))
    assert last - harvest["occurred_at"].max() < timedelta(days=2)  # type: ignore[operator]
    following = pl.read_parquet(tmp_path / "signups_next.parquet")
    assert "harvest" in set(following["campaign"]) and following["occurred_at"].min() > last  # type: ignore[operator]


def test_signups_of_the_week_after_are_in_no_event(main: Path) -> None:
    following = pl.read_parquet(main / "signups_next.parquet")
    events = pl.read_parquet(main / "events.parquet")
    assert not set(following["account_id"]) & set(events["account_id"])
    assert following["occurred_at"].min() >= END and following["occurred_at"].max() < END + timedelta(days=7)  # type: ignore[operator]
    assert set(following["label"]) == {"fraud", "legitimate"} and following["label"].null_count() == 0
    assert events["occurred_at"].max() < END  # type: ignore[operator]


def test_daily_adds_a_day_with_so_many_new_accounts(tmp_path: Path) -> None:
    simulate(tmp_path, seed=1, population="daily", accounts=20_000)
    before, after = (pl.read_parquet(tmp_path / f"{name}.parquet") for name in ("truth", "truth_next_day"))
    assert after.height - before.height == 300
    day = pl.read_parquet(tmp_path / "next_day.parquet")
    new = set(after["account_id"]) - set(before["account_id"])
    assert new <= set(day["account_id"]) and set(day["account_id"]) - new  # old accounts go on
    assert "fraud" in set(after.filter(pl.col("account_id").is_in(list(new)))["label"])


def test_single_uses_are_one_event_each_and_lose_none(tmp_path: Path) -> None:
    done = simulate(tmp_path, seed=1, accounts=2_000, single_uses=True)
    joined = _joined(tmp_path)
    fakes = joined.filter(pl.col("label") == "fraud")
    assert fakes.height == fakes["uses"].sum() == done.campaign_uses == 147_767
    assert joined.height == done.events and fakes["occurred_at"].max() < END  # type: ignore[operator]
    simulate(tmp_path / "plain", seed=1, accounts=2_000)
    plain = _joined(tmp_path / "plain").filter(pl.col("label") == "fraud")
    per = [
        frame.group_by("account_id", "device_id").agg(pl.col("uses").sum()).sort("account_id", "device_id")
        for frame in (fakes, plain)
    ]
    assert per[0].equals(per[1])


def test_json_lines_hold_the_same_events(tmp_path: Path) -> None:
    simulate(tmp_path / "p", seed=4, accounts=1_000)
    simulate(tmp_path / "j", seed=4, accounts=1_000, form="jsonl")
    lines = pl.read_ndjson(tmp_path / "j" / "events.jsonl", infer_schema_length=None)
    assert lines["occurred_at"].str.ends_with("Z").all()
    times = lines["occurred_at"].str.to_datetime("%Y-%m-%dT%H:%M:%S%.6fZ", time_unit="us", time_zone="UTC")
    parquet = pl.read_parquet(tmp_path / "p" / "events.parquet")
    assert lines.with_columns(times, event_id=pl.lit(None, pl.String)).equals(parquet)


def test_arguments_that_cannot_be_used_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="population 'x' does not exist"):
        simulate(tmp_path, seed=1, population="x")
    with pytest.raises(InputError, match="accounts is 20"):
        simulate(tmp_path, seed=1, accounts=20)
    with pytest.raises(InputError, match="Parquet only"):
        simulate(tmp_path, seed=1, accounts=1_000, form="jsonl", single_uses=True)


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["--out", str(tmp_path), "--accounts", "1000"])
    assert done.exit_code == 0 and "simulated 1,000 accounts (106 fake, 73,885 uses by campaigns)" in done.output


def test_shares_add_up_to_the_total() -> None:
    shares = share_out(10, np.array([1.0, 1.0, 1.0]))
    assert shares.sum() == 10 and shares.max() - shares.min() == 1
    assert share_out(5, np.zeros(0)).size == 0
