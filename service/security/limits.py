"""A token bucket for each caller, in each process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

MAX_CALLERS = 10_000


class Buckets:
    """`rate` tokens a second come into each caller's bucket, which holds BURST_S seconds of them."""

    BURST_S = 2.0

    def __init__(self, rate: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.rate = rate
        self._clock = clock
        self._full = rate * self.BURST_S
        self._buckets: dict[str, tuple[float, float]] = {}
        self._lock = threading.Lock()

    def take(self, caller: str, cost: int = 1) -> float:
        """Takes `cost` tokens and returns 0, or takes none and returns the seconds until they are there."""
        cost_or_full = min(float(cost), self._full)
        now = self._clock()
        with self._lock:
            held, at = self._buckets.get(caller, (self._full, now))
            held = min(self._full, held + (now - at) * self.rate)
            if held < cost_or_full:
                self._buckets[caller] = (held, now)
                return (cost_or_full - held) / self.rate
            if len(self._buckets) >= MAX_CALLERS and caller not in self._buckets:
                self._forget_idle(now)
            self._buckets[caller] = (held - cost_or_full, now)
            return 0.0

    def _forget_idle(self, now: float) -> None:
        """Drops full buckets: a new one is full too. If all are in use, starts afresh."""
        idle_since = now - self.BURST_S
        self._buckets = {who: (held, at) for who, (held, at) in self._buckets.items() if at > idle_since}
        if len(self._buckets) >= MAX_CALLERS:
            self._buckets.clear()
