"""Throw-away mail on the pages of rings and accounts, in a real headless Chromium, with mouse and keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.bootstrap import application, rebuild_index
from service.graph.client import Graph
from service.settings import Settings
from service.web import build
from tests.support import chromium, rings
from tests.support.rings import SMALL

pytestmark = chromium.MARKS
browser, page = chromium.browser, chromium.page
THROWN = "a-department-of-its-own.mailinator.com"
MAILBOXES = """
MATCH (a:Account) WHERE a.id STARTS WITH 'sm-'
WITH a, toInteger(right(a.id, 2)) AS n
CALL (a) {
  UNWIND range(1, 14) AS other
  MERGE (i:IP {id: '198.18.' + other + '.1'}) MERGE (a)-[:CONNECTS_FROM {uses: 1}]->(i)
  MERGE (w:Network {id: '198.18.' + other + '.0/24'}) MERGE (i)-[:IN]->(w)
}
MERGE (e:Email {id: 'em_sm' + right('000' + n, 4)}) MERGE (a)-[:HAS_EMAIL {uses: 1}]->(e)
MERGE (d:EmailDomain {id: CASE WHEN n < 3 THEN $thrown ELSE 'firm.de' END}) MERGE (e)-[:AT_DOMAIN]->(d)
"""


@pytest.fixture(scope="module")
def address(graph: Graph, settings: Settings) -> Iterator[str]:
    """A ring in more networks than a page shows, with three mailboxes at a domain of throw-away mail."""
    build.build()
    rings.write(graph, SMALL)
    graph.driver.execute_query(MAILBOXES, {"thrown": THROWN}, database_=graph.address.database)
    rebuild_index(settings, graph)
    app = application(settings)
    with chromium.served(app) as found:
        yield found
    app.extensions["ringsight"].close()


@pytest.mark.parametrize("width", [390, 1280])
def test_throw_away_mail_is_told_by_name_from_the_list_to_a_member(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    expect(page.locator("table.rings tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rings/{SMALL.id}")
    rows = page.locator("#within li")
    expect(rows).to_have_count(7)  # the first six, and what would be below them
    thrown = rows.filter(has=page.locator(".badge"))
    expect(thrown).to_have_count(1)
    expect(thrown).to_contain_text(re.compile("mailinator|r\\.com"))
    expect(thrown).to_contain_text("3 members")
    fits(page, "#within li:has(.badge)")
    page.get_by_role("link", name="sm-00001", exact=True).click()
    page.wait_for_url("**/accounts/sm-00001")
    badge = page.locator("#links tbody tr .badge")
    expect(badge).to_have_text(re.compile("^throw-away .*r\\.com$"))  # told without a pointer over it
    fits(page, "#links tbody tr:has(.badge)")


def test_other_domains_have_no_mark(page: Page) -> None:
    page.goto("/accounts/sm-00007")
    expect(page.locator("#links tbody tr").filter(has_text="em_sm0007")).to_have_count(1)
    expect(page.locator("#links .badge")).to_have_count(0)


def fits(page: Page, row: str) -> None:
    """Whether a row's badge and number are within the window, and the badge on one line."""
    badge, number = (page.locator(f"{row} {part}").first.bounding_box() for part in (".badge", ".number"))
    window = page.evaluate("document.documentElement.clientWidth")
    assert badge is not None and number is not None
    assert badge["height"] < 30, badge
    assert max(badge["x"] + badge["width"], number["x"] + number["width"]) <= window, (badge, number)
