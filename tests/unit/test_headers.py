"""Security headers on every answer, errors and pages too."""

from __future__ import annotations

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from service.security.roles import Role
from tests.support.security import bearer, client

PATHS = ["/healthz", "/docs", "/openapi.json", "/login", "/", "/nope", "/v1/accounts/a/risk", "/v1/session"]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("headers")


@pytest.fixture(scope="module")
def asking(home: Path) -> FlaskClient:
    return client(home)


@pytest.mark.parametrize("keyed", [True, False])
@pytest.mark.parametrize("path", PATHS)
def test_every_answer_has_them(asking: FlaskClient, home: Path, path: str, keyed: bool) -> None:
    answer = asking.get(path, headers=bearer(home, Role.ADMIN) if keyed else {})
    headers = answer.headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert headers["Cache-Control"] == "no-store"
    assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
    assert "unsafe-eval" not in headers["Content-Security-Policy"]
    assert (
        "script-src" not in headers["Content-Security-Policy"]
        or "unsafe-inline" not in headers["Content-Security-Policy"].partition("script-src")[2].partition(";")[0]
    )
    assert "Strict-Transport-Security" not in headers
    assert "Access-Control-Allow-Origin" not in headers
    assert "Set-Cookie" not in headers
    assert "python" not in headers.get("Server", "").lower()


def test_over_tls_the_browser_is_told_to_stay_there(asking: FlaskClient) -> None:
    assert "max-age" in asking.get("/healthz", base_url="https://localhost").headers["Strict-Transport-Security"]


def test_a_proxy_is_believed_only_if_a_setting_says_so(tmp_path: Path) -> None:
    sent = {"X-Forwarded-Proto": "https", "X-Forwarded-For": "198.51.100.7"}
    assert "Strict-Transport-Security" not in client(tmp_path).get("/healthz", headers=sent).headers
    believed = client(tmp_path, trusted_proxies=1).get("/healthz", headers=sent)
    assert "Strict-Transport-Security" in believed.headers


def test_a_forwarded_request_is_not_this_machine(tmp_path: Path) -> None:
    sent = {"X-Forwarded-For": "198.51.100.7"}
    asking = client(tmp_path, trusted_proxies=1, auth="off")
    assert asking.get("/v1/accounts/a/risk", headers=sent).status_code == 403
