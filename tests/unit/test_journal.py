"""The journal: what was changed, removed or moved is found; several processes and a crash do no harm."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from service.errors import UnavailableError
from service.security.journal import Journal, JournalError, local_change
from service.security.keys import KeyStore
from service.security.roles import Role
from service.sources.sqlitelog import SqliteLog
from tests.support.security import bearer, client, key


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    made = Journal(tmp_path)
    for number in range(1, 6):
        made.append(who="rsk_1 (ana)", what="POST status", where="10.0.0.1", target={"id": f"R-{number}"})
    return made


def test_an_untouched_journal_holds(journal: Journal) -> None:
    head = journal.verify()
    assert head.number == 5
    assert journal.append(who="a", what="b", where="c").number == 6
    journal.verify(expected=head.seal)


def test_no_journal_is_a_journal_without_lines(tmp_path: Path) -> None:
    assert Journal(tmp_path).verify().number == 0


TAMPERING: dict[str, Callable[[list[bytes]], list[bytes]]] = {
    "changed": lambda lines: [lines[0], lines[1].replace(b"ana", b"bob"), *lines[2:]],
    "removed in the middle": lambda lines: [*lines[:2], *lines[3:]],
    "removed at the start": lambda lines: lines[1:],
    "removed at the end": lambda lines: lines[:-1],
    "all but one removed at the end": lambda lines: lines[:1],
    "reordered": lambda lines: [lines[1], lines[0], *lines[2:]],
    "doubled": lambda lines: [*lines, lines[-1]],
    "emptied": lambda lines: [],
    "not JSON": lambda lines: [*lines[:3], b"nonsense\n", *lines[4:]],
    "not an object": lambda lines: [*lines[:3], b"[1]\n", *lines[4:]],
    "rewritten with spaces": lambda lines: [json.dumps(json.loads(lines[0])).encode() + b"\n", *lines[1:]],
}


@pytest.mark.parametrize("how", sorted(TAMPERING))
def test_tampering_is_found(journal: Journal, how: str) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(TAMPERING[how](lines)))
    with pytest.raises(JournalError):
        journal.verify()


@pytest.mark.parametrize("how", ["removed at the end", "all but one removed at the end", "emptied", "reordered"])
def test_tampering_is_still_found_after_further_lines(journal: Journal, how: str) -> None:
    lines = journal.path.read_bytes().splitlines(keepends=True)
    journal.path.write_bytes(b"".join(TAMPERING[how](lines)))
    journal.append(who="a", what="b", where="c")
    with pytest.raises(JournalError):
        journal.verify()


def test_a_forger_without_the_key_is_found(tmp_path: Path, journal: Journal) -> None:
    (tmp_path / "other").mkdir()
    forger = Journal(tmp_path / "other")
    for number in range(1, 6):
        forger.append(who="rsk_1 (bob)", what="POST status", where="10.0.0.1", target={"id": f"R-{number}"})
    for path in forger.path.parent.iterdir():
        path.replace(journal.path.parent / path.name)
    with pytest.raises(JournalError, match="line 1"):
        journal.verify()


def test_an_older_journal_put_back_is_found_by_a_noted_seal(journal: Journal) -> None:
    older = {path: path.read_bytes() for path in journal.path.parent.iterdir()}
    noted = journal.append(who="a", what="b", where="c").seal
    for path, content in older.items():
        path.write_bytes(content)
    assert journal.verify().number == 5
    with pytest.raises(JournalError, match="noted"):
        journal.verify(expected=noted)


def test_a_line_torn_by_a_crash_is_mended_and_said(journal: Journal) -> None:
    with journal.path.open("ab") as file:
        file.write(b'{"n":6,"at":"2026')
    assert len(list(journal.lines())) == 5
    journal.append(who="a", what="b", where="c")
    assert journal.verify().number == 7
    assert [line["what"] for line in journal.lines()][-2:] == ["journal mended", "b"]


def test_a_line_of_any_length_is_followed_by_the_next(journal: Journal) -> None:
    for length in (1 << 13, (1 << 14) - 250, 1 << 14, 1 << 18):
        journal.append(who="a", what="b", where="c", target="x" * length)
    with journal.path.open("ab") as file:
        file.write(b'{"torn": "' + b"x" * (1 << 15))
    journal.append(who="a", what="b", where="c")
    assert journal.verify().number == 11


def test_a_crash_between_the_line_and_the_head_is_no_tampering(journal: Journal) -> None:
    head = journal.path.with_suffix(".head")
    before = head.read_bytes()
    journal.append(who="a", what="b", where="c")
    head.write_bytes(before)
    assert journal.verify().number == 6
    journal.append(who="a", what="b", where="c")
    assert journal.verify().number == 7


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """A journal of 20 lines in several files, oldest first."""
    monkeypatch.setattr("service.security.journal.SEGMENT_BYTES", 1000)
    made = Journal(tmp_path)
    for number in range(1, 21):
        made.append(who="a", what="b", where="c", number=number)
    return [*sorted(made.path.parent.glob("journal-*.jsonl")), made.path]


def test_a_large_journal_goes_on_in_another_file(tmp_path: Path, files: list[Path]) -> None:
    assert len(files) > 2
    assert all(path.stat().st_size < 1500 and path.stat().st_mode & 0o777 == 0o600 for path in files)
    journal = Journal(tmp_path)
    assert [line["number"] for line in journal.lines()] == list(range(1, 21))
    head = journal.verify()
    assert head.number == 20
    first = json.loads(files[0].read_bytes().splitlines()[0])["seal"]
    assert journal.verify(expected=first) == head
    assert files[-2].name == f"journal-{json.loads(files[-2].read_bytes().splitlines()[-1])['n']:012d}.jsonl"


@pytest.mark.parametrize("place", [0, 1, -2, -1])
def test_a_file_of_it_that_is_gone_or_changed_is_found(tmp_path: Path, files: list[Path], place: int) -> None:
    data = files[place].read_bytes()
    files[place].unlink()
    with pytest.raises(JournalError):
        Journal(tmp_path).verify()
    files[place].write_bytes(data.replace(b'"who":"a"', b'"who":"z"', 1))
    with pytest.raises(JournalError, match=files[place].name):
        Journal(tmp_path).verify()
    files[place].write_bytes(data)
    assert Journal(tmp_path).verify().number == 20


@pytest.mark.parametrize("head", [True, False])
def test_a_crash_between_two_files_is_no_tampering(tmp_path: Path, files: list[Path], head: bool) -> None:
    journal = Journal(tmp_path)
    files[-1].rename(files[-1].with_name("journal-000000000020.jsonl"))
    assert journal.verify().number == 20
    if not head:
        files[-1].with_suffix(".head").unlink()
    journal.append(who="a", what="b", where="c")
    assert journal.verify().number == (21 if head else 22), "a line says that the head was missing"


def test_processes_write_one_chain(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from service.security.journal import Journal\n"
        "from service.security import journal as room; room.SEGMENT_BYTES = 3000\n"
        "journal = Journal(pathlib.Path(sys.argv[1]))\n"
        "for n in range(50): journal.append(who=sys.argv[2], what='x', where='y', durable=False, n_own=n)"
    )
    running = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path), str(n)]) for n in range(4)]
    assert [process.wait(60) for process in running] == [0, 0, 0, 0]
    journal = Journal(tmp_path)
    assert journal.verify().number == 200
    for writer in "0123":
        assert [line["n_own"] for line in journal.lines() if line["who"] == writer] == list(range(50))


def test_the_command_line_journals_changes_and_exports(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    import click

    from service import cli

    @click.command()
    @click.argument("ring")
    def export(ring: str) -> None:
        if ring == "R-0":
            raise click.ClickException("no such ring")

    monkeypatch.setenv("RINGSIGHT_HOME", str(tmp_path))
    monkeypatch.setattr(cli.LazyGroup, "get_command", lambda *_: export)
    for arguments in (["export", "R-1"], ["rings", "R-1"], ["export", "--help"], ["export", "R-0"]):
        monkeypatch.setattr("sys.argv", ["ringsight", *arguments])
        if "R-0" in arguments:
            with pytest.raises(SystemExit):
                cli.main()
        else:
            cli.main()
    lines = list(Journal(tmp_path).lines())
    assert {(line["what"], line["from"]) for line in lines} == {("ringsight export", "local")}
    assert [line.get("arguments") or line.get("failed") for line in lines] == ["R-1", "R-0", "ClickException"]


def test_what_is_changed_has_its_line_before(tmp_path: Path) -> None:
    with local_change(tmp_path, "ringsight detect"):
        assert [line["what"] for line in Journal(tmp_path).lines()] == ["ringsight detect"]
    journal = Journal(tmp_path).path.parent
    journal.rename(tmp_path / "moved")
    journal.touch()
    with pytest.raises(UnavailableError), local_change(tmp_path, "ringsight detect"):
        pytest.fail("nothing is done without a line")


def test_a_line_that_fails_half_way_is_taken_back(journal: Journal) -> None:
    before = journal.path.read_bytes()
    draft = journal.path.with_suffix(".head").with_suffix(".draft")
    draft.mkdir()  # the head can't be written, as on a full disk
    for _ in range(3):
        with pytest.raises(UnavailableError):
            journal.append(who="a", what="b", where="c")
    assert journal.path.read_bytes() == before
    assert journal.verify().number == 5
    draft.rmdir()
    assert journal.append(who="a", what="b", where="c").number == 6
    journal.verify()


def test_a_request_that_has_no_line_changes_nothing(tmp_path: Path) -> None:
    asking = client(tmp_path)
    admin, sender = bearer(tmp_path, Role.ADMIN), bearer(tmp_path, Role.INGEST)
    event = {"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": "203.0.113.7"}
    assert asking.post("/v1/events", json=[event], headers=sender).status_code == 202
    assert asking.post("/v1/events", json=[{}], headers=sender).status_code == 422
    lines = list(Journal(tmp_path).lines())
    assert [line.get("status") for line in lines] == [None, None, 422]
    assert {line["what"] for line in lines} == {"POST /v1/events"}
    (tmp_path / "journal").rename(tmp_path / "moved")
    (tmp_path / "journal").touch()
    for method, path in (("POST", "/v1/events"), ("DELETE", "/v1/accounts/a"), ("POST", "/v1/detection/runs")):
        answer = asking.open(path, method=method, json=[event], headers=sender if path == "/v1/events" else admin)
        assert answer.status_code == 503
        assert "journal" in answer.get_json()["detail"] and answer.headers["Retry-After"]
    with closing(SqliteLog(tmp_path / "eventlog" / "events.db")) as log:
        assert sum(len(log.read(number, -1, 100)) for number in log.partitions()) == 1


@pytest.mark.parametrize("words", [("keys", "create", "bea", "--role", "admin"), ("keys", "revoke", "ana")])
def test_a_command_that_has_no_line_changes_nothing(tmp_path: Path, words: tuple[str, ...]) -> None:
    key(tmp_path, [Role.ANALYST], "ana")
    (tmp_path / "journal").touch()
    (tmp_path / "keys" / "journal.key").unlink(missing_ok=True)
    call = [sys.executable, "-m", "service.cli", *words]
    done = subprocess.run(
        call, env=os.environ | {"RINGSIGHT_HOME": str(tmp_path)}, capture_output=True, text=True, check=False
    )
    assert (done.returncode, "Traceback" in done.stderr) == (1, False)
    assert [(found.name, found.revoked_at) for found in KeyStore(tmp_path).all()] == [("ana", None)]
