"""No query is made from input: modules hold no Cypher, queries are files named in the code, values are parameters."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from service.graph import queries

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "service").rglob("*.py"))
CYPHER_WORDS = ("MATCH (", "MERGE (", "UNWIND ", "DETACH DELETE", "CALL {", "LOAD CSV", "CALL gds.", "CALL apoc.")
SHOWN_ONLY = {"service/web/guide.py"}  # constant texts that an analyst's own Neo4j Browser runs; we never do
RUNNERS = ("read", "write", "read_bulk", "run_autocommit")


def modules() -> Iterator[tuple[str, ast.Module]]:
    for path in SOURCES:
        yield str(path.relative_to(ROOT)), ast.parse(path.read_text(encoding="utf-8"))


def docstrings(tree: ast.Module) -> set[int]:
    """Lines where docstrings begin."""
    documented = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    bodies = [node.body for node in ast.walk(tree) if isinstance(node, documented)]
    return {body[0].lineno for body in bodies if body and isinstance(body[0], ast.Expr)}


def is_query(call: ast.expr) -> bool:
    """Whether this calls graph.read, services().graph.write, self._graph.read_bulk and the like."""
    return isinstance(call, ast.Attribute) and call.attr in RUNNERS and ast.unparse(call.value).endswith("graph")


def test_no_module_holds_a_query() -> None:
    for name, tree in modules():
        spoken = docstrings(tree)
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.lineno not in spoken:
                held = any(word in node.value for word in CYPHER_WORDS)
                assert not held or name in SHOWN_ONLY, f"{name}:{node.lineno} holds Cypher; put it under cypher/"


def test_names_of_queries_come_from_the_code() -> None:
    """A name may hold a plain variable (a kind from an allow-list), never an expression on a request."""
    for name, tree in modules():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and is_query(node.func):
                for part in ast.walk(node.args[0]) if node.args else ():
                    if isinstance(part, ast.FormattedValue):
                        assert isinstance(part.value, ast.Name), f"{name}:{node.lineno}"


def test_queries_take_values_as_parameters_only() -> None:
    names = [name for folder in ("serve", "ingest", "security") for name in queries.names(folder)]
    assert len(names) > 30
    for name in names:
        query = queries.load(name)
        body = "\n".join(line for line in query.text.splitlines() if not line.startswith("//"))
        for word in ("LOAD CSV", "apoc.", "dbms.", "%s", "{{"):
            assert word not in body, name
        for parameter in query.parameters:
            assert f"${parameter}" in body, name
            assert f":${parameter}" not in body and f":$({parameter})" not in body, f"{name}: a label from input"
