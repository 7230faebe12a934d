"""The production application with two routes beside it for bench/risk.py: an empty one, and the same decision from
three look-ups in Neo4j. Both pass the same checks as /v1/risk/signup."""

from __future__ import annotations

import time

import flask
import orjson

from service.api.services import services
from service.bootstrap import application
from service.decisions import decide
from service.decisions.index.lookup import GraphLookup
from service.ingest.identifiers import identifiers_of
from service.model.kinds import kinds
from service.security.access import ACCESS
from service.settings import load_settings

bench = flask.Blueprint("bench", __name__)
ACCESS["bench.empty"] = ACCESS["bench.graph"] = ACCESS["risk.signup"]


@bench.post("/bench/empty")
def empty() -> flask.Response:
    """Does nothing."""
    return flask.Response(b"{}", mimetype="application/json")


@bench.post("/bench/graph")
def graph() -> flask.Response:
    """Decides without an index."""
    parts = services()
    found = identifiers_of(parts.tokeniser, **orjson.loads(flask.request.get_data()))
    identifiers = [pair for pair in found if kinds().by_name[pair[0]].evidence]
    decision = decide.signup(GraphLookup(parts.graph), parts.policy, identifiers, int(time.time()), False)
    return flask.Response(orjson.dumps(decision), mimetype="application/json")


app = application(load_settings())
app.register_blueprint(bench)
