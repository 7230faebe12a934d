"""Ring ids: readable, checked, and the same ring's from run to run."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.detection.identity.matching import identify
from service.detection.identity.ring_ids import ALPHABET, check_character, is_valid, new_id


def identified(
    old: list[int], new: list[int], ids: list[str], dismissed: tuple[str, ...] = ()
) -> tuple[list[str], set[str], set[tuple[str, str]]]:
    rings = max(new, default=-1) + 1
    result = identify(
        np.array(old),
        ids,
        np.array(new),
        ids,
        [f"seed-{n}" for n in range(rings)],
        np.bincount([n for n in old if n >= 0]),
        dismissed,
    )
    return result.ids, {f"{a}<{b}" for a, b in result.merged_from}, set(result.split_from)


@given(st.text(alphabet=ALPHABET, min_size=4, max_size=6), st.integers(0, 5), st.sampled_from(ALPHABET))
def test_one_wrong_character_is_found(body: str, place: int, wrong: str) -> None:
    place %= len(body)
    changed = body[:place] + wrong + body[place + 1 :]
    assert is_valid(f"R-{body}-{check_character(body)}")
    assert is_valid(f"R-{changed}-{check_character(body)}") == (changed == body)


@pytest.mark.parametrize("text", ["", "R-7F3K", "R-7F3-Q", "X-7F3K-Q", "R-7FIK-Q", "R-7F3K-QQ"])
def test_what_is_no_ring_id_is_refused(text: str) -> None:
    assert not is_valid(text)


def test_ids_are_repeatable_and_never_given_twice() -> None:
    first = new_id("seed", set())
    assert new_id("seed", set()) == first
    second = new_id("seed", {first})
    assert second != first and is_valid(second)


def test_a_ring_that_grows_keeps_its_id() -> None:
    ids, merged, split = identified([0, 0, 0, -1, -1], [0, 0, 0, 0, 0], ["R-OLD0-0"])
    assert (ids, merged, split) == (["R-OLD0-0"], set(), set())


def test_when_rings_merge_the_larger_gives_the_id_and_the_other_is_noted() -> None:
    ids, merged, split = identified([0, 0, 0, 1, 1], [0, 0, 0, 0, 0], ["R-BIG0-0", "R-SML0-0"])
    assert (ids, merged, split) == (["R-BIG0-0"], {"R-BIG0-0<R-SML0-0"}, set())


def test_a_dismissed_ring_gives_its_id_to_no_ring_of_others() -> None:
    """20 of 59 were dismissed: all 59 were let through, as the ring had the id of the dismissed one."""
    old = [0] * 20 + [1] * 20 + [2] * 19
    ids, merged, split = identified(old, [0] * 59, ["R-DSM0-0", "R-OPN1-0", "R-OPN2-0"], ("R-DSM0-0",))
    assert ids == ["R-OPN1-0"]
    assert (merged, split) == ({"R-OPN1-0<R-DSM0-0", "R-OPN1-0<R-OPN2-0"}, set())


def test_a_dismissed_ring_keeps_its_id_where_newcomers_or_few_others_join() -> None:
    grown = identified([0] * 20 + [-1] * 40, [0] * 60, ["R-DSM0-0"], ("R-DSM0-0",))
    joined = identified([0] * 20 + [1] * 15, [0] * 35, ["R-DSM0-0", "R-OPN1-0"], ("R-DSM0-0",))
    assert grown[0] == joined[0] == ["R-DSM0-0"]


def test_when_a_ring_splits_the_larger_part_keeps_the_id_and_the_other_is_noted() -> None:
    ids, merged, split = identified([0, 0, 0, 0, 0], [0, 0, 0, 1, 1], ["R-OLD0-0"])
    assert ids[0] == "R-OLD0-0" and is_valid(ids[1])
    assert (merged, split) == (set(), {(ids[1], "R-OLD0-0")})


def test_a_chance_overlap_gives_no_id() -> None:
    old = [0] * 10 + [-1] * 10
    new = [0] * 2 + [-1] * 8 + [0] * 10
    ids, merged, split = identified(old, new, ["R-OLD0-0"])
    assert ids[0] != "R-OLD0-0" and not merged and not split
