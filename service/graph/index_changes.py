"""Notes in the graph what the read index has to learn, in the transaction that changes it (docs/adr/0022)."""

from __future__ import annotations

from collections.abc import Sequence

from service.graph.client import Transaction, run_in


def note(
    tx: Transaction,
    accounts: Sequence[int] = (),
    identifiers: Sequence[int] = (),
    gone: Sequence[str] = (),
) -> None:
    """Notes accounts and identifiers (node ids) of which the index says something else from this transaction on, and
    the keys (hex) of records of what is deleted."""
    if accounts or identifiers or gone:
        run_in(
            tx,
            "serve/note_index_change",
            accounts=list(accounts),
            identifiers=list(identifiers),
            gone=list(gone),
        ).consume()
