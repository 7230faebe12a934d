"""Rings that are too young to be judged by what their members keep (anchors, addresses): judged by what only they
share.

People who share a device are a family, a shop's counter or a team with a tablet: they sign up hours or days apart, or
with cards of their own. Whoever makes five accounts on one device within half an hour with one card, too, is likely one
hand, and more likely so from one address that nobody else uses. Colleagues in a training have devices of their own.
"""

from __future__ import annotations

import numpy as np

from service.detection import parameters
from service.detection.reading.snapshot import DEVICE, IP, PAYMENT, Flags, Floats, Ints, Snapshot

SPREAD = 2**33  # larger than any moment in epoch seconds and a margin: keeps rings apart in one sorted array


def fresh(snapshot: Snapshot, ring: Ints, rows: Ints, own: Flags) -> Floats:
    """Mean over the members of each ring (R) that were made within FRESH_S of FRESH_OTHERS other members and share a
    device with the ring alone: FRESH_CARD if they share such a card too, and the rest to 1 if such an address. 0 for
    rings of which half the members are old enough to be judged by their addresses.

    ring (N; -1 for none), rows: links of members, own: which of these go to what only their ring uses.
    """
    kind = snapshot.kind[snapshot.identifier[rows]]
    card, device, address = (
        np.bincount(snapshot.account[rows[own & (kind == number)]], minlength=snapshot.accounts) > 0
        for number in (PAYMENT, DEVICE, IP)
    )
    also = card * parameters.FRESH_CARD + address * (1.0 - parameters.FRESH_CARD)
    one_hand = device * also * _hasty(snapshot.created, ring)
    placed = ring >= 0
    size = np.maximum(np.bincount(ring[placed]), 1)
    old = np.bincount(ring[placed & (snapshot.created <= snapshot.now - parameters.ADDRESS_S)], minlength=len(size))
    return np.where(2 * old < size, np.bincount(ring[placed], one_hand[placed]) / size, 0.0)


def _hasty(created: Ints, ring: Ints) -> Flags:
    """Whether each account (N) was made within FRESH_S of FRESH_OTHERS others of its ring."""
    members = np.flatnonzero(ring >= 0)
    at = ring[members] * SPREAD + created[members]
    ordered = np.sort(at)
    near = np.searchsorted(ordered, at + parameters.FRESH_S, "right") - np.searchsorted(
        ordered, at - parameters.FRESH_S, "left"
    )
    hasty = np.zeros(len(ring), bool)
    hasty[members] = near - 1 >= parameters.FRESH_OTHERS
    return hasty
