"""What people say, on the real engine: labels reach the next run, decisions on rings last, and walks are PageRank."""

from __future__ import annotations

import json
import time
from typing import Any

import igraph
import numpy as np
import polars as pl
import pytest

from service.cli.scores import read_scores
from service.decisions import decide
from service.decisions.index.lookup import GraphLookup
from service.decisions.policy import BUILT_IN
from service.detection import parameters
from service.detection.grouping.label_walks import personalized_pagerank
from service.detection.grouping.projection import View, connect, projected
from service.detection.pipeline import detect
from service.detection.reading.snapshot import SYNTHETIC_ID_BASE, Accounts, Links, build
from service.evaluation.metrics import average_precision
from service.evaluation.tables import read_truth
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.rings.actions import set_label, set_status, undo
from service.settings import Settings
from service.simulation.simulate import simulate

ACCOUNTS = 6000
LABELS = 120  # of each class


@pytest.fixture(scope="module")
def truth(graph: Graph, settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> pl.DataFrame:
    """Who is fake, of a population that is loaded and looked at without labels."""
    folder = tmp_path_factory.mktemp("timing")
    simulate(folder, 2, "timing", ACCOUNTS, "parquet", False)
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([folder / "events.parquet"])
    detect(graph, settings.home)
    return read_truth(folder / "truth.parquet").sort("account_id")


def counts(graph: Graph) -> dict[str, Any]:
    with graph.driver.session(database=graph.address.database) as session:
        found = session.run(
            "MATCH (p:Pointer {name: 'published'}) MATCH (n:DetectionRun {id: p.run_id}) RETURN n.counts"
        )
        return dict(json.loads(found.single(strict=True)[0]))


def of_run(graph: Graph, accounts: pl.Series) -> dict[str, float]:
    found = read_scores(graph).filter(pl.col("id").is_in(accounts.implode()))
    return {account: round(score, 1) for account, score in found.select("id", "score").iter_rows()}


def answers(graph: Graph, accounts: pl.Series) -> dict[str, float]:
    """The score that a decision on each of these accounts says."""
    found = {}
    for one in accounts:
        decision = decide.account(GraphLookup(graph), BUILT_IN, one, int(time.time()), False)
        assert decision is not None
        found[one] = decision.score
    return found


def precision_of(scores: pl.DataFrame, truth: pl.DataFrame) -> float:
    joined = truth.join(scores, left_on="account_id", right_on="id")
    found = average_precision(joined["score"].to_numpy(), (joined["label"] == "fraud").to_numpy())
    assert found is not None
    return found


def test_labels_tell_of_accounts_that_nobody_labelled(graph: Graph, settings: Settings, truth: pl.DataFrame) -> None:
    before = read_scores(graph)
    assert counts(graph)["learned"] is None
    chosen = {
        label: truth.filter(pl.col("label") == label).sample(LABELS, seed=1)["account_id"].to_list()
        for label in ("fraud", "legitimate")
    }
    for label, ids in chosen.items():
        set_label(graph, ids, label, "ana", "seen")
    detect(graph, settings.home)
    after = read_scores(graph)
    of = after.select("id", "score", "ring", "reasons")
    assert float(of.filter(pl.col("id").is_in(chosen["fraud"]))["score"].min()) >= 100 * parameters.CONFIRMED  # type: ignore[arg-type]
    cleared = of.filter(pl.col("id").is_in(chosen["legitimate"]))
    assert cleared["score"].max() == 0 and cleared["ring"].is_null().all()

    learned = counts(graph)["learned"]
    assert learned["used"] and learned["loss"] < learned["loss_without"] and max(learned["w"]) > 0
    rest = truth.filter(~pl.col("account_id").is_in(chosen["fraud"] + chosen["legitimate"]))
    assert precision_of(after, rest) > precision_of(before, rest)
    near = of.filter(pl.col("reasons").str.contains("near_confirmed"))
    assert near.height > 10
    for score, reasons in near.select("score", "reasons").rows():
        assert sum(reason["points"] for reason in json.loads(reasons)) == pytest.approx(score, abs=1.0)


def test_a_dismissed_ring_is_not_flagged_again_until_people_take_it_back(
    graph: Graph, settings: Settings, truth: pl.DataFrame
) -> None:
    ring = read_scores(graph).filter(pl.col("ring").is_not_null() & (pl.col("score") >= 70))["ring"].mode()[0]
    members = read_scores(graph).filter((pl.col("ring") == ring) & (pl.col("score") < 100 * parameters.CONFIRMED))["id"]
    before = answers(graph, members)
    assert before == of_run(graph, members)
    set_status(graph, [ring], "dismissed", "ana", "our office")
    detect(graph, settings.home)
    spared = read_scores(graph).filter(pl.col("id").is_in(members.implode()))
    assert spared.height == len(members) > 5 and float(spared["score"].max()) < 50  # type: ignore[arg-type]
    assert set(spared["ring"].drop_nulls()) == {ring}, "they are still its members: the ring lasts, with its status"
    low = spared.filter((pl.col("score") > 0) & (pl.col("score") < 20))
    assert low.height > 0 and low["reasons"].str.contains("ring_dismissed").all()
    assert answers(graph, members) == of_run(graph, members), "decisions say what the run says"
    turned = set_status(graph, [ring], "confirmed", "ana", "a mistake")[0]["id"]
    confirmed = answers(graph, members)
    nearness = 10  # what labels near by are worth, which a run leaves out of spared members' risk
    assert all(confirmed[one] >= before[one] - nearness for one in members), "at once, before the next run"
    undo(graph, turned, "ana")
    set_status(graph, [ring], "open", "ana", "look again")
    assert answers(graph, members) == pytest.approx(before, abs=nearness), "at once, before the next run"
    detect(graph, settings.home)
    again = read_scores(graph).filter(pl.col("id").is_in(members.implode()))
    assert float(again["score"].mean()) > 50  # type: ignore[arg-type]
    assert not again["reasons"].str.contains("ring_dismissed").any()


def test_walks_are_personalised_pagerank(graph: Graph) -> None:
    """Against igraph, which sums to one, on a graph of accounts 1 to 4 and bursts."""
    rows = [(1, 0, 1.0), (2, 0, 2.0), (2, 1, 1.0), (3, 1, 0.5), (3, 2, 3.0), (4, 2, 1.0)]
    source, target, weight = (list(column) for column in zip(*rows, strict=True))
    target = [SYNTHETIC_ID_BASE + number for number in target]
    view = View(
        "detect/project_evidence", len(rows), {"source": source, "target": target, "shared": weight, "soft": weight}
    )
    seeds = np.array([[1, 0, 0, 1, 1], [0, 0, 0, 0, 0]], bool)
    node = np.array([1, 2, 3, 4, 5])
    none = Links(*[node[:0] for _ in range(5)])
    snapshot = build(Accounts(node, node, node, node, node), none, none, 1)
    gds = connect(graph)
    with projected(graph, gds, "evidence-run-walks", view) as projection:
        assert projection is not None
        found = personalized_pagerank(graph, gds, projection, view, snapshot, seeds)
    other = igraph.Graph(n=8, edges=[(account, 5 + number) for account, number, _ in rows])
    ranks = other.personalized_pagerank(directed=False, damping=0.85, reset_vertices=[1, 4], weights=weight)
    ours = found.visits[0, :4] * np.array(other.strength(weights=weight))[1:5]
    theirs = np.array(ranks)[1:5]
    assert ours / ours.sum() == pytest.approx(theirs / theirs.sum(), abs=0.01)
    assert found.visits[0, 4] == 0.0 and not found.visits[1].any() and found.total == sum(weight)
