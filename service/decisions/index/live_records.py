"""The index's live records as bytes: what came since it was built, which a build takes over."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass, replace

from service.decisions.index.records import LABELS, STATUSES, pack_keys, unpack_keys
from service.model.evidence import most_within

DAY_S = 86400
# Fresh signups kept for each identifier; beyond that the oldest go, and counts stop here.
ENTRIES = 64

_LIVE_HEAD = struct.Struct("<cIIIII")  # type, new, since, labels_at, fraud, legitimate
_ENTRY = struct.Struct("<IIIB")  # account hash, first seen, applied, signup
_LIVE_ACCOUNT = struct.Struct("<cBII")  # type, label, labelled_at, touched
_STATUS = struct.Struct("<cBI")  # type, status, at
_PLACE = struct.Struct("<cq")  # type, offset
_FOUND = struct.Struct("<cI")  # type, at
_FORGOTTEN = 4
_IS_IDENTIFIER, _IS_ACCOUNT, _IS_RING, _IS_PLACE, _IS_FOUND = b"I", b"U", b"R", b"P", b"F"
_OLD_ACCOUNT = b"A"  # live, with kinds by their place in a list; the build after an upgrade has what it said


def found_key(of: bytes) -> bytes:
    """The key of what an incremental pass found about the account, identifier or ring with this key."""
    return b"+" + of


def account_hash(account_id: str) -> int:
    """32 bits that tell one account of an identifier from another."""
    return int.from_bytes(
        hashlib.blake2b(account_id.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little"
    )


@dataclass(frozen=True, slots=True)
class LiveIdentifier:
    """What came since the index was built. `new` counts the accounts that came after `since` (epoch seconds);
    `entries` are (account hash, first seen, applied, 1 for a signup), oldest first. Label counts replace the base ones
    that are older than `labels_at` (0: none came)."""

    new: int = 0
    since: int = 0
    labels_at: int = 0
    fraud: int = 0
    legitimate: int = 0
    entries: tuple[tuple[int, int, int, int], ...] = ()

    def new_since(self, built: int) -> int:
        """Accounts that came after an index was built."""
        if self.since > built:
            return self.new
        return sum(1 for entry in self.entries if entry[2] > built)

    def seen(self, signups: bool, now: int, window_s: int) -> int:
        """Accounts that came in the last `window_s` seconds by the times of their events: all, or those that signed up
        with it."""
        return most_within([entry[1] for entry in self.entries if entry[3] or not signups], now, window_s)


def pack_live(item: LiveIdentifier) -> bytes:
    """21 bytes and 13 for each entry."""
    head = _LIVE_HEAD.pack(_IS_IDENTIFIER, item.new, item.since, item.labels_at, item.fraud, item.legitimate)
    return head + b"".join(_ENTRY.pack(*entry) for entry in item.entries)


def unpack_live(data: bytes) -> LiveIdentifier:
    """The inverse of pack_live."""
    _, new, since, labels_at, fraud, legitimate = _LIVE_HEAD.unpack_from(data)
    entries = tuple(_ENTRY.iter_unpack(data[_LIVE_HEAD.size :]))
    return LiveIdentifier(new, since, labels_at, fraud, legitimate, entries)


@dataclass(frozen=True, slots=True)
class LiveAccount:
    """An account's label if it came after the index was built, and its new identifiers as (kind, key). `touched` is
    when this was last written; `forgotten`: what the index was built with about it no longer counts."""

    label: str | None = None
    labelled_at: int = 0
    touched: int = 0
    identifiers: tuple[tuple[str, bytes], ...] = ()
    forgotten: bool = False


def pack_live_account(item: LiveAccount) -> bytes:
    """10 bytes and 12 for each identifier."""
    flags = LABELS.index(item.label) | (_FORGOTTEN if item.forgotten else 0)
    head = _LIVE_ACCOUNT.pack(_IS_ACCOUNT, flags, item.labelled_at, item.touched)
    return head + pack_keys(item.identifiers)


def unpack_live_account(data: bytes) -> LiveAccount:
    """The inverse of pack_live_account; of a record of an older version, nothing."""
    if data[:1] == _OLD_ACCOUNT:
        return LiveAccount()
    _, flags, labelled_at, touched = _LIVE_ACCOUNT.unpack_from(data)
    identifiers = unpack_keys(data[_LIVE_ACCOUNT.size :])
    return LiveAccount(LABELS[flags & 3], labelled_at, touched, identifiers, bool(flags & _FORGOTTEN))


def pack_status(status: str, at: int) -> bytes:
    """A ring's status that people set at a time."""
    return _STATUS.pack(_IS_RING, STATUSES.index(status), at)


def unpack_status(data: bytes) -> tuple[str, int]:
    """The inverse of pack_status."""
    _, status, at = _STATUS.unpack(data)
    return STATUSES[status], at


def pack_place(offset: int) -> bytes:
    """Up to where the index was told of a partition of the event log."""
    return _PLACE.pack(_IS_PLACE, offset)


def unpack_place(data: bytes) -> int:
    """The inverse of pack_place."""
    offset: int = _PLACE.unpack(data)[1]
    return offset


def pack_found(at: int, base: bytes) -> bytes:
    """A base record as it is since an incremental pass, at a time (epoch seconds)."""
    return _FOUND.pack(_IS_FOUND, at) + base


def unpack_found(data: bytes) -> tuple[int, bytes]:
    """The inverse of pack_found."""
    return _FOUND.unpack_from(data)[1], data[_FOUND.size :]


def stamped_by(data: bytes, built: int) -> bytes:
    """A live record as if all of it had come up to a time."""
    kind = data[:1]
    if kind == _IS_FOUND:
        at, base = unpack_found(data)
        return pack_found(min(at, built), base)
    if kind == _IS_ACCOUNT:
        account = unpack_live_account(data)
        labelled, touched = min(account.labelled_at, built), min(account.touched, built)
        return pack_live_account(replace(account, labelled_at=labelled, touched=touched))
    if kind == _IS_RING:
        status, at = unpack_status(data)
        return pack_status(status, min(at, built))
    if kind != _IS_IDENTIFIER:
        return data
    live = unpack_live(data)
    entries = tuple((account, seen, min(at, built), signup) for account, seen, at, signup in live.entries)
    return pack_live(replace(live, since=min(live.since, built), labels_at=min(live.labels_at, built), entries=entries))


def outlives(data: bytes, built: int, now: int) -> bool:
    """Whether a live record still says something beside an index built at `built`."""
    kind = data[:1]
    if kind in (_IS_PLACE, _OLD_ACCOUNT):
        return kind == _IS_PLACE
    if kind == _IS_FOUND:
        return unpack_found(data)[0] > built
    if kind == _IS_ACCOUNT:
        return unpack_live_account(data).touched > built
    if kind == _IS_RING:
        return unpack_status(data)[1] > built
    live = unpack_live(data)
    return live.labels_at > built or any(entry[2] > built or entry[1] > now - DAY_S for entry in live.entries)
