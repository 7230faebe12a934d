"""Worlds of a second author, who had read neither the simulator nor the random worlds (service/simulation).

A world is a service with honest people, alone and in crowds that look like rings (crowds.py), and campaigns of fake
accounts (campaigns.py). A seed draws rates, stays, the shares of VPN, carriers and travel, lost device ids, how densely
addresses are used, crowds and campaigns. It was written from general knowledge: no parameter is fitted to any data.

What to know of them: fakes sign up within the window, bought accounts excepted, while up to half of the honest
accounts are older than it; nobody travels between time zones; the hours and the share of IPv6 of fakes differ a little
from those of honest people. No ring has more than about 55 % of the fakes. That an analyst could tell most rings was
reasoned, not measured: rings with a device for each account in a world without cards are the doubtful ones."""

from __future__ import annotations

import datetime as dt
import zlib

import numpy as np
import polars as pl

from others.second.campaigns import campaign_sizes, run_campaign
from others.second.crowds import populate
from others.second.draws import log_uniform
from others.second.lives import Scene
from others.second.networks import Networks
from others.second.profiles import PROFILES, draw_habits

NAMES: tuple[str, ...] = tuple(PROFILES)
FIRST_DAY = dt.datetime(2025, 1, 1, tzinfo=dt.UTC)  # of the earliest window


def world(name: str, seed: int, accounts: int) -> tuple[pl.DataFrame, pl.DataFrame]:
    """The world of a name, seed and number of accounts (100 or more): events, and the truth about each account.

    Events, by time, cover 90 to 180 days: account_id, occurred_at (UTC, microseconds), type (signup, login, payment,
    activity), ip, device_id (null where it was lost), payment_fingerprint (null but on payments). Truth, by account:
    account_id, fake, group (`campaign:<play>_<number>` or `honest:<kind>[_<number>]`). Each account has an event. The
    same arguments give the same frames. Raises KeyError for a name that is not in NAMES."""
    rng = np.random.default_rng([seed, zlib.crc32(name.encode())])
    profile, days = PROFILES[name], float(rng.uniform(90, 180))
    habits = draw_habits(rng, profile)
    scene = Scene(rng, accounts, days, profile, habits, Networks(rng, accounts, profile))
    fakes = 0 if profile.clean else int(accounts * log_uniform(rng, 0.03, 0.15))
    populate(scene, accounts - fakes)
    for number, (play, size) in enumerate(campaign_sizes(scene, fakes) if fakes else [], 1):
        run_campaign(scene, play, number, size)
    return scene.events(FIRST_DAY + dt.timedelta(days=int(rng.integers(0, 400)))), scene.truth()
