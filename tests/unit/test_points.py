"""Points that are told add up to the score that is, to its last digit."""

from __future__ import annotations

from collections.abc import Sequence

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.decisions import decide
from service.decisions.policy import BUILT_IN
from service.model.decision import Reason, adding_up, reasons_of
from service.model.evidence import AccountEvidence, IdentifierEvidence, RunInfo

NOW = 1_790_000_000
points = st.floats(-100, 100)


@given(st.lists(points, min_size=1, max_size=40), st.integers(0, 1))
def test_they_are_cut_to_their_digits_and_make_the_total(exact: list[float], digits: int) -> None:
    total = sum(exact)
    told = adding_up(exact, total, digits)
    step = 10**-digits
    assert sum(told) == pytest.approx(round(total, digits), abs=1e-6)
    assert all(abs(value - was) < step + 1e-6 for value, was in zip(told, exact, strict=True))
    assert [value for _, value in sorted(zip(exact, told, strict=True))] == sorted(told), "the order stays"
    assert adding_up(told, round(total, digits), digits) == told, "and so do they"
    assert "-0.0" not in map(str, told)


@given(st.lists(points, min_size=1, max_size=5))
def test_points_of_another_score_are_rounded(exact: list[float]) -> None:
    assert adding_up(exact, sum(exact) + 50) == [round(value, 1) + 0.0 for value in exact]


def test_reasons_that_are_right_stay_as_they_are() -> None:
    reasons = [Reason("a", "A.", 60.0), Reason("b", "B.", 12.3)]
    assert reasons_of(72.3, reasons)[0] is reasons[0]
    assert reasons_of(10.0, []) == []


class Known:
    """A lookup that knows one account and identifiers that are all alike."""

    def __init__(self, risk: float, reasons: Sequence[Reason]) -> None:
        self.found = AccountEvidence("a", risk, None, orjson.dumps(list(reasons)).decode())

    def run(self) -> RunInfo:
        return RunInfo("run-1", NOW, 0.02, "1")

    def identifiers(self, wanted: Sequence[tuple[str, str]], now: int) -> list[IdentifierEvidence]:
        return [IdentifierEvidence(kind, True, 40, 7, 30, sum_h=9.1, sum_hp=2.7, at=now) for kind, _ in wanted]

    def account(self, account_id: str, now: int) -> AccountEvidence:
        return self.found


def test_those_of_decisions_do() -> None:
    """Three of 33.35, as a run of before wrote them, told 100.2 of 100.0."""
    known = Known(1.0, [Reason(code, "Why.", 33.4) for code in "abc"])
    decided = decide.account(known, BUILT_IN, "a", NOW, False)
    assert decided is not None
    assert sum(reason.points for reason in decided.reasons) == pytest.approx(decided.score, abs=1e-6)
    for kinds in (["device"], ["device", "ip"], ["device", "ip", "payment_method"]):
        signup = decide.signup(known, BUILT_IN, [(kind, "x") for kind in kinds], NOW, False)
        assert signup.score > 20
        assert sum(reason.points for reason in signup.reasons) == pytest.approx(signup.score, abs=1e-6)
