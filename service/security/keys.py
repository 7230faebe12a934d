"""API keys: made, listed, revoked and checked.

A key reads `rsk_ID_SECRET`. The secret has 256 random bits, so its plain SHA-256 is kept (docs/adr/0010-api-keys.md).
Keys are rows of an SQLite file in the home, read into memory and read again when the file changes: a check needs no
database, no lock and a few microseconds, and every worker process sees a new key at once and a
revoked one within LOOK_EVERY_S.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.errors import ConflictError, InputError, NotFoundError, UnavailableError
from service.logs import log
from service.security.roles import Role

PREFIX = "rsk"
LOOK_EVERY_S = 0.5
LAST_USED_EVERY_S = 60
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ._@-]{0,63}")
_KEY = re.compile(rf"{PREFIX}_([0-9a-f]{{12}})_[A-Za-z0-9_-]{{43}}")
_TABLE = """CREATE TABLE IF NOT EXISTS keys (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, hash BLOB NOT NULL, roles TEXT NOT NULL, created_at INTEGER NOT NULL,
  expires_at INTEGER, revoked_at INTEGER, last_used_at INTEGER) STRICT"""
_LOGOUTS = "CREATE TABLE IF NOT EXISTS logouts (session TEXT PRIMARY KEY, until INTEGER NOT NULL) STRICT"
_ADD = "INSERT INTO keys (id, name, hash, roles, created_at, expires_at) VALUES (?, ?, ?, ?, ?, ?)"
_ALL = """SELECT id, name, hash, roles, created_at, expires_at, revoked_at, last_used_at
  FROM keys ORDER BY created_at, id"""


@dataclass(frozen=True, slots=True)
class Key:
    """A key without its secret. Times are epoch seconds."""

    id: str
    name: str
    hash: bytes
    roles: frozenset[Role]
    created_at: int
    expires_at: int | None
    revoked_at: int | None
    last_used_at: int | None

    @property
    def prefix(self) -> str:
        """What may be shown: it tells keys apart and is no help to use one."""
        return f"{PREFIX}_{self.id}"

    def state(self, now: float) -> str:
        """active, expired or revoked."""
        if self.revoked_at is not None:
            return "revoked"
        return "expired" if self.expires_at is not None and self.expires_at <= now else "active"


class KeyStore:
    """The keys of a home. Safe for threads and for several processes."""

    def __init__(self, home: Path) -> None:
        self.path = home / "keys" / "api-keys.sqlite"
        self._keys: dict[str, Key] = {}
        self._ended: frozenset[str] = frozenset()  # sessions that were logged out of
        self._seen: tuple[int, int, int] | None = None
        self._look_at = 0.0
        self._noted: dict[str, float] = {}
        self._lock = threading.Lock()

    def create(self, name: str, roles: Sequence[Role], lifetime_s: int | None) -> tuple[Key, str]:
        """Makes a key; returns it and its full text, which is kept nowhere. Raises InputError or ConflictError."""
        if not NAME.fullmatch(name):
            raise InputError(f"the name {name!r} must be 1 to 64 letters, digits, spaces or ._@-", field="name")
        if not roles:
            raise InputError("a key needs at least one role", field="roles")
        if any(key.name == name and key.state(time.time()) == "active" for key in self.all()):
            raise ConflictError(f"an active key is named {name!r} already; choose another name or revoke that one")
        key_id = secrets.token_hex(6)
        text = f"{PREFIX}_{key_id}_{secrets.token_urlsafe(32)}"
        now = int(time.time())
        key = Key(
            key_id, name, _hash(text), frozenset(roles), now, now + lifetime_s if lifetime_s else None, None, None
        )
        with self._connection() as db:
            db.execute(
                _ADD,
                (key.id, name, key.hash, " ".join(sorted(key.roles)), now, key.expires_at),
            )
        return key, text

    def all(self) -> list[Key]:
        """All keys, also expired and revoked ones, oldest first."""
        if not self.path.exists():
            return []
        with self._connection() as db:
            rows = db.execute(_ALL).fetchall()
        return [_key(*row) for row in rows]

    def find(self, wanted: str) -> Key:
        """The key that is not revoked with this prefix, id or name. Raises NotFoundError."""
        wanted = wanted.strip()
        for key in self.all():
            if key.revoked_at is None and wanted in (key.id, key.prefix, key.name):
                return key
        raise NotFoundError(f"there is no key {wanted!r} that could be revoked; `ringsight keys list` shows them")

    def revoke(self, wanted: str) -> Key:
        """Ends a key at once and for good, by prefix, id or the name of an active key. Raises NotFoundError."""
        key = self.find(wanted)
        with self._connection() as db:
            db.execute("UPDATE keys SET revoked_at = ? WHERE id = ?", (int(time.time()), key.id))
        return key

    def check(self, text: str) -> Key | None:
        """The active key with this text, or None. Notes its use."""
        match = _KEY.fullmatch(text)
        key = self.active(match.group(1)) if match else None
        if key is None or not hmac.compare_digest(key.hash, _hash(text)):
            return None
        self._note_use(key)
        return key

    def active(self, key_id: str) -> Key | None:
        """The key with this id if it may be used now (for sessions, which were opened with the key)."""
        if time.monotonic() >= self._look_at or key_id not in self._keys:
            self._look()
        key = self._keys.get(key_id)
        return key if key is not None and key.state(time.time()) == "active" else None

    def end_session(self, session: str, lifetime_s: int) -> None:
        """Ends a session for every process; it is kept in mind for as long as its cookie could be used."""
        now = int(time.time())
        with self._connection() as db:
            db.execute(_LOGOUTS)
            db.execute("DELETE FROM logouts WHERE until < ?", (now,))
            db.execute("INSERT OR IGNORE INTO logouts VALUES (?, ?)", (session, now + lifetime_s))
        self._ended |= {session}

    def has_ended(self, session: str) -> bool:
        """Whether a session was logged out of. Ask `active` first, which reads the file again if it changed."""
        return session in self._ended

    def _look(self) -> None:
        """Reads the file again if it changed. A file that can't be read leaves the keys as they were known."""
        with self._lock:
            self._look_at = time.monotonic() + LOOK_EVERY_S
            try:
                stat = self.path.stat()
            except FileNotFoundError:
                self._keys, self._seen = {}, None
                return
            seen = (stat.st_ino, stat.st_mtime_ns, stat.st_size)
            if seen == self._seen:
                return
            try:
                self._keys = {key.id: key for key in self.all()}
                with self._connection() as db:
                    if db.execute("SELECT 1 FROM sqlite_master WHERE name = 'logouts'").fetchone():
                        self._ended |= {session for (session,) in db.execute("SELECT session FROM logouts")}
                self._seen = seen
            except UnavailableError as error:
                log.error("%s", error.detail)

    def _note_use(self, key: Key) -> None:
        """Writes last_used_at now and then; a use that can't be noted is still a use."""
        now = time.monotonic()
        if now < self._noted.get(key.id, 0.0):
            return
        self._noted[key.id] = now + LAST_USED_EVERY_S
        try:
            with self._connection(wait_s=0.05) as db:
                db.execute("UPDATE keys SET last_used_at = ? WHERE id = ?", (int(time.time()), key.id))
        except UnavailableError as error:
            log.warning("the use of key %s could not be noted: %s", key.prefix, error.detail)

    @contextmanager
    def _connection(self, wait_s: float = 10.0) -> Iterator[sqlite3.Connection]:
        """One transaction. The rollback journal (not WAL) makes each commit change the file's own time."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            if not self.path.exists():
                self.path.touch(mode=0o600)
            with closing(sqlite3.connect(self.path, timeout=wait_s)) as db, db:
                db.execute(_TABLE)
                yield db
        except (sqlite3.Error, OSError) as error:
            raise UnavailableError(f"the keys in {self.path} can't be read or written: {error}") from error


def _key(key_id: str, name: str, hashed: bytes, roles: str, *times: int | None) -> Key:
    created_at, expires_at, revoked_at, last_used_at = times
    assert created_at is not None
    known = frozenset(Role(role) for role in roles.split())
    return Key(key_id, name, hashed, known, created_at, expires_at, revoked_at, last_used_at)


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
