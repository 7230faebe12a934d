"""Small streams of events for tests of ingest: seeded, with shared identifiers, repeats and bad events."""

from __future__ import annotations

import json
import random
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

START = datetime(2026, 3, 1, tzinfo=UTC)


def stream(count: int, seed: int = 1, ids: bool = True) -> list[dict[str, Any]]:
    """Good events: accounts sign up and come back, on devices, cards and IPs that some of them share."""
    dice = random.Random(seed)
    events = []
    for n in range(count):
        account = dice.randrange(max(2, count // 6))
        event: dict[str, Any] = {
            "account_id": f"acct-{account}",
            "occurred_at": (START + timedelta(seconds=dice.randrange(10**7))).isoformat().replace("+00:00", "Z"),
            "type": dice.choice(("signup", "login", "activity", "payment")),
            "uses": dice.randrange(1, 5),
            "device_id": f"device-{account // 3}-{dice.randrange(2)}",
            "ip": dice.choice((f"198.51.{account % 250}.{dice.randrange(3) + 1}", f"2001:db8:{account % 50:x}::{n:x}")),
        }
        if dice.random() < 0.3:
            event["payment_fingerprint"] = f"card-{account // 2}"
        if ids:
            event["event_id"] = f"event-{seed}-{n}"
        events.append(event)
    return events


def lines(events: list[dict[str, Any]]) -> bytes:
    """As JSON lines."""
    return b"".join(json.dumps(event).encode() + b"\n" for event in events)


def write(path: Path, events: list[dict[str, Any]]) -> Path:
    """As a file of JSON lines."""
    path.write_bytes(lines(events))
    return path


def uses(events: list[dict[str, Any]]) -> int:
    """What the uses of all accounts must come to: each event_id once."""
    once = {event.get("event_id", f"none-{n}"): event for n, event in enumerate(events)}
    return sum(event["uses"] for event in once.values())


def one_ring(people: int = 400, fakes: int = 20) -> list[dict[str, Any]]:
    """People over a year, each with what is theirs, and accounts made on one tablet and card in an afternoon."""
    rows: list[dict[str, Any]] = []
    for person in range(people):
        at = START + timedelta(hours=14 * person)
        own = {"device_id": f"phone {person}", "ip": f"198.18.{person // 200}.{person % 200}"}
        for n in range(2):
            kind = "activity" if n else "signup"
            when = (at + timedelta(days=20 * n)).isoformat()
            rows.append({"account_id": f"p{person}", "occurred_at": when, "type": kind, **own})
    for number in range(fakes):
        at = START + timedelta(days=200, minutes=4 * number)
        shared = {"device_id": "tablet", "payment_fingerprint": "card", "ip": f"203.0.113.{number % 3}"}
        rows.append({"account_id": f"s{number}", "type": "signup", "occurred_at": at.isoformat(), **shared})
    return rows
