"""Backup and restore of a home: the database's dump and every file that can't be made again, in one tar file.

Left out: the engine's programs and logs, the read index (`ringsight index rebuild` makes it again), the demo's home and
unfinished work. The file holds the home's keys, so only its owner can read it.
"""

from __future__ import annotations

import json
import lzma
import os
import shutil
import sqlite3
import tarfile
import tempfile
import zlib
from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath

from service import formats, home_lock
from service.engine import admin, local, replaced
from service.engine.store import sha256
from service.errors import ConflictError, EngineError, InputError, NotFoundError
from service.settings import Settings

LEFT_OUT = frozenset({"engine", "index", "demo", replaced.KEPT_IN})
LEFT_OUT_ENDINGS = (".lock", ".tmp", "-wal", "-shm")
LEFT_OUT_STARTS = (".", "backfill")  # folders, and files at the top
# What tarfile and json raise at bytes that are no backup.
UNREADABLE = (
    *(tarfile.TarError, EOFError, zlib.error, lzma.LZMAError),
    *(OSError, ValueError, TypeError, RecursionError),
)
SQLITE_HEAD = b"SQLite format 3\x00"
DUMP = "graph.dump"
MANIFEST = "manifest.json"


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a backup holds: when and from which engine line it was made, and the sha256 of each file.

    `sums` names files below `home/` and, if the graph was the local engine's, its dump.
    """

    made_at: str
    engine_line: str
    sums: dict[str, str]

    @property
    def has_graph(self) -> bool:
        return DUMP in self.sums


def backup(settings: Settings, file: Path) -> Manifest:
    """Writes a backup of the home to `file`, whole or not at all. The local engine must be stopped.

    With a graph database of your own (neo4j_uri) the graph is not in it. Raises ConflictError, EngineError, InputError.
    """
    file = target(settings, file)
    with tempfile.TemporaryDirectory(dir=file.parent, prefix=".backup-") as work:
        content = Path(work) / "content"
        # The graph first: what the event log gets after it is read again from the place that the graph remembers.
        content.mkdir()
        if settings.neo4j_uri is None and admin.has_data(settings):
            admin.dump(settings, content / DUMP)
        for path in kept_files(settings.home):
            _copy(path, content / "home" / path.relative_to(settings.home))
        sums = {path.relative_to(content).as_posix(): sha256(path) for path in _files(content)}
        manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), settings.engine_line, sums)
        (content / MANIFEST).write_text(json.dumps(asdict(manifest), indent=1), encoding="utf-8")
        _pack(content, Path(work) / "backup.tar")
        (Path(work) / "backup.tar").replace(file)
    return manifest


def target(settings: Settings, file: Path) -> Path:
    """Where the backup goes, as a whole path: neo4j-admin runs in another folder. Raises InputError if it can't be
    written there and NotFoundError if there is nothing to back up. Ask it before the engine is stopped."""
    file = file.absolute()
    if not settings.home.is_dir():
        raise NotFoundError(f"there is nothing to back up: {settings.home} does not exist")
    if not file.parent.is_dir():
        raise InputError(f"can't write {file}: there is no folder {file.parent}; make it first")
    if not os.access(file.parent, os.W_OK):
        raise InputError(f"can't write {file}: the folder {file.parent} may not be written")
    return file


def kept_files(home: Path) -> Iterator[Path]:
    """The files of a home that a backup holds."""
    for path in _files(home):
        parts = path.relative_to(home).parts
        if (
            parts[0] not in LEFT_OUT
            and not any(part.startswith(LEFT_OUT_STARTS) for part in (parts[0], *parts[:-1]))
            and not path.name.endswith(LEFT_OUT_ENDINGS)
        ):
            yield path


def restore(settings: Settings, file: Path, *, overwrite: bool) -> Manifest:
    """Makes the home what it was when `file` was written. The whole file is checked before anything is changed, and
    what is restored once more afterwards; if something fails the home is as it was before.

    What the home held is kept in its folder `replaced` (see undo). Raises ConflictError while anything uses the home,
    or if it holds something and `overwrite` is not set, InputError if the file is not a whole backup, and SettingsError
    if a newer version made it.
    """
    if not file.is_file():
        raise NotFoundError(f"there is no file {file}")
    home = settings.home
    with home_lock.alone(home):
        replaced.recover(home)
        if not overwrite and (admin.has_data(settings) or any(kept_files(home))):
            raise ConflictError(f"{home} is not empty; give --overwrite to replace all that it holds")
        local.refuse_if_running(home)
        with tempfile.TemporaryDirectory(dir=home, prefix=replaced.UNPACKED) as work:
            manifest = _unpack(file, Path(work))
            _refuse_newer(settings, file, Path(work), manifest)
            _put_in_place(settings, Path(work), manifest)
    return manifest


def _refuse_newer(settings: Settings, file: Path, content: Path, manifest: Manifest) -> None:
    formats.home_is_old(content / "home", f"the backup {file}")  # an old one is brought up when it is used
    if manifest.has_graph and _order(manifest.engine_line) > _order(settings.engine_line):
        raise ConflictError(
            f"{file} was made on Neo4j {manifest.engine_line} and can't go back to {settings.engine_line}; "
            f"set RINGSIGHT_ENGINE_LINE={manifest.engine_line}"
        )


def _put_in_place(settings: Settings, content: Path, manifest: Manifest) -> None:
    home = settings.home
    with replaced.replacing(home, graph=manifest.has_graph):
        if manifest.has_graph:
            admin.load(settings, content / DUMP)
        for path in _files(content / "home"):
            target = home / path.relative_to(content / "home")
            target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.replace(target)
        _check_restored(home, manifest)


def undo(settings: Settings) -> None:
    """Brings back what the last restore replaced; what it restored is what is kept then. Of one that was killed, only
    puts back what it had moved. Raises NotFoundError."""
    with home_lock.alone(settings.home):
        local.refuse_if_running(settings.home)
        if not replaced.recover(settings.home):
            replaced.bring_back(settings.home)


def _check_restored(home: Path, manifest: Manifest) -> None:
    """Raises EngineError if a file is not what the backup holds, or a database that SQLite finds no fault in."""
    for name, expected in manifest.sums.items():
        if name == DUMP:
            continue
        path = home / PurePosixPath(name).relative_to("home")
        if not path.is_file() or sha256(path) != expected:
            raise EngineError(f"{path} is not what was backed up, once restored; is the disk sound?")
        if _is_database(path):
            fault = _fault(path)
            if fault != "ok":
                raise EngineError(
                    f"the database {path.name} of the backup is damaged ({fault}); use another one, or take its other "
                    "files out by hand: it is a tar file"
                )


def _fault(database: Path) -> str:
    """What SQLite finds wrong with a database that nobody has open; "ok" if nothing."""
    try:
        with closing(sqlite3.connect(f"{database.absolute().as_uri()}?immutable=1", uri=True)) as opened:
            (found,) = opened.execute("PRAGMA quick_check(1)").fetchone()
            return str(found)
    except sqlite3.DatabaseError as error:
        return str(error)


def _order(line: str) -> tuple[int, ...]:
    return tuple(int(part) for part in line.split("."))


def _files(folder: Path) -> Iterator[Path]:
    """Every regular file below a folder, in a fixed order; links are not followed."""
    for base, folders, names in os.walk(folder):
        folders.sort()
        yield from (path for name in sorted(names) if (path := Path(base) / name).is_file() and not path.is_symlink())


def _copy(source: Path, target: Path) -> None:
    """Copies a file; an SQLite database as of one moment, though others may write to it."""
    target.parent.mkdir(parents=True, exist_ok=True)
    if _is_database(source):
        with (
            closing(sqlite3.connect(f"{source.absolute().as_uri()}?mode=ro", uri=True)) as live,
            closing(sqlite3.connect(target)) as copy,
        ):
            live.backup(copy)
        shutil.copymode(source, target)
    else:
        shutil.copy2(source, target)


def _is_database(path: Path) -> bool:
    with path.open("rb") as file:
        return file.read(len(SQLITE_HEAD)) == SQLITE_HEAD


def _pack(content: Path, file: Path) -> None:
    descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as out, tarfile.open(fileobj=out, mode="w") as archive:
        archive.add(content / MANIFEST, MANIFEST)
        for path in _files(content):
            if path.name != MANIFEST:
                archive.add(path, path.relative_to(content).as_posix())


def _unpack(file: Path, content: Path) -> Manifest:
    remedy = "use another backup"
    try:
        with tarfile.open(file) as archive:
            archive.extractall(content, filter="data")
        manifest = _manifest(content / MANIFEST)
    except UNREADABLE as error:
        raise InputError(f"{file} is not a whole backup ({error}); {remedy}") from error
    held = {path.relative_to(content).as_posix() for path in _files(content)} - {MANIFEST}
    if more := sorted(held - set(manifest.sums)):
        raise InputError(f"{file} is damaged: it holds {more[0]}, which its manifest does not name; {remedy}")
    for name, expected in manifest.sums.items():
        if name not in held or sha256(content / PurePosixPath(name)) != expected:
            raise InputError(f"{file} is damaged: {name} is not what was backed up; {remedy}")
    return manifest


def _manifest(path: Path) -> Manifest:
    """The manifest of a backup. Raises ValueError or TypeError if it is none."""
    manifest = Manifest(**json.loads(path.read_text(encoding="utf-8")))
    sums = manifest.sums
    if not (isinstance(manifest.made_at, str) and isinstance(sums, dict) and isinstance(manifest.engine_line, str)):
        raise TypeError("its manifest is none")
    if any(name != DUMP and not name.startswith("home/") for name in sums):
        raise ValueError("its manifest names what no home holds")
    _order(manifest.engine_line)
    return manifest
