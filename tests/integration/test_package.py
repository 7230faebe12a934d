"""The package as others build and install it: from a tree without the scripts, in an environment without Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
IN_TREE = ("pyproject.toml", "README.md", "LICENSE", "CHANGELOG.md", "service", "cypher")
VENDOR = "service/web/static/vendor/"


def run(*command: str | Path, cwd: Path) -> str:
    """Runs a command as a user would, without what this test's own environment adds. Returns what it said."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "RINGSIGHT_HOME"))}
    done = subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{command}:\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
    return done.stdout


def names(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return set(archive.namelist())


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a wheel that pip built from a fresh tree, and a source package of that tree."""
    folder = tmp_path_factory.mktemp("package")
    tree = folder / "tree"
    tree.mkdir()
    for name in IN_TREE:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("vendor", "__pycache__"))
        else:
            shutil.copy(ROOT / name, tree)
    run(sys.executable, "-m", "pip", "wheel", ".", "--no-deps", "--wheel-dir", folder / "wheel", cwd=tree)
    run(sys.executable, "-m", "hatchling", "build", "-t", "sdist", "-d", folder / "source", cwd=tree)
    return folder


def test_a_wheel_of_a_fresh_tree_has_the_scripts_and_the_queries(built: Path) -> None:
    (wheel,) = (built / "wheel").iterdir()
    found = names(wheel)
    assert f"{VENDOR}cytoscape.min.js" in found and f"{VENDOR}stamp.json" in found
    assert {path.relative_to(ROOT).as_posix() for path in (ROOT / "cypher").rglob("*.cypher")} <= found


def test_a_source_package_builds_the_same_wheel_with_nothing_left_to_fetch(built: Path) -> None:
    (source,) = (built / "source").iterdir()
    with tarfile.open(source) as archive:
        assert any(name.endswith(f"{VENDOR}stamp.json") for name in archive.getnames())
    run(sys.executable, "-m", "pip", "wheel", source, "--no-deps", "--wheel-dir", built / "again", cwd=built)
    (first,), (again,) = (built / "wheel").iterdir(), (built / "again").iterdir()
    assert names(again) == names(first)


@pytest.mark.slow
def test_the_whole_product_runs_from_the_wheel_in_a_clean_environment(built: Path) -> None:
    (wheel,) = (built / "wheel").iterdir()
    clean = built / "clean"
    venv.create(clean, with_pip=True)
    run(clean / "bin" / "pip", "install", "--quiet", wheel, cwd=built)
    said = run(clean / "bin" / "ringsight", "demo", "--check", "--accounts", "6000", cwd=built)
    assert "All three decisions are right." in said
