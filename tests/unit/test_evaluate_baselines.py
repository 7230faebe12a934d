"""The methods that quality is compared with, on graphs small enough to work out by hand; and the P2P converter."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from baselines import Links, components, fraudar, louvain, max_sharing, read_links, sum_sharing, velocity
from p2p_events import DATA, available, write_p2p

from service.evaluation.metrics import auc, average_precision

START = datetime(2026, 1, 1, tzinfo=UTC)


def _links(*rows: tuple[str, str | None, str | None, float]) -> Links:
    """Rows of account, ip, device and day."""
    columns = [
        {"account_id": account, "ip": ip, "device_id": device, "occurred_at": START + timedelta(days=day)}
        for account, ip, device, day in rows
    ]
    return read_links(pl.DataFrame(columns, schema_overrides={"ip": pl.String, "device_id": pl.String}))


def _by_id(links: Links, scores: np.ndarray[tuple[int], np.dtype[np.float64]]) -> dict[str, float]:
    return dict(zip(links.ids.to_list(), scores.tolist(), strict=True))


def test_sharing_counts_accounts_once_and_an_ipv6_home_as_one() -> None:
    links = _links(
        ("a", "2001:db8:1:2:aaaa::1", "d1", 0),
        ("a", "2001:db8:1:2:bbbb::1", "d1", 1),
        ("b", "2001:db8:1:2:cccc::1", "d2", 0),
        ("c", "10.0.0.1", "d1", 0),
    )
    assert _by_id(links, max_sharing(links)) == {"a": 2, "b": 2, "c": 2}
    assert _by_id(links, sum_sharing(links)) == {"a": 2, "b": 1, "c": 1}


def test_velocity_is_the_most_new_devices_in_any_seven_days() -> None:
    links = _links(
        *[("a", None, f"a{day}", day) for day in (0, 6, 7.5, 30)], ("b", None, "b0", 0), ("b", None, "b0", 2)
    )
    assert _by_id(links, velocity(links)) == {"a": 2, "b": 1}


def test_velocity_does_not_run_over_into_the_next_account() -> None:
    links = _links(("a", None, "x", 100), ("b", None, "y", 0), ("c", None, "z", 1))
    assert set(velocity(links).tolist()) == {1.0}


def test_components_leave_popular_identifiers_out() -> None:
    crowd = [(f"p{number:02d}", "10.0.0.1", None, 0.0) for number in range(11)]
    pair = [("x", "10.0.0.2", None, 0.0), ("y", "10.0.0.2", None, 0.0)]
    links = _links(*crowd, *pair)
    scores = _by_id(links, components(links))
    assert scores["p00"] == 1 and scores["x"] == scores["y"] == 2


def test_louvain_finds_the_two_groups() -> None:
    groups = [(f"{side}{number}", None, side, 0.0) for side in "ab" for number in range(8)]
    links = _links(*groups, ("b0", None, "a", 0.0))  # one of b on a's device as well
    assert set(louvain(links).tolist()) <= {7.0, 8.0, 9.0}


def test_fraudar_gives_the_block_its_density() -> None:
    block = [(f"f{number}", None, f"shared{device}", 0.0) for number in range(10) for device in range(10)]
    honest = [(f"h{number}", None, f"own{number}", 0.0) for number in range(50)]
    links = _links(*block, *honest)
    scores = _by_id(links, fraudar(links))
    density = 100 / math.log(10 + 5) / 20  # 100 links of weight 1 / log(10 + 5), 20 nodes
    assert scores["f0"] == pytest.approx(density)
    assert scores["h0"] < density / 2


def test_p2p_data_becomes_events_that_reproduce_its_published_figures(tmp_path: Path) -> None:
    """Its README gives AUC 0.726 and average precision 0.048 for the number of cards of an account."""
    reason = available()
    if reason:
        pytest.skip(reason)
    written = write_p2p(DATA, tmp_path)
    assert (written.accounts, written.fraud, written.event_count) == (33_732, 241, 128_066 + 55_026)
    events, truth = pl.read_parquet(written.events), pl.read_parquet(written.truth)
    assert set(events.columns) == {"account_id", "occurred_at", "type", "uses", "payment_fingerprint", "device_id"}
    cards = events.group_by("account_id").agg(n=pl.col("payment_fingerprint").drop_nulls().n_unique())
    joined = truth.join(cards, on="account_id", how="left").with_columns(pl.col("n").fill_null(0).cast(pl.Float64))
    fraud = (joined["label"] == "fraud").to_numpy()
    area, precision = auc(joined["n"].to_numpy(), fraud), average_precision(joined["n"].to_numpy(), fraud)
    assert area == pytest.approx(0.726, abs=0.001) and precision == pytest.approx(0.048, abs=0.001)


def test_p2p_data_that_is_not_there_is_named(tmp_path: Path) -> None:
    reason = available(tmp_path)
    assert reason is not None and "User.parquet" in reason and str(tmp_path) in reason
