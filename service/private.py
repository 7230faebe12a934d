"""What Ringsight writes is its owner's only: it names people, and holds keys."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

UMASK = 0o077
LOCK = "home.lock"  # of a home (service/home_lock.py)
FOLDERS = ("decisions", "demo", "engine", "eventlog", "index", "journal", "keys", "rejects", "replaced")


def keep_private(home: Path) -> None:
    """Makes all that this process and its children write unreadable for others, and what earlier versions of Ringsight
    wrote into a home too. The home itself may be a folder that others use."""
    os.umask(UMASK)
    for name in FOLDERS:
        folder = home / name
        with suppress(OSError):  # somebody else's, or not there
            if folder.stat().st_mode & UMASK:
                folder.chmod(0o700)
