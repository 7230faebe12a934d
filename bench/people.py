"""How long people wait for a large ring: its page in a real browser, and its GraphML.

    ringsight demo                                  # or any server with a large ring on it
    python bench/people.py --url http://127.0.0.1:8000

Beside them what they would cost at least: the page of the smallest ring on the same server, and a hand-written export
that asks the driver for all links at once and gives them to networkx. A page counts as drawn when all of its graph is;
a run draws the large rings at its end, so the first opening after it is the one that counts. The last line is one JSON
object. Needs Chromium (a Debian package), and for the hand-written export the server's home (RINGSIGHT_HOME).
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import time
from dataclasses import dataclass
from typing import Any

import networkx as nx
import requests
from playwright.sync_api import Browser, sync_playwright

from service.bootstrap import open_graph
from service.settings import load_settings

BY_HAND = (
    "MATCH (p:Pointer {name: 'published'}) MATCH (r:Ring {id: $id})<-[m:MEMBER_OF {run: p.run_id}]-(a:Account) "
    "MATCH (a)-[l:PAYS_WITH|USES_DEVICE|CONNECTS_FROM]->(i) "
    "RETURN a.id AS account, m.strength AS strength, a.risk AS risk, toString(a.created_at) AS created_at, "
    "i.id AS other, type(l) AS type, l.uses AS uses, toString(l.first_seen) AS first_seen, "
    "toString(l.last_seen) AS last_seen"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """Seconds until a ring's page was drawn, and how many elements it shows."""

    seconds: float
    elements: int


def ring(url: str, order: str) -> dict[str, Any]:
    """The largest ("desc") or smallest ring that a server has."""
    try:
        answer = requests.get(f"{url}/v1/rings", params={"sort": "size", "limit": "1", "order": order}, timeout=60)
    except requests.ConnectionError:
        sys.exit(f"no server answers at {url}: start one (`ringsight demo`), or give its address by --url")
    if not answer.ok:
        sys.exit(f"{url} answers {answer.status_code}: {answer.json().get('detail')}; `ringsight demo` needs no key")
    if not (rings := answer.json()["rings"]):
        sys.exit(f"the server at {url} has no ring")
    return dict(rings[0])


def opened(browser: Browser, url: str, ring: str) -> Opened:
    """Opens a ring's page in a fresh browser context, as one who has never been there."""
    context = browser.new_context(viewport={"width": 1280, "height": 860})
    page = context.new_page()
    started = time.monotonic()
    page.goto(f"{url}/rings/{ring}")
    page.wait_for_selector("body[data-drawn]", timeout=60_000)
    seconds = time.monotonic() - started
    elements = int(page.locator("body").get_attribute("data-drawn") or 0)
    context.close()
    return Opened(round(seconds, 2), elements)


def exported(url: str, ring: str, name: str) -> tuple[float, float]:
    """Seconds and megabytes of an export over HTTP."""
    started = time.monotonic()
    response = requests.get(f"{url}/v1/rings/{ring}/export", params={"format": name}, timeout=300)
    response.raise_for_status()
    return round(time.monotonic() - started, 2), round(len(response.content) / 1e6, 1)


def by_hand(ring: str) -> float:
    """Seconds of the hand-written export."""
    started = time.monotonic()
    with open_graph(load_settings()) as graph:
        records, _, _ = graph.driver.execute_query(BY_HAND, id=ring, database_=graph.address.database)
    found: nx.DiGraph[str] = nx.DiGraph()
    for row in (record.data() for record in records):
        account, other = row.pop("account"), row.pop("other")
        own = {name: row.pop(name) for name in ("strength", "risk", "created_at")}
        found.add_node(account, **{name: value for name, value in own.items() if value is not None})
        found.add_edge(account, other, **row)
    nx.write_graphml(found, io.BytesIO())
    return round(time.monotonic() - started, 2)


def main() -> None:
    """Runs the bench; see the top of the file."""
    parser = argparse.ArgumentParser(description="How long people wait for a large ring.")
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium: apt-get install chromium")
    large, small = (ring(options.url, order) for order in ("desc", "asc"))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        opened(browser, options.url, small["id"])  # the browser's own first start
        pages = {"smallest": opened(browser, options.url, small["id"])}
        pages |= {"largest": opened(browser, options.url, large["id"])}
        pages |= {"largest, again": opened(browser, options.url, large["id"])}
        browser.close()
    for name, page in pages.items():
        print(f"{name:16} drawn after {page.seconds:5.2f} s, {page.elements} elements")
    graphml, megabytes = exported(options.url, large["id"], "graphml")
    hand = by_hand(large["id"])
    print(f"GraphML of {large['size']:,} accounts: {graphml} s, {megabytes} MB; by hand {hand} s")
    figures = {
        "accounts": large["size"],
        "open_s": pages["largest"].seconds,
        "open_again_s": pages["largest, again"].seconds,
        "open_smallest_s": pages["smallest"].seconds,
        "elements": pages["largest"].elements,
        "graphml_s": graphml,
        "graphml_mb": megabytes,
        "by_hand_s": hand,
    }
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
