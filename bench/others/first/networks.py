"""Networks that accounts are used from; each gives an address for a moment (seconds) and a device."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from others.first.draws import DAY, Draws


class Network(Protocol):
    """Whatever gives addresses."""

    def ip(self, time: float, device: str) -> str:
        """The address that a device has at a moment."""


class Provider:
    """A provider's addresses: IPv4 /24s of a region, IPv6 /48s of one /32, and whether each home has its own /48."""

    def __init__(self, draws: Draws, slash24s: int, slash48s: int = 1, own_slash48: bool = False) -> None:
        self._random = r = draws.random
        self.own_slash48 = own_slash48
        self.slash24s: list[str] = []
        for _ in range(slash24s // 64 + 1):
            a, b = draws.slash16()
            third = r.randrange(0, 190)
            self.slash24s += [f"{a}.{b}.{third + k}" for k in range(64)]
        del self.slash24s[slash24s:]
        slash32 = draws.slash32()
        self.slash48s = [f"{slash32}:{r.randrange(65536):x}" for _ in range(slash48s)]

    def ipv4(self) -> str:
        """Any IPv4 address of it."""
        return f"{self._random.choice(self.slash24s)}.{self._random.randrange(1, 255)}"


class Home:
    """A household's line. IPv4: one lease after the other, of 1 to 999 days, from what all customers of the provider
    share. IPv6, if the home has it: the prefix stays, each device's host part is new each day."""

    def __init__(self, draws: Draws, provider: Provider, ipv6: float) -> None:
        self._draws, self._random, self._provider = draws, draws.random, provider
        r = draws.random
        self._lease = r.choice((1, 4, 14, 40, 90, 999)) * DAY
        self._phase = r.random() * self._lease
        self._has_ipv6 = r.random() < ipv6
        if provider.own_slash48:
            self._prefix = f"{draws.slash48()}:{r.choice((0, 1)):x}"
        else:
            self._prefix = f"{r.choice(provider.slash48s)}:{r.randrange(256):x}{r.choice((0, 1)):02x}"
        self._over_ipv6 = r.uniform(0.5, 0.95)
        self._ipv4: dict[int, str] = {}
        self._ipv6: dict[tuple[str, int], str] = {}

    def ip(self, time: float, device: str) -> str:
        """The device's IPv6 address of the day, or the lease's IPv4 address."""
        if self._has_ipv6 and self._random.random() < self._over_ipv6:
            key = device, int(time // DAY)
            if key not in self._ipv6:
                self._ipv6[key] = f"{self._prefix}:{self._draws.host_part()}"
            return self._ipv6[key]
        lease = int((time + self._phase) // self._lease)
        if lease not in self._ipv4:
            self._ipv4[lease] = self._provider.ipv4()
        return self._ipv4[lease]


class Exits:
    """Addresses (a carrier's NAT, a VPN, an office, hosting) of which each session takes one. With IPv6, a share of
    sessions has an address of the device's own in one of the /48s, new each half day."""

    def __init__(self, draws: Draws, ips: list[str], slash48s: Sequence[str] = (), over_ipv6: float = 0.0) -> None:
        self._draws, self._random = draws, draws.random
        self._ips, self._slash48s, self._over_ipv6 = ips, slash48s, over_ipv6
        self._ipv6: dict[tuple[str, int], str] = {}

    def ip(self, time: float, device: str) -> str:
        """One of the addresses."""
        r = self._random
        if self._slash48s and r.random() < self._over_ipv6:
            key = device, int(time // (DAY / 2))
            if key not in self._ipv6:
                self._ipv6[key] = f"{r.choice(self._slash48s)}:{r.randrange(65536):x}:{self._draws.host_part()}"
            return self._ipv6[key]
        return r.choice(self._ips)

    def favourites(self, count: int) -> Exits:
        """The few of these exits that one user of a VPN, or a carrier's region, gets."""
        few = self._random.sample(self._ips, min(count, len(self._ips)))
        return Exits(self._draws, few, self._slash48s, self._over_ipv6)


class ResidentialProxy:
    """A residential proxy as its ordinary customers use it: each exit is somebody's home, often a customer's own."""

    def __init__(self, draws: Draws, homes: Sequence[Home]) -> None:
        self._random, self._homes = draws.random, homes
        draws.unused()

    def ip(self, time: float, device: str) -> str:
        """The address of any of the homes."""
        return self._random.choice(self._homes).ip(time, "px")


class RentedLines(ResidentialProxy):
    """A residential proxy as an operator rents it: so many lines at once, each keeping its exit for `hold_s`."""

    def __init__(self, draws: Draws, homes: Sequence[Home], lines: int, hold_s: float) -> None:
        super().__init__(draws, homes)
        self._lines, self._hold_s = lines, hold_s
        self._held: dict[tuple[int, int], str] = {}

    def ip(self, time: float, device: str) -> str:
        """The address that one of the lines holds."""
        key = self._random.randrange(self._lines), int(time // self._hold_s)
        if key not in self._held:
            self._held[key] = super().ip(time, device)
        return self._held[key]
