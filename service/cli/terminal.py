"""What people and senders wrote, as a terminal may show it."""

from __future__ import annotations

import os
import re
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.console import Console

WIDE = 240  # more than any row of a table
# Controls (ESC and CSI start orders to the terminal), line separators, and marks that turn the direction of text.
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def plain(text: object) -> str:
    """The text with escapes as JSON has them (`\\u001b`) in place of what a terminal would obey and nobody sees."""
    return _UNSEEN.sub(lambda found: f"\\u{ord(found[0]):04x}", str(text))


def console() -> Console:
    """Prints as wide as the terminal is; into a pipe or a file a row is one line, for programs that read lines."""
    from rich.console import Console  # takes a while, and most commands need none

    return Console(width=None if sys.stdout.isatty() or "COLUMNS" in os.environ else WIDE)
