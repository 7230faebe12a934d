"""A full disk under Neo4j itself: a sentence in all that needs it."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import crowd, events, guardian

pytestmark = pytest.mark.faults
SIZE = "700m"


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Path]:
    """A home whose engine has its data on a small file system, in memory."""
    home, data = tmp_path / "home", tmp_path / "home" / "engine" / "data"
    data.mkdir(parents=True)
    call = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(data)]
    if subprocess.run(call, capture_output=True, check=False).returncode:
        pytest.skip("no file system may be mounted here")
    watcher = guardian.watch(home)
    try:
        yield home
    finally:
        watcher.communicate()
        subprocess.run(["umount", "--lazy", str(data)], check=True)


def command(home: Path, *arguments: str) -> tuple[int, str]:
    environment = os.environ | {"RINGSIGHT_HOME": str(home), "RINGSIGHT_ENGINE_HEAP_MB": "1000"}
    environment |= {"RINGSIGHT_ENGINE_PAGECACHE_MB": "128"}
    environment.pop("RINGSIGHT_NEO4J_URI", None)
    call = [sys.executable, "-m", "service.cli", *arguments]
    done = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


def test_a_full_disk_is_a_sentence_with_the_remedy(home: Path, tmp_path: Path) -> None:
    people = crowd.people()
    first, second = (events.write(tmp_path / f"{n}.jsonl", people[n::2]) for n in (0, 1))
    assert command(home, "engine", "start")[0] == 0
    assert command(home, "ingest", str(first))[0] == command(home, "detect")[0] == 0
    filler = home / "engine" / "data" / "filler"
    with pytest.raises(OSError, match="No space left"), filler.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))
    for arguments in (
        ("ingest", str(second)),
        ("detect",),
        ("rings", "list"),
        ("scores", "--out", str(tmp_path / "s.csv")),
    ):
        code, said = command(home, *arguments)
        assert (code, "Traceback" in said, "its disk is full or broken. Make room" in said) == (1, False, True), said
    filler.unlink()  # for the engine to stop well
