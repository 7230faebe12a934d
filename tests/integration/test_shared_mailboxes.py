"""Accounts on one mailbox in ever other spellings, among people whose providers hold most mailboxes there are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.cli.scores import read_scores
from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model.decision import LEVEL_FLOORS
from service.settings import Settings
from tests.support import events
from tests.support.database import wipe

PROVIDERS = ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me")


def person(number: int, provider: str) -> list[dict[str, Any]]:
    """A signup and activity 20 days later, from an address, a device and a mailbox of one's own."""
    at = events.START + timedelta(minutes=53 * number)
    own = {"device_id": f"phone {number}", "ip": f"198.18.{number // 250}.{number % 250}"}
    own["email"] = f"person.{number}+news@{provider}"
    return [
        {"account_id": f"p{number}", "occurred_at": (at + timedelta(days=20 * n)).isoformat(), **own}
        | {"type": "activity" if n else "signup"}
        for n in range(2)
    ]


def farmed(number: int) -> dict[str, Any]:
    """One of 300 accounts on one mailbox, made over a month, each from a device and an address of its own."""
    at = events.START + timedelta(days=40, hours=2.4 * number)
    spelling = ("a.b.cdef", "abc.def", "abcdef", "ab.c.d.ef")[number % 4]
    return {
        "account_id": f"f{number}",
        "type": "signup",
        "occurred_at": at.isoformat(),
        "email": f"{spelling}+{number}@{('gmail.com', 'googlemail.com')[number % 2]}",
        "device_id": f"burner {number}",
        "ip": f"203.0.{number // 250}.{number % 250}",
    }


def load(graph: Graph, settings: Settings, path: Path, rows: list[dict[str, Any]]) -> None:
    wipe(graph)
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([events.write(path / "events.jsonl", rows)])
    detect(graph, settings.home)


@pytest.fixture
def people() -> list[dict[str, Any]]:
    return [row for number in range(5000) for row in person(number, PROVIDERS[number % len(PROVIDERS)])]


def test_300_accounts_on_one_mailbox_are_a_ring_at_high(
    graph: Graph, settings: Settings, tmp_path: Path, people: list[dict[str, Any]]
) -> None:
    load(graph, settings, tmp_path, [*people, *map(farmed, range(300))])
    found = read_scores(graph).filter(ring=read_scores(graph).filter(id="f0")["ring"][0])
    assert set(found["id"]) == {f"f{number}" for number in range(300)}
    assert (found["score"] >= 100 * LEVEL_FLOORS["high"]).all()


def test_5000_people_at_gmail_are_nothing(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    load(graph, settings, tmp_path, [row for number in range(5000) for row in person(number, "gmail.com")])
    scores = read_scores(graph)
    assert scores["ring"].is_null().all()
    assert (scores["score"] < 100 * LEVEL_FLOORS["medium"]).all()
