"""The guide that Neo4j Browser plays: what the graph is, and the queries of cypher/browse/ to click."""

from __future__ import annotations

from dataclasses import dataclass

import flask

from service.graph import queries
from service.model.kinds import kinds
from service.web.pages import pages

STYLE = queries.CYPHER / "browse" / "style.grass"
# Neo4j Browser works out each of these alone: none can use a parameter that another one set.
TOP = (
    "MATCH (p:Pointer {name: 'published'}), (r:Ring) WHERE r.size > 0 "
    "WITH p, r ORDER BY r.score DESC, r.size DESC, r.id LIMIT 1 "
)
MEMBERS = TOP + "MATCH (r)<-[:MEMBER_OF {run: p.run_id}]-(a:Account) "
RING = ":param ring => head(COLLECT { " + TOP + "RETURN r.id })"
IDENTIFIER = (
    ":param identifier => head(COLLECT { "
    + MEMBERS
    + "MATCH (a)-[:EVIDENCE_LINK]->(i) RETURN i.id ORDER BY COUNT { (i)<-[:EVIDENCE_LINK]-() } DESC, i.id LIMIT 1 })"
)


@dataclass(frozen=True, slots=True)
class Step:
    """One slide: a title, a query of cypher/browse/, and commands that set its parameters."""

    title: str
    query: str
    commands: tuple[str, ...] = ()


def _member(name: str, skip: int) -> str:
    """The command that sets a parameter to a member of the top ring."""
    return f":param {name} => head(COLLECT {{ {MEMBERS}RETURN a.id ORDER BY a.id SKIP {skip} LIMIT 1 }})"


STEPS = (
    Step("What is in it", "browse/schema"),
    Step("Rings with the highest score", "browse/top_rings"),
    Step("A ring's graph", "browse/ring_graph", (RING,)),
    Step(
        "Why are two accounts linked?",
        "browse/why_linked",
        (_member("account", 0), _member("other", 1)),
    ),
    Step("What does an identifier touch?", "browse/what_it_touches", (IDENTIFIER,)),
    Step("One account", "browse/account", (_member("account", 0),)),
    Step("What became of a ring", "browse/history", (RING,)),
    Step("Honest hubs", "browse/honest_hubs"),
)


@pages.get("/browser-guide", provide_automatic_options=False)
def guide() -> flask.Response:
    """The guide. Neo4j Browser fetches it from its own port, so other origins may read it: it holds no data."""
    steps = [(step, queries.load(step.query), "\n".join(_statement(queries.load(step.query).text))) for step in STEPS]
    style = flask.url_for("pages.grass", _external=True)
    text = flask.render_template("guide.html", steps=steps, style=style, kinds=kinds())
    return _open_to_browser(queries.expanded(text, kinds()), "text/html")


@pages.get("/browser-style.grass", provide_automatic_options=False)
def grass() -> flask.Response:
    """Colours and captions by kind, for Neo4j Browser's `:style`."""
    return _open_to_browser(queries.expanded(STYLE.read_text(encoding="utf-8"), kinds()), "text/plain")


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
