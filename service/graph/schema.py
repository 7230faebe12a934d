"""Applies the schema: every file under cypher/schema/, each one idempotent statement."""

from __future__ import annotations

from neo4j.exceptions import ClientError

from service.graph import graph_format, kinds_in_use, queries
from service.graph.client import Graph

EXISTS = "Neo.ClientError.Schema.EquivalentSchemaRuleAlreadyExists"


def apply(graph: Graph) -> int:
    """Creates constraints and indexes that do not exist yet and waits for them, and notes the format of the graph and
    the table of kinds. Returns the number of statements. Raises SettingsError if the graph has been filled by a newer
    version, or under another table."""
    names = queries.names("schema")
    for name in names:
        _create(graph, name)
    graph.run_autocommit("ingest/await_indexes")
    graph_format.note(graph)
    kinds_in_use.keep(graph)
    return len(names)


def _create(graph: Graph, name: str) -> None:
    """Runs one statement. Another process may run it at the same moment: then it is tried again, or (2026.08, whose `IF
    NOT EXISTS` looks before it waits) told that what it makes is there."""
    try:
        graph.write(name)
    except ClientError as error:
        if error.code != EXISTS:
            raise
