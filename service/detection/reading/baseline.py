"""The baseline: what is usual in all of the graph, kept with a run for the incremental passes, which read a part."""

from __future__ import annotations

import json
import zlib
from dataclasses import dataclass, replace

import numpy as np

from service.detection.reading.kind_codes import codes
from service.detection.reading.snapshot import Ints, Snapshot

WEEK_S = 7 * 86_400
OLD_KINDS = ("payment_method", "device")  # of baselines that do not say theirs
MOST_WEEKS = 8  # beyond, a run of all of the graph is long overdue


@dataclass(frozen=True, slots=True)
class Baseline:
    """births, moves and arrivals are sorted epoch seconds: creations, later first uses of an identifier, and first uses
    of addresses. `shares` are the population's by name, `added` how many accounts added 0, 1, 2.. cards and devices
    within each span, `sharing` how many accounts share a card or device with as many, by size class, and
    `crowded` how many cards and devices have as many accounts, `exits` how many accounts use 0, 1, 2.. addresses and
    have none of their own; `uses` all requests, `as_of` the newest moment seen."""

    births: Ints
    moves: Ints
    arrivals: Ints
    shares: dict[str, float]
    added: list[Ints]
    sharing: list[Ints]
    crowded: list[Ints]
    exits: Ints
    uses: int
    as_of: int

    def pack(self) -> bytes:
        """As bytes: differences of the sorted times, compressed (1 to 2 bytes each)."""
        times = [self.births, self.moves, self.arrivals]
        head = {
            "kinds": [codes().names[code] for code in codes().strong_codes],
            "shares": self.shares,
            "added": [counts.tolist() for counts in self.added],
            "sharing": [counts.tolist() for counts in self.sharing],
            "crowded": [counts.tolist() for counts in self.crowded],
            "exits": self.exits.tolist(),
            "uses": self.uses,
            "as_of": self.as_of,
            "sizes": [len(time) for time in times],
        }
        differences = [np.diff(time, prepend=0).astype("<i8").tobytes() for time in times]
        # Level 1: 6 takes 8 times as long for 15 % less.
        return zlib.compress(json.dumps(head).encode() + b"\n" + b"".join(differences), 1)

    @classmethod
    def unpack(cls, data: bytes) -> Baseline:
        """From `pack`."""
        head, _, body = zlib.decompress(data).partition(b"\n")
        known = json.loads(head)
        sizes = known.pop("sizes")
        columns = np.split(np.frombuffer(body, "<i8"), np.cumsum(sizes)[:-1])
        births, moves, arrivals = (np.cumsum(column, dtype=np.int64) for column in columns)
        added = [np.array(counts, np.int64) for counts in known["added"]]
        kinds = known.get("kinds", OLD_KINDS)
        sharing, crowded = (_by_kind(dict(zip(kinds, known[name], strict=True))) for name in ("sharing", "crowded"))
        exits = np.array(known.get("exits", []), np.int64)  # of a run of before these were counted: nothing is known
        return cls(
            births, moves, arrivals, known["shares"], added, sharing, crowded, exits, known["uses"], known["as_of"]
        )

    def until(self, snapshot: Snapshot) -> Baseline:
        """The same up to the newest moment of a snapshot: what came after `as_of` is guessed from the week before it,
        and what the snapshot itself holds of that time is added, so that nothing in it is alone."""
        now = snapshot.now
        place = snapshot.place[snapshot.identifier]
        return replace(
            self,
            births=_extended(self.births, snapshot.created, self.as_of, now),
            moves=_extended(self.moves, snapshot.first[~snapshot.birth], self.as_of, now),
            arrivals=_extended(self.arrivals, snapshot.first[place], self.as_of, now),
        )


def _by_kind(found: dict[str, list[int]]) -> list[Ints]:
    """Of each strong kind of the table in use; nothing of one that was added since."""
    return [np.array(found.get(codes().names[code], []), np.int64) for code in codes().strong_codes]


def _extended(time: Ints, own: Ints, as_of: int, now: int) -> Ints:
    week = time[time > as_of - WEEK_S]
    weeks = min(max(-(-(now - as_of) // WEEK_S), 0), MOST_WEEKS)
    later = np.concatenate([own[own > as_of], *[week + WEEK_S * (1 + number) for number in range(weeks)]])
    return np.sort(np.concatenate([time, later[later <= now]]), kind="stable")  # two sorted runs: merged, not sorted
