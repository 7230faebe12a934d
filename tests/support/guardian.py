"""Stops an engine when the process that asked for it ends in any way, also by kill -9.

Run as `python -m tests.support.guardian HOME` with a pipe as standard input: its end is the asker's end.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from service.engine import local


def watch(home: Path) -> subprocess.Popen[bytes]:
    """Starts a guardian for the engine of `home`; close its standard input to have the engine stopped."""
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.guardian", str(home)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        cwd=Path(__file__).resolve().parents[2],
        start_new_session=True,
    )


if __name__ == "__main__":
    sys.stdin.buffer.read()
    local.stop(Path(sys.argv[1]))
