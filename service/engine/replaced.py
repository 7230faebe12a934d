"""What a restore replaces: it is moved aside first, comes back if the restore fails, and is kept if it does not."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from service import home_lock
from service.engine import state
from service.errors import NotFoundError

KEPT_IN = "replaced"
ASIDE = ".replaced-"  # while it goes on
ALL_MOVED = ".all-moved"  # in it, while what the home holds is the restore's
# Of a home, what a restore leaves where it is: the engine's programs and logs, and homes of its own.
STAYS = frozenset({"engine", "demo", KEPT_IN, home_lock.NAME})
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
    shutil.rmtree(home / KEPT_IN, ignore_errors=True)
    (aside / ALL_MOVED).unlink()
    if any(aside.iterdir()):
        aside.rename(home / KEPT_IN)
    else:
        aside.rmdir()


def recover(home: Path) -> None:
    """Puts back what a restore that was killed had moved aside."""
    for aside in home.glob(f"{ASIDE}*"):
        _give_up(home, aside)


def bring_back(home: Path) -> None:
    """Puts what is kept in `replaced` back; what was in its place is kept then."""
    kept = home / KEPT_IN
    if not kept.is_dir():
        raise NotFoundError(f"there is nothing to bring back: {kept} does not exist")
    aside = Path(tempfile.mkdtemp(dir=home, prefix=ASIDE))
    _move_away(home, aside, graph=state.folder(kept).is_dir())
    _move_back(home, kept)
    aside.rename(kept)


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
        state.folder(aside).mkdir()  # says so to whoever puts it back
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
        path.rename(home / path.name)
    aside.rmdir()
