"""Which links lie inside windows: the same as looking at all of them, without doing so."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from service.detection.evidence.combine import links_inside
from service.detection.evidence.signup_windows import BIRTH_LINKS, FIRST_SEEN, Windows
from service.detection.reading.population import most_within
from service.detection.reading.snapshot import Accounts, Links, build
from tests.support.kind_codes import DEVICE, IP

NONE = Links(*[np.zeros(0, np.int64) for _ in range(5)])
LINK = st.tuples(st.integers(0, 9), st.integers(0, 3), st.integers(0, 40))
WINDOW = st.tuples(st.integers(0, 3), st.integers(0, 40), st.integers(0, 20), st.integers(0, 2))


@given(st.lists(st.integers(0, 40), min_size=10, max_size=10), st.lists(LINK, min_size=1), st.lists(WINDOW))
def test_windows_hold_the_links_of_their_identifier_and_time(
    created: list[int], links: list[tuple[int, int, int]], chosen: list[tuple[int, int, int, int]]
) -> None:
    node, born = np.arange(10), np.array(created)
    account, identifier, first = np.array(links).T
    snapshot = build(
        Accounts(node, born, born, node, node),
        Links(account, 100 + identifier, np.full(len(first), IP), first, first),
        NONE,
        5,
    )
    rows = [row for row in chosen if row[0] < snapshot.identifiers]
    of, start, width, rule = np.array(rows, np.int64).reshape(-1, 4).T
    windows = Windows(of, start, start + width, np.zeros(len(of)), np.zeros(len(of)), rule)
    expected = []
    for row in range(len(of)):
        for link in range(len(snapshot.account)):
            moment = snapshot.first[link] if rule[row] == FIRST_SEEN else snapshot.created[snapshot.account[link]]
            held = snapshot.identifier[link] == of[row] and start[row] <= moment <= start[row] + width[row]
            if held and (rule[row] != BIRTH_LINKS or snapshot.birth[link]):
                expected.append((row, link))
    assert list(zip(*[found.tolist() for found in links_inside(snapshot, windows)], strict=True)) == expected


def test_velocity_is_right_for_ten_million_accounts() -> None:
    """Times of accounts from 8,388,608 on were taken for those of others."""
    accounts, last = 10_000_000, 9_999_999
    born = np.full(accounts, 1_700_000_000)
    links = Links(
        np.array([5, last, last, last]), accounts + np.arange(4), np.full(4, DEVICE),
        born[:4] + np.array([0, 0, 60, 90 * 86_400]), born[:4] + 90 * 86_400,
    )  # fmt: skip
    snapshot = build(Accounts(np.arange(accounts), born, born, born, born * 0), links, NONE, 86_400)
    within_a_day = most_within(snapshot, (86_400,))[0]
    assert within_a_day.sum() == 3
    assert within_a_day[snapshot.accounts_at(np.array([5, last]))].tolist() == [1, 2]
