"""Account ids are free text: each reaches its own account, whatever it holds."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import quote

import flask
import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.api.app import create_app
from service.settings import Settings
from service.web import guide  # noqa: F401 (adds its routes to the pages)
from service.web.pages import pages
from tests.support import security

IDS = ["a/b", "a//b", "x/risk", "x/graph", "x/label", "/x", "x/", "x//", "labels", "https://idp.example/users/1?a=b#c",
       "50%", "a%2Fb", "a%252Fb", "%25", "%", "?", "漢/字", "../x", "a b", "+"]  # fmt: skip
ROUTES = {
    ("GET", "/v1/accounts/{}"): "accounts.show_account",
    ("GET", "/v1/accounts/{}/graph"): "accounts.show_graph",
    ("POST", "/v1/accounts/{}/label"): "accounts.set_label",
    ("GET", "/v1/accounts/{}/risk"): "risk.account",
    ("DELETE", "/v1/accounts/{}"): "erase.erase_account",
    ("GET", "/accounts/{}"): "pages.account",
}


def matched() -> flask.Response:
    """Answers which view a request reaches and with what, in place of the view."""
    return flask.jsonify([flask.request.endpoint, flask.request.view_args])


@pytest.fixture
def client(tmp_path: Path) -> FlaskClient:
    settings = Settings(home=tmp_path)
    return create_app(settings, lambda: bootstrap.services(settings), pages=[pages], guards=[matched]).test_client()


@pytest.mark.parametrize(("method", "path"), ROUTES)
@pytest.mark.parametrize("account", IDS)
def test_an_id_reaches_its_account(client: FlaskClient, account: str, method: str, path: str) -> None:
    answer = client.open(path.format(quote(account, safe="")), method=method)
    assert answer.get_json() == [ROUTES[method, path], {"id": account}]


def test_bare_slashes_of_an_id_are_taken_too(client: FlaskClient) -> None:
    """Some proxies decode what they pass on."""
    for (method, path), endpoint in ROUTES.items():
        assert client.open(path.format("a/b//c"), method=method).get_json() == [endpoint, {"id": "a/b//c"}]


def test_a_server_that_does_not_tell_the_raw_path_decodes_once(client: FlaskClient) -> None:
    answer = client.get("/v1/accounts/50%25%2525", environ_overrides={"RAW_URI": ""})
    assert answer.get_json() == ["accounts.show_account", {"id": "50%%25"}]


def test_a_login_leads_back_to_an_account_whatever_its_id(tmp_path: Path) -> None:
    answer = security.client(tmp_path).get("/accounts/a%2Fb%3Fc?x=1")
    assert answer.headers["Location"] == "/login?next=/accounts/a%252Fb%253Fc%3Fx%3D1"
