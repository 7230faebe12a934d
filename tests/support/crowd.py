"""People who signed up over most of a year, each with a device and an address of their own, and young rings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

START = datetime(2026, 1, 1, tzinfo=UTC)
END = START + timedelta(days=320, hours=5)

Event = dict[str, Any]


def people(count: int = 600) -> list[Event]:
    """Their events: a signup, and activity 20 days later."""
    rows = []
    for person in range(count):
        at = START + timedelta(hours=12 * person)
        own = {"device_id": f"phone {person}", "ip": f"198.18.{person // 100}.{person % 100}"}
        rows += [
            {"account_id": f"p{person}", "occurred_at": (at + timedelta(days=20 * n)).isoformat(), **own}
            | {"type": "activity" if n else "signup"}
            for n in range(2)
        ]
    return rows


def signup(account: str, at: datetime, **uses: str) -> Event:
    """One signup."""
    return {"account_id": account, "type": "signup", "occurred_at": at.isoformat(), **uses}


def ring(name: str, count: int, minutes: float = 2.0, at: datetime = END) -> list[Event]:
    """Signups minutes apart on one device and one card, from an address without history."""
    shared = {"device_id": f"burner {name}", "ip": "203.0.113.9", "payment_fingerprint": f"card {name}"}
    return [signup(f"{name}{n}", at + timedelta(minutes=minutes * n), **shared) for n in range(count)]


def office(name: str, count: int, minutes: float = 2.0, at: datetime = END) -> list[Event]:
    """Colleagues who sign up minutes apart from one address, each on a device of their own."""
    return [
        signup(f"{name}{n}", at + timedelta(minutes=minutes * n), ip="203.0.113.77", device_id=f"laptop {name}{n}")
        for n in range(count)
    ]
