"""What more kinds of identifier cost, under the table of kinds in examples/ai-api.toml.

    python bench/kinds.py --case ingest         events with three, five and ten identifiers, through `ringsight ingest`
    python bench/kinds.py --case decisions      POST /v1/risk/signup with three, five and eight identifiers

Each round takes all numbers in turn, so that the machine's mood falls on all. Figures are medians of the rounds; ratios
are to three identifiers: `links_ratio` of links a second, `time_ratio` of seconds (of p50 and p99: milliseconds).
`ingest` starts an engine in a home of its own and stops it. `decisions` needs none: its index is made by hand, every
identifier is in it with evidence, each third in a ring. The last line is one JSON object.
"""

from __future__ import annotations

import argparse
import json
import statistics
import tempfile
import time
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import load
import numpy as np
import polars as pl
import slow
from ingest import START, timed
from product import product

from service.decisions.index import records
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import load_tokeniser
from service.model.evidence import RingSummary
from service.model.kinds import use

TABLE = Path(__file__).resolve().parents[1] / "examples" / "ai-api.toml"
# Those of the numbers that are compared are the first so many; all are evidence.
FIELDS = (
    *("payment_fingerprint", "device_id", "ip", "email", "phone"),
    *("api_key", "end_user_id", "watermark", "prompt_template_hash", "referral_code"),
)
NUMBERS = {"ingest": (3, 5, 10), "decisions": (3, 5, 8)}
BODIES = 2000
RINGS = 50


def value(field: str, number: int) -> str:
    """A value that the rules of its kind take."""
    match field:
        case "ip":
            return f"21.{number // 62_500}.{number // 250 % 250}.{number % 250 + 1}"
        case "email":
            return f"person{number}@mail{number % 1000}.net"
        case "phone":
            return f"+336{10_000_000 + number}"
        case "prompt_template_hash":
            return f"{number:016x}"
    return f"{field}-{number}"


def write_events(path: Path, count: int, fields: Sequence[str], seed: int) -> None:
    """Signups with an identifier of each field; some are shared."""
    dice = np.random.default_rng(seed)
    at = pl.Series("occurred_at", START + dice.integers(0, 86_400 * 200, count).astype("timedelta64[s]"))
    columns = [pl.Series(name, [value(name, n) for n in dice.integers(0, count * 9 // 10, count)]) for name in fields]
    accounts = pl.Series("account_id", [f"acct-{n}" for n in range(count)])
    kind = pl.Series("type", ["signup"] * count)
    pl.DataFrame([accounts, at.dt.replace_time_zone("UTC"), kind, *columns]).write_parquet(path)


def ingest(count: int, rounds: int) -> dict[str, Any]:
    """Seconds of `ringsight ingest` into an empty graph, from Parquet."""
    seconds: dict[int, list[float]] = {number: [] for number in NUMBERS["ingest"]}
    with product() as running, tempfile.TemporaryDirectory() as folder:
        for turn in range(rounds + 1):
            for number, taken in seconds.items():
                path = Path(folder) / f"{turn}-{number}.parquet"
                write_events(path, count, FIELDS[:number], turn)
                took = timed(running.graph, partial(running.ingest, path))
                print(f"{number} identifiers: {took:.2f} s{'' if turn else ' (warming up)'}", flush=True)
                if turn:
                    taken.append(took)
    medians = {number: statistics.median(taken) for number, taken in seconds.items()}
    return {
        f"{number}": {
            "seconds": round(took, 2),
            "links_per_s": round(number * count / took),
            "time_ratio": round(took / medians[3], 2),
            "links_ratio": round(number / took / (3 / medians[3]), 2),
        }
        for number, took in medians.items()
    }


def signups(number: int) -> list[dict[str, str]]:
    return [{field: value(field, row) for field in FIELDS[:number]} for row in range(BODIES)]


def found(home: Path) -> Iterator[tuple[bytes, bytes]]:
    """A record for each identifier of the signups, and the rings."""
    tokeniser, now = load_tokeniser(home, True), int(time.time())
    for number in range(RINGS):
        ring = RingSummary(f"R-{number}", 80.0, "high", 12, "open", 0)
        yield records.key("ring", ring.id), records.pack_ring(ring)
    taken = set()
    for row, sent in enumerate(signups(max(NUMBERS["decisions"]))):
        for pair in identifiers_of(tokeniser, **sent):
            if pair not in taken:
                taken.add(pair)
                ring_id = f"R-{row % RINGS}" if len(taken) % 3 == 0 else None
                item = records.Identifier(
                    9, (5, 0.5, now - 9000, now - 900, 4.0, 1.5, now), ring=ring_id, ring_members=4 if ring_id else 0
                )
                yield records.key(*pair), records.pack_identifier(item)


def decisions(seconds: float, rounds: int, connections: int) -> dict[str, Any]:
    """Decisions from the index, by a server with two processes."""
    results: dict[int, list[load.Result]] = {number: [] for number in NUMBERS["decisions"]}
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        slow.build_index(Path(folder), found(Path(folder)))
        with slow.serving(Path(folder), {"RINGSIGHT_IDENTIFIERS": str(TABLE)}) as (port, key):
            for turn in range(rounds + 1):
                for number, taken in results.items():
                    bodies = [json.dumps(sent).encode() for sent in signups(number)]
                    done = load.run(port, load.requests("/v1/risk/signup", bodies, key), connections, seconds)
                    if turn:
                        taken.append(done)
    figures: dict[str, Any] = {"errors": sum(done.errors for taken in results.values() for done in taken)}
    for number, taken in results.items():
        measured = {
            "per_s": statistics.median(done.per_s for done in taken),
            "p50_ms": statistics.median(done.ms(0.5) for done in taken),
            "p99_ms": statistics.median(done.ms(0.99) for done in taken),
        }
        first = figures.setdefault("first", measured)
        ratios = {f"{name}_ratio": round(measured[name] / first[name], 3) for name in measured}
        figures[f"{number}"] = {name: round(figure, 3) for name, figure in measured.items()} | ratios
    del figures["first"]
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--case", required=True, choices=tuple(NUMBERS))
    parser.add_argument("--events", type=int, default=20_000, help="of ingest, for each number")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=4, help="of each measurement of decisions")
    parser.add_argument("--connections", type=int, default=1, help="of decisions")
    chosen = parser.parse_args()
    use(TABLE)
    if chosen.case == "ingest":
        figures = ingest(chosen.events, chosen.rounds)
    else:
        figures = decisions(chosen.seconds, chosen.rounds, chosen.connections)
    for name, line in figures.items():
        print(f"{name:>8} {line}")
    print(json.dumps({"case": chosen.case, **figures}))


if __name__ == "__main__":
    main()
