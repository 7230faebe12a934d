"""Every code that a reason can have, for the API's document: from the tables that give the reasons their codes."""

from __future__ import annotations

from typing import get_args

from service.decisions.signup_risk import Wording
from service.detection.scoring import terms
from service.detection.scoring.result import CAUSES
from service.model.kinds import kinds

OF_RINGS = ("start", "members", *terms.RINGS)
OF_RUNS = ("start", "in_ring", "near_ring", *(code for code in terms.ACCOUNTS if code != "ring"))
OF_PEOPLE = ("labelled_fraud", "labelled_legitimate", *(code for code, _ in CAUSES if code))


def of_identifiers() -> tuple[str, ...]:
    """Of what a signup or an account uses, of each kind that the table has."""
    wordings = (*get_args(Wording), "left_out")
    return tuple(f"{wording}_{kind.name}" for wording in wordings for kind in kinds().evidence)


def of_accounts() -> tuple[str, ...]:
    """Of accounts and signups."""
    return (*OF_RUNS, *OF_PEOPLE, "not_scored_yet", "throwaway_email", *of_identifiers())


def every() -> tuple[str, ...]:
    """Of accounts, signups and rings."""
    return tuple(dict.fromkeys((*of_accounts(), *OF_RINGS)))
