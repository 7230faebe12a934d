"""The guide that Neo4j Browser plays: what the graph is, and the queries of cypher/browse/ to click."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from service.graph import queries
from service.web.pages import pages

STYLE = queries.CYPHER / "browse" / "style.grass"
TOP_RING = (
    ":param ring => head(COLLECT { MATCH (r:Ring) WHERE r.size > 0 "
    "RETURN r.id ORDER BY r.score DESC, r.size DESC LIMIT 1 })"
)
MEMBER = (
    ":param {name} => head(COLLECT {{ MATCH (:Ring {{id: $ring}})<-[:MEMBER_OF]-(a:Account) RETURN a.id ORDER BY a.id "
    "SKIP {skip} LIMIT 1 }})"
)
IDENTIFIER = (
    ":param identifier => head(COLLECT { MATCH (:Ring {id: $ring})<-[:MEMBER_OF]-(a:Account)-[:CONNECTS_FROM]->(i) "
    "RETURN i.id ORDER BY COUNT { (i)<-[:CONNECTS_FROM]-() } DESC LIMIT 1 })"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One slide: a title, a query of cypher/browse/, and commands that set its parameters."""

    title: str
    query: str
    commands: tuple[str, ...] = ()


STEPS = (
    Step("What is in it", "browse/schema"),
    Step("Rings with the highest score", "browse/top_rings"),
    Step("A ring's graph", "browse/ring_graph", (TOP_RING,)),
    Step(
        "Why are two accounts linked?",
        "browse/why_linked",
        (TOP_RING, MEMBER.format(name="account", skip=0), MEMBER.format(name="other", skip=1)),
    ),
    Step("What does an identifier touch?", "browse/what_it_touches", (TOP_RING, IDENTIFIER)),
    Step("One account", "browse/account", (TOP_RING, MEMBER.format(name="account", skip=0))),
    Step("What became of a ring", "browse/history", (TOP_RING,)),
    Step("Honest hubs", "browse/honest_hubs"),
)


@pages.get("/browser-guide", provide_automatic_options=False)
def guide() -> flask.Response:
    """The guide. Neo4j Browser fetches it from its own port, so other origins may read it: it holds no data."""
    steps = [(step, queries.load(step.query), "\n".join(_statement(queries.load(step.query).text))) for step in STEPS]
    style = flask.url_for("pages.grass", _external=True)
    return _open_to_browser(flask.render_template("guide.html", steps=steps, style=style), "text/html")


@pages.get("/browser-style.grass", provide_automatic_options=False)
def grass() -> flask.Response:
    """Colours and captions by kind, for Neo4j Browser's `:style`."""
    return _open_to_browser(STYLE.read_text(encoding="utf-8"), "text/plain")


@pages.route("/browser-guide", methods=["OPTIONS"])
@pages.route("/browser-style.grass", methods=["OPTIONS"])
def preflight() -> flask.Response:
    """Neo4j Browser asks first, since it sends headers against caches."""
    return _open_to_browser("", "text/plain")


def _statement(text: str) -> list[str]:
    return [line for line in text.splitlines() if not line.startswith("//")]


def _open_to_browser(text: str, kind: str) -> flask.Response:
    response = flask.Response(text, mimetype=kind)
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Allow-Headers"] = "*"
    return response
