"""Detection without an engine: the product's own rules, evidence, signals and scores on a file of events, with igraph's
Leiden and components in place of GDS's. For what needs hundreds of runs: ablations, many seeds.

Groups differ a little from GDS's (another order of moves), so figures do in their last digits; the product's own are
those of `bench/quality.py`."""

from __future__ import annotations

import random
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import igraph
import numpy as np
import polars as pl

from service.detection import parameters
from service.detection.evidence.bursts import find_bursts
from service.detection.evidence.combine import Evidence, compute_evidence
from service.detection.evidence.link_weights import shared_weights, weigh_links
from service.detection.evidence.signup_windows import find_windows
from service.detection.evidence.surges import find_surges
from service.detection.grouping.fragments import cut_loose
from service.detection.reading.kind_codes import codes
from service.detection.reading.population import Population, population_of
from service.detection.reading.read_graph import joined
from service.detection.reading.snapshot import Accounts, Flags, Floats, Ints, Links, Snapshot, build
from service.detection.scoring.candidates import compact, most_shared_view
from service.detection.scoring.result import ScoringResult, Tie, score
from service.ingest.aggregate import Aggregate
from service.ingest.clean import clean
from service.ingest.tokens import load_tokeniser
from service.model.decision import level_of
from service.simulation.random_world import random_world
from service.sources.files import open_events

VIEWS = ("soft", "shared", "most_shared")
ROUNDS = 5  # of igraph's Leiden; more change nothing that counts


@dataclass(frozen=True, slots=True)
class Loaded:
    """The accounts' ids (N) and the snapshot that the product would read from its graph."""

    ids: pl.Series
    snapshot: Snapshot


def load(events: Path) -> Loaded:
    """A snapshot of a file of events, by the rules of ingest."""
    aggregate = Aggregate()
    with tempfile.TemporaryDirectory() as home:
        tokeniser = load_tokeniser(Path(home), ip_plain=True)
        for chunk in open_events(events).chunks():
            aggregate.add(clean(chunk.events, tokeniser, datetime.now(UTC)).good)
    return _loaded(*aggregate.tables())


def load_events(events: pl.DataFrame) -> Loaded:
    """The same of events in a frame."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.parquet"
        events.write_parquet(path)
        return load(path)


def load_frame(events: pl.DataFrame) -> Loaded:
    """A snapshot of events that need no cleaning: those of a random world, whose addresses are IPv4."""
    moment = pl.col("occurred_at")
    people = events.group_by("account_id").agg(
        signup=moment.filter(pl.col("type") == "signup").min(), first=moment.min(), last=moment.max(), uses=pl.len()
    )
    fields = {"payment_method": "payment_fingerprint", "device": "device_id", "ip": "ip"}
    links = pl.concat(
        events.filter(pl.col(field).is_not_null())
        .group_by("account_id", pl.col(field).alias("id"))
        .agg(first=moment.min(), last=moment.max())
        .with_columns(kind=pl.lit(kind))
        for kind, field in fields.items()
    ).with_columns(network=pl.when(pl.col("kind") == "ip").then(pl.col("id").str.replace(r"\.[0-9]+$", "")))
    return _loaded(people, links)


def load_world(seed: int, accounts: int) -> tuple[Loaded, Flags]:
    """The random world of a seed, and which of its accounts (N) are fake."""
    world = random_world(seed, accounts)
    loaded = load_frame(world.events)
    return loaded, loaded.ids.is_in(world.truth.filter(label="fraud")["account_id"].implode()).to_numpy()


def _loaded(people: pl.DataFrame, links: pl.DataFrame) -> Loaded:
    people = people.sort("account_id").with_row_index("node")
    created = people.select(pl.coalesce("signup", "first")).to_series()
    nodes = people["node"].to_numpy().astype(np.int64)
    accounts = Accounts(nodes, _seconds(created), _seconds(people["last"]), _ints(people["uses"]), np.zeros_like(nodes))
    names = {name: code for code, name in enumerate(codes().names)}
    links = links.filter(pl.col("kind").is_in(list(names)))
    links = links.join(people.select("account_id", "node"), on="account_id").sort("node", "kind", "id")
    kind = _ints(links["kind"].replace_strict(names, return_dtype=pl.Int64))
    columns = _ints(links["node"]), kind, _seconds(links["first"]), _seconds(links["last"])
    all_links = _links(links.select(pl.concat_str("kind", pl.lit(" "), "id")).to_series(), *columns, len(nodes))
    derived: list[Links] = []
    offset = len(nodes) + int(all_links.identifier.max(initial=0)) + 1
    for code in codes().derived_codes:
        at = links[codes().names[code]].is_not_null()
        account, _, first, last = (column[at.to_numpy()] for column in columns)
        values = links.filter(at)[codes().names[code]]
        derived.append(_links(values, account, np.full(len(account), code), first, last, offset))
        offset += int(derived[-1].identifier.max(initial=0)) + 1
    snapshot = build(accounts, all_links, joined(derived), parameters.EVIDENCE.birth_s)
    return Loaded(people["account_id"].gather(snapshot.account_node), snapshot)


def _links(names: pl.Series, account: Ints, kind: Ints, first: Ints, last: Ints, offset: int) -> Links:
    number = _ints(names.rank("dense")) + offset
    return Links(account, number, kind, first, last)


def _seconds(times: pl.Series) -> Ints:
    return times.dt.epoch("s").to_numpy().astype(np.int64)


def _ints(values: pl.Series) -> Ints:
    return values.to_numpy().astype(np.int64)


def detect(snapshot: Snapshot, views: tuple[str, ...] = VIEWS, tied: bool = True) -> ScoringResult:
    """What a first run finds. `tied`: whether cards and devices may join and part rings (WCC)."""
    population, full, evidence, groups = views_of(snapshot, views)
    nobody = np.full(full.accounts, -1)
    return score(full, evidence, population, groups, nobody, _tie(full) if tied else lambda rows: nobody)


def candidates(snapshot: Snapshot, views: tuple[str, ...] = VIEWS) -> list[Ints]:
    """The candidate group of each account (N; -1 for none) in each view that `detect` scores."""
    return views_of(snapshot, views)[-1]


def views_of(snapshot: Snapshot, views: tuple[str, ...] = VIEWS) -> tuple[Population, Snapshot, Evidence, list[Ints]]:
    population = population_of(snapshot)
    windows = find_windows(snapshot, population.births, parameters.EVIDENCE)
    bursts = find_bursts(snapshot, population.arrivals, parameters.STEP)
    surges = find_surges(snapshot, population.no_residential_ip, np.ones(snapshot.accounts, bool), parameters.SURGE)
    full, evidence = compute_evidence(snapshot, windows, bursts, surges, parameters.EVIDENCE)
    groups = parameters.GROUPS
    soft = weigh_links(full, evidence, parameters.EVIDENCE, groups.soft_evidence, groups.late_link)
    shared = shared_weights(full, evidence, parameters.EVIDENCE, groups, population.no_residential_ip)
    wanted = {
        "soft": (soft, groups.soft_resolution, groups.soft_minimum),
        "shared": (shared, groups.shared_resolution, groups.shared_minimum),
    }
    fine, at = _leiden(full, soft, groups.fragment_resolution)
    fragment = np.full(full.accounts + full.identifiers, -1)
    fragment[at] = fine
    found = []
    for name in views:
        if name == "most_shared":
            found.append(most_shared_view(full))
            continue
        weight, resolution, minimum = wanted[name]
        group, nodes = _leiden(full, weight, resolution)
        if name == "soft":
            rows = np.flatnonzero(weight > 0)
            ends = (
                np.searchsorted(nodes, full.account[rows]),
                np.searchsorted(nodes, full.identifier[rows] + full.accounts),
            )
            group = cut_loose(ends, weight[rows], group, fragment[nodes], groups.fragment_tie)
        found.append(_groups(full, nodes, group, minimum))
    return population, full, evidence, found


def scores(loaded: Loaded, found: ScoringResult) -> pl.DataFrame:
    """As `service.evaluation` takes them: account_id, score (0 to 100), level, ring."""
    return pl.DataFrame(
        {
            "account_id": loaded.ids,
            "score": 100 * found.risk,
            "level": [level_of(risk) for risk in found.risk.tolist()],
            "ring": [str(ring) if ring >= 0 else None for ring in found.ring.tolist()],
        },
        schema_overrides={"ring": pl.String},
    )


def _leiden(snapshot: Snapshot, weight: Floats, resolution: float) -> tuple[Ints, Ints]:
    """The group of each node that has a link with a weight, and these nodes, as `_graph` numbers them."""
    rows = np.flatnonzero(weight > 0)
    graph, nodes = _graph(snapshot, rows)
    igraph.set_random_number_generator(random.Random(parameters.GROUPS.seed))
    found = graph.community_leiden("modularity", weights=weight[rows], resolution=resolution, n_iterations=ROUNDS)
    return np.array(found.membership, np.int64), nodes


def _tie(snapshot: Snapshot) -> Tie:
    def tie(rows: Ints) -> Ints:
        graph, nodes = _graph(snapshot, rows)
        return _groups(snapshot, nodes, np.array(graph.connected_components().membership, np.int64), 2)

    return tie


def _graph(snapshot: Snapshot, rows: Ints) -> tuple[igraph.Graph, Ints]:
    """The links in these rows as a graph, and its nodes: accounts, then identifiers, which count on from N."""
    ends = np.concatenate([snapshot.account[rows], snapshot.identifier[rows] + snapshot.accounts])
    nodes, number = np.unique(ends, return_inverse=True)
    return igraph.Graph(n=len(nodes), edges=number.reshape(2, -1).T), nodes


def _groups(snapshot: Snapshot, nodes: Ints, group: Ints, minimum: int) -> Ints:
    """The group of each account (N; -1 for none or fewer than `minimum`)."""
    people = nodes < snapshot.accounts
    of = np.full(snapshot.accounts, -1)
    of[nodes[people]] = group[people]
    return compact(of, minimum)
