"""`ringsight doctor`: what it says of files that others wrote, and its exit code."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner

from service.cli.doctor import command
from service.errors import InputError
from service.ingest import networks
from service.sources.files import open_events
from service.sources.suggest import suggested
from tests.support import events
from tests.support import networks as mmdb

START = datetime(2026, 3, 1, tzinfo=UTC)
FRAUD_CSV = """user_id,signup_time,purchase_value,device_guid,browser,source_address
22058,2015-02-24T22:55:49Z,34,QVPSPJUOCKZAR,Chrome,52.12.1.2
333320,2015-06-07T20:39:50Z,16,null,Chrome,10.0.0.1
1359,2015-01-01T18:52:44Z,15,YSSKYOSJHPPLJ,Opera,53.1.2.3
1360,2015-01-01 18:52:44,15,YSSKYOSJHPPLK,Opera,53.1.2.3
"""
PHONES = {
    "FR": "+33612345678",
    "DE": "+4915123456789",
    "GB": "+442079460958",
    "ES": "+34612345678",
    "IT": "+393123456789",
    "US": "+12025550123",
    "PL": "+48512345678",
    "NL": "+31612345678",
    "BE": "+32470123456",
    "CH": "+41781234567",
    "AT": "+436641234567",
    "PT": "+351912345678",
}


def doctor(*arguments: str | Path) -> tuple[int, str]:
    done = CliRunner().invoke(command, [str(argument) for argument in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done.exit_code, done.stdout


def documents(*arguments: str | Path) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = json.loads(doctor(*arguments, "--json")[1])["files"]
    return found


def test_a_sound_file_needs_nothing(tmp_path: Path) -> None:
    code, said = doctor(events.write(tmp_path / "f", events.stream(200)))
    assert (code, said.splitlines()[-1]) == (0, "all of it counts")


def test_a_fraud_csv_with_foreign_columns_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "fraud.csv"
    path.write_text(FRAUD_CSV)
    code, said = doctor(path)
    assert code == 1
    assert "--map account_id=user_id,device_id=device_guid,ip=source_address,occurred_at=signup_time" in said
    assert "occurred_at has no time zone (first in row 4): add Z" in said
    (found,) = documents(path)
    assert found["ignored_fields"] == {"purchase_value": 4, "browser": 4}
    assert found["placeholders"] == {"device_id": {"null": 1}, "ip": {"10.0.0.1": 1}}
    assert found["events"] == 4 and found["refused"][0]["count"] == 1
    assert documents(path, "--map", found["map"])[0] == found | {"map": None}


@pytest.mark.parametrize("form", ["jsonl", "array", "parquet"])
def test_columns_are_found_in_every_form(tmp_path: Path, form: str) -> None:
    rows = [{"userId": f"u{n}", "createdAt": "2026-03-01T00:00:00Z", "clientIp": "1.2.3.4"} for n in range(3)]
    path = tmp_path / "f"
    if form == "parquet":
        pl.DataFrame(rows).write_parquet(path)
    else:
        path.write_text("\n".join(map(json.dumps, rows)) if form == "jsonl" else json.dumps(rows))
    (found,) = documents(path)
    assert found["map"] == "account_id=userId,ip=clientIp,occurred_at=createdAt"
    assert (found["events"], found["accounts"], found["refused"]) == (3, 3, [])


def test_a_column_that_is_named_right_is_left_as_it_is(tmp_path: Path) -> None:
    path = events.write(tmp_path / "f", [row | {"user": "x", "timestamp": "y"} for row in events.stream(5)])
    (found,) = documents(path)
    assert found["map"] is None
    assert found["ignored_fields"] == {"user": 5, "timestamp": 5}


def test_hubs_of_all_ages_have_a_line_to_copy_and_those_of_one_day_do_not(tmp_path: Path) -> None:
    rows = [
        {
            "account_id": f"a{n}",
            "occurred_at": (START + timedelta(hours=n)).isoformat(),
            "type": "signup",
            "device_id": "it's shared" if n % 50 == 0 else f"d{n}",
            "payment_fingerprint": "farm" if 500 <= n < 515 else None,
        }
        for n in range(1200)
    ]
    path = events.write(tmp_path / "f", rows)
    code, said = doctor(path)
    assert code == 0, "hubs count"
    assert """ringsight allow add device 'it'"'"'s shared' --who""" in said
    hubs = {hub["value"]: (hub["kind"], hub["accounts"], hub["all_ages"]) for hub in documents(path)[0]["hubs"]}
    assert hubs == {"it's shared": ("device", 24, True), "farm": ("payment_method", 15, False)}
    assert "farm: its accounts came together" in said


def test_nothing_that_a_sender_wrote_reaches_the_terminal_as_an_order(tmp_path: Path) -> None:
    path = tmp_path / "f"
    row = events.stream(1)[0] | {"\x1b[2J\u202e": 1, "type": "\x1b]0;x", "device_id": "none"}
    path.write_text(json.dumps(row))
    code, said = doctor(path)
    assert code == 1
    assert "\x1b" not in said and "\u202e" not in said


def test_nothing_is_written(tmp_path: Path, home: Path) -> None:
    before = sorted(home.rglob("*"))
    path = events.write(tmp_path / "f", [*events.stream(5), {"account_id": "x"}])
    assert doctor(path)[0] == 1
    assert sorted(home.rglob("*")) == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    ("field", "column"),
    [
        *(("occurred_at", name) for name in ("ts", "created", "signup_ts", "Signup TS", "signupTs", "LOGIN_TS")),
        *(("device_id", name) for name in ("device_fp", "Device FP", "deviceFp", "device_hash")),
        *(("ip", name) for name in ("login_ip", "ip_addr")),
        ("payment_fingerprint", "card_hash"),
    ],
)
def test_a_field_is_guessed_by_the_name_that_others_give_it(tmp_path: Path, field: str, column: str) -> None:
    path = tmp_path / "f.csv"
    names = {"account_id": "account_id", "occurred_at": "occurred_at", field: column}
    path.write_text(f"{','.join(names.values())},hits_of_accounts\n")
    assert documents(path)[0]["map"] == f"{field}={column}"


@pytest.mark.parametrize("unit", ["ms", "us", "ns"])
def test_times_beyond_the_calendar_are_told_as_ingest_does(tmp_path: Path, unit: str) -> None:
    times = pa.array([-(2**63) + 1, 2**63 - 1], pa.timestamp(unit))
    table = pa.table({"account_id": ["a", "b"], "occurred_at": times, "seen": times, "ip": ["1.2.3.4"] * 2})
    pq.write_table(table, tmp_path / "p")
    (found,) = documents(tmp_path / "p")
    assert [rule["reason"] for rule in found["refused"]] == ["is before 2000", "is more than a day ahead"]


def test_a_text_of_parquet_that_is_not_utf8_is_a_message(tmp_path: Path) -> None:
    text = pa.array([b"\xff"], pa.binary())
    user = pa.Array.from_buffers(pa.string(), 1, text.buffers())
    pq.write_table(pa.table({"user": user, "occurred_at": ["x"]}), tmp_path / "p")
    with pytest.raises(InputError, match="is a damaged Parquet file"):
        suggested(open_events(tmp_path / "p"))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_required_column_that_is_not_guessed_is_asked_for(tmp_path: Path, form: str) -> None:
    row = {"user": "u1", "ip_addr": "1.2.3.4", "moment": "2026-03-01T00:00:00Z", "favourite_colour": "red"}
    path = tmp_path / f"foreign.{form}"
    if form == "csv":
        path.write_text(f"{','.join(row)}\n{','.join(row.values())}\n")
    else:
        pl.DataFrame([row]).write_parquet(path)
    code, said = doctor(path)
    assert code == 1
    assert "its columns: user, ip_addr, moment, favourite_colour" in said
    assert "--map account_id=user,ip=ip_addr\n" in said
    assert "occurred_at: which column has the time? Add occurred_at=COLUMN to --map" in said
    (found,) = documents(path)
    assert (found["map"], found["columns"]) == ("account_id=user,ip=ip_addr", list(row))
    assert (found["missing"], found["sound"]) == (["occurred_at"], False)
    asked = ("--map", "account_id=user,ip=ip_addr,occurred_at=moment")
    assert documents(path, *asked)[0]["refused"] == []
    assert "which column has the time?" in doctor(path, "--map", "occurred_at=misspelt")[1]


def test_an_account_that_is_not_guessed_is_asked_for(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_text("id,event_time,login_ip\n1,2026-03-01T00:00:00Z,1.2.3.4\n")
    code, said = doctor(path)
    assert code == 1
    assert "account_id: which column has the account?" in said
    assert "--map event_id=id,ip=login_ip,occurred_at=event_time" in said


@pytest.mark.parametrize(("sign", "word"), [(";", "semicolon"), ("\t", "tab"), ("|", "pipe")])
@pytest.mark.parametrize("quote", ["", '"'])
def test_another_separator_is_named(tmp_path: Path, sign: str, word: str, quote: str) -> None:
    path = tmp_path / "f"
    path.write_text(sign.join(f"{quote}{name}{quote}" for name in ("account_id", "ip", "occurred_at")))
    done = CliRunner().invoke(command, [str(path)])
    assert isinstance(done.exception, InputError)
    assert f"a {word} between them, and only commas are read" in done.exception.detail


def row_with(number: int, **fields: str) -> dict[str, str]:
    return {"account_id": f"u{number}", "occurred_at": "2026-03-01T00:00:00Z", "ip": f"1.2.{number}.4", **fields}


def test_a_field_of_which_nothing_counts_is_a_finding_with_a_remedy(tmp_path: Path) -> None:
    rows = [row_with(n, phone=f"06 12 34 5{n % 10} {n:02}", device_id="unknown") for n in range(60)]
    path = events.write(tmp_path / "f", rows)
    code, said = doctor(path)
    assert (code, said.splitlines()[-1]) == (1, "something would not count, see above")
    assert "not readable as phone number, left out:\n          60  phone: '06 12 34 50 00' 1" in said
    assert "phone, 60 of 60 do not count: write numbers with their country's code" in said
    assert "RINGSIGHT_PHONE_REGION" in said
    assert "device_id, 60 of 60 do not count: check that it is the right column" in said
    (found,) = documents(path)
    assert sorted(found["lost"]) == ["device_id", "phone"] and not found["sound"]
    assert found["placeholders"] == {"device_id": {"unknown": 60}} and list(found["unreadable"]) == ["phone"]


def test_an_email_that_cannot_be_read_is_no_placeholder(tmp_path: Path) -> None:
    mails = ["5f4dcc3b5aa765d61d8327deb882cf99", "nobody", "test", *(f"m{n}@acme.io" for n in range(20))]
    path = events.write(tmp_path / "f", [row_with(n, email=mail) for n, mail in enumerate(mails)])
    code, said = doctor(path)
    assert code == 1
    assert "not readable as e-mail address, left out:\n           2  email: '5f4dcc3b" in said
    assert "email, 3 of 23 do not count: send whole addresses" in said


def test_mailboxes_of_throw_away_mail_are_counted(tmp_path: Path) -> None:
    rows = [
        {"account_id": f"a{n}", "occurred_at": f"2026-03-01T12:0{n}:00Z", "email": f"m{n}@{host}"}
        for n, host in enumerate(("yopmail.com", "yopmail.com", "gmail.com", "firm.example"))
    ]
    code, said = doctor(events.write(tmp_path / "f", rows))
    assert code == 0 and "2  yopmail.com" in said and "gmail" not in said
    assert documents(tmp_path / "f")[0]["throwaway_domains"] == {"yopmail.com": 2}


def test_phone_numbers_are_counted_by_country(tmp_path: Path) -> None:
    numbers = ("+33612345678", "+33 6 12 34 56 78", "+33612345679", "+442079460958")
    path = events.write(tmp_path / "f", [row_with(n, phone=value) for n, value in enumerate(numbers)])
    code, said = doctor(path)
    assert code == 0 and "phone numbers by country (the most used):\n           2  FR\n           1  GB\n" in said
    assert documents(path)[0]["phone_countries"] == {"FR": 2, "GB": 1}


def test_addresses_are_counted_by_their_network(tmp_path: Path) -> None:
    rows = [
        {"account_id": f"a{n}", "occurred_at": f"2026-03-01T12:0{n}:00Z", "ip": address}
        for n, address in enumerate(("203.0.113.9", "203.0.113.10", "203.0.113.9", "2600:beef::1", "8.8.8.8"))
    ]
    path = events.write(tmp_path / "f", rows)
    assert "networks" not in doctor(path)[1] and documents(path)[0]["networks"] == []
    record = {"asn": "AS64500", "as_name": "Example\x1b[1m Hosting", "as_type": "hosting"}
    networks.use([mmdb.write(tmp_path / "a.mmdb", {"203.0.113.0/24": record, "2600:beef::/32": {"as_type": "isp"}})])
    try:
        code, said = doctor(path)
        (found,) = documents(path)
    finally:
        networks.use(())
    assert code == 0 and "2  AS64500 Example\\u001b[1m Hosting (hosting)" in said and "1  (residential)" in said
    assert [(one["asn"], one["sort"], one["addresses"]) for one in found["networks"]] == [
        ("AS64500", "hosting", 2),
        ("", "residential", 1),
    ]


def test_what_a_list_leaves_out_is_counted(tmp_path: Path) -> None:
    hosts = [f"m{n}.yopmail.com" for n in range(12)]  # of one list, below a domain of it
    sent = [
        row_with(n, phone=number, email=f"me@{host}", device_id="0" * n)
        for n, (number, host) in enumerate(zip(PHONES.values(), hosts, strict=True), 1)
    ]
    code, said = doctor(events.write(tmp_path / "f", sent))
    assert code == 1 and said.count("  and 2 more (--json has all)\n") == 2
    assert ", and 7 other values\n" in said
    (found,) = documents(tmp_path / "f")
    assert found["phone_countries"] == dict.fromkeys(PHONES, 1)
    assert found["throwaway_domains"] == dict.fromkeys(hosts, 1)
    assert found["different"] == {"placeholders": {"device_id": 12}, "unreadable": {}}


def test_a_port_is_taken_off_and_told(tmp_path: Path) -> None:
    addresses = ["8.8.8.8:443", "[2600:beef::1]:443", "8.8.8.8", "2600:beef::1"]
    sent = [row_with(n, ip=ip, device_id=f"d{n}") for n, ip in enumerate([*addresses, "8.8.8.8, 1.1.1.1"])]
    path = events.write(tmp_path / "f", sent[:-1])
    code, said = doctor(path)
    assert code == 0 and "2 addresses in ip have a port or brackets; these are taken off, the rest counts" in said
    assert documents(path)[0]["ports"] == {"ip": 2}
    code, said = doctor(events.write(tmp_path / "f", sent))
    assert code == 1 and "ip is a list, of which one address is the client's" in said


def test_a_time_without_a_zone_is_said_to_lack_one(tmp_path: Path) -> None:
    times = ("2026-03-01T12:00:00", "2026-03-01 12:00:00.5", "2026-03-01T12:00:00+02:00", "1 March")
    rows = [{"account_id": f"a{n}", "occurred_at": time, "device_id": f"d{n}"} for n, time in enumerate(times)]
    code, said = doctor(events.write(tmp_path / "f", rows))
    assert code == 1
    assert "2  occurred_at has no time zone (first in row 1): add Z if it is in UTC" in said
    assert "1  occurred_at is not an RFC 3339 time (first in row 4)" in said


def test_a_few_placeholders_are_no_finding(tmp_path: Path) -> None:
    path = events.write(tmp_path / "f", [row_with(n, device_id=f"d{n}" if n else "unknown") for n in range(20)])
    code, said = doctor(path)
    assert (code, said.splitlines()[-1]) == (0, "all of it counts")


@pytest.mark.parametrize("content", ["[]", "account_id,occurred_at,ip\n"])
def test_a_file_without_events_is_said_to_hold_none(tmp_path: Path, content: str) -> None:
    path = tmp_path / "f"
    path.write_text(content)
    code, said = doctor(path)
    assert code == 1
    assert "see above" not in said and "it holds no events" in said
