"""Who uses a home: every server, worker and command shares a lock on it, and a restore takes it alone; so does the
first one of a newer version, while it brings the home up to its format.

The system frees a lock when its holder dies, so that it can't go stale.
"""

from __future__ import annotations

import fcntl
import random
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from service import formats
from service.engine import replaced
from service.errors import ConflictError, SettingsError
from service.logs import log
from service.private import LOCK

TRIES = 20
WAIT_S = 0.1
IN_USE = "is in use: stop its server, its workers and every other command on it first"


def share(home: Path) -> IO[str] | None:
    """Holds the home until the file is closed, brought up to this version's format. None if the home can't be written:
    then nobody restores into it. Raises ConflictError while it is being restored or brought up, and SettingsError if a
    newer version wrote it, or an older one and it can't be written."""
    try:
        home.mkdir(parents=True, exist_ok=True)
        file = (home / LOCK).open("a")
    except OSError as error:
        if formats.home_is_old(home):
            raise SettingsError(
                f"{home} has to be brought up to this version of Ringsight, but can't be written ({error.strerror}): "
                "run a command once as a user who may, or leave it to the version that wrote it"
            ) from None
        return None
    try:
        _share(file, home)
    except BaseException:
        file.close()
        raise
    return file


def _share(file: IO[str], home: Path) -> None:
    for _ in range(TRIES):
        held = f"{home} is being restored or brought up; try again once that is done"
        if _lock(file, fcntl.LOCK_SH):
            unfinished = replaced.is_unfinished(home)
            if not unfinished and not formats.home_is_old(home):
                with suppress(OSError):  # a full disk: the next one notes it
                    formats.note_home(home)
                return
            why = "mended after a restore that was killed" if unfinished else "brought up to this version of Ringsight"
            held = f"{home} has to be {why}, but it {IN_USE}"
            if _lock(file, fcntl.LOCK_EX):
                _mend(home)
                continue
        fcntl.flock(file, fcntl.LOCK_UN)  # of two that begin at once, one gets it
        time.sleep(random.uniform(0.5, 1.5) * WAIT_S)
    raise ConflictError(held)


def _mend(home: Path) -> None:
    """With the home to itself."""
    if replaced.is_unfinished(home):
        replaced.recover(home)
        log.warning("%s: a restore was killed half way; what it had moved is in its place again", home)
    else:
        formats.bring_home_up(home)


def _lock(file: IO[str], mode: int) -> bool:
    try:
        fcntl.flock(file, mode | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def alone(home: Path) -> Iterator[None]:
    """Holds the home while nobody else does. Raises ConflictError."""
    home.mkdir(parents=True, exist_ok=True)
    with (home / LOCK).open("a") as file:
        if not _lock(file, fcntl.LOCK_EX):
            raise ConflictError(f"{home} {IN_USE}")
        yield
