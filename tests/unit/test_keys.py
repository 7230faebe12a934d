"""API keys: shown once, hashed, expired, revoked, seen by other processes, quick to check."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from service.errors import ConflictError, InputError, NotFoundError
from service.security import keys
from service.security.keys import KeyStore
from service.security.roles import Role


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> KeyStore:
    monkeypatch.setattr(keys, "LOOK_EVERY_S", 0.0)
    return KeyStore(tmp_path)


def test_a_key_is_known_by_its_whole_text_only(store: KeyStore) -> None:
    key, text = store.create("checkout", [Role.SCORE], None)
    found = store.check(text)
    assert found is not None
    assert (found.id, found.roles, found.name) == (key.id, frozenset({Role.SCORE}), "checkout")
    wrong = text[:-1] + ("A" if text[-1] != "A" else "B")
    for other in (wrong, key.prefix, text + "x", "", "rsk_", "x" * 10_000, text.upper()):
        assert store.check(other) is None


def test_the_file_and_the_list_do_not_hold_the_secret(store: KeyStore) -> None:
    _, text = store.create("checkout", [Role.SCORE], None)
    secret = text.rpartition("_")[2] if text.count("_") == 2 else text[17:]
    assert secret.encode() not in store.path.read_bytes()
    assert secret not in repr(store.all())
    assert store.path.stat().st_mode & 0o077 == 0


def test_an_expired_key_is_refused(store: KeyStore, monkeypatch: pytest.MonkeyPatch) -> None:
    _, text = store.create("short", [Role.SCORE], 60)
    assert store.check(text) is not None
    later = time.time() + 61  # a lifetime of a second was sometimes over before the first look
    monkeypatch.setattr(time, "time", lambda: later)
    assert store.check(text) is None
    assert store.all()[0].state(time.time()) == "expired"


@pytest.mark.parametrize("by", ["prefix", "name", "id"])
def test_a_revoked_key_is_refused_by_a_store_that_knew_it(tmp_path: Path, store: KeyStore, by: str) -> None:
    key, text = store.create("gone", [Role.ADMIN], None)
    assert store.check(text) is not None
    KeyStore(tmp_path).revoke(getattr(key, by))
    assert store.check(text) is None
    with pytest.raises(NotFoundError):
        store.revoke("gone")


def test_a_key_of_another_process_is_seen(tmp_path: Path, store: KeyStore) -> None:
    assert store.check("rsk_000000000000_" + "A" * 43) is None
    code = (
        "import sys, pathlib; from service.security.keys import KeyStore; from service.security.roles import Role;"
        "print(KeyStore(pathlib.Path(sys.argv[1])).create('other', [Role.INGEST], None)[1])"
    )
    made = subprocess.run([sys.executable, "-c", code, str(tmp_path)], capture_output=True, text=True, check=True)
    assert store.check(made.stdout.strip()) is not None


def test_the_last_use_is_noted(store: KeyStore) -> None:
    _, text = store.create("used", [Role.SCORE], None)
    assert store.all()[0].last_used_at is None
    store.check(text)
    assert abs((store.all()[0].last_used_at or 0) - time.time()) < 5


def test_a_key_without_its_store_is_still_known(store: KeyStore) -> None:
    """A full or damaged disk must not shut everybody out while the process knows the keys."""
    _, text = store.create("used", [Role.SCORE], None)
    assert store.check(text) is not None
    store.path.write_bytes(b"damaged" * 1000)
    assert store.check(text) is not None


@pytest.mark.parametrize("name", ["", " x", "a\nb", "a" * 65, "<b>"])
def test_a_strange_name_is_refused(store: KeyStore, name: str) -> None:
    with pytest.raises(InputError):
        store.create(name, [Role.SCORE], None)


def test_two_active_keys_have_two_names(store: KeyStore) -> None:
    store.create("a", [Role.SCORE], None)
    with pytest.raises(ConflictError):
        store.create("a", [Role.SCORE], None)
    store.revoke("a")
    store.create("a", [Role.SCORE], None)


def test_a_check_takes_microseconds(tmp_path: Path) -> None:
    store = KeyStore(tmp_path)
    texts = [store.create(f"key {n}", [Role.SCORE], None)[1] for n in range(20)]
    store.check(texts[3])
    best = min(_seconds(store, texts[3]) for _ in range(20))
    assert best / 200 < 50e-6, f"{best / 200 * 1e6:.1f} us a check"


def _seconds(store: KeyStore, text: str) -> float:
    start = time.perf_counter()
    for _ in range(200):
        store.check(text)
    return time.perf_counter() - start


def test_the_commands_make_list_and_revoke(tmp_path: Path) -> None:
    def ringsight(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            [sys.executable, "-m", "service.cli", *arguments],
            env={"RINGSIGHT_HOME": str(tmp_path), "PATH": ""},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, done.stderr
        return done

    made = ringsight("keys", "create", "fraud desk", "--role", "analyst", "--role", "score", "--expires", "30d")
    text = made.stdout.strip()
    assert text.startswith("rsk_") and "shown this once" in made.stderr and text not in made.stderr
    listed = ringsight("keys", "list").stdout
    assert "fraud desk" in listed and text not in listed and "1 of them active" in listed
    ringsight("keys", "revoke", "fraud desk")
    assert "0 of them active" in ringsight("keys", "list").stdout
    assert "no key 'nobody'" in ringsight("keys", "revoke", "nobody", code=1).stderr
    assert "not a lifetime" in ringsight("keys", "create", "x", "--role", "score", "--expires", "soon", code=2).stderr
    ringsight("keys", "create", "x", "--role", "emperor", code=2)
    assert "The journal holds: 2 lines" in ringsight("journal", "verify").stdout
    assert text not in (tmp_path / "journal" / "journal.jsonl").read_text()
