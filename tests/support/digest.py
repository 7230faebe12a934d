"""A digest of everything that ingest wrote: equal graphs have equal digests, in whatever order they were written."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

import neo4j

from service.graph import queries
from service.graph.client import Graph
from service.model.kinds import kinds

MODULUS = 1 << 256
PARTS = {
    "accounts": """
        MATCH (a:Account)
        RETURN a.id AS id, toString(a.created_at) AS created_at, a.created_s AS created_s,
          a.created_from AS created_from, toString(a.last_seen) AS last_seen, a.uses AS uses
    """,
    "identifiers": """
        MATCH (i:EVERY_LABEL)
        RETURN labels(i)[0] AS label, i.id AS id
    """,
    "links": """
        MATCH (a:Account)-[l:SENT_LINK]->(i)
        RETURN type(l) AS type, a.id AS account, i.id AS id, toString(l.first_seen) AS first_seen, l.first_s AS first_s,
          toString(l.last_seen) AS last_seen, l.uses AS uses
    """,
    "derived": """
        MATCH (i:SENT_LABEL)-[:DERIVED_LINK]->(n:DERIVED_LABEL)
        RETURN i.id AS identifier, n.id AS derived
    """,
}


@dataclass(frozen=True, slots=True)
class Digest:
    """Rows of each part, and the sum of their hashes. `uses` is that of all accounts."""

    counts: dict[str, int]
    uses: int
    value: str


def digest(graph: Graph) -> Digest:
    """Reads all accounts (created_at, created_from, last_seen, uses), identifiers, links (first_seen, last_seen, uses)
    and derived ones (networks), one row at a time: about 30,000 rows a second."""
    total, uses, counts = 0, 0, {}
    with graph.driver.session(database=graph.address.database, default_access_mode=neo4j.READ_ACCESS) as session:
        for part, query in PARTS.items():
            counts[part] = 0
            for record in session.run(queries.expanded(query, kinds())):
                line = "\x1f".join(str(value) for value in (part, *record.values()))
                total = (total + int.from_bytes(hashlib.sha256(line.encode()).digest())) % MODULUS
                counts[part] += 1
                uses += record["uses"] if part == "accounts" else 0
    return Digest(counts, uses, f"{total:064x}")
