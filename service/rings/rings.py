"""Rings as people read them: lists, one ring, its members and its births against everybody's."""

from __future__ import annotations

import base64
import json
from dataclasses import dataclass
from typing import Any

from service.errors import InputError, NotFoundError
from service.graph.client import Graph

STATUSES = ("open", "reviewing", "confirmed", "dismissed")
SORTS = ("score", "size", "uses", "first_seen", "last_seen")
GROWTH_BUCKETS = 24
TIMELINE_BUCKETS = 60

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class RingFilter:
    """Which rings, and in which order; None means any. Times are RFC 3339 text."""

    statuses: tuple[str, ...] | None = None
    levels: tuple[str, ...] | None = None
    min_size: int | None = None
    max_size: int | None = None
    since: str | None = None
    until: str | None = None
    sort: str = "score"
    descending: bool = True


@dataclass(frozen=True, slots=True)
class Page:
    """Some rings, how many there are in all, and the cursor of the next page (None at the end)."""

    rings: list[Row]
    total: int
    next: str | None


def spelled(ring_id: str) -> str:
    """A ring's id as the graph has it, however somebody wrote it: in small letters, with blanks around it."""
    return ring_id.strip().upper()


def list_rings(
    graph: Graph, wanted: RingFilter, only: list[str] | None = None, cursor: str | None = None, limit: int = 50
) -> Page:
    """One page of rings. `only` limits it to these ids. Raises InputError for a cursor of another order."""
    after_key, after_id = _read_cursor(cursor, wanted) if cursor else (None, None)
    rows = graph.read(
        "serve/rings_list",
        statuses=list(wanted.statuses) if wanted.statuses else None,
        levels=list(wanted.levels) if wanted.levels else None,
        min_size=wanted.min_size,
        max_size=wanted.max_size,
        since=wanted.since,
        until=wanted.until,
        sort=wanted.sort,
        descending=wanted.descending,
        only=only,
        after_key=after_key,
        after_id=after_id,
        limit=limit + 1,
    )
    found: list[Row] = rows[0]["rings"]
    page = found[:limit]
    following = _write_cursor(page[-1], wanted) if len(found) > limit else None
    return Page([_parsed(row["ring"]) for row in page], rows[0]["total"], following)


def growth(graph: Graph, ids: list[str]) -> dict[str, list[int]]:
    """For each ring, how many members it had at the end of each of 24 equal parts of its time."""
    result = {}
    for row in graph.read("serve/rings_growth", ids=ids, buckets=GROWTH_BUCKETS):
        born = _filled(row["counts"], GROWTH_BUCKETS)
        result[row["id"]] = [sum(born[: n + 1]) for n in range(GROWTH_BUCKETS)]
    return result


def ring(graph: Graph, ring_id: str) -> Row:
    """One ring with its reasons, what holds it together and the run that found it."""
    rows = graph.read("serve/ring", id=ring_id)
    if not rows:
        raise NotFoundError(f"there is no ring {ring_id!r}; the list of rings has those of the published run")
    found = _parsed(rows[0]["ring"])
    run = rows[0]["run"]
    if run:
        run = {**run, **{key: _json(run[key], {}) for key in ("parameters", "counts")}}
    return {**found, "published_run": run, "current": found["run"] == rows[0]["published"]}


def members(
    graph: Graph, ring_id: str, sort: str = "strength", descending: bool = True, offset: int = 0, limit: int = 100
) -> list[Row]:
    """Some members: id, created_at, strength, risk, level, label and number of identifiers."""
    rows = graph.read("serve/ring_members", id=ring_id, sort=sort, descending=descending, offset=offset, limit=limit)
    return list(rows[0]["members"])


def timeline(graph: Graph, ring_id: str) -> Row:
    """Births of members and of all accounts in up to 60 equal parts of the ring's time.

    Returns step_seconds and buckets of {start (epoch seconds), members, others}.
    """
    rows = graph.read("serve/ring_timeline", id=ring_id, buckets=TIMELINE_BUCKETS)
    if not rows:
        return {"step_seconds": 0, "buckets": []}
    first, step = rows[0]["first"], rows[0]["step"]
    count = max(bucket for bucket, _ in rows[0]["counts"]) + 1
    born = _filled(rows[0]["counts"], count)
    everybody = _filled(graph.read("serve/births_between", first=first, step=step, buckets=count)[0]["counts"], count)
    return {
        "step_seconds": step,
        "buckets": [
            {"start": first + n * step, "members": born[n], "others": max(everybody[n] - born[n], 0)}
            for n in range(count)
        ],
    }


def rings_of_term(graph: Graph, text: str, ids: dict[str, list[str]]) -> list[str]:
    """Ids of rings that a search term leads to. `ids`: what the term becomes as an identifier of each kind."""
    rows = graph.read("serve/rings_of_term", text=text, ids=ids)
    return list(rows[0]["ids"])


def _parsed(found: Row) -> Row:
    """The ring with its JSON texts read; parts that an older run did not write are empty."""
    clean = dict(found)
    for key in ("held_by", "reasons", "parts"):
        if isinstance(clean.get(key), str) or key == "held_by":
            clean[key] = _json(clean.get(key), [])
    return clean


def _json(text: str | None, default: Any) -> Any:
    return json.loads(text) if text else default


def _filled(counts: list[list[int]], size: int) -> list[int]:
    filled = [0] * size
    for bucket, count in counts:
        if 0 <= bucket < size:
            filled[bucket] += count
    return filled


def _order(wanted: RingFilter) -> str:
    return f"{wanted.sort}{'-' if wanted.descending else '+'}"


def _write_cursor(last: Row, wanted: RingFilter) -> str:
    text = json.dumps([_order(wanted), last["key"], last["ring"]["id"]])
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


def _read_cursor(cursor: str, wanted: RingFilter) -> tuple[float, str]:
    try:
        order, key, ring_id = json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        key = float(key)
        str(ring_id).encode()  # not all that JSON can say is text
    except (ValueError, TypeError) as error:
        raise InputError("cursor: it can't be read; send the `next` of the page before, unchanged") from error
    if order != _order(wanted) or not isinstance(ring_id, str):
        raise InputError("cursor: it belongs to another sort order; start again without a cursor")
    return key, ring_id
