"""The pages of one small ring with something added to it: served to a browser, and looked at with the keyboard."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page, expect

from service.bootstrap import application, rebuild_index
from service.graph.client import Graph
from service.settings import Settings
from service.web import build
from tests.support import chromium, rings
from tests.support.rings import SMALL


@contextmanager
def served(graph: Graph, settings: Settings, added: str, parameters: dict[str, Any]) -> Iterator[str]:
    """The address of a server of a graph with the small ring and what a query adds to that."""
    build.build()
    rings.write(graph, SMALL)
    graph.driver.execute_query(added, parameters, database_=graph.address.database)
    rebuild_index(settings, graph)
    app = application(settings)
    with chromium.served(app) as found:
        yield found
    app.extensions["ringsight"].close()


def open_from_list(page: Page, width: int) -> None:
    """Goes from the list to its only ring by keyboard, in a window of this width."""
    page.set_viewport_size({"width": width, "height": 900})
    page.goto("/")
    expect(page.locator("table.rings tbody tr")).to_have_count(1)
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/rings/{SMALL.id}")


def fits(page: Page, row: str, *parts: str) -> None:
    """Whether the parts of a row are within the window, and the first of them on one line."""
    boxes = [page.locator(f"{row} {part}").first.bounding_box() for part in parts]
    window = page.evaluate("document.documentElement.clientWidth")
    assert boxes[0] is not None and boxes[0]["height"] < 30, boxes
    assert all(box is not None and box["x"] + box["width"] <= window for box in boxes), boxes
