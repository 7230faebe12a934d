"""What people decide on rings and accounts: each row of the table in docs/decisions.md, said again in code."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from service.decisions.decide import judged
from service.decisions.signup_risk import signup_risk
from service.model.decision import Reason
from service.model.evidence import AccountEvidence, IdentifierEvidence, RingSummary, RunInfo
from service.rings import actions

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "decisions.md"
NOW = 1_790_000_000
DECIDED = NOW - 3600
RUN = RunInfo("run-1", NOW - 7200, 0.02, "1", verdicts_at=NOW - 7300)
LATER_RUN = replace(RUN, finished=NOW - 60, verdicts_at=DECIDED + 1)
RING = RingSummary("R-7F3K-Q", 90.0, "critical", 40, "open")
OFFICE = IdentifierEvidence("device", True, accounts=40, k=40, at=DECIDED - 60, sum_h=38.0, sum_hp=34.0, j=2.0)


def member(
    status: str,
    risk: float,
    created: int,
    *causes: str,
    points: float = 1.0,
    of: str | None = None,
    label: str | None = None,
    run: RunInfo = RUN,
) -> float:
    """The risk that is answered for a member of a ring with a status; `points` are what each cause gave it, which was
    said of a ring (`of`; older runs do not say of which)."""
    evidence = {"ring": of} if of else {}
    reasons = json.dumps([{"code": code, "text": "Said.", "points": points, "evidence": evidence} for code in causes])
    ring = replace(RING, status=status, status_at=DECIDED)
    return judged(AccountEvidence("a", risk, ring, reasons, label, created=created), run)[0]


def joining(status: str, run: RunInfo = RUN, **changes: object) -> tuple[float, Reason]:
    """The risk of a signup on a device that the ring's members share, and the reason."""
    ring = replace(RING, status=status, status_at=DECIDED)
    found = replace(OFFICE, ring=ring, **{"ring_members": 40, **changes})  # type: ignore[arg-type]
    risk, _, reasons = signup_risk([found], run, NOW)
    return risk, reasons[0]


def fraud_label() -> None:
    assert member("dismissed", 0.1, DECIDED - 1, label="fraud") == 1.0


def legitimate_label() -> None:
    assert member("confirmed", 0.9, DECIDED - 1, label="legitimate") == 0.0


def undecided() -> None:
    assert member("open", 0.8, DECIDED - 1) == member("reviewing", 0.8, DECIDED - 1) == 0.8


def dismissed_member() -> None:
    assert member("dismissed", 0.8, DECIDED) == 0.0


def dismissed_member_after_the_run() -> None:
    assert member("dismissed", 0.3, DECIDED - 1, "ring_dismissed") == 0.3  # its own links and velocity
    assert member("dismissed", 0.07, DECIDED - 1, run=LATER_RUN) == 0.07  # without any reason
    assert member("dismissed", 0.07, DECIDED - 1, "ring_dismissed") == 0.07  # an incremental pass knew


def later_member_of_a_dismissed_ring() -> None:
    assert member("dismissed", 0.95, DECIDED + 1) == 0.95


def confirmed_member() -> None:
    assert member("confirmed", 0.9, DECIDED + 1) == pytest.approx(0.97)
    assert 0.36 < member("confirmed", 0.36, DECIDED - 1) < 0.7


def confirmed_member_after_the_run() -> None:
    assert member("confirmed", 0.97, DECIDED - 1, "ring_confirmed") == 0.97
    assert member("confirmed", 0.07, DECIDED - 1, run=LATER_RUN) == 0.07


def member_after_the_word_was_taken_back() -> None:
    spared, lifted = ("ring_dismissed", -92.0), ("ring_confirmed", 30.0)
    for status in ("open", "reviewing"):
        assert member(status, 0.02, DECIDED - 1, spared[0], points=spared[1]) == pytest.approx(0.94)
        assert member(status, 0.97, DECIDED - 1, lifted[0], points=lifted[1]) == pytest.approx(0.67)
    assert member("confirmed", 0.02, DECIDED - 1, spared[0], points=spared[1]) > 0.97  # turned
    assert member("dismissed", 0.97, DECIDED - 1, lifted[0], points=lifted[1]) == 0.0
    assert member("dismissed", 0.97, DECIDED + 1, lifted[0], points=lifted[1]) == pytest.approx(0.67)  # came later
    assert member("open", 0.02, DECIDED - 1, spared[0], points=spared[1], run=LATER_RUN) == 0.02  # by its earlier ring


def member_by_an_earlier_ring() -> None:
    def spared(status: str, of: str) -> float:
        return member(status, 0.02, DECIDED - 1, "ring_dismissed", points=-92.0, of=of)

    for status in ("open", "reviewing"):
        assert spared(status, "R-2345-6") == 0.02
        assert spared(status, RING.id) == pytest.approx(0.94)
    assert spared("dismissed", "R-2345-6") == 0.0
    assert 0.02 < spared("confirmed", "R-2345-6") < 0.2


def signup_at_a_dismissed_ring() -> None:
    risk, reason = joining("dismissed")
    assert risk < 0.05 < 0.7 < joining("open")[0]
    assert reason.code == "dismissed_device"
    assert "spread over time" not in reason.text


def signup_at_one_that_the_run_knows() -> None:
    assert joining("dismissed", at=DECIDED + 1, sum_hp=0.0)[0] < 0.05
    came: dict[str, Any] = {"sum_h": 68.0, "sum_hp": 29.0}  # 30 fakes since
    assert joining("dismissed", at=DECIDED + 1, **came)[0] > 0.15
    assert joining("dismissed", LATER_RUN, **came)[0] > 0.15  # the run is newer than the newest of the data


def signup_at_a_confirmed_ring() -> None:
    assert joining("confirmed", sum_hp=0.0)[0] == pytest.approx(40 / 40.5)
    assert joining("confirmed", sum_hp=0.0, accounts=400)[0] < 0.1


def signup_where_accounts_are_labelled_legitimate() -> None:
    risk, reason = joining("open", legitimate=40)
    assert risk < 0.5 < joining("open")[0]
    assert reason.code != "in_ring_device"


CASES: dict[tuple[str, str], Callable[[], None]] = {
    ("the account is fraud", "the account, whatever its ring is"): fraud_label,
    ("the account is legitimate", "the account, whatever its ring is"): legitimate_label,
    ("the ring is open or reviewing", "a member"): undecided,
    ("the ring is dismissed, since the run", "a member that was there then"): dismissed_member,
    ("the ring is dismissed, and the run knows", "a member that was there then"): dismissed_member_after_the_run,
    ("the ring is dismissed", "an account that came later"): later_member_of_a_dismissed_ring,
    ("the ring is confirmed, since the run", "a member"): confirmed_member,
    ("the ring is confirmed, and the run knows", "a member"): confirmed_member_after_the_run,
    ("what the run counted is taken back or turned since", "a member"): member_after_the_word_was_taken_back,
    (
        "an earlier ring of theirs was dismissed, which became a part of it",
        "a member that was there then",
    ): member_by_an_earlier_ring,
    ("the ring is dismissed, since the run", "a signup on its identifiers"): signup_at_a_dismissed_ring,
    ("the ring is dismissed, and the run knows", "a signup on its identifiers"): signup_at_one_that_the_run_knows,
    ("the ring is confirmed", "a signup on its identifiers"): signup_at_a_confirmed_ring,
    (
        "accounts there are legitimate",
        "a signup on a ring's identifiers",
    ): signup_where_accounts_are_labelled_legitimate,
}


def rows() -> list[tuple[str, str]]:
    """What was said and who is asked about, of each row of the table."""
    table = DOCUMENT.read_text(encoding="utf-8").partition("| people said |")[2].partition("\n\n")[0]
    return [(said, who) for said, who in re.findall(r"^\| ([^|]+?) \| ([^|]+?) \|", table, re.MULTILINE)]


@pytest.mark.parametrize(("status", "label"), [("dismissed", None), ("open", "legitimate")])
def test_what_takes_nothing_away_is_worth_0_points_without_a_sign(status: str, label: str | None) -> None:
    ring = replace(RING, status=status, status_at=DECIDED)
    for risk in (0.0, 0.0001):
        _, reasons = judged(AccountEvidence("a", risk, ring, "[]", label, created=DECIDED - 1), RUN)
        assert str(reasons[0].points) == "0.0"


def test_reasons_add_up_once_a_word_that_the_run_counted_is_turned() -> None:
    said = [("in_ring", 94.0), ("ring_dismissed", -92.0)]
    stored = json.dumps([{"code": code, "text": "Said.", "points": points, "evidence": {}} for code, points in said])
    for status, codes in (("open", ["in_ring"]), ("confirmed", ["ring_confirmed", "in_ring"])):
        ring = replace(RING, status=status, status_at=DECIDED)
        risk, reasons = judged(AccountEvidence("a", 0.02, ring, stored, None, created=DECIDED - 1), RUN)
        assert [reason.code for reason in reasons] == codes
        assert sum(reason.points for reason in reasons) == pytest.approx(100 * risk, abs=0.1)


def test_the_table_has_all_cases_and_no_others() -> None:
    assert sorted(rows()) == sorted(CASES)


@pytest.mark.parametrize("row", list(CASES), ids=" / ".join)
def test_decisions_follow_the_table(row: tuple[str, str]) -> None:
    CASES[row]()


def test_a_conflict_names_who_decided_and_nobody_where_nobody_did() -> None:
    row = {"id": "R-7F3K-Q", "now": "open", "who": None, "at": None}
    assert str(actions._newer([row])).startswith("R-7F3K-Q is open, which is not what `seen` says. Nothing")
    row |= {"now": "dismissed", "who": "ana", "at": "2026-11-28T08:46:33.312Z"}
    said = "R-7F3K-Q is dismissed now, set by ana at 2026-11-28 08:46 UTC (and 1 more): somebody decided"
    assert str(actions._newer([row, row])).startswith(said)
