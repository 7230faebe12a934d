"""A full disk under Neo4j itself: a sentence in all that needs it."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import pytest
import requests

from service.net import free_port
from tests.support import crowd, events, guardian

pytestmark = pytest.mark.faults
SIZE = "700m"
REMEDY = "its disk is full or broken. Make room"


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


def environment(home: Path) -> dict[str, str]:
    own = {"HOME": str(home), "AUTH": "off", "ENGINE_HEAP_MB": "1000", "ENGINE_PAGECACHE_MB": "128"}
    whole = os.environ | {f"RINGSIGHT_{name}": value for name, value in own.items()}
    whole.pop("RINGSIGHT_NEO4J_URI", None)
    return whole


def command(home: Path, *arguments: str) -> tuple[int, str]:
    call = [sys.executable, "-m", "service.cli", *arguments]
    done = subprocess.run(call, env=environment(home), capture_output=True, text=True, check=False)
    return done.returncode, done.stdout + done.stderr


@contextmanager
def serving(home: Path) -> Iterator[str]:
    """The address of `ringsight serve` for the home."""
    port = free_port(8950)
    call = [sys.executable, "-m", "service.cli", "serve", "--port", str(port), "--workers", "1"]
    with subprocess.Popen(call, env=environment(home)) as process:
        try:
            url = f"http://127.0.0.1:{port}"
            wait_for(lambda: requests.get(f"{url}/healthz", timeout=5).ok)
            yield url
        finally:
            process.terminate()


def wait_for(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        with suppress(requests.ConnectionError):
            if holds():
                return
        time.sleep(0.1)
    raise AssertionError("it did not come to hold")


def fill(path: Path) -> None:
    with pytest.raises(OSError, match="No space left"), path.open("wb", buffering=0) as file:
        while True:
            file.write(bytes(1 << 20))


def listed(home: Path) -> tuple[str, str]:
    """The rings and the scores of all accounts."""
    file = home / "scores.csv"
    code, rings = command(home, "rings", "list")
    assert code == command(home, "scores", "--out", str(file))[0] == 0, rings
    return rings, file.read_text()


def test_a_full_disk_is_a_sentence_and_a_start_brings_all_back(home: Path, tmp_path: Path) -> None:
    people = crowd.people()
    first = events.write(tmp_path / "0.jsonl", [*people[:800], *crowd.ring("r", 9)])
    second = events.write(tmp_path / "1.jsonl", people[800:])
    assert command(home, "engine", "start")[0] == 0
    assert command(home, "ingest", str(first))[0] == command(home, "detect")[0] == 0
    before = listed(home)
    filler = home / "engine" / "data" / "filler"
    with serving(home) as url:
        wait_for(lambda: requests.get(f"{url}/v1/rings", timeout=5).ok)
        fill(filler)
        for arguments in (
            ("ingest", str(second)),
            ("detect",),
            ("rings", "list"),
            ("scores", "--out", str(tmp_path / "s.csv")),
        ):
            code, said = command(home, *arguments)
            assert (code, "Traceback" in said, REMEDY in said) == (1, False, True), said
        wait_for(lambda: requests.get(f"{url}/v1/accounts/r1/risk", timeout=5).json()["degraded"])
        answer = requests.get(f"{url}/v1/rings", timeout=5)
        assert (answer.status_code, REMEDY in answer.json()["detail"]) == (503, True)
        assert requests.post(f"{url}/v1/risk/signup", json={"device_id": "burner r"}, timeout=5).json()["score"] > 0
        filler.unlink()
        code, said = command(home, "engine", "start")
        assert (code, "it is killed, and what was confirmed stays" in said) == (0, True), said
        assert listed(home) == before
        wait_for(lambda: requests.get(f"{url}/v1/rings", timeout=5).ok)
    fill(filler)
    assert command(home, "ingest", str(second))[0] == 1
    code, said = command(home, "engine", "start")
    assert (code, f"no disk space for the engine: {filler.parent} has 0 MB free" in said) == (1, True), said
    filler.unlink()
    assert command(home, "engine", "start")[0] == 0
    fill(filler)
    assert command(home, "ingest", str(second))[0] == 1
    filler.unlink()
    code, said = command(home, "engine", "stop")
    assert (code, "it is killed, and what was confirmed stays" in said) == (0, True), said
    assert command(home, "engine", "start")[0] == 0
    assert listed(home) == before
    code, said = command(home, "ingest", str(second))
    assert (code, "400 events (0 refused, 0 duplicates)" in said) == (0, True), said
    code, said = command(home, "detect")
    assert (code, " of 609 accounts are in rings" in said) == (0, True), said
