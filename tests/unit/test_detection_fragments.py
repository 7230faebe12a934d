"""Fragments that hardly tie to the rest of their group are cut off."""

from __future__ import annotations

import numpy as np

from service.detection.grouping.fragments import cut_loose
from service.detection.reading.snapshot import Ints


def clique(first: int, size: int) -> list[tuple[int, int]]:
    return [(first + a, first + b) for a in range(size) for b in range(a)]


def cut(links: list[tuple[int, int]], community: list[int], fragment: list[int], least: float = 0.05) -> Ints:
    ends = np.array(links).T
    found = cut_loose((ends[0], ends[1]), np.ones(len(links)), np.array(community), np.array(fragment), least)
    assert len(found) == len(community)
    return found


def test_a_fragment_on_one_link_is_cut_off() -> None:
    links = [*clique(0, 12), *clique(12, 8), (0, 12)]
    found = cut(links, [0] * 20, [5] * 12 + [9] * 8)
    assert len(set(found[:12])) == 1
    assert len(set(found[12:])) == 1
    assert found[0] != found[12]


def test_the_heaviest_fragment_is_cut_off_from_others_that_hold_together() -> None:
    """An office heavier than each batch of a campaign was flagged with them: it was what others were cut from."""
    batches = [link for n in range(4) for link in clique(20 + 10 * n, 10)]
    between = [(20 + 10 * a + n, 20 + 10 * b + n) for a in range(4) for b in range(a) for n in range(5)]
    found = cut([*clique(0, 20), *batches, *between, (0, 20)], [0] * 60, [0] * 20 + [1 + n // 10 for n in range(40)])
    assert len(set(found[:20])) == len(set(found[20:])) == 1
    assert found[0] != found[20]


def test_a_small_rest_stays_with_the_heavy_fragment_that_it_is_tied_to() -> None:
    links = [*clique(0, 20), *clique(20, 3), (0, 20)]
    assert set(cut(links, [0] * 23, [5] * 20 + [9] * 3).tolist()) == {0}


def test_a_fragment_that_is_well_tied_stays() -> None:
    links = [*clique(0, 12), *clique(12, 8), *((n, 12 + n) for n in range(8))]
    assert set(cut(links, [0] * 20, [5] * 12 + [9] * 8).tolist()) == {0}


def test_links_to_other_communities_count_for_nothing() -> None:
    """A community is not cut from itself, however it ties to others."""
    links = [*clique(0, 6), *clique(6, 6), *((a, b) for a in range(6) for b in range(6, 12))]
    assert cut(links, [3] * 6 + [7] * 6, [0] * 12).tolist() == [0] * 6 + [1] * 6


def test_an_empty_view_has_no_communities() -> None:
    none = np.zeros(0, np.int64)
    assert len(cut_loose((none, none), np.zeros(0), none, none, 0.05)) == 0
