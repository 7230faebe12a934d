"""The login page in a real headless Chromium: where it goes afterwards. Needs no graph."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser, sync_playwright
from werkzeug.serving import make_server

from service.security.roles import Role
from tests.support import security

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no Chromium: apt-get install chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield chromium
        chromium.close()


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, security.client(tmp_path).application, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize(
    ("asked", "path"),
    [
        ("/rings/R-2345-6", "/rings/R-2345-6"),
        ("/?level=high", "/"),
        ("//evil.invalid/x", "/"),
        ("https://evil.invalid/x", "/"),
        ("/.//evil.invalid/x", None),
        ("/..//evil.invalid/x", None),
        ("/%2e//evil.invalid/x", None),
        ("/\\evil.invalid/x", "/"),
        ("javascript:alert(1)", "/"),
        ("http://[", "/"),
    ],
)
def test_a_login_leads_to_this_server_only(
    browser: Browser, address: str, tmp_path: Path, asked: str, path: str | None
) -> None:
    text = security.key(tmp_path, [Role.ANALYST])
    page = browser.new_page()
    page.goto(f"{address}/login?next={quote(asked)}")
    page.locator("input[name=key]").fill(text)
    with page.expect_navigation():
        page.get_by_role("button", name="Log in").click()
    found = urlsplit(page.url)
    assert f"{found.scheme}://{found.netloc}" == address
    assert path is None or found.path == path
    page.close()
