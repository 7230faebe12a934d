"""Every code that a reason can have, for the API's document: from the tables that give the reasons their codes."""

from __future__ import annotations

from typing import get_args

from service.detection.scoring import terms
from service.detection.scoring.result import CAUSES
from service.model.kinds import KINDS
from service.serving.signup_risk import Wording

OF_RINGS = ("start", "members", *terms.RINGS)
OF_RUNS = ("start", "in_ring", "near_ring", *(code for code in terms.ACCOUNTS if code != "ring"))
OF_PEOPLE = ("labelled_fraud", "labelled_legitimate", *(code for code, _ in CAUSES if code))
OF_IDENTIFIERS = tuple(f"{wording}_{kind.name}" for wording in get_args(Wording) for kind in KINDS)
OF_ACCOUNTS = (*OF_RUNS, *OF_PEOPLE, "not_scored_yet", *OF_IDENTIFIERS)
"""Of accounts and signups."""

ALL = tuple(dict.fromkeys((*OF_ACCOUNTS, *OF_RINGS)))
