"""Hostile values of each field, by every parser: one verdict, whatever form they came in, and never an exception."""

from __future__ import annotations

import csv
import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from service.ingest.clean import clean
from service.ingest.tokens import Tokeniser
from service.sources.files import open_events

NOW = datetime(2026, 3, 10, tzinfo=UTC)
TOKENISER = Tokeniser(b"k" * 32)
GOOD = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "1.2.3.4", "device_id": "d"}

ODD_TEXT = [
    *(
        " ",
        "\t",
        "\n",
        "\r\n",
        "\0",
        "\x1b[2J",
        "\x7f",
        "\x85",
        "\u2028",
        "\u2029",
        "\u202e",
        "\ufeff",
        "\ufffe",
        "\uffff",
    ),
    *("null", "NaN", "undefined", "test", "-", "0", "-1", "1e309", "true", "[]", "{}", "refused", "dv_" + "0" * 32),
    *(
        "=1+1",
        "+1",
        "@x",
        "'",
        '"',
        '""',
        ",",
        ";",
        "\\",
        "\\u0000",
        "a,b\nc,d",
        "%s%n",
        "${x}",
        "{{7*7}}",
        "' OR 1=1 //",
    ),
    *("../../etc/passwd", "a/b", "//", ".", "..", "<script>alert(1)</script>", "]]>", "x" * 256, "x" * 257, "x" * 600),
    *("e\u0301", "\u00e9", "\U0001f600", "\u0130", "\u00df", "\u0645\u062d", "\u200b", "a\u200bb", "\u3000", "\u00a0"),
]
HOSTILE = {
    "account_id": ODD_TEXT,
    "device_id": ODD_TEXT,
    "payment_fingerprint": [*ODD_TEXT, "4111111111111111"],
    "email": [
        *ODD_TEXT,
        "a@b",
        "@b.org",
        "a@b.org",
        "A@B.org ",
        "a@@b.org",
        "a@xn--a.org",
        "a@\u0130.org",
        "x" * 64 + "@b.org",
    ],
    "phone": [
        *ODD_TEXT,
        "+33123456789",
        "0123456789",
        "+33 1 23 45 67 89 ext. 5",
        "tel:+33-1-23-45-67-89",
        "+" * 300,
        "+\u0663",
    ],
    "event_id": ODD_TEXT,
    "type": [*ODD_TEXT, "SIGNUP", "signup ", "sign-up", "login;drop"],
    "uses": [*ODD_TEXT, "1", "007", "+1", "1_000", "1.0", "1e3", "0x10", "1000000001", "9" * 18, "9" * 19, "\u0661"],
    "occurred_at": [
        *ODD_TEXT,
        *("2026-03-01", "2026-03-01T12:00:00", "2026-02-30T00:00:00Z", "2026-03-01T24:00:00Z", "2026-03-01T12:00:60Z"),
        *(
            "2026-03-01t12:00:00z",
            "2026-03-01 12:00:00+00:00",
            "2026-03-01T12:00:00+99:99",
            "2026-03-01T12:00:00-00:00",
        ),
        *("2026-03-01T12:00:00.123456789Z", "2026-03-01T12:00:00.1234567890Z", "0000-01-01T00:00:00Z"),
        *(
            "9999-12-31T23:59:59Z",
            "10000-01-01T00:00:00Z",
            "1970-01-01T00:00:00Z",
            "1772366400",
            "1772366400000",
            "now",
        ),
        "\u0662\u0660\u0662\u0666-03-01T12:00:00Z",
    ],
    "ip": [
        *ODD_TEXT,
        *(
            "0.0.0.0",
            "127.0.0.1",
            "10.0.0.1",
            "255.255.255.255",
            "256.1.1.1",
            "1.2.3",
            "1.2.3.4.5",
            "01.2.3.4",
            "1.2.3.4 ",
        ),
        *(
            "0x7f.1",
            "2130706433",
            "1.2.3.4:80",
            "1.2.3.4/32",
            "1.2.3.4, 5.6.7.8",
            "::",
            "::1",
            "::ffff:1.2.3.4",
            "[::1]",
        ),
        *("fe80::1%eth0", "2001:db8::1", "2001:db8:::1", "12345::", "64:ff9b::1.2.3.4", "1::2::3", ":" * 45, "f" * 12),
        "\u0661.2.3.4",
    ],
}


def verdicts(path: Path) -> dict[str, list[dict[str, Any]]]:
    """What becomes of a file's events: all of it, by its row."""
    parts = [clean(chunk.events, TOKENISER, NOW) for chunk in open_events(path).chunks()]
    return {name: pl.concat(getattr(part, name) for part in parts).to_dicts() for name in ("good", "refused", "values")}


@pytest.mark.parametrize("field", HOSTILE)
def test_a_value_means_the_same_in_every_form(tmp_path: Path, field: str) -> None:
    rows = [GOOD | {field: value} for value in HOSTILE[field]]
    texts = [json.dumps(row) for row in rows]
    (tmp_path / "lines").write_text("\n".join(texts))
    (tmp_path / "array").write_text("[" + ",".join(texts) + "]")
    with (tmp_path / "csv").open("w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, list(rows[0]))
        table.writeheader()
        table.writerows(rows)
    pl.DataFrame(rows).write_parquet(tmp_path / "parquet")
    first = verdicts(tmp_path / "lines")
    assert len(first["good"]) + len(first["refused"]) == len(rows)
    for form in ("array", "csv", "parquet"):
        assert verdicts(tmp_path / form) == first


@pytest.mark.parametrize(
    "value", [True, False, 1.5, 1e300, 2**63, -(2**63), 10**40, [], ["x"], {}, {"a": {"b": 1}}, [[]]]
)
@pytest.mark.parametrize("field", HOSTILE)
def test_what_is_no_text_is_refused_with_its_field(tmp_path: Path, field: str, value: object) -> None:
    text = json.dumps(GOOD | {field: value})
    (tmp_path / "lines").write_text(text + "\n" + json.dumps(GOOD))
    (tmp_path / "array").write_text(f"[{text}]")
    found = verdicts(tmp_path / "lines")
    (told,) = found["refused"] + found["values"]
    assert told["field"] == field and told["reason"] and told["remedy"]
    assert verdicts(tmp_path / "array")["refused"] == found["refused"]
    assert len(found["good"]) == 2 - len(found["refused"])


@pytest.mark.parametrize(
    "name", ["", " ", "\0", "\x1b[2J", "a" * 10**5, "\ud800", "__proto__", "account_id ", "IP", '"', "\n"]
)
def test_a_name_that_no_field_has_is_counted_and_harms_nothing(tmp_path: Path, name: str) -> None:
    (tmp_path / "lines").write_text(json.dumps(GOOD | {name: "x"}))
    (chunk,) = open_events(tmp_path / "lines").chunks()
    assert chunk.ignored.total() == 1
    assert all(len(said) <= 64 and said.encode() is not None for said in chunk.ignored)
    assert len(clean(chunk.events, TOKENISER, NOW).good) == 1
