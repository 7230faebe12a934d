"""What a changed policy would do: to the accounts that the published run scored, and to kept decisions."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from service.decisions import history
from service.decisions.decide import judged
from service.decisions.index.lookup import GraphLookup, ring_summary
from service.decisions.policy import EventType, Policy
from service.graph.client import Graph
from service.model.evidence import AccountEvidence


@dataclass(slots=True)
class RingChange:
    """Members of a ring that the new policy would newly block or release."""

    ring: str
    blocked: int = 0
    released: int = 0


@dataclass(slots=True)
class Replay:
    """The outcome. `changes` counts (what, old action, new action), what being account or a kept decision's event;
    `honest_blocked` and `honest_released` are accounts in no ring that are not labelled fraud, those labelled
    legitimate first."""

    accounts: int = 0
    decisions: int = 0
    changes: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rings: dict[str, RingChange] = field(default_factory=dict)
    honest_blocked: list[str] = field(default_factory=list)
    honest_released: list[str] = field(default_factory=list)


def replay(graph: Graph, decisions: Path, old: Policy, new: Policy, since: int) -> Replay:
    """Judges all since a time (epoch seconds) by both policies."""
    result = Replay()
    _accounts(result, graph, old, new, since)
    _decisions(result, decisions, old, new, since)
    return result


def _accounts(result: Replay, graph: Graph, old: Policy, new: Policy, since: int) -> None:
    thresholds = [value for policy in (old, new) for _, value in policy.enforce.account if value is not None]
    least = min(thresholds, default=100.0) / 100
    found = graph.read_bulk("serve/replay_accounts", since=since, least=max(least - 0.001, 0.0))
    result.accounts = found["accounts"]
    # Labelled legitimate first, then by id.
    rings = {row["id"]: ring_summary(row) for row in found["rings"]}
    run = GraphLookup(graph).run()
    for account_id, risk, ring, label, reasons, created in sorted(
        found["rows"], key=lambda row: (row[3] != "legitimate", row[0])
    ):
        evidence = AccountEvidence(account_id, risk, rings.get(ring), reasons, label, created=created)
        before, after = _actions("account", 100 * judged(evidence, run)[0], old, new)
        if before == after:
            continue
        result.changes["account", before, after] += 1
        if "block" in (before, after):
            _note(result, account_id, ring, label, blocked=after == "block")


def _note(result: Replay, account_id: str, ring: str | None, label: str | None, blocked: bool) -> None:
    if ring is not None:
        change = result.rings.setdefault(ring, RingChange(ring))
        change.blocked += blocked
        change.released += not blocked
    if label == "legitimate" or (ring is None and label != "fraud"):
        (result.honest_blocked if blocked else result.honest_released).append(account_id)


def _decisions(result: Replay, folder: Path, old: Policy, new: Policy, since: int) -> None:
    if not folder.is_dir():
        return
    kept = history.decisions(folder, since)
    counted = kept.group_by("event", "score").agg(count=pl.len()).collect()
    for event, score, count in counted.iter_rows():
        result.decisions += count
        before, after = _actions(event, score, old, new)
        if before != after:
            result.changes[f"{event} decision", before, after] += count


def _actions(event: EventType, score: float, old: Policy, new: Policy) -> tuple[str, str]:
    rounded = round(score, 1)  # as a decision's score is
    return old.enforce.action(event, rounded), new.enforce.action(event, rounded)


def lines(result: Replay, most: int) -> Sequence[str]:
    """The outcome for a terminal; at most so many rings and accounts are named."""
    text = [f"{what}: {before} -> {after}: {count:,}" for (what, before, after), count in result.changes.most_common()]
    rings = sorted(result.rings.values(), key=lambda change: -(change.blocked + change.released))
    text += [f"ring {one.ring}: {one.blocked:,} newly blocked, {one.released:,} released" for one in rings[:most]]
    for title, ids in (("newly blocked", result.honest_blocked), ("released", result.honest_released)):
        if ids:
            more = f" and {len(ids) - most:,} more" if len(ids) > most else ""
            text.append(f"accounts in no ring, {title}: {', '.join(ids[:most])}{more}")
    return text
