"""What an ingest of a file would do, without doing it: what counts, what would be refused, ignored, left out, and which
values so many accounts share that they say nothing of them."""

from __future__ import annotations

import secrets
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import polars as pl

from service.ingest.aggregate import Aggregate
from service.ingest.clean import clean
from service.ingest.dedupe import SeenIds
from service.ingest.domains import sort_of
from service.ingest.field_counts import FieldCounts
from service.ingest.networks import NOTHING, Origin, in_use, origin
from service.ingest.normalise import PORT_PATTERN, UnreadableError
from service.ingest.normalisers import normalised
from service.ingest.tokens import Tokeniser
from service.keyfile import SECRET_BYTES
from service.model.kinds import Kind, kinds
from service.sources.files import EventFile
from service.sources.raw import Chunk

HUB_SHARE = 0.01  # of all accounts
HUB_ACCOUNTS = 10  # a hundredth of a small file is a family
ALL_AGES = 0.25  # of the time in which the middle half of all accounts came, for the middle half of a value's accounts
NEARLY_ALL = 0.9  # of a field's values left out: its column is not what it seems, or a setting is missing
EXAMPLES = 5
_REMEDIES = {
    "phone": "write numbers with their country's code (+33612345678), or set RINGSIGHT_PHONE_REGION (such as FR) to "
    "the country of those without",
    "email": "send whole addresses (name@host), no hashes or names of users",
    "ip": "send the clients' own addresses, which a proxy adds to X-Forwarded-For, or set "
    "RINGSIGHT_CLIENTS_INSIDE=true if all clients are inside",
}


@dataclass(frozen=True, slots=True)
class Hub:
    """A value that many accounts share. `all_ages`: they came over the time in which all did, as those of an office do;
    otherwise they came together, as those of a ring do."""

    kind: str
    value: str
    accounts: int
    all_ages: bool


@dataclass(slots=True)
class Examined:
    """Counts of events. `refused` and `values`: (field, reason, remedy) -> how many events or values; `rows`: the first
    row of each of these. Field -> value -> how many: `placeholders` identify nobody, `unreadable` are none of
    their kind. `ports`: field -> how many of its addresses had a port or brackets, which are
    taken off. `sent`: field -> how many good events had it."""

    events: int = 0
    duplicates: int = 0
    accounts: int = 0
    refused: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    values: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rows: dict[tuple[str, str, str], int] = field(default_factory=dict)
    fields: FieldCounts = field(default_factory=FieldCounts)
    placeholders: dict[str, Counter[str]] = field(default_factory=dict)
    unreadable: dict[str, Counter[str]] = field(default_factory=dict)
    ports: Counter[str] = field(default_factory=Counter)
    sent: Counter[str] = field(default_factory=Counter)
    hubs: list[Hub] = field(default_factory=list)
    throwaway: Counter[str] = field(default_factory=Counter)  # domain of throw-away mail -> mailboxes
    countries: Counter[str] = field(default_factory=Counter)  # country (ISO 3166) -> phone numbers
    origins: Counter[Origin] = field(default_factory=Counter)  # whose network, and of what sort -> addresses

    @property
    def sound(self) -> bool:
        """Whether all that is in the file would count."""
        return bool(self.events) and not (self.refused or self.values or self.fields.ignored or self.lost)

    @property
    def lost(self) -> list[str]:
        """Fields of which nearly all values are left out, or some because they can't be read."""
        left_out = self.fields.left_out
        return [name for name in left_out if name in self.unreadable or left_out[name] >= NEARLY_ALL * self.sent[name]]


def remedy(name: str) -> str:
    """What to do about a field whose values are left out."""
    kind = kinds().fields.get(name)
    return _REMEDIES.get(kind.normalise if kind else "", "check that it is the right column; if not, see --map")


class _InTheClear(Tokeniser):
    """Keeps every value readable: what is looked at here is shown, and never kept."""

    def plain(self, kind: Kind) -> bool:
        return True


def examine(source: EventFile, inside: bool, now: datetime) -> Examined:
    """Reads a file through. `inside`: private addresses are clients'. Raises InputError if it can't be read."""
    found, aggregate, seen = Examined(), Aggregate(), SeenIds()
    tokeniser = _InTheClear(secrets.token_bytes(SECRET_BYTES), inside=inside)
    for chunk in source.chunks():
        _add(found, chunk, aggregate, seen, tokeniser, now)
    accounts, links = aggregate.tables()
    found.accounts = len(accounts)
    found.hubs = _hubs(accounts, links)
    found.throwaway = _throwaway(links)
    found.countries = _countries(links)
    found.origins = _origins(links)
    return found


def _add(
    found: Examined, chunk: Chunk, aggregate: Aggregate, seen: SeenIds, tokeniser: Tokeniser, now: datetime
) -> None:
    cleaned = clean(chunk.events, tokeniser, now)
    good = seen.filter(cleaned.good)
    found.events += len(chunk.events)
    found.duplicates += len(cleaned.good) - len(good)
    found.fields.add(good, cleaned.values, chunk.ignored)
    for counts, frame in ((found.refused, cleaned.refused), (found.values, cleaned.values)):
        told = frame.group_by("field", "reason", "remedy").agg(pl.len(), pl.col("row").min()).sort("row")
        for name, reason, remedy, count, row in told.iter_rows():
            counts[name, reason, remedy] += count
            found.rows.setdefault((name, reason, remedy), row)
    as_sent = good.select("row", "left_out").join(chunk.events, on="row", maintain_order="left")
    for name in ("event_id", *kinds().fields):
        found.sent[name] += as_sent.filter(pl.col(name) != "").height
    for name in (name for name, kind in kinds().fields.items() if kind.normalise == "ip"):
        found.ports[name] += as_sent.filter(pl.col(name).str.contains(PORT_PATTERN)).height
    for name in found.fields.left_out:
        values = as_sent.filter(pl.col("left_out").str.contains(rf"\b{name}\b")).get_column(name).drop_nulls()
        for value, count in Counter(values.to_list()).items():
            left_out = found.placeholders if _readable(name, value, tokeniser.inside) else found.unreadable
            left_out.setdefault(name, Counter())[value] += count
    aggregate.add(good)


def _readable(name: str, value: str, inside: bool) -> bool:
    """Whether a value that is left out is one of its kind, or a placeholder for one."""
    with suppress(ValueError):
        try:
            if kind := kinds().fields.get(name):
                normalised(kind, value, inside)
        except UnreadableError:
            return False
    return True


def _hubs(accounts: pl.DataFrame, links: pl.DataFrame) -> list[Hub]:
    """Values of kinds that are evidence, and that more than a hundredth of all accounts use; the most used first."""
    born = accounts.select("account_id", born=pl.coalesce("signup", "first").dt.epoch("s"))
    middle = pl.col("born").quantile(0.75) - pl.col("born").quantile(0.25)
    whole = born.select(middle).item() or 0
    evidence = links.filter(pl.col("kind").is_in([kind.name for kind in kinds().evidence]))
    used = evidence.join(born, on="account_id").group_by("kind", "id").agg(pl.len().alias("n"), middle.alias("middle"))
    found = used.filter(pl.col("n") > max(HUB_ACCOUNTS, HUB_SHARE * len(accounts))).sort("n", "id", descending=True)
    return [Hub(row["kind"], row["id"], row["n"], row["middle"] >= ALL_AGES * whole) for row in found.to_dicts()]


def _throwaway(links: pl.DataFrame) -> Counter[str]:
    """Domains of throw-away mail, with how many mailboxes there are at each."""
    counts: Counter[str] = Counter()
    for kind, domains in _derived(links, "email"):
        counts.update(name for name in domains if sort_of(kind, name) == "throwaway")
    return counts


def _countries(links: pl.DataFrame) -> Counter[str]:
    """Countries of phone numbers, with how many numbers are from each."""
    return Counter(country for _, countries in _derived(links, "phone") for country in countries)


def _derived(links: pl.DataFrame, normalise: str) -> Iterator[tuple[Kind, pl.Series]]:
    """Of each kind with this function: what is derived from its values, once for each value."""
    for kind in kinds().sent:
        for parent in kind.parents if kind.normalise == normalise else ():
            yield kind, links.filter(pl.col(parent).is_not_null()).select("id", parent).unique().get_column(parent)


def _origins(links: pl.DataFrame) -> Counter[Origin]:
    """Whose networks addresses are in, by the files of RINGSIGHT_MMDB, with how many addresses are in each."""
    names = [kind.name for kind in kinds().sent if kind.normalise == "ip"] if in_use() else []
    addresses = links.filter(pl.col("kind").is_in(names)).get_column("id").unique()
    counts = Counter(map(origin, addresses))
    del counts[NOTHING]
    return counts


def told(found: Examined) -> dict[str, Any]:
    """All of it as JSON has it. Of values that are left out, the most frequent ones, and how many different ones there
    are (`different`)."""

    def rules(counts: Counter[tuple[str, str, str]]) -> list[dict[str, Any]]:
        return [
            {"field": key[0], "reason": key[1], "remedy": key[2], "count": count, "first_row": found.rows[key]}
            for key, count in counts.most_common()
        ]

    return {
        "events": found.events,
        "accounts": found.accounts,
        "duplicates": found.duplicates,
        "refused": rules(found.refused),
        "refused_values": rules(found.values),
        "ignored_fields": dict(found.fields.ignored),
        "left_out": dict(found.fields.left_out),
        "placeholders": {name: dict(values.most_common(EXAMPLES)) for name, values in found.placeholders.items()},
        "unreadable": {name: dict(values.most_common(EXAMPLES)) for name, values in found.unreadable.items()},
        "different": {
            "placeholders": {name: len(values) for name, values in found.placeholders.items()},
            "unreadable": {name: len(values) for name, values in found.unreadable.items()},
        },
        "ports": {name: count for name, count in found.ports.items() if count},
        "lost": {
            name: {"left_out": found.fields.left_out[name], "sent": found.sent[name], "remedy": remedy(name)}
            for name in found.lost
        },
        "hubs": [
            {"kind": hub.kind, "value": hub.value, "accounts": hub.accounts, "all_ages": hub.all_ages}
            for hub in found.hubs
        ],
        "phone_countries": dict(found.countries.most_common()),
        "networks": [{**origin._asdict(), "addresses": count} for origin, count in found.origins.most_common()],
        "throwaway_domains": dict(found.throwaway.most_common()),
        "sound": found.sound,
    }
