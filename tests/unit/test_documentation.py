"""What exists is documented, and what is documented exists."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from service.cli import COMMANDS

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def test_settings_page_is_current() -> None:
    made = subprocess.run(
        [sys.executable, "-c", "import make_settings; print(make_settings.render(), end='')"],
        cwd=ROOT / "docs",
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    assert (ROOT / "docs" / "settings.md").read_text(encoding="utf-8") == made, "run `make docs`"


def test_every_setting_named_in_the_documentation_exists() -> None:
    from service.settings import Settings

    known = {f"RINGSIGHT_{name.upper()}" for name in Settings.model_fields}
    named = {name for page in PAGES for name in re.findall(r"RINGSIGHT_[A-Z0-9_]+", page.read_text(encoding="utf-8"))}
    assert named <= known


def test_every_command_is_in_the_readme_and_the_other_way_round() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    named = set(re.findall(r"ringsight ([a-z]+)", readme))
    assert named == set(COMMANDS)


@pytest.mark.parametrize("name", sorted(COMMANDS))
def test_every_command_has_help(name: str) -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "service.cli", name, "--help"], capture_output=True, text=True, check=False
    )
    assert shown.returncode == 0, shown.stderr
    assert "Usage: " in shown.stdout
    assert "Usage: python -m" not in shown.stdout


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_between_pages_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        if not target.startswith(("http:", "https:")):
            assert (page.parent / target).exists(), target


def test_the_kinds_of_nodes_in_exports_are_those_of_the_built_in_table() -> None:
    from service.model.kinds import kinds

    page = (ROOT / "docs" / "exports.md").read_text(encoding="utf-8")
    named = re.search(r"a kind of identifier that events bring \(([a-z_, ]+), or", page)
    assert named is not None
    assert named[1].split(", ") == [kind.name for kind in kinds().sent]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_pages_install_from_the_source(page: Path) -> None:
    """No registry has Ringsight: one that gave a package of this name would give somebody else's."""
    assert not re.findall(r"pip install [\"']?ringsight.*", page.read_text(encoding="utf-8"))
