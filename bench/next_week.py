"""Signups of the week after a detection run, which no one has seen yet: how many of a campaign's are caught."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
from product import Product

from service.decisions import decide, policy
from service.decisions.index.lookup import GraphLookup
from service.evaluation.metrics import recall_at
from service.ingest.identifiers import identifiers_of
from service.ingest.tokens import load_tokeniser
from service.model.kinds import kinds

FALSE_POSITIVES = 0.01
MOST_HONEST = 2_000  # asked about, drawn evenly; all fakes are


def next_week(ours: Product, signups: Path) -> dict[str, float]:
    """Recall at 1 % false positives, over all campaigns ("all") and of each, of the decisions on the signups.

    Each is asked as `POST /v1/risk/signup` asks, at its own time; none enters the graph. Empty without fakes."""
    frame = pl.read_parquet(signups)
    honest = frame.filter(pl.col("label") == "legitimate")
    frame = pl.concat([frame.filter(pl.col("label") == "fraud"), honest.gather_every(1 + honest.height // MOST_HONEST)])
    scores = np.array(_scores(ours, frame))
    fraud = (frame["label"] == "fraud").to_numpy()
    campaigns = frame["campaign"].to_list()
    found: dict[str, float] = {}
    for name in ["all", *sorted({name for name in campaigns if name})]:
        picked = np.array([not fake or name in ("all", own) for fake, own in zip(fraud, campaigns, strict=True)])
        recall = recall_at(scores[picked], fraud[picked], FALSE_POSITIVES)
        if recall is not None:
            found[name] = round(recall, 4)
    return found


def _scores(ours: Product, signups: pl.DataFrame) -> list[float]:
    tokeniser = load_tokeniser(ours.settings.home, ours.settings.ip_plain)
    rules, lookup = policy.load(ours.settings.policy), GraphLookup(ours.graph)
    given = signups.select("ip", "device_id", "payment_fingerprint", now=pl.col("occurred_at").dt.epoch("s"))
    scores = []
    for row in given.to_dicts():
        now = row.pop("now")
        pairs = [pair for pair in identifiers_of(tokeniser, **row) if kinds().by_name[pair[0]].evidence]
        scores.append(decide.signup(lookup, rules, pairs, now, degraded=False).score)
    return scores
