"""Accounts become events: a signup, sessions and payments of each."""

from __future__ import annotations

import math
import random

import polars as pl

from others import TIMED
from others.third.companies import DAY
from others.third.population import Account, Population

MOST_SESSIONS = 120  # of one account

# account, seconds since the data begin, type, address, device, card
Row = tuple[str, float, str, str, str | None, str | None]


def tables(people: Population) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Events and truth, as `world` gives them."""
    rows: list[Row] = []
    groups: list[tuple[str, str]] = []
    for account in people.accounts:
        name = people.account_id()
        groups.append((name, account.group))
        _live(people, account, name, rows)
    people.rng.shuffle(groups)
    truth = pl.DataFrame(groups, schema={"account_id": pl.String, "group": pl.String}, orient="row")
    fake = pl.col("group").str.starts_with("campaign:").alias("fake")
    return _events(rows, people.company.start), truth.select("account_id", fake, "group")


def _live(people: Population, account: Account, name: str, rows: list[Row]) -> None:
    """Signup, sessions and payments of one account. People come back less and less until they are gone."""
    rng, signup = people.rng, account.signup
    _sign_up(people, account, name, rows)
    life = min(account.life, (people.end - signup) / DAY)
    for _ in range(min(_poisson(rng, account.rate * life), MOST_SESSIONS)):
        time = people.at_hour(signup / DAY + rng.random() ** 1.4 * life, account.peak, account.spread)
        if time > signup + 600:
            _visit(people, account, name, time, rows)
    if account.cards or account.late_cards:
        time = signup + rng.expovariate(1 / (account.pay_every * DAY * 0.5))
        while time < min(people.end, signup + account.life * DAY):
            _pay(people, account, name, people.at_hour(time / DAY, account.peak, account.spread), rows)
            time += rng.uniform(0.6, 1.5) * account.pay_every * DAY


def _sign_up(people: Population, account: Account, name: str, rows: list[Row]) -> None:
    """The signup, and what follows within minutes on the same device and address."""
    rng, time = people.rng, account.signup
    ip = account.signup_exit.address(rng, time) if account.signup_exit else _address(people, account, time)
    device = account.signup_device or _device(people, account, time)
    pays = bool(account.cards) and rng.random() < people.company.card_at_signup
    rows.append((name, time, "signup", ip, device, None))
    if pays:
        rows.append((name, time + rng.expovariate(1 / 240), "payment", ip, device, account.cards[0]))
    if rng.random() < 0.8:
        rows.append((name, time + rng.expovariate(1 / 300), "activity", ip, device, None))


def _visit(people: Population, account: Account, name: str, time: float, rows: list[Row]) -> None:
    """One session: at times with a login, then one or two activities."""
    rng = people.rng
    ip, device = _address(people, account, time), _device(people, account, time)
    if rng.random() < 0.55:
        rows.append((name, time, "login", ip, device, None))
    for _ in range(1 + (rng.random() < 0.35)):
        time += rng.expovariate(1 / 400)
        rows.append((name, time, "activity", ip, device, None))


def _pay(people: Population, account: Account, name: str, time: float, rows: list[Row]) -> None:
    cards = account.late_cards if time >= account.turn else account.cards
    if time > account.signup and cards:
        ip, device = _address(people, account, time), _device(people, account, time)
        rows.append((name, time, "payment", ip, device, people.rng.choice(cards)))


def _device(people: Population, account: Account, time: float) -> str | None:
    """One of the devices in use at this time; none where the session does not tell it."""
    if people.rng.random() < people.company.device_null + account.device_null:
        return None
    in_use = [device.id for device in account.devices if device.since <= time < device.until]
    return people.rng.choice(in_use) if in_use else None


def _address(people: Population, account: Account, time: float) -> str:
    """An address of one of the exits, by their weights."""
    exits = account.late_exits if time >= account.turn and account.late_exits else account.exits
    chosen, left = exits[-1][0], people.rng.random() * sum(weight for _, weight in exits)
    for exit_, weight in exits:
        left -= weight
        if left <= 0:
            chosen = exit_
            break
    return chosen.address(people.rng, time)


def _poisson(rng: random.Random, mean: float) -> int:
    """A Poisson number (Knuth's way; a rounded normal one for a large mean)."""
    if mean > 30:
        return max(0, round(rng.gauss(mean, math.sqrt(mean))))
    limit, count, product = math.exp(-mean), 0, rng.random()
    while product > limit:
        count, product = count + 1, product * rng.random()
    return count


def _events(rows: list[Row], start: float) -> pl.DataFrame:
    """The rows as events, by time."""
    moment = ((pl.col("time") + start) * 1e6).cast(pl.Int64).cast(pl.Datetime("us", "UTC"))
    frame = pl.DataFrame(rows, schema=TIMED, orient="row").sort("time", "account_id", maintain_order=True)
    return frame.select("account_id", moment.alias("occurred_at"), "type", "ip", "device_id", "payment_fingerprint")
