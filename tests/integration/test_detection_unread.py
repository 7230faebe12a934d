"""Accounts that come to the graph while a run reads it: no run has read them, whatever the clock says."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

from service import bootstrap
from service.decisions import decide
from service.decisions.index.index_lookup import IndexLookup
from service.decisions.index.lookup import GraphLookup
from service.decisions.policy import BUILT_IN
from service.detection import pipeline
from service.detection.reading.read_graph import read
from service.detection.reading.snapshot import Snapshot
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model.decision import Decision
from service.settings import Settings
from tests.support import crowd, events

LATE, BARE = "late", "bare"


def arrive(graph: Graph) -> None:
    """Two accounts whose events are older than the newest that the run has read: one on the ring's device, and one
    without any identifier."""
    at = int(crowd.START.timestamp()) * 1_000_000
    device = graph.driver.execute_query(
        "MATCH (a:Account {id: 's0'})-[:USES_DEVICE]->(d) RETURN d.id AS id", database_=graph.address.database
    ).records[0]["id"]
    rows = [[LATE, at, at, at, 1, [], [[device, at, at, 1]], []], [BARE, at, at, at, 1, [], [], []]]
    graph.write("ingest/accounts_and_links", rows=rows)


def decided(graph: Graph, settings: Settings, account: str) -> list[Decision | None]:
    """The decisions by the index and by the graph."""
    bootstrap.rebuild_index(settings, graph)
    store = bootstrap.index_store(settings)
    try:
        return [
            decide.account(lookup, BUILT_IN, account, int(time.time()), False)
            for lookup in (IndexLookup(store), GraphLookup(graph))
        ]
    finally:
        store.close()


def test_a_signup_that_arrives_while_a_run_reads_is_not_answered_as_scored(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = events.write(tmp_path / "people.jsonl", [*crowd.people(), *crowd.ring("s", 12)])
    FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, 500).run([path])

    def read_and_arrive(graph: Graph, birth_s: int) -> Snapshot:
        snapshot = read(graph, birth_s)
        arrive(graph)
        return snapshot

    with monkeypatch.context() as patch:
        patch.setattr(pipeline, "read", read_and_arrive)
        pipeline.detect(graph, settings.home)
    for account, scored in ((LATE, False), (BARE, False), ("p1", True)):
        for decision in decided(graph, settings, account):
            assert decision is not None
            assert ("not_scored_yet" in [reason.code for reason in decision.reasons]) is not scored, account
    pipeline.detect(graph, settings.home)
    for account in (LATE, BARE):
        for decision in decided(graph, settings, account):
            assert decision is not None
            assert "not_scored_yet" not in [reason.code for reason in decision.reasons]
