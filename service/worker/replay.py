"""Refused events, tried again: those that pass the rules now go to the event log."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from service.ingest.clean import clean
from service.ingest.records import entries
from service.ingest.rejects import folder
from service.ingest.tokens import Tokeniser
from service.sources.eventlog import Entry, EventLog
from service.sources.lines import json_objects
from service.sources.raw import TOKENISED_FIELDS


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
    for path in sorted(folder(home).glob("*.jsonl")):
        kept = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
        passed = _send(path.name, kept, log, tokeniser)
        done.accepted += len(passed)
        left = [item for n, item in enumerate(kept) if n not in passed]
        done.unreadable += sum(not item["event"] for item in left)
        done.refused += sum(bool(item["event"]) for item in left)
        _rewrite(path, left)
    return done


def _send(name: str, kept: list[dict[str, Any]], log: EventLog, tokeniser: Tokeniser) -> set[int]:
    """Sends what passes now to the log. Returns the places of those in the file."""
    raw = json_objects([item["event"] for item in kept], 0, TOKENISED_FIELDS)
    good = clean(raw, tokeniser, datetime.now(UTC), tokenised=True).good
    places = good.get_column("row").to_list()
    found = [
        Entry(entry.key, f"replay:{name}:{kept[place].get('offset', kept[place].get('row'))}", entry.body)
        for place, entry in zip(places, entries(good, tokeniser), strict=True)
    ]
    if found:
        log.append(found)
    return set(places)


def _rewrite(path: Path, left: list[dict[str, Any]]) -> None:
    if not left:
        path.unlink()
        return
    draft = path.with_suffix(".partial")
    with draft.open("w", encoding="utf-8") as file:
        file.writelines(json.dumps(item, ensure_ascii=False) + "\n" for item in left)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
