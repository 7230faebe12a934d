"""What honest people and campaigns have in common: addresses of carriers and VPN exits, and the proxy network."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from service.simulation.addresses import CARRIERS, HOSTING, draw_homes
from service.simulation.calendar import DAY, DAYS, LATE_DAYS, START, Floats, Ints

ADDRESSES_PER_REGION = 12  # a phone comes out of one of its region's addresses, another each time
PEOPLE_PER_CARRIER_ADDRESS = 400
PEOPLE_PER_VPN_EXIT = 1500
PEOPLE_PER_CAFE = 250
PEOPLE_PER_LEASED_ADDRESS = 3.5  # of all people; a quarter have a home whose address changes
VPN_EXITS_PER_NETWORK = 32
SLOTS_PER_ACCOUNT = 0.02  # residential exits that the proxy network has at a time, per account that it is built for
HOSTING_EXITS_PER_SLOT = 0.4
EXIT_DAYS = (14.0, 60.0)  # a residential exit comes and goes


def _zipf(n: int, power: float) -> Floats:
    weights = np.arange(1, n + 1, dtype=float) ** -power
    shares: Floats = weights / weights.sum()
    return shares


@dataclass
class World:
    """Pools of addresses, and the next free device and card codes."""

    rng: np.random.Generator
    honest: int
    fakes: int
    homes: Ints = field(init=False)
    region_weights: Floats = field(init=False)
    vpn_exits: Ints = field(init=False)
    vpn_weights: Floats = field(init=False)
    cafes: Ints = field(init=False)
    proxies: ProxyNetwork = field(init=False)
    _codes: int = 0
    _homes_given: int = 0

    def __post_init__(self) -> None:
        slots = max(8, int(self.fakes * SLOTS_PER_ACCOUNT))
        chain = int(np.ceil((DAYS + LATE_DAYS) / EXIT_DAYS[0])) + 2
        self.homes = draw_homes(self.rng, self.honest + LATE_DAYS * self.honest // 50 + slots * chain + 1000)
        regions = max(6, self.honest // PEOPLE_PER_CARRIER_ADDRESS // ADDRESSES_PER_REGION)
        self.region_weights = _zipf(regions, 0.9)
        exits = max(6, self.honest // PEOPLE_PER_VPN_EXIT)
        index = np.arange(exits, dtype=np.int64)
        self.vpn_exits = HOSTING + (index // VPN_EXITS_PER_NETWORK << 8) + index % VPN_EXITS_PER_NETWORK * 3 + 2
        self.vpn_weights = _zipf(exits, 0.5)
        self.cafes = self.new_homes(max(10, self.honest // PEOPLE_PER_CAFE))
        self.proxies = ProxyNetwork(self, slots, chain)

    def codes(self, n: int) -> Ints:
        """n new codes, for devices or cards."""
        self._codes += n
        return np.arange(self._codes - n, self._codes, dtype=np.int64)

    def new_homes(self, n: int) -> Ints:
        """n home addresses that no one has yet."""
        self._homes_given += n
        return self.homes[self._homes_given - n : self._homes_given]

    def draw_regions(self, n: int) -> Ints:
        """n mobile regions, some much more populous than others."""
        return self.rng.choice(self.region_weights.size, size=n, p=self.region_weights).astype(np.int64)

    def carrier_addresses(self, regions: Ints) -> Ints:
        """For each session, an address of the carrier's NAT in that region."""
        offset = self.rng.integers(0, ADDRESSES_PER_REGION, size=regions.size)
        return CARRIERS + (regions << 6) + offset

    @property
    def leased(self) -> int:
        """Addresses in the pool that homes with a changing address are given."""
        return max(50, int(self.honest / PEOPLE_PER_LEASED_ADDRESS))

    def draw_vpn_exits(self, n: int) -> Ints:
        """n exits of the public VPN services."""
        return self.rng.choice(self.vpn_exits, size=n, p=self.vpn_weights)


class ProxyNetwork:
    """Exits that campaigns rent. Residential ones come and go: slot s is served by one home after another."""

    def __init__(self, world: World, slots: int, chain: int) -> None:
        rng = world.rng
        self.life = rng.uniform(*EXIT_DAYS, size=slots) * DAY
        self.phase = rng.uniform(0, 1, size=slots) * self.life
        self.homes = world.new_homes(slots * chain).reshape(slots, chain)
        count = max(4, int(slots * HOSTING_EXITS_PER_SLOT))
        index = np.arange(count, dtype=np.int64)
        # in the networks where VPN exits are, and in some of their own
        networks = max(1, world.vpn_exits.size // VPN_EXITS_PER_NETWORK) * 2
        self.hosting = HOSTING + (index % networks << 8) + 128 + index // networks
        self.slots = slots

    def residential(self, slots: Ints, times: Ints) -> Ints:
        """The home that serves each slot at each time."""
        slots = slots % self.slots
        turn = ((times - START + self.phase[slots]) / self.life[slots]).astype(np.int64)
        homes: Ints = self.homes[slots, np.clip(turn, 0, self.homes.shape[1] - 1)]
        return homes

    def owner_homes(self, rng: np.random.Generator, n: int) -> Ints:
        """Homes of people who rent their connection out, knowingly or not."""
        turns = np.arange(self.homes.shape[1])
        used = self.homes[turns < ((DAYS * DAY + self.phase) / self.life)[:, None]]
        return rng.choice(used, size=n, replace=n > used.size)
