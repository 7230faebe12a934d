"""What a restore replaces: it is moved aside first, comes back if the restore fails, and is kept if it does not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service.engine import state
from service.errors import NotFoundError
from service.private import LOCK

KEPT_IN = "replaced"
ASIDE = ".replaced-"  # while it goes on
ALL_MOVED = ".all-moved"  # in it, once what the home holds is the restore's
UNDOING = ".undoing"  # in it, once what the home holds is what comes back
MARKS = frozenset({ALL_MOVED, UNDOING})
UNPACKED = ".restore-"  # what a restore needs only while it goes on
# Of a home, what a restore leaves where it is: the engine's programs and logs, and homes of its own.
STAYS = frozenset({"engine", "demo", KEPT_IN, LOCK})
# The database neo4j; the users, and the password of this home, are in another one that stays.
GRAPH = ("data/databases/neo4j", "data/transactions/neo4j")


@contextmanager
def replacing(home: Path, *, graph: bool) -> Iterator[None]:
    """Moves aside what the home holds (with `graph`, its database too), for the block to put something in its place.
    If the block fails all is as before; else what was there is kept in `replaced`, in place of what was kept before."""
    aside = Path(tempfile.mkdtemp(dir=home, prefix=ASIDE))
    try:
        _move_away(home, aside, graph=graph)
        (aside / ALL_MOVED).touch()
        yield
    except BaseException:
        _give_up(home, aside)
        raise
    if (home / KEPT_IN).is_dir():
        gone = Path(tempfile.mkdtemp(dir=home, prefix=UNPACKED))
        (home / KEPT_IN).rename(gone / KEPT_IN)  # at once: what is half removed is never brought back
        shutil.rmtree(gone)
    _keep(home, aside)


def is_unfinished(home: Path) -> bool:
    """Whether a restore, or an undo of one, was killed half way: what the home holds may be no whole then."""
    return any(home.glob(f"{ASIDE}*")) or any(home.glob(f"{UNPACKED}*"))


def recover(home: Path) -> bool:
    """Puts back what a restore that was killed had moved aside, or ends an undo that was; removes what it unpacked.
    Says whether there was anything to put back or to end."""
    left = list(home.glob(f"{ASIDE}*"))
    for aside in left:
        if (aside / UNDOING).exists():
            _bring_back(home, aside)
        else:
            _give_up(home, aside)
    for unpacked in home.glob(f"{UNPACKED}*"):
        shutil.rmtree(unpacked)
    return bool(left)


def bring_back(home: Path) -> None:
    """Puts what is kept in `replaced` back; what was in its place is kept then."""
    kept = home / KEPT_IN
    if not kept.is_dir():
        raise NotFoundError(f"there is nothing to bring back: {kept} does not exist")
    aside = Path(tempfile.mkdtemp(dir=home, prefix=ASIDE))
    _move_away(home, aside, graph=state.folder(kept).is_dir())
    (aside / UNDOING).touch()
    _bring_back(home, aside)


def _bring_back(home: Path, aside: Path) -> None:
    """Once all that the home held is aside: nothing that comes back meets something of its name."""
    if (home / KEPT_IN).is_dir():
        _move_back(home, home / KEPT_IN)
    _keep(home, aside)


def _keep(home: Path, aside: Path) -> None:
    """What was moved aside is kept from now on; before, whoever finds it puts it back."""
    kept = home / KEPT_IN
    aside.rename(kept)
    for name in MARKS:
        (kept / name).unlink(missing_ok=True)
    if not any(kept.iterdir()):
        kept.rmdir()


def _give_up(home: Path, aside: Path) -> None:
    if (aside / ALL_MOVED).exists():
        _remove(home, graph=state.folder(aside).is_dir())
        (aside / ALL_MOVED).unlink()
    _move_back(home, aside)


def _entries(home: Path) -> list[Path]:
    """What is moved: everything of a database that SQLite writes beside its file goes with it."""
    return [path for path in home.iterdir() if path.name not in STAYS and not path.name.startswith(".")]


def _move_away(home: Path, aside: Path, *, graph: bool) -> None:
    if graph:
        state.folder(aside).mkdir(exist_ok=True)  # says so to whoever puts it back
    for path in _entries(home):
        path.rename(aside / path.name)
    for name in GRAPH if graph else ():
        source = state.folder(home) / name
        if source.is_dir():
            target = state.folder(aside) / name
            target.parent.mkdir(parents=True)
            source.rename(target)


def _remove(home: Path, *, graph: bool) -> None:
    graphs = [state.folder(home) / name for name in GRAPH] if graph else []
    for path in [*_entries(home), *graphs]:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _move_back(home: Path, aside: Path) -> None:
    for name in GRAPH:
        source = state.folder(aside) / name
        if source.is_dir():
            target = state.folder(home) / name
            target.parent.mkdir(parents=True, exist_ok=True)
            source.rename(target)
    shutil.rmtree(state.folder(aside), ignore_errors=True)  # empty now
    for path in list(aside.iterdir()):
        if path.name not in MARKS:
            path.rename(home / path.name)
    shutil.rmtree(aside)
