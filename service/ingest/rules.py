"""What a field of an event may hold, as Polars expressions: rules that refuse an event, rules that refuse a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl

from service.ingest.normalise import (
    ACCOUNT_ID_CHARS,
    CONTROL_PATTERN,
    MAX_USES,
    NO_ACCOUNT_PATTERN,
    TYPES,
    VALUE_CHARS,
)
from service.ingest.tokens import ANY_DIGITS, Tokeniser
from service.model.kinds import Kind, kinds
from service.sources.lines import NOT_UTF8

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
CLOCKS = "check the clocks of the sender and of this server"
REFUSED = "refused"  # in a refused event, stands for a value that may not be kept and whose token would pass the rules
# A time that lacks nothing but a zone: which hour it is can't be told.
_ZONELESS = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?$"


@dataclass(frozen=True, slots=True)
class Rule:
    """Refuses a field where `bad` holds. `reason` is a text or a column of texts."""

    field: str
    bad: pl.Expr
    reason: str | pl.Expr
    remedy: str


def error_of(field: str) -> str:
    """The column with what is wrong with the values of an identifier."""
    return f"error of {field}"


def is_token(value: pl.Expr, kind: Kind, tokeniser: Tokeniser) -> pl.Expr:
    """Whether a value of our own log is a token, under any key. What is kept in the clear may begin like one."""
    start = f"{kind.prefix}_"
    return value.str.contains(f"^{start}{ANY_DIGITS}$") if tokeniser.plain(kind) else value.str.starts_with(start)


def event_rules(now: datetime) -> list[Rule]:
    """An event that breaks one of them is refused as a whole; the first one names its reason."""
    at = pl.col("at")
    *others, last = kinds().fields
    missing = f"{', '.join(others)} and {last} are all missing" if others else f"{last} is missing"
    return [
        Rule("event", pl.col("error") == NOT_UTF8, NOT_UTF8, "encode the sender's text as UTF-8"),
        Rule("event", pl.col("error").is_not_null(), pl.col("error"), "send one JSON object, or one row, an event"),
        _untyped("account_id"),
        Rule("account_id", pl.col("account_id").is_null(), "is missing", "send account_id with every event"),
        *_text("account_id", ACCOUNT_ID_CHARS),
        Rule(
            "account_id",
            pl.col("account_id").str.contains(NO_ACCOUNT_PATTERN),
            "is a placeholder, no account",
            "send the account's own id",
        ),
        _untyped("occurred_at"),
        Rule("occurred_at", pl.col("occurred_at").is_null(), "is missing", "send the time of the event"),
        Rule(
            "occurred_at",
            at.is_null() & pl.col("when").str.contains(_ZONELESS),
            "has no time zone",
            "add Z if it is in UTC, else the zone it is in (+02:00)",
        ),
        Rule("occurred_at", at.is_null(), "is not an RFC 3339 time", "write it like 2026-03-01T12:00:00Z"),
        Rule("occurred_at", at < EARLIEST, "is before 2000", "check the unit and the clock of the sender"),
        Rule("occurred_at", at > now + AHEAD, "is more than a day ahead", CLOCKS),
        Rule("event", pl.col("nothing") & (pl.col("type") != "signup"), missing, "send at least one identifier"),
    ]


def value_rules(tokeniser: Tokeniser, tokenised: bool) -> list[Rule]:
    """A value that breaks one of them is refused, and the event counts without it. `tokenised`: identifiers are ids of
    graph nodes already."""
    uses = pl.col("uses_n")
    rules = [
        _untyped("type"),
        Rule("type", ~pl.col("type").is_in(TYPES), "is unknown", f"use one of {', '.join(TYPES)}"),
        _untyped("uses"),
        Rule("uses", uses.is_null() | (uses < 1), "is not a positive integer", "send 1 or more, or leave it out"),
        Rule("uses", uses > MAX_USES, f"is over {MAX_USES}", "split it into several events"),
        _untyped("event_id"),
        *_text("event_id", VALUE_CHARS),
    ]
    for field, kind in kinds().fields.items():
        rules += [_untyped(field), *_of_kind(field, kind)]
    return [*rules, *(_token_rules(tokeniser) if tokenised else ())]


def first_broken(rules: Sequence[Rule], *fields: str) -> pl.Expr:
    """The place among the rules of the first one on these fields that a row breaks, or null."""
    places = [pl.when(rule.bad).then(pl.lit(n, pl.Int32)) for n, rule in enumerate(rules) if rule.field in fields]
    return pl.coalesce(places)


def explained(frame: pl.DataFrame, place: str, rules: Sequence[Rule]) -> pl.DataFrame:
    """The frame with field, reason and remedy of the rule whose place among `rules` stands in a column."""
    reason = pl.lit(None, pl.String)
    for number, rule in enumerate(rules):
        text = pl.lit(rule.reason) if isinstance(rule.reason, str) else rule.reason
        reason = pl.when(pl.col(place) == number).then(text).otherwise(reason)
    numbers = list(range(len(rules)))
    names = {"field": [rule.field for rule in rules], "remedy": [rule.remedy for rule in rules]}
    told = [pl.col(place).replace_strict(numbers, texts, return_dtype=pl.String).alias(n) for n, texts in names.items()]
    return frame.with_columns(*told, reason.alias("reason"))


def _untyped(field: str) -> Rule:
    named = pl.col("untyped").str.contains(rf"\b{field}\b").fill_null(False)
    return Rule(field, named, "is neither text nor a whole number below 2^63", "send it as text")


def _of_kind(field: str, kind: Kind) -> list[Rule]:
    error = pl.col(error_of(field))
    if kind.normalise == "ip":
        return [Rule(field, error.is_not_null(), error, "send the client's IPv4 or IPv6 address")]
    return [
        Rule(field, error.str.starts_with("is longer"), error, "send a shorter id"),
        Rule(field, error.is_not_null(), error, "remove it"),
    ]


def _text(field: str, limit: int) -> list[Rule]:
    value = pl.col(field)
    return [
        Rule(field, value.str.len_chars() > limit, f"is longer than {limit} characters", "send a shorter id"),
        Rule(field, value.str.contains(CONTROL_PATTERN), "has a control character", "remove it"),
    ]


def _token_rules(tokeniser: Tokeniser) -> list[Rule]:
    """Tokens under a key that is not there would be new identifiers, for good."""
    reason = "is a token under a key that keys/token.key does not have"
    remedy = "copy that file from the home that has the key and replay the event, or send it again"
    rules = []
    for field, kind in kinds().fields.items():
        value = pl.col(field)
        broken = value == REFUSED
        rules.append(Rule(field, broken, "broke a rule when it came, and was not kept", "send the event again"))
        unknown = is_token(value, kind, tokeniser) & ~value.str.contains(tokeniser.pattern(kind.prefix))
        rules.append(Rule(field, unknown, reason, remedy))
    return rules
