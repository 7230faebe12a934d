"""What is drawn once for a world: its length, networks, and the events and truth that come to be in it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import accumulate

from others.first.draws import DAY, Draws
from others.first.networks import Exits, Home, Provider, ResidentialProxy
from others.first.settings import Settings

Event = tuple[str, float, str, str, str | None, str | None]
"""account, time (seconds since the world's start), type, address, device, card"""


class World(Draws):
    """A world of 90 to 180 days: 4 to 9 access providers, 2 to 5 carriers (60 to 420 exits), 3 to 6 VPNs (15 to 140
    exits), 3 clouds, cafes, and a residential proxy of 600 to 1,800 homes (for 20,000 accounts, and in proportion).

    Honest people use the proxy as well, and some of its homes are customers' own (`proxied`)."""

    def __init__(self, seed: str, settings: Settings, accounts: int) -> None:
        super().__init__(seed)
        self.settings = settings
        self.events: list[Event] = []
        self.truth: list[tuple[str, bool, str]] = []
        """account, whether fake, group"""
        self.born: dict[str, float] = {}
        """when each account signed up, seconds"""
        self._groups: dict[str, int] = {}
        r = self.random
        self.end_s = r.randint(90, 180) * DAY
        self.start = datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=r.randrange(600))
        self._draw_networks(max(0.4, accounts / 20_000))
        self.common_devices = [self.device() for _ in range(r.randint(3, 14))]
        self.unused()
        self.device_unknown = r.uniform(0.01, 0.06)

    def _draw_networks(self, scale: float) -> None:
        r = self.random
        self._providers = [
            Provider(self, int(r.uniform(150, 500) * scale), int(r.uniform(20, 90) * scale), r.random() < 0.2)
            for _ in range(r.randint(4, 9))
        ]
        self._provider_weights = list(accumulate([r.uniform(0.3, 3) for _ in self._providers]))
        self.timezone = r.choice((-8, -5, -3, 0, 1, 2, 5.5, 8))
        self.carriers = [self._carrier() for _ in range(r.randint(2, 5))]
        self.vpns = [self._vpn() for _ in range(r.randint(3, 6))]
        self.proxy_homes = [self.home() for _ in range(int(r.uniform(600, 1800) * scale))]
        self.proxy = ResidentialProxy(self, self.proxy_homes)
        self.proxied = self.proxy_homes.copy()
        self.clouds = [Provider(self, r.randint(4, 14)) for _ in range(3)]
        self.cafes = [self.exits(1) for _ in range(int(60 * scale) + 3)]

    def _carrier(self) -> Exits:
        r = self.random
        provider = Provider(self, r.randint(2, 10), r.randint(4, 30))
        ips = [provider.ipv4() for _ in range(int(r.uniform(60, 420)))]
        over_ipv6 = r.uniform(0.2, 0.8) if r.random() < self.settings.ipv6 + 0.15 else 0
        return Exits(self, list(dict.fromkeys(ips)), provider.slash48s, over_ipv6)

    def _vpn(self) -> Exits:
        provider = Provider(self, self.random.randint(3, 12))
        ips = [provider.ipv4() for _ in range(int(self.random.uniform(15, 140)))]
        return Exits(self, list(dict.fromkeys(ips)))

    def provider(self) -> Provider:
        """An access provider, large ones more often."""
        return self.random.choices(self._providers, cum_weights=self._provider_weights)[0]

    def home(self) -> Home:
        """A new household's line."""
        return Home(self, self.provider(), self.settings.ipv6)

    def exits(self, count: int) -> Exits:
        """So many addresses of access providers, as an office or a cafe has."""
        return Exits(self, [self.provider().ipv4() for _ in range(count)])

    def cloud_machine(self) -> Exits:
        """A fixed address of a cloud."""
        return Exits(self, [self.random.choice(self.clouds).ipv4()])

    def mobile(self) -> Exits:
        """What one person gets of a carrier: 6 to 60 of its exits."""
        return self.random.choice(self.carriers).favourites(self.random.randint(6, 60))

    def some_timezone(self) -> float:
        """Hours before UTC: mostly about the world's own."""
        r = self.random
        return self.timezone + r.choice((0, 0, 0, -1, 1)) if r.random() < 0.8 else r.uniform(-10, 11)

    def sessions(self) -> int:
        """How many sessions an account has, at most 120."""
        return min(120, int(self.lognormal(self.settings.sessions * 0.55, 0.9)))

    def moment(self) -> float:
        """When somebody comes, seconds: somewhat more often in the first third."""
        r = self.random
        return self.end_s * (r.random() if r.random() < 0.8 else 0.3 * r.random()) * 0.98

    def group(self, kind: str) -> str:
        """The name of a new group of a kind: kind_1, kind_2, ..."""
        self._groups[kind] = self._groups.get(kind, 0) + 1
        return f"{kind}_{self._groups[kind]}"
