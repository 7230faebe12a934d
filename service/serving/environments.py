"""LMDB environments of this process, shared: LMDB must not open the same files twice in one process."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import lmdb

_lock = threading.Lock()
_open: dict[tuple[int, int, int], tuple[lmdb.Environment, int]] = {}  # by process, device and inode; with its users


class Shared:
    """One use of the environment in a folder; `close` gives it back, and the last user's closes it."""

    def __init__(self, folder: Path, **options: Any) -> None:
        found = os.stat(folder)
        self._key = (os.getpid(), found.st_dev, found.st_ino)
        with _lock:
            environment, users = _open.get(self._key, (None, 0))
            if environment is None:
                environment = lmdb.open(str(folder), **options)
            _open[self._key] = (environment, users + 1)
        self.environment = environment

    def close(self) -> None:
        """Gives it back. Transactions of other users go on."""
        with _lock:
            environment, users = _open.pop(self._key)
            if users > 1:
                _open[self._key] = (environment, users - 1)
            else:
                environment.close()
