"""Policy files: what they mean, and what is refused."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from service.decisions import policy
from service.errors import SettingsError


@pytest.mark.parametrize(
    ("score", "action"),
    [(0, "allow"), (49.9, "allow"), (50, "review"), (60, "challenge"), (90, "block"), (100, "block")],
)
def test_the_built_in_policy(score: float, action: str) -> None:
    assert policy.load(None).enforce.action("signup", score) == action


def test_a_file_may_leave_actions_out_and_add_a_shadow(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text('version = "a"\n[enforce.signup]\nblock = 95\n[shadow.signup]\nreview = 10\n')
    loaded = policy.load(path)
    assert [loaded.enforce.action("signup", score) for score in (94, 95)] == ["allow", "block"]
    assert loaded.enforce.action("account", 100) == "allow"
    assert loaded.shadow is not None and loaded.shadow.action("signup", 12) == "review"


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("", "version"),
        ('version = ""', "version"),
        ('version = "a"\n[enforce.signup]\nblock = 101', "enforce.signup.block"),
        ('version = "a"\n[enforce.signup]\nblock = 50\nreview = 60', "enforce.signup: a harder action"),
        ('version = "a"\n[enforce.login]\nblock = 50', "enforce.login"),
        ('version = "a"\n[enforce.signup]\nban = 50', "enforce.signup.ban: nothing here has this name"),
        ('version = "a"\n[enforce.signup]\nblock = true', "enforce.signup.block: .* valid number"),
        ('version = "a"\n[enforce.signup]\nblock = "90"', "enforce.signup.block: .* valid number"),
        ('version = "a"\nenforce = 90', "enforce: it has to be an object"),
        ("version = ", "not TOML"),
    ],
)
def test_a_wrong_file_is_refused_with_its_name_and_field(tmp_path: Path, text: str, named: str) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(text)
    with pytest.raises(SettingsError, match=named) as caught:
        policy.load(path)
    assert str(path) in caught.value.detail


def test_a_pipe_is_not_waited_for_and_a_mark_of_the_byte_order_is_read_over(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(SettingsError, match="it is no regular file"):
        policy.load(tmp_path / "pipe")
    (tmp_path / "marked.toml").write_text('version = "mine"\n', encoding="utf-8-sig")
    assert policy.load(tmp_path / "marked.toml").version == "mine"


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="can't be read"):
        policy.load(tmp_path / "none.toml")
