"""A chain of token keys: every token that was ever made can be brought to the newest key."""

from __future__ import annotations

from pathlib import Path

import pytest

from service.errors import SettingsError
from service.ingest.aggregate import Batch, renamed
from service.ingest.tokens import TOKEN, Tokeniser, TokenKeys, load_tokeniser
from service.keyfile import add_secret, secret_path

FIRST, SECOND, THIRD = (Tokeniser(b"a" * 32, added=keys) for keys in ((), (b"b" * 32,), (b"b" * 32, b"c" * 32)))


def test_a_value_has_the_token_that_its_old_token_becomes() -> None:
    old, newer, newest = (tokeniser.token("dv", "tablet") for tokeniser in (FIRST, SECOND, THIRD))
    assert len({old, newer, newest}) == 3 and all(TOKEN.fullmatch(token) for token in (old, newer, newest))
    assert SECOND.current(old) == newer
    assert THIRD.current(old) == THIRD.current(newer) == THIRD.current(newest) == newest
    assert THIRD.all_tokens("dv", "tablet") == [old, newer, newest]
    assert [THIRD.at(one.key_id).token("dv", "tablet") for one in (FIRST, SECOND, THIRD)] == [old, newer, newest]


@pytest.mark.parametrize("kept", ["203.0.113.7", "2001:db8:1:2::/64", "dv_", "dv_" + "0" * 32, "dv_0123", "xx"])
def test_what_is_no_token_of_ours_stays(kept: str) -> None:
    assert THIRD.current(kept) == kept


def test_a_value_that_looks_like_a_token_is_no_token() -> None:
    old = FIRST.token("dv", "tablet")
    assert SECOND.token("dv", old) != SECOND.token("dv", "tablet")


def test_a_key_that_the_home_lacks_is_named() -> None:
    with pytest.raises(SettingsError, match=f"under the key {THIRD.key_id}.*it has {FIRST.key_id}, {SECOND.key_id}"):
        SECOND.at(THIRD.key_id)


def test_a_batch_of_tokens_of_several_keys_is_brought_to_one() -> None:
    old, new = FIRST.token("dv", "tablet"), SECOND.token("dv", "tablet")
    address, network = FIRST.token("ip", "203.0.113.7"), FIRST.token("nw", "203.0.113.0/24")
    row = ["a", None, 1, 2, 3, [], [[old, 1, 1, 2], [new, 2, 2, 1]], [[address, 1, 2, 3]]]
    made = renamed(Batch([row], {"network": [(address, network), ("198.51.100.1", "198.51.100.0/24")]}, 3), SECOND)
    assert made.rows[0][:6] == row[:6]
    assert made.rows[0][6] == [[new, 1, 1, 2], [new, 2, 2, 1]]
    assert made.rows[0][7] == [[SECOND.current(address), 1, 2, 3]]
    assert set(made.derived["network"]) == {
        (SECOND.current(address), SECOND.current(network)),
        ("198.51.100.1", "198.51.100.0/24"),
    }
    assert renamed(made, SECOND) == made


def test_a_new_key_in_the_file_is_noticed(tmp_path: Path) -> None:
    keys = TokenKeys(tmp_path, True)
    first = keys.newest()
    assert keys.newest() is first
    add_secret(tmp_path, "token", b"n" * 32)
    added = load_tokeniser(tmp_path, True)
    assert added.key_ids[0] == first.key_id and len(added.key_ids) == 2
    assert keys.at(added.key_id) == added, "one that is asked for is looked up at once"
    add_secret(tmp_path, "token", b"m" * 32)
    keys._look_at = 0.0
    assert len(keys.newest().key_ids) == 3
    assert secret_path(tmp_path, "token").stat().st_mode & 0o777 == 0o600


def test_a_damaged_line_is_refused(tmp_path: Path) -> None:
    load_tokeniser(tmp_path, True)
    with secret_path(tmp_path, "token").open("a") as file:
        file.write("12\n")
    with pytest.raises(SettingsError, match="hex digits a line"):
        load_tokeniser(tmp_path, True)
