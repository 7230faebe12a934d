"""The pages in a real headless Chromium, against a real server on a real engine."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, Route, expect

from service.bootstrap import application, rebuild_index
from service.graph.client import Graph
from service.ingest import networks
from service.settings import Settings
from service.web import build
from tests.support import chromium, rings
from tests.support import networks as mmdb
from tests.support.rings import MIDDLE, SMALL

expect.set_options(timeout=30_000)  # machines that run other things too
pytestmark = chromium.MARKS
browser, page = chromium.browser, chromium.page
LONG = "W" * 256  # an account that is called so


@pytest.fixture(scope="module")
def address(graph: Graph, settings: Settings) -> Iterator[str]:
    build.build()
    rings.write(graph, SMALL, MIDDLE)
    graph.driver.execute_query(
        "MATCH (r:Ring {id: $id}) SET r.held_by = $held",
        id=MIDDLE.id,
        held=json.dumps([{"kind": "network", "id": "2001:db8:1234::/48", "members": 297, "accounts": 341}] * 3),
        database_=graph.address.database,
    )
    graph.driver.execute_query(
        "CREATE (:Account {id: $id, created_at: datetime(), created_s: datetime().epochSeconds})",
        id=LONG,
        database_=graph.address.database,
    )
    rebuild_index(settings, graph)
    app = application(settings)
    with chromium.served(app) as found:
        yield found
    app.extensions["ringsight"].close()


def drawn(page: Page) -> int:
    page.wait_for_selector("body[data-drawn]")
    return int(page.locator("body").get_attribute("data-drawn") or 0)


def until(page: Page, script: str) -> None:
    """Waits until a script says true (Playwright's own way needs eval, which the pages' policy refuses)."""
    end = time.monotonic() + 30
    while not page.evaluate(script):
        assert time.monotonic() < end, script
        page.wait_for_timeout(100)


def picked(page: Page, *ids: str) -> None:
    """Selects nodes of the graph as a click does."""
    page.evaluate(
        "ids => { const cy = document.querySelector('#graph')._cyreg.cy; cy.nodes().unselect();"
        " ids.forEach((id) => cy.getElementById(id).select()); }",
        list(ids),
    )


def clicked(page: Page, node: str) -> None:
    """Clicks a node on the canvas with the mouse and waits until it, and it alone, is selected."""
    script = """id => { const node = document.querySelector('#graph')._cyreg.cy.getElementById(id);
        const at = node.renderedPosition(), box = document.querySelector('#graph').getBoundingClientRect();
        return [box.left + at.x, box.top + at.y]; }"""
    x, y = page.evaluate(script, node)
    page.mouse.move(x, y)
    page.mouse.click(x, y)
    chosen = "document.querySelector('#graph')._cyreg.cy.nodes(':selected').map((node) => node.id()).join()"
    until(page, f"{chosen} === '{node}'")


@pytest.mark.parametrize("width", [390, 1280, 1920])
@pytest.mark.parametrize("subject", [f"rings/{SMALL.id}", "accounts/sm-00004"])
def test_a_click_on_the_canvas_selects_the_node_under_it(page: Page, subject: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1600})
    held: list[Route] = []
    page.route("**/v1/**", lambda route: held.append(route))
    page.goto(f"/{subject}")
    page.locator("#graph canvas").first.wait_for()
    page.locator("#graph").hover()  # Cytoscape now knows where its container is
    if subject.startswith("rings"):  # the graph comes before what is above it
        answer(page, held, f"/v1/{subject}/graph")
        drawn(page)
        clicked(page, "pm_sm0000")
        answer(page, held, f"/v1/{subject}")
    else:
        for name in ("", "/graph"):
            answer(page, held, f"/v1/{subject}{name}")
    page.locator("#head .facts").wait_for()
    drawn(page)
    clicked(page, "dv_sm0001")
    page.unroute_all(behavior="ignoreErrors")
    page.wait_for_timeout(300)
    clicked(page, "sm-00004")


def answer(page: Page, held: list[Route], path: str) -> None:
    """Lets a request go that is held back, once it is there."""
    end = time.monotonic() + 30
    while not (found := [route for route in held if route.request.url.endswith(path)]):
        assert time.monotonic() < end, path
        page.wait_for_timeout(50)
    for route in found:
        held.remove(route)
        route.continue_()


def test_the_list_filters_searches_and_opens_by_keys(page: Page) -> None:
    page.goto("/")
    rows = page.locator("table.rings tbody tr")
    expect(rows).to_have_count(2)
    expect(rows.first).to_contain_text(SMALL.id)
    expect(rows.first.locator("svg.spark")).to_be_visible()
    page.get_by_role("button", name="high", exact=True).click()
    expect(rows).to_have_count(1)
    assert page.url.endswith("/?level=high")
    page.reload()
    expect(rows).to_have_count(1)
    page.get_by_role("button", name="Clear", exact=True).click()
    expect(rows).to_have_count(2)
    page.keyboard.press("/")
    page.keyboard.type("mi-00007")
    expect(rows).to_have_count(1)
    expect(rows.first).to_contain_text(MIDDLE.id)
    page.locator("#top-q").fill("nobody knows this")
    expect(page.get_by_text("No ring matches")).to_be_visible()
    page.locator("#top-q").fill("")
    expect(rows).to_have_count(2)
    page.locator("h1").click()
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rings/{MIDDLE.id}")


def test_the_search_leads_to_accounts_identifiers_and_decisions(page: Page) -> None:
    page.goto("/")
    search = page.locator("#top-q")
    search.fill("honest-00001")
    expect(page.locator("#hits")).to_contain_text("in no ring")
    expect(page.get_by_text("No ring of the published run fits")).to_be_visible()
    search.fill("198.51.100.1")
    expect(page.locator("#hits")).to_contain_text("IP address with 400 accounts, the newest 20")
    made = page.request.post("/v1/risk/signup", data={"ip": "198.51.100.1"}).json()
    search.fill(made["id"])
    expect(page.locator("#hits")).to_contain_text(f"{round(made['score'])} of 100, {made['action']}")
    page.locator("#hits").get_by_role("link", name="198.51.100.1").click()
    page.locator("#hits .hit-list a").first.click()
    page.wait_for_url("**/accounts/honest-*")


def test_all_accounts_on_an_identifier_can_be_listed(page: Page) -> None:
    page.goto("/?q=198.51.100.1")
    expect(page.locator("#hits .hit-list li")).to_have_count(20)
    page.get_by_role("button", name="Show more").click()
    expect(page.locator("#hits .hit-list li")).to_have_count(400)
    expect(page.get_by_role("button", name="Show more")).to_have_count(0)


def test_what_holds_a_ring_leads_to_its_other_users(page: Page) -> None:
    page.goto(f"/rings/{MIDDLE.id}")
    expect(page.locator("#picked li").first).to_contain_text("297 of 341 accounts")
    page.goto(f"/rings/{SMALL.id}")
    page.locator("#picked").get_by_role("link", name="pm_sm0000").click()
    expect(page.locator("#hits")).to_contain_text("card with 6 accounts")


def test_members_stand_beside_a_long_list_of_reasons(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    table, side = (page.locator(name).bounding_box() for name in ("#tables", "aside.side"))
    assert table and side and table["x"] + table["width"] <= side["x"]


def test_a_small_ring_shows_its_graph_reasons_signups_and_members(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    assert drawn(page) == 19 + 48
    expect(page.locator(".reason")).to_have_count(3)
    expect(page.locator("#reasons")).to_contain_text("12 accounts share nearly all of their cards")
    expect(page.locator("#picked")).to_contain_text("pm_sm0000")
    expect(page.locator(".m-view .m-row a")).to_have_count(12)
    expect(page.locator("#timeline svg")).to_have_count(2)
    expect(page.locator("#legend button")).to_have_count(4)
    picked(page, "sm-00003")
    expect(page.locator("#picked")).to_contain_text("sm-00003")
    picked(page, "sm-00000", "sm-00001")
    page.get_by_role("button", name="Path").click()
    expect(page.locator(".toast")).to_contain_text("sm-00000")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(page.locator("#tools .count")).to_have_text("17 nodes, 40 links")
    page.get_by_role("button", name="Show all").click()
    expect(page.locator("#tools .count")).to_have_text("19 nodes, 48 links")
    page.get_by_role("button", name="devices").click()
    until(page, "document.querySelector('#graph')._cyreg.cy.nodes('[kind=\"device\"]:visible').length === 0")


@pytest.fixture
def hosted(graph: Graph, tmp_path: Path) -> Iterator[None]:
    """The addresses of a ring are a hoster's."""
    system = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Hosting"}
    networks.use([mmdb.write(tmp_path / "a.mmdb", {"11.0.0.0/16": system | {"user_type": "hosting"}})])
    found = "MATCH (i:IP) WHERE i.id STARTS WITH '11.0.' "
    graph.driver.execute_query(
        found + "MERGE (n:AutonomousSystem {id: 'AS64500'}) MERGE (i)-[:ANNOUNCED_BY]->(n)",
        database_=graph.address.database,
    )
    yield
    graph.driver.execute_query("MATCH (n:AutonomousSystem) DETACH DELETE n", database_=graph.address.database)
    networks.use(())


@pytest.mark.usefixtures("hosted")
def test_whose_network_addresses_are_in_is_told_on_the_pages_of_rings_and_accounts(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    expect(page.locator("#within li")).to_have_count(1)
    for text in ("AS64500 Example Hosting", "12 members"):
        expect(page.locator("#within")).to_contain_text(text)
    expect(page.locator("#within .badge")).to_have_text("hosting")
    page.goto("/accounts/sm-00004")
    expect(page.locator("#links .badge")).to_have_text(["hosting", "hosting"])
    expect(page.locator("#links tbody tr", has_text="11.0.0.7")).to_contain_text("AS64500 Example Hosting")


def test_what_an_account_uses_tells_of_accounts_and_not_of_members(page: Page, tmp_path: Path) -> None:
    page.goto("/accounts/honest-00001")
    drawn(page)
    picked(page, "198.51.100.1")
    expect(page.locator("#picked")).to_contain_text("accounts on it")
    expect(page.get_by_role("button", name="Fold", exact=True)).to_be_disabled()  # nothing is a bundle here
    with page.expect_download() as saved:
        page.locator("#tools").get_by_role("button", name="SVG").click()
    saved.value.save_as(tmp_path / saved.value.suggested_filename)
    assert "Account honest-00001" in (tmp_path / "honest-00001.svg").read_text()
    expect(page.locator("#picked")).not_to_contain_text("members")


def test_an_export_is_redacted_as_it_is_chosen(page: Page, tmp_path: Path) -> None:
    page.goto(f"/rings/{SMALL.id}")
    page.get_by_text("Export").click()
    page.get_by_label("Redaction").select_option("tokens")
    with page.expect_download() as saved:
        page.get_by_role("link", name="CSV, links").click()
    saved.value.save_as(tmp_path / "links.csv")
    text = (tmp_path / "links.csv").read_text()
    assert text.count("CONNECTS_FROM") == 24 and "sm-0000" not in text


def test_time_goes_back_to_the_first_signup(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    slider = page.get_by_role("slider")
    slider.fill("0")
    expect(page.locator("#tools .count")).to_contain_text("5 nodes, 4 links")
    expect(page.locator("#slider output")).to_contain_text("until 1 Sep")
    slider.fill("200")
    expect(page.locator("#tools .count")).to_contain_text("19 nodes, 48 links")


def test_a_large_ring_is_folded_and_a_bundle_opens_and_closes(page: Page) -> None:
    page.goto(f"/rings/{MIDDLE.id}")
    before = drawn(page)
    assert before < 500
    expect(page.locator("#legend")).to_contain_text("Folded: 300 of 300 accounts")
    bundle = page.evaluate("document.querySelector('#graph')._cyreg.cy.nodes('[kind=\"bundle\"]')[0].id()")
    picked(page, bundle)
    expect(page.get_by_role("button", name="Fold", exact=True)).to_be_disabled()
    page.get_by_role("button", name="Open", exact=True).click()
    until(page, "document.querySelector('#graph')._cyreg.cy.nodes('[kind=\"account\"]').length > 1")
    page.get_by_role("button", name="Fold", exact=True).click()
    until(page, "document.querySelector('#graph')._cyreg.cy.nodes('[kind=\"account\"]').length === 0")
    count = page.evaluate("document.querySelector('#graph')._cyreg.cy.elements().length")
    assert count == before


def test_bundles_grow_with_time_and_what_opens_is_no_longer_selected(page: Page) -> None:
    page.goto(f"/rings/{MIDDLE.id}")
    drawn(page)
    nodes = "document.querySelector('#graph')._cyreg.cy.nodes('[births]')"
    names = f"{nodes}.not('.later').map((node) => node.data('name').replace(',', ''))"
    shown = f"{names}.reduce((sum, name) => sum + Number(name), 0)"
    page.get_by_role("slider").fill("60")
    half = page.evaluate(shown)
    assert 0 < half < 200
    page.get_by_role("slider").fill("200")
    assert page.evaluate(shown) == MIDDLE.accounts
    expect(page.locator("#legend .note")).to_contain_text(f"of {MIDDLE.accounts} accounts in")
    picked(page, page.evaluate(f"{nodes}[0].id()"))
    page.get_by_role("button", name="Open", exact=True).click()
    expect(page.locator("#picked")).to_contain_text("Held together by")
    expect(page.locator("#legend").get_by_role("button", name="accounts", exact=True)).to_be_visible()


def test_members_are_a_virtual_table_that_sorts(page: Page) -> None:
    page.goto(f"/rings/{MIDDLE.id}")
    page.get_by_role("columnheader", name="Account").click()
    expect(page.locator(".m-view .m-row a").first).to_have_text("mi-00299")
    assert page.locator(".m-view .m-row").count() < 40
    page.locator(".m-view").evaluate("view => { view.scrollTop = view.scrollHeight; }")
    expect(page.locator(".m-view .m-row a").last).to_have_text("mi-00000")


def test_shift_selects_all_rows_between(page: Page) -> None:
    page.goto(f"/rings/{MIDDLE.id}")
    page.get_by_role("columnheader", name="Account").click()
    page.get_by_label("Select mi-00299").click()
    page.locator(".m-view").evaluate("view => { view.scrollTop = view.scrollHeight; }")
    page.get_by_label("Select mi-00010").click(modifiers=["Shift"])
    expect(page.locator("#members .bulk")).to_contain_text("290 selected")
    expect(page.get_by_label("Select mi-00011")).to_be_checked()
    expect(page.get_by_label("Select mi-00009")).not_to_be_checked()
    page.get_by_label("Select mi-00011").click()
    expect(page.locator("#members .bulk")).to_contain_text("289 selected")
    page.goto("/")
    page.get_by_label(f"Select {SMALL.id}").click()
    page.get_by_label(f"Select {MIDDLE.id}").click(modifiers=["Shift"])
    expect(page.locator("#bulk")).to_contain_text("2 selected")
    expect(page.get_by_label(f"Select {MIDDLE.id}")).to_be_checked()


def test_members_that_can_not_be_read_are_asked_for_again(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto(f"/rings/{MIDDLE.id}")
        expect(page.locator(".m-view .m-row a").first).to_be_visible()
        context.set_offline(True)
        page.get_by_role("columnheader", name="Account").click()
        expect(page.locator("#members").get_by_role("alert")).to_contain_text("The server can't be reached")
        context.set_offline(False)
        page.locator("#members").get_by_role("button", name="Try again").click()
        expect(page.locator(".m-view .m-row a").first).to_have_text("mi-00299")
        expect(page.locator("#members").get_by_role("alert")).to_be_hidden()


def test_a_decision_is_noted_journalled_and_undone(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    page.get_by_role("button", name="Confirm", exact=True).click()
    page.locator("dialog textarea").fill("same card, same week")
    page.locator("dialog").get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("#head .status")).to_have_text("confirmed")
    page.get_by_role("tab", name="History and journal").click()
    expect(page.locator("#history")).to_contain_text("same card, same week")
    expect(page.locator("#history .entry").first).to_contain_text(re.compile(r"\d\d:\d\d UTC"))
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#head .status")).to_have_text("open")
    expect(page.locator("#history .entry.undone")).to_have_count(1)


def test_a_ring_without_its_history_is_shown(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.route("**/history", lambda route: route.abort())
        page.goto(f"/rings/{SMALL.id}")
        page.get_by_role("tab", name="History and journal").click()
        expect(page.locator("#history .wrong")).to_contain_text("The server can't be reached")
        expect(page.locator("#head h1")).to_have_text(f"Ring {SMALL.id}")


def test_a_decision_that_was_made_is_not_told_as_failed(browser: Browser, address: str) -> None:
    with browser.new_context(base_url=address) as context:
        page = context.new_page()
        page.goto(f"/rings/{SMALL.id}")
        page.get_by_role("button", name="Start reviewing").wait_for()
        page.route(re.compile(rf"/v1/rings/{SMALL.id}$"), lambda route: route.abort())  # it can't be read anew
        page.get_by_role("button", name="Start reviewing").click()
        page.locator("dialog").get_by_role("button", name="Start reviewing").click()
        expect(page.locator(".toast").first).to_contain_text(f"ring {SMALL.id} is reviewing.")
        expect(page.locator(".toast").last).to_contain_text("What you see is from before")
        page.locator(".toast").get_by_role("button", name="Undo").click()
        expect(page.locator("#toasts")).to_contain_text("Taken back.")


def test_a_colleagues_newer_decision_is_shown_and_not_overwritten(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    path, header = f"/v1/rings/{SMALL.id}/status", {"X-Ringsight-Request": "1"}
    page.request.post(path, data={"status": "dismissed", "note": "our office"}, headers=header)
    page.get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator("dialog")).to_contain_text("its 12 accounts count as in a ring that scores 97 at least")
    page.locator("dialog textarea").fill("a long thought")
    page.locator("dialog").get_by_role("button", name="Confirm", exact=True).click()
    expect(page.locator(".toast")).to_contain_text("is dismissed now, set by this machine")
    expect(page.locator("#head .status")).to_have_text("dismissed")
    page.get_by_role("button", name="Reopen").click()
    expect(page.locator("dialog textarea")).to_have_value("a long thought")
    page.keyboard.press("Escape")
    page.request.post(path, data={"status": "open"}, headers=header)


def test_labels_of_the_graph_follow_what_is_decided(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    for name in ("Fraud", "Legitimate"):  # the second knows of the first
        picked(page, "sm-00008")
        page.locator("#picked").get_by_role("button", name=name, exact=True).click()
        page.locator("dialog").get_by_role("button", name=f"Label as {name.lower()}").click()
        mark = "document.querySelector('#graph')._cyreg.cy.getElementById('sm-00008').data('mark')"
        until(page, f"{mark} === '{name.lower()}'")
        page.evaluate("document.querySelector('#graph')._cyreg.cy.nodes().unselect()")
        page.wait_for_timeout(100)


def test_many_rings_are_decided_at_once(page: Page) -> None:
    page.goto("/")
    for ring in (SMALL.id, MIDDLE.id):
        page.get_by_label(f"Select {ring}").check()
    page.locator("#bulk").get_by_role("button", name="Reviewing").click()
    page.locator("dialog").get_by_role("button", name="Start reviewing").click()
    expect(page.locator("table .badge.status.reviewing")).to_have_count(2)
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("table .badge.status.open")).to_have_count(2)


def test_an_account_shows_decision_ring_links_and_takes_a_label(page: Page) -> None:
    page.goto("/accounts/sm-00004")
    assert drawn(page) > 15
    expect(page.locator("#picked")).to_contain_text(SMALL.id)
    expect(page.locator("#links tbody tr")).to_have_count(4)
    page.get_by_role("button", name="Label as fraud").click()
    page.locator("dialog").get_by_role("button", name="Label as fraud").click()
    expect(page.locator("#head .badge.fraud")).to_be_visible()
    page.locator(".toast").get_by_role("button", name="Undo").click()
    expect(page.locator("#head .badge.fraud")).to_have_count(0)


def test_the_picture_is_saved_as_png_and_svg(page: Page, tmp_path: Path) -> None:
    page.goto(f"/rings/{SMALL.id}")
    drawn(page)
    for name in ("PNG", "SVG"):
        with page.expect_download() as saved:
            page.locator("#tools").get_by_role("button", name=name).click()
        saved.value.save_as(tmp_path / saved.value.suggested_filename)
    with Image.open(tmp_path / f"{SMALL.id}.png") as image:
        assert max(image.size) > 500  # the layout may stand or lie
    root = ElementTree.parse(tmp_path / f"{SMALL.id}.svg").getroot()
    assert len(root.findall("{http://www.w3.org/2000/svg}circle")) == 12


@pytest.mark.parametrize(
    "path", ["/", f"/rings/{SMALL.id}", f"/rings/{MIDDLE.id}", "/accounts/sm-00004", f"/?q={LONG}", "/login"]
)
@pytest.mark.parametrize("width", [360, 390, 1100, 1280])
def test_nothing_is_cut_off(page: Page, path: str, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 800})
    page.goto(path)
    page.wait_for_load_state("networkidle")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_dark_follows_the_system_and_the_button(page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto("/")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "dark")
    page.get_by_role("button", name="Light or dark").click()
    expect(html).to_have_attribute("data-theme", "light")
    page.reload()
    expect(html).to_have_attribute("data-theme", "light")


def test_the_policy_allows_no_inline_script_and_no_other_host(page: Page) -> None:
    response = page.goto("/")
    assert response is not None
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "unsafe" not in policy
    assert not re.search(r"https?:", policy)


def test_an_address_with_words_that_do_not_exist_says_so(page: Page) -> None:
    page.goto("/?status=foo&sort=zzz&level=high")
    expect(page.locator(".toast")).to_contain_text("There is no status=foo, sort=zzz")
    expect(page.locator("table.rings tbody tr")).to_have_count(1)
    expect(page.locator("select[name=sort]")).to_have_value("score")


def test_the_export_menu_closes(page: Page) -> None:
    page.goto(f"/rings/{SMALL.id}")
    menu = page.locator("main details.menu")
    menu.locator("summary").click()
    expect(menu).to_have_attribute("open", "")
    page.keyboard.press("Escape")
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    page.locator("h1").click()
    expect(menu).not_to_have_attribute("open", "")
    menu.locator("summary").click()
    with page.expect_download():
        menu.get_by_text("CSV, links").click()
    expect(menu).not_to_have_attribute("open", "")


def test_what_does_not_exist_says_so(browser: Browser, address: str) -> None:
    tab = browser.new_page(base_url=address)
    for path, said in (
        ("/rings/R-NONE", "There is no such ring"),
        ("/accounts/none", "There is no such account"),
        ("/nope", "There is no such page"),
    ):
        tab.goto(path)
        expect(tab.get_by_text(said)).to_be_visible()
    tab.close()
