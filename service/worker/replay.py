"""Refused events, tried again: those that pass the rules now go to the event log."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from service.ingest.clean import clean
from service.ingest.records import entries
from service.ingest.rejects import event_of, put_back, taken, value_line
from service.ingest.tokens import Tokeniser
from service.sources.eventlog import Entry, EventLog
from service.sources.lines import json_objects
from service.sources.raw import tokenised_fields


@dataclass(slots=True)
class Replayed:
    """How many refused events passed, how many did not, and how many hold no event to try."""

    accepted: int = 0
    refused: int = 0
    unreadable: int = 0


def replay_rejects(home: Path, log: EventLog, tokeniser: Tokeniser) -> Replayed:
    """Goes through all rejects files. What passes is durable in the log before it leaves its file; each has a key of
    its own in the embedded log, so that a crash between the two does not add it twice."""
    done = Replayed()
    for aside, lines in taken(home):
        passed, values = _send(lines, log, tokeniser)
        left = [line for place, line in enumerate(lines) if place not in passed] + values
        unreadable = sum(not event_of(line) for line in left)
        put_back(aside, left)
        done.accepted += len(passed)
        done.refused += len(left) - unreadable
        done.unreadable += unreadable
    return done


def _send(lines: list[bytes], log: EventLog, tokeniser: Tokeniser) -> tuple[set[int], list[bytes]]:
    """Sends what passes now to the log. Returns the places of those lines, and lines of the values that are refused of
    them still."""
    raw = json_objects([event_of(line) for line in lines], 0, tokenised_fields())
    cleaned = clean(raw, tokeniser, datetime.now(UTC), tokenised=True)
    good = cleaned.good
    places: list[int] = good.get_column("row").to_list()
    found = [
        Entry(entry.key, f"replay:{hashlib.sha256(lines[place]).hexdigest()}", entry.body)
        for place, entry in zip(places, entries(good, tokeniser), strict=True)
    ]
    if found:
        log.append(found)
    return set(places), [value_line(lines[row["row"]], row) for row in cleaned.values.to_dicts()]
