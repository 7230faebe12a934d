"""The quality bench on the real product: its last line, and that it leaves no process when told to stop."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

BENCH = Path(__file__).resolve().parents[2] / "bench" / "quality.py"
SMALL = ["--data", "daily", "--accounts", "2000", "--no-baselines"]


def _environment(tmp_path: Path) -> dict[str, str]:
    small = {"RINGSIGHT_ENGINE_HEAP_MB": "700", "RINGSIGHT_ENGINE_PAGECACHE_MB": "128"}
    return {**os.environ, **small, "TMPDIR": str(tmp_path)}


def _engines(folder: Path) -> list[psutil.Process]:
    found = []
    for process in psutil.process_iter(["cmdline"]):
        if any(str(folder) in part for part in process.info["cmdline"] or []) and "java" in process.info["cmdline"][0]:
            found.append(process)
    return found


@pytest.mark.slow
def test_the_last_line_holds_the_figures_and_nothing_is_left(tmp_path: Path) -> None:
    command = [sys.executable, str(BENCH), *SMALL, "--out", str(tmp_path / "kept")]
    done = subprocess.run(command, env=_environment(tmp_path), capture_output=True, text=True, timeout=500)
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout.splitlines()[-1])
    assert {"auc", "average_precision", "precision", "recall", "honest_flagged", "kept_ids"} <= set(figures)
    assert figures["auc"] > 0.9 and figures["average_precision"] > 0.5
    assert (tmp_path / "kept" / "daily-1" / "scores.parquet").is_file()
    assert not _engines(tmp_path) and not list(tmp_path.glob("ringsight-*"))


@pytest.mark.slow
def test_told_to_stop_it_stops_its_engine(tmp_path: Path) -> None:
    running = subprocess.Popen(
        [sys.executable, str(BENCH), *SMALL], env=_environment(tmp_path), stdout=subprocess.DEVNULL
    )
    try:
        until = time.monotonic() + 240
        while not _engines(tmp_path) and running.poll() is None and time.monotonic() < until:
            time.sleep(0.2)
        assert _engines(tmp_path)
        running.send_signal(signal.SIGTERM)
        running.wait(timeout=120)
    finally:
        running.kill()
    assert not _engines(tmp_path) and not list(tmp_path.glob("ringsight-*"))
