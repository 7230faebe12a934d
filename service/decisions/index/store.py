"""What keeps the read index: one small protocol over bytes, with an embedded and a networked implementation."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import asdict, dataclass
from typing import Any, Protocol

import orjson

from service.errors import UnavailableError
from service.model.evidence import RunInfo

PROBE = bytes(16)  # no record has this key; looking for it reads the index all the same
LOOK_S = 0.5  # for those who watch: of an index that takes longer, decisions at the built-in deadline have nothing
FORMAT = 3  # of the records (records.py): another one is not read

# What a live record becomes, given its key and its bytes so far; None deletes it.
Change = Callable[[bytes, bytes | None], bytes | None]


@dataclass(frozen=True, slots=True)
class Meta:
    """What an index was built from. `built` is epoch seconds: all that was in the graph before it is in the index.
    `key_id`: the token key that its identifiers are under."""

    run: RunInfo | None
    built: int
    key_id: str = ""  # an index from before it was noted
    records: int = 0
    accounts: int = 0
    version: str = ""  # as the graph knows it (cypher/serve/index_begin): what it noted since is what the index lacks
    kinds: str = ""  # the kinds of identifier that it has records of

    def pack(self) -> bytes:
        return orjson.dumps({"format": FORMAT, **asdict(self)})

    @staticmethod
    def unpack(data: bytes) -> Meta:
        values: dict[str, Any] = orjson.loads(data)
        if values.pop("format", 0) != FORMAT:
            raise UnavailableError("the read index is of another version; `ringsight index rebuild` makes it anew")
        run = values.pop("run")
        return Meta(RunInfo(**run) if run else None, **values)


@dataclass(frozen=True, slots=True)
class Built:
    """What a build wrote; `bytes` of the file, or of the records that were written."""

    name: str
    accounts: int
    records: int
    bytes: int


class IndexStore(Protocol):
    """Base records come in generations: written whole, then switched to at once, and never changed. Live records are
    beside them. Every method raises UnavailableError if the store can't be reached or was never built."""

    def meta(self) -> Meta:
        """What the current generation was built from."""

    def now(self) -> float:
        """Epoch seconds by the one clock of all who write the index: its server's, or this machine's for files."""

    def base(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Base records of the current generation, in order."""

    def live(self, keys: Sequence[bytes]) -> list[bytes | None]:
        """Live records, in order."""

    def change(self, keys: Sequence[bytes], change: Change) -> None:
        """Changes live records, each one atomically; may call `change` again for a key that another process changed."""

    def build(self, meta: Meta, records: Iterable[tuple[bytes, bytes]]) -> Built:
        """Writes a generation, switches to it and lets the old one go. Each key comes once, in any order."""

    def amend(self, meta: Meta, changes: Mapping[bytes, bytes | None]) -> Built:
        """Writes a generation that is the current one but for these records (None: there is none any more), and
        switches to it as `build` does. Raises UnavailableError also if there is no current one."""

    def sweep(self, left: Callable[[bytes], bytes | None]) -> int:
        """Makes each live record what `left` says of its bytes; says how many it deletes (None)."""

    def close(self) -> None:
        """Lets files or connections go."""


@dataclass(frozen=True, slots=True)
class Patience:
    """How long somebody waits for all that they ask: so many seconds, until `due` on the monotonic clock."""

    due: float
    seconds: float


patience: ContextVar[Patience | None] = ContextVar("patience", default=None)


@contextmanager
def waiting(seconds: float) -> Iterator[None]:
    """What is asked in the block is answered within so many seconds in all, or refused (UnavailableError), whatever the
    index's server does."""
    token = patience.set(Patience(time.monotonic() + seconds, seconds))
    try:
        yield
    finally:
        patience.reset(token)


def look(store: IndexStore) -> Meta:
    """What the current generation was built from, if its records can be read too within LOOK_S. Raises
    UnavailableError."""
    with waiting(LOOK_S):
        meta = store.meta()
        store.live([PROBE])
        store.base([PROBE])
    return meta
