"""Scores against truth: ranking, the fixed levels, campaigns and rings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from service.evaluation.metrics import auc, average_precision
from service.evaluation.tables import read_scores, read_truth
from service.model.decision import LEVELS

PIECE_SHARE = 0.01  # a ring is a piece of a campaign if it holds this share of it, and 2 accounts or more
FLAGGED_FROM = LEVELS[1:]


@dataclass(frozen=True, slots=True)
class LevelFigures:
    """What flagging every account at this level and above does. Precision is None if that flags none."""

    level: str
    flagged: int
    precision: float | None
    recall: float | None
    honest_flagged: int
    honest_share: float | None


@dataclass(frozen=True, slots=True)
class CampaignFigures:
    """How much of one campaign is found. `captured` is the share in the ring that holds most of it."""

    campaign: str
    accounts: int
    flagged_high: float
    in_rings: float
    captured: float
    pieces: int


@dataclass(frozen=True, slots=True)
class Report:
    """All figures of one evaluation. Shares are 0 to 1."""

    accounts: int
    fraud: int
    unlabelled: int
    unscored: int
    auc: float | None
    average_precision: float | None
    levels: tuple[LevelFigures, ...]
    campaigns: tuple[CampaignFigures, ...]
    honest_by_kind: Mapping[str, Mapping[str, int]]  # kind: accounts, flagged_high, in_rings
    rings: int
    honest_rings: int  # rings in which most accounts are legitimate
    honest_in_rings: int
    captured_by_half: float | None  # share of campaigns of which one ring holds half or more

    def at(self, level: str) -> LevelFigures:
        """The figures of one level."""
        return next(figures for figures in self.levels if figures.level == level)


def evaluate_files(scores: Path, truth: Path) -> Report:
    """Compares a file of scores with a file of truth."""
    return evaluate(read_scores(scores), read_truth(truth))


def evaluate(scores: pl.DataFrame, truth: pl.DataFrame) -> Report:
    """Compares frames as the readers give them. An account of the truth without a score counts as score 0; an
    account without a label is left out."""
    known = truth.filter(pl.col("label").is_not_null())
    joined = known.join(scores, on="account_id", how="left").with_columns(fraud=pl.col("label") == "fraud")
    unscored = joined["score"].null_count()
    joined = joined.with_columns(pl.col("score").fill_null(0.0), pl.col("level").fill_null("low"))
    values, positive = joined["score"].to_numpy(), joined["fraud"].to_numpy()
    campaigns = _campaigns(joined)
    rings = joined.filter(pl.col("ring").is_not_null()).group_by("ring").agg(pl.col("fraud").mean())
    half = [figures.captured >= 0.5 for figures in campaigns]
    return Report(
        accounts=joined.height,
        fraud=int(positive.sum()),
        unlabelled=truth.height - known.height,
        unscored=unscored,
        auc=auc(values, positive),
        average_precision=average_precision(values, positive),
        levels=tuple(_level(joined, level) for level in FLAGGED_FROM),
        campaigns=campaigns,
        honest_by_kind=_by_kind(joined),
        rings=rings.height,
        honest_rings=rings.filter(pl.col("fraud") < 0.5).height,
        honest_in_rings=joined.filter(~pl.col("fraud") & pl.col("ring").is_not_null()).height,
        captured_by_half=sum(half) / len(half) if half else None,
    )


def _above(level: str) -> pl.Expr:
    return pl.col("level").is_in(LEVELS[LEVELS.index(level) :])


def _level(joined: pl.DataFrame, level: str) -> LevelFigures:
    flagged = joined.filter(_above(level))
    caught = int(flagged["fraud"].sum())
    fraud = int(joined["fraud"].sum())
    honest = joined.height - fraud
    wrong = flagged.height - caught
    return LevelFigures(
        level=level,
        flagged=flagged.height,
        precision=caught / flagged.height if flagged.height else None,
        recall=caught / fraud if fraud else None,
        honest_flagged=wrong,
        honest_share=wrong / honest if honest else None,
    )


def _campaigns(joined: pl.DataFrame) -> tuple[CampaignFigures, ...]:
    fakes = joined.filter(pl.col("fraud") & pl.col("campaign").is_not_null())
    found = []
    for (name,), group in fakes.group_by("campaign", maintain_order=True):
        in_rings = group.filter(pl.col("ring").is_not_null())
        sizes = in_rings["ring"].value_counts()["count"]
        floor = max(2.0, PIECE_SHARE * group.height)
        found.append(
            CampaignFigures(
                campaign=str(name),
                accounts=group.height,
                flagged_high=group.filter(_above("high")).height / group.height,
                in_rings=in_rings.height / group.height,
                captured=max(sizes.to_list(), default=0) / group.height,
                pieces=int((sizes >= floor).sum()),
            )
        )
    return tuple(sorted(found, key=lambda figures: (-figures.accounts, figures.campaign)))


def _by_kind(joined: pl.DataFrame) -> dict[str, dict[str, int]]:
    kinds = (
        joined.filter(~pl.col("fraud") & pl.col("kind").is_not_null())
        .group_by("kind")
        .agg(accounts=pl.len(), flagged_high=_above("high").sum(), in_rings=pl.col("ring").is_not_null().sum())
        .sort("flagged_high", "kind", descending=[True, False])
    )
    return {row.pop("kind"): row for row in kinds.to_dicts()}
