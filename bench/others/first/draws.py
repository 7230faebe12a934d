"""What everything in a world is drawn with: one stream of random numbers, identifiers never given twice, and moments.

The order of draws is part of what a world is: each draw more or less makes another world of the same seed."""

from __future__ import annotations

import math
from random import Random

DAY = 86_400.0  # seconds
RESERVED = (100, 127, 169, 172, 192, 198, 203)  # first bytes of IPv4 with addresses that are not public


class Draws:
    """One stream of random numbers, and the identifiers already drawn from it."""

    def __init__(self, seed: str) -> None:
        self.random = Random(seed)
        self._names: set[str] = set()
        self._slash16s: set[tuple[int, int]] = set()

    def unused(self) -> None:
        """Takes a number that nothing depends on: the author drew it, so what comes after is as it was."""
        self.random.random()

    def slash16(self) -> tuple[int, int]:
        """The first two bytes of a public IPv4 /16 that nobody has yet."""
        while True:
            pair = self.random.randrange(11, 223), self.random.randrange(0, 256)
            if pair[0] not in RESERVED and pair not in self._slash16s:
                self._slash16s.add(pair)
                return pair

    def slash32(self) -> str:
        """The first two groups of an IPv6 /32 of a provider."""
        r = self.random
        return f"2{r.choice('04a6')}{r.randrange(1, 16):x}{r.randrange(1, 16):x}:{r.randrange(4096, 65536):x}"

    def slash48(self) -> str:
        """The first three groups of an IPv6 /48 in a /32 of its own."""
        return f"{self.slash32()}:{self.random.randrange(65536):x}"

    def host_part(self) -> str:
        """The last four groups of an IPv6 address."""
        return ":".join([f"{self.random.randrange(1, 65536):x}" for _ in range(4)])

    def name(self, digits: int) -> str:
        """So many hexadecimal digits that no other identifier has."""
        while True:
            name = f"{self.random.getrandbits(4 * digits):0{digits}x}"
            if name not in self._names:
                self._names.add(name)
                return name

    def device(self) -> str:
        """A new device's identifier."""
        return self.name(16)

    def card(self) -> str:
        """A new card's fingerprint."""
        return self.name(20)

    def lognormal(self, median: float, sigma: float) -> float:
        """A log-normal number."""
        return median * math.exp(self.random.gauss(0, sigma))

    def awake(self, time: float, timezone: float) -> float:
        """The moment moved, most of the time, to waking hours of its day (`timezone`: hours before UTC)."""
        r = self.random
        if r.random() < 0.05:
            return time
        hour = r.gauss(r.choice((10.5, 15, 20.5)), 2.2) - timezone
        return (time // DAY) * DAY + (hour % 24) * 3600 + r.random() * 60
