"""Where traffic comes out: home lines, carriers, offices, VPN exits, hosting, residential proxies.

Addresses are text. Times are seconds since the data begin."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Protocol

from others.third.companies import DAY

# first octets below which all addresses are public ones
FIRST_OCTETS = [octet for octet in range(11, 223) if octet not in (100, 127, 169, 172, 192, 198, 203)]


class Exit(Protocol):
    """Something that gives a session its address."""

    def address(self, rng: random.Random, time: float) -> str:
        """The address of a session at this time."""


def _group(rng: random.Random) -> str:
    """A group of an IPv6 address: not 0, so that no address has to be shortened."""
    return f"{rng.randrange(1, 65536):x}"


def _host(net64: str, rng: random.Random) -> str:
    """A random IPv6 address inside a /64, which is given as four groups."""
    return f"{net64}:{_group(rng)}:{_group(rng)}:{_group(rng)}:{_group(rng)}"


@dataclass(slots=True)
class Home:
    """A line with a lease of so many days: its IPv4 address changes after it, its IPv6 host every day, in one /64."""

    isp: Isp
    lease: float
    v6_share: float  # of sessions
    net64: str
    leases: dict[int, str] = field(default_factory=dict)
    hosts: dict[int, str] = field(default_factory=dict)

    def address(self, rng: random.Random, time: float) -> str:
        """The address of the lease; or the host of the day, or another one in the /64."""
        if self.v6_share and rng.random() < self.v6_share:
            day = int(time / DAY)
            if day not in self.hosts:
                self.hosts[day] = _host(self.net64, rng)
            return self.hosts[day] if rng.random() < 0.6 else _host(self.net64, rng)
        number = int(time / DAY / self.lease)
        if number not in self.leases:
            self.leases[number] = self.isp.lease(rng)
        return self.leases[number]


@dataclass(slots=True)
class Isp:
    """A provider of home lines: its /24 networks, its /48 networks, and the share of its lines that have IPv6."""

    nets24: list[str]
    nets48: list[str]
    v6: float

    def lease(self, rng: random.Random) -> str:
        """An IPv4 address for a lease; another line may have it at the same time."""
        return f"{rng.choice(self.nets24)}.{rng.randrange(1, 255)}"

    def home(self, rng: random.Random) -> Home:
        """A new line. Half of the leases outlast the data."""
        lease = rng.choice([1000.0, 1000.0, rng.uniform(10, 60), rng.uniform(1, 10)])
        v6_share = rng.uniform(0.3, 0.9) if rng.random() < self.v6 else 0.0
        return Home(self, lease, v6_share, f"{rng.choice(self.nets48)}:{_group(rng)}")


@dataclass(slots=True)
class Pool:
    """Exits drawn at random for each session: a carrier's NAT, a VPN, an office, hosting. Over IPv6 it is a new /64 of
    its /48 networks every time."""

    addresses: list[str]
    v6_share: float = 0.0  # of sessions
    nets48: list[str] = field(default_factory=list)

    def address(self, rng: random.Random, time: float) -> str:
        """Any of its addresses."""
        if self.v6_share and rng.random() < self.v6_share:
            return _host(f"{rng.choice(self.nets48)}:{_group(rng)}", rng)
        return rng.choice(self.addresses)


@dataclass(slots=True)
class ResidentialProxy:
    """A network of proxies: whichever line is its peer just now."""

    peers: list[Home]

    def address(self, rng: random.Random, time: float) -> str:
        """The address that one of the lines has at this time."""
        return rng.choice(self.peers).address(rng, time)


class Network:
    """The providers, carriers and VPNs of a company's customers, and all home lines that anybody was given."""

    def __init__(self, rng: random.Random, accounts: int, v6: float) -> None:
        self.rng = rng
        self.homes: list[Home] = []
        nets_per_account, count = rng.uniform(0.15, 1.0), rng.randint(3, 9)
        self.isps = [self._isp(int(accounts * nets_per_account / count) + 5, v6) for _ in range(count)]
        self.carriers = [self._carrier(accounts, v6) for _ in range(rng.randint(2, 6))]
        self.vpns = [self.hosting(rng.randint(2, 12), rng.randint(8, 80)) for _ in range(rng.randint(3, 8))]
        for vpn in self.vpns[1:]:
            vpn.v6_share, vpn.nets48 = rng.choice([0.0, v6 * 0.6]), [self._net48()]

    def home(self) -> Home:
        """A new home line, which proxies can borrow from now on."""
        home = self.rng.choice(self.isps).home(self.rng)
        self.homes.append(home)
        return home

    def carrier(self) -> Pool:
        """One of the carriers."""
        return self.rng.choice(self.carriers)

    def office(self) -> Pool:
        """A new NAT of one, two or four addresses."""
        return self.hosting(1, self.rng.choice([1, 1, 2, 4]))

    def hosting(self, nets: int, addresses: int) -> Pool:
        """So many new addresses in so many new /24 networks."""
        nets24 = [self._net24() for _ in range(nets)]
        return Pool([f"{self.rng.choice(nets24)}.{self.rng.randrange(1, 255)}" for _ in range(addresses)])

    def v6_hosting(self, nets: int) -> Pool:
        """So many new /48 networks of hosting, with a new address for each session."""
        return Pool([], 1.0, [self._net48() for _ in range(nets)])

    def fixed(self, exit_: Exit) -> Pool:
        """The one address that this exit gives at the start of the data, for good."""
        return Pool([exit_.address(self.rng, 0.0)])

    def _net24(self) -> str:
        rng = self.rng
        return f"{rng.choice(FIRST_OCTETS)}.{rng.randrange(256)}.{rng.randrange(256)}"

    def _net32(self) -> str:
        return self._net48().rsplit(":", 1)[0]

    def _net48(self) -> str:
        rng = self.rng
        first = f"{rng.choice(['2a0', '260', '240', '280'])}{rng.randrange(1, 16):x}"
        return f"{first}:{_group(rng)}:{_group(rng)}"

    def _isp(self, nets: int, v6: float) -> Isp:
        rng, net32 = self.rng, self._net32()
        nets48 = [f"{net32}:{_group(rng)}" for _ in range(max(4, int(nets * rng.uniform(0.3, 2))))]
        return Isp([self._net24() for _ in range(nets)], nets48, min(1.0, v6 * rng.uniform(0.3, 1.6)))

    def _carrier(self, accounts: int, v6: float) -> Pool:
        rng = self.rng
        nets24 = [self._net24() for _ in range(rng.randint(2, 10))]
        count = max(12, int(accounts * rng.uniform(0.005, 0.08)))
        addresses = [f"{rng.choice(nets24)}.{rng.randrange(1, 255)}" for _ in range(count)]
        net32 = self._net32()
        nets48 = [f"{net32}:{_group(rng)}" for _ in range(rng.randint(5, 80))]
        return Pool(addresses, v6 * rng.uniform(0, 1), nets48)
