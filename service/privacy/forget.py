"""Takes accounts out of the kept decisions.

Lines of a segment stay where they are, since a decision's id says where it is, and a process may be adding to the file:
what names the account is overwritten in place, with as many bytes. Parquet files are written anew. Counts and scores
stay: without the account and its inputs they are about nobody.
"""

from __future__ import annotations

import os
from collections.abc import Collection
from pathlib import Path

import orjson
import polars as pl

from service.decisions.journal import rewriting
from service.decisions.parquet import scan_parquet, write_parquet

# What an entry becomes; nothing here takes more bytes than any value that it stands for.
BLANK = {"account": "", "inputs": "[]", "ring": None, "reasons": "[]"}


def erase_decisions(folder: Path, accounts: Collection[str]) -> int:
    """Blanks the decisions about these accounts; returns how many there were."""
    if not folder.exists():
        return 0
    with rewriting(folder):
        gone = sum(_blank_lines(path, accounts) for path in sorted(folder.glob("*.jsonl")))
        return gone + sum(_blank_rows(path, accounts) for path in sorted(folder.glob("*.parquet")))


def _blank_lines(path: Path, accounts: Collection[str]) -> int:
    wanted = [orjson.dumps(account)[1:-1] for account in accounts]
    gone = at = 0
    with path.open("r+b") as file:
        for line in file:
            if any(name in line for name in wanted) and line.endswith(b"\n"):
                blank = _blanked(line, accounts)
                if blank is not None:
                    os.pwrite(file.fileno(), blank, at)
                    gone += 1
            at += len(line)
        os.fsync(file.fileno())
    return gone


def _blanked(line: bytes, accounts: Collection[str]) -> bytes | None:
    entry = orjson.loads(line)
    if entry.get("account") not in accounts:
        return None
    kept = orjson.dumps({**entry, **BLANK})
    return kept + b" " * (len(line) - 1 - len(kept)) + b"\n"


def _blank_rows(path: Path, accounts: Collection[str]) -> int:
    hit = pl.col("account").is_in(list(accounts))
    kept = scan_parquet(path)
    gone: int = kept.filter(hit).select(pl.len()).collect().item()  # reads one column: most files hold none of them
    if gone:
        blank = [pl.when(hit).then(pl.lit(to)).otherwise(pl.col(name)).alias(name) for name, to in BLANK.items()]
        write_parquet(kept.with_columns(blank).collect(), path.with_suffix(".erasing"))
    return gone
