"""What is no pack is refused with a message, and a stranger's before it is unpacked."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest

from service.errors import InputError
from service.export import signing


@pytest.mark.parametrize(
    "manifest", ["[]", "1", "null", "{}", '{"public_key": 1}', '{"public_key": "zz"}', "[" * 5000, ""]
)
def test_what_is_no_pack_is_a_message(tmp_path: Path, manifest: str) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as pack:
        pack.writestr(signing.MANIFEST, manifest)
        pack.writestr(signing.SIGNATURE, "00")
    with pytest.raises(InputError, match="not a Ringsight pack"):
        signing.check(tmp_path / "x.zip")


@pytest.mark.parametrize(("at", "byte"), [(8, 99), (6, 1), (10, 14)])
def test_an_archive_packed_in_another_way_is_a_message(tmp_path: Path, at: int, byte: int) -> None:
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as pack:
        pack.writestr(signing.MANIFEST, "{}")
        pack.writestr(signing.SIGNATURE, "00")
    data = bytearray((tmp_path / "x.zip").read_bytes())
    start = 0
    while (start := data.find(b"PK\x01\x02", start)) >= 0:  # in the table of contents
        data[start + at if at != 6 else start + 8] = byte
        start += 4
    (tmp_path / "x.zip").write_bytes(data)
    with pytest.raises(InputError, match="not a Ringsight pack"):
        signing.check(tmp_path / "x.zip")


def test_a_strangers_pack_is_not_unpacked(tmp_path: Path) -> None:
    key = signing.load_key(tmp_path)
    public = signing.public_bytes(key)
    texts = {"ring": "R", "run": "r", "profile": "full", "made_at": "now", "public_key": public.hex()}
    manifest = json.dumps({**texts, "files": {"large": "0" * 64}}).encode()
    with zipfile.ZipFile(tmp_path / "x.zip", "w") as pack:
        pack.writestr(signing.MANIFEST, manifest)
        pack.writestr(signing.SIGNATURE, key.sign(manifest).hex())
        pack.writestr("large", "x")
    with pytest.raises(InputError, match="and not by 0000"):
        signing.check(tmp_path / "x.zip", "0000-" * 7 + "0000")
    with pytest.raises(InputError, match="large is not what the manifest says"):
        signing.check(tmp_path / "x.zip", signing.fingerprint(public))
