"""People with mailboxes of their own, and a detection run over a file of events."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

from service.detection.pipeline import detect
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.settings import Settings
from tests.support import events
from tests.support.database import wipe


def person(number: int, apart_minutes: int, email: str) -> list[dict[str, Any]]:
    """A signup, so long after that of the one before, and activity 20 days later, from an address, a device and a
    mailbox of one's own."""
    at = events.START + timedelta(minutes=apart_minutes * number)
    own = {"device_id": f"phone {number}", "ip": f"198.18.{number // 250}.{number % 250}", "email": email}
    return [
        {"account_id": f"p{number}", "occurred_at": (at + timedelta(days=20 * n)).isoformat(), **own}
        | {"type": "activity" if n else "signup"}
        for n in range(2)
    ]


def detect_among(graph: Graph, settings: Settings, folder: Path, rows: list[dict[str, Any]]) -> None:
    """A run over a graph of nothing but these events."""
    wipe(graph)
    tokeniser = load_tokeniser(settings.home, settings.ip_plain)
    FileIngest(graph, tokeniser, settings.home, settings.batch_size).run([events.write(folder / "events.jsonl", rows)])
    detect(graph, settings.home)
