"""The accounts that are judged by people's word on an earlier ring of theirs, which is a part of another now."""

from __future__ import annotations

import numpy as np

from service.detection.publishing.names import Columns
from service.detection.reading.previous_run import PreviousRun
from service.detection.reading.snapshot import Ints, Snapshot
from service.detection.scoring.result import RING_CONFIRMED, ScoringResult


def words(snapshot: Snapshot, result: ScoringResult, ids: list[str], previous: PreviousRun) -> Columns:
    """The accounts that are to be noted with another ring than they are, or with none, as columns of
    detect/set_words."""
    word = earlier(result.ring, result.verdict, ids, previous)
    other = np.flatnonzero(word != previous.noted)
    rings = [*(verdict.ring for verdict in previous.verdicts), None]
    return {"nodes": snapshot.account_node[other].tolist(), "words": [rings[number] for number in word[other].tolist()]}


def earlier(ring: Ints, verdict: Ints, ids: list[str], previous: PreviousRun) -> Ints:
    """The place of the verdict that holds for each account (N; -1 for none), where it is on another ring than its own
    (`ring`, N). Who left a ring that people dismissed keeps their word; who left one that they confirmed does not. A
    new ring is born with their word (`verdict`, R) on most of its members."""
    place = {said.ring: number for number, said in enumerate(previous.verdicts)}
    own = np.array([*(place.get(ring_id, -1) for ring_id in ids), -1], np.int64)[ring]
    known = np.isin(ids, previous.ids)
    born = np.append(np.where(known, 0, verdict), 0)[ring]
    by = previous.judged_by
    sign = np.array([*(1 if said.confirmed else -1 for said in previous.verdicts), 0], np.int64)[by]
    lasts = (by >= 0) & (by != own) & (born != sign) & ((ring >= 0) | (sign < 0))
    return np.where(lasts, by, -1)


def decided_on(result: ScoringResult, ids: list[str], previous: PreviousRun, account: int) -> str:
    """The ring by which people's word reached an account: its own, or one that it was in before, if that is now a part
    of a ring on which they have decided nothing."""
    number, by = int(result.ring[account]), int(previous.judged_by[account])
    word = 1 if result.cause[account] == RING_CONFIRMED else -1
    if by < 0 or (number >= 0 and result.verdict[number] == word):
        return ids[number]
    return previous.verdicts[by].ring
