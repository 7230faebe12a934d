"""Combines windows, bursts, surges and plain sharing into one strength for each link. Formulas: docs/detection.md,
Evidence."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from service.detection.evidence.signup_windows import BIRTH_LINKS, FIRST_SEEN, Windows
from service.detection.evidence.surges import Surges
from service.detection.parameters import EvidenceParameters
from service.detection.reading.snapshot import GROUP_STRIDE, Floats, Ints, Snapshot, with_bursts


@dataclass(frozen=True, slots=True)
class Evidence:
    """Windows of births, static evidence of each identifier (M), and the strength of each link from windows, bursts and
    surges (L, 0 to 1)."""

    windows: Windows
    static: Floats
    link: Floats

    def strength(self, snapshot: Snapshot) -> Floats:
        """The strength of each link (L) from all evidence."""
        return np.maximum(self.link, self.static[snapshot.identifier])


def static_evidence(snapshot: Snapshot, parameters: EvidenceParameters) -> Floats:
    """What sharing alone says of a card or a device, whenever its accounts were born: (M), 0 below `static_minimum`."""
    doubled = np.log2(np.maximum(snapshot.k, 1) / 4) / 2
    static = parameters.static_most * np.clip(doubled, 0, 1)
    return np.where(snapshot.strong & (snapshot.k >= parameters.static_minimum), static, 0.0)


def links_inside(snapshot: Snapshot, windows: Windows) -> tuple[Ints, Ints]:
    """Pairs of a window's row and a link that lies inside it, sorted. Each window's links are looked up in a sorted
    list: one address with 50,000 accounts has so many windows that going through all of its links took 3 GB."""
    used = np.zeros(snapshot.identifiers, bool)
    used[windows.identifier] = True
    on = np.flatnonzero(used[snapshot.identifier])
    seen = windows.rule == FIRST_SEEN
    rows, links = [], []
    for time, chosen in ((snapshot.created[snapshot.account[on]], ~seen), (snapshot.first[on], seen)):
        window = np.flatnonzero(chosen)
        key = snapshot.identifier[on] * GROUP_STRIDE + time
        order = np.argsort(key)
        start = windows.identifier[window] * GROUP_STRIDE
        begin = np.searchsorted(key[order], start + windows.from_s[window], "left")
        size = np.searchsorted(key[order], start + windows.to_s[window], "right") - begin
        rows.append(np.repeat(window, size))
        at = np.arange(len(rows[-1])) - np.repeat(np.cumsum(size) - size - begin, size)
        links.append(on[order[at]])
    row, link = np.concatenate(rows), np.concatenate(links)
    order = np.lexsort((link, row))
    row, link = row[order], link[order]
    inside = (windows.rule[row] != BIRTH_LINKS) | snapshot.birth[link]
    return row[inside], link[inside]


def compute_evidence(
    snapshot: Snapshot, windows: Windows, bursts: Windows, surges: Surges, parameters: EvidenceParameters
) -> tuple[Snapshot, Evidence]:
    """All evidence of a snapshot, which comes back with each burst and each surge as a further identifier."""
    link = np.zeros(len(snapshot.account))
    row, inside = links_inside(snapshot, windows)
    np.maximum.at(link, inside, windows.strength[row])
    burst, inside = links_inside(snapshot, bursts)
    full = with_bursts(snapshot, np.append(inside, surges.link), np.append(burst, surges.surge + len(bursts.nats)))
    of_bursts = np.append(bursts.strength[burst], surges.strength)
    return full, Evidence(windows, static_evidence(full, parameters), np.append(link, of_bursts))
