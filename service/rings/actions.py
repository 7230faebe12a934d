"""What people decide: ring statuses and account labels, each written with who, when and why, and each can be undone."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from typing import Any

from neo4j import ManagedTransaction

from service.errors import ConflictError, NotFoundError
from service.graph.client import Graph, run_in

Row = dict[str, Any]


def set_status(
    graph: Graph, ids: list[str], status: str, who: str, note: str, seen: Mapping[str, str] | None = None
) -> list[Row]:
    """Sets the status of rings. `seen`: the status with which somebody saw a ring before they decided. Raises, with
    nothing changed, NotFoundError if one of them does not exist, ConflictError if one is not as it was seen."""
    _check(graph, "serve/rings_existing", "ring", ids)
    parameters = {"action": uuid.uuid4().hex, "ids": ids, "status": status, "who": who, "note": note}
    return _decided(graph, "serve/rings_seen_otherwise", "serve/set_ring_status", parameters, seen or {})


def set_label(
    graph: Graph,
    ids: list[str],
    label: str | None,
    who: str,
    note: str,
    seen: Mapping[str, str | None] | None = None,
) -> list[Row]:
    """Labels accounts (None removes the label), else as set_status."""
    _check(graph, "serve/accounts_existing", "account", ids)
    parameters = {"action": uuid.uuid4().hex, "ids": ids, "label": label, "who": who, "note": note}
    labels = {account: was or "none" for account, was in (seen or {}).items()}
    return _decided(graph, "serve/accounts_seen_otherwise", "serve/set_account_label", parameters, labels)


def _decided(graph: Graph, compare: str, query: str, parameters: Row, seen: Mapping[str, str]) -> list[Row]:
    """Writes a decision, unless somebody decided since it was seen: compared and written under one lock."""
    ids: list[str] = parameters["ids"]

    def work(tx: ManagedTransaction) -> list[Row]:
        expected = [seen.get(one) for one in ids]
        otherwise = run_in(tx, compare, ids=ids, seen=expected, lock=parameters["action"]).data()
        if otherwise:
            raise _newer(otherwise)
        return list(run_in(tx, query, **parameters).data()[0]["actions"])

    return graph.transaction(work)


def _newer(otherwise: list[Row]) -> ConflictError:
    first, others = otherwise[0], len(otherwise) - 1
    now = first["now"] or "without a label"
    also = f" (and {others} more)" if others else ""
    if first["who"]:
        why = f"{first['id']} is {now} now, set by {_by(first)}{also}: somebody decided since you looked"
    else:
        why = f"{first['id']} is {now}{also}, which is not what `seen` says"
    return ConflictError(f"{why}. Nothing was changed; look again", newer=otherwise)


def _by(row: Row) -> str:
    """Who decided and when, to the minute."""
    return f"{row['who']} at {row['at'][:10]} {row['at'][11:16]} UTC"


def undo(graph: Graph, action_id: str, who: str, note: str = "") -> Row:
    """Takes one action back. Raises ConflictError if what it set was changed since, or was taken back before."""
    rows = graph.write("serve/undo_action", id=action_id, undo=uuid.uuid4().hex, who=who, note=note)
    if not rows:
        raise NotFoundError(f"there is no action {action_id!r}; the ring's journal lists them")
    row = rows[0]
    if not row["done"]:
        raise ConflictError(
            f"{row['subject']} is {row['now'] or 'without a label'} now, set by {_by(row)}: this "
            "action was taken back or followed by another; set what you want instead"
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
