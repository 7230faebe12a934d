"""Every query file is valid on the engine and declares just the parameters that it uses."""

from __future__ import annotations

import re

import pytest

from service.graph import queries
from service.graph.client import Graph

NAMES = [name for folder in sorted(queries.CYPHER.iterdir()) for name in queries.names(folder.name)]
COMMENT_OR_STRING = re.compile(r"//[^\n]*|/\*.*?\*/|'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\"", re.DOTALL)


@pytest.mark.parametrize("name", NAMES)
def test_explains(graph: Graph, name: str) -> None:
    text = f"EXPLAIN {queries.load(name).text}"
    result = graph.driver.execute_query(text, database_=graph.address.database)
    assert result.summary.plan is not None or "CONSTRAINT" in text or "INDEX" in text


@pytest.mark.parametrize("name", NAMES)
def test_declares_the_parameters_that_it_uses(name: str) -> None:
    query = queries.load(name)
    used = set(re.findall(r"\$(\w+)", COMMENT_OR_STRING.sub("", query.text)))
    assert used == set(query.parameters)
    assert len(query.parameters) == len(set(query.parameters))


def test_there_are_queries() -> None:
    assert len(NAMES) > 10
