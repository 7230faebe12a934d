"""Explains a doubtful account: which single identifier its level hangs by."""

from __future__ import annotations

import json

from service.decisions.counterfactual import Tie, WouldChange, would_change
from service.graph.client import Graph

USUAL_COVERED = 0.5  # of a ring whose facts a run didn't keep


def account(graph: Graph, account_id: str) -> list[WouldChange]:
    """The identifiers whose removal would change the account's level; empty if it is in no ring."""
    rows = graph.read("serve/account_ties", account=account_id)
    if not rows:
        return []
    row = rows[0]
    evidence = [reason.get("evidence", {}) for reason in json.loads(row["reasons"])]
    alone = next((found["score_without_group"] for found in evidence if "score_without_group" in found), 0.0)
    covered = json.loads(row["facts"]).get("covered", USUAL_COVERED)
    return would_change(row["risk"], alone / 100, covered, [Tie(*tie) for tie in row["ties"]])
