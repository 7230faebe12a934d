"""What XML 1.0 can't hold. Ids may have such characters (U+FFFE); one of them and no program reads the file."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from functools import wraps
from typing import ParamSpec

_FORBIDDEN = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

Arguments = ParamSpec("Arguments")


def without_forbidden(text: str) -> str:
    """The text with `\\uXXXX` in place of what no XML can hold."""
    return _FORBIDDEN.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def well_formed(write: Callable[Arguments, Iterator[str]]) -> Callable[Arguments, Iterator[str]]:
    """Makes what a writer of XML yields free of them."""

    @wraps(write)
    def written(*arguments: Arguments.args, **named: Arguments.kwargs) -> Iterator[str]:
        return map(without_forbidden, write(*arguments, **named))

    return written
