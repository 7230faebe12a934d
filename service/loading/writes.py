"""Writes batches of accounts and links, each in one transaction together with the progress of where it came from."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeVar

import neo4j
from neo4j.exceptions import Neo4jError

from service.errors import UnavailableError
from service.graph import index_changes
from service.graph.client import Graph, run_in
from service.ingest.aggregate import Batch
from service.logs import log

T = TypeVar("T")

ATTEMPTS = 12
FIRST_WAIT_S = 0.01
LONGEST_WAIT_S = 2.0
GONE = "Neo.ClientError.Statement.EntityNotFound"  # an unused node was found, and expired before it got its link


@dataclass(slots=True)
class Writer:
    """Runs write transactions and repeats those that lost a deadlock. `retries` counts the repeats."""

    graph: Graph
    retries: int = field(default=0)

    def run(self, work: Callable[[neo4j.Transaction], T]) -> T:
        """Runs `work` in one transaction. Waits are short: the driver's own first retry sleeps a second.

        Raises UnavailableError if the database can't be reached or goes on refusing for a transient reason.
        """
        wait = FIRST_WAIT_S
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self.graph.once(work)
            except Neo4jError as error:
                if not (error.is_retryable() or error.code == GONE):
                    raise
                self.retries += 1
                if attempt == ATTEMPTS:
                    raise UnavailableError(
                        f"the graph database refused a write {ATTEMPTS} times ({error.code}); try again later"
                    ) from error
                log.debug("write repeated: %s", error.code)
                time.sleep(random.uniform(wait / 2, wait))
                wait = min(2 * wait, LONGEST_WAIT_S)
        raise AssertionError("unreachable")


@dataclass(frozen=True, slots=True)
class Made:
    """What a batch added that was not in the graph before: accounts and identifiers; links of accounts."""

    nodes: int = 0
    links: int = 0


def write_batch(tx: neo4j.Transaction, batch: Batch) -> Made:
    """Adds one batch to the graph: not idempotent by itself, so claim its number in the same transaction first.

    Rows are sorted by key, so that writers that meet take their locks in one order.
    """
    nodes = links = 0
    for kind, pairs in batch.derived.items():
        if pairs:
            nodes += run_in(tx, f"ingest/derived@{kind}", rows=pairs).consume().counters.nodes_created
    if batch.rows:
        result = run_in(tx, "ingest/accounts_and_links", rows=batch.rows)
        changed = result.single(strict=True)
        made = result.consume().counters
        identifiers = {*chain.from_iterable(changed["identifiers"])}
        index_changes.note(tx, accounts=changed["accounts"], identifiers=sorted(identifiers))
        nodes, links = nodes + made.nodes_created, made.relationships_created
    return Made(nodes, links)
