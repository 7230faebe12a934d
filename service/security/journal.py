"""The journal: one line for each change and each export, each line sealed with the one before it.

Lines are JSON in RINGSIGHT_HOME/journal/journal.jsonl. A line's `seal` is an HMAC-SHA256 over the seal before it and
the line itself under a key of the home, so that a changed, removed, added or reordered line is found, also by those
who know the format. `journal.head` holds the number and seal of the last line: lines cut off at the end are found too.
When the file has grown to SEGMENT_BYTES it becomes journal-N.jsonl, where N is its last line, and the chain goes on in
a new one. Older files may be kept elsewhere, but a verification needs them all.
Whoever can write to the whole home could put an older journal and head back; `verify(expected=seal)` finds that, with
a seal that was noted elsewhere.
"""

from __future__ import annotations

import fcntl
import getpass
import hmac
import json
import os
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

from service.errors import RingsightError, UnavailableError
from service.keyfile import load_secret

FIRST_SEAL = "0" * 64
TAIL_BYTES = 1 << 14
SEGMENT_BYTES = 64 << 20


class JournalError(RingsightError):
    """The journal is not what was written."""

    code = "journal"
    title = "The journal was changed"


@dataclass(frozen=True, slots=True)
class Head:
    """The last line: its number (0: there is none) and its seal."""

    number: int
    seal: str


class Journal:
    """The journal of a home. Safe for threads and for several processes (a lock on the file)."""

    def __init__(self, home: Path) -> None:
        self.path = home / "journal" / "journal.jsonl"
        self._head_path = self.path.with_suffix(".head")
        self._key = load_secret(home, "journal")

    def append(self, *, who: str, what: str, where: str, durable: bool = True, **details: Any) -> Head:
        """Adds a line. `where`: where the request came from. `durable=False` leaves the write to the system's own
        time (it survives the process, not a power cut). Raises UnavailableError if it can't be written."""
        line = {"at": _now(), "who": who, "what": what, "from": where}
        line |= {key: value for key, value in details.items() if value not in (None, "", {})}
        try:
            with self._locked() as file:
                head = self._mended(file)
                size = file.tell()
                try:
                    head = self._write(file, head, line)
                    if durable:
                        os.fsync(file.fileno())
                except OSError:
                    with suppress(OSError):  # who asked is told that there is no line, so there is none
                        os.ftruncate(file.fileno(), size)
                    raise
                return head
        except OSError as error:
            raise UnavailableError(f"the journal {self.path} can't be written: {error}") from error

    def lines(self) -> Iterator[dict[str, Any]]:
        """All lines, oldest first, unverified, without a last one that a crash tore. Raises JournalError."""
        for path in self._files():
            with path.open("rb") as file:
                for number, raw in enumerate(file, 1):
                    if raw.endswith(b"\n"):
                        yield self._parsed(raw, number)

    def _files(self) -> list[Path]:
        """The files of the journal, oldest first."""
        older = self.path.parent.glob(f"{self.path.stem}-*.jsonl")
        return [*sorted(older), *([self.path] if self.path.exists() else [])]

    def _parsed(self, raw: bytes, number: int) -> dict[str, Any]:
        try:
            line: dict[str, Any] = json.loads(raw)
        except ValueError:
            raise JournalError(f"{self.path}: line {number} is not a line of a journal") from None
        return line

    def verify(self, expected: str | None = None) -> Head:
        """Checks every line; returns the last. `expected`: a seal noted earlier that must be in the journal.
        Raises JournalError that names the first line that is wrong."""
        if not self._files() and not self._head_path.exists():
            head, seals = Head(0, FIRST_SEAL), {FIRST_SEAL}
        else:
            with self._reading():
                head, seals = self._verified()
        if expected is not None and expected not in seals:
            raise JournalError(f"no line has the seal {expected}: lines were taken away since it was noted")
        return head

    def _verified(self) -> tuple[Head, set[str]]:
        before = head = Head(0, FIRST_SEAL)
        seals = {FIRST_SEAL}
        for path, raw in self._raw_lines():
            number = head.number + 1
            try:
                line = json.loads(raw)
                seal = line.pop("seal")
            except (ValueError, KeyError, AttributeError, TypeError):
                raise JournalError(f"{path}: line {number} is not a line of a journal") from None
            right = self._seal(head.seal, line)
            if line.get("n") != number or not hmac.compare_digest(str(seal), right) or raw != _raw(line, right):
                raise JournalError(
                    f"{path}: line {number} does not follow from the line before it: "
                    "one of the two was changed, removed, added or moved"
                )
            before, head = head, Head(number, right)
            seals.add(right)
        stored = self._stored_head() or Head(0, FIRST_SEAL)
        if stored not in (head, before):  # a crash may fall between a line and the head
            raise JournalError(
                f"{self.path} ends with line {head.number}, but line {stored.number} was the last "
                "one written: lines were removed or added at the end"
            )
        return head, seals

    def _raw_lines(self) -> Iterator[tuple[Path, bytes]]:
        for path in self._files():
            with path.open("rb") as file:
                yield from ((path, raw) for raw in file)

    @contextmanager
    def _locked(self) -> Iterator[BinaryIO]:
        """The file to append to, which nobody else appends to meanwhile; a new one if it has grown large."""
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        while True:
            handle = os.open(self.path, os.O_RDWR | os.O_CREAT, 0o600)
            with os.fdopen(handle, "r+b") as file:
                fcntl.flock(file, fcntl.LOCK_EX)
                if not self._is_current(file):  # it became an older one while its lock was waited for
                    continue
                if os.fstat(handle).st_size >= SEGMENT_BYTES:
                    last = self._mended(file).number
                    self.path.rename(self.path.with_name(f"{self.path.stem}-{last:012d}.jsonl"))
                    continue
                yield file
                return

    def _is_current(self, file: BinaryIO) -> bool:
        try:
            return os.path.samestat(os.fstat(file.fileno()), self.path.stat())
        except FileNotFoundError:
            return False

    @contextmanager
    def _reading(self) -> Iterator[None]:
        """Keeps others from appending."""
        with ExitStack() as opened:
            while True:
                try:
                    file = opened.enter_context(self.path.open("rb"))
                except FileNotFoundError:
                    if not self._files():
                        text = f"{self.path} is not there, but its head is: the journal was removed"
                        raise JournalError(text) from None
                    break  # a crash, just when it had become an older one; the head tells if a line is missing
                fcntl.flock(file, fcntl.LOCK_SH)
                if self._is_current(file):
                    break
            yield

    def _mended(self, file: BinaryIO) -> Head:
        """What the next line follows. A line torn by a crash, which no caller was told of, goes, and a line says so.
        If more was written than the file holds, the chain goes on from there: the gap stays to be found."""
        size, tail = _tail(file)
        end = tail.rfind(b"\n") + 1
        last = _head_of(tail[:end].rstrip(b"\n").rpartition(b"\n")[2]) if size else self._last_of_older()
        stored = self._stored_head()
        head = stored if stored and stored.number > last.number else last
        torn = len(tail) - end
        file.seek(size - torn)
        if torn:
            file.truncate()
        if torn or (stored is None and last.number > 1):
            line = {"at": _now(), "who": "ringsight", "what": "journal mended", "from": "local"}
            head = self._write(file, head, {**line, "torn_bytes": torn, "head_missing": stored is None})
        return head

    def _last_of_older(self) -> Head:
        """The last line before an empty file."""
        older = [path for path in self._files() if path != self.path]
        if not older:
            return Head(0, FIRST_SEAL)
        with older[-1].open("rb") as file:
            _, tail = _tail(file)
            return _head_of(tail.rstrip(b"\n").rpartition(b"\n")[2])

    def _write(self, file: BinaryIO, head: Head, line: dict[str, Any]) -> Head:
        line = {"n": head.number + 1, **line}
        seal = self._seal(head.seal, line)
        file.write(_raw(line, seal))
        file.flush()
        draft = self._head_path.with_suffix(".draft")
        draft.write_text(f"{head.number + 1} {seal}\n", encoding="ascii")
        draft.replace(self._head_path)
        return Head(head.number + 1, seal)

    def _stored_head(self) -> Head | None:
        try:
            number, seal = self._head_path.read_text(encoding="ascii").split()
            return Head(int(number), seal)
        except (OSError, ValueError):
            return None

    def _seal(self, before: str, line: dict[str, Any]) -> str:
        return hmac.digest(self._key, before.encode() + _text(line), "sha256").hex()


def record_local(home: Path, what: str, **details: Any) -> None:
    """A line of this machine's command line, by its user."""
    Journal(home).append(who=f"local ({getpass.getuser()})", what=what, where="local", **details)


@contextmanager
def local_change(home: Path, what: str, **details: Any) -> Iterator[None]:
    """Writes the line of what the block does on this machine's command line, before it does it: without a line nothing
    is done. If it fails a second line says so. Raises UnavailableError if the line can't be written."""
    record_local(home, what, **details)
    try:
        yield
    except BaseException as error:
        with suppress(UnavailableError):
            record_local(home, what, failed=type(error).__name__)
        raise


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def _tail(file: BinaryIO) -> tuple[int, bytes]:
    """The size of a file, and as much of its end as has its last whole line, however long, and what stands after it."""
    size, length = file.seek(0, os.SEEK_END), TAIL_BYTES
    while True:
        file.seek(max(0, size - length))
        tail = file.read()
        if length >= size or b"\n" in tail[: max(0, tail.rfind(b"\n"))]:
            return size, tail
        length *= 8


def _head_of(raw: bytes) -> Head:
    if not raw:
        return Head(0, FIRST_SEAL)
    try:
        line = json.loads(raw)
        return Head(int(line["n"]), str(line["seal"]))
    except (ValueError, KeyError, TypeError):
        raise UnavailableError("the end of the journal is damaged; `ringsight journal verify` tells where") from None


def _text(line: dict[str, Any]) -> bytes:
    return json.dumps(line, ensure_ascii=False, separators=(",", ":"), default=str).encode()


def _raw(line: dict[str, Any], seal: str) -> bytes:
    return _text({**line, "seal": seal}) + b"\n"
