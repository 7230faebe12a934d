"""An account as people read it: its risk and reasons, its ring, what it uses, who else uses that."""

from __future__ import annotations

import json
from typing import Any

from service.errors import NotFoundError
from service.graph.client import Graph
from service.model.kinds import kinds
from service.rings.graphview import drawing
from service.rings.within import told

MAX_LINKS = 200  # listed of one account, the most shared first
GRAPH_IDENTIFIERS = 40
GRAPH_EACH = 30  # accounts of one identifier
GRAPH_ACCOUNTS = 120

Row = dict[str, Any]


def account(graph: Graph, account_id: str) -> Row:
    """One account with its ring and up to 200 links. Raises NotFoundError."""
    rows = graph.read("serve/account_page", id=account_id, links=MAX_LINKS)
    if not rows:
        raise _missing(account_id)
    row = rows[0]
    found = row["account"]
    reasons = json.loads(found["reasons"]) if found["reasons"] else []
    links = [
        {
            **link,
            "kind": kinds().by_label[link["kind"]].name,
            "within": [told(one, [link["id"]]) for one in link["within"]],
        }
        for link in row["links"]
    ]
    return {**found, "reasons": reasons, "ring": row["ring"], "links": links, "total_links": row["total"]}


def neighbourhood(graph: Graph, account_id: str) -> Row:
    """Nodes and links around an account: at most 40 identifiers and 120 accounts. Raises NotFoundError."""
    rows = graph.read(
        "serve/account_graph", id=account_id, identifiers=GRAPH_IDENTIFIERS, each=GRAPH_EACH, limit=GRAPH_ACCOUNTS
    )
    if not rows:  # an account without a single link, or no account at all
        alone = account(graph, account_id)
        node = {name: alone[name] for name in ("id", "risk", "level", "label")}
        return drawing([{**node, "first_seen": alone["created_at"], "strength": None}], [], [])
    return drawing(rows[0]["accounts"], rows[0]["identifiers"], rows[0]["links"])


def journal(graph: Graph, account_id: str) -> list[Row]:
    """What people did with an account, newest first."""
    rows = graph.read("serve/account_journal", id=account_id)
    return list(rows[0]["actions"]) if rows else []


def _missing(account_id: str) -> NotFoundError:
    return NotFoundError(f"there is no account {account_id!r} in the graph; was it in an ingested event?")
