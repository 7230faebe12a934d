"""How the graph names identifiers: under the token key that it says it is under (docs/adr/0013)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import neo4j

from service.errors import SettingsError, UnavailableError
from service.graph.client import Graph, Transaction, run_in
from service.ingest.aggregate import Batch, renamed
from service.ingest.tokens import Tokeniser, load_tokeniser


class KeyChangingError(UnavailableError):
    """The token key is being exchanged: nothing may be written until it is done."""

    code = "token_key_changing"


@dataclass(slots=True)
class Naming:
    """Brings batches to the key of the graph. `tokeniser`: with all keys of the home, as it was last read."""

    tokeniser: Tokeniser
    home: Path

    def named(self, tx: Transaction, batch: Batch, claim: neo4j.Record) -> Batch:
        """The batch as the graph names it. `claim`: what claim_batch or claim_offset returned in this transaction.

        Raises KeyChangingError, and SettingsError if the home does not have the graph's key.
        """
        if claim["changing"]:
            raise KeyChangingError(
                "the token key is being exchanged; if no `ringsight tokens rotate` runs, start one: it finishes the job"
            )
        key = claim["key"] or _noted_key(tx, self.tokeniser)
        self.learn({key})
        return renamed(batch, self.tokeniser.at(key))

    def learn(self, keys: set[str]) -> None:
        """Reads the home's keys again if one of these is not among them."""
        if not keys.issubset(self.tokeniser.key_ids):
            self.tokeniser = load_tokeniser(self.home, self.tokeniser.ip_plain, self.tokeniser.inside)


def graph_tokeniser(graph: Graph, tokeniser: Tokeniser) -> Tokeniser:
    """The tokeniser as the graph names identifiers. Raises SettingsError if the home does not have the graph's key."""
    return tokeniser.at(graph.transaction(lambda tx: _noted_key(tx, tokeniser)))


def _noted_key(tx: Transaction, tokeniser: Tokeniser) -> str:
    """The key of the graph. If nothing says so yet, it is the home's newest, unless there are tokens and none is under
    a key of this home: then the key file was lost, and what is known would come again under other names."""
    noted = run_in(tx, "security/token_key").single()
    if noted is None:
        found = {row["key"] for row in run_in(tx, "security/tokens_by_key")}
        if found and found.isdisjoint(tokeniser.key_ids):
            raise SettingsError(
                f"tokens in the graph are under the key {', '.join(sorted(found))}, and this home's keys/token.key has "
                f"only {', '.join(tokeniser.key_ids)}: every known device and card would come again as a new one. "
                "put that file back from a backup, or copy it from the home that has the key"
            )
        noted = run_in(tx, "security/note_token_key", key=tokeniser.key_id).single(strict=True)
    return str(noted["key"])
