"""By which groups accounts are judged."""

from __future__ import annotations

import numpy as np
from engine_free import detect, load_world, views_of

from service.detection.scoring.candidates import score_candidates
from service.detection.scoring.membership import account_facts


def test_members_are_as_sure_as_their_surest_candidate_and_not_as_the_ring_made_of_them() -> None:
    """A published ring is made of accounts that their risks chose: its facts look worse than those of any candidate."""
    loaded, _ = load_world(8_504, 3_000)
    population, snapshot, evidence, views = views_of(loaded.snapshot)
    own = account_facts(snapshot, evidence, population)
    surest = np.max([score_candidates(snapshot, evidence, population, own, view).member for view in views], axis=0)
    found = detect(loaded.snapshot)
    assert (found.ring >= 0).any()
    assert np.array_equal(found.member, surest)
