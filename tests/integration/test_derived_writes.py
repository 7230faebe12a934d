"""What is derived from identifiers is written once, and writers do not wait for one another on what many are in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import neo4j

from service.graph.client import Graph, run_in

QUERY = "ingest/derived@asn"
DENSE = 200  # addresses, so that the store takes what they are in for one of many links


def of(graph: Graph, start: str) -> list[tuple[str, list[str]]]:
    rows = graph.driver.execute_query(
        "MATCH (i:IP) WHERE i.id STARTS WITH $start "
        "RETURN i.id AS id, COLLECT { MATCH (i)-[:ANNOUNCED_BY]->(n) RETURN n.id ORDER BY n.id } AS n ORDER BY id",
        start=start,
        database_=graph.address.database,
    ).records
    return [(row["id"], row["n"]) for row in rows]


def test_an_identifier_is_in_one_and_the_first_stays(graph: Graph) -> None:
    graph.write(QUERY, rows=[["9.0.0.1", "AS1"], ["9.0.0.2", "AS2"], ["9.0.0.2", "AS3"]])
    graph.write(QUERY, rows=[["9.0.0.1", "AS4"], ["9.0.0.3", "AS1"], ["9.0.0.3", "AS1"]])
    assert of(graph, "9.0.0.") == [("9.0.0.1", ["AS1"]), ("9.0.0.2", ["AS2"]), ("9.0.0.3", ["AS1"])]


@contextmanager
def begin(graph: Graph) -> Iterator[neo4j.Transaction]:
    """A transaction that gives up where it would wait for another one for long."""
    with graph.driver.session(database=graph.address.database) as session, session.begin_transaction(timeout=20) as tx:
        yield tx


def test_two_writers_of_one_carrier_do_not_wait_for_each_other(graph: Graph) -> None:
    graph.write(QUERY, rows=[[f"9.1.0.{n}", "AS64501"] for n in range(DENSE)])
    with begin(graph) as first, begin(graph) as second:
        run_in(first, QUERY, rows=[["9.1.1.1", "AS64501"]]).consume()
        run_in(second, QUERY, rows=[["9.1.1.2", "AS64501"]]).consume()  # while the first is open
        second.commit()
        first.commit()
    assert of(graph, "9.1.1.") == [("9.1.1.1", ["AS64501"]), ("9.1.1.2", ["AS64501"])]


def test_two_writers_of_one_address_make_one_link(graph: Graph) -> None:
    graph.write(QUERY, rows=[[f"9.2.0.{n}", "AS64502"] for n in range(DENSE)])
    graph.driver.execute_query("CREATE (:IP {id: '9.2.1.1'})", database_=graph.address.database)

    def later() -> None:
        with begin(graph) as second:
            run_in(second, QUERY, rows=[["9.2.1.1", "AS64502"]]).consume()
            second.commit()

    with begin(graph) as first:
        run_in(first, QUERY, rows=[["9.2.1.1", "AS64502"]]).consume()
        thread = threading.Thread(target=later)
        thread.start()
        thread.join(1)
        assert thread.is_alive(), "it waits for the address"
        first.commit()
        thread.join()
    assert of(graph, "9.2.1.") == [("9.2.1.1", ["AS64502"])]
