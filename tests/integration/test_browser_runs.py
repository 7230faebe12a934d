"""The page of runs in a real headless Chromium, with mouse and keyboard."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.bootstrap import application
from service.graph.client import Graph
from service.settings import Settings
from tests.support import chromium, rings

pytestmark = chromium.MARKS
browser, page = chromium.browser, chromium.page
FAILED = "the graph database had no memory left <b>for this</b>; give it more"


@pytest.fixture(scope="module")
def address(graph: Graph, settings: Settings) -> Iterator[str]:
    rings.write(graph, rings.SMALL)
    graph.driver.execute_query(
        "CREATE (:DetectionRun {id: 'run-0', state: 'failed', started_at: datetime('2026-11-19T10:00:00Z'), "
        "finished_at: datetime('2026-11-19T10:00:12Z'), model_version: '2026.11.10', error: $error, "
        'counts: \'{"accounts": 12345, "rings": {"critical": 2, "high": 1}}\'})',
        error=FAILED,
        database_=graph.address.database,
    )
    app = application(settings.model_copy(update={"auth": "off"}))
    with chromium.served(app) as found:
        yield found
    app.extensions["ringsight"].close()


def test_runs_are_listed_with_why_one_failed(page: Page) -> None:
    page.goto("/")
    page.get_by_role("link", name="Runs").click()
    expect(page.get_by_role("link", name="Runs")).to_have_attribute("aria-current", "page")
    rows = page.locator("table.runs tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.nth(0)).to_contain_text("20 Nov 2026, 10:00 UTC")
    expect(rows.nth(0)).to_contain_text("published")
    expect(rows.nth(0)).to_contain_text("1 min 0 s")
    for text in ("failed", FAILED, "12.0 s", "2026.11.10", "12,345"):
        expect(rows.nth(1)).to_contain_text(text)
    assert rows.nth(1).locator("td").last.inner_text() == "3"
    page.locator("#settings summary").click()
    expect(page.locator("#settings dt").first).to_have_text("RINGSIGHT_HOME")


def test_the_keyboard_reaches_the_settings_and_a_phone_has_room(page: Page) -> None:
    page.set_viewport_size({"width": 360, "height": 740})
    page.goto("/runs")
    expect(page.locator("table.runs")).to_be_visible()
    for _ in range(12):
        page.keyboard.press("Tab")
        if page.evaluate("document.activeElement.matches('#settings summary')"):
            break
    page.keyboard.press("Enter")
    expect(page.locator("#settings dd").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
