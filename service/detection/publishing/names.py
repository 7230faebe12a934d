"""What is written by node id is written by the node's own id as well: the database gives the node id of one that was
removed to another, and that one is not meant."""

from __future__ import annotations

from typing import Any

from service.graph.client import Transaction, run_in

ACCOUNTS = "detect/account_names"
IDENTIFIERS = "detect/identifier_names"
MOST = 50_000  # names in one record

Columns = dict[str, list[Any]]


def named(tx: Transaction, query: str, columns: Columns) -> Columns:
    """Columns of which `nodes` is one, with `names`, the nodes' own ids; without the rows of nodes that have gone. `tx`
    must know that the nodes are those that were read: nothing was removed since, or it was open all the while
    (Graph.holding_node_ids)."""
    nodes = columns["nodes"]
    names: dict[int, str] = {}
    for at in range(0, len(nodes), MOST):
        row = run_in(tx, query, nodes=nodes[at : at + MOST]).single(strict=True)
        names.update(zip(row["node"], row["id"], strict=True))
    kept = [place for place, node in enumerate(nodes) if node in names]
    found = {name: [column[place] for place in kept] for name, column in columns.items()}
    return found | {"names": [names[node] for node in found["nodes"]]}
