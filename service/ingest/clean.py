"""Validates, normalises and tokenises a frame of raw events at once: good rows on one side, refused ones on the other,
and the refused values of good rows beside them.

Column rules are Polars expressions (rules.py); IPs and tokens come from the scalar functions, mapped over distinct
values, so that files, the event log and decisions share one set of rules.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import partial

import polars as pl

from service.ingest.identifiers import NETWORK_PREFIX
from service.ingest.normalise import (
    DEFAULT_TYPE,
    PLACEHOLDER_PATTERN,
    VALUE_CHARS,
    UnusableError,
    check_text,
    normalise_ip,
)
from service.ingest.rules import (
    IDENTIFIERS,
    REFUSED,
    Rule,
    event_rules,
    explained,
    first_broken,
    value_rules,
)
from service.ingest.tokens import Tokeniser
from service.model.kinds import IP, KINDS
from service.sources.raw import TOKENISED_FIELDS

TIME = pl.Datetime("us", "UTC")
_RFC3339 = r"^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)$"
_ISO = "%Y-%m-%dT%H:%M:%S%.6fZ"
_VALUES = ("type", "uses", "event_id", *IDENTIFIERS)  # an event counts without them
_TEXT_FIELDS = ("account_id", "type", "event_id", *IDENTIFIERS)
_ANY_IDENTIFIER = rf"\b(?:{'|'.join(IDENTIFIERS)})\b"
_MAYBE_LEFT_OUT = (*IDENTIFIERS, "event_id")

# Good events: identifiers and network are ids of graph nodes; at is UTC; left_out names the fields that were there but
# identified nobody, with blanks between them; counted: as in TOKENISED_FIELDS.
GOOD_COLUMNS = ("row", "account_id", "at", "type", *IDENTIFIERS, "network", "event_id", "left_out", "counted", "uses")
REFUSED_COLUMNS = ("row", "field", "reason", "remedy", *TOKENISED_FIELDS)


@dataclass(frozen=True, slots=True)
class Cleaned:
    """`good`: GOOD_COLUMNS. `refused`: REFUSED_COLUMNS, the event with tokens for secrets. `values`: the same columns,
    one row a refused value of a good event, with its account, time and uses only, and `counted`."""

    good: pl.DataFrame
    refused: pl.DataFrame
    values: pl.DataFrame


def clean(raw: pl.DataFrame, tokeniser: Tokeniser, now: datetime, *, tokenised: bool = False) -> Cleaned:
    """Splits raw events (service/sources/raw.py) into good and refused ones.

    `tokenised`: the identifiers are ids of graph nodes already and `network` is there (TOKENISED_FIELDS), as in our own
    event log and in rejects that are replayed.
    """
    frame = _typed(raw)
    frame = _with_addresses(frame, tokeniser, tokenised)
    frame = _leave_out(frame, tokenised)
    rules = [*event_rules(now), *value_rules(tokeniser, tokenised)]
    frame = _judged(frame, rules)
    good = frame.filter(pl.col("rule").is_null())
    refused = frame.filter(pl.col("rule").is_not_null())
    broken = [name for name in _VALUES if good.get_column(f"bad_{name}").count()]
    values = good.filter(pl.any_horizontal(pl.col(f"bad_{name}").is_not_null() for name in broken) if broken else False)
    good = _without_refused_values(good, broken)
    if not tokenised:
        good = _tokenise(good, tokeniser.token)
        values, refused = (_tokenise(part, partial(_refused_token, tokeniser)) for part in (values, refused))
    parts = [_refused_values(values, name, rules, tokeniser.ip_plain) for name in broken]
    refused = _refused_events(refused, rules, tokeniser.ip_plain)
    return Cleaned(
        good.with_columns(pl.col("uses_n").alias("uses")).select(GOOD_COLUMNS),
        refused,
        pl.concat(parts).sort("row", maintain_order=True) if parts else refused.clear(),
    )


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
    when = pl.col("occurred_at") if raw.schema["occurred_at"] == pl.String else at.dt.strftime(_ISO)
    counted = [] if "counted" in raw.columns else [pl.lit(None, pl.String).alias("counted")]
    return frame.with_columns(
        at.alias("at"), uses.cast(pl.Int64).alias("uses_n"), when.alias("when"), pl.col("type").fill_null(DEFAULT_TYPE)
    ).with_columns(counted)


def _with_addresses(frame: pl.DataFrame, tokeniser: Tokeniser, tokenised: bool) -> pl.DataFrame:
    """Adds ip_id, network, ip_error and ip_unusable. The network of a token can't be derived: it came with the event,
    or not."""
    rows: list[tuple[str, str | None, str | None, str | None, bool]] = []
    for value in frame.get_column("ip").drop_nulls().unique(maintain_order=True).to_list():
        if tokenised and value.startswith(f"{IP.prefix}_"):
            rows.append((value, value, None, None, False))
            continue
        try:
            address = normalise_ip(value.removesuffix("/64") if tokenised else value, tokeniser.inside)
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
    sent = pl.any_horizontal(pl.col(name).is_not_null() for name in IDENTIFIERS)
    sent |= pl.col("untyped").str.contains(_ANY_IDENTIFIER).fill_null(False)
    unusable = {name: pl.col(name).str.contains(PLACEHOLDER_PATTERN) for name in _MAYBE_LEFT_OUT}
    unusable["ip"] = pl.col("ip_unusable").fill_null(False)
    unusable["event_id"] &= pl.col("event_id").str.strip_chars() != "0"  # a counter may begin there
    names: list[pl.Expr] = [pl.when(bad).then(pl.lit(name)) for name, bad in unusable.items()]
    if tokenised:
        sent |= pl.col("left_out").str.contains(_ANY_IDENTIFIER).fill_null(False)
        names.append(pl.col("left_out"))
    text = pl.concat_str(names, separator=" ", ignore_nulls=True)
    kept = [pl.when(~bad).then(pl.col(name)).alias(name) for name, bad in unusable.items()]
    return frame.with_columns(*kept, pl.when(text != "").then(text).alias("left_out"), (~sent).alias("nothing"))


def _judged(frame: pl.DataFrame, rules: list[Rule]) -> pl.DataFrame:
    """Adds, as places among the rules, `bad_FIELD` of each value that is refused, and `rule` of the events that are:
    those that break a rule for events, and those whose identifiers were all refused."""
    bad = {name: pl.col(f"bad_{name}") for name in _VALUES}
    frame = frame.with_columns(first_broken(rules, name).alias(f"bad_{name}") for name in _VALUES)
    lost = pl.coalesce(bad[name] for name in IDENTIFIERS)
    left = pl.any_horizontal(pl.col(name).is_not_null() & bad[name].is_null() for name in IDENTIFIERS)
    signup = (pl.col("type") == "signup") & bad["type"].is_null()
    emptied = pl.when(lost.is_not_null() & ~left & ~signup).then(lost)
    whole = first_broken(rules, "event", "account_id", "occurred_at")
    return frame.with_columns(pl.coalesce(whole, emptied).alias("rule"))


def _without_refused_values(good: pl.DataFrame, broken: list[str]) -> pl.DataFrame:
    """Good events as they count: `ip` is the node's id, refused values are as if they had not been sent."""
    good = good.with_columns(pl.col("ip_id").alias(IP.field))
    instead = {"type": pl.lit(DEFAULT_TYPE), "uses": pl.lit(1, pl.Int64)}
    for name in broken:
        column = "uses_n" if name == "uses" else name
        value = pl.when(pl.col(f"bad_{name}").is_null()).then(pl.col(column)).otherwise(instead.get(name))
        good = good.with_columns(value.alias(column))
    return good.with_columns(pl.when(pl.col(IP.field).is_not_null()).then(pl.col("network")).alias("network"))


def _tokenise(frame: pl.DataFrame, token: Callable[[str, str], str]) -> pl.DataFrame:
    for kind in KINDS:
        if kind == IP:
            continue
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


def _refused_events(refused: pl.DataFrame, rules: list[Rule], ip_plain: bool) -> pl.DataFrame:
    """REFUSED_COLUMNS: long values cut, IP and network as they may be kept. Of what could not be read, nothing is."""
    kept = _kept(explained(refused, "rule", rules), ip_plain)
    readable = pl.col("error").is_null()
    return kept.with_columns(
        pl.when(readable).then(pl.col(name)).alias(name) for name in TOKENISED_FIELDS if name != "account_id"
    ).select(REFUSED_COLUMNS)


def _refused_values(events: pl.DataFrame, name: str, rules: list[Rule], ip_plain: bool) -> pl.DataFrame:
    """REFUSED_COLUMNS of one field's refused values: beside it only what it takes to add its link later."""
    found = explained(events.filter(pl.col(f"bad_{name}").is_not_null()), f"bad_{name}", rules)
    uses = pl.when(pl.col("bad_uses").is_null()).then(pl.col("uses_n")).otherwise(1).cast(pl.String)
    kept = _kept(found, ip_plain).with_columns(
        pl.lit("yes").alias("counted"), *([] if name == "uses" else [uses.alias("uses")])
    )
    beside = {"account_id", "occurred_at", "uses", "counted", name, *(("network",) if name == IP.field else ())}
    nothing = [pl.lit(None, pl.String).alias(other) for other in TOKENISED_FIELDS if other not in beside]
    return kept.with_columns(nothing).select(REFUSED_COLUMNS)


def _kept(frame: pl.DataFrame, ip_plain: bool) -> pl.DataFrame:
    """The frame with its fields as refused events keep them: text, cut, no secret."""
    if not ip_plain:
        hidden = pl.coalesce("ip_id", pl.when(pl.col(IP.field).is_not_null()).then(pl.lit(REFUSED)))
        frame = frame.with_columns(hidden.alias(IP.field))
    short = [pl.col(name).str.slice(0, VALUE_CHARS + 1) for name in ("account_id", "type", IP.field, "event_id")]
    return frame.with_columns(
        *short, pl.col("when").str.slice(0, 64).alias("occurred_at"), pl.col("uses").cast(pl.String).str.slice(0, 64)
    )
