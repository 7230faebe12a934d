"""Validates, normalises and tokenises a frame of raw events at once: good rows on one side, refused ones on the other.

Column rules are Polars expressions; IPs and tokens come from the scalar functions, mapped over distinct values, so
that files, the event log and decisions share one set of rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial

import polars as pl

from service.ingest.identifiers import NETWORK_PREFIX
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
    check_text,
    normalise_ip,
)
from service.ingest.tokens import Tokeniser
from service.model.kinds import DEVICE, IP, KINDS, PAYMENT_METHOD

EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)
AHEAD = timedelta(days=1)
TIME = pl.Datetime("us", "UTC")
_RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
REFUSED = "refused"  # in a refused event, stands for a value that may not be kept and whose token would pass the rules
_TEXT_FIELDS = ("account_id", "type", "ip", "device_id", "payment_fingerprint", "event_id")

_IDENTIFIERS = ("ip", "device_id", "payment_fingerprint")
_MAYBE_LEFT_OUT = (*_IDENTIFIERS, "event_id")

# Good events: device_id, payment_fingerprint, ip and network are ids of graph nodes; at is UTC; left_out names the
# fields that were there but identified nobody, with blanks between them.
GOOD_COLUMNS = (
    "row",
    "account_id",
    "at",
    "type",
    "ip",
    "network",
    "device_id",
    "payment_fingerprint",
    "event_id",
    "left_out",
)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`good`: GOOD_COLUMNS and `uses`. `refused`: row, field, reason, remedy and the event with tokens for secrets."""

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

    `tokenised`: the identifiers are ids of graph nodes already and `network` is there (TOKENISED_FIELDS), as in our own
    event log and in rejects that are replayed.
    """
    frame = _typed(raw)
    frame = _with_addresses(frame, tokeniser, tokenised)
    frame = _leave_out(frame, tokenised)
    rules = [*_rules(now), *(_token_rules(tokeniser) if tokenised else ())]
    code = pl.coalesce([pl.when(rule.bad).then(pl.lit(n, pl.Int32)) for n, rule in enumerate(rules)])
    frame = frame.with_columns(code.alias("rule"))
    good = frame.filter(pl.col("rule").is_null())
    refused = frame.filter(pl.col("rule").is_not_null())
    if not tokenised:
        good, refused = _tokenise(good, tokeniser.token), _tokenise(refused, partial(_refused_token, tokeniser))
    good = good.with_columns(pl.col("ip_id").alias("ip"), pl.col("uses_n").alias("uses"))
    return Cleaned(good.select(*GOOD_COLUMNS, "uses"), _explain(refused, rules, tokeniser))


def left_out_of(good: pl.DataFrame) -> Counter[str]:
    """Field -> how many good events came with a value of it that identified nobody, and count without it."""
    names = good.get_column("left_out").drop_nulls().str.split(" ").explode(empty_as_null=True)
    return Counter(names.to_list())


def _typed(raw: pl.DataFrame) -> pl.DataFrame:
    """Empty text becomes null; adds `at` and `uses_n`, null where the text can't be read."""
    frame = raw.with_columns(pl.when(pl.col(name) != "").then(pl.col(name)).alias(name) for name in _TEXT_FIELDS)
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


def _with_addresses(frame: pl.DataFrame, tokeniser: Tokeniser, tokenised: bool) -> pl.DataFrame:
    """Adds ip_id, network, ip_error and ip_unusable. The network of a token can't be derived: it came with the event,
    or not."""
    rows: list[tuple[str, str | None, str | None, str | None, bool]] = []
    for value in frame.get_column("ip").drop_nulls().unique(maintain_order=True).to_list():
        if tokenised and value.startswith(f"{IP.prefix}_"):
            rows.append((value, value, None, None, False))
            continue
        try:
            address = normalise_ip(value.removesuffix("/64") if tokenised else value)
        except UnusableError:
            rows.append((value, None, None, None, True))
            continue
        except ValueError as error:
            rows.append((value, None, None, str(error), False))
            continue
        ip = tokeniser.address(IP.prefix, address.ip)
        rows.append((value, ip, tokeniser.address(NETWORK_PREFIX, address.network), None, False))
    schema = {**dict.fromkeys(("ip", "ip_id", "derived", "ip_error"), pl.String), "ip_unusable": pl.Boolean}
    known = pl.DataFrame(rows, schema=schema, orient="row")
    network = pl.coalesce("derived", "network") if tokenised else pl.col("derived")
    return frame.join(known, on="ip", how="left", maintain_order="left").with_columns(network.alias("network"))


def _leave_out(frame: pl.DataFrame, tokenised: bool) -> pl.DataFrame:
    """Makes values that identify nobody null, and adds left_out and `nothing`: whether no identifier was even sent."""
    sent = pl.any_horizontal(pl.col(name).is_not_null() for name in _IDENTIFIERS)
    unusable = {name: pl.col(name).str.contains(PLACEHOLDER_PATTERN) for name in _MAYBE_LEFT_OUT}
    unusable["ip"] = pl.col("ip_unusable").fill_null(False)
    unusable["event_id"] &= pl.col("event_id").str.strip_chars() != "0"  # a counter may begin there
    names: list[pl.Expr] = [pl.when(bad).then(pl.lit(name)) for name, bad in unusable.items()]
    if tokenised:
        sent |= pl.col("left_out").str.contains("|".join(_IDENTIFIERS)).fill_null(False)
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
        _Rule("ip", pl.col("ip_error").is_not_null(), pl.col("ip_error"), "send the client's IPv4 or IPv6 address"),
        *_text_rules("device_id", VALUE_CHARS),
        *_text_rules("payment_fingerprint", VALUE_CHARS),
        *_text_rules("event_id", VALUE_CHARS),
    ]
    missing = "ip, device_id and payment_fingerprint are all missing"
    rules.append(_Rule("event", pl.col("nothing") & (kind != "signup"), missing, "send at least one identifier"))
    return rules


def _token_rules(tokeniser: Tokeniser) -> list[_Rule]:
    """Tokens under a key that is not there would be new identifiers, for good."""
    reason = "is a token under a key that keys/token.key does not have"
    remedy = "copy that file from the home that has the key and replay the event, or send it again"
    rules = []
    for kind in KINDS:
        value = pl.col(kind.field)
        broken = value == REFUSED
        rules.append(_Rule(kind.field, broken, "broke a rule when it came, and was not kept", "send the event again"))
        unknown = value.str.starts_with(f"{kind.prefix}_") & ~value.str.contains(tokeniser.pattern(kind.prefix))
        rules.append(_Rule(kind.field, unknown, reason, remedy))
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


def _tokenise(frame: pl.DataFrame, token: Callable[[str, str], str]) -> pl.DataFrame:
    for kind in (DEVICE, PAYMENT_METHOD):
        frame = _mapped(frame, kind.field, partial(token, kind.prefix))
    return frame


def _refused_token(tokeniser: Tokeniser, prefix: str, value: str) -> str:
    """A token, unless the value itself breaks a rule: its token would not, and pass when it is replayed."""
    try:
        return tokeniser.token(prefix, check_text(value, VALUE_CHARS))
    except ValueError:
        return REFUSED


def _mapped(frame: pl.DataFrame, column: str, change: Callable[[str], str]) -> pl.DataFrame:
    """The frame with `change` applied to each distinct value of a column; nulls stay."""
    old = frame.get_column(column).drop_nulls().unique()
    if not len(old):
        return frame
    new = pl.Series([change(value) for value in old.to_list()], dtype=pl.String)
    return frame.with_columns(pl.col(column).replace(old, new))


def _explain(refused: pl.DataFrame, rules: list[_Rule], tokeniser: Tokeniser) -> pl.DataFrame:
    """row, field, reason, remedy and the event's fields; long values cut, IP and network as they may be kept.

    Of an event with a field that could not be read, only the account is kept: the rest alone would pass in a replay.
    """
    reason = pl.lit(None, pl.String)
    for number, rule in enumerate(rules):
        text = pl.lit(rule.reason) if isinstance(rule.reason, str) else rule.reason
        reason = pl.when(pl.col("rule") == number).then(text).otherwise(reason)
    numbers = list(range(len(rules)))
    if not tokeniser.ip_plain:
        kept_ip = pl.coalesce("ip_id", pl.when(pl.col("ip").is_not_null()).then(pl.lit(REFUSED)))
        refused = refused.with_columns(kept_ip.alias("ip"))
    kept = [pl.col(name).str.slice(0, VALUE_CHARS + 1) for name in ("type", "ip", "event_id")]
    kept += [pl.col(name).cast(pl.String).str.slice(0, 64) for name in ("occurred_at", "uses")]
    kept += [pl.col(name) for name in ("device_id", "payment_fingerprint", "network", "left_out")]
    readable = pl.col("error").is_null()
    return refused.select(
        "row",
        pl.col("rule").replace_strict(numbers, [rule.field for rule in rules], return_dtype=pl.String).alias("field"),
        reason.alias("reason"),
        pl.col("rule").replace_strict(numbers, [rule.remedy for rule in rules], return_dtype=pl.String).alias("remedy"),
        pl.col("account_id").str.slice(0, VALUE_CHARS + 1),
        *(pl.when(readable).then(column) for column in kept),
    )
