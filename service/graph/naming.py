"""How the graph names identifiers: under the token key that it says it is under (docs/adr/0013)."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import neo4j

from service.errors import UnavailableError
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

    def named(self, batch: Batch, claim: neo4j.Record) -> Batch:
        """The batch as the graph names it. `claim`: what claim_batch or claim_offset returned in this transaction.

        Raises KeyChangingError, and SettingsError if the home does not have the graph's key.
        """
        if claim["changing"]:
            raise KeyChangingError(
                "the token key is being exchanged; if no `ringsight tokens rotate` runs, start one: it finishes the job"
            )
        key = claim["key"]
        if key is None:
            return renamed(batch, self.tokeniser)
        if key not in self.tokeniser.key_ids:
            self.tokeniser = load_tokeniser(self.home, self.tokeniser.ip_plain)
        return renamed(batch, self.tokeniser.at(key))
