"""The index's base records as bytes: what a build writes of the graph. Small, fixed layouts; keys are 10-byte hashes,
so that no identifier is in the index. live_records.py has what comes after a build."""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from service.model.decision import LEVELS
from service.model.evidence import RingSummary
from service.model.kinds import kinds

KEY_BYTES = 10
STATUSES = ("open", "reviewing", "confirmed", "dismissed")
LABELS = (None, "fraud", "legitimate")


_COUNTED, _EVIDENCE, _LABELLED, _RINGED = 1, 2, 4, 8
_EVIDENCE_BLOCK = struct.Struct("<IdIIddI")  # k, j, window_from, window_to, sum_h, sum_hp, at
_LABEL_BLOCK = struct.Struct("<II")
_RING_BLOCK = struct.Struct("<I")
_RING = struct.Struct("<dBIBI")
_ACCOUNT = struct.Struct("<dIB")


def key(kind: str, identifier: str) -> bytes:
    """The key of an account, an identifier or a ring: 80 bits of a hash of its kind and id."""
    return hashlib.blake2b(f"{kind}\0{identifier}".encode("utf-8", "surrogatepass"), digest_size=KEY_BYTES).digest()


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
        return bytes((label | 8,)) + pack_keys(item.identifiers)
    if not item.risk and item.ring is None and item.reasons == "[]":
        return bytes((label,))
    ring = (item.ring or "").encode()
    head = _ACCOUNT.pack(item.risk, max(item.created, 0), len(ring))
    return bytes((label | 4,)) + head + ring + item.reasons.encode()


def unpack_account(data: bytes) -> Account:
    """The inverse of pack_account."""
    label = LABELS[data[0] & 3]
    if data[0] & 8:
        return Account(label=label, identifiers=unpack_keys(data[1:]))
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


def pack_keys(identifiers: Sequence[tuple[str, bytes]]) -> bytes:
    """Kinds by the prefix of their tokens, which stays when the table of kinds changes."""
    by_name = kinds().by_name
    return b"".join(by_name[kind].prefix.encode() + key for kind, key in identifiers)


def unpack_keys(data: bytes) -> tuple[tuple[str, bytes], ...]:
    """Those of kinds that decisions look at: others are not in the table any more, or say nothing there."""
    step, by_prefix = KEY_BYTES + 2, kinds().by_prefix
    found = ((by_prefix.get(data[at : at + 2].decode()), data[at + 2 : at + step]) for at in range(0, len(data), step))
    return tuple((kind.name, key) for kind, key in found if kind is not None and kind.evidence)
