"""The scripts and fonts that the pages need: fetched by a lock, complete, and noticed when changed."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path

import pytest

from service.bootstrap import application
from service.model.kinds import kinds
from service.settings import load_settings
from service.web import build

WEB = Path(build.__file__).parent


@pytest.fixture
def vendor(tmp_path: Path) -> Path:
    """A copy of what `make install` fetched."""
    assert build.is_current(), "run: make install"
    return Path(shutil.copytree(build.VENDOR, tmp_path / "vendor"))


def test_what_is_there_is_not_fetched_again(vendor: Path) -> None:
    before = {path.name: path.stat().st_mtime_ns for path in vendor.iterdir()}
    assert build.build(vendor) is False
    assert {path.name: path.stat().st_mtime_ns for path in vendor.iterdir()} == before


@pytest.mark.parametrize("damage", ["alter", "drop", "stamp", "older lock"])
def test_damage_is_noticed(vendor: Path, damage: str) -> None:
    script = vendor / "cytoscape.min.js"
    stamp = vendor / "stamp.json"
    if damage == "alter":
        script.write_bytes(script.read_bytes() + b" ")
    elif damage == "drop":
        script.unlink()
    elif damage == "stamp":
        stamp.write_text("{", encoding="utf-8")
    else:
        stamp.write_text(json.dumps({**json.loads(stamp.read_text()), "recipe": "older"}), encoding="utf-8")
    assert not build.is_current(vendor)


def test_the_lock_has_a_sum_for_every_package_and_names_no_host() -> None:
    text = (WEB / "package-lock.json").read_text(encoding="utf-8")
    packages = {name: found for name, found in json.loads(text)["packages"].items() if name}
    assert packages
    assert all(found["integrity"].startswith("sha512-") for found in packages.values())
    assert "resolved" not in text


def test_every_file_comes_with_its_licence() -> None:
    packages = {source.rpartition("/")[0].split("/dist")[0].split("/files")[0] for source in build.FILES}
    assert {f"{package}/LICENSE" for package in packages} <= set(build.FILES)


def test_templates_load_only_what_exists_and_nothing_inline() -> None:
    for template in (WEB / "templates").glob("*.html"):
        text = template.read_text(encoding="utf-8")
        for path in re.findall(r'(?:src|href)="/static/([^"]+)"', text):
            assert (WEB / "static" / path).is_file(), f"{template.name}: {path}"
        assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=", text), template.name


def test_modules_import_only_what_exists() -> None:
    for module in (WEB / "static" / "js").glob("*.js"):
        text = module.read_text(encoding="utf-8")
        for names, path in re.findall(r'import \{([^}]*)\} from "\./([^"]+)"', text):
            other = (module.parent / path).read_text(encoding="utf-8")
            for name in names.split(","):
                pattern = rf"export (?:async )?(?:function|const|class) {re.escape(name.strip())}\b"
                assert re.search(pattern, other), f"{module.name}: {name.strip()} of {path}"
                assert len(re.findall(rf"\b{re.escape(name.strip())}\b", text)) > 1, f"{module.name}: {name} is unused"


def test_every_kind_that_holds_rings_together_has_a_mark_and_a_colour() -> None:
    app = application(load_settings())
    script, styles = (app.test_client().get(path).get_data(as_text=True) for path in ("/kinds.js", "/kinds.css"))
    marks = json.loads(script.partition("IDENTIFIERS = ")[2].partition(";\n")[0])
    for kind in kinds().every:
        assert marks[kind.name]["one"] == kind.word
        assert len(marks[kind.name]["points"]) >= 4 or kind.shape == "triangle"
        assert f"svg.kind-{kind.name}" in styles
        assert f"--kind-{kind.name}: {kind.colour};" in styles
