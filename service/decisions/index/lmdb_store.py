"""The index in LMDB: files mapped into every process. `index/live` is shared; each generation has a folder of its own,
and the file `index/current` names the one that counts. Not safe across a fork: make it in the worker."""

from __future__ import annotations

import mmap
import os
import secrets
import shutil
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import lmdb

from service.decisions.index.environments import Shared
from service.decisions.index.spool import Sorted, sort_records
from service.decisions.index.store import Built, Change, Meta
from service.errors import UnavailableError
from service.logs import log

META_KEY = b"meta"  # 4 bytes: no record has it
LIVE_BYTES = 1 << 30  # an upper bound; the file grows with its content only
LOOK_EVERY_S = 0.1
OVERHEAD = 48  # bytes of LMDB for each record, more than there are
CUT = "cut"  # beside a file that was cut short
KEEP = 2  # generations: a process may still be about to open the one before


class LmdbStore:
    """An IndexStore in a folder of this machine."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._lock = threading.Lock()
        self._live: Shared | None = None
        self._base: Shared | None = None
        self._before: Shared | None = None  # its last readers may not be done: it closes at the next switch
        self._meta: Meta | None = None
        self._name = ""
        self._look_at = 0.0
        self._look_at_live = 0.0

    def meta(self) -> Meta:
        self._current()
        assert self._meta is not None  # set with the environment
        return self._meta

    def now(self) -> float:
        return time.time()

    def base(self, keys: Sequence[bytes]) -> list[bytes | None]:
        with _translated(self.folder), self._current().begin() as read:
            return [read.get(key) for key in keys]

    def live(self, keys: Sequence[bytes]) -> list[bytes | None]:
        with _translated(self.folder), self._live_environment().begin() as read:
            return [read.get(key) for key in keys]

    def change(self, keys: Sequence[bytes], change: Change) -> None:
        with _translated(self.folder), self._live_environment().begin(write=True) as write:
            for key in keys:
                before = write.get(key)
                after = change(key, before)
                if after is None:
                    write.delete(key)
                elif after != before:
                    write.put(key, after)

    def build(self, meta: Meta, records: Iterable[tuple[bytes, bytes]]) -> Built:
        def fill(draft: Path) -> int:
            with sort_records(records, draft) as ordered:
                _write(draft, replace(meta, records=ordered.count), ordered)
                return ordered.count

        return self._generation(meta, fill)

    def amend(self, meta: Meta, changes: Mapping[bytes, bytes | None]) -> Built:
        self._look_at = 0.0
        environment = self._current()
        if (self.folder / self._name / CUT).exists():
            raise UnavailableError(f"the read index {self.folder / self._name} was cut short")

        def fill(draft: Path) -> int:
            environment.copy(str(draft), compact=True)
            return _amend(draft, meta, changes)

        return self._generation(meta, fill)

    def _generation(self, meta: Meta, fill: Callable[[Path], int]) -> Built:
        """Switches to a generation that `fill` writes into a folder; it returns the number of records."""
        name = f"g{time.time_ns():x}-{secrets.token_hex(2)}"
        draft = self.folder / f"draft-{name}"
        draft.mkdir(parents=True)
        try:
            with _translated(self.folder):
                count = fill(draft)
            draft.rename(self.folder / name)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
        self._switch(name)
        return Built(name, meta.accounts, count, (self.folder / name / "data.mdb").stat().st_size)

    def sweep(self, left: Callable[[bytes], bytes | None]) -> int:
        swept = 0
        try:
            environment = self._live_environment()
            if (self.folder / "live" / CUT).exists():
                raise UnavailableError(f"{self.folder / 'live'} was cut short")  # to walk through it could kill us
            with _translated(self.folder), environment.begin(write=True) as write:
                for key, value in list(write.cursor()):
                    after = left(value)
                    if after is None:
                        swept += write.delete(key)
                    elif after != value:
                        write.put(key, after)
        except UnavailableError:
            # Damaged. What came since the last build is in this build; what came during it, in the next.
            log.error("%s is made anew", self.folder / "live")
            shutil.rmtree(self.folder / "live", ignore_errors=True)
            self._look_at_live = 0.0
        return swept

    def close(self) -> None:
        with self._lock:
            for shared in (self._before, self._base, self._live):
                if shared is not None:
                    shared.close()
            self._before = self._base = self._live = self._meta = None
            self._name = ""

    def _current(self) -> lmdb.Environment:
        """The current generation, opened anew if it was switched."""
        base = self._base
        if base is not None and time.monotonic() < self._look_at:
            return base.environment
        with self._lock:
            name = self._read_pointer()
            if self._base is None or name != self._name:
                self._open(name)
            self._look_at = time.monotonic() + LOOK_EVERY_S
            assert self._base is not None
            return self._base.environment

    def _open(self, name: str) -> None:
        path = self.folder / name
        try:
            # Never changed after it was built: no locks.
            base = Shared(path, readonly=True, lock=False, max_spare_txns=16)
            try:
                _fill_up(path, base.environment)
                with base.environment.begin() as read:
                    meta = Meta.unpack(read.get(META_KEY) or b"")
            except BaseException:
                base.close()
                raise
        except (lmdb.Error, OSError, ValueError, TypeError, LookupError) as error:
            raise UnavailableError(
                f"the read index {path} can't be opened ({error}); build it again with `ringsight index rebuild`"
            ) from error
        if self._before is not None:
            self._before.close()
        self._before = self._base
        self._base, self._meta, self._name = base, meta, name

    def _read_pointer(self) -> str:
        try:
            return (self.folder / "current").read_text(encoding="ascii").strip()
        except FileNotFoundError:
            raise UnavailableError(
                f"there is no read index in {self.folder}; `ringsight detect` or `ringsight index rebuild` builds it"
            ) from None
        except (OSError, ValueError) as error:
            raise UnavailableError(
                f"the read index in {self.folder} can't be read ({error}); build it with `ringsight index rebuild`"
            ) from error

    def _switch(self, name: str) -> None:
        draft = self.folder / f"current.{name}"
        draft.write_text(name, encoding="ascii")
        os.replace(draft, self.folder / "current")
        self._look_at = 0.0
        kept = sorted(path for path in self.folder.glob("g*-*") if path.is_dir())[-KEEP:]
        for path in [*self.folder.glob("g*-*"), *self.folder.glob("draft-*")]:  # drafts of builders that were killed
            if path not in kept and path.name != name:
                shutil.rmtree(path, ignore_errors=True)

    def _live_environment(self) -> lmdb.Environment:
        """The live records; opened anew if a build had to make them anew."""
        live = self._live
        if live is not None and time.monotonic() < self._look_at_live:
            return live.environment
        path = self.folder / "live"
        with self._lock, _translated(path):
            if self._live is None or not self._live.is_at(path):
                path.mkdir(parents=True, exist_ok=True)
                opened = _open_live(path)
                _fill_up(path, opened.environment)
                self._live = opened  # one before it is left open: its readers may not be done
            self._look_at_live = time.monotonic() + LOOK_EVERY_S
            return self._live.environment


def _write(folder: Path, meta: Meta, ordered: Sorted) -> None:
    """Writes records in the order of their keys: full pages, and no page is written twice."""
    pages = 2 * (ordered.size + OVERHEAD * ordered.count) // mmap.PAGESIZE + 4096
    environment = lmdb.open(str(folder), map_size=pages * mmap.PAGESIZE, sync=False, lock=False)
    try:
        with environment.begin(write=True) as write:
            cursor = write.cursor()
            cursor.putmulti(ordered.records, append=True)
            write.put(META_KEY, meta.pack())
        environment.sync(True)
    finally:
        environment.close()


def _amend(folder: Path, meta: Meta, changes: Mapping[bytes, bytes | None]) -> int:
    """Changes a copy of a generation, in the order of keys. Returns the number of records."""
    values = {key: value for key, value in changes.items() if value is not None}
    size = sum(len(key) + len(value) + OVERHEAD for key, value in values.items())
    # No page of the copy is written over: all may be written again.
    pages = 2 * ((folder / "data.mdb").stat().st_size + size) // mmap.PAGESIZE + 4096
    environment = lmdb.open(str(folder), map_size=pages * mmap.PAGESIZE, sync=False, lock=False)
    try:
        with environment.begin(write=True) as write:
            for key in sorted(changes.keys() - values.keys()):
                write.delete(key)
            write.cursor().putmulti(sorted(values.items()))
            count: int = write.stat()["entries"] - 1  # without that of META_KEY
            write.put(META_KEY, replace(meta, records=count).pack())
        environment.sync(True)
    finally:
        environment.close()
    return count


def _fill_up(folder: Path, environment: lmdb.Environment) -> None:
    """Gives a file that was cut its length back, in zeros: LMDB finds those damaged, but what is missing from a mapped
    file kills the process that reads it."""
    file = folder / "data.mdb"
    length = (environment.info()["last_pgno"] + 1) * environment.stat()["psize"]
    if file.stat().st_size < length:
        log.error("%s was cut short; build the read index again with `ringsight index rebuild`", file)
        (folder / CUT).touch()
        os.truncate(file, length)


def _open_live(path: Path) -> Shared:
    """Live records, to be written if the file system can be: a home on one that can't still answers decisions."""
    try:
        return Shared(path, map_size=LIVE_BYTES, max_spare_txns=16)
    except lmdb.Error:
        if not os.statvfs(path).f_flag & os.ST_RDONLY:
            raise
        return Shared(path, readonly=True, lock=False, max_spare_txns=16)  # nobody can write it: no locks


@contextmanager
def _translated(folder: Path) -> Iterator[None]:
    try:
        yield
    except (lmdb.Error, OSError) as error:
        raise UnavailableError(
            f"the read index in {folder} can't be used ({error}); build it again with `ringsight index rebuild`"
        ) from error
