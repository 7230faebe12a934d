"""The login page in a real headless Chromium: where it goes afterwards. Needs no graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import Browser

from service.security.roles import Role
from tests.support import chromium, security

pytestmark = chromium.MARKS
browser = chromium.browser


@pytest.fixture
def address(tmp_path: Path) -> Iterator[str]:
    with chromium.served(security.client(tmp_path).application) as found:
        yield found


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
