"""The fit of what decisions on signups go by."""

from __future__ import annotations

import fit_signups
import numpy as np
import pytest


def planted(count: int) -> fit_signups.Signups:
    """Signups with an identifier each, whose births, ring or burst say that all on it are fake; of these are fake 30 %,
    80 % and none."""
    rng = np.random.default_rng(5)
    source = rng.integers(0, 3, count)
    q = np.zeros((count, 6))
    q[np.arange(count), source] = 1.0
    fake = (rng.random(count) < np.array([0.3, 0.8, 0.0])[source]).astype(float)
    return fit_signups.Signups(fake, np.ones(count), np.arange(count), q)


def test_planted_weights_are_found() -> None:
    found = fit_signups.fit(planted(3_000))
    assert found[:3] == pytest.approx([0.3, 0.8, 0.0], abs=0.04)


def test_of_several_sources_the_largest_counts_and_identifiers_add_up() -> None:
    q = np.array([[0.5, 0.8, 0, 0, 0, 0], [0, 0, 0, 1.0, 0, 0]])
    both = fit_signups.Signups(np.ones(1), np.ones(1), np.zeros(2, np.int64), q)
    weights = np.array([1.0, 0.5, 1.0, 0.2, 1.0, 1.0])
    assert fit_signups.risk(both, weights)[0] == pytest.approx(1 - (1 - 0.5) * (1 - 0.2))


def test_a_world_is_judged_by_what_was_known_before() -> None:
    found = fit_signups.signups_of(7_004)
    assert len(found.fake) > 50
    assert ((found.q >= 0) & (found.q <= 1)).all()
    assert (found.q[:, [1, 4]] > 0).any(), "some came to what a ring uses"
    assert np.array_equal(found.q, fit_signups.signups_of(7_004).q)
