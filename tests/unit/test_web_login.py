"""The login page in a real headless Chromium: where it goes afterwards, and out again. Needs no graph."""

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


@pytest.mark.parametrize("width", [360, 1280])
def test_a_login_is_ended_by_the_button_for_it(browser: Browser, address: str, tmp_path: Path, width: int) -> None:
    page = browser.new_page(viewport={"width": width, "height": 740})
    page.goto(f"{address}/login")
    assert page.get_by_role("searchbox").count() == 0  # a key that is typed there would stand in the address
    page.keyboard.type(security.key(tmp_path, [Role.ANALYST]))
    with page.expect_navigation(url=f"{address}/"):
        page.keyboard.press("Enter")
    kept = page.context.cookies()
    button = page.get_by_role("button", name="Log out")
    box = button.bounding_box()
    assert box and box["x"] + box["width"] <= width
    with page.expect_navigation(url=f"{address}/login"):
        button.click()
    page.context.add_cookies(kept)  # whoever kept the cookie is out as well
    page.goto(f"{address}/")
    assert urlsplit(page.url).path == "/login"
    page.close()


def test_a_key_for_no_page_is_told_so_on_a_page(browser: Browser, address: str, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(f"{address}/login")
    page.keyboard.type(security.key(tmp_path, [Role.SCORE]))
    page.keyboard.press("Enter")
    page.get_by_role("heading", name="Not allowed").wait_for()
    assert "this needs the role admin or analyst" in page.locator("main").inner_text()
    page.get_by_role("link", name="Log in with another key").click()
    page.wait_for_url(f"{address}/login")
    page.close()
