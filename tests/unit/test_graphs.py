"""The graph client of a process: one for all its threads, until it is closed."""

from __future__ import annotations

from dataclasses import replace

import pytest

from service.errors import UnavailableError
from service.graph import graphs
from service.graph.client import GraphAddress
from service.graph.graphs import Graphs

NOWHERE = GraphAddress("bolt://127.0.0.1:1", "neo4j", "none", "neo4j")


def test_a_thread_that_asks_after_the_end_opens_nothing() -> None:
    made = Graphs(lambda: NOWHERE)
    assert made.get() is made.get()
    for _ in range(2):
        made.close()
        with pytest.raises(UnavailableError, match="this process is stopping"):
            made.get()


def test_a_new_address_is_followed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "LOOK_EVERY_S", 0.0)
    addresses = iter((NOWHERE, NOWHERE, replace(NOWHERE, uri="bolt://127.0.0.1:2")))
    made = Graphs(lambda: next(addresses))
    first = made.get()
    assert made.get() is first
    assert made.get().address.uri == "bolt://127.0.0.1:2"
    made.close()
