"""The risk of a signup from what is known of each of its identifiers. Pure; the hot path: tens of microseconds.

For each identifier a share q of its newest accounts that are fake is estimated, and risk = 1 - prod(1 - lambda q)
(docs/decisions.md, "A signup that was never seen"), where lambda is learned for the role of the identifier and for
where the share comes from (bench/fit_signups.py), and of these lambda q the largest counts:

- births: (sum hp + base/2) / (sum h + 1), over the accounts born on it, h a 14-day half-life, p their risk; people's
  labels count as certain accounts of today;
- ring: the share of its accounts that are members of one ring, times the ring's score (docs/decisions.md has what
  people's word on the ring does to this and to births);
- burst, 10 minutes and a day: how surprising so many new accounts on it are (on a place signups only; on a
  card or device also older accounts, which may have been taken over). With n where e are expected,
  S = n ln(n/e) - n + e nats (the Chernoff bound of a Poisson tail); q = clip((S - 8) / 24, 0, 1).

What people say has no learned weight: it is SAID.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from service.detection.parameters import DAY_S, SIGNUP_HALF_LIFE_DAYS
from service.detection.scoring.model import model
from service.model.decision import Reason
from service.model.evidence import IdentifierEvidence, RingSummary, RunInfo
from service.model.kinds import kinds

HALF_LIFE_S = SIGNUP_HALF_LIFE_DAYS * DAY_S
# What people's word on others makes of a newcomer, by the role of the identifier that they share.
SAID = {"strong": 0.9, "place": 0.7}
POPULAR = 30
SPREAD_NATS = 0.3  # below so many nats of birth concentration an account, signups are spread over time
LABEL_WEIGHT = 2.0
SURPRISE_FLOOR = 8.0
SURPRISE_RANGE = 24.0
# Signups that are expected of an identifier without history: (in 10 minutes, in a day). People share addresses.
EXPECTED = {"strong": (0.05, 0.2), "place": (1.0, 10.0)}
# From this part of the share of fakes on, the ring is what is named.
RING_EXPLAINS = 0.5
# sum h of a steady stream is its births a day times this (the mean life of that half-life).
DAYS_IN_SUM = SIGNUP_HALF_LIFE_DAYS / math.log(2)
TEN_MINUTES_A_DAY = 144

Wording = Literal["unknown", "in_ring", "burst", "labelled", "concentrated", "dismissed", "cleared", "popular", "known"]
"""What is said of an identifier; the code of the reason ends with its kind."""


@dataclass(frozen=True, slots=True)
class Shares:
    """The share of fakes (0 to 1) among the newest accounts of an identifier, estimated from different sources: births
    by the model, `said` by labels (together: of all accounts born on it), ring, and burst within 10 minutes (`soon`) or
    a day."""

    births: float
    said: float
    ring: float
    burst: float
    soon: bool


@dataclass(frozen=True, slots=True)
class _Share:
    """The share of fakes that counts, where it comes from, and the risk (0 to 1) that a newcomer has by it."""

    q: float
    source: str
    risk: float


def signup_risk(
    found: Sequence[IdentifierEvidence], run: RunInfo | None, now: int
) -> tuple[float, RingSummary | None, tuple[Reason, ...]]:
    """Risk (0 to 1), the ring that speaks loudest (or None), and a reason for each identifier, strongest first.

    `now` is epoch seconds; `run` None means that no detection run was published yet: only live signals speak.
    """
    shares = [_share(item, run, now) for item in found]
    terms = [-math.log1p(-min(share.risk, 0.999)) for share in shares]
    total = sum(terms, 0.0)  # 0.0 of none: 0 would make the risk -0.0
    risk = -math.expm1(-total)
    scale = 100 * risk / total if total > 0 else 0.0
    ranked = sorted(zip(terms, found, shares, strict=True), key=lambda entry: -entry[0])
    rings = [item.ring for _, item, share in ranked if item.ring is not None and share.source == "ring"]
    reasons = tuple(_reason(item, share, term * scale) for term, item, share in ranked)
    return risk, rings[0] if rings else None, reasons


def _role(item: IdentifierEvidence) -> str:
    return kinds().by_name[item.kind].role


def shares_of(item: IdentifierEvidence, run: RunInfo | None, now: int) -> Shares:
    """What is known of an identifier that somebody uses."""
    decay = 0.5 ** (max(now - item.at, 0) / HALF_LIFE_S)
    fraud = LABEL_WEIGHT * item.fraud
    every = item.sum_h * decay + 1 + fraud + LABEL_WEIGHT * item.legitimate
    fakes = item.sum_hp * decay * (1 - _dismissed_since(item, run)) + (run.base_risk if run else 0.0) / 2
    burst, soon = _burst(item) if item.recent > 1 or item.last_day > 1 else (0.0, True)
    return Shares(fakes / every, fraud / every, _ring_share(item), burst, soon)


def _ring_share(item: IdentifierEvidence) -> float:
    ring = item.ring
    if ring is None or ring.status == "dismissed":
        return 0.0
    accounts = max(item.accounts, item.ring_members)
    members = min(item.ring_members, max(accounts - item.legitimate, 0))  # a label outranks the ring
    return (1.0 if ring.status == "confirmed" else ring.score / 100) * members / (accounts + 0.5)


def _share(item: IdentifierEvidence, run: RunInfo | None, now: int) -> _Share:
    if not item.known and not item.recent:
        return _Share(0.0, "unknown", 0.0)
    role = _role(item)
    learned, said = model().signups[role], SAID[role]
    shares = shares_of(item, run, now)
    risk = learned["births"] * shares.births + said * shares.said
    best = _Share(shares.births + shares.said, "labels" if shares.said > shares.births else "births", risk)
    if shares.ring:
        confirmed = item.ring is not None and item.ring.status == "confirmed"
        risk = shares.ring * (max(said, learned["ring"]) if confirmed else learned["ring"])
        # The ring is the better explanation of births that look fake.
        if risk > best.risk or shares.ring >= RING_EXPLAINS * best.q:
            best = _Share(shares.ring, "ring", max(risk, best.risk))
    if learned["burst"] * shares.burst > best.risk:
        best = _Share(shares.burst, "burst" if shares.soon else "burst_day", learned["burst"] * shares.burst)
    return best


def _dismissed_since(item: IdentifierEvidence, run: RunInfo | None) -> float:
    """The share of the identifier's births whose risk comes from a ring that people dismissed since: 0 to 1."""
    ring = item.ring
    if ring is None or ring.status != "dismissed" or item.at > ring.status_at or (run and run.knows(ring)):
        return 0.0
    return item.ring_members / max(item.k, item.ring_members, 1)


def _burst(item: IdentifierEvidence) -> tuple[float, bool]:
    """How sure it is that so many came for no honest reason, and whether the last 10 minutes say so."""
    soon, daily = EXPECTED[_role(item)]
    per_day = item.sum_h / DAYS_IN_SUM
    now = _surprise(item.recent, max(per_day / TEN_MINUTES_A_DAY, soon))
    day = _surprise(item.last_day, max(per_day, daily))
    return max(now, day), now >= day


def _surprise(n: int, expected: float) -> float:
    if n <= expected:
        return 0.0
    nats = n * math.log(n / expected) - n + expected
    return min(max((nats - SURPRISE_FLOOR) / SURPRISE_RANGE, 0.0), 1.0)


def _reason(item: IdentifierEvidence, share: _Share, points: float) -> Reason:
    noun = kinds().by_name[item.kind].word
    code, text = _wording(item, share, noun)
    evidence: dict[str, int | float | str] = {"accounts": item.accounts}
    for name, value in (
        ("ring_members", item.ring_members if share.source == "ring" else 0),
        ("new_10_minutes", item.recent),
        ("new_24_hours", item.last_day),
        ("labelled_fraud", item.fraud),
        ("labelled_legitimate", item.legitimate),
    ):
        if value:
            evidence[name] = value
    if share.source == "births":
        evidence["fake_share"] = round(share.q, 3)
    return Reason(f"{code}_{item.kind}", text, points, evidence)


def _wording(item: IdentifierEvidence, share: _Share, noun: str) -> tuple[Wording, str]:
    if share.source == "unknown":
        return "unknown", f"The {noun} is new here: no account has used it."
    if share.source == "ring" and item.ring is not None:
        of = f"{_accounts(item.ring_members)} of the {item.accounts:,} on the {noun}"
        verb = "belongs" if item.ring_members == 1 else "belong"
        state = ", which people confirmed" if item.ring.status == "confirmed" else ""
        return "in_ring", f"{of} {verb} to ring {item.ring.id} (score {item.ring.score:.0f}){state}."
    if share.source == "burst":
        return "burst", f"{_accounts(item.recent)} came to the {noun} in the last 10 minutes."
    if share.source == "burst_day":
        return "burst", f"{_accounts(item.last_day)} came to the {noun} in the last 24 hours."
    if share.source == "labels":
        return "labelled", f"People marked {_accounts(item.fraud)} on the {noun} as fraud."
    if share.q >= 0.2:
        return "concentrated", f"About {100 * share.q:.0f} % of the newest accounts on the {noun} look fake."
    if item.ring is not None and item.ring.status == "dismissed":
        of = f"{_accounts(item.ring_members)} of the {item.accounts:,} on the {noun}"
        return "dismissed", f"{of} made up ring {item.ring.id}, which people dismissed; nothing else speaks against it."
    if 2 * item.legitimate >= item.accounts > 0:
        return "cleared", f"People marked {_accounts(item.legitimate)} on the {noun} as legitimate."
    if item.accounts >= POPULAR and item.j < SPREAD_NATS:
        return "popular", (
            f"The {noun} is shared by {_accounts(item.accounts)} whose signups are spread over time, "
            "as those of carriers, offices and campuses are."
        )
    return "known", f"{_accounts(item.accounts)} used the {noun} before; nothing speaks against it."


def _accounts(n: int) -> str:
    return "1 account" if n == 1 else f"{n:,} accounts"
