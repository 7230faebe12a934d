"""Looking accounts up by node id, and communities as groups of accounts: the same as counting by hand."""

from __future__ import annotations

from collections import defaultdict

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.detection.grouping.leiden import label
from service.detection.reading import snapshot as snapshots
from service.detection.reading.previous_run import previous_run_of
from service.detection.reading.snapshot import SYNTHETIC_ID_BASE, Accounts, Links, build, distinct, positions_of

NONE = Links(*[np.zeros(0, np.int64) for _ in range(5)])


@pytest.mark.parametrize("many", [0, 100_000])
@given(st.sets(st.integers(0, 50)), st.lists(st.integers(0, 60), min_size=1))
def test_a_look_up_finds_what_is_there_and_nothing_else(many: int, nodes: set[int], values: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "DENSE_LOOKUP_MIN", many)
        found = positions_of(np.array(sorted(nodes), np.int64), np.array([*values, SYNTHETIC_ID_BASE]))
    assert found.tolist() == [sorted(nodes).index(value) if value in nodes else -1 for value in values] + [-1]


@pytest.mark.parametrize("many", [0, 100_000])
@given(st.lists(st.integers(0, 60), min_size=1))
def test_distinct_node_ids_are_sorted_and_there_once(many: int, nodes: list[int]) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(snapshots, "DENSE_LOOKUP_MIN", many)
        assert distinct(np.array(nodes)).tolist() == sorted(set(nodes))


def test_links_of_accounts_that_came_since_are_left_out() -> None:
    node, created = np.array([1, 2]), np.array([100, 200])
    links = Links(
        np.array([1, 2, 9]), np.array([5, 5, 5]), np.zeros(3, np.int64), np.array([100, 200, 300]), np.full(3, 300)
    )
    snapshot = build(Accounts(node, created, created, node, node), links, NONE, 1)
    assert snapshot.account.tolist() == [0, 1]
    assert snapshot.k.tolist() == [2]


def test_members_that_have_gone_since_are_nobody_else() -> None:
    node = np.array([1, 4])
    snapshot = build(Accounts(node, node, node, node, node), NONE, NONE, 1)
    rings = {"node": [1, 3, 4, 9], "ring": ["R-B", "R-A", "R-A", "R-A"], "below": [1, 0, 0, 2]}
    previous = previous_run_of(
        snapshot,
        {
            **rings,
            "risky": [4, 1],
            "risks": [0.4, 0.1],
            "verdicts": [["R-A", False, 90]],
            "verdicts_at": 95,
            "counts": None,
            "word_node": [],
            "word_ring": [],
            "evident": [[7, 3, 0.5, None, None, 2.0, 1.0, None, 100, None], [2, 5, 0.0, 1, 9, 2.0, 1.0, 4, 100, "R-A"]],
        },
    )
    assert previous.ids == ["R-A", "R-B"]
    assert previous.ring.tolist() == [1, 0]
    assert previous.runs_absent.tolist() == [1, 0]
    assert previous.risks.tolist() == [0.1, 0.4]
    assert previous.evident.node.tolist() == [2, 7]
    assert previous.evident.ring == ["R-A", None]
    assert previous.evident.numbers[0].tolist() == [5, 3]
    assert np.isnan(previous.evident.numbers[2]).tolist() == [False, True]


@given(st.dictionaries(st.integers(0, 30), st.integers(0, 6)), st.integers(1, 4))
def test_groups_are_numbered_by_size_and_small_ones_are_left_out(community_of: dict[int, int], minimum: int) -> None:
    """Nodes up to 19 are accounts, the others identifiers."""
    node = np.arange(20)
    snapshot = build(Accounts(node, node, node, node, node), NONE, NONE, 1)
    labels = label(snapshot, np.array(list(community_of), np.int64), np.array(list(community_of.values())), minimum)
    members = defaultdict(list)
    for account, community in sorted(community_of.items()):
        if account < 20:
            members[community].append(account)
    kept = sorted((-len(group), group) for group in members.values() if len(group) >= minimum)
    expected = np.full(20, -1)
    for number, (_, group) in enumerate(kept):
        expected[group] = number
    assert labels.tolist() == expected.tolist()
