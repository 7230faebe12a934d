"""Explains a doubtful account: which single identifier its level hangs by."""

from __future__ import annotations

import json

from service.decisions.counterfactual import Tie, WouldChange, would_change
from service.detection.scoring.model import model
from service.graph.client import Graph
from service.model.decision import Decision

LABELLED = ("labelled_fraud", "labelled_legitimate")
USUAL_COVERED = 0.5  # of a ring whose facts a run didn't keep


def account(graph: Graph, account_id: str, decision: Decision) -> list[WouldChange]:
    """The identifiers whose removal would change the level that was decided; empty if the account is in no ring, or
    if a label decides about it."""
    if any(reason.code in LABELLED for reason in decision.reasons):
        return []
    rows = graph.read("serve/account_ties", account=account_id)
    if not rows:
        return []
    row = rows[0]
    evidence = [reason.get("evidence", {}) for reason in json.loads(row["reasons"])]
    alone = next((found["score_without_group"] for found in evidence if "score_without_group" in found), 0.0)
    facts = json.loads(row["facts"])
    tables = model().tables(facts.get("addresses", True))
    covered = facts.get("covered", USUAL_COVERED)
    return would_change(decision.score / 100, alone / 100, covered, [Tie(*tie) for tie in row["ties"]], tables.accounts)
