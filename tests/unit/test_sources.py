"""Files of events, good and bad: what is refused as a whole, and that reading stays bounded."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import random
import tracemalloc
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import orjson
import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given
from hypothesis import strategies as st

from service.errors import InputError
from service.ingest.clean import clean
from service.ingest.tokens import Tokeniser
from service.sources import files, parquet
from service.sources.blocks import BLOCK_BYTES, read_blocks
from service.sources.columns import read_columns
from service.sources.files import open_all, open_events
from service.sources.lines import QUOTE_LEFT_OPEN, CsvReader, json_objects, quote_fault
from service.sources.raw import fields as event_fields
from service.sources.suggest import sample, suggested

LINE = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "1.2.3.4"}
TEXT = json.dumps(LINE) + "\n"


def read(path: Path) -> pl.DataFrame:
    return pl.concat([chunk.events for chunk in open_events(path).chunks()], how="vertical_relaxed")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "is empty; there is nothing to ingest"),
        (gzip.compress(b""), "is empty; there is nothing to ingest"),
        (b"\0" * 10_000, "begins with nothing but zero bytes"),
        (b"hello\n", "is neither JSON lines"),
        (b"account,when\n1,2\n", "the CSV header lacks account_id and occurred_at (it has account, when)"),
        (b"account_id,ip\n1,2\n", "lacks occurred_at"),
        (b"account_id\tip\toccurred_at\n1\t2\t3\n", "seem to have a tab between them"),
        (b"account_id;ip;occurred_at\n1;2;3\n", "mlr --icsv --ifs semicolon --ocsv cat IN > OUT"),
        (b'"account_id";"ip";"occurred_at"\n', "seem to have a semicolon between them"),
        (b"user|time\n1|2\n", "seem to have a pipe between them"),
        (b"account_id,occurred_at,ip,ip\n1,2,3,4\n", "names ip more than once"),
        (b"PAR1 and no more", "is a damaged Parquet file"),
        (b"[1, 2", "is not JSON"),
        (gzip.compress(TEXT.encode() * 1000)[:-20], "is a damaged gzip file"),
    ],
)
def test_a_file_that_cannot_hold_events_says_why_and_what_to_do(tmp_path: Path, content: bytes, reason: str) -> None:
    path = tmp_path / "events"
    path.write_bytes(content)
    with pytest.raises(InputError) as caught:
        read(path)
    assert reason in caught.value.detail
    assert "events" in caught.value.detail


SPACED = [
    b'account_id, "occurred_at", "ip"\n',
    b'"account_id",  "occurred_at",ip\n',
    b"account_id, occurred_at, ip\r\n",
]
CLOSE = [
    b"account_id ,occurred_at ,ip\n",
    b'"account_id "," occurred_at","ip"\n',
    b"sep=,\naccount_id,occurred_at,ip\n",
    b'"sep=,"\r\naccount_id,occurred_at,ip\r\n',
    b"\xef\xbb\xbfSEP=,\n\naccount_id,occurred_at,ip\n",
    b"\n \r\naccount_id,occurred_at,ip\n",
]
ROW = b"a,2026-03-01T00:00:00Z,1.2.3.4\n"
SPACED_ROWS = [b'a, "2026-03-01T00:00:00Z", 1.2.3.4\n', b" a, 2026-03-01T00:00:00Z, 1.2.3.4\n"]


def _rows(path: Path) -> list[tuple[str | None, ...]]:
    return read(path).select("account_id", "occurred_at", "ip", "error").rows()


@pytest.mark.parametrize("header", SPACED + CLOSE)
def test_blanks_around_the_names_of_a_csv_are_none_of_them(tmp_path: Path, header: bytes) -> None:
    path = tmp_path / "events"
    path.write_bytes(header + ROW)
    assert _rows(path) == [("a", "2026-03-01T00:00:00Z", "1.2.3.4", None)]
    assert sample(open_events(path))[1]["account_id"] == "a"


@pytest.mark.parametrize("row", SPACED_ROWS)
def test_blanks_after_commas_are_none_of_a_value_if_the_header_has_them_too(tmp_path: Path, row: bytes) -> None:
    path = tmp_path / "events"
    for header in SPACED:
        path.write_bytes(header + row + ROW)
        assert _rows(path) == [("a", "2026-03-01T00:00:00Z", "1.2.3.4", None)] * 2
        assert sample(open_events(path))[1]["occurred_at"] == "2026-03-01T00:00:00Z"
    path.write_bytes(CLOSE[0] + b' a,"2026-03-01T00:00:00Z",1.2.3.4\n a,2026-03-01T00:00:00Z,1.2.3.4\n')
    assert _rows(path) == [(" a", "2026-03-01T00:00:00Z", "1.2.3.4", None)] * 2, "as in every other form"


def test_a_file_that_excel_wrote_with_semicolons_is_told_how_to_convert(tmp_path: Path) -> None:
    path = tmp_path / "events"
    path.write_bytes(b"sep=;\naccount_id;occurred_at;ip\na;2026-03-01T00:00:00Z;1.2.3.4\n")
    with pytest.raises(InputError, match=r"lacks account_id.*semicolon.*take Excel's first line `sep=`"):
        read(path)


def test_blanks_around_the_names_of_other_forms_are_none_of_them(tmp_path: Path) -> None:
    path = tmp_path / "events"
    pl.DataFrame([{f" {name} ": value for name, value in LINE.items()}]).write_parquet(path)
    assert read(path).select(*LINE).to_dicts() == [LINE]
    pl.DataFrame([{**LINE, " ip": "1.1.1.1"}]).write_parquet(path)
    with pytest.raises(InputError, match="it has the column ip more than once"):
        read(path)
    path.write_text(json.dumps({f" {name}": value for name, value in LINE.items()}))
    columns = read_columns([str(suggested(open_events(path)))])
    (chunk,) = open_events(path, columns).chunks()
    assert chunk.events.select(*LINE).to_dicts() == [LINE]


def test_a_folder_and_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is a folder; name the files in it"):
        open_events(tmp_path)
    with pytest.raises(InputError, match="does not exist"):
        open_events(tmp_path / "none.csv")


def test_every_form_gives_the_same_rows(tmp_path: Path) -> None:
    rows = [LINE | {"account_id": name, "uses": "2"} for name in "abc"]
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    table = "account_id,occurred_at,ip,uses,other\n" + "".join(
        f"{row['account_id']},{row['occurred_at']},{row['ip']},2,x\r\n" for row in rows
    )
    pl.DataFrame(rows).write_parquet(tmp_path / "parquet")
    (tmp_path / "lines").write_text(lines)
    (tmp_path / "bom").write_bytes(b"\xef\xbb\xbf" + lines.encode())
    (tmp_path / "array").write_text(json.dumps(rows, indent=1))
    (tmp_path / "table").write_text(table)
    (tmp_path / "table-bom").write_bytes(b"\xef\xbb\xbf" + table.encode())
    (tmp_path / "packed").write_bytes(gzip.compress(lines.encode()))
    expected = read(tmp_path / "lines").rows()
    assert [row[0] for row in expected] == [1, 2, 3]
    for name in ("parquet", "bom", "array", "table", "table-bom", "packed"):
        assert read(tmp_path / name).rows() == expected, name


def test_a_bad_csv_row_does_not_touch_its_neighbours(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b'account_id,occurred_at\na,1\n"b"x,2\nc",3\nd,4,5\n\ne\xff,6\n"f","7"\n \t\ng\nh,i"\n"k\nl,1\n')
    frame = read(path)
    assert frame.get_column("account_id").to_list() == ["a", None, 'c"', None, None, "f", None, "h", None]
    assert frame.get_column("error").to_list() == [
        None,
        'has text behind the closing quote of column 1 (account_id); write a quote inside a value twice ("")',
        None,
        "has 3 columns where the header has 2",
        "is not UTF-8",
        None,
        "has 1 columns where the header has 2",
        None,
        QUOTE_LEFT_OPEN,
    ]


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ('"a" ,"1"', "column 1 (account_id)"),
        ('x,"1"\t', "column 2 (occurred_at)"),
        ('"b, ""c""\n,","1" ', "column 2 (occurred_at)"),
        (' x y ,"" ', "column 2 (occurred_at)"),
    ],
)
@pytest.mark.parametrize("header", ["account_id,occurred_at", "account_id, occurred_at"])
def test_a_blank_behind_a_closing_quote_is_told_with_its_column(
    tmp_path: Path, row: str, column: str, header: str
) -> None:
    """Python's csv (strict) and Polars refuse it too."""
    path = tmp_path / "t.csv"
    path.write_text(f"{header}\na,1\n{row}\nb,2\n")
    frame = read(path)
    assert frame.get_column("account_id").to_list() == ["a", None, "b"]
    assert frame.get_column("row").to_list() == [1, 2, 3]
    fault = f"has a blank behind the closing quote of {column}, where only a comma may follow; take the blank out"
    assert frame.get_column("error").to_list() == [None, fault, None]
    path.write_text('"account_id" , "occurred_at"\na,1\n')
    with pytest.raises(InputError, match="no sound row: it has a blank behind the closing quote of column 1, where"):
        read(path)


@given(st.text('a", \t\r\n', max_size=12), st.booleans())
def test_every_wrong_quote_is_told_with_a_remedy(row: str, spaced: bool) -> None:
    assert "column" in (fault := quote_fault(row, spaced)) or "is a quote wrong?" in fault


@pytest.mark.parametrize("beside", [b"a,1,", b'"a",1,', b"e\xff,1,", b'"b"x,1,', b"c,1,2,3"])
@pytest.mark.parametrize("short", [b"g", b"g,1", b"g,1,2,3"])
def test_a_row_of_the_wrong_length_is_refused_whatever_stands_beside_it(
    tmp_path: Path, beside: bytes, short: bytes
) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(b"account_id,occurred_at,ip\n" + b"\n".join([beside, short, b"z,1,"]))
    errors = read(path).get_column("error").to_list()
    assert errors[1:] == [f"has {short.count(b',') + 1} columns where the header has 3", None]


HOSTILE = "x\nvictim,2026-11-20T00:00:00Z,login,6.6.6.6,stolen\n"


def written(path: Path, notes: list[str], quoting: Literal[0, 1] = csv.QUOTE_MINIMAL) -> Path:
    """As Python's own writer makes it: a row for each text of one field."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = csv.writer(file, quoting=quoting)
        rows.writerow(["account_id", "occurred_at", "type", "ip", "device_id"])
        rows.writerows([f"a{n}", LINE["occurred_at"], "login", LINE["ip"], note] for n, note in enumerate(notes))
    return path


def in_blocks(path: Path, size: int, position: int = 0, row: int = 1) -> Iterator[tuple[pl.DataFrame, int]]:
    """What the blocks of a CSV file hold, with their ends."""
    with path.open("rb") as file:
        rows = CsvReader(file.readline(), path.name)
        for block in read_blocks(file, position or file.tell(), None, size, rows.whole_rows):
            assert not block.too_long
            frame, _ = rows.read(block.data, row)
            row += len(frame)
            yield frame, block.end


@pytest.mark.parametrize("text", [HOSTILE, f'x"{HOSTILE}', f'{HOSTILE}"', '"\n"\n,,\n', "\r\nb,c\r\n", HOSTILE * 4000])
@pytest.mark.parametrize("quoting", [csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
@pytest.mark.parametrize("blocks", [1, 3, 20])
def test_a_quoted_field_with_line_ends_is_one_field_of_its_own_row(
    tmp_path: Path, text: str, quoting: Literal[0, 1], blocks: int
) -> None:
    texts = ["plain", text, "", text, "é", *["plain"] * 50, text]
    path = written(tmp_path / "t.csv", texts, quoting)
    size = max(path.stat().st_size // blocks + 1, len(text) + 100)
    found = list(in_blocks(path, size))
    frame = pl.concat(frame for frame, _ in found)
    assert frame.get_column("account_id").to_list() == [f"a{n}" for n in range(len(texts))]
    assert frame.get_column("device_id").to_list() == [text or None for text in texts]
    ends = [end for _, end in found]
    for number, end in enumerate(ends):
        again = [end for _, end in in_blocks(path, size, end)]
        assert again == ends[number + 1 :], "reading goes on from any block's end"


def test_a_quoted_field_that_no_block_can_hold_makes_no_events(tmp_path: Path) -> None:
    path = written(tmp_path / "t.csv", ["plain", HOSTILE * 400_000, "plain"])
    assert path.stat().st_size > BLOCK_BYTES
    assert read(path).get_column("error").to_list() == [None, files.TOO_LONG], "nobody knows which lines are rows"


def test_a_parquet_timestamp_without_a_zone_is_utc(tmp_path: Path) -> None:
    path = tmp_path / "p"
    pl.DataFrame({"account_id": [1], "occurred_at": [datetime(2026, 3, 1)], "uses": [3]}).write_parquet(path)
    (row,) = read(path).to_dicts()
    assert (row["account_id"], row["occurred_at"], row["uses"]) == ("1", datetime(2026, 3, 1, tzinfo=UTC), 3)
    pl.DataFrame({"account_id": [[1]], "occurred_at": ["x"]}).write_parquet(path)
    with pytest.raises(InputError, match=r"column account_id is large_list<.*>; make it text"):
        read(path)
    pl.DataFrame({"account_id": ["a"]}).write_parquet(path)
    with pytest.raises(InputError, match="lacks the column occurred_at"):
        read(path)


NEITHER = "that is neither text nor a whole number below 2^63"
NO_JSON = "is not JSON"
VALUES = {
    '"a"': "a",
    '""': "",
    '"1.0"': "1.0",
    '"\\u00e9"': "é",
    '"\\ud83d\\ude00"': "\U0001f600",
    '"[{}]"': "[{}]",
    "null": None,
    "7": "7",
    "-7": "-7",
    "0": "0",
    "9223372036854775807": "9223372036854775807",
    "9223372036854775808": NEITHER,
    "18446744073709551615": NEITHER,
    "18446744073709551616": NEITHER,
    "100000000000000000000001": NEITHER,
    "340282366920938463463374607431768211455": NEITHER,
    "1.0": NEITHER,
    "1e3": NEITHER,
    "-0.0": NEITHER,
    "true": NEITHER,
    "false": NEITHER,
    "[]": NEITHER,
    '{"a": 1}': NEITHER,
    '"first", "FIELD": "last"': "last",
    "NaN": NO_JSON,
    "Infinity": NO_JSON,
    "07": NO_JSON,
    "'a'": NO_JSON,
}


@pytest.mark.parametrize("field", event_fields())
@pytest.mark.parametrize("value", VALUES)
def test_a_value_means_the_same_in_every_form(tmp_path: Path, value: str, field: str) -> None:
    others = {name: "x" for name in event_fields() if name != field}
    event = json.dumps(others)[:-1] + f', "{field}": {value.replace("FIELD", field)}}}'
    (tmp_path / "lines").write_text(f"{TEXT}{event}\n")
    (tmp_path / "nested").write_text(f'{TEXT[:-2]}, "more": {{"a": [1]}}}}\n{event}\n')
    (tmp_path / "array").write_text(f"[{TEXT},{event}]")
    found = [read(tmp_path / name).row(1, named=True) for name in ("lines", "nested")]
    expected = VALUES[value]
    if expected == NO_JSON:
        with pytest.raises(InputError, match=NO_JSON):
            read(tmp_path / "array")
        with pytest.raises(orjson.JSONDecodeError):
            orjson.loads(event)
        assert [row["error"] for row in found] == [NO_JSON] * 2
        return
    by_http = json_objects([orjson.loads(event)], 2)
    found += [read(tmp_path / "array").row(1, named=True), by_http.row(0, named=True)]
    assert all(row == found[0] for row in found)
    if expected == NEITHER:
        assert (found[0][field], found[0]["untyped"], found[0]["error"]) == (None, field, None)
    else:
        with (tmp_path / "table").open("w", newline="") as file:
            csv.writer(file).writerows([[*others, field], [*others.values(), expected]])
        assert (found[0][field], found[0]["error"]) == (expected, None)
        assert read(tmp_path / "table").row(0, named=True) == found[0] | {"row": 1, field: expected or None}


@pytest.mark.parametrize("name", ["account_id", "device_id", "event_id", "uses", "occurred_at"])
@pytest.mark.parametrize("values", [[1.0, None], [True, False], [date(2026, 3, 1)] * 2, [timedelta(1)] * 2, [b"a"] * 2])
def test_a_parquet_column_of_neither_text_nor_whole_numbers_is_refused(
    tmp_path: Path, name: str, values: list[Any]
) -> None:
    frame = pl.DataFrame({"account_id": ["a", "b"], "occurred_at": ["x", "y"]})
    frame.with_columns(pl.Series(name, values)).write_parquet(tmp_path / "p")
    with pytest.raises(InputError, match=f"column {name} is .*; make it text"):
        read(tmp_path / "p")


FOREIGN = {"user": "u1", "when": "2026-03-01T12:00:00Z", "client_ip": "1.2.3.4", "ip": "5.6.7.8", "note": "x"}
COLUMNS = read_columns(["ip=client_ip,account_id=user", "occurred_at=when"])


@pytest.mark.parametrize("form", ["jsonl", "array", "csv", "quoted", "parquet"])
def test_columns_of_other_names_are_read_as_fields(tmp_path: Path, form: str) -> None:
    path = tmp_path / "f"
    if form in ("jsonl", "array"):
        text = json.dumps(FOREIGN)
        path.write_text(text + "\n" + text if form == "jsonl" else f"[{text},{text}]")
    elif form == "parquet":
        pl.DataFrame([FOREIGN] * 2).write_parquet(path)
    else:
        with path.open("w", newline="") as file:
            rows = csv.writer(file, quoting=csv.QUOTE_ALL if form == "quoted" else csv.QUOTE_MINIMAL)
            rows.writerows([[*FOREIGN], [*FOREIGN.values()], [*FOREIGN.values()]])
    (chunk,) = open_events(path, COLUMNS).chunks()
    row = {"account_id": "u1", "occurred_at": "2026-03-01T12:00:00Z", "ip": "1.2.3.4"}
    assert chunk.events.select(list(row)).to_dicts() == [row] * 2
    assert chunk.ignored == {"note": 2, "ip (not read)": 2}
    with pytest.raises(InputError, match=r"no event has: 'ip \(not read\)' \(2 rows\), 'note' \(2 rows\); name"):
        open_all([path], COLUMNS, strict=True)
    (start,) = open_events(path, COLUMNS).starts([path.stat().st_size])
    assert start[1] == open_events(path, COLUMNS).fingerprint


@pytest.mark.parametrize("text", ["# ours\n\nip = client_ip\naccount_id=user\n", "account_id=user\nip=client_ip"])
def test_columns_can_stand_in_a_file(tmp_path: Path, text: str) -> None:
    (tmp_path / "columns.txt").write_text(text)
    assert read_columns([str(tmp_path / "columns.txt")]) == read_columns(["ip=client_ip,account_id=user"])
    (tmp_path / "columns.txt").write_text(text, encoding="utf-8-sig")  # as editors on Windows do
    assert read_columns([str(tmp_path / "columns.txt")]) == read_columns(["ip=client_ip,account_id=user"])


@pytest.mark.parametrize(
    ("value", "message"),
    [
        ("ip=", "is no FIELD=COLUMN"),
        ("address=client_ip", "'address' is no field of an event; use one of account_id"),
        ("ip=a,ip=b", "named twice"),
        ("ip=a,device_id=a", "named twice"),
        ("nothing-there", "no file that can be read"),
    ],
)
def test_columns_that_make_no_sense_are_refused(value: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read_columns([value])


def test_unknown_columns_are_counted_where_they_hold_something(tmp_path: Path) -> None:
    (tmp_path / "f").write_text("account_id,occurred_at,x,y\na,b,1,\nc,d,2,\n")
    (chunk,) = open_events(tmp_path / "f").chunks()
    assert chunk.ignored == {"x": 2}


@pytest.mark.parametrize("zone", ["+05:30", "-08:00", "UTC", "Europe/Paris", "Mars/Base", None])
@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_a_parquet_timestamp_is_the_same_in_every_zone(tmp_path: Path, zone: str | None, unit: str) -> None:
    times = pa.array([datetime(2026, 3, 1, 12, 30), None], pa.timestamp(unit)).cast(pa.timestamp(unit, zone))
    pq.write_table(pa.table({"account_id": ["a", "b"], "occurred_at": times}), tmp_path / "p")
    assert read(tmp_path / "p").get_column("occurred_at").to_list() == [datetime(2026, 3, 1, 12, 30, tzinfo=UTC), None]


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
@pytest.mark.parametrize(
    ("value", "reason"), [(-(2**63) + 1, "is before 2000"), (2**63 - 1, "is more than a day ahead")]
)
def test_a_time_beyond_the_calendar_is_refused_alone(tmp_path: Path, unit: str, value: int, reason: str) -> None:
    good = int(datetime(2026, 3, 1, tzinfo=UTC).timestamp()) * {"ms": 10**3, "us": 10**6, "ns": 10**9}[unit]
    times = pa.array([value, good], pa.timestamp(unit))
    pq.write_table(pa.table({"account_id": ["a", "b"], "occurred_at": times, "ip": ["1.2.3.4"] * 2}), tmp_path / "p")
    found = clean(read(tmp_path / "p"), Tokeniser(b"k" * 32), datetime(2026, 3, 2, tzinfo=UTC))
    assert found.good.get_column("account_id").to_list() == ["b"]
    assert found.refused.get_column("reason").to_list() == [reason]


@pytest.mark.parametrize("encoded", [True, False])
def test_parquet_goes_on_from_any_row_whatever_its_row_groups(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, encoded: bool
) -> None:
    monkeypatch.setattr(parquet, "PARQUET_ROWS", 70)
    names = pa.array([f"a{n}" for n in range(500)])
    table = pa.table({"account_id": names.dictionary_encode() if encoded else names, "occurred_at": ["x"] * 500})
    pq.write_table(table, tmp_path / "p", row_group_size=30)
    source = open_events(tmp_path / "p")
    rows = [row for chunk in source.chunks() for row in chunk.events.rows()]
    assert [row[:2] for row in rows] == [(n + 1, f"a{n}") for n in range(500)]
    ends = [chunk.position for chunk in source.chunks()]
    for start in (*ends, 1, 33, 499):
        rest = list(source.chunks(start, start))
        assert [row for chunk in rest for row in chunk.events.rows()] == rows[start:]
        assert [chunk.position for chunk in rest] == [end for end in ends if end > start]


def _parquet(**columns: object) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table({"account_id": ["a"] * 3000, "occurred_at": ["x"] * 3000, **columns}), out)
    return out.getvalue()


def _not_utf8() -> bytes:
    text = pa.array([b"\xff"] * 3000, pa.binary())
    return _parquet(device_id=pa.Array.from_buffers(pa.string(), len(text), text.buffers()))


def _twice() -> bytes:
    out = io.BytesIO()
    columns = [pa.array(["a"])] * 4
    pq.write_table(pa.Table.from_arrays(columns, ["account_id", "occurred_at", "ip", "ip"]), out)
    return out.getvalue()


SOUND = [_parquet(ip=[f"1.2.3.{n}" for n in range(3000)]), gzip.compress(os.urandom(20_000) + TEXT.encode() * 1000)]


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("whole", SOUND, ids=["parquet", "gzip"])
def test_a_damaged_file_is_read_whole_or_refused_with_a_message(tmp_path: Path, whole: bytes, seed: int) -> None:
    dice = random.Random(seed)
    at = dice.randrange(12, len(whole) - 60)
    (tmp_path / "damaged").write_bytes(whole[:at] + dice.randbytes(50) + whole[at + 50 :])
    try:
        assert len(read(tmp_path / "damaged")) == 3000, "only what nobody reads was damaged"
    except InputError as error:
        assert "damaged" in error.detail


@pytest.mark.parametrize(("content", "reason"), [(_not_utf8(), "UTF8"), (_twice(), "has the column ip more than once")])
def test_parquet_that_only_looks_sound_is_refused(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "p").write_bytes(content)
    with pytest.raises(InputError, match=reason):
        read(tmp_path / "p")


def test_what_is_no_file_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(InputError, match="it is no regular file"):
        read_columns([str(tmp_path / "pipe")])
    for path in (tmp_path / "pipe", Path("/dev/zero")):
        with pytest.raises(InputError, match="is a pipe or a device"):
            open_events(path)
    with pytest.raises(InputError, match="can't be read"):
        open_events(tmp_path / ("x" * 300))


@pytest.mark.parametrize("size", [1, 2, 7, 64, 1000])
def test_blocks_end_at_lines_whatever_their_size(size: int) -> None:
    text = b"".join(b"x" * (n * 7 % 50) + b"\n" for n in range(60)) + b"no end"
    blocks = list(read_blocks(io.BytesIO(text), 0, None, size))
    whole = b"".join(block.data for block in blocks)
    long_lines = sum(block.too_long for block in blocks)
    assert whole.count(b"\n") + (not whole.endswith(b"\n")) + long_lines == 61
    assert blocks[-1].end == len(text)
    for number, block in enumerate(blocks):
        rest = list(read_blocks(io.BytesIO(text), block.end, None, size))
        assert rest == blocks[number + 1 :], "reading goes on from any block's end"


def test_a_line_of_300_mb_is_refused_alone_and_never_held(tmp_path: Path) -> None:
    path = tmp_path / "long.jsonl"
    with path.open("wb") as file:
        file.write(TEXT.encode() + b'{"account_id": "')
        for _ in range(300):
            file.write(b"x" * (1 << 20))
        file.write(b'"}\n' + TEXT.encode())
    tracemalloc.start()
    errors = [error for chunk in open_events(path).chunks() for error in chunk.events.get_column("error").to_list()]
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    path.unlink()
    assert errors == [None, files.TOO_LONG, None]
    assert peak < 150 << 20


def test_a_file_that_grows_while_it_is_read_is_noticed(tmp_path: Path) -> None:
    path = tmp_path / "growing.jsonl"
    path.write_text(TEXT)
    source = open_events(path)
    source.check_unchanged()
    with path.open("a") as file:
        file.write(TEXT)
    assert sum(len(chunk.events) for chunk in source.chunks()) == 1, "only what the fingerprint covers is read"
    with pytest.raises(InputError, match="was written to while it was read"):
        source.check_unchanged()
