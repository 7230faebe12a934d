"""What files that hold no plain text begin with: what they are, and how to make text of them."""

from __future__ import annotations

import re
from typing import NamedTuple

HEAD_BYTES = 4096  # enough to tell


class Sort(NamedTuple):
    """What a file is (`a zip archive`), and what to do about it."""

    name: str
    remedy: str


_UNPACK = "unpack it first: {} FILE"
_SHEET = "save its sheet as CSV (UTF-8)"
_TABLE = "write its table as CSV or Parquet"
GZIP = Sort("packed with gzip", _UNPACK.format("gunzip"))
ZSTD = Sort("packed with zstd", _UNPACK.format("unzstd"))
PARQUET = Sort("a Parquet file", "write it as text")
_TAR = Sort("a tar archive", _UNPACK.format("tar xf"))
_SQL = "write a table as CSV: sqlite3 -header -csv FILE 'SELECT * FROM TABLE' > OUT"
_ZIP = Sort("a zip archive", _UNPACK.format("unzip"))
_SORTS: tuple[tuple[bytes, int, Sort], ...] = (  # the first bytes, where they are, what that is
    (b"PAR1", 0, PARQUET),
    (b"\x1f\x8b", 0, GZIP),
    (b"\x28\xb5\x2f\xfd", 0, ZSTD),
    (b"1AY&SY", 4, Sort("packed with bzip2", _UNPACK.format("bunzip2"))),
    (b"\xfd7zXZ\0", 0, Sort("packed with xz", _UNPACK.format("unxz"))),
    (b"\x04\x22\x4d\x18", 0, Sort("packed with lz4", _UNPACK.format("unlz4"))),
    (b"\x1f\x9d", 0, Sort("packed with compress", _UNPACK.format("gunzip"))),
    (b"7z\xbc\xaf\x27\x1c", 0, Sort("a 7z archive", _UNPACK.format("7z x"))),
    (b"Rar!\x1a\x07", 0, Sort("a RAR archive", _UNPACK.format("unrar x"))),
    (b"ustar\0", 257, _TAR),
    (b"ustar  \0", 257, _TAR),
    (b"PK\x03\x04", 0, _ZIP),
    (b"PK\x05\x06", 0, _ZIP),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", 0, Sort("an old document of Microsoft Office", _SHEET)),
    (b"SQLite format 3\0", 0, Sort("an SQLite database", _SQL)),
    (b"DUCK", 8, Sort("a DuckDB database", _TABLE)),
    (b"Obj\x01", 0, Sort("an Avro file", _TABLE)),
    (b"ARROW1\0\0", 0, Sort("an Arrow file", _TABLE)),
    (b"\x89HDF\r\n\x1a\n", 0, Sort("an HDF5 file", _TABLE)),
    (b"%PDF-", 0, Sort("a PDF", _TABLE)),
)
_IN_ZIP = (  # what is among the first bytes of a zip that is a document, what that is
    ((b"[Content_Types].xml", b"xl/"), Sort("an Excel workbook or another document of Microsoft Office", _SHEET)),
    ((b"application/vnd.oasis.opendocument",), Sort("a LibreOffice document", _SHEET)),
)
# How an encoding begins: with a mark of the order of bytes, which iconv reads, or with an ASCII sign.
_ENCODINGS = (
    (re.compile(rb"\xff\xfe\0\0|\0\0\xfe\xff"), "UTF-32"),
    (re.compile(rb"\xff\xfe|\xfe\xff"), "UTF-16"),
    (re.compile(rb"[^\0]\0\0\0"), "UTF-32LE"),
    (re.compile(rb"\0\0\0[^\0]"), "UTF-32BE"),
    (re.compile(rb"[^\0]\0"), "UTF-16LE"),
    (re.compile(rb"\0[^\0]"), "UTF-16BE"),
)


def other_than_text(head: bytes) -> Sort | None:
    """What a file is that begins with these bytes (HEAD_BYTES of them, or all), unless it may be UTF-8 text."""
    for first, place, sort in _SORTS:
        if head[place : place + len(first)] == first:
            found = (document for marks, document in _IN_ZIP if any(mark in head for mark in marks))
            return next(found, sort) if sort is _ZIP else sort
    for begins, encoding in _ENCODINGS:
        if begins.match(head):
            return Sort(f"{encoding[:6]} text", f"convert it first: iconv -f {encoding} -t UTF-8 IN > OUT")
    return None
