"""`ringsight backfill`: the bulk importer's graph equals the one that online ingest writes."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest
from click.testing import CliRunner

from service.bootstrap import open_graph
from service.cli import backfill as backfill_command
from service.engine import local
from service.graph import graph_format
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.rings import allow_list
from service.settings import Settings
from tests.support import events
from tests.support.database import wipe
from tests.support.digest import digest


def test_the_first_load_gives_the_graph_of_online_ingest(
    graph: Graph, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [
        *events.stream(900),
        {"account_id": 'odd, "name"', "occurred_at": "2026-03-01T00:00:00.5Z", "type": "signup"},
        {"account_id": "bad", "occurred_at": "2026-03-01T00:00:00Z", "ip": "999.1.1.1"},
    ]
    lines = events.write(tmp_path / "lines", rows[500:])
    pl.DataFrame(rows[:500]).write_parquet(tmp_path / "parquet")
    paths = [tmp_path / "parquet", lines]
    ingest = FileIngest(graph, load_tokeniser(settings.home, True), settings.home, 500)
    ingest.run(paths)
    clean = digest(graph)
    wipe(graph)
    allow_list.add(graph, "ip", "192.0.2.1", "ana", "our office:\n a line of its own")
    allowed = allow_list.entries(graph)

    running = local.running(settings.home)
    assert running is not None
    # The engine is started again: on the same ports, for the tests that come after this one.
    monkeypatch.setenv("RINGSIGHT_ENGINE_BOLT_PORT", str(running.bolt_port))
    monkeypatch.setenv("RINGSIGHT_ENGINE_HTTP_PORT", str(running.http_port))
    done = CliRunner().invoke(backfill_command.command, [*map(str, paths), str(lines)])
    assert done.exit_code == 0, done.output
    assert "ingested 2 of 3 files: 902 events (1 refused, 0 duplicates)" in done.output
    assert not list(settings.home.glob("backfill*")), "no work file stays"
    with open_graph(settings) as loaded:
        assert digest(loaded) == clean
        assert loaded.read("ingest/graph_format")[0]["format"] == graph_format.newest_known(loaded)
        assert not loaded.read_bulk("detect/unread_accounts")["node"], "it is taken for no earlier version's"
        assert allow_list.entries(loaded) == allowed, "an allow-list does not stop the bulk load, and outlives it"
        again = FileIngest(loaded, load_tokeniser(settings.home, True), settings.home, 500).run(paths)
        assert len(again.already) == 2, "online ingest knows what was loaded"

        more = events.write(tmp_path / "more", events.stream(100, seed=2))
        done = CliRunner().invoke(backfill_command.command, [str(more)])
        assert done.exit_code == 0, done.output
        assert digest(loaded).uses == clean.uses + events.uses(events.stream(100, seed=2)), "not empty: online"
