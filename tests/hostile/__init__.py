"""Hostile input by kind: values, files, bodies, packs, backups. `make test` tries some of it, `make fuzz` all."""

from __future__ import annotations

import os
import random
from collections.abc import Iterator

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "60"))


def damaged(data: bytes, seed: int, examples: int = EXAMPLES) -> Iterator[bytes]:
    """What is left of some bytes after a cut, changed bits, doubled, lost or foreign pieces; the same for a seed."""
    dice = random.Random(seed)
    for n in range(examples):
        at = dice.randrange(len(data))
        piece = data[at : at + dice.randrange(1, 40)]
        yield (
            data[:at],
            data[:at] + bytes([data[at] ^ 1 << dice.randrange(8)]) + data[at + 1 :],
            data[:at] + piece + data[at:],
            data[:at] + data[at + len(piece) :],
            data[:at] + dice.randbytes(len(piece)) + data[at + len(piece) :],
        )[n % 5]
