"""Who may use which endpoint: the table against the routes, and for each endpoint no key, wrong role, right role."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import flask
import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from service.security.access import ACCESS
from service.security.install import install
from service.security.roles import Role
from service.settings import Settings
from tests.support.security import bearer, client

# What each endpoint needs, said a second time and beside the code: a slip in the table shows here.
PUBLIC = {
    *("health.healthz", "health.readyz", "docs.page", "docs.start", "docs.openapi", "docs.static"),
    *(
        "pages.login",
        "pages.static",
        "pages.guide",
        "pages.grass",
        "pages.preflight",
        "pages.kinds_script",
        "pages.kinds_style",
    ),
    *("session.open_session", "session.show_session", "session.close_session"),
}
NEEDS = {
    "risk.signup": {Role.SCORE, Role.SCORE_BLIND, Role.ANALYST, Role.ADMIN},
    "risk.account": {Role.SCORE, Role.SCORE_BLIND, Role.ANALYST, Role.ADMIN},
    "erase.erase_account": {Role.ADMIN},
    "runs.start": {Role.ADMIN},
    "settings.show_settings": {Role.ADMIN},
    "events.send": {Role.INGEST, Role.ADMIN},
    "metrics.show": {Role.MONITOR, Role.ADMIN},
}
DESK = {Role.ANALYST, Role.ADMIN}  # all other endpoints: the fraud desk's


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("roles")


@pytest.fixture(scope="module")
def headers(home: Path) -> dict[Role, dict[str, str]]:
    return {role: bearer(home, role) for role in Role}


@pytest.fixture(scope="module")
def asking(home: Path, headers: dict[Role, dict[str, str]]) -> Iterator[FlaskClient]:
    with client(home, rate_per_key=1e6) as asking:
        yield asking


def ask(asking: FlaskClient, endpoint: str, headers: dict[str, str]) -> list[TestResponse]:
    """One request for each path and method of an endpoint."""
    answers = []
    for rule in asking.application.url_map.iter_rules(endpoint):
        built = rule.build(dict.fromkeys(rule.arguments, "1"))
        assert built is not None
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}) or ["OPTIONS"]:
            answers.append(asking.open(built[1], method=method, headers=headers, json={}))
    assert answers
    return answers


def test_every_route_is_in_the_table_and_the_other_way_round(asking: FlaskClient) -> None:
    endpoints = {rule.endpoint for rule in asking.application.url_map.iter_rules()}
    assert endpoints == set(ACCESS), "add the route to service/security/access.py (or take it away there)"


@pytest.mark.parametrize("endpoint", sorted(ACCESS))
def test_each_endpoint_without_a_key(asking: FlaskClient, endpoint: str) -> None:
    for answer in ask(asking, endpoint, {}):
        if endpoint in PUBLIC:
            assert answer.status_code != 403
            assert endpoint == "session.open_session" or answer.status_code != 401
        elif ACCESS[endpoint].page:
            assert answer.status_code == 302
            assert answer.headers["Location"].startswith("/login?next=/")
        else:
            assert answer.status_code == 401
            assert answer.get_json()["code"] == "unauthenticated"
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


@pytest.mark.parametrize("endpoint", sorted(set(ACCESS) - PUBLIC))
def test_each_endpoint_with_each_role(asking: FlaskClient, headers: dict[Role, dict[str, str]], endpoint: str) -> None:
    right = NEEDS.get(endpoint, DESK)
    for role in Role:
        for answer in ask(asking, endpoint, headers[role]):
            if role in right:
                assert answer.status_code not in (401, 403), (role, answer.get_json())
            else:
                assert answer.status_code == 403, role
                assert answer.get_json()["code"] == "forbidden"
                assert "admin" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "value", ["", "Bearer", "Bearer ", "Bearer rsk_x", "Basic YTpi", "Bearer rsk_000000000000_" + "A" * 43, "Bearer é"]
)
def test_a_wrong_header_is_refused(asking: FlaskClient, value: str) -> None:
    answer = asking.get("/v1/accounts/a/risk", headers={"Authorization": value})
    assert answer.status_code == 401


def test_two_roles_add_up(asking: FlaskClient, home: Path) -> None:
    both = bearer(home, Role.INGEST, Role.SCORE)
    assert asking.get("/v1/accounts/a/risk", headers=both).status_code == 503


def test_a_path_that_is_not_there_is_404_for_all(asking: FlaskClient) -> None:
    assert asking.get("/nope").status_code == 404
    assert asking.post("/healthz").status_code == 405


def test_a_route_that_the_table_does_not_know_is_refused_to_all(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, auth="keys")
    app = flask.Flask("forgotten")

    @app.get("/forgotten")
    def forgotten() -> str:
        return "secret"

    install(app, settings)
    app.testing = False
    answer = app.test_client().get("/forgotten", headers=bearer(tmp_path, Role.ADMIN))
    assert answer.status_code == 500  # this bare application has no handler that makes it 403
    assert "secret" not in answer.text


class TestWithoutKeys:
    """RINGSIGHT_AUTH=off: this machine only."""

    @pytest.fixture
    def off(self, tmp_path: Path) -> FlaskClient:
        return client(tmp_path, auth="off")

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.1:8000", "[::1]:8000"])
    def test_this_machine_may_do_all(self, off: FlaskClient, host: str) -> None:
        assert off.get("/v1/accounts/a/risk", headers={"Host": host}).status_code == 503  # no graph here
        assert off.get("/v1/session").get_json()["how"] == "off"

    @pytest.mark.parametrize("address", ["10.0.0.1", "203.0.113.9", "::2", ""])
    def test_another_machine_is_refused(self, off: FlaskClient, address: str) -> None:
        answer = off.get("/v1/accounts/a/risk", environ_overrides={"REMOTE_ADDR": address})
        assert answer.status_code == 403
        assert "RINGSIGHT_AUTH" in answer.get_json()["detail"]

    @pytest.mark.parametrize(
        "host", ["evil.example", "127.0.0.1.evil.example", "localhost.evil.example:8000", "[", "[::1"]
    )
    def test_a_name_that_was_made_to_point_here_is_refused(self, off: FlaskClient, host: str) -> None:
        assert off.get("/v1/accounts/a/risk", headers={"Host": host}).status_code == 403

    @pytest.mark.parametrize(
        "sent",
        [
            {"Origin": "https://evil.example"},
            {"Origin": "null"},
            {"Origin": "http://["},
            {"Sec-Fetch-Site": "cross-site"},
        ],
    )
    def test_a_page_of_another_site_changes_nothing(self, off: FlaskClient, sent: dict[str, str]) -> None:
        assert off.delete("/v1/session", headers=sent).status_code == 403
        assert off.delete("/v1/session", headers={"Origin": "http://localhost"}).status_code == 204

    def test_serving_beyond_this_machine_without_keys_does_not_start(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from click.testing import CliRunner

        from service.cli import serve
        from service.errors import SettingsError

        monkeypatch.setenv("RINGSIGHT_HOME", str(tmp_path))
        monkeypatch.setenv("RINGSIGHT_AUTH", "off")
        ran = CliRunner().invoke(serve.command, ["--host", "0.0.0.0"])
        assert isinstance(ran.exception, SettingsError)
        assert "ringsight keys create" in ran.exception.detail


def test_keys_are_the_default() -> None:
    assert Settings.model_fields["auth"].default == "keys"
