"""The journal: what was changed, removed or moved is found; several processes and a crash do no harm."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from service.security.journal import Journal, JournalError


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


def test_a_crash_between_the_line_and_the_head_is_no_tampering(journal: Journal) -> None:
    head = journal.path.with_suffix(".head")
    before = head.read_bytes()
    journal.append(who="a", what="b", where="c")
    head.write_bytes(before)
    assert journal.verify().number == 6
    journal.append(who="a", what="b", where="c")
    assert journal.verify().number == 7


def test_processes_write_one_chain(tmp_path: Path) -> None:
    code = (
        "import sys, pathlib; from service.security.journal import Journal\n"
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
    assert [(line["what"], line["arguments"], line["from"]) for line in lines] == [("ringsight export", "R-1", "local")]
