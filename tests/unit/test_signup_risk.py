"""The formula for a signup that was never seen: what raises it, what must not."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from service.decisions.signup_risk import signup_risk
from service.model.decision import level_of, told_points
from service.model.evidence import IdentifierEvidence, RingSummary, RunInfo

NOW = 1_790_000_000
RUN = RunInfo("run-1", NOW - 3600, 0.02, "1")
RING = RingSummary("R-7F3K-Q", 97.0, "critical", 900, "open")


def device(**values: object) -> IdentifierEvidence:
    return replace(IdentifierEvidence("device", True, accounts=1, at=NOW), **values)  # type: ignore[arg-type]


def level(*found: IdentifierEvidence, run: RunInfo | None = RUN) -> str:
    return level_of(signup_risk(found, run, NOW)[0])


def test_unknown_identifiers_are_said_to_be_unknown() -> None:
    risk, ring, reasons = signup_risk([IdentifierEvidence("device", False), IdentifierEvidence("ip", False)], RUN, NOW)
    assert risk == 0
    assert ring is None
    assert [reason.code for reason in reasons] == ["unknown_device", "unknown_ip"]
    assert "no account has used it" in reasons[0].text


def test_nothing_known_is_a_risk_of_0_without_a_sign() -> None:
    for found in ([], [IdentifierEvidence("ip", False)]):
        risk, _, reasons = signup_risk(found, None, NOW)
        assert [math.copysign(1, number) for number in (risk, *(reason.points for reason in reasons))].count(-1) == 0
    assert str(told_points(-0.0)) == str(told_points(-0.04)) == "0.0"


def test_a_rings_device_is_high_and_names_the_ring() -> None:
    risk, ring, reasons = signup_risk([device(accounts=40, ring=RING, ring_members=40)], RUN, NOW)
    assert level_of(risk) in ("high", "critical")
    assert ring == RING
    assert reasons[0].code == "in_ring_device"
    assert reasons[0].evidence["ring_members"] == 40


def test_points_add_up_to_the_score() -> None:
    found = [device(accounts=40, ring=RING, ring_members=30), IdentifierEvidence("ip", True, accounts=9, at=NOW)]
    risk, _, reasons = signup_risk(found, RUN, NOW)
    assert sum(reason.points for reason in reasons) == pytest.approx(100 * risk, abs=0.2)


def test_a_few_ring_members_behind_a_carrier_do_not_condemn_it() -> None:
    carrier = IdentifierEvidence("ip", True, accounts=4000, ring=RING, ring_members=60, sum_h=300, sum_hp=9, at=NOW)
    risk, ring, reasons = signup_risk([carrier], RUN, NOW)
    assert level_of(risk) == "low"
    assert ring is None
    assert reasons[0].code == "popular_ip"


def test_thirty_signups_in_ten_minutes_are_told_before_any_run() -> None:
    """A shop's tablet has them too: on a device alone they are no more than worth a look, on a card as well more."""
    device, card = (
        IdentifierEvidence(kind, True, accounts=30, recent=30, last_day=30) for kind in ("device", "payment_method")
    )
    alone, _, reasons = signup_risk([device], None, NOW)
    assert reasons[0].code == "burst_device" and reasons[0].points > 20
    assert alone < 0.5 < signup_risk([device, card], None, NOW)[0]


def test_a_household_on_one_device_is_low() -> None:
    assert level(device(accounts=3, recent=2, last_day=3)) == "low"


def test_an_office_that_signs_up_together_is_not_high_by_its_address_alone() -> None:
    assert level(IdentifierEvidence("ip", True, accounts=40, recent=40, last_day=40)) in ("low", "medium")


def test_a_busy_carrier_is_not_a_burst() -> None:
    # 40 births a day for a long time; 45 today.
    carrier = IdentifierEvidence("ip", True, accounts=9000, sum_h=800, sum_hp=8, at=NOW, recent=2, last_day=45)
    assert level(carrier) == "low"


def test_old_evidence_fades() -> None:
    fresh = device(accounts=20, sum_h=15, sum_hp=14)
    old = replace(fresh, at=NOW - 180 * 86400)
    assert signup_risk([old], RUN, NOW)[0] < 0.1 < signup_risk([fresh], RUN, NOW)[0]


def test_dismissed_rings_are_silent_and_confirmed_ones_certain() -> None:
    weak = replace(RING, score=60.0)
    found = device(accounts=10, ring=weak, ring_members=10)
    open_risk = signup_risk([found], RUN, NOW)[0]
    confirmed = signup_risk([replace(found, ring=replace(weak, status="confirmed"))], RUN, NOW)
    dismissed = signup_risk([replace(found, ring=replace(weak, status="dismissed"))], RUN, NOW)
    assert dismissed[0] < 0.05 < open_risk < confirmed[0]
    assert "people confirmed" in confirmed[2][0].text
    assert dismissed[1] is None


def test_labels_count_at_once() -> None:
    found = device(accounts=6, fraud=4)
    risk, _, reasons = signup_risk([found], RUN, NOW)
    assert risk > 0.7
    assert reasons[0].code == "labelled_device"
    assert signup_risk([replace(found, legitimate=12)], RUN, NOW)[0] < 0.3


def test_more_evidence_never_lowers_the_risk() -> None:
    one = signup_risk([device(accounts=40, ring=RING, ring_members=30)], RUN, NOW)[0]
    two = signup_risk(
        [device(accounts=40, ring=RING, ring_members=30), IdentifierEvidence("ip", True, accounts=3, at=NOW)], RUN, NOW
    )[0]
    assert two >= one
