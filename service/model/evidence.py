"""What is stored about an identifier, an account and a ring for decisions: read from the graph or from the index."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

RECENT_S = 600


@dataclass(frozen=True, slots=True)
class RingSummary:
    """A ring as the published run sees it: score 0 to 100; `status` is people's, set at `status_at` (epoch seconds; 0:
    by a run, for a ring that broke off from one that they had decided on)."""

    id: str
    score: float
    level: str
    size: int
    status: str
    status_at: int = 0


@dataclass(slots=True)
class IdentifierEvidence:
    """One identifier of a signup. Times are epoch seconds; sums and window as a detection run leaves them on the
    identifier (docs/architecture.md); the rest is live. Nobody changes one; it is not frozen, since each decision makes
    some, which takes six times as long then."""

    kind: str  # its name in the table of kinds
    known: bool  # false: no account has used it
    accounts: int = 0  # that have used it, now
    recent: int = 0  # distinct accounts that signed up on it in the last 10 minutes
    last_day: int = 0  # and in the last 24 hours
    k: int = 0  # accounts on it when the run looked
    j: float = 0.0  # birth concentration, nats per account
    window_from: int = 0
    window_to: int = 0
    sum_h: float = 0.0
    sum_hp: float = 0.0
    at: int = 0  # the time that the sums speak of
    ring: RingSummary | None = None
    ring_members: int = 0  # members of that ring that use it
    fraud: int = 0  # accounts on it that people labelled fraud
    legitimate: int = 0  # and legitimate


@dataclass(frozen=True, slots=True)
class AccountEvidence:
    """One account as the published run scored it. `risk` is 0 to 1; `label` is people's (fraud, legitimate, none);
    `created` is epoch seconds, known of members of rings. `identifiers` is set, and may be empty, only for an
    account that no run has read: they are all there is to judge it by."""

    id: str
    risk: float
    ring: RingSummary | None
    reasons: str  # JSON text: a list of {code, text, points, evidence}
    label: str | None = None
    identifiers: tuple[IdentifierEvidence, ...] | None = None
    created: int = 0


@dataclass(frozen=True, slots=True)
class RunInfo:
    """The run that the evidence comes from. `finished` is epoch seconds; `base_risk` the mean risk of new accounts. It
    knows what people decided on rings before `verdicts_at` (epoch seconds; 0: it did not say)."""

    id: str
    finished: int
    base_risk: float
    model_version: str
    verdicts_at: int = 0

    def knows(self, ring: RingSummary) -> bool:
        """Whether it was made with what people decided on a ring."""
        return ring.status_at < self.verdicts_at


def most_within(times: Sequence[int], now: int, window_s: int) -> int:
    """How many of these moments (epoch seconds) lie in the last `window_s` seconds. By a clock that is behind that of
    who wrote them some are still to come: then the most that lie so close together, from that window on."""
    since = sorted(time for time in times if time >= now - window_s)
    first = most = 0
    for place, time in enumerate(since):
        while time - since[first] > window_s:
            first += 1
        most = max(most, place + 1 - first)
    return most
