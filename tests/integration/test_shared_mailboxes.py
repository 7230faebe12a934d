"""Accounts on one mailbox in ever other spellings, among people whose providers hold most mailboxes there are."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from service.cli.scores import read_scores
from service.graph.client import Graph
from service.model.decision import LEVEL_FLOORS
from service.settings import Settings
from tests.support import events, mailboxes
from tests.support.mailboxes import detect_among

PROVIDERS = ("gmail.com", "gmail.com", "gmail.com", "outlook.com", "yahoo.com", "icloud.com", "proton.me")


def person(number: int, provider: str) -> list[dict[str, Any]]:
    """One of the honest people."""
    return mailboxes.person(number, 53, f"person.{number}+news@{provider}")


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


@pytest.fixture
def people() -> list[dict[str, Any]]:
    return [row for number in range(5000) for row in person(number, PROVIDERS[number % len(PROVIDERS)])]


def test_300_accounts_on_one_mailbox_are_a_ring_at_high(
    graph: Graph, settings: Settings, tmp_path: Path, people: list[dict[str, Any]]
) -> None:
    detect_among(graph, settings, tmp_path, [*people, *map(farmed, range(300))])
    found = read_scores(graph).filter(ring=read_scores(graph).filter(id="f0")["ring"][0])
    assert set(found["id"]) == {f"f{number}" for number in range(300)}
    assert (found["score"] >= 100 * LEVEL_FLOORS["high"]).all()


def test_5000_people_at_gmail_are_nothing(graph: Graph, settings: Settings, tmp_path: Path) -> None:
    detect_among(graph, settings, tmp_path, [row for number in range(5000) for row in person(number, "gmail.com")])
    scores = read_scores(graph)
    assert scores["ring"].is_null().all()
    assert (scores["score"] < 100 * LEVEL_FLOORS["medium"]).all()
