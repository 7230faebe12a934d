"""Files that are no text: every reader of files says what they are and how to make text of them."""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import re
import sqlite3
import subprocess
import tempfile
import zipfile
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pytest

from service.decisions import policy
from service.errors import InputError, SettingsError
from service.evaluation.tables import read_truth
from service.model import kinds_file
from service.sources.columns import read_columns
from service.sources.files import open_events

TEXT = json.dumps({"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "1.2.3.4"}) + "\n"
TAR = b"events.csv".ljust(257, b"\0") + b"ustar\0"


def _zipped(*names: str) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as pack:
        for name in names:
            pack.writestr(name, TEXT)
    return out.getvalue()


def _database(folder: Path) -> bytes:
    with closing(sqlite3.connect(folder / "x.db")) as database:
        database.execute("CREATE TABLE events (account_id TEXT, occurred_at TEXT)")
    return (folder / "x.db").read_bytes()


with tempfile.TemporaryDirectory() as _folder:
    _SQLITE = _database(Path(_folder))

# Files that are no text, as those who make them do; what they are told to be.
NO_TEXT = [
    (bz2.compress(TEXT.encode()), "packed with bzip2"),
    (lzma.compress(TEXT.encode()), "packed with xz"),
    (pa.compress(TEXT.encode(), "zstd", asbytes=True), "packed with zstd"),
    (b"\x04\x22\x4d\x18,,", "packed with lz4"),
    (b"\x1f\x9d,,", "packed with compress"),
    (b"7z\xbc\xaf\x27\x1c,,", "a 7z archive"),
    (b"Rar!\x1a\x07,,", "a RAR archive"),
    (TAR, "a tar archive"),
    (_zipped("events.csv"), "a zip archive"),
    (_zipped(), "a zip archive"),
    (_zipped("[Content_Types].xml", "xl/workbook.xml"), "an Excel workbook or another document of Microsoft Office"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1,,", "an old document of Microsoft Office"),
    (_SQLITE, "an SQLite database"),
    (b"Obj\x01,,", "an Avro file"),
    (b"ARROW1\0\0,,", "an Arrow file"),
    (b"%PDF-1.7,,", "a PDF"),
    *((TEXT.encode(code), f"UTF-{code[4:6]} text") for code in ("utf-16", "utf-16-le", "utf-16-be")),
    *((TEXT.encode(code), f"UTF-{code[4:6]} text") for code in ("utf-32", "utf-32-le", "utf-32-be")),
]
INSIDE = [
    (gzip.compress(TEXT.encode()), "packed with gzip; unpack it first: gunzip FILE"),
    (TAR, "a tar archive; unpack it first: tar xf FILE"),
    (b"PAR1", "a Parquet file; unpack it first: gunzip FILE"),
]


@pytest.mark.parametrize(("content", "name"), NO_TEXT, ids=[name for _, name in NO_TEXT])
def test_a_file_of_events_that_is_no_text_is_told_what_it_is(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "events"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"events is {name}; ")):
        open_events(path)


@pytest.mark.parametrize(("content", "says"), INSIDE, ids=["gzip", "tar", "Parquet"])
def test_what_is_inside_of_gzip_is_told_too(tmp_path: Path, content: bytes, says: str) -> None:
    path = tmp_path / "events"
    path.write_bytes(gzip.compress(content))
    with pytest.raises(InputError, match=re.escape(f"events is packed with gzip, and inside that {says}")):
        open_events(path)


@pytest.mark.parametrize(
    ("content", "name"),
    [*NO_TEXT, (gzip.compress(b"x"), "packed with gzip"), (b"PAR1", "a Parquet file")],
    ids=[*(name for _, name in NO_TEXT), "packed with gzip", "a Parquet file"],
)
def test_a_list_that_is_no_text_is_told_what_it_is(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "list.txt"
    path.write_bytes(content)
    told = re.escape(f"it is {name}: ")
    with pytest.raises(InputError, match=told):
        read_columns([str(path)])
    with pytest.raises(SettingsError, match=told):
        policy.load(path)
    own = tmp_path / "identifiers.toml"
    kind = '[[kind]]\nname = "mail"\nfield = "mail"\nlabel = "Mail"\nlink = "USES_MAIL"\nrole = "strong"\n'
    own.write_text(kind + 'prefix = "ml"\nnormalise = "email"\nfree_domains = "list.txt"\n')
    for table in (own, path):
        with pytest.raises(SettingsError, match=told):
            kinds_file.read(table, None)


POLARS_READS_NOT = [(content, name) for content, name in NO_TEXT if name != "packed with zstd"]


@pytest.mark.parametrize(("content", "name"), POLARS_READS_NOT, ids=[name for _, name in POLARS_READS_NOT])
def test_a_table_of_truth_that_is_no_text_is_told_what_it_is(tmp_path: Path, content: bytes, name: str) -> None:
    path = tmp_path / "truth.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=re.escape(f"truth.csv is {name}; ")):
        read_truth(path)


@pytest.mark.parametrize("code", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
def test_the_way_to_convert_an_encoding_works(tmp_path: Path, code: str) -> None:
    path = tmp_path / "events"
    path.write_bytes(TEXT.encode(code))
    with pytest.raises(InputError) as caught:
        open_events(path)
    command = caught.value.detail.partition("first: ")[2].replace("IN", str(path)).replace("OUT", f"{path}.8")
    subprocess.run(["bash", "-c", command], check=True)
    (found,) = open_events(tmp_path / "events.8").chunks()
    assert found.events.get_column("account_id").to_list() == ["a"]
