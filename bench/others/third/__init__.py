"""Five kinds of companies with honest crowds and campaigns, to choose between models by; nothing is fitted on them.

Whoever wrote it had read neither the simulator nor the random worlds, nor anything else of this project but the columns
of events. Every number is drawn by the seed: how long the data run, how the company grows, how often people pay, what
share comes by carriers, VPNs and IPv6, what is told of devices, the mix of honest groups, kinds and sizes of campaigns.

Known limits: in about a third of the seeds one campaign has more than half of the fakes. A campaign may be as small as
6 accounts, and a careful one of that size may leave nothing to find. Up to 60 % of a campaign's accounts hardly act
after their signup, as do 10 to 50 % of honest ones.
Below some 1,000 accounts there may be more fakes than the company's share of them, for rings have a least size.
"""

from __future__ import annotations

import polars as pl

from others.third.activity import tables
from others.third.campaigns import draw_sizes, plant
from others.third.companies import COMPANIES, draw_company
from others.third.honest import fill
from others.third.population import Population

NAMES: tuple[str, ...] = tuple(COMPANIES)


def world(name: str, seed: int, accounts: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """One company (of NAMES): its events, and the truth about its accounts. The same arguments give the same frames.

    Events, by time: account_id, occurred_at (UTC, microseconds), type (signup, login, activity or payment), ip,
    device_id and payment_fingerprint (both may be null). Truth, in no order, a row per account: account_id, fake,
    group (`honest:` or `campaign:`, a kind, and mostly a number: those of one group belong together)."""
    people = Population(draw_company(name, seed, accounts), f"{name}:{seed}:events")
    small, large = draw_sizes(people)
    fill(people, accounts - sum(small) - sum(large))  # first, for proxies borrow the lines of honest people
    plant(people, small, large)
    people.rng.shuffle(people.accounts)
    return tables(people)
