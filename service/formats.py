"""The format of what is kept: of a home's files, of the event log, and of the graph (service/graph/graph_format.py).

Each carries a number. What an earlier version left is brought up step by step; what a newer one wrote is left alone.
A change that an earlier version could not read, or that needs a step, adds a step here: the number follows from that.
What was written before there were numbers is of format 1. The read index is made anew in place of that.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

from service.errors import SettingsError
from service.logs import log
from service.private import FOLDERS

Step = Callable[[], object]
FILE = "format"


def parsed(text: str) -> int:
    """The number of a format. Raises ValueError if it is none: all of these are digits, and begin with 1."""
    if not text.isascii() or not text.isdigit() or int(text) < 1:
        raise ValueError(f"{text[:20]!r} is no format's number")
    return int(text)


def newest(steps: Sequence[Step]) -> int:
    """The format that this version writes."""
    return 1 + len(steps)


def refuse_newer(what: str, found: int, known: int) -> None:
    """Raises SettingsError if something is of a format that this version does not know."""
    if found > known:
        raise SettingsError(
            f"{what} is of format {found}, which a newer version of Ringsight wrote; this one knows {known}: "
            "install that version, or restore a backup from before the upgrade"
        )


def bring_up(what: str, found: int, steps: Sequence[Step], note: Callable[[int], object]) -> None:
    """Brings something of the format `found` up to this version's: `steps[0]` leads from 1 to 2. `note` keeps the
    number that is reached, so a step that was stopped before is done again. Raises SettingsError if it is newer."""
    refuse_newer(what, found, newest(steps))
    for number in range(found, newest(steps)):
        log.info("%s: from format %d to %d", what, number, number + 1)
        steps[number - 1]()
        note(number + 1)


def of_home(home: Path) -> int:
    """The format of a home's files. Raises SettingsError if the file that says so was changed."""
    path = home / FILE
    try:
        return parsed(path.read_text(encoding="ascii").strip())
    except FileNotFoundError:
        used = any((home / name).is_dir() for name in FOLDERS if name != "demo")
        return 1 if used else newest(_home_steps(home))
    except ValueError:
        raise SettingsError(
            f"{path} holds no number; put back what a backup has in its place, or delete it if the home was used by no "
            "version but this one"
        ) from None


def home_is_old(home: Path, what: str = "") -> bool:
    """Whether a home has to be brought up. Raises SettingsError, which calls it `what`, if a newer version wrote it."""
    found, known = of_home(home), newest(_home_steps(home))
    refuse_newer(what or f"the home {home}", found, known)
    return found < known


def bring_home_up(home: Path) -> None:
    """Brings a home that nobody else uses up to this version's format, and notes it."""
    bring_up(f"the home {home}", of_home(home), _home_steps(home), lambda number: note_home(home, number))


def note_home(home: Path, number: int | None = None) -> None:
    """Writes the format of a home (as a rule this version's), whole or not at all, unless that is there."""
    number = number or newest(_home_steps(home))
    path = home / FILE
    if not path.exists() or of_home(home) != number:
        draft = path.with_suffix(".tmp")
        draft.write_text(f"{number}\n", encoding="ascii")
        draft.replace(path)


def note_new(home: Path) -> None:
    """Notes the format of a home that a command of this version has made, if it has."""
    if home.is_dir() and not (home / FILE).exists():
        note_home(home)


def _home_steps(home: Path) -> list[Step]:
    # 1 to 2: records of the read index, also those that came since it was built, are written in another way.
    return [lambda: shutil.rmtree(home / "index", ignore_errors=True)]
