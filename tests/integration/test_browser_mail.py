"""Throw-away mail on the pages of rings and accounts, in a real headless Chromium, with mouse and keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.graph.client import Graph
from service.settings import Settings
from tests.support import chromium, ring_page
from tests.support.ring_page import fits, open_from_list

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
    with ring_page.served(graph, settings, MAILBOXES, {"thrown": THROWN}) as found:
        yield found


@pytest.mark.parametrize("width", [390, 1280])
def test_throw_away_mail_is_told_by_name_from_the_list_to_a_member(page: Page, width: int) -> None:
    open_from_list(page, width)
    rows = page.locator("#within li")
    expect(rows).to_have_count(7)  # the first six, and what would be below them
    thrown = rows.filter(has=page.locator(".badge"))
    expect(thrown).to_have_count(1)
    expect(thrown).to_contain_text(re.compile("mailinator|r\\.com"))
    expect(thrown).to_contain_text("3 members")
    fits(page, "#within li:has(.badge)", ".badge", ".number")
    page.get_by_role("link", name="sm-00001", exact=True).click()
    page.wait_for_url("**/accounts/sm-00001")
    badge = page.locator("#links tbody tr .badge")
    expect(badge).to_have_text(re.compile("^throw-away .*r\\.com$"))  # told without a pointer over it
    fits(page, "#links tbody tr:has(.badge)", ".badge", ".number")


def test_other_domains_have_no_mark(page: Page) -> None:
    page.goto("/accounts/sm-00007")
    expect(page.locator("#links tbody tr").filter(has_text="em_sm0007")).to_have_count(1)
    expect(page.locator("#links .badge")).to_have_count(0)
