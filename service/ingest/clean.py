"""Validates, normalises and tokenises a frame of raw events at once: good rows on one side, refused ones on the other,
and the refused values of good rows beside them.

Column rules are Polars expressions (rules.py); identifiers come from the scalar functions, mapped over distinct values,
so that files, the event log and decisions share one set of rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from service.ingest.normalise import DEFAULT_TYPE, PLACEHOLDER_PATTERN, VALUE_CHARS, UnusableError
from service.ingest.normalisers import normalised
from service.ingest.rules import (
    REFUSED,
    Rule,
    error_of,
    event_rules,
    explained,
    first_broken,
    is_token,
    value_rules,
)
from service.ingest.tokens import Tokeniser
from service.model.kinds import Kind, kinds
from service.sources.raw import tokenised_fields

TIME = pl.Datetime("us", "UTC")
_RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"


def good_columns() -> tuple[str, ...]:
    """The columns of good events: the fields of identifiers, and what is derived from them, are ids of graph nodes; at
    is UTC; left_out names the fields that were there but identified nobody, blanks between them; counted is there if
    the event was counted before, without the value that it brings now."""
    table = kinds()
    derived = [kind.name for kind in table.derived]
    return ("row", "account_id", "at", "type", *table.fields, *derived, "event_id", "left_out", "counted", "uses")


def refused_columns() -> tuple[str, ...]:
    """The columns of refused events and values."""
    return ("row", "field", "reason", "remedy", *tokenised_fields())


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`good`: good_columns. `refused`: refused_columns, the event with tokens for secrets. `values`: the same columns,
    one row a refused value of a good event, with its account, time and uses only, and `counted`."""

    good: pl.DataFrame
    refused: pl.DataFrame
    values: pl.DataFrame


def clean(raw: pl.DataFrame, tokeniser: Tokeniser, now: datetime, *, tokenised: bool = False) -> Cleaned:
    """Splits raw events (service/sources/raw.py) into good and refused ones.

    `tokenised`: the identifiers are ids of graph nodes already, with those derived from them (tokenised_fields), as in
    our own event log and in rejects that are replayed.
    """
    frame = _typed(raw)
    for kind in kinds().sent:
        frame = _with_ids(frame, kind, tokeniser, tokenised)
    frame = _leave_out(frame, tokenised)
    rules = [*event_rules(now), *value_rules(tokeniser, tokenised)]
    frame = _judged(frame, rules)
    good = frame.filter(pl.col("rule").is_null())
    refused = _refused_events(frame.filter(pl.col("rule").is_not_null()), rules, tokeniser)
    broken = [name for name in _values() if good.get_column(_broken(name)).count()]
    parts = [_refused_values(good, name, rules, tokeniser) for name in broken]
    good = _without_refused_values(good, broken).with_columns(pl.col("uses_n").alias("uses"))
    values = pl.concat(parts).sort("row", maintain_order=True) if parts else refused.clear()
    return Cleaned(good.select(good_columns()), refused, values)


def left_out_of(good: pl.DataFrame) -> Counter[str]:
    """Field -> how many good events came with a value of it that identified nobody, and count without it."""
    names = good.get_column("left_out").drop_nulls().str.split(" ").explode(empty_as_null=True)
    return Counter(names.to_list())


def _values() -> tuple[str, ...]:
    """Fields without which an event counts."""
    return ("type", "uses", "event_id", *kinds().fields)


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    """Empty text becomes null; adds `at` and `uses_n`, null where the text can't be read, and `when`, the time as text;
    and `counted`, where it is missing."""
    texts = ("account_id", "type", "event_id", *kinds().fields)
    frame = raw.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in texts)
    if raw.schema["occurred_at"] == pl.String:
        text = pl.col("occurred_at")
        exact = text.str.replace(r"[Zz]$", "+00:00").str.replace(r"[t ]", "T")
        at = (
            pl.when(text.str.contains(_RFC3339))
            .then(exact)
            .str.to_datetime("%Y-%m-%dT%H:%M:%S%.f%:z", time_unit="us", strict=False)
        )
    else:
        at = pl.col("occurred_at").cast(TIME)
    if raw.schema["uses"] == pl.String:
        text = pl.when(pl.col("uses") != "").then(pl.col("uses"))
        uses = pl.when(text.str.contains(r"^\d{1,18}$")).then(text).cast(pl.Int64, strict=False)
        uses = pl.when(text.is_null()).then(1).otherwise(uses)
    else:
        uses = pl.col("uses").cast(pl.Int64, strict=False)
        uses = pl.when(pl.col("uses").is_null()).then(1).otherwise(uses)
    when = pl.col("occurred_at") if raw.schema["occurred_at"] == pl.String else at.dt.strftime(_ISO)
    counted = [] if "counted" in raw.columns else [pl.lit(None, pl.String).alias("counted")]
    return frame.with_columns(
        at.alias("at"), uses.cast(pl.Int64).alias("uses_n"), when.alias("when"), pl.col("type").fill_null(DEFAULT_TYPE)
    ).with_columns(counted)


def _id(field: str) -> str:
    return f"id of {field}"


def _unusable(field: str) -> str:
    return f"{field} is unusable"


def _broken(field: str) -> str:
    return f"rule of {field}"


def _with_ids(frame: pl.DataFrame, kind: Kind, tokeniser: Tokeniser, tokenised: bool) -> pl.DataFrame:
    """Adds, for the field of a kind, the id in the graph, what is derived from it, what is wrong with it, and whether
    it identifies nobody. What is derived from a token can't be told: it came with the event, or not."""
    field, parents = str(kind.field), [f"new {parent}" for parent in kind.parents]
    values = frame.get_column(field).drop_nulls()
    known = is_token(pl.col(field), kind, tokeniser) | (pl.col(field) == REFUSED)
    if tokenised:
        values = values.to_frame().filter(~known).to_series()
    names = (_id(field), error_of(field), _unusable(field), *parents)
    types = {name: pl.Boolean if name == _unusable(field) else pl.String for name in names}
    if len(distinct := values.unique(maintain_order=True)):
        read = _reader(kind, tokeniser)
        texts = distinct.str.strip_suffix("/64") if tokenised and kind.address else distinct
        columns = zip(*map(read, texts.to_list()), strict=True)
        found = pl.DataFrame([distinct, *(pl.Series(n, c, types[n]) for n, c in zip(names, columns, strict=True))])
        frame = frame.join(found, on=field, how="left", maintain_order="left")
    else:
        frame = frame.with_columns(pl.lit(None, types[name]).alias(name) for name in names)
    if tokenised:
        frame = frame.with_columns(pl.when(known).then(pl.col(field)).otherwise(pl.col(_id(field))).alias(_id(field)))
    derived = [
        (pl.coalesce(new, name) if tokenised else pl.col(new)).alias(name)
        for new, name in zip(parents, kind.parents, strict=True)
    ]
    return frame.with_columns(*derived, pl.col(_unusable(field)).fill_null(False)).drop(parents)


def _reader(kind: Kind, tokeniser: Tokeniser) -> Callable[[str], tuple[str | bool | None, ...]]:
    """What gives the id, error, unusable, and the ids of what is derived, of one value of a kind."""
    parents = [kinds().by_name[parent] for parent in kind.parents]
    keep, *keep_coarser = (tokeniser.keeper(one) for one in (kind, *parents))
    nothing = (None,) * len(parents)
    inside = tokeniser.inside

    def read(value: str) -> tuple[str | bool | None, ...]:
        try:
            own, *coarser = normalised(kind, value, inside)
        except UnusableError:
            return None, None, True, *nothing
        except ValueError as error:
            return None, str(error), False, *nothing
        return (
            keep(own),
            None,
            False,
            *(kept(wider) if wider else None for kept, wider in zip(keep_coarser, coarser, strict=False)),
        )

    return read


def _leave_out(frame: pl.DataFrame, tokenised: bool) -> pl.DataFrame:
    """Makes values that identify nobody null, and adds left_out and `nothing`: whether no identifier was even sent."""
    fields = list(kinds().fields)
    named = rf"\b(?:{'|'.join(fields)})\b"
    sent = pl.any_horizontal(pl.col(name).is_not_null() for name in fields)
    sent |= pl.col("untyped").str.contains(named).fill_null(False)
    unusable = {name: pl.col(_unusable(name)) for name in fields}
    unusable["event_id"] = pl.col("event_id").str.contains(PLACEHOLDER_PATTERN)
    unusable["event_id"] &= pl.col("event_id").str.strip_chars() != "0"  # a counter may begin there
    names: list[pl.Expr] = [pl.when(bad).then(pl.lit(name)) for name, bad in unusable.items()]
    if tokenised:
        sent |= pl.col("left_out").str.contains(named).fill_null(False)
        names.append(pl.col("left_out"))
    text = pl.concat_str(names, separator=" ", ignore_nulls=True)
    kept = [pl.when(~bad).then(pl.col(name)).alias(name) for name, bad in unusable.items()]
    return frame.with_columns(*kept, pl.when(text != "").then(text).alias("left_out"), (~sent).alias("nothing"))


def _judged(frame: pl.DataFrame, rules: list[Rule]) -> pl.DataFrame:
    """Adds, as places among the rules, the one that each refused value breaks, and `rule` of the events that are
    refused: those that break a rule for events, and those whose identifiers were all refused."""
    bad = {name: pl.col(_broken(name)) for name in _values()}
    frame = frame.with_columns(first_broken(rules, name).alias(_broken(name)) for name in bad)
    fields = kinds().fields
    lost = pl.coalesce(bad[name] for name in fields)
    left = pl.any_horizontal(pl.col(name).is_not_null() & bad[name].is_null() for name in fields)
    signup = (pl.col("type") == "signup") & bad["type"].is_null()
    emptied = pl.when(lost.is_not_null() & ~left & ~signup).then(lost)
    whole = first_broken(rules, "event", "account_id", "occurred_at")
    return frame.with_columns(pl.coalesce(whole, emptied).alias("rule"))


def _without_refused_values(good: pl.DataFrame, broken: list[str]) -> pl.DataFrame:
    """Good events as they count: identifiers are ids of nodes, refused values are as if they had not been sent, and
    nothing is derived from them."""
    fields = kinds().fields
    good = good.with_columns(pl.col(_id(field)).alias(field) for field in fields)
    instead = {"type": pl.lit(DEFAULT_TYPE), "uses": pl.lit(1, pl.Int64)}
    for name in broken:
        column = "uses_n" if name == "uses" else name
        value = pl.when(pl.col(_broken(name)).is_null()).then(pl.col(column)).otherwise(instead.get(name))
        good = good.with_columns(value.alias(column))
    return good.with_columns(
        pl.when(pl.col(field).is_not_null()).then(pl.col(parent)).alias(parent)
        for field, kind in fields.items()
        for parent in kind.parents
    )


def _refused_events(refused: pl.DataFrame, rules: list[Rule], tokeniser: Tokeniser) -> pl.DataFrame:
    """refused_columns: long values cut, identifiers as they may be kept. Of what could not be read, nothing is."""
    kept = _kept(explained(refused, "rule", rules), tokeniser)
    readable = pl.col("error").is_null()
    return kept.with_columns(
        pl.when(readable).then(pl.col(name)).alias(name) for name in tokenised_fields() if name != "account_id"
    ).select(refused_columns())


def _refused_values(events: pl.DataFrame, name: str, rules: list[Rule], tokeniser: Tokeniser) -> pl.DataFrame:
    """refused_columns of one field's refused values: beside it only what it takes to add its link later."""
    found = explained(events.filter(pl.col(_broken(name)).is_not_null()), _broken(name), rules)
    uses = pl.when(pl.col(_broken("uses")).is_null()).then(pl.col("uses_n")).otherwise(1).cast(pl.String)
    kept = _kept(found, tokeniser).with_columns(
        pl.lit("yes").alias("counted"), *([] if name == "uses" else [uses.alias("uses")])
    )
    kind = kinds().fields.get(name)
    beside = {"account_id", "occurred_at", "uses", "counted", name, *(kind.parents if kind else ())}
    nothing = [pl.lit(None, pl.String).alias(other) for other in tokenised_fields() if other not in beside]
    return kept.with_columns(nothing).select(refused_columns())


def _kept(frame: pl.DataFrame, tokeniser: Tokeniser) -> pl.DataFrame:
    """The frame with its fields as refused events keep them: text, cut, no secret."""
    ids = [
        pl.coalesce(_id(field), pl.when(pl.col(field).is_not_null()).then(pl.lit(REFUSED))).alias(field)
        for field, kind in kinds().fields.items()
        if not tokeniser.plain(kind)
    ]
    texts = ("account_id", "type", *kinds().fields, "event_id")
    return frame.with_columns(ids).with_columns(
        *(pl.col(name).str.slice(0, VALUE_CHARS + 1) for name in texts),
        pl.col("when").str.slice(0, 64).alias("occurred_at"),
        pl.col("uses").cast(pl.String).str.slice(0, 64),
    )
