"""What is no pack is refused with a message, and a stranger's before it is unpacked."""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner

from service.cli.verify import command
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


def signed(folder: Path) -> tuple[Path, str]:
    """A pack of one file, and the fingerprint of its key."""
    key = signing.load_key(folder)
    public = signing.public_bytes(key)
    texts = {"ring": "R", "run": "r", "profile": "full", "made_at": "now", "public_key": public.hex()}
    manifest = json.dumps({**texts, "files": {"a file.txt": hashlib.sha256(b"told").hexdigest()}}).encode()
    with zipfile.ZipFile(folder / "x.zip", "w") as pack:
        pack.writestr(signing.MANIFEST, manifest)
        pack.writestr(signing.SIGNATURE, key.sign(manifest).hex())
        pack.writestr("a file.txt", "told")
    return folder / "x.zip", signing.fingerprint(public)


def test_a_fingerprint_is_read_as_people_write_it(tmp_path: Path) -> None:
    pack, fingerprint = signed(tmp_path)
    for written in (fingerprint, fingerprint.upper(), fingerprint.replace("-", ""), fingerprint.replace("-", " ")):
        found = CliRunner().invoke(command, [str(pack), "--key", written])
        assert found.exit_code == 0, found.output
    other = CliRunner().invoke(command, [str(pack), "--key", fingerprint[::-1]])
    assert isinstance(other.exception, InputError) and "was signed by" in str(other.exception)
    for none in ("", fingerprint[:19], "not-a-key"):
        found = CliRunner().invoke(command, [str(pack), "--key", none])
        assert isinstance(found.exception, InputError) and "is no fingerprint" in str(found.exception)


def test_a_pack_is_checked_without_ringsight_as_the_documentation_says(tmp_path: Path) -> None:
    pack, fingerprint = signed(tmp_path)
    page = (Path(__file__).parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
    block = re.search(r"that a pack was unpacked to:\n\n((?:    .*\n)+)", page)
    assert block is not None
    script = block[1].replace("\n    ", "\n").removeprefix("    ")
    folder = tmp_path / "unpacked"
    with zipfile.ZipFile(pack) as archive:
        archive.extractall(folder)

    def told() -> str:
        return subprocess.run(["bash", "-c", script], cwd=folder, capture_output=True, text=True, check=False).stdout

    assert told().splitlines() == [
        "Signature Verified Successfully", "every file is as signed", fingerprint.replace("-", "")
    ]  # fmt: skip
    (folder / "a file.txt").write_text("another")
    assert "every file is as signed" not in told()
    (folder / signing.MANIFEST).write_bytes((folder / signing.MANIFEST).read_bytes().replace(b'"R"', b'"S"'))
    assert "Verified Successfully" not in told()
