"""What is usually done instead, on the same events: one score for each account, higher is more suspect.

Each takes Links and gives an array of scores. None of them knows times except velocity, none needs a setting.
"""

from __future__ import annotations

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass

import igraph
import numpy as np
import numpy.typing as npt
import polars as pl

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

IDENTIFIERS = ("ip", "device_id", "payment_fingerprint")
USUAL_LIMIT = 10  # identifiers with more accounts are dropped by the usual rule
WEEK_S = 7 * 86_400
FRAUDAR_BLOCKS = 3


@dataclass(frozen=True, slots=True)
class Links:
    """Distinct links between accounts (0 to accounts - 1) and identifiers (0 to identifiers - 1) of all kinds."""

    ids: pl.Series  # of accounts, by number
    account: Ints
    identifier: Ints
    first_s: Ints  # when the link was first seen
    addresses: npt.NDArray[np.bool_]  # by identifier
    accounts: int
    identifiers: int

    @property
    def degree(self) -> Ints:
        """Accounts of each identifier."""
        return np.bincount(self.identifier, minlength=self.identifiers).astype(np.int64)


def read_links(events: pl.DataFrame) -> Links:
    """Distinct links of the events; an IPv6 address stands for its /64."""
    home = pl.col("ip").str.split(":").list.head(4).list.join(":")
    if "ip" in events.columns:
        events = events.with_columns(ip=pl.when(pl.col("ip").str.contains(":")).then(home).otherwise("ip"))
    kinds = [name for name in IDENTIFIERS if name in events.columns]
    links = pl.concat(
        events.filter(pl.col(name).is_not_null())
        .group_by("account_id", pl.concat_str(pl.lit(name), pl.lit(" "), name).alias("identifier"))
        .agg(first=pl.col("occurred_at").min().dt.epoch("s"))
        for name in kinds
    ).sort("account_id", "identifier")
    ids = links["account_id"].unique(maintain_order=True)
    names = links["identifier"].unique(maintain_order=True)
    return Links(
        ids=ids,
        account=_numbers(links["account_id"], ids),
        identifier=_numbers(links["identifier"], names),
        first_s=links["first"].to_numpy().astype(np.int64),
        addresses=names.str.starts_with("ip ").to_numpy(),
        accounts=ids.len(),
        identifiers=names.len(),
    )


def _numbers(values: pl.Series, distinct: pl.Series) -> Ints:
    codes = pl.DataFrame({"v": distinct}).with_row_index("n")
    numbered = pl.DataFrame({"v": values}).join(codes, on="v", how="left", maintain_order="left")
    return numbered["n"].to_numpy().astype(np.int64)


def max_sharing(links: Links) -> Floats:
    """The most accounts on any of its identifiers."""
    score = np.zeros(links.accounts)
    np.maximum.at(score, links.account, links.degree[links.identifier].astype(float))
    return score


def sum_sharing(links: Links) -> Floats:
    """Other accounts on its identifiers, all added up."""
    shared = (links.degree[links.identifier] - 1).astype(np.float64)
    others: Floats = np.bincount(links.account, shared, minlength=links.accounts).astype(np.float64)
    return others


def velocity(links: Links) -> Floats:
    """The most cards and devices that it added within any 7 days."""
    own = ~links.addresses[links.identifier]
    account, first = links.account[own], links.first_s[own]
    order = np.lexsort((first, account))
    account, first = account[order], first[order]
    span = int(first.max()) + WEEK_S + 1 if first.size else 1
    key = account * span + first
    within = np.searchsorted(key, key + WEEK_S, side="right") - np.arange(key.size)
    score = np.zeros(links.accounts)
    np.maximum.at(score, account, within.astype(float))
    return score


def components(links: Links) -> Floats:
    """Accounts in its component, over identifiers with 10 accounts at most."""
    kept = links.degree[links.identifier] <= USUAL_LIMIT
    graph = _bipartite(links, kept)
    return _group_sizes(np.array(graph.connected_components().membership), links.accounts)


def louvain(links: Links) -> Floats:
    """Accounts in its Louvain community, over all identifiers."""
    igraph.set_random_number_generator(random.Random(1))
    graph = _bipartite(links, np.ones(links.account.size, bool))
    return _group_sizes(np.array(graph.community_multilevel().membership), links.accounts)


def fraudar(links: Links) -> Floats:
    """Density of the densest block that it is in, of three blocks that are found one after another and taken out.

    Hooi et al., "FRAUDAR: bounding graph fraud in the face of camouflage", KDD 2016: greedy peeling of the bipartite
    graph, a link to an identifier of d accounts weighing 1 / log(d + 5), for the largest weight per node."""
    score = np.zeros(links.accounts)
    alive = np.ones(links.account.size, bool)
    for _ in range(FRAUDAR_BLOCKS):
        nodes, density = _densest(links, np.flatnonzero(alive))
        if not nodes.size:
            break
        block = np.zeros(links.accounts + links.identifiers, bool)
        block[nodes] = True
        members = np.flatnonzero(block[: links.accounts])
        score[members] = np.maximum(score[members], density)
        alive &= ~(block[links.account] & block[links.accounts + links.identifier])
    return score


def _densest(links: Links, kept: Ints) -> tuple[Ints, float]:
    """Nodes (accounts, then identifiers) of the densest block among the kept links, and its density."""
    left, right = links.account[kept], links.identifier[kept]
    degree = np.bincount(right, minlength=links.identifiers)
    weight = 1 / np.log(degree[right] + 5.0)
    ends = np.concatenate([left, right + links.accounts])
    others = np.concatenate([right + links.accounts, left])
    order = np.argsort(ends, kind="stable")
    total = links.accounts + links.identifiers
    starts = np.searchsorted(ends[order], np.arange(total + 1)).tolist()
    neighbour, link_weight = others[order].tolist(), np.tile(weight, 2)[order].tolist()
    mass = np.bincount(ends, np.tile(weight, 2), minlength=total).tolist()
    heap = [(value, node) for node, value in enumerate(mass) if value > 0]
    return _peel(heap, mass, starts, neighbour, link_weight)


def _peel(
    heap: list[tuple[float, int]],
    mass: list[float],
    starts: list[int],
    neighbour: list[int],
    link_weight: list[float],
) -> tuple[Ints, float]:
    """Takes the lightest node away until none is left; the best moment's nodes and their density."""
    heapq.heapify(heap)
    nodes, edges = len(heap), sum(value for value, _ in heap) / 2
    best, best_at, removed = edges / nodes if nodes else 0.0, 0, []
    gone = [value <= 0 for value in mass]
    present = [node for _, node in heap]
    while heap:
        value, node = heapq.heappop(heap)
        if gone[node] or value > mass[node] + 1e-9:
            continue
        gone[node] = True
        removed.append(node)
        edges -= mass[node]
        nodes -= 1
        for place in range(starts[node], starts[node + 1]):
            other = neighbour[place]
            if not gone[other]:
                mass[other] -= link_weight[place]
                heapq.heappush(heap, (mass[other], other))
        if nodes and edges / nodes > best:
            best, best_at = edges / nodes, len(removed)
    out = set(removed[:best_at])
    return np.array([node for node in present if node not in out], dtype=np.int64), best


def _bipartite(links: Links, kept: npt.NDArray[np.bool_]) -> igraph.Graph:
    edges = np.column_stack([links.account[kept], links.identifier[kept] + links.accounts])
    return igraph.Graph(n=links.accounts + links.identifiers, edges=edges)


def _group_sizes(group: npt.NDArray[np.int64], accounts: int) -> Floats:
    own = group[:accounts]
    sizes: Floats = np.bincount(own)[own].astype(float)
    return sizes


BASELINES: dict[str, Callable[[Links], Floats]] = {
    "max sharing": max_sharing,
    "sum of sharing": sum_sharing,
    "7-day velocity": velocity,
    "WCC, identifiers of 10 at most": components,
    "Louvain community size": louvain,
    "FRAUDAR, 3 blocks": fraudar,
}
