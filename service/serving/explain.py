"""Explains a doubtful account: which single identifier its level hangs by."""

from __future__ import annotations

import json

from service.graph.client import Graph
from service.serving.counterfactual import Tie, WouldChange, would_change

USUAL_COVERED = 0.5  # for a ring that a run described without its coverage


def account(graph: Graph, account_id: str) -> list[WouldChange]:
    """The identifiers whose removal would change the account's level; empty if it is in no ring."""
    rows = graph.read("serve/account_ties", account=account_id)
    if not rows:
        return []
    row = rows[0]
    covered = [
        reason["evidence"]["covered_share"]
        for reason in json.loads(row["ring_reasons"])
        if "covered_share" in reason.get("evidence", {})
    ]
    return would_change(row["risk"], covered[0] if covered else USUAL_COVERED, [Tie(*tie) for tie in row["ties"]])
