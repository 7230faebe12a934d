"""The embedded event log: one SQLite file in WAL mode. Many processes may append and read at once.

Offsets are row numbers of the whole file, so they grow in each partition too, with gaps.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from service import formats
from service.errors import UnavailableError
from service.logs import log
from service.sources import wal
from service.sources.eventlog import Entry, Record, partition_of

BUSY_S = 30.0
TRIM_ROWS = 20_000
DAY_S = 86_400
NO_END = (1 << 63) - 1

_SCHEMA = """
CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS events (
  offset INTEGER PRIMARY KEY AUTOINCREMENT, partition INTEGER NOT NULL, added INTEGER NOT NULL, body BLOB NOT NULL
);
CREATE INDEX IF NOT EXISTS events_partition ON events (partition, offset);
CREATE TABLE IF NOT EXISTS once (id TEXT PRIMARY KEY, added INTEGER NOT NULL) WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS once_added ON once (added);
CREATE TABLE IF NOT EXISTS done (partition INTEGER PRIMARY KEY, offset INTEGER NOT NULL);
"""
# Offsets between two: of the events of accounts (a JSON array), and of those added before a time that are done with.
_OF_ACCOUNTS = """
SELECT offset FROM events WHERE offset > ? AND offset <= ?
AND json_extract(CAST(body AS TEXT), '$.account_id') IN (SELECT value FROM json_each(?)) ORDER BY offset LIMIT ?
"""
_DUE = """
SELECT offset FROM events WHERE offset > ? AND offset <= ?
AND added < ? AND offset <= (SELECT offset FROM done WHERE done.partition = events.partition) ORDER BY offset LIMIT ?
"""


class SqliteLog:
    """`partitions` counts for a new file only; `keep_days` is how long events stay after the graph has them, and how
    long event ids are known. Each thread has its own connection."""

    def __init__(self, path: Path, partitions: int = 4, keep_days: int = 7) -> None:
        self.path = path
        self._keep_s = keep_days * DAY_S
        self._local = threading.local()
        self._open: list[sqlite3.Connection] = []
        path.parent.mkdir(parents=True, exist_ok=True)
        self._tell_damage()
        with self._transaction() as db:
            new = db.execute("SELECT 1 FROM sqlite_master WHERE name = 'meta'").fetchone() is None
            for statement in filter(str.strip, _SCHEMA.split(";")):
                db.execute(statement)
            self._bring_up(db, new)
            db.execute("INSERT OR IGNORE INTO meta VALUES ('partitions', ?)", (partitions,))
            db.execute("INSERT OR IGNORE INTO meta VALUES ('name', ?)", (f"embedded-{secrets.token_hex(4)}",))
            self.name: str = db.execute("SELECT value FROM meta WHERE name = 'name'").fetchone()[0]
            self._partitions: int = db.execute("SELECT value FROM meta WHERE name = 'partitions'").fetchone()[0]

    def _tell_damage(self) -> None:
        """Says so if transactions that were committed can't be read any more: SQLite goes on without them."""
        before = wal.written(self.path)
        with self._translated():
            lost = wal.passed_over(self._db(), self.path, before)
        if lost:
            log.error(
                "the event log's %s-wal is damaged: %s, of events that were taken, can't be read and are left "
                "out; check the disk, and send again what came last (event ids keep it from counting twice)",
                self.path,
                lost,
            )

    def _bring_up(self, db: sqlite3.Connection, new: bool) -> None:
        """In the transaction that opens the file, whose header has the format. Raises SettingsError."""
        steps = [lambda: _digest_ids(db)]
        found = formats.newest(steps) if new else db.execute("PRAGMA user_version").fetchone()[0] or 1
        formats.bring_up(f"the event log {self.path}", found, steps, lambda _: None)
        if new or found < formats.newest(steps):
            db.execute(f"PRAGMA user_version = {formats.newest(steps)}")

    def append(self, entries: Sequence[Entry]) -> int:
        """One transaction, on the disk when it returns."""
        now, repeated = int(time.time()), 0
        with self._transaction() as db:
            rows = []
            for entry in entries:
                if entry.once is not None:
                    added = db.execute("INSERT OR IGNORE INTO once VALUES (?, ?)", (_digest(entry.once), now)).rowcount
                    if not added:
                        repeated += 1
                        continue
                rows.append((partition_of(entry.key, self._partitions), now, entry.body))
            db.executemany("INSERT INTO events (partition, added, body) VALUES (?, ?, ?)", rows)
        return repeated

    def partitions(self) -> list[int]:
        return list(range(self._partitions))

    def read(self, partition: int, after: int, limit: int) -> list[Record]:
        with self._translated():
            rows = self._db().execute(
                "SELECT offset, body FROM events WHERE partition = ? AND offset > ? ORDER BY offset LIMIT ?",
                (partition, after, limit),
            )
            return [Record(offset, body) for offset, body in rows]

    def ends(self) -> dict[int, int]:
        """The last offset of each partition; once all is done, the offset that was done."""
        ends = dict.fromkeys(range(self._partitions), -1)
        with self._translated():
            db = self._db()
            ends.update(db.execute("SELECT partition, offset FROM done").fetchall())
            for partition in ends:
                row = db.execute("SELECT max(offset) FROM events WHERE partition = ?", (partition,)).fetchone()
                ends[partition] = max(ends[partition], -1 if row[0] is None else row[0])
        return ends

    def waiting(self) -> int:
        """Rows from the oldest event that is not done to the end of the file: two look-ups a partition."""
        with self._translated():
            db = self._db()
            done = dict(db.execute("SELECT partition, offset FROM done").fetchall())
            oldest = "SELECT min(offset) FROM events WHERE partition = ? AND offset > ?"
            first = [db.execute(oldest, (n, done.get(n, -1))).fetchone()[0] for n in range(self._partitions)]
            starts = [offset for offset in first if offset is not None]
            return db.execute("SELECT max(offset) FROM events").fetchone()[0] - min(starts) + 1 if starts else 0

    def keep(self, partitions: Collection[int]) -> None:
        """Nothing is open for a single partition."""

    def done(self, partition: int, offset: int) -> None:
        """Notes the offset and drops a few events that are older than the time to keep."""
        old = int(time.time()) - self._keep_s
        with self._transaction() as db:
            db.execute(
                "INSERT INTO done VALUES (?, ?) ON CONFLICT DO UPDATE SET offset = max(offset, excluded.offset)",
                (partition, offset),
            )
            db.execute(
                "DELETE FROM events WHERE offset IN (SELECT offset FROM events "
                "WHERE partition = ? AND offset <= ? AND added < ? ORDER BY offset LIMIT ?)",
                (partition, offset, old, TRIM_ROWS),
            )
            db.execute("DELETE FROM once WHERE id IN (SELECT id FROM once WHERE added < ? LIMIT ?)", (old, TRIM_ROWS))

    def erase(self, accounts: Collection[str]) -> int:
        """Removes all events of these accounts, also those that no worker has read. Returns how many there were.

        They are looked for while events come in; only what came meanwhile is looked for under the write lock.
        """
        names = json.dumps(list(accounts))
        with self._translated():
            db = self._db()
            db.execute("PRAGMA secure_delete = ON")  # their bytes go too, not only their rows
            end = db.execute("SELECT coalesce(max(offset), 0) FROM events").fetchone()[0]
        gone = self._remove(_OF_ACCOUNTS, names, end)
        with self._transaction() as db:
            rows = db.execute(_OF_ACCOUNTS, (end, NO_END, names, -1)).fetchall()
            gone += db.executemany("DELETE FROM events WHERE offset = ?", rows).rowcount if rows else 0
        with self._translated():
            self._db().execute("PRAGMA wal_checkpoint(TRUNCATE)")  # and so does the write-ahead log's copy
        return gone

    def expire(self, keep_days: float) -> int:
        """Removes events that the graph has and that are older than so many days. Returns how many."""
        return self._remove(_DUE, int(time.time() - keep_days * DAY_S), NO_END)

    def _remove(self, found: str, value: object, end: int) -> int:
        """Removes what a query finds up to an offset, in short transactions: finding it keeps nobody from appending."""
        after = gone = 0
        while True:
            with self._translated():
                rows = self._db().execute(found, (after, end, value, TRIM_ROWS)).fetchall()
            if not rows:
                return gone
            with self._transaction() as db:
                gone += db.executemany("DELETE FROM events WHERE offset = ?", rows).rowcount
            after = rows[-1][0]

    def close(self) -> None:
        for db in self._open:
            db.close()
        self._open.clear()
        self._local = threading.local()

    def _db(self) -> sqlite3.Connection:
        db: sqlite3.Connection | None = getattr(self._local, "db", None)
        if db is None:
            # Autocommit: transactions are begun by hand, with the write lock from the start, so none fails halfway.
            db = sqlite3.connect(self.path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
            db.execute("PRAGMA journal_mode = WAL")
            db.execute("PRAGMA synchronous = FULL")
            self._local.db = db
            self._open.append(db)
        return db

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._translated():
            db = self._db()
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
                db.execute("COMMIT")
            except BaseException:
                if db.in_transaction:
                    db.execute("ROLLBACK")
                raise

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise UnavailableError(f"the event log {self.path} can't be used now ({error}); try again") from error


def _digest_ids(db: sqlite3.Connection) -> None:
    """1 to 2: of event ids only a digest is kept."""
    db.execute("PRAGMA secure_delete = ON")
    rows = db.execute("SELECT id, added FROM once").fetchall()
    db.execute("DELETE FROM once")
    db.executemany("INSERT OR IGNORE INTO once VALUES (?, ?)", [(_digest(once), added) for once, added in rows])


def _digest(once: str) -> str:
    """What is kept of an event's id to know it again: the id itself may name a person, who may be erased."""
    return hashlib.blake2b(once.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
