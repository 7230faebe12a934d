"""The index's records as bytes: small, fixed layouts. Keys are 10-byte hashes, so that no identifier is in the index.

Base records come from the graph when an index is built; live records hold what came after that.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from service.model.decision import LEVELS
from service.model.evidence import RingSummary, most_within
from service.model.kinds import kinds

KEY_BYTES = 10
STATUSES = ("open", "reviewing", "confirmed", "dismissed")
LABELS = (None, "fraud", "legitimate")

DAY_S = 86400
# Fresh signups kept for each identifier; beyond that the oldest go, and counts stop here.
ENTRIES = 64

_COUNTED, _EVIDENCE, _LABELLED, _RINGED = 1, 2, 4, 8
_EVIDENCE_BLOCK = struct.Struct("<IdIIddI")  # k, j, window_from, window_to, sum_h, sum_hp, at
_LABEL_BLOCK = struct.Struct("<II")
_RING_BLOCK = struct.Struct("<I")
_RING = struct.Struct("<dBIBI")
_ACCOUNT = struct.Struct("<dIB")
_LIVE_HEAD = struct.Struct("<cIIIII")  # type, new, since, labels_at, fraud, legitimate
_ENTRY = struct.Struct("<IIIB")  # account hash, first seen, applied, signup
_LIVE_ACCOUNT = struct.Struct("<cBII")  # type, label, labelled_at, touched
_STATUS = struct.Struct("<cBI")  # type, status, at
_PLACE = struct.Struct("<cq")  # type, offset
_FOUND = struct.Struct("<cI")  # type, at
_FORGOTTEN = 4
_IS_IDENTIFIER, _IS_ACCOUNT, _IS_RING, _IS_PLACE, _IS_FOUND = b"I", b"U", b"R", b"P", b"F"
_OLD_ACCOUNT = b"A"  # live, with kinds by their place in a list; the build after an upgrade has what it said


def key(kind: str, identifier: str) -> bytes:
    """The key of an account, an identifier or a ring: 80 bits of a hash of its kind and id."""
    return hashlib.blake2b(f"{kind}\0{identifier}".encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


def found_key(of: bytes) -> bytes:
    """The key of what an incremental pass found about the account, identifier or ring with this key."""
    return b"+" + of


def account_hash(account_id: str) -> int:
    """32 bits that tell one account of an identifier from another."""
    return int.from_bytes(
        hashlib.blake2b(account_id.encode("utf-8", "surrogatepass"), digest_size=4).digest(), "little"
    )


@dataclass(frozen=True, slots=True)
class Identifier:
    """A base record of an identifier. `evidence` is (k, j, window_from, window_to, sum_h, sum_hp, at) or None."""

    accounts: int
    evidence: tuple[int, float, int, int, float, float, int] | None = None
    fraud: int = 0
    legitimate: int = 0
    ring: str | None = None
    ring_members: int = 0


def pack_identifier(item: Identifier) -> bytes:
    """2 bytes for an identifier of few accounts that no run found anything on; most are."""
    flags = 0
    parts = [b""]
    if item.accounts > 255:
        flags |= _COUNTED
        parts.append(item.accounts.to_bytes(4, "little"))
    else:
        parts.append(bytes((item.accounts,)))
    if item.evidence is not None:
        flags |= _EVIDENCE
        parts.append(_EVIDENCE_BLOCK.pack(*item.evidence))
    if item.fraud or item.legitimate:
        flags |= _LABELLED
        parts.append(_LABEL_BLOCK.pack(item.fraud, item.legitimate))
    if item.ring is not None:
        flags |= _RINGED
        parts.append(_RING_BLOCK.pack(item.ring_members) + item.ring.encode())
    parts[0] = bytes((flags,))
    return b"".join(parts)


def unpack_identifier(data: bytes) -> Identifier:
    """The inverse of pack_identifier."""
    flags = data[0]
    if flags & _COUNTED:
        accounts, at = int.from_bytes(data[1:5], "little"), 5
    else:
        accounts, at = data[1], 2
    evidence: Any = None
    fraud = legitimate = members = 0
    ring = None
    if flags & _EVIDENCE:
        evidence = _EVIDENCE_BLOCK.unpack_from(data, at)
        at += _EVIDENCE_BLOCK.size
    if flags & _LABELLED:
        fraud, legitimate = _LABEL_BLOCK.unpack_from(data, at)
        at += _LABEL_BLOCK.size
    if flags & _RINGED:
        (members,) = _RING_BLOCK.unpack_from(data, at)
        ring = data[at + _RING_BLOCK.size :].decode()
    return Identifier(accounts, evidence, fraud, legitimate, ring, members)


@dataclass(frozen=True, slots=True)
class Account:
    """A base record of an account. `identifiers` are (kind, key) of one that no run has read, else None;
    `created` (epoch seconds) is kept of those that something is said about."""

    risk: float = 0.0
    label: str | None = None
    ring: str | None = None
    reasons: str = "[]"
    identifiers: tuple[tuple[str, bytes], ...] | None = None
    created: int = 0


def pack_account(item: Account) -> bytes:
    """1 byte for an account that nothing is said about; most are."""
    label = LABELS.index(item.label) if item.label in LABELS else 0
    if item.identifiers is not None:
        return bytes((label | 8,)) + _pack_keys(item.identifiers)
    if not item.risk and item.ring is None and item.reasons == "[]":
        return bytes((label,))
    ring = (item.ring or "").encode()
    head = _ACCOUNT.pack(item.risk, max(item.created, 0), len(ring))
    return bytes((label | 4,)) + head + ring + item.reasons.encode()


def unpack_account(data: bytes) -> Account:
    """The inverse of pack_account."""
    label = LABELS[data[0] & 3]
    if data[0] & 8:
        return Account(label=label, identifiers=_unpack_keys(data[1:]))
    if not data[0] & 4:
        return Account(label=label)
    risk, created, length = _ACCOUNT.unpack_from(data, 1)
    at = 1 + _ACCOUNT.size
    ring = data[at : at + length].decode() or None
    return Account(risk, label, ring, data[at + length :].decode(), created=created)


def pack_ring(ring: RingSummary) -> bytes:
    """A ring without its id, which is in its key."""
    level, status = LEVELS.index(ring.level), STATUSES.index(ring.status)
    return _RING.pack(ring.score, level, ring.size, status, ring.status_at)


def unpack_ring(ring_id: str, data: bytes) -> RingSummary:
    """The inverse of pack_ring."""
    score, level, size, status, status_at = _RING.unpack(data)
    return RingSummary(ring_id, score, LEVELS[level], size, STATUSES[status], status_at)


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
    return head + _pack_keys(item.identifiers)


def unpack_live_account(data: bytes) -> LiveAccount:
    """The inverse of pack_live_account; of a record of an older version, nothing."""
    if data[:1] == _OLD_ACCOUNT:
        return LiveAccount()
    _, flags, labelled_at, touched = _LIVE_ACCOUNT.unpack_from(data)
    identifiers = _unpack_keys(data[_LIVE_ACCOUNT.size :])
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


def _pack_keys(identifiers: Sequence[tuple[str, bytes]]) -> bytes:
    """Kinds by the prefix of their tokens, which stays when the table of kinds changes."""
    by_name = kinds().by_name
    return b"".join(by_name[kind].prefix.encode() + key for kind, key in identifiers)


def _unpack_keys(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Those of kinds that decisions look at: others are not in the table any more, or say nothing there."""
    step, by_prefix = KEY_BYTES + 2, kinds().by_prefix
    found = ((by_prefix.get(data[at : at + 2].decode()), data[at + 2 : at + step]) for at in range(0, len(data), step))
    return tuple((kind.name, key) for kind, key in found if kind is not None and kind.evidence)
