"""The menu of the pages on a phone, in a real headless Chromium, with mouse and keyboard. Needs no graph."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.support import chromium, security

pytestmark = chromium.MARKS
browser = chromium.browser


@pytest.fixture
def phone(browser: Browser, tmp_path: Path) -> Iterator[Page]:
    with chromium.served(security.client(tmp_path, auth="off").application) as address:
        page = browser.new_page(viewport={"width": 360, "height": 740}, base_url=address)
        page.goto("/")
        yield page
        page.close()


def test_a_phone_has_a_menu_of_all_pages(phone: Page) -> None:
    menu = phone.get_by_role("navigation", name="Main")
    expect(menu.get_by_role("link")).to_have_count(0)
    menu.get_by_label("Menu").click()
    expect(menu.get_by_role("link")).to_have_text(["Rings", "Runs", "API"])
    expect(menu.get_by_role("link", name="Rings")).to_have_attribute("aria-current", "page")
    box = menu.get_by_role("link", name="API").bounding_box()
    assert box and box["x"] >= 0 and box["x"] + box["width"] <= 360
    phone.mouse.click(180, 700)  # elsewhere
    expect(menu.get_by_role("link")).to_have_count(0)
    menu.get_by_label("Menu").click()
    menu.get_by_role("link", name="Runs").click()
    phone.wait_for_url("**/runs")
    phone.set_viewport_size({"width": 1280, "height": 740})
    expect(menu.get_by_label("Menu")).to_be_hidden()
    expect(menu.get_by_role("link")).to_have_count(3)


def test_the_menu_goes_by_keyboard(phone: Page) -> None:
    focused = "document.activeElement.ariaLabel ?? document.activeElement.textContent"
    for _ in range(3):  # past the link to the content and the brand
        phone.keyboard.press("Tab")
    assert phone.evaluate(focused) == "Menu"
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    assert phone.evaluate(focused) == "Rings"
    phone.keyboard.press("Escape")
    expect(phone.get_by_role("link", name="Rings", exact=True)).to_have_count(0)
    assert phone.evaluate(focused) == "Menu"
    phone.keyboard.press("Enter")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Tab")
    phone.keyboard.press("Enter")
    phone.wait_for_url("**/runs")
