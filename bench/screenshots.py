"""Takes the pictures of the documentation from a running server: `python bench/screenshots.py --url http://127.0.0.1:8000`.

Needs Chromium (a Debian package) and a server with rings on it, such as `ringsight demo`. Writes docs/images/.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import sys
import time
from pathlib import Path
from typing import Literal, TypeAlias

import requests
from PIL import Image
from playwright.sync_api import Page, ViewportSize, sync_playwright

COLOURS = 200  # of a picture in the documentation: a third of the bytes
IMAGES = Path(__file__).resolve().parents[1] / "docs" / "images"
Theme: TypeAlias = Literal["light", "dark"]
Shot: TypeAlias = tuple[str, str, Theme, ViewportSize]
WIDE: ViewportSize = {"width": 1280, "height": 860}
NARROW: ViewportSize = {"width": 390, "height": 844}


def shots(url: str) -> list[Shot]:
    """(file, path, theme, viewport) of each picture: the largest ring, the smallest, and its first member."""
    ask = {"sort": "size", "limit": "1"}
    large = requests.get(f"{url}/v1/rings", params=ask, timeout=60).json()["rings"]
    small = requests.get(f"{url}/v1/rings", params={**ask, "order": "asc"}, timeout=60).json()["rings"]
    if not large:
        return [("empty.png", "/", "light", WIDE)]
    members = requests.get(f"{url}/v1/rings/{small[0]['id']}/members", params={"limit": 1}, timeout=60).json()
    account = members["members"][0]["id"]
    return [
        ("list.png", "/", "light", WIDE),
        ("ring.png", f"/rings/{large[0]['id']}", "light", WIDE),
        ("ring-dark.png", f"/rings/{large[0]['id']}", "dark", WIDE),
        ("ring-small.png", f"/rings/{small[0]['id']}", "light", WIDE),
        ("ring-phone.png", f"/rings/{small[0]['id']}", "light", NARROW),
        ("account.png", f"/accounts/{account}", "light", WIDE),
    ]


def take(page: Page, url: str, path: str, target: Path) -> float:
    """Takes one picture. Returns the seconds until the page was drawn."""
    started = time.monotonic()
    page.goto(url + path)
    page.wait_for_selector("body[data-drawn]" if path != "/" else "#list[aria-busy=false]", timeout=60_000)
    seconds = time.monotonic() - started
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(600)
    with Image.open(io.BytesIO(page.screenshot())) as image:
        image.convert("RGB").quantize(COLOURS).save(target, optimize=True)
    return seconds


def main() -> None:
    """Takes all pictures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000")
    parser.add_argument("--out", type=Path, default=IMAGES)
    options = parser.parse_args()
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("no Chromium: apt-get install chromium")
    options.out.mkdir(parents=True, exist_ok=True)
    figures = {}
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        for name, path, theme, size in shots(options.url):
            page = browser.new_page(viewport=size, color_scheme=theme)
            figures[name] = round(take(page, options.url, path, options.out / name), 2)
            print(f"{name:16} {path:28} drawn after {figures[name]:.2f} s")
            page.close()
        browser.close()
    print(json.dumps({"seconds_until_drawn": figures}))


if __name__ == "__main__":
    main()
