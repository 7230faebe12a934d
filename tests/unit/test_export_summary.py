"""The PDF of a ring's summary takes whatever people and senders write."""

from __future__ import annotations

import base64
import re
import zlib
from dataclasses import replace
from typing import Any

import pytest

from service.export import picture, summary
from service.export.dossier import Dossier
from service.export.redact import FULL

LONG = {
    "Chinese": "漢" * 2000,
    "capitals": "W" * 2000,
    "wide words": "WIDE WORDS " * 180,
    "one word": "x" * 2000,
    "markup": "<b>&" * 500,
    "lines": "line\n" * 400,
    "control characters": "\x00\x1b[31m\ufffe\ud800",
}


def dossier(note: str, name: str) -> Dossier:
    ring: dict[str, Any] = {
        "id": "R-2345-6", "score": 90.0, "level": "critical", "size": 1, "status": "open", "first_seen": None,
        "last_seen": None, "run": "run-1", "reasons": [{"text": note, "points": 1.0, "evidence": {"seen": note}}],
        "held_by": [{"kind": "device", "id": name, "members": 1}],
    }  # fmt: skip
    member = {"id": name, "created_at": None, "strength": None, "risk": None, "label": None}
    action = {"at": None, "who": name, "subject": name, "before": None, "after": "open", "undone": False, "note": note}
    return Dossier(ring, {}, [member], {"nodes": [], "links": []}, {}, [], [action], FULL)


@pytest.mark.parametrize("note", LONG.values(), ids=LONG)
def test_a_note_longer_than_a_page_goes_on_on_the_next(note: str) -> None:
    found = dossier(note, note[:512])
    image = picture.png(picture.arrange("Ring", found.drawing, FULL))
    assert summary.pdf(found, image).startswith(b"%PDF-")


def test_letters_that_the_pdf_has_no_font_for_are_written_by_their_numbers() -> None:
    found = dossier("\u6f22 caf\u00e9", "d")
    content = summary.pdf(found, picture.png(picture.arrange("Ring", found.drawing, FULL)))
    streams = re.findall(rb"stream\r?\n(.*?)~>endstream", content, re.DOTALL)
    text = b"".join(zlib.decompress(base64.a85decode(stream)) for stream in streams[:2])
    assert rb"\\u6f22 caf\351" in text


def test_a_summary_names_the_model() -> None:
    found = replace(dossier("x", "d"), run={"parameters": {"model_version": "2026.11.8"}})
    assert ("Model", "2026.11.8") in summary.facts(found)


@pytest.mark.parametrize(
    ("score", "points", "shown"),
    [
        (77.6, [25.4, 20.5, 16.5, 15.4, -0.2], ["+25", "+21", "+17", "+15", "0"]),  # rounded one by one they make 76
        (100.0, [50.5, 50.5, -0.6], ["+51", "+50", "-1"]),
        (60.0, [26.4], ["+26"]),  # of another score: as they are
    ],
)
def test_the_points_that_are_told_add_up_to_the_score_that_is(
    score: float, points: list[float], shown: list[str]
) -> None:
    found = dossier("x", "d")
    found.ring.update(
        score=score, reasons=[{"text": f"t{n}", "points": p, "evidence": {}} for n, p in enumerate(points)]
    )
    text = summary.html(found, "<svg/>")
    assert re.findall(r"<td>t\d</td><td>([^<]*)</td>", text) == shown
