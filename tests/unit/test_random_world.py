"""Random worlds: the same for a seed, unlike each other, and readable as any events are."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest
from click.testing import CliRunner
from polars.testing import assert_frame_equal

from service.cli.simulate import command
from service.errors import InputError
from service.evaluation.tables import read_truth
from service.ingest.clean import clean
from service.ingest.tokens import load_tokeniser
from service.simulation.random_campaigns import RARE, draw_traces
from service.simulation.random_draws import draw_settings
from service.simulation.random_world import LEAST_ACCOUNTS, random_world, write_random
from service.sources.files import open_events


def test_the_same_seed_gives_the_same_world_and_another_seed_another() -> None:
    first, again, other = random_world(7, 2_000), random_world(7, 2_000), random_world(8, 2_000)
    assert_frame_equal(first.events, again.events)
    assert_frame_equal(first.truth, again.truth)
    assert not first.events.equals(other.events)


@pytest.mark.parametrize("seed", range(12))
def test_each_account_is_named_once_and_has_events(seed: int) -> None:
    world = random_world(seed, LEAST_ACCOUNTS + 40 * seed)
    assert not world.truth["account_id"].is_duplicated().any()
    assert set(world.events["account_id"]) == set(world.truth["account_id"])
    assert (world.truth["label"] == "fraud").sum() == world.truth["campaign"].is_not_null().sum()


def test_kinds_of_identifier_and_campaigns_are_absent_in_some_worlds() -> None:
    kinds, fakes = set(), []
    for seed in range(60):
        world = random_world(seed, 300)
        kinds.add(world.settings.kinds)
        fakes.append(world.truth.filter(label="fraud").height / world.truth.height)
    assert len(kinds) == 7  # every subset of three
    assert min(fakes) == 0.0 and max(fakes) <= 0.25


def test_each_trace_of_a_campaign_is_absent_about_half_of_the_time() -> None:
    rng = np.random.default_rng(1)
    drawn = [draw_traces(rng, draw_settings(rng, 1_000), 20) for _ in range(600)]
    for name in ("batches", "silent", "acting", "mixed_exits"):
        assert 0.4 < np.mean([getattr(traces, name) for traces in drawn]) < 0.65, name
    for name, chance in RARE.items():
        assert abs(np.mean([getattr(traces, name) for traces in drawn]) - chance) < 0.06, name


def test_a_world_is_read_as_any_file_of_events(tmp_path: Path) -> None:
    world = write_random(tmp_path, 3, 400)
    tokeniser = load_tokeniser(tmp_path, ip_plain=True)
    now = world.events["occurred_at"].max()
    cleaned = [clean(chunk.events, tokeniser, now) for chunk in open_events(tmp_path / "events.parquet").chunks()]  # type: ignore[arg-type]
    assert sum(part.good.height for part in cleaned) == world.events.height
    assert read_truth(tmp_path / "truth.parquet").height == world.truth.height


def test_the_command_writes_one_and_refuses_what_it_can_not(tmp_path: Path) -> None:
    run = CliRunner().invoke(command, ["--population", "random", "--accounts", "200", "--out", str(tmp_path)])
    assert run.exit_code == 0 and "200 accounts" in run.output
    assert pl.read_parquet(tmp_path / "truth.parquet").columns == ["account_id", "label", "campaign"]
    for wrong in (["--format", "jsonl"], ["--single-uses"], ["--accounts", "5"]):
        refused = CliRunner().invoke(command, ["--population", "random", "--out", str(tmp_path), *wrong])
        assert isinstance(refused.exception, InputError)
