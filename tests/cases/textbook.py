"""Textbook cases, each among honest accounts that live on their own or in households.

`write(case, path)` writes a case's events as JSON lines, the same bytes for the same case. Accounts whose id starts
with PREFIX are the ones in question. A ring is told if 80 % of them are at level high and at most 2 others; a clear
case if at most 2 % of them are."""

from __future__ import annotations

import json
import random
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

PREFIX = "case-"
BEGIN = datetime(2025, 3, 1, tzinfo=UTC)
DAYS = 330
HOUR = 1 / 24
KINDS = frozenset({"ip", "device_id", "payment_fingerprint"})


@dataclass(slots=True)
class Builder:
    """Collects events; moments are days since BEGIN. Kinds of identifier that the data lacks are dropped."""

    rng: random.Random
    kinds: frozenset[str]
    events: list[dict[str, str]] = field(default_factory=list)

    def signup(self, account: str, day: float, ip: str | None, device: str | None, card: str | None = None) -> None:
        """A signup, and a payment ten minutes later if there is a card."""
        self._add("signup", account, day, ip=ip, device_id=device)
        if card:
            self._add("payment", account, day + 10 / 1440, payment_fingerprint=card)

    def visit(self, account: str, day: float, ip: str | None = None, device: str | None = None) -> None:
        """An activity event, at the latest at the end of the data."""
        self._add("activity", account, min(day, DAYS - 0.01), ip=ip, device_id=device)

    def pay(self, account: str, day: float, card: str) -> None:
        """A payment."""
        self._add("payment", account, min(day, DAYS - 0.01), payment_fingerprint=card)

    def _add(self, kind: str, account: str, day: float, **fields: str | None) -> None:
        moment = (BEGIN + timedelta(seconds=int(day * 86400))).strftime("%Y-%m-%dT%H:%M:%SZ")
        known = {name: value for name, value in fields.items() if value and name in self.kinds}
        self.events.append({"type": kind, "account_id": account, "occurred_at": moment, **known})


@dataclass(frozen=True, slots=True)
class Case:
    """One case. `about` is the sentence by which an analyst judges it."""

    name: str
    expect: Literal["ring", "clear"]
    about: str
    build: Callable[[Builder], None]
    honest: int = 1500
    kinds: frozenset[str] = KINDS


def write(case: Case, path: Path) -> None:
    """Writes the case's events in order of time."""
    builder = Builder(random.Random(zlib.crc32(case.name.encode())), case.kinds)
    _background(builder, case.honest)
    case.build(builder)
    ordered = sorted(builder.events, key=lambda event: (event["occurred_at"], event["account_id"], event["type"]))
    path.write_text("".join(json.dumps(event) + "\n" for event in ordered))


def _background(b: Builder, accounts: int) -> None:
    """Households of one to four: a line, devices and cards, own or shared; long and short lives."""
    made = house = 0
    while made < accounts:
        size = min(b.rng.choices((1, 2, 3, 4), (60, 22, 10, 8))[0], accounts - made)
        line = f"78.{20 + house // 250}.{house % 250}.{1 + house % 230}"
        tablet, card = b.rng.random() < 0.25, b.rng.random() < 0.3
        for place in range(size):
            account = f"user-{made}"
            born = b.rng.uniform(0, DAYS)
            device = f"tablet-{house}" if tablet and place else f"phone-{made}"
            paid = f"card-h{house}" if card else f"card-{made}"
            b.signup(account, born, line, device, paid if b.rng.random() < 0.5 else None)
            life = b.rng.choice((0.2, 20, 90, DAYS))
            for _ in range(b.rng.randint(0, 5)):
                mobile = f"100.70.{b.rng.randint(0, 2)}.{b.rng.randint(1, 200)}"
                b.visit(account, born + b.rng.uniform(0, life), line if b.rng.random() < 0.6 else mobile, device)
            made += 1
        house += 1


def _ids(count: int) -> list[str]:
    return [f"{PREFIX}{number}" for number in range(count)]


def _home(number: int) -> str:
    return f"91.{number // 240}.{number % 240}.7"


def _live_on(b: Builder, account: str, born: float, days: float, visits: int, ip: str, device: str) -> None:
    """Visits over the following days."""
    for _ in range(visits):
        b.visit(account, born + b.rng.uniform(0.2, days), ip, device)


def _family(b: Builder) -> None:
    for number, account in enumerate(_ids(6)):
        born = 5 + number * 50.0
        b.signup(account, born, "92.4.4.4", f"family-phone-{number % 2}", "family-card" if number < 3 else None)
        _live_on(b, account, born, DAYS - born, 12, "92.4.4.4", f"family-phone-{(number + 1) % 2}")


def _flat(b: Builder) -> None:
    for number, account in enumerate(_ids(5)):
        born = b.rng.uniform(20, 200)
        b.signup(account, born, "92.5.5.5", f"flat-phone-{number}")
        for month in range(3):
            b.pay(account, born + 1 + month * 30, "flat-card")
        _live_on(b, account, born, 120, 10, "92.5.5.5", f"flat-phone-{number}")


def _dormitory(b: Builder) -> None:
    for number, account in enumerate(_ids(150)):
        born = b.rng.uniform(180, 200)
        b.signup(
            account, born, f"130.9.9.{number % 4}", f"dorm-{number}", f"dorm-card-{number}" if number % 3 else None
        )
        _live_on(b, account, born, 110, 4, f"130.9.9.{number % 4}", f"dorm-{number}")
        _live_on(b, account, born, 110, 2, _home(number), f"dorm-{number}")


def _conference(b: Builder) -> None:
    for number, account in enumerate(_ids(90)):
        born = 220 + b.rng.uniform(0, 2) * 4 * HOUR
        b.signup(account, born, "194.7.7.7", f"guest-{number}")
        _live_on(b, account, born, 80, 4, _home(number), f"guest-{number}")


def _call_centre(b: Builder) -> None:
    for number, account in enumerate(_ids(45)):
        born = b.rng.uniform(10, 220)
        b.signup(account, born, "194.8.8.8", f"badge-{number}")
        _live_on(b, account, born, 100, 14, "194.8.8.8", f"badge-{number}")
        _live_on(b, account, born, 100, 3, _home(number), f"own-phone-{number}")


def _school_lab(b: Builder) -> None:
    for number, account in enumerate(_ids(120)):
        born = (40, 130, 240)[number % 3] + b.rng.uniform(0, 15)
        b.signup(account, born, "131.2.2.2", f"lab-{b.rng.randrange(20)}")
        for _ in range(6):
            b.visit(account, born + b.rng.uniform(1, 80), "131.2.2.2", f"lab-{b.rng.randrange(20)}")
        _live_on(b, account, born, 80, 2, _home(number), f"pupil-{number}")


def _club(b: Builder) -> None:
    for number, account in enumerate(_ids(35)):
        born = b.rng.uniform(0, 250)
        b.signup(account, born, _home(number), f"member-{number}", "treasurer")
        _live_on(b, account, born, 70, 5, _home(number), f"member-{number}")


def _demo_tablet(b: Builder) -> None:
    for number, account in enumerate(_ids(80)):
        born = b.rng.uniform(0, 300)
        b.signup(account, born, "195.3.3.3", "shop-tablet")
        _live_on(b, account, born, 60, 4, _home(number), f"customer-{number}")
        b.pay(account, born + 2, f"customer-card-{number}")


def _migration(b: Builder) -> None:
    for number, account in enumerate(_ids(70)):
        born = 200 + b.rng.uniform(8, 18) * HOUR
        b.signup(account, born, "196.6.6.6", f"laptop-{number}", "corporate-card")
        _live_on(b, account, born, 120, 6, "196.6.6.6", f"laptop-{number}")
        _live_on(b, account, born, 120, 3, _home(number), f"laptop-{number}")


def _vpn(b: Builder) -> None:
    for number, account in enumerate(_ids(200)):
        born = b.rng.uniform(0, 310)
        b.signup(account, born, "45.60.1.1", f"vpn-user-{number}", f"vpn-card-{number}" if number % 2 else None)
        _live_on(b, account, born, 60, 3, "45.60.1.1", f"vpn-user-{number}")
        _live_on(b, account, born, 60, 2, _home(number), f"vpn-user-{number}")


def _carrier(b: Builder) -> None:
    for number, account in enumerate(_ids(300)):
        born = b.rng.uniform(0, 310)
        b.signup(account, born, f"100.90.1.{b.rng.randrange(8)}", f"handset-{number}")
        for _ in range(5):
            b.visit(account, born + b.rng.uniform(0, 90), f"100.90.1.{b.rng.randrange(8)}", f"handset-{number}")


def _card_testing(b: Builder) -> None:
    for number, account in enumerate(_ids(60)):
        b.signup(account, 210 + b.rng.random(), _home(number), f"tester-{number}", "stolen-card")


def _two_devices(b: Builder) -> None:
    for number, account in enumerate(_ids(25)):
        b.signup(account, 230 + b.rng.uniform(0, 7), _home(number), f"twin-{number % 2}", f"twin-card-{number}")


def _device_farm(b: Builder) -> None:
    for number, account in enumerate(_ids(120)):
        day = 180 + number // 6
        b.signup(account, day + b.rng.random(), f"46.{day}.{number % 6}.9", f"rack-{number % 10}")
        b.visit(account, day + 1 + b.rng.random(), f"46.{day + 1}.{number % 6}.9", f"rack-{number % 10}")


def _chain(b: Builder) -> None:
    for number, account in enumerate(_ids(30)):
        born = 240 + b.rng.uniform(0, 6)
        b.signup(account, born, _home(number), f"link-{number}", f"chain-{number}")
        b.pay(account, born + 0.2, f"chain-{number + 1}")


def _bought(b: Builder) -> None:
    for number, account in enumerate(_ids(80)):
        born = b.rng.uniform(0, 250)
        b.signup(account, born, _home(number), f"seller-{number}")
        _live_on(b, account, born, 20, 2, _home(number), f"seller-{number}")
        for _ in range(3):
            b.visit(account, 290 + b.rng.uniform(0, 3), f"47.5.{b.rng.randrange(6)}.3", f"buyer-{number % 8}")


def _eight(b: Builder) -> None:
    for number, account in enumerate(_ids(8)):
        b.signup(account, 260 + number * HOUR / 8, "93.1.1.1", "one-device", "one-card")


def _hosting(b: Builder) -> None:
    for number, account in enumerate(_ids(40)):
        b.signup(account, 250 + b.rng.random(), f"45.77.9.{number + 1}", f"server-{number}")


def _cards_only(b: Builder) -> None:
    for number, account in enumerate(_ids(12)):
        b.signup(account, 270 + b.rng.random(), None, None, f"few-{number % 2}")


def _devices_only(b: Builder) -> None:
    for number, account in enumerate(_ids(50)):
        b.signup(account, 255 + b.rng.uniform(0, 3), None, f"shelf-{number % 5}")


def _addresses_only(b: Builder) -> None:
    for account in _ids(200):
        born = 150 + b.rng.uniform(0, 60)
        for day in (0, *(b.rng.uniform(0, 20) for _ in range(3))):
            b.visit(account, born + day, f"45.9.{b.rng.randrange(12)}.4")


CASES = (
    Case("family", "clear", "Six of a family on one line and two phones, over the years.", _family),
    Case("flat", "clear", "Five flatmates whose subscriptions are paid by one card.", _flat),
    Case("dormitory", "clear", "150 students who move into a dormitory in three weeks and stay.", _dormitory),
    Case("visitors", "clear", "90 guests of a conference in a day on one address, at home for months.", _conference),
    Case("call-centre", "clear", "45 who work on one address, each on a device used for months.", _call_centre),
    Case("school-lab", "clear", "120 pupils of three terms on the 20 computers of a school.", _school_lab),
    Case("club", "clear", "35 members of a sports club whose fees are on the treasurer's card.", _club),
    Case(
        "demo-tablet",
        "clear",
        "80 customers who signed up on a shop's tablet, and use their own devices.",
        _demo_tablet,
    ),
    Case("migration", "clear", "70 colleagues moved in one day, on a corporate card and own laptops.", _migration),
    Case("vpn", "clear", "200 strangers of all months who share a popular exit.", _vpn),
    Case("carrier", "clear", "300 customers of a mobile carrier behind eight addresses.", _carrier),
    Case("card-testing", "ring", "60 strangers who try one card within a day.", _card_testing),
    Case("two-devices", "ring", "25 accounts in a week on two devices, each with a card of its own.", _two_devices),
    Case("device-farm", "ring", "120 accounts on ten devices in 20 days, with new exits every day.", _device_farm),
    Case("chain", "ring", "30 accounts, each sharing a card only with the next, within a week.", _chain),
    Case("bought", "ring", "80 accounts of all ages that come to the same exits and devices in 3 days.", _bought),
    Case("eight", "ring", "Eight accounts within an hour on one card and one device.", _eight),
    Case("hosting", "ring", "40 accounts in a day in one hosting network, never seen again.", _hosting),
    Case(
        "cards-only",
        "ring",
        "12 on two cards in a day, among 60; cards only.",
        _cards_only,
        60,
        frozenset({"payment_fingerprint"}),
    ),
    Case(
        "devices-only",
        "ring",
        "50 on five devices in 3 days; devices only.",
        _devices_only,
        kinds=frozenset({"device_id"}),
    ),
    Case("addresses-only", "ring", "200 on 12 exits that nobody else uses.", _addresses_only, kinds=frozenset({"ip"})),
)
