"""A full disk: what can't be kept is refused with a sentence, decisions go on, and all is well once there is room.

On a file system in memory where one may be mounted, else with a limit on the size of files.
"""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

import pytest

from service import home_lock
from service.decisions.index import records
from service.decisions.index.lmdb_store import LmdbStore
from service.decisions.index.store import Meta
from service.errors import UnavailableError
from service.model.evidence import RunInfo
from service.security.journal import Journal
from service.security.keys import KeyStore
from service.security.roles import Role
from tests.support import security

META = Meta(RunInfo("run-1", 1000, 0.02, "1"), 1000, accounts=3)
KEYS = [records.key("device", str(number)) for number in range(3000)]
RECORD = records.pack_identifier(records.Identifier(2))
EVENT = {"account_id": "a", "occurred_at": "2026-03-01T00:00:00Z", "device_id": "d"}
SIZE = "8m"

Full = Callable[[], AbstractContextManager[None]]


@contextmanager
def filled(folder: Path) -> Iterator[None]:
    """Fills the file system to the last byte."""
    filler = folder / "filler"
    with filler.open("wb", buffering=0) as file:
        for block in (1 << 16, 1):
            try:
                while file.write(b"x" * block):
                    pass
            except OSError:
                continue
    try:
        yield
    finally:
        filler.unlink()


@contextmanager
def files_do_not_grow() -> Iterator[None]:
    unlimited = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, unlimited[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, unlimited)


@pytest.fixture(params=["a file system", "a limit"])
def disk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[tuple[Path, Full]]:
    """A home with an index and a key, and what fills its disk."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mounted = request.param == "a file system"
    if mounted:
        call = ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)]
        if os.getuid() or subprocess.run(call, capture_output=True, check=False).returncode:
            pytest.skip("no file system may be mounted here; the limit is tried")
    try:
        home = folder / "home"
        started = home_lock.share(home)
        assert started is not None
        started.close()
        store = LmdbStore(home / "index")
        store.build(META, [(key, RECORD) for key in KEYS])
        store.change(KEYS[:1], lambda _key, _before: b"live")
        store.close()
        yield home, (lambda: filled(folder)) if mounted else files_do_not_grow
    finally:
        security.close_all()
        if mounted:
            subprocess.run(["umount", "--lazy", str(folder)], check=True)


def test_what_can_not_be_kept_is_refused_and_decisions_go_on(disk: tuple[Path, Full]) -> None:
    home, full = disk
    headers = security.bearer(home, Role.ADMIN)
    client = security.client(home, neo4j_uri="bolt://127.0.0.1:1")
    signup = {"json": {"device_id": "d"}, "headers": headers}
    assert client.post("/v1/events", json=[EVENT], headers=headers).status_code == 202
    first = client.post("/v1/risk/signup", **signup).get_json()["id"]
    with full():
        refused = client.post("/v1/events", json=[EVENT], headers=headers)
        assert refused.status_code == 503 and "can't be" in refused.get_json()["detail"]
        changed = client.post("/v1/accounts/a/label", json={"label": "fraud"}, headers=headers)
        assert changed.status_code == 503 and "journal" in changed.get_json()["detail"]
        decided = [client.post("/v1/risk/signup", **signup) for _ in range(20)]
        assert {answer.status_code for answer in decided} == {200}
        kept = [answer.get_json()["id"] for answer in decided]
        assert None in kept, "the last page of a file has room for some"
        with pytest.raises(UnavailableError, match="can't be read or written"):
            KeyStore(home).create("more", [Role.ADMIN], 3600)
    assert client.post("/v1/events", json=[EVENT], headers=headers).status_code == 202
    again = client.post("/v1/risk/signup", **signup).get_json()["id"]
    for decision in filter(None, (first, *kept, again)):
        assert client.get(f"/v1/decisions/{decision}", headers=headers).get_json()["id"] == decision
    Journal(home).append(who="a", what="b", where="c")
    Journal(home).verify()
    assert "more" not in [key.name for key in KeyStore(home).all()]


def test_an_index_that_does_not_fit_leaves_the_one_before(disk: tuple[Path, Full]) -> None:
    home, full = disk
    store = LmdbStore(home / "index")
    before = store.base(KEYS)
    try:
        with full():
            with pytest.raises(UnavailableError):
                store.build(META, [(records.key("device", str(number)), RECORD) for number in range(5000)])
            with pytest.raises(UnavailableError):
                store.change(KEYS, lambda _key, _before: RECORD * 20)
            assert store.base(KEYS) == before
            assert store.live(KEYS[:2]) == [b"live", None]
        assert not list((home / "index").glob("draft-*"))
        store.change(KEYS, lambda _key, _before: b"after")
        assert store.live(KEYS[:2]) == [b"after", b"after"]
        assert store.build(META, [(key, RECORD) for key in KEYS]).records == len(KEYS)
    finally:
        store.close()


@pytest.mark.parametrize("words", [("keys", "create", "ann", "--role", "admin"), ("expire", "--older-than", "1d")])
def test_a_command_says_so_in_a_line(disk: tuple[Path, Full], words: tuple[str, ...]) -> None:
    home, full = disk
    environment = os.environ | {"RINGSIGHT_HOME": str(home), "PYTHONDONTWRITEBYTECODE": "1"}
    call = [sys.executable, "-m", "service.cli", *words]
    with full():
        told = subprocess.run(call, env=environment, capture_output=True, text=True, check=False)
    assert (told.returncode, "Traceback" in told.stderr) == (1, False), told.stderr
    assert any(word in told.stderr for word in ("No space left", "File too large", "full")), told.stderr
