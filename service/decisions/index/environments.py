"""LMDB environments of this process, shared: LMDB must not open the same files twice in one process."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import lmdb

_lock = threading.Lock()
_open: dict[tuple[int, int, int], tuple[lmdb.Environment, int]] = {}  # by process, device and inode; with its users


def _key(folder: Path) -> tuple[int, int, int]:
    try:
        found = os.stat(folder / "data.mdb")
    except FileNotFoundError:
        return (os.getpid(), 0, 0)
    return (os.getpid(), found.st_dev, found.st_ino)


class Shared:
    """One use of the environment in a folder; `close` gives it back, and the last user's closes it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        with _lock:
            environment, users = _open.get(_key(folder), (None, 0))
            if environment is None:
                environment = lmdb.open(str(folder), **options)
            self._key = _key(folder)  # of a file that is open: no other one gets its number
            _open[self._key] = (environment, users + 1)
        self.environment = environment

    def is_at(self, folder: Path) -> bool:
        """Whether the files of the folder are still those that were opened."""
        return self._key == _key(folder)

    def close(self) -> None:
        """Gives it back. Transactions of other users go on."""
        with _lock:
            environment, users = _open.pop(self._key)
            if users > 1:
                _open[self._key] = (environment, users - 1)
            else:
                environment.close()
