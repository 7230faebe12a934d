"""Damaged and hostile files: each is read, or refused with a message that names it."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pytest

from service.errors import RingsightError
from service.ingest.examine import examine
from service.sources.files import open_events
from service.sources.suggest import suggested
from tests.hostile import damaged
from tests.support import events

NOW = datetime(2026, 7, 1, tzinfo=UTC)


def forms(folder: Path) -> dict[str, bytes]:
    """The same events in every form."""
    rows = events.stream(40)
    frame = pl.DataFrame(rows, infer_schema_length=None)
    frame.write_parquet(folder / "made.parquet")
    lines, table = events.lines(rows), frame.write_csv().encode()
    quoted = frame.write_csv(quote_style="always").encode()
    return {
        "jsonl": lines,
        "array": json.dumps(rows).encode(),
        "csv": table,
        "quoted": quoted,
        "parquet": (folder / "made.parquet").read_bytes(),
        "jsonl.gz": gzip.compress(lines),
        "csv.gz": gzip.compress(table),
    }


def judge(path: Path) -> None:
    """Reads a file as the doctor does, with its own columns and with guessed ones."""
    try:
        source = open_events(path)
        examine(source, False, NOW)
        examine(open_events(path, suggested(source)), False, NOW)
    except RingsightError as error:
        assert path.name in error.detail


@pytest.mark.parametrize("form", ["jsonl", "array", "csv", "quoted", "parquet", "jsonl.gz", "csv.gz"])
def test_a_damaged_file_is_read_or_refused_by_name(tmp_path: Path, form: str) -> None:
    path = tmp_path / "hostile-file"
    for data in damaged(forms(tmp_path)[form], seed=1):
        path.write_bytes(data)
        judge(path)


HEAD = b"account_id,occurred_at,ip\n"
ROW = b"a,2026-03-01T00:00:00Z,1.2.3.4\n"
FILES = {
    "empty": b"",
    "blank": b" \n\t\n",
    "zeros": b"\0" * 4096,
    "mark only": b"\xef\xbb\xbf",
    "mark twice": b"\xef\xbb\xbf\xef\xbb\xbf" + HEAD + ROW,
    "UTF-16": HEAD.decode().encode("utf-16"),
    "header only": HEAD,
    "header with a lone quote": b'account_id,occurred_at,"ip\n' + ROW,
    "header with names of nothing": b"account_id,occurred_at,,,\n" + ROW,
    "header doubled": b"account_id,occurred_at,ip,ip\n" + ROW,
    "10,000 columns": b"account_id,occurred_at," + b",".join(b"c%d" % n for n in range(10_000)) + b"\n" + ROW,
    "quote never closed": HEAD + ROW + b'"a,' + ROW * 100,
    "quotes in quotes": HEAD + b'"""","""""",""\n' + ROW,
    "line feeds in quotes": HEAD + b'"a\nb,c,d\n",2026-03-01T00:00:00Z,1.2.3.4\n' + ROW,
    "carriage returns": HEAD.replace(b"\n", b"\r") + ROW.replace(b"\n", b"\r"),
    "not UTF-8": HEAD + b"\xff\xfe,2026-03-01T00:00:00Z,1.2.3.4\n" + ROW,
    "surrogates": HEAD + b"\xed\xa0\x80,2026-03-01T00:00:00Z,1.2.3.4\n" + ROW,
    "deep array": b"[" * 200_000,
    "deep object": b'{"a":' * 200_000,
    "deep array closed": b"[" * 5_000 + b"]" * 5_000,
    "array of nothing": b"[" + b"null," * 1000 + b"1]",
    "doubled keys": b'{"account_id": "a", "account_id": "b", "occurred_at": "x"}',
    "huge number": b'{"account_id": ' + b"9" * 5_000 + b"}",
    "only a brace": b"{",
    "parquet mark": b"PAR1",
    "parquet mark twice": b"PAR1" + b"\xff" * 100 + b"PAR1",
    "gzip mark": b"\x1f\x8b",
    "gzip of nothing": gzip.compress(b""),
    "gzip of gzip": gzip.compress(gzip.compress(HEAD + ROW)),
    "gzip and more": gzip.compress(HEAD + ROW) + b"more",
    "gzip of zeros": gzip.compress(b"\0" * 20_000_000),
    "zip": b"PK\x03\x04" + b"\0" * 100,
}


@pytest.mark.parametrize("name", FILES)
def test_a_hostile_file_is_read_or_refused_by_name(tmp_path: Path, name: str) -> None:
    path = tmp_path / "hostile-file"
    path.write_bytes(FILES[name])
    judge(path)
