"""The index in Valkey or Redis, for several machines. A generation is a set of small hashes (which the server packs
tightly), live records are plain keys, and `ringsight:current` names the generation that counts."""

from __future__ import annotations

import random
import secrets
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from itertools import islice
from typing import Any, TypeVar

import redis

from service.decisions.index.store import Built, Change, Meta, patience
from service.errors import SettingsError, UnavailableError
from service.in_time import Askers

T = TypeVar("T")

PREFIX = b"ringsight:"
CURRENT = PREFIX + b"current"
LIVE = PREFIX + b"live:"
BUCKET_BYTES = 2  # of a record's key choose its hash: 61 records in each of 65,536 for four million
BATCH = 5000
TIMEOUT_S = 0.25  # no question of a decision waits longer
THREADS = 16  # for questions that somebody waits for: one that hangs holds a thread
BULK_TIMEOUT_S = 30.0
LOOK_EVERY_S = 0.1
LINGER_S = 60  # an old generation stays for those who are about to read it
DOWN_S = 1.0  # after a failure decisions are told at once, and one of them asks again
BUILDING = PREFIX + b"building"  # the generations that are being built, or were when their builder died
BUILD_HOURS = 24  # no build takes longer
ATTEMPTS = 30
BACKOFF_S = 0.002

# Sets (or deletes, if the new value is empty) a key that still has the value that was read (empty: none).
_SWAP = """
local now = redis.call('GET', KEYS[1]) or ''
if now ~= ARGV[1] then return 0 end
if ARGV[2] == '' then redis.call('DEL', KEYS[1]) else redis.call('SET', KEYS[1], ARGV[2]) end
return 1
"""


class _Hurried(UnavailableError):
    """Somebody had less time than a server may take that is in order."""


class RedisStore:
    """An IndexStore in a server. Not safe across a fork."""

    def __init__(self, url: str) -> None:
        try:
            self._client = redis.Redis.from_url(url, socket_timeout=TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
            self._bulk = redis.Redis.from_url(url, socket_timeout=BULK_TIMEOUT_S, socket_connect_timeout=TIMEOUT_S)
        except ValueError as error:
            raise SettingsError(f"RINGSIGHT_INDEX: {error}; write it as redis://host:port/number") from error
        self._lock = threading.Lock()
        self._askers = Askers(THREADS, "index")
        self._name = b""
        self._meta: Meta | None = None
        self._look_at = 0.0
        self._ask_at = 0.0  # while it does not answer, when to ask again

    def meta(self) -> Meta:
        return self._current()[1]

    def now(self) -> float:
        with self._translated():
            told: Any = self._bulk.time()  # seconds and microseconds
        return float(told[0] + told[1] / 1e6)

    def base(self, keys: Sequence[bytes]) -> list[bytes | None]:
        name, _ = self._current()

        def ask() -> list[bytes | None]:
            with self._client.pipeline(transaction=False) as pipe:
                for key in keys:
                    pipe.hget(_bucket(name, key), key[BUCKET_BYTES:])  # type: ignore[arg-type]
                found: list[bytes | None] = pipe.execute()
            return found

        return self._decided(ask)

    def live(self, keys: Sequence[bytes]) -> list[bytes | None]:
        if not keys:
            return []
        found: Any = self._decided(lambda: self._client.mget([LIVE + key for key in keys]))
        return list(found)

    def change(self, keys: Sequence[bytes], change: Change) -> None:
        for some in _batches(keys):
            self._change(some, change)

    def build(self, meta: Meta, records: Iterable[tuple[bytes, bytes]]) -> Built:
        with self._generation() as name:
            count, size = self._write(name, records)
            self._bulk.set(PREFIX + name + b":meta", replace(meta, records=count).pack())
            before: Any = self._bulk.set(CURRENT, name, get=True)
            if before:
                self._retire(before)
        return Built(name.decode(), meta.accounts, count, size)

    def amend(self, meta: Meta, changes: Mapping[bytes, bytes | None]) -> Built:
        self._look_at = 0.0
        before, known = self._current()
        with self._generation() as name:
            self._copy(before, name)
            count, size = self._amend(name, changes)
            count += known.records
            self._bulk.set(PREFIX + name + b":meta", replace(meta, records=count).pack())
            # What was retired while it was copied is about to vanish, and the copy with it.
            if self._swap([(CURRENT, before, name)]) != [1]:
                raise UnavailableError("another process has built the read index meanwhile")
            self._retire(before)
        return Built(name.decode(), meta.accounts, count, size)

    @contextmanager
    def _generation(self) -> Iterator[bytes]:
        """The name of a generation that the block writes and switches to; what it leaves unfinished is retired."""
        name = f"{time.time_ns():x}-{secrets.token_hex(2)}".encode()
        with self._translated():
            self._retire_left()
            self._bulk.sadd(BUILDING, name)
            try:
                yield name
            except BaseException:
                with suppress(redis.RedisError):  # the next build does it
                    self._retire(name)
                raise
            self._look_at = 0.0
            self._bulk.srem(BUILDING, name)

    def _copy(self, source: bytes, name: bytes) -> None:
        for buckets in _batches(bucket.to_bytes(BUCKET_BYTES, "big") for bucket in range(256**BUCKET_BYTES)):
            with self._bulk.pipeline(transaction=False) as pipe:
                for bucket in buckets:
                    pipe.copy(_bucket(source, bucket), _bucket(name, bucket))  # type: ignore[arg-type]
                pipe.execute()

    def _amend(self, name: bytes, changes: Mapping[bytes, bytes | None]) -> tuple[int, int]:
        """Changes a copy of a generation; returns how many records it has more, and the bytes of those it wrote."""
        more = size = 0
        for some in _batches(changes.items()):
            with self._bulk.pipeline(transaction=False) as pipe:
                for key, value in some:
                    if value is None:
                        pipe.hdel(_bucket(name, key), key[BUCKET_BYTES:])  # type: ignore[arg-type]
                    else:
                        pipe.hset(_bucket(name, key), key[BUCKET_BYTES:], value)  # type: ignore[arg-type]
                        size += len(key) + len(value)
                done: list[int] = pipe.execute()
            more += sum(made if value is not None else -made for made, (_, value) in zip(done, some, strict=True))
        return more, size

    def _write(self, name: bytes, records: Iterable[tuple[bytes, bytes]]) -> tuple[int, int]:
        """Writes the records of a generation; returns how many and their bytes."""
        count = size = 0
        for some in _batches(records):
            with self._bulk.pipeline(transaction=False) as pipe:
                for key, value in some:
                    pipe.hset(_bucket(name, key), key[BUCKET_BYTES:], value)  # type: ignore[arg-type]
                    size += len(key) + len(value)
                pipe.execute()
            count += len(some)
        return count, size

    def sweep(self, left: Callable[[bytes], bytes | None]) -> int:
        swept = 0
        with self._translated():
            for keys in _batches(self._bulk.scan_iter(match=LIVE + b"*", count=BATCH)):
                values: Any = self._bulk.mget(keys)
                there = [(key, value) for key, value in zip(keys, values, strict=True) if value is not None]
                swaps = [(key, value, left(value) or b"") for key, value in there]
                swaps = [swap for swap in swaps if swap[1] != swap[2]]
                swept += sum(ok for ok, swap in zip(self._swap(swaps), swaps, strict=True) if not swap[2])
        return swept

    def close(self) -> None:
        self._askers.close()
        self._client.close()
        self._bulk.close()

    def _change(self, keys: list[bytes], change: Change) -> None:
        for attempt in range(ATTEMPTS):
            time.sleep(attempt * random.uniform(0, BACKOFF_S))  # two writers must not stay in step
            swaps = []
            with self._translated():
                before: Any = self._bulk.mget([LIVE + key for key in keys])
                for key, old in zip(keys, before, strict=True):
                    new = change(key, old)
                    if new != old:
                        swaps.append((LIVE + key, old or b"", new or b""))
                done = self._swap(swaps)
            keys = [swap[0][len(LIVE) :] for swap, ok in zip(swaps, done, strict=True) if not ok]
            if not keys:
                return
        raise UnavailableError(f"{len(keys)} records of the read index are changed by others all the time")

    def _swap(self, swaps: Sequence[tuple[bytes, bytes, bytes]]) -> list[int]:
        if not swaps:
            return []
        script = self._bulk.register_script(_SWAP)
        with self._bulk.pipeline(transaction=False) as pipe:
            for key, old, new in swaps:
                script(keys=[key], args=[old, new], client=pipe)
            done: list[int] = pipe.execute()
        return done

    def _retire(self, name: bytes) -> None:
        with self._bulk.pipeline(transaction=False) as pipe:
            for bucket in range(256**BUCKET_BYTES):
                pipe.expire(_bucket(name, bucket.to_bytes(BUCKET_BYTES, "big")), LINGER_S)
            pipe.expire(PREFIX + name + b":meta", LINGER_S)
            pipe.srem(BUILDING, name)
            pipe.execute()

    def _retire_left(self) -> None:
        """Retires what builders that died left: the server has no room for many generations."""
        left: Any = self._bulk.smembers(BUILDING)
        current: Any = self._bulk.get(CURRENT)
        for name in left:
            if name != current and int(name.partition(b"-")[0], 16) < time.time_ns() - BUILD_HOURS * 3600 * 10**9:
                self._retire(name)

    def _current(self) -> tuple[bytes, Meta]:
        meta = self._meta
        if meta is not None and time.monotonic() < self._look_at:
            return self._name, meta
        name: Any = self._decided(lambda: self._client.get(CURRENT))
        packed: Any = self._decided(lambda: self._client.get(PREFIX + name + b":meta")) if name else None
        if packed is None:
            raise UnavailableError(
                "there is no read index on the server; `ringsight detect` or `ringsight index rebuild` builds it"
            )
        with self._lock:
            self._name, self._meta = name, meta = name, Meta.unpack(packed)
            self._look_at = time.monotonic() + LOOK_EVERY_S
        return name, meta

    def _decided(self, question: Callable[[], T]) -> T:
        """Asks for a decision, which does not wait for a server that did not answer just now."""
        if self._ask_at:
            with self._lock:
                now = time.monotonic()
                if now < self._ask_at:
                    raise UnavailableError("the read index's server does not answer; see RINGSIGHT_INDEX")
                self._ask_at = now + DOWN_S  # this one asks, the others do not wait for it
        try:
            with self._translated():
                found = self._in_time(question)
        except _Hurried:
            raise
        except UnavailableError:
            self._ask_at = time.monotonic() + DOWN_S
            raise
        self._ask_at = 0.0
        return found

    def _in_time(self, question: Callable[[], T]) -> T:
        """Asks in a thread of its own: who sends a byte now and then never runs into a socket's limit."""
        wait = patience.get()
        if wait is None:
            return question()
        try:
            return self._askers.ask(question, min(wait.due - time.monotonic(), TIMEOUT_S))
        except TimeoutError:
            slow = UnavailableError if wait.seconds >= TIMEOUT_S else _Hurried
            raise slow("the read index's server is too slow for the deadline; see RINGSIGHT_INDEX") from None

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except redis.RedisError as error:
            raise UnavailableError(f"the read index's server does not answer ({error}); see RINGSIGHT_INDEX") from error


def _batches(items: Iterable[T]) -> Iterator[list[T]]:
    source = iter(items)
    while some := list(islice(source, BATCH)):
        yield some


def _bucket(name: bytes, key: bytes) -> bytes:
    return PREFIX + name + b":" + key[:BUCKET_BYTES]
