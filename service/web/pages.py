"""The pages: thin HTML around scripts that read the API. Nothing comes from another host, no script is inline."""

from __future__ import annotations

import flask

from service.errors import UnavailableError
from service.model.kinds import kinds
from service.rings.rings import spelled
from service.security.guard import Principal, principal
from service.web import marks
from service.web.build import VENDOR

pages = flask.Blueprint(
    "pages", __name__, static_folder="static", static_url_path="/static", template_folder="templates"
)

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)


@pages.app_context_processor
def who_is_in() -> dict[str, Principal]:
    """Who looks at the page, for the header of each."""
    return {"who": principal()}


@pages.get("/")
def rings() -> flask.Response:
    """The list of rings."""
    return _page("rings.html", "Rings")


@pages.get("/rings/<id>")
def ring(id: str) -> flask.Response:
    """One ring: its graph, members, reasons and journal."""
    if not (VENDOR / "cytoscape.min.js").is_file():
        raise UnavailableError("the pages' scripts are missing: run `make install`, or install the package again")
    ring_id = spelled(id)
    return _page("ring.html", f"Ring {ring_id}", ring_id=ring_id)


@pages.get("/runs")
def runs() -> flask.Response:
    """The detection runs; for administrators the settings in use, too."""
    return _page("runs.html", "Runs")


@pages.get("/accounts/<account:id>")
def account(id: str) -> flask.Response:
    """One account: its decision, links, ring and neighbours."""
    return _page("account.html", f"Account {id}", account_id=id)


@pages.get("/login")
def login() -> flask.Response:
    """Logging in with an API key."""
    return _page("login.html", "Log in")


@pages.get("/kinds.js", provide_automatic_options=False)
def kinds_script() -> flask.Response:
    """Words and marks of the kinds of identifier."""
    return flask.Response(marks.script(kinds()), mimetype="text/javascript")


@pages.get("/kinds.css", provide_automatic_options=False)
def kinds_style() -> flask.Response:
    """Colours of the kinds of identifier."""
    return flask.Response(marks.style(kinds()), mimetype="text/css")


def _page(template: str, title: str, **values: str) -> flask.Response:
    response = flask.make_response(flask.render_template(template, title=title, **values))
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["Cache-Control"] = "no-store"
    return response
