"""What people wrote, in a terminal: as it is, and without anything that a terminal obeys."""

from __future__ import annotations

import io
import json

import pytest
from pydantic import TypeAdapter, ValidationError
from rich.console import Console
from rich.table import Table

from service.api.notes import Note
from service.cli.rings import _cells, _journal_line
from service.cli.terminal import console, plain

ODD = [
    "see [/case] notes",
    "[link=http://x]y[/link]",
    "\x1b[2J\x1b]0;pwned\x1b[31mred",
    "a\rb",
    "\x9b31m",
    "\u202eevil",
]


def printed(line: object) -> str:
    out = io.StringIO()
    Console(file=out, width=400, force_terminal=True, color_system=None).print(line)
    return out.getvalue().rstrip("\n")


@pytest.mark.parametrize("note", ODD)
def test_a_note_is_shown_as_it_is(note: str) -> None:
    action = {"at": "2026-11-27T10:00:00", "who": note, "subject": note, "before": "open", "after": note, "note": note}
    text = printed(_journal_line(action))
    assert text.count(plain(note)) == 4
    assert text.isprintable()


@pytest.mark.parametrize("identifier", ODD)
def test_what_holds_a_ring_together_is_shown_as_it_is(identifier: str) -> None:
    held = [{"kind": "ip", "id": identifier, "members": 3}]
    ring = {"id": "R", "score": 1.0, "level": "low", "size": 3, "status": "open", "held_by": held}
    cell = _cells({**ring, "first_seen": None, "last_seen": None}, [1, 2])[-1]
    assert plain(identifier[:11]) in printed(cell)


def test_escapes_are_those_of_json() -> None:
    assert json.loads(plain(json.dumps("\x9b\u202e", ensure_ascii=False))) == "\x9b\u202e"
    assert plain("漢字 é [x]") == "漢字 é [x]"


@pytest.mark.parametrize("note", ["\x1b[2J", "\x00", "\x9b", "\x7f"])
def test_new_notes_have_no_control_characters(note: str) -> None:
    with pytest.raises(ValidationError, match="control character"):
        TypeAdapter(Note).validate_python(note)
    assert TypeAdapter(Note).validate_python("two\r\nlines\tand a tab") == "two\r\nlines\tand a tab"


def test_in_a_pipe_a_row_is_one_line(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.delenv("COLUMNS", raising=False)
    ring = {
        "id": "R-7F3K-Q", "score": 97.0, "level": "critical", "size": 3335, "status": "dismissed",
        "first_seen": "2025-11-09T21:51:16Z", "last_seen": "2026-10-31T14:28:54Z",
        "held_by": [{"kind": "payment_method", "id": "pm_" + "0123456789abcdef" * 2, "members": 2197}] * 2,
    }  # fmt: skip
    table = Table(*"abcdefgh", box=None, show_header=False)
    table.add_row(*_cells(ring, [1] * 24))
    console().print(table)
    line, rest = capsys.readouterr().out.split("\n", 1)
    assert rest == ""
    assert all(part in line for part in ("2025-11-09 to 2026-10-31", "(2,197), payment_method pm_01234567"))
