"""The allow-list on the real engine: an office's address and tablet stop and start to be evidence."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli.allow import command
from service.cli.scores import read_scores
from service.detection.pipeline import detect
from service.errors import NotFoundError
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.security.journal import Journal
from service.settings import Settings

START = datetime(2026, 1, 1, tzinfo=UTC)
WHO = ("--who", "ana")


def events() -> list[dict[str, str]]:
    """400 people over a year, each with what is theirs, and 20 accounts made on one tablet in an afternoon."""
    rows = []
    for person in range(400):
        at = START + timedelta(hours=20 * person)
        own = {"device_id": f"phone {person}", "ip": f"198.18.{person // 200}.{person % 200}"}
        rows += [
            {"account_id": f"p{person}", "occurred_at": (at + timedelta(days=20 * n)).isoformat(), **own}
            | {"type": "activity" if n else "signup"}
            for n in range(2)
        ]
    for number in range(20):
        at = START + timedelta(days=200, minutes=4 * number)
        shared = {"device_id": "tablet", "ip": f"203.0.113.{number % 3}"}
        rows.append({"account_id": f"s{number}", "type": "signup", "occurred_at": at.isoformat(), **shared})
    return rows


def in_rings(graph: Graph, settings: Settings) -> int:
    detect(graph, settings.home)
    return int(read_scores(graph)["ring"].is_not_null().sum())


def run(*arguments: str) -> str:
    done = CliRunner().invoke(command, list(arguments), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.output


def test_what_is_allowed_is_no_evidence_until_it_is_taken_off(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in events()), encoding="utf-8")
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([path])
    assert in_rings(graph, settings) == 20

    run("add", "device", "tablet", *WHO, "--why", "the tablet at our stand")
    run("add", "network", "203.0.113.0/24", *WHO, "--why", "the hall's line")
    run("add", "ip", "192.0.2.1", *WHO, "--why", "not seen yet")
    listed = run("list")
    token = tokeniser.token("dv", "tablet")
    assert f"device {token}  20 accounts  ana: the tablet at our stand" in listed
    assert "network 203.0.113.0/24  20 accounts  ana: the hall's line" in listed
    assert "ip 192.0.2.1  not in the graph" in listed and "3 identifiers are allowed" in listed
    assert in_rings(graph, settings) == 0
    with graph.driver.session(database=graph.address.database) as session:
        left = session.run("MATCH (d:Device {id: $id}) RETURN d.k AS k, d.ring AS ring", id=token).single(strict=True)
    assert (left["k"], left["ring"]) == (None, None), "signups are not judged by it either"

    run("remove", "device", token, *WHO, "--why", "the stand is closed")
    run("remove", "network", "203.0.113.9", *WHO, "--why", "the stand is closed")
    assert in_rings(graph, settings) == 20
    with pytest.raises(NotFoundError, match="allow list"):
        run("remove", "device", "tablet", *WHO, "--why", "again")
    lines = [line for line in Journal(settings.home).lines() if line["what"].startswith("ringsight allow")]
    assert [line["what"].split()[-1] for line in lines] == [*["add"] * 3, *["remove"] * 4]
    assert lines[-1]["failed"] == "NotFoundError"
    assert (lines[0]["identifier"], lines[0]["by"], lines[0]["why"]) == (token, "ana", "the tablet at our stand")
