"""Damaged and hostile backups: each is refused with a message and leaves the home, and all around it, as it was."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from service.engine import backup
from service.errors import RingsightError
from service.settings import Settings
from tests.hostile import EXAMPLES, damaged
from tests.unit.test_backup_restore import contents

OURS = {"home/keys/token.key": b"1" * 64, "home/journal/journal.jsonl": b"{}\n"}


def manifest(sums: dict[str, str]) -> bytes:
    return json.dumps({"made_at": "now", "engine_line": "5.26", "sums": sums}).encode()


def add(archive: tarfile.TarFile, name: str, data: bytes = b"", **fields: object) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    for field, value in fields.items():
        setattr(member, field, value)
    archive.addfile(member, io.BytesIO(data))


@contextmanager
def whole(path: Path, text: bytes | None = None) -> Iterator[tarfile.TarFile]:
    """A sound backup, to add to. `text`: of its manifest, if not the right one."""
    with tarfile.open(path, "w") as archive:
        sums = {name: hashlib.sha256(data).hexdigest() for name, data in OURS.items()}
        add(archive, backup.MANIFEST, manifest(sums) if text is None else text)
        for name, data in OURS.items():
            add(archive, name, data)
        yield archive


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    keys = tmp_path / "around" / "home" / "keys"
    keys.mkdir(parents=True)
    (keys / "token.key").write_bytes(b"0" * 64)
    return Settings(home=keys.parent, neo4j_uri="bolt://nowhere.invalid")


LINK, HARD, PIPE, DEVICE = tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE, tarfile.CHRTYPE
MEMBERS: dict[str, dict[str, object]] = {
    "out by dots": {"name": "../../evil", "data": b"x"},
    "out from the home": {"name": "home/../../../evil", "data": b"x"},
    "absolute": {"name": "/tmp/ringsight-evil", "data": b"x"},
    "a link out": {"name": "home/keys/link", "type": LINK, "linkname": "../../../../evil"},
    "an absolute link": {"name": "home/keys/link", "type": LINK, "linkname": "/etc/passwd"},
    "a hard link out": {"name": "home/keys/hard", "type": HARD, "linkname": "../../evil"},
    "a pipe": {"name": "home/keys/pipe", "type": PIPE},
    "a device": {"name": "home/keys/device", "type": DEVICE, "devmajor": 1, "devminor": 5},
    "a file that nothing names": {"name": "home/keys/session.key", "data": b"theirs"},
    "the same twice": {"name": "home/keys/token.key", "data": b"2" * 64},
    "the manifest twice": {"name": backup.MANIFEST, "data": b"{}"},
    "a name of nothing": {"name": "home//", "data": b"x"},
    "a very long name": {"name": "home/" + "x" * 5000, "data": b"x"},
    "a zero in its name": {"name": "home/a\0b", "data": b"x"},
}
MANIFESTS = {
    "nothing": b"",
    "deep": b"[" * 100_000,
    "deep object": b'{"a":' * 100_000,
    "not UTF-8": b"\xff\xfe",
    "a large number": b'{"made_at": ' + b"9" * 5000 + b"}",
    "more keys": b'{"made_at": "now", "engine_line": "5.26", "sums": {}, "x": 1}',
    "names out": manifest({"home/../../evil": "0" * 64}),
    "an absolute name": manifest({"/etc/passwd": "0" * 64}),
    "a line of the future": b'{"made_at": "now", "engine_line": "9.9.9.9.9", "sums": {}}',
}


def refused(settings: Settings, path: Path) -> None:
    """Restores a file; the home and all around it must be as before."""
    around = contents(settings.home.parent)
    with pytest.raises(RingsightError) as error:
        backup.restore(settings, path, overwrite=True)
    assert path.name in error.value.detail
    assert contents(settings.home.parent) == around


@pytest.mark.parametrize("name", MEMBERS)
def test_a_hostile_member(settings: Settings, tmp_path: Path, name: str) -> None:
    member = dict(MEMBERS[name])
    with whole(tmp_path / "hostile.tar") as archive:
        add(archive, str(member.pop("name")), bytes(member.pop("data", b"")), **member)  # type: ignore[call-overload]
    refused(settings, tmp_path / "hostile.tar")
    assert not Path("/tmp/ringsight-evil").exists()


@pytest.mark.parametrize("name", MANIFESTS)
def test_a_hostile_manifest(settings: Settings, tmp_path: Path, name: str) -> None:
    with whole(tmp_path / "hostile.tar", MANIFESTS[name]):
        pass
    refused(settings, tmp_path / "hostile.tar")


def test_a_damaged_backup_is_refused_or_restores_what_was_backed_up(settings: Settings, tmp_path: Path) -> None:
    path = tmp_path / "hostile.tar"
    with whole(path):
        pass
    for data in damaged(path.read_bytes(), seed=4, examples=min(EXAMPLES, 300)):
        path.write_bytes(data)
        try:
            backup.restore(settings, path, overwrite=True)
        except RingsightError as error:
            assert path.name in error.detail
        else:
            assert (settings.home / "keys" / "token.key").read_bytes() == OURS["home/keys/token.key"]
