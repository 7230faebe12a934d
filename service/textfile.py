"""Text files that people name in settings and on the command line."""

from __future__ import annotations

import errno
import stat
from pathlib import Path

from service.first_bytes import HEAD_BYTES, other_than_text


def read_text(path: Path) -> str:
    """What a file says; a mark of the byte order, as editors on Windows put it, is no part of it.

    Raises OSError, of a pipe or a folder too (a pipe would be waited for), whose `strerror` says what the file is if it
    is known to be something else, and UnicodeDecodeError if it is not UTF-8.
    """
    if not stat.S_ISREG(path.stat().st_mode):
        raise OSError(errno.EINVAL, "it is no regular file")
    with path.open("rb") as file:
        other = other_than_text(file.read(HEAD_BYTES))
    if other:
        raise OSError(errno.EINVAL, f"it is {other.name}: {other.remedy}")
    return path.read_text(encoding="utf-8-sig")
