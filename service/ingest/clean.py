"""Validates, normalises and tokenises a frame of raw events at once: good rows on one side, refused ones on the other.

Column rules are Polars expressions; identifiers come from the scalar functions, mapped over distinct values, so that
files, the event log and decisions share one set of rules.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from service.ingest.normalise import (
    ACCOUNT_ID_CHARS,
    CONTROL_PATTERN,
    DEFAULT_TYPE,
    MAX_USES,
    NO_ACCOUNT_PATTERN,
    PLACEHOLDER_PATTERN,
    TYPES,
    VALUE_CHARS,
    UnusableError,
)
from service.ingest.normalisers import normalised
from service.ingest.tokens import ANY_DIGITS, Tokeniser
from service.model.kinds import Kind, kinds

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
_RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
REFUSED = "refused"  # in a refused event, stands for a value that may not be kept and whose token would pass the rules


def good_columns() -> tuple[str, ...]:
    """The columns of good events, beside `uses`: the fields of identifiers, and what is derived from them, are ids of
    graph nodes; at is UTC; left_out names the fields that were there but identified nobody, blanks between them."""
    table = kinds()
    derived = [kind.name for kind in table.derived]
    return ("row", "account_id", "at", "type", *table.fields, *derived, "event_id", "left_out")


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`good`: good_columns and `uses`. `refused`: row, field, reason, remedy and the event with tokens for secrets."""

    good: pl.DataFrame
    refused: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Rule:
    """Refuses the rows where `bad` holds. `reason` is a text or a column of texts."""

    field: str
    bad: pl.Expr
    reason: str | pl.Expr
    remedy: str


def clean(raw: pl.DataFrame, tokeniser: Tokeniser, now: datetime, *, tokenised: bool = False) -> Cleaned:
    """Splits raw events (service/sources/raw.py) into good and refused ones.

    `tokenised`: the identifiers are ids of graph nodes already, with those derived from them (tokenised_fields), as in
    our own event log and in rejects that are replayed.
    """
    frame = _typed(raw)
    for kind in kinds().sent:
        frame = _with_ids(frame, kind, tokeniser, tokenised)
    frame = _leave_out(frame, tokenised)
    rules = [*_rules(now), *(_token_rules(tokeniser) if tokenised else ())]
    code = pl.coalesce([pl.when(rule.bad).then(pl.lit(n, pl.Int32)) for n, rule in enumerate(rules)])
    frame = frame.with_columns(code.alias("rule"))
    good = frame.filter(pl.col("rule").is_null()).with_columns(
        pl.col("uses_n").alias("uses"), *(pl.col(_id(field)).alias(field) for field in kinds().fields)
    )
    refused = frame.filter(pl.col("rule").is_not_null())
    return Cleaned(good.select(*good_columns(), "uses"), _explain(refused, rules, tokeniser))


def left_out_of(good: pl.DataFrame) -> Counter[str]:
    """Field -> how many good events came with a value of it that identified nobody, and count without it."""
    names = good.get_column("left_out").drop_nulls().str.split(" ").explode(empty_as_null=True)
    return Counter(names.to_list())


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    """Empty text becomes null; adds `at` and `uses_n`, null where the text can't be read."""
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
    return frame.with_columns(
        at.alias("at"), uses.cast(pl.Int64).alias("uses_n"), pl.col("type").fill_null(DEFAULT_TYPE)
    )


def _id(field: str) -> str:
    return f"id of {field}"


def _error(field: str) -> str:
    return f"error of {field}"


def _unusable(field: str) -> str:
    return f"{field} is unusable"


def _is_token(value: pl.Expr, kind: Kind, tokeniser: Tokeniser) -> pl.Expr:
    """Whether a value of our own log is a token, under any key. What is kept in the clear may begin like one."""
    start = f"{kind.prefix}_"
    return value.str.contains(f"^{start}{ANY_DIGITS}$") if tokeniser.plain(kind) else value.str.starts_with(start)


def _with_ids(frame: pl.DataFrame, kind: Kind, tokeniser: Tokeniser, tokenised: bool) -> pl.DataFrame:
    """Adds, for the field of a kind, the id in the graph, what is derived from it, what is wrong with it, and whether
    it identifies nobody. What is derived from a token can't be told: it came with the event, or not."""
    field, parents = str(kind.field), [f"new {parent}" for parent in kind.parents]
    values = frame.get_column(field).drop_nulls()
    known = _is_token(pl.col(field), kind, tokeniser) | (pl.col(field) == REFUSED)
    if tokenised:
        values = values.to_frame().filter(~known).to_series()
    rows = [
        (value, *_read(kind, value.removesuffix("/64") if tokenised and kind.address else value, tokeniser))
        for value in values.unique(maintain_order=True).to_list()
    ]
    schema = {**dict.fromkeys((field, _id(field), _error(field)), pl.String), _unusable(field): pl.Boolean}
    found = pl.DataFrame(rows, schema={**schema, **dict.fromkeys(parents, pl.String)}, orient="row")
    frame = frame.join(found, on=field, how="left", maintain_order="left")
    if tokenised:
        frame = frame.with_columns(pl.when(known).then(pl.col(field)).otherwise(pl.col(_id(field))).alias(_id(field)))
    derived = [
        (pl.coalesce(new, name) if tokenised else pl.col(new)).alias(name)
        for new, name in zip(parents, kind.parents, strict=True)
    ]
    return frame.with_columns(*derived, pl.col(_unusable(field)).fill_null(False)).drop(parents)


def _read(kind: Kind, value: str, tokeniser: Tokeniser) -> tuple[str | bool | None, ...]:
    """Id, error, unusable, and the ids of what is derived, of one value."""
    nothing = (None,) * len(kind.parents)
    try:
        own, *coarser = normalised(kind, value)
    except UnusableError:
        return None, None, True, *nothing
    except ValueError as error:
        return None, str(error), False, *nothing
    table = kinds()
    derived = [
        tokeniser.kept(table.by_name[parent], wider) for parent, wider in zip(kind.parents, coarser, strict=False)
    ]
    return tokeniser.kept(kind, own), None, False, *derived


def _leave_out(frame: pl.DataFrame, tokenised: bool) -> pl.DataFrame:
    """Makes values that identify nobody null, and adds left_out and `nothing`: whether no identifier was even sent."""
    fields = list(kinds().fields)
    sent = pl.any_horizontal(pl.col(name).is_not_null() for name in fields)
    unusable = {name: pl.col(_unusable(name)) for name in fields}
    unusable["event_id"] = pl.col("event_id").str.contains(PLACEHOLDER_PATTERN)
    unusable["event_id"] &= pl.col("event_id").str.strip_chars() != "0"  # a counter may begin there
    names: list[pl.Expr] = [pl.when(bad).then(pl.lit(name)) for name, bad in unusable.items()]
    if tokenised:
        left_out = pl.col("left_out").str.split(" ")
        sent |= left_out.list.eval(pl.element().is_in(fields)).list.any().fill_null(False)
        names.append(pl.col("left_out"))
    text = pl.concat_str(names, separator=" ", ignore_nulls=True)
    kept = [pl.when(~bad).then(pl.col(name)).alias(name) for name, bad in unusable.items()]
    return frame.with_columns(*kept, pl.when(text != "").then(text).alias("left_out"), (~sent).alias("nothing"))


def _rules(now: datetime) -> list[_Rule]:
    """All rules; the first one that a row breaks names its reason."""
    at, uses, kind = pl.col("at"), pl.col("uses_n"), pl.col("type")
    rules = [
        _Rule(
            "event", pl.col("error").is_not_null(), pl.col("error"), "send one JSON object, or one full row, an event"
        ),
        *_text_rules("account_id", ACCOUNT_ID_CHARS, required=True),
        _Rule(
            "account_id",
            pl.col("account_id").str.contains(NO_ACCOUNT_PATTERN),
            "is a placeholder, no account",
            "send the account's own id",
        ),
        _Rule("occurred_at", pl.col("occurred_at").is_null(), "is missing", "send the time of the event"),
        _Rule("occurred_at", at.is_null(), "is not an RFC 3339 time", "write it like 2026-03-01T12:00:00Z"),
        _Rule("occurred_at", at < EARLIEST, "is before 2000", "check the unit and the clock of the sender"),
        _Rule("occurred_at", at > now + AHEAD, "is more than a day ahead", "check the clock of the sender"),
        _Rule("type", ~kind.is_in(TYPES), "is unknown", f"use one of {', '.join(TYPES)}"),
        _Rule("uses", uses.is_null() | (uses < 1), "is not a positive integer", "send 1 or more, or leave it out"),
        _Rule("uses", uses > MAX_USES, f"is over {MAX_USES}", "split it into several events"),
        *(rule for field, kind in kinds().fields.items() for rule in _value_rules(field, kind)),
        *_text_rules("event_id", VALUE_CHARS),
    ]
    *others, last = kinds().fields
    missing = f"{', '.join(others)} and {last} are all missing" if others else f"{last} is missing"
    rules.append(_Rule("event", pl.col("nothing") & (kind != "signup"), missing, "send at least one identifier"))
    return rules


def _value_rules(field: str, kind: Kind) -> list[_Rule]:
    error = pl.col(_error(field))
    if kind.normalise == "ip":
        return [_Rule(field, error.is_not_null(), error, "send the client's IPv4 or IPv6 address")]
    return [
        _Rule(field, error.str.starts_with("is longer"), error, "send a shorter id"),
        _Rule(field, error.is_not_null(), error, "remove it"),
    ]


def _token_rules(tokeniser: Tokeniser) -> list[_Rule]:
    """Tokens under a key that is not there would be new identifiers, for good."""
    reason = "is a token under a key that keys/token.key does not have"
    remedy = "copy that file from the home that has the key and replay the event, or send it again"
    rules = []
    for field, kind in kinds().fields.items():
        value = pl.col(field)
        broken = value == REFUSED
        rules.append(_Rule(field, broken, "broke a rule when it came, and was not kept", "send the event again"))
        unknown = _is_token(value, kind, tokeniser) & ~value.str.contains(tokeniser.pattern(kind.prefix))
        rules.append(_Rule(field, unknown, reason, remedy))
    return rules


def _text_rules(field: str, limit: int, required: bool = False) -> list[_Rule]:
    value = pl.col(field)
    rules = [
        _Rule(field, value.str.len_chars() > limit, f"is longer than {limit} characters", "send a shorter id"),
        _Rule(field, value.str.contains(CONTROL_PATTERN), "has a control character", "remove it"),
    ]
    if required:
        rules.insert(0, _Rule(field, value.is_null(), "is missing", f"send {field} with every event"))
    return rules


def _explain(refused: pl.DataFrame, rules: list[_Rule], tokeniser: Tokeniser) -> pl.DataFrame:
    """row, field, reason, remedy and the event's fields; long values cut, identifiers as they may be kept.

    Of an event with a field that could not be read, only the account is kept: the rest alone would pass in a replay.
    """
    reason = pl.lit(None, pl.String)
    for number, rule in enumerate(rules):
        text = pl.lit(rule.reason) if isinstance(rule.reason, str) else rule.reason
        reason = pl.when(pl.col("rule") == number).then(text).otherwise(reason)
    numbers = list(range(len(rules)))
    ids = [
        pl.coalesce(_id(field), pl.when(pl.col(field).is_not_null()).then(pl.lit(REFUSED))).alias(field)
        for field, kind in kinds().fields.items()
        if not tokeniser.plain(kind)
    ]
    refused = refused.with_columns(ids)
    kept = [pl.col(name).str.slice(0, VALUE_CHARS + 1) for name in ("type", *kinds().fields, "event_id")]
    kept += [pl.col(name).cast(pl.String).str.slice(0, 64) for name in ("occurred_at", "uses")]
    kept += [pl.col(name) for name in (*(kind.name for kind in kinds().derived), "left_out")]
    readable = pl.col("error").is_null()
    return refused.select(
        "row",
        pl.col("rule").replace_strict(numbers, [rule.field for rule in rules], return_dtype=pl.String).alias("field"),
        reason.alias("reason"),
        pl.col("rule").replace_strict(numbers, [rule.remedy for rule in rules], return_dtype=pl.String).alias("remedy"),
        pl.col("account_id").str.slice(0, VALUE_CHARS + 1),
        *(pl.when(readable).then(column) for column in kept),
    )
