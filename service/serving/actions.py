"""What people decide: ring statuses and account labels, each written with who, when and why, and each can be undone."""

from __future__ import annotations

import uuid
from typing import Any

from service.errors import ConflictError, NotFoundError
from service.graph.client import Graph

Row = dict[str, Any]


def set_status(graph: Graph, ids: list[str], status: str, who: str, note: str) -> list[Row]:
    """Sets the status of rings. Raises NotFoundError, with nothing changed, if one of them does not exist."""
    _check(graph, "serve/rings_existing", "ring", ids)
    parameters = {"action": uuid.uuid4().hex, "ids": ids, "status": status, "who": who, "note": note}
    return list(graph.write("serve/set_ring_status", **parameters)[0]["actions"])


def set_label(graph: Graph, ids: list[str], label: str | None, who: str, note: str) -> list[Row]:
    """Labels accounts (None removes the label). Raises NotFoundError, with nothing changed, if one does not exist."""
    _check(graph, "serve/accounts_existing", "account", ids)
    parameters = {"action": uuid.uuid4().hex, "ids": ids, "label": label, "who": who, "note": note}
    return list(graph.write("serve/set_account_label", **parameters)[0]["actions"])


def undo(graph: Graph, action_id: str, who: str, note: str = "") -> Row:
    """Takes one action back. Raises ConflictError if what it set was changed since, or was taken back before."""
    rows = graph.write("serve/undo_action", id=action_id, undo=uuid.uuid4().hex, who=who, note=note)
    if not rows:
        raise NotFoundError(f"there is no action {action_id!r}; the ring's journal lists them")
    row = rows[0]
    if not row["done"]:
        raise ConflictError(
            f"{row['subject']} is {row['now'] or 'without a label'} now: this action was taken back or followed by "
            "another; set what you want instead"
        )
    return {"subject": row["subject"], "kind": row["kind"], "value": row["value"]}


def of_ring(graph: Graph, ring_id: str) -> list[Row]:
    """The journal of a ring and of its members' labels, newest first, 500 at most."""
    rows = graph.read("serve/ring_journal", id=ring_id)
    return list(rows[0]["actions"]) if rows else []


def _check(graph: Graph, query: str, what: str, ids: list[str]) -> None:
    found = set(graph.read(query, ids=ids)[0]["ids"])
    missing = [i for i in ids if i not in found]
    if missing:
        raise NotFoundError(f"there is no {what} {missing[0]!r}; nothing was changed")
