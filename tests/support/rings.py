"""Writes published rings straight into the graph, as a detection run does by docs/architecture.md.

For tests of what reads rings (pages, exports, changes): they must not wait for a detection run, and need exact counts.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from service.graph.client import Graph

RUN = "run-1"
START = datetime(2026, 9, 1, tzinfo=UTC)
LINKS = {"PaymentMethod": "PAYS_WITH", "Device": "USES_DEVICE", "IP": "CONNECTS_FROM"}


@dataclass(frozen=True, slots=True)
class Shape:
    """A ring to write: so many accounts on so many cards, devices and exits, born within `days` from `start`."""

    id: str
    accounts: int
    cards: int
    devices: int
    exits: int
    exits_each: int = 2
    days: float = 7
    start: datetime = START
    score: float = 97.0
    level: str = "critical"
    status: str = "open"
    prefix: str = "fake"
    net: int = 10  # first number of its exits' addresses


SMALL = Shape("R-SMAL-1", 12, 2, 3, 2, prefix="sm", net=11)
MIDDLE = Shape("R-MIDD-2", 300, 10, 40, 25, score=82.5, level="high", prefix="mi", net=12)
LARGE = Shape("R-LARG-3", 16_000, 160, 800, 400, exits_each=6, days=40, score=99.4, prefix="la", net=13)


@dataclass(slots=True)
class Rows:
    """What a batch of shapes becomes: rows for UNWIND."""

    accounts: list[dict[str, Any]] = field(default_factory=list)
    links: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {label: [] for label in LINKS})


def shape_rows(shape: Shape) -> Rows:
    """Seeded by the ring's id: the same shape always gives the same accounts and links."""
    dice = random.Random(shape.id)
    rows = Rows()
    exits = [f"{shape.net}.{n // 200}.{n % 200}.7" for n in range(shape.exits)]
    for n in range(shape.accounts):
        account = f"{shape.prefix}-{n:05d}"
        born = shape.start + timedelta(days=shape.days * n / shape.accounts, minutes=dice.randrange(50))
        rows.accounts.append(
            {
                "id": account,
                "born": born,
                "ring": shape.id,
                "risk": round(shape.score / 100 - dice.random() * 0.1, 3),
                "strength": round(0.6 + dice.random() * 0.4, 3),
                "level": shape.level,
            }
        )
        uses = {
            "PaymentMethod": [f"pm_{shape.prefix}{n % shape.cards:04d}"],
            "Device": [f"dv_{shape.prefix}{n % shape.devices:04d}"],
            "IP": dice.sample(exits, min(shape.exits_each, len(exits))),
        }
        for label, ids in uses.items():
            for other in ids:
                rows.links[label].append(
                    {
                        "account": account,
                        "id": other,
                        "first": born + timedelta(minutes=5),
                        "uses": dice.randrange(1, 900),
                    }
                )
    return rows


def honest_rows(accounts: int = 400) -> Rows:
    """Honest accounts of all ages behind one carrier address (198.51.100.1), each with its own card and device."""
    dice = random.Random("honest")
    rows = Rows()
    for n in range(accounts):
        account = f"honest-{n:05d}"
        born = START - timedelta(days=dice.random() * 700 - 40)
        rows.accounts.append({"id": account, "born": born, "ring": None, "risk": None, "strength": None, "level": None})
        ids = {"PaymentMethod": f"pm_honest{n:05d}", "Device": f"dv_honest{n:05d}", "IP": "198.51.100.1"}
        for label, other in ids.items():
            rows.links[label].append(
                {"account": account, "id": other, "first": born + timedelta(days=dice.random() * 30), "uses": 3}
            )
    return rows


def ring_row(shape: Shape, run: str = RUN) -> dict[str, Any]:
    """The Ring node's properties, as a run writes them."""
    reasons = [
        {
            "code": "coverage",
            "text": f"{shape.accounts} accounts share nearly all of their cards, devices and addresses.",
            "points": 41.0,
            "evidence": {"accounts": shape.accounts, "shared_share": 0.98},
        },
        {
            "code": "births",
            "text": f"They were created within {shape.days:g} days, far closer together than accounts usually are.",
            "points": 31.5,
            "evidence": {"days": shape.days, "nats": 2.1},
        },
        {
            "code": "reuse",
            "text": "Each card pays for many accounts.",
            "points": 12.0,
            "evidence": {"cards": shape.cards},
        },
    ]
    on_each = shape.accounts // shape.cards
    held_by = [
        {"kind": "payment_method", "id": f"pm_{shape.prefix}{n:04d}", "members": on_each, "accounts": on_each}
        for n in range(min(3, shape.cards))
    ]
    return {
        "id": shape.id,
        "run": run,
        "score": shape.score,
        "level": shape.level,
        "size": shape.accounts,
        "status": shape.status,
        "first_seen": shape.start,
        "last_seen": shape.start + timedelta(days=shape.days + 5),
        "kinds": ["payment_method", "device", "ip"],
        "held_by": json.dumps(held_by),
        "reasons": json.dumps(reasons),
        "parts": 1,
        "uses": shape.accounts * 800,
        "uses_per_day": shape.accounts * 20.0,
        "share_of_all_uses": 0.12,
        "facts": json.dumps({"size": shape.accounts}),  # for runs and decisions only, as the next two
        "born_from": int(shape.start.timestamp()),
        "born_to": int((shape.start + timedelta(days=shape.days)).timestamp()),
    }


def write(graph: Graph, *shapes: Shape, run: str = RUN, honest: int = 400) -> None:
    """Writes the shapes as rings of a published run, with honest accounts beside them."""
    batches = [shape_rows(shape) for shape in shapes] + ([honest_rows(honest)] if honest else [])
    rings = [ring_row(shape, run) for shape in shapes]

    def execute(text: str, **parameters: Any) -> None:
        graph.driver.execute_query(text, parameters, database_=graph.address.database)

    execute("UNWIND $rings AS row MERGE (r:Ring {id: row.id}) SET r += row", rings=rings)
    for rows in batches:
        for part in _chunks(rows.accounts):
            execute(ACCOUNTS, rows=part, run=run)
        for label, links in rows.links.items():
            for part in _chunks(links):
                execute(LINK % (label, LINKS[label]), rows=part)
    if any(shape.accounts <= 50 for shape in shapes):
        execute(SIMILAR, ids=[shape.id for shape in shapes if shape.accounts <= 50], run=run)
    execute(PUBLISH, run=run, counts=json.dumps({"rings": len(rings)}), parameters=json.dumps({"resolution": 0.3}))


def _chunks(rows: list[dict[str, Any]], size: int = 5000) -> list[list[dict[str, Any]]]:
    return [rows[at : at + size] for at in range(0, len(rows), size)]


ACCOUNTS = """
UNWIND $rows AS row
MERGE (a:Account {id: row.id})
SET a.created_at = row.born, a.created_s = row.born.epochSeconds, a.created_from = 'signup',
    a.risk = row.risk, a.level = row.level,
    a.reasons = CASE WHEN row.ring IS NULL THEN null ELSE
      '[{"code": "in_ring", "text": "It belongs to ring ' + row.ring + '.", "points": 90, "evidence": {}}]' END
WITH a, row WHERE row.ring IS NOT NULL
MATCH (r:Ring {id: row.ring})
MERGE (a)-[m:MEMBER_OF {run: $run}]->(r) SET m.strength = row.strength
"""
LINK = """
UNWIND $rows AS row
MATCH (a:Account {id: row.account})
MERGE (i:%s {id: row.id})
MERGE (a)-[l:%s]->(i)
SET l.first_seen = row.first, l.first_s = row.first.epochSeconds,
    l.last_seen = row.first + duration('P4D'), l.uses = row.uses
"""
SIMILAR = """
MATCH (a:Account)-[:MEMBER_OF {run: $run}]->(r:Ring)<-[:MEMBER_OF {run: $run}]-(b:Account)
WHERE r.id IN $ids AND a.id < b.id AND EXISTS { (a)-[:USES_DEVICE]->()<-[:USES_DEVICE]-(b) }
MERGE (a)-[s:SIMILAR_TO {run: $run}]->(b) SET s.score = 0.8
"""
PUBLISH = """
MERGE (d:DetectionRun {id: $run})
SET d.state = 'published', d.started_at = datetime('2026-11-20T10:00:00Z'),
    d.finished_at = datetime('2026-11-20T10:01:00Z'),
    d.counts = $counts, d.parameters = $parameters, d.timings = '{}'
MERGE (p:Pointer {name: 'published'}) SET p.run_id = $run
"""
