"""A decision as the API answers it: when it is due, what is said of it, and one made for somebody who only looks."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import flask

from service.api.services import Services
from service.decisions.index.store import waiting
from service.errors import InputError, UnavailableError
from service.model.decision import Decision

MAX_DEADLINE_MS = 60_000


def deadline(parts: Services) -> float:
    """When the answer is due, on the monotonic clock (seconds). Raises InputError if the header is wrong."""
    given = flask.request.headers.get("X-Deadline-Ms")
    if given is None:
        return time.monotonic() + parts.settings.decision_deadline_ms / 1000
    if not (given.isascii() and given.isdigit() and 1 <= int(given[:6]) <= MAX_DEADLINE_MS and len(given) < 6):
        raise InputError(f"the header X-Deadline-Ms must be a whole number from 1 to {MAX_DEADLINE_MS}")
    return time.monotonic() + int(given) / 1000


@contextmanager
def in_time(parts: Services) -> Iterator[float]:
    """When the answer is due, as `deadline`; what is asked of the read index in the block gets half of the time."""
    due = deadline(parts)
    with waiting((due - time.monotonic()) / 2):
        yield due


def judgement(parts: Services, account_id: str) -> dict[str, Any] | None:
    """What would be answered for an account now, neither kept nor counted: somebody looks. None: nothing can say."""
    try:
        with in_time(parts) as due:
            answer = parts.desk.account(account_id, due - time.monotonic())
    except UnavailableError:
        return None
    if answer is None:
        return None
    decision = answer.decision
    return {**said(parts, decision), "reasons": decision.reasons, "run_age_s": run_age_s(decision, time.time())}


def said(parts: Services, decision: Decision) -> dict[str, Any]:
    """What is both answered and kept of a decision."""
    return {
        "score": decision.score,
        "level": decision.level,
        "action": decision.action,
        "ring": decision.ring,
        "model_version": decision.model_version,
        "run_id": decision.run_id,
        "policy_version": parts.policy.version,
        "degraded": decision.degraded,
    }


def run_age_s(decision: Decision, now: float) -> int | None:
    """Seconds since the run finished that a decision comes from, at `now` (epoch seconds); None before any run."""
    return max(int(now) - decision.run_finished, 0) if decision.run_id else None
