"""Addresses: homes, offices, carriers, VPN exits, hosting, routed IPv6 and residential proxies."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby

import numpy as np

from others.second.draws import Floats, chance, log_uniform, log_uniform_count
from others.second.profiles import Profile

RESERVED = (10, 100, 127, 169, 172, 192)  # first numbers of which at least a part is not public


def block24(rng: np.random.Generator) -> str:
    """An IPv4 /24, as its first three numbers."""
    while True:
        a, b, c = rng.integers([1, 0, 0], [223, 256, 256]).tolist()
        if a not in RESERVED:
            return f"{a}.{b}.{c}"


def block48(rng: np.random.Generator) -> str:
    """An IPv6 /48, as its first three groups."""
    a, b, c = rng.integers([0x2001, 0x100, 1], [0x2C00, 0xFFFF, 0xFFFF]).tolist()
    return f"{a:x}:{b:x}:{c:x}"


def hosts6(rng: np.random.Generator, networks: list[str]) -> list[str]:
    """An address in each /64, which are told as their first four groups."""
    groups = rng.integers(0x1000, 0xFFFF, (len(networks), 4)).tolist()
    return [f"{net}:{a:x}:{b:x}:{c:x}:{d:x}" for net, (a, b, c, d) in zip(networks, groups, strict=True)]


class Pool:
    """Exits that many share: carriers, VPN, offices, hosting. The k-th is in use as 1 / k ** skew."""

    def __init__(self, rng: np.random.Generator, ips: list[str], skew: float = 0.0) -> None:
        self.rng, self.ips = rng, ips
        use = 1.0 / np.arange(1, len(ips) + 1) ** skew
        self.cumulative = np.cumsum(use / use.sum())

    def draw(self, t: Floats) -> list[str]:
        at = np.searchsorted(self.cumulative, self.rng.random(len(t)))
        return [self.ips[min(k, len(self.ips) - 1)] for k in at.tolist()]


@dataclass(frozen=True, slots=True)
class Range6:
    """A routed /48, told as its first three groups: an address for each session."""

    rng: np.random.Generator
    block: str

    def draw(self, t: Floats) -> list[str]:
        nets = self.rng.integers(0, 0xFFFF, len(t)).tolist()
        return hosts6(self.rng, [f"{self.block}:{net:x}" for net in nets])


def range_pool(rng: np.random.Generator, blocks: int, per: int, skew: float = 0.0) -> Pool:
    """A pool of so many IPv4 /24s, with so many addresses in each (254 at most)."""
    ips = []
    for _ in range(blocks):
        block = block24(rng)
        ips += [f"{block}.{x}" for x in rng.choice(np.arange(1, 255), min(per, 254), replace=False)]
    rng.shuffle(ips)
    return Pool(rng, ips, skew)


class Networks:
    """All that is there before any account: providers and their exits."""

    def __init__(self, rng: np.random.Generator, accounts: int, profile: Profile) -> None:
        self.rng, self.accounts, self.lease = rng, accounts, profile.lease
        self.homes: list[str] = []  # each IPv4 address that a home has had so far
        self._proxy: Proxy | None = None
        self.blocks4 = [block24(rng) for _ in range(max(20, int(accounts / log_uniform(rng, 1, 20))))]
        self.blocks6 = [block48(rng) for _ in range(max(20, int(accounts / log_uniform(rng, 1, 12))))]
        per = max(2, int(accounts / log_uniform(rng, 3, 60) / 4))
        self.carriers = [
            range_pool(rng, max(1, per // 120), min(per, 120), rng.uniform(0, 0.5))
            for _ in range(log_uniform_count(rng, 2, 7))
        ]
        self.vpns = [
            range_pool(rng, log_uniform_count(rng, 1, 12), log_uniform_count(rng, 2, 40), rng.uniform(0, 1))
            for _ in range(log_uniform_count(rng, 2, 10))
        ]
        self.v6_share = min(0.95, profile.v6 * log_uniform(rng, 0.5, 1.6))

    def proxy(self) -> Proxy:
        """The residential-proxy network that everybody rents, customers and operators alike."""
        if self._proxy is None:
            self._proxy = Proxy(self, max(30, int(self.accounts * log_uniform(self.rng, 0.03, 1))))
        return self._proxy

    def isp(self) -> str:
        """A provider's IPv4 /24."""
        return self.blocks4[int(self.rng.integers(len(self.blocks4)))]

    def isp6(self) -> str:
        """A provider's IPv6 /48."""
        return self.blocks6[int(self.rng.integers(len(self.blocks6)))]

    def landline(self) -> str:
        """An IPv4 address of a provider."""
        return f"{self.isp()}.{self.rng.integers(1, 255)}"

    def home(self) -> Home:
        """A new home."""
        return Home(self, log_uniform(self.rng, *self.lease), chance(self.rng, self.v6_share))

    def carrier(self) -> Pool:
        """A carrier's exits, each carrier as likely."""
        return self.carriers[int(self.rng.integers(len(self.carriers)))]

    def vpn(self) -> Pool:
        """A VPN's exits, some far likelier than others."""
        return self.vpns[int(len(self.vpns) * self.rng.random() ** 1.7)]


class Home:
    """A landline: its address (IPv6: its /64) changes with each lease (days); all who live there share it."""

    def __init__(self, net: Networks, lease: float, v6: bool) -> None:
        self.net, self.lease, self.v6 = net, lease, v6
        self.seen: dict[int, str] = {}  # by number of the lease
        self.block = net.isp6() if v6 else net.isp()

    def _new(self) -> str:
        rng = self.net.rng
        if self.v6:
            return f"{self.block}:{rng.integers(1, 0xFFFF):x}"
        if chance(rng, 0.3):
            self.block = self.net.isp()
        ip = f"{self.block}.{rng.integers(1, 255)}"
        self.net.homes.append(ip)
        return ip

    def draw(self, t: Floats) -> list[str]:
        out: list[str] = []
        for lease, sessions in groupby(int(x // self.lease) for x in t.tolist()):
            if lease not in self.seen:
                self.seen[lease] = self._new()
            told = [self.seen[lease] for _ in sessions]
            out += hosts6(self.net.rng, told) if self.v6 else told
        return out


class Proxy:
    """A residential-proxy network: so many landlines, of which 40 % are homes that people of this world have had."""

    def __init__(self, net: Networks, size: int) -> None:
        self.rng = net.rng
        real = [net.homes[k] for k in self.rng.integers(0, len(net.homes), size).tolist()]
        near = [net.landline() for _ in range(size)]
        self.ips = [a if chance(self.rng, 0.4) else b for a, b in zip(real, near, strict=True)]

    def draw(self, t: Floats) -> list[str]:
        return [self.ips[k] for k in self.rng.integers(0, len(self.ips), len(t)).tolist()]
