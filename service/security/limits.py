"""A token bucket for each caller, shared by all processes of a server."""

from __future__ import annotations

import fcntl
import hashlib
import mmap
import os
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Callable

SLOTS = 1 << 14
PROBES = 8
_SLOT = struct.Struct("<Qdd")  # who, tokens held, at


class Buckets:
    """`rate` tokens a second come into each caller's bucket, which holds BURST_S seconds of them.

    Processes that fork after it was made share it. The lock is the system's own: it goes with a process that dies.
    """

    BURST_S = 2.0

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._full = rate * self.BURST_S
        with tempfile.TemporaryFile() as file:
            file.truncate(SLOTS * _SLOT.size)
            self._file = os.dup(file.fileno())
            self._table = mmap.mmap(self._file, SLOTS * _SLOT.size)
        weakref.finalize(self, os.close, self._file)
        self._lock = threading.Lock()  # the system's keeps processes apart, not threads

    def take(self, caller: str, cost: int = 1) -> float:
        """Takes `cost` tokens and returns 0, or takes none and returns the seconds until they are there. About 10
        microseconds."""
        who = int.from_bytes(hashlib.blake2b(caller.encode(), digest_size=8).digest(), "little")
        cost_or_full = min(float(cost), self._full)
        with self._lock:
            fcntl.lockf(self._file, fcntl.LOCK_EX)
            try:
                now = self._clock()
                place, held = self._find(who, now)
                enough = held >= cost_or_full
                _SLOT.pack_into(self._table, place, who, held - cost_or_full if enough else held, now)
                return 0.0 if enough else (cost_or_full - held) / self.rate
            finally:
                fcntl.lockf(self._file, fcntl.LOCK_UN)

    def _find(self, who: int, now: float) -> tuple[int, float]:
        """Where a caller's bucket is and what it holds now. A new caller gets the bucket near by that was idle longest:
        one that was idle for BURST_S is full, and so is a new one."""
        idle_place, idle_since = 0, now + 1
        for probe in range(PROBES):
            place = (who + probe) % SLOTS * _SLOT.size
            owner, held, at = _SLOT.unpack_from(self._table, place)
            if owner == who and at:
                return place, min(self._full, held + (now - at) * self.rate)
            if at < idle_since:
                idle_place, idle_since = place, at
        return idle_place, self._full
