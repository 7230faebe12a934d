"""Phone numbers of several countries on the pages of rings and accounts, in a real headless Chromium, with mouse and
keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect

from service.graph.client import Graph
from service.ingest.phones import number
from service.settings import Settings
from tests.support import chromium, ring_page
from tests.support.ring_page import fits, open_from_list
from tests.support.rings import SMALL

pytestmark = chromium.MARKS
browser, page = chromium.browser, chromium.page
# Five French ones, three British, two of the countries that share +1, one that one member has, and a satellite's.
NUMBERS = [f"+3361234567{n}" for n in range(5)] + [f"+44207946095{n}" for n in range(3)]
NUMBERS += ["+12025550123", "+14165550123", "+4915123456789", "+881612345678"]
COUNTRIES = [number(one, None)[1] for one in NUMBERS]
PHONES = """
UNWIND range(0, 11) AS n
MATCH (a:Account {id: 'sm-000' + right('0' + n, 2)})
MERGE (p:Phone {id: 'ph_of-the-length-of-a-token-here-' + right('0' + n, 2)}) MERGE (a)-[:HAS_PHONE {uses: 1}]->(p)
WITH n, p WHERE $countries[n] <> ''
MERGE (c:PhoneCountry {id: $countries[n]}) MERGE (p)-[:FROM_COUNTRY]->(c)
"""


@pytest.fixture(scope="module")
def address(graph: Graph, settings: Settings) -> Iterator[str]:
    """A ring of twelve with a phone number each."""
    with ring_page.served(graph, settings, PHONES, {"countries": COUNTRIES}) as found:
        yield found


@pytest.mark.parametrize("width", [390, 1280])
def test_countries_are_told_with_their_code_from_the_list_to_a_member(page: Page, width: int) -> None:
    open_from_list(page, width)
    rows = page.locator("#within li").filter(has=page.locator(".kind-phone_country"))
    expect(rows).to_have_text(["FR +335 members", "GB +443 members"])  # of others there is one member each
    fits(page, "#within li:has(.kind-phone_country)", ".number")
    for member, country in (("sm-00005", "GB +44"), ("sm-00008", "US +1"), ("sm-00009", "CA +1")):
        page.goto(f"/rings/{SMALL.id}")
        page.get_by_role("link", name=member, exact=True).click()
        page.wait_for_url(f"**/accounts/{member}")
        phone = page.locator("#links tbody tr").filter(has=page.locator(".kind-phone"))
        expect(phone.locator(".muted").first).to_have_text(f" {country}")
        fits(page, "#links tbody tr:has(.kind-phone)", ".muted")


def test_a_number_of_no_country_has_none(page: Page) -> None:
    page.goto("/accounts/sm-00011")
    phone = page.locator("#links tbody tr").filter(has=page.locator(".kind-phone"))
    expect(phone).to_have_count(1)
    expect(phone.locator("td").first).to_have_text(re.compile("^ph_of.*11$"))
