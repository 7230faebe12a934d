"""A small graph as lines of JSON, and back: every node and link, and the constraints and indexes."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any

import neo4j
from neo4j.time import DateTime

SCHEMA = (
    "SHOW CONSTRAINTS YIELD createStatement",
    "SHOW INDEXES YIELD createStatement, owningConstraint, type WHERE owningConstraint IS NULL AND type <> 'LOOKUP'",
)


def write(driver: neo4j.Driver, file: Path) -> None:
    """Writes the whole database to a file."""
    with driver.session() as session, file.open("w", encoding="utf-8") as out:
        for query in SCHEMA:
            for row in session.run(query):
                print(json.dumps({"schema": row["createStatement"]}), file=out)
        for row in session.run("MATCH (n) RETURN id(n) AS id, labels(n) AS labels, properties(n) AS values"):
            print(json.dumps({**row.data(), "values": _packed(row["values"])}), file=out)
        links = "MATCH (a)-[l]->(b) RETURN id(a) AS source, id(b) AS target, type(l) AS type, properties(l) AS values"
        for row in session.run(links):
            print(json.dumps({**row.data(), "values": _packed(row["values"])}), file=out)


def load(driver: neo4j.Driver, file: Path) -> None:
    """Fills an empty database from such a file."""
    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    nodes: dict[int, str] = {}
    with driver.session() as session:
        for line in lines:
            if "schema" in line:
                session.run(line["schema"].replace(" FOR ", " IF NOT EXISTS FOR ", 1)).consume()
            elif "labels" in line:
                made = session.run(
                    f"CREATE (n:{':'.join(line['labels'])}) SET n = $values RETURN elementId(n) AS node",
                    values=_unpacked(line["values"]),
                ).single(strict=True)
                nodes[line["id"]] = made["node"]
            else:
                session.run(
                    "MATCH (a) WHERE elementId(a) = $source MATCH (b) WHERE elementId(b) = $target "
                    f"CREATE (a)-[l:{line['type']}]->(b) SET l = $values",
                    source=nodes[line["source"]],
                    target=nodes[line["target"]],
                    values=_unpacked(line["values"]),
                ).consume()


def _packed(values: dict[str, Any]) -> dict[str, Any]:
    """Values as JSON has them: a moment and bytes become an object of one entry."""
    packed: dict[str, Any] = {}
    for name, value in values.items():
        if isinstance(value, DateTime):
            packed[name] = {"time": value.iso_format()}
        elif isinstance(value, bytes):
            packed[name] = {"bytes": base64.b64encode(value).decode("ascii")}
        else:
            packed[name] = value
    return packed


def _unpacked(values: dict[str, Any]) -> dict[str, Any]:
    plain = dict(values)
    for name, value in values.items():
        if isinstance(value, dict):
            plain[name] = (
                DateTime.from_iso_format(value["time"]) if "time" in value else base64.b64decode(value["bytes"])
            )
    return plain
