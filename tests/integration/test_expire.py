"""`ringsight expire` on the real engine."""

from __future__ import annotations

import time
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from service.bootstrap import index_store
from service.cli import expire as expire_command
from service.detection.detection_lock import detection_lock
from service.errors import ConflictError
from service.graph.client import Graph
from service.ingest.tokens import Tokeniser
from service.loading.expire import Expired, count_expired, expire
from service.loading.files import FileIngest
from service.privacy import retention
from service.settings import Settings, load_settings
from tests.support import events
from tests.support.database import wipe
from tests.support.digest import digest

CUTOFF = datetime(2026, 4, 1, tzinfo=UTC)


def event(account: str, at: str, **fields: Any) -> dict[str, Any]:
    return {"account_id": account, "occurred_at": f"{at}T00:00:00Z", **fields}


def test_old_links_and_unused_identifiers_go_and_the_rest_stays(graph: Graph, tmp_path: Path) -> None:
    wipe(graph)
    old = [
        event("a", "2026-03-01", ip="1.1.1.1", device_id="old"),
        event("a", "2026-03-01", ip="1.1.2.1", payment_fingerprint="old"),
        event("b", "2026-03-01", ip="1.1.1.2", device_id="both"),
    ]
    new = [event("b", "2026-05-01", ip="1.1.1.2"), event("c", "2026-05-01", device_id="both", ip="9.9.9.9")]
    tokeniser = Tokeniser(b"t" * 32)
    FileIngest(graph, tokeniser, tmp_path, 100).run([events.write(tmp_path / "new", new)])
    FileIngest(graph, tokeniser, tmp_path, 100).run([events.write(tmp_path / "old", old)])
    expected = Expired(links=5, identifiers=4, derived=1)
    assert count_expired(graph, CUTOFF) == expected
    before = digest(graph)
    assert digest(graph) == before, "counting changes nothing"
    assert expire(graph, CUTOFF) == expected
    after = digest(graph)
    assert after.counts == {"accounts": 3, "identifiers": 5, "links": 3, "derived": 2}
    assert after.uses == before.uses, "accounts stay as they are"
    assert expire(graph, CUTOFF) == count_expired(graph, CUTOFF) == Expired(0, 0, 0)


@pytest.mark.parametrize("days", [-3, 3])
def test_nothing_is_removed_by_a_clock_that_is_days_off(
    graph: Graph, settings: Settings, monkeypatch: pytest.MonkeyPatch, days: int
) -> None:
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + days * 86_400)
    words = f"clock is 72.0 hours {'ahead of' if days > 0 else 'behind'} the database's"
    done = CliRunner().invoke(expire_command.command, ["--older-than", "500w"])
    assert isinstance(done.exception, ConflictError) and words in str(done.exception)
    with closing(index_store(settings)) as index, pytest.raises(ConflictError, match=words):
        retention.expire(settings, graph, index)


@pytest.mark.usefixtures("graph")
def test_the_command_says_what_it_did() -> None:
    runner = CliRunner()
    done = runner.invoke(expire_command.command, ["--older-than", "180d", "--dry-run"])
    assert done.exit_code == 0 and done.output.startswith("would remove ")
    done = runner.invoke(expire_command.command, ["--older-than", "500w"])
    assert done.exit_code == 0 and done.output.startswith("removed 0 links")
    with detection_lock(load_settings().home):
        done = runner.invoke(expire_command.command, ["--older-than", "500w"])
        assert isinstance(done.exception, ConflictError) and "try again when it is done" in str(done.exception)
        assert runner.invoke(expire_command.command, ["--older-than", "500w", "--dry-run"]).exit_code == 0
    for wrong in ("180", "d", "-1d", "0d", "1y"):
        assert runner.invoke(expire_command.command, ["--older-than", wrong]).exit_code == 2
