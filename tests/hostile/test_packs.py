"""Damaged evidence packs: none is taken for ours unless what it says is what was signed."""

from __future__ import annotations

import hashlib
import json
import zipfile
from pathlib import Path

import pytest

from service.errors import RingsightError
from service.export import signing
from tests.hostile import damaged

FILES = {"ring.json": b'{"accounts": ["a", "b"]}', "journal.csv": b"at,who\n" * 50}


@pytest.mark.parametrize("compression", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_damaged_pack_is_refused_or_says_what_was_signed(tmp_path: Path, compression: int) -> None:
    path, key = tmp_path / "hostile-pack", signing.load_key(tmp_path)
    public = signing.public_bytes(key)
    texts = {"ring": "R-1", "run": "r", "profile": "full", "made_at": "now", "public_key": public.hex()}
    sums = {name: hashlib.sha256(data).hexdigest() for name, data in FILES.items()}
    manifest = json.dumps({**texts, "files": sums}).encode()
    whole = {signing.MANIFEST: manifest, signing.SIGNATURE: key.sign(manifest).hex().encode(), **FILES}
    with zipfile.ZipFile(path, "w", compression) as pack:
        for name, data in whole.items():
            pack.writestr(name, data)
    ours = signing.fingerprint(public)
    assert signing.check(path, ours).files == len(FILES)
    for data in damaged(path.read_bytes(), seed=3):
        path.write_bytes(data)
        try:
            assert signing.check(path, ours).manifest == json.loads(manifest)
        except RingsightError as error:
            assert path.name in error.detail
