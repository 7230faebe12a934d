"""Ring ids that people can read to each other: R-7F3K-Q is four characters and a check character."""

from __future__ import annotations

import hashlib
from collections.abc import Collection

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U
LENGTH = 4
TRIES = 1000


def check_character(body: str) -> str:
    """Luhn's algorithm to the base 32: finds every wrong character and nearly every swap of two neighbours."""
    total = 0
    for place, character in enumerate(reversed(body)):
        addend = ALPHABET.index(character) * (2 if place % 2 == 0 else 1)
        total += addend // len(ALPHABET) + addend % len(ALPHABET)
    return ALPHABET[-total % len(ALPHABET)]


def is_valid(ring_id: str) -> bool:
    """Whether this is a ring id with the right check character."""
    parts = ring_id.split("-")
    if len(parts) != 3 or parts[0] != "R" or len(parts[1]) < LENGTH:
        return False
    return all(character in ALPHABET for character in parts[1]) and parts[2] == check_character(parts[1])


def new_id(seed: str, taken: Collection[str]) -> str:
    """An id that is not taken, the same for the same seed and the same taken ids. Longer once short ones run out."""
    for attempt in range(TRIES):
        length = LENGTH + attempt // 20
        digest = int.from_bytes(hashlib.sha256(f"{seed}/{attempt}".encode()).digest())
        body = "".join(ALPHABET[(digest >> 5 * place) % 32] for place in range(length))
        ring_id = f"R-{body}-{check_character(body)}"
        if ring_id not in taken:
            return ring_id
    raise AssertionError("ids grow with each 20 attempts, so that some are always free")
