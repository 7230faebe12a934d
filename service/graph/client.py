"""The graph client: the Neo4j driver with queries by name. Not safe across a fork: make it in the worker."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, LiteralString, TypeVar

import neo4j
from neo4j.exceptions import AuthError, ConfigurationError, Neo4jError, ServiceUnavailable, SessionExpired

from service.errors import SettingsError, UnavailableError
from service.graph import queries

T = TypeVar("T")
Transaction = neo4j.Transaction | neo4j.ManagedTransaction
SCHEMES = frozenset({"bolt", "bolt+s", "bolt+ssc", "neo4j", "neo4j+s", "neo4j+ssc"})
OUT_OF_MEMORY = ("OutOfMemory", "Java heap space", "exceeds current free memory")
CANT_WRITE = "Neo.DatabaseError.Transaction."  # its log of transactions; it stops them all then
TOO_MANY_LOGINS = "Neo.ClientError.Security.AuthenticationRateLimit"


class GivenUpError(UnavailableError):
    """The database takes no transaction until it is started again, as when its disk was full."""


@dataclass(frozen=True, slots=True)
class GraphAddress:
    """Where the graph database is and how to log in."""

    uri: str
    user: str
    password: str
    database: str


class Graph:
    """Runs query files against one database. Rows come back as plain dictionaries."""

    def __init__(self, address: GraphAddress) -> None:
        self.address = address
        self.driver = _driver(address)

    def follow(self, address: GraphAddress) -> None:
        """Goes on with a database that has another address now (the local engine, started again)."""
        if address != self.address:
            old, self.driver, self.address = self.driver, _driver(address), address
            old.close()

    def close(self) -> None:
        """Closes all connections."""
        self.driver.close()

    def __enter__(self) -> Graph:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def verify(self) -> None:
        """Raises UnavailableError, naming the address, if the database can't be reached or refuses the login."""
        with self.translated():
            self.driver.verify_connectivity()

    def read(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Runs the query file `folder/name` in a read transaction (retried on transient errors)."""
        return self._run(name, parameters, neo4j.RoutingControl.READ)

    def read_bulk(self, name: str, **parameters: Any) -> dict[str, Any]:
        """The one record of a query that returns long lists of plain values, which `read` would walk through."""
        with self.translated():
            result = self.driver.execute_query(
                _text(name), parameters, database_=self.address.database, routing_=neo4j.RoutingControl.READ
            )
        record = result.records[0]
        return dict(zip(record.keys(), record.values(), strict=True))

    def write(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Runs the query file `folder/name` in a write transaction (retried: the query must be idempotent)."""
        return self._run(name, parameters, neo4j.RoutingControl.WRITE)

    def run_autocommit(self, name: str, **parameters: Any) -> list[dict[str, Any]]:
        """Runs a query with CALL {} IN TRANSACTIONS, which manages its own transactions; never retried."""
        with self.translated(), self.driver.session(database=self.address.database) as session:
            return session.run(_text(name), parameters).data()

    def transaction(self, work: Callable[[neo4j.ManagedTransaction], T]) -> T:
        """Runs `work` in one write transaction, retried on transient errors (deadlocks)."""
        with self.translated(), self.driver.session(database=self.address.database) as session:
            return session.execute_write(work)

    def once(self, work: Callable[[neo4j.Transaction], T]) -> T:
        """Runs `work` in one write transaction, never retried: for callers that count and time their own retries."""
        with (
            self.translated(),
            self.driver.session(database=self.address.database) as session,
            session.begin_transaction() as tx,
        ):
            done = work(tx)
            tx.commit()
        return done

    @contextmanager
    def holding_node_ids(self, run: str) -> Iterator[neo4j.Transaction]:
        """An open transaction. As long as it is, the database gives no node id that becomes free to another node: what
        it reads by a node id that was read meanwhile is of that node, or nothing. For one thread at a time. The
        database tells to all that it is of this run, and ends it when this process does."""
        with (
            self.translated(),
            self.driver.session(database=self.address.database) as session,
            # A run takes minutes: whatever the server's own limit is.
            session.begin_transaction(metadata={"run": run}, timeout=0) as tx,
        ):
            run_in(tx, "serve/ping").consume()
            yield tx

    def _run(self, name: str, parameters: dict[str, Any], routing: neo4j.RoutingControl) -> list[dict[str, Any]]:
        with self.translated():
            result = self.driver.execute_query(
                _text(name), parameters, database_=self.address.database, routing_=routing
            )
        return [record.data() for record in result.records]

    @contextmanager
    def translated(self) -> Iterator[None]:
        """Turns the driver's errors into ours, also for calls by the GDS client."""
        try:
            yield
        except AuthError as error:
            raise UnavailableError(
                f"the graph database at {self.address.uri} refused the login of {self.address.user!r}; "
                "check RINGSIGHT_NEO4J_USER and RINGSIGHT_NEO4J_PASSWORD"
            ) from error
        except Neo4jError as error:
            if _out_of_memory(error):
                raise UnavailableError(
                    f"the graph database at {self.address.uri} has too little memory for this ({error.code}); raise "
                    "RINGSIGHT_ENGINE_HEAP_MB and start the local engine again, of another one raise "
                    "server.memory.heap.max_size and dbms.memory.transaction.total.max; what was published stays"
                ) from error
            if str(error.code).startswith(CANT_WRITE):
                raise GivenUpError(
                    f"the graph database at {self.address.uri} can't go on ({error.code}): its disk is full or broken. "
                    "Make room, then kill it and start it again (`ringsight engine start` does both to the local one) "
                    "and repeat this; what was confirmed stays, and each transaction of this is there or not"
                ) from error
            if error.code != TOO_MANY_LOGINS:
                raise
            raise UnavailableError(
                f"the graph database at {self.address.uri} refuses logins of {self.address.user!r} for some seconds: "
                "too many were wrong; check RINGSIGHT_NEO4J_PASSWORD, here and wherever else it is used"
            ) from error
        except (ServiceUnavailable, SessionExpired, OSError) as error:
            raise UnavailableError(
                f"the graph database at {self.address.uri} can't be reached ({error}); "
                "is it running? `ringsight engine status` tells for the local one, which ends when its heap is full: "
                "RINGSIGHT_ENGINE_HEAP_MB raises that"
            ) from error


def _out_of_memory(error: Neo4jError) -> bool:
    """Whether the database's or GDS's guard stopped a query that needs more memory than there is."""
    return any(words in f"{error.code} {error.message}" for words in OUT_OF_MEMORY)


def run_in(tx: Transaction, name: str, **parameters: Any) -> neo4j.Result:
    """Runs the query file `folder/name` inside an open transaction."""
    return tx.run(_text(name), parameters)


def _driver(address: GraphAddress) -> neo4j.Driver:
    try:
        if address.uri.partition("://")[0] not in SCHEMES:
            raise ValueError("no address of a graph database")
        return neo4j.GraphDatabase.driver(
            address.uri,
            auth=(address.user, address.password),
            notifications_min_severity="OFF",
            connection_acquisition_timeout=10.0,
            max_transaction_retry_time=15.0,
        )
    except (ConfigurationError, ValueError):  # whose text may have a password that stands in the address
        raise SettingsError(
            "RINGSIGHT_NEO4J_URI is no address of a graph database; write it as bolt://HOST:7687, neo4j://HOST:7687 or "
            "neo4j+s://HOST, without a user and a password in it"
        ) from None


def _text(name: str) -> LiteralString:
    return queries.load(name).text
