"""What is no pack is refused with a message, and a stranger's before it is unpacked."""

from __future__ import annotations

import hashlib
import io
import json
import re
import subprocess
import warnings
import zipfile
import zlib
from collections.abc import Callable
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
    with zipfile.ZipFile(folder / "x.zip", "w", zipfile.ZIP_DEFLATED) as pack:
        pack.writestr(signing.MANIFEST, manifest)
        pack.writestr(signing.SIGNATURE, key.sign(manifest).hex())
        with pack.open("a file.txt", "w", force_zip64=True) as file:
            file.write(b"told")
    return folder / "x.zip", signing.fingerprint(public)


def _deflated(pack: Path, hidden: bytes, inside: bool) -> bytes:
    """The pack with its file deflated, and bytes after the end of that (or `inside` it, past the size that is told)."""
    squeeze = zlib.compressobj(wbits=-15)
    data = squeeze.compress(b"told" + hidden * inside) + squeeze.flush() + hidden * (not inside)
    with zipfile.ZipFile(pack) as old:
        kept = {name: old.read(name) for name in (signing.MANIFEST, signing.SIGNATURE)}
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as new:
        for name, value in kept.items():
            new.writestr(name, value)
        new.writestr("a file.txt", data)
        info = new.getinfo("a file.txt")
        info.compress_type, info.file_size, info.CRC = zipfile.ZIP_DEFLATED, 4, zlib.crc32(b"told")
        header = info.FileHeader()
        out.seek(info.header_offset)
        out.write(header)
    return out.getvalue()


def _rewritten(pack: Path, change: Callable[[zipfile.ZipFile], object], double: str | None = None) -> bytes:
    """The pack written again, one file of it twice, after a change to what it is written to."""
    out = io.BytesIO()
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(out, "w") as new, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name in ([double] if double else []) + old.namelist():
            info = zipfile.ZipInfo(name)
            info.extra = b"\xfe\xca\x06\x00hidden" if change is _extra else b""
            new.writestr(info, old.read(name))
        change(new)
    return out.getvalue()


def _nothing(_: zipfile.ZipFile) -> None:
    """The same pack."""


def _extra(_: zipfile.ZipFile) -> None:
    """Stands for extra fields, which are set as the files are written."""


def _comment(pack: zipfile.ZipFile) -> None:
    pack.comment = b"hidden"


def _comment_of_a_file(pack: zipfile.ZipFile) -> None:
    pack.infolist()[0].comment = b"hidden"


def _signature_with_blanks(pack: Path) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(pack) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            new.writestr(name, old.read(name) + b" \n" * (name == signing.SIGNATURE))
    return out.getvalue()


def _between(pack: Path) -> bytes:
    """The pack with bytes before its table of contents, the place of which is told anew."""
    data = pack.read_bytes()
    table, end = data.index(b"PK\x01\x02"), data.rindex(b"PK\x05\x06")
    place = (table + len(b"hidden")).to_bytes(4, "little")
    return data[:table] + b"hidden" + data[table : end + 16] + place + data[end + 20 :]


HIDING: dict[str, Callable[[Path], bytes]] = {
    "before": lambda pack: b"hidden" + pack.read_bytes(),
    "after": lambda pack: pack.read_bytes() + b"hidden",
    "between": _between,
    "comment": lambda pack: _rewritten(pack, _comment),
    "comment of a file": lambda pack: _rewritten(pack, _comment_of_a_file),
    "extra field": lambda pack: _rewritten(pack, _extra),
    "two manifests": lambda pack: _rewritten(pack, _nothing, signing.MANIFEST),
    "two signatures": lambda pack: _rewritten(pack, _nothing, signing.SIGNATURE),
    "two files": lambda pack: _rewritten(pack, _nothing, "a file.txt"),
    "after what is deflated": lambda pack: _deflated(pack, b"hidden", inside=False),
    "past the size": lambda pack: _deflated(pack, b"hidden", inside=True),
    "header": lambda pack: pack.read_bytes().replace(b"a file.txt", b"b file.txt", 1),
    "in the signature": _signature_with_blanks,
}


@pytest.mark.parametrize("where", HIDING)
def test_a_pack_with_bytes_that_its_manifest_does_not_tell_of_is_refused(tmp_path: Path, where: str) -> None:
    pack, fingerprint = signed(tmp_path)
    for same in (_rewritten(pack, _nothing), _deflated(pack, b"", inside=False)):
        (tmp_path / "same.zip").write_bytes(same)
        assert signing.check(tmp_path / "same.zip", fingerprint).files == 1
    (tmp_path / "hiding.zip").write_bytes(HIDING[where](pack))
    with pytest.raises(InputError) as refused:
        signing.check(tmp_path / "hiding.zip", fingerprint)
    if where in ("before", "after", "between", "comment", "comment of a file", "extra field"):
        assert "bytes that its manifest does not account for" in refused.value.detail


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
    assert len(told().splitlines()) == 3  # files that the script itself made are known
    (folder / "more").mkdir()
    (folder / "more" / "unsigned.txt").write_text("hidden")
    assert "not signed: more/unsigned.txt" in told().splitlines()
    (folder / "a file.txt").write_text("another")
    assert "every file is as signed" not in told()
    (folder / signing.MANIFEST).write_bytes((folder / signing.MANIFEST).read_bytes().replace(b'"R"', b'"S"'))
    assert "Verified Successfully" not in told()
