"""The queries for Neo4j Browser and the guide that shows them, on a real engine."""

from __future__ import annotations

import html
import re

import pytest

from service.bootstrap import application
from service.graph import queries
from service.graph.client import Graph
from service.model.kinds import kinds
from service.settings import Settings
from service.web.guide import STEPS, STYLE
from tests.support import rings

PARAMETERS = {
    "ring": rings.SMALL.id,
    "account": "sm-00000",
    "other": "sm-00001",
    "identifier": "11.0.0.7",
}


@pytest.fixture(scope="module")
def full(graph: Graph) -> Graph:
    rings.write(graph, rings.SMALL)
    graph.write("serve/note_changes")
    return graph


@pytest.mark.parametrize("name", queries.names("browse"))
def test_every_query_answers(full: Graph, name: str) -> None:
    wanted = {parameter: PARAMETERS[parameter] for parameter in queries.load(name).parameters}
    assert full.read(name, **wanted)


def test_they_tell_what_is_there(full: Graph) -> None:
    assert full.read("browse/top_rings")[0]["ring"] == rings.SMALL.id
    counts = {row["label"]: row["nodes"] for row in full.read("browse/schema")}
    assert (counts["Account"], counts["Ring"], counts["Network"]) == (412, 1, 0)
    assert full.read("browse/honest_hubs") == [
        {"kind": "IP", "identifier": "198.51.100.1", "accounts": 400, "in rings": 0}
    ]
    touched = full.read("browse/what_it_touches", identifier="11.0.0.7")
    assert [(row["ring"], row["accounts"]) for row in touched] == [(rings.SMALL.id, 12)]
    paths = full.read("browse/why_linked", account="sm-00000", other="sm-00001")
    assert len(paths) == 2  # the two exits; they share neither card nor device
    assert len(full.read("browse/ring_graph", ring=rings.SMALL.id)) == 7
    assert [row["what"] for row in full.read("browse/history", ring=rings.SMALL.id)] == ["opened"]


def test_the_guide_holds_every_query_and_its_commands_run(full: Graph, settings: Settings) -> None:
    app = application(settings)
    asked = app.test_client().options("/browser-guide")
    response = app.test_client().get("/browser-guide")
    app.extensions["ringsight"].close()
    for answer in (asked, response):  # Browser sends headers of its own, and asks first
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == answer.headers["Access-Control-Allow-Headers"] == "*"
    runnable = [html.unescape(text) for text in re.findall(r'runnable">(.*?)</pre>', response.text, re.DOTALL)]
    assert runnable[0] == ":style http://localhost/browser-style.grass"
    assert {step.query for step in STEPS} == set(queries.names("browse"))
    parameters: dict[str, str] = {}
    for text in runnable[1:]:
        command = re.fullmatch(r":param (\w+) => (.*)", text, re.DOTALL)
        statement = f"RETURN {command[2]} AS value" if command else text
        # Neo4j Browser gives its commands no parameters.
        rows = full.driver.execute_query(statement, {} if command else parameters).records
        assert rows
        if command:
            assert rows[0]["value"], text
            parameters[command[1]] = rows[0]["value"]
    assert parameters["ring"] == rings.SMALL.id
    assert parameters["account"] != parameters["other"]


def test_the_style_names_only_what_the_graph_has() -> None:
    names = set(
        re.findall(
            r"^(?:node|relationship)\.(\w+)", queries.expanded(STYLE.read_text(encoding="utf-8"), kinds()), re.MULTILINE
        )
    )
    assert names >= {"Account", "PaymentMethod", "Device", "IP", "Ring", "PAYS_WITH", "USES_DEVICE", "CONNECTS_FROM"}
    known = {name for kind in kinds().every for name in (kind.label, kind.link)}
    assert names <= known | {"Account", "Ring", "DetectionRun", "MEMBER_OF", "SIMILAR_TO"}
