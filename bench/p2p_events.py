"""Makes events and a truth file of the P2P payments data (see its README; licence ODC-BY), which is not in this tree.

An account's cards become payment events on the day that each was added, its devices activity events on theirs. There
are no addresses, and no signup dates: an account is as old as its first event. The label is fraudMoneyTransfer;
no other column of the users is read, as two of them leak it. Transfers between users name no identifier, so they
are no events.

    python bench/p2p_events.py --out DIR [--data ../shared/data/p2p]
"""

from __future__ import annotations

import argparse
import json
from dataclasses import dataclass
from pathlib import Path

import polars as pl

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "p2p"
DAY_FORMAT = "%Y-%m-%d"


@dataclass(frozen=True, slots=True)
class P2P:
    """Where the two files are, and what is in them."""

    events: Path
    truth: Path
    accounts: int
    fraud: int
    event_count: int


def available(data: Path = DATA) -> str | None:
    """None if the data is there, else why it can't be used."""
    missing = [name for name in ("User", "HAS_CC", "USED") if not (data / f"{name}.parquet").is_file()]
    return f"no P2P data: {data} has no {', '.join(f'{name}.parquet' for name in missing)}" if missing else None


def write_p2p(data: Path, out: Path) -> P2P:
    """Writes events.parquet and truth.parquet to `out`."""
    cards = _events(data / "HAS_CC.parquet", "cardDate", "payment", "to_card_id", "payment_fingerprint")
    devices = _events(data / "USED.parquet", "deviceDate", "activity", "to_device_id", "device_id")
    events = pl.concat([cards, devices], how="diagonal").sort("occurred_at", "account_id", "type")
    label = pl.when(pl.col("fraudMoneyTransfer") == 1).then(pl.lit("fraud")).otherwise(pl.lit("legitimate"))
    truth = pl.read_parquet(data / "User.parquet", columns=["id", "fraudMoneyTransfer"]).select(
        account_id=pl.format("u{}", "id"), label=label
    )
    out.mkdir(parents=True, exist_ok=True)
    written = P2P(
        out / "events.parquet",
        out / "truth.parquet",
        truth.height,
        truth.filter(pl.col("label") == "fraud").height,
        events.height,
    )
    events.write_parquet(written.events)
    truth.write_parquet(written.truth)
    return written


def _events(links: Path, date: str, type_: str, identifier: str, field: str) -> pl.DataFrame:
    return pl.read_parquet(links).select(
        account_id=pl.format("u{}", "from_user_id"),
        occurred_at=pl.col(date).str.to_datetime(DAY_FORMAT, time_unit="us", time_zone="UTC"),
        type=pl.lit(type_),
        uses=pl.lit(1, pl.Int64),
        **{field: pl.col(identifier).cast(pl.String)},
    )


def main() -> None:
    """Writes the files, says how many events there are."""
    parser = argparse.ArgumentParser(description="Events and truth of the P2P payments data.")
    parser.add_argument("--data", type=Path, default=DATA)
    parser.add_argument("--out", type=Path, required=True)
    args = parser.parse_args()
    reason = available(args.data)
    if reason:
        print(f"skipped: {reason}")
        print(json.dumps({"skipped": reason}))
        return
    written = write_p2p(args.data, args.out)
    print(
        f"{written.event_count:,} events of {written.accounts:,} accounts ({written.fraud} fraud) in {written.events}"
    )
    print(json.dumps({"events": written.event_count, "accounts": written.accounts, "fraud": written.fraud}))


if __name__ == "__main__":
    main()
