"""The roles that a key may have."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a key may do. A key has one role or several."""

    SCORE = "score"
    SCORE_BLIND = "score-blind"
    INGEST = "ingest"
    ANALYST = "analyst"
    MONITOR = "monitor"
    ADMIN = "admin"


MEANING = {
    Role.SCORE: "ask for decisions, with their reasons",
    Role.SCORE_BLIND: "ask for decisions; no reasons, no ring and a coarse score, so that nobody learns what to change",
    Role.INGEST: "send events",
    Role.ANALYST: "read rings and accounts, label them, set status, export",
    Role.MONITOR: "read /metrics",
    Role.ADMIN: "everything, also start runs and erase accounts",
}
