"""Empties the database between tests."""

from __future__ import annotations

from service.graph import schema
from service.graph.client import Graph

DELETE_ALL = "MATCH (n) CALL (n) { DETACH DELETE n } IN TRANSACTIONS OF 10000 ROWS"
DROP_PROJECTIONS = "CALL gds.graph.list() YIELD graphName CALL gds.graph.drop(graphName) YIELD nodeCount RETURN 1"


def wipe(graph: Graph) -> None:
    """Deletes every node, link and projection, and makes sure that the schema holds."""
    with graph.driver.session(database=graph.address.database) as session:
        session.run(DELETE_ALL).consume()
        session.run(DROP_PROJECTIONS).consume()
    schema.apply(graph)
