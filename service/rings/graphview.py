"""A ring's graph as a page draws it: fewer than 500 elements, whatever the ring's size.

A small ring is drawn whole. A large one is folded in the database: accounts with the same shared identifiers become
one bundle. Which identifiers count is chosen so that few bundles hold most accounts: all kinds, the strong ones (cards,
devices), one of those, or, for accounts that share only exits, their first well-used exit.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

import orjson

from service.errors import NotFoundError
from service.graph.client import Graph
from service.logs import Progress
from service.model.kinds import Table, kinds

MAX_ELEMENTS = 498
MAX_BUNDLES = 60
POPULAR_EACH = 24  # identifiers of each kind that a folded ring shows by itself
EXITS = 60  # well-used exits that accounts may be bundled by
KEYS_EACH = 3  # identifiers of a bundle that are always shown
# How much the same identifier says, by its role: the same exit less than the same card.
WORTH = {"strong": 1.0, "place": 0.2}
ENOUGH_HELD = 0.9  # of the accounts: then a finer fold is good enough
LEAST_HELD = 0.3  # and then a single kind is
OPEN_LIMIT = 60  # accounts shown of an opened bundle
OPEN_IDENTIFIERS = 40  # and identifiers
BIRTHS = 24  # moments by which a bundle's growth is drawn

Row = dict[str, Any]


def ring_graph(graph: Graph, ring: Row) -> Row:
    """The graph of a ring (its `id`, `run` and `size`): nodes, links, whether it is folded, and what there is in all.

    A folded graph takes about a second to make. It is kept in the database, for all who look, until another run is
    published or the ring has other members.
    """
    if ring["size"] <= MAX_ELEMENTS:
        return _made(graph, ring["id"], ring["size"])
    named = {name: ring[name] for name in ("id", "run", "size")}
    if kept := graph.read("serve/drawing", **named):
        found: Row = orjson.loads(kept[0]["text"])
        return found
    made = _made(graph, ring["id"], ring["size"])
    graph.write("serve/keep_drawing", text=orjson.dumps(made).decode(), **named)
    return made


def draw_large(graph: Graph) -> None:
    """Makes the graphs of the published run's large rings, so that nobody waits for them."""
    graph.write("serve/forget_drawings", rings=None)
    large = graph.read("serve/large_rings", above=MAX_ELEMENTS)[0]["rings"]
    with Progress("drawing large rings", len(large)) as progress:
        for ring in large:
            ring_graph(graph, ring)
            progress.advance()


def _made(graph: Graph, ring_id: str, size: int) -> Row:
    rows = graph.read("serve/graph_shared", id=ring_id, each=EXITS)
    shared = {**rows[0], "counts": dict(rows[0]["counts"])}
    totals = {"accounts": size, "identifiers": shared["identifiers"], "links": shared["links"]}
    for least, nodes, links in ((1, "identifiers", "links"), (2, "shared", "shared_links")):
        if size + shared[nodes] + shared[links] <= MAX_ELEMENTS:
            return {"folded": False, "fold": None, "bundles": 0, "totals": totals} | _whole(graph, ring_id, least)
    return {"folded": True, "totals": totals} | _folded(graph, ring_id, size, shared)


def open_bundle(graph: Graph, ring_id: str, ids: list[str]) -> Row:
    """Up to 60 accounts of the ring that use all these identifiers, with the identifiers that most of them use. Of more
    than that, those with the highest and those with the lowest risk."""
    found = graph.read("serve/graph_open", id=ring_id, ids=ids, limit=OPEN_LIMIT)[0]
    if not found["accounts"]:
        raise NotFoundError(f"no account of ring {ring_id!r} uses all of these identifiers now; load its graph again")
    return _opened(found, ids)


def open_rest(graph: Graph, ring: Row) -> Row:
    """The same for the accounts that are in none of the bundles of the ring's graph."""
    fold = ring_graph(graph, ring)["fold"]
    nodes: list[int] = []
    if fold:
        shared = graph.read("serve/graph_shared", id=ring["id"], each=EXITS)[0]
        others = _groups(graph, ring["id"], fold, _exits(shared))["others"]
        nodes = [member for members in others for member in members]
    if not nodes:
        raise NotFoundError(f"all accounts of ring {ring['id']!r} are drawn or in bundles; load its graph again")
    return _opened(graph.read("serve/graph_open_rest", id=ring["id"], nodes=nodes, limit=OPEN_LIMIT)[0], [])


def _opened(found: Row, ids: list[str]) -> Row:
    used = Counter(link["target"] for link in found["links"])
    shown = {i for i, count in used.most_common(OPEN_IDENTIFIERS) if count > 1 or i in ids}
    identifiers = [i for i in found["identifiers"] if i["id"] in shown]
    return drawing(found["accounts"], identifiers, [link for link in found["links"] if link["target"] in shown])


def _whole(graph: Graph, ring_id: str, least: int) -> Row:
    rows = graph.read("serve/graph_whole", id=ring_id, least=least)
    if not rows:
        return {"nodes": [], "links": []}
    return drawing(rows[0]["accounts"], rows[0]["identifiers"], rows[0]["links"])


def _folded(graph: Graph, ring_id: str, size: int, shared: Row) -> Row:
    exits = _exits(shared)
    fold, groups = _choose(graph, ring_id, size, shared, exits)
    bundles: list[Row] = groups["bundles"]
    if others := [member for members in groups["others"] for member in members]:
        births = [born for some in groups["others_births"] for born in some]
        rest = {"key": [], "accounts": len(others), "risk": None, "first_seen": None}
        bundles.append({**rest, "members": others, "births": births})
    popular = {i["id"]: i for found in shared["popular"] for i in found[:POPULAR_EACH]}
    members = {i["id"]: i for found in shared["popular"] for i in found}
    drawn = list(popular) + [i for bundle in bundles for i in bundle["key"][:KEYS_EACH] if i not in popular]
    links = graph.read(
        "serve/graph_bundles",
        members=[bundle["members"] for bundle in bundles],
        keys=[bundle["key"] for bundle in bundles],
        drawn=graph.read("serve/graph_drawn", ids=list(dict.fromkeys(drawn)))[0]["nodes"],
        links=max(MAX_ELEMENTS - len(bundles) - len(set(drawn)), 60),
    )[0]["links"]
    labels = {kind.link: kind.label for kind in kinds().sent}
    used = {link["target"]: labels[link["type"]] for link in links}
    identifiers = [
        {"id": i, "kind": kind, "members": members[i]["members"] if i in members else _sum(links, i)}
        for i, kind in used.items()
    ]
    return {
        "fold": fold,
        "bundles": groups["groups"],
        "nodes": [_bundle_node(bundle) for bundle in bundles] + [_identifier_node(i) for i in identifiers],
        "links": [{**_link(link), "source": _bundle_id(link["key"]), "accounts": link["accounts"]} for link in links],
    }


def _exits(shared: Row) -> list[int]:
    places = {kind.label for kind in kinds().place}
    return [i["node"] for found in shared["popular"] for i in found if i["kind"] in places]


def _choose(graph: Graph, ring_id: str, size: int, shared: Row, exits: list[int]) -> tuple[str, Row]:
    """The fold and its bundles (a row of serve/graph_folds). Whole sets and those of strong kinds are tried only where
    the counts of shared identifiers allow few bundles to hold most accounts; else the first single kind whose bundles
    hold enough, or most."""
    table = kinds()
    for fold, of, limit in (("all", table.evidence, MAX_BUNDLES), ("strong", table.strong, 2 * MAX_BUNDLES)):
        if 0 < sum(shared["counts"].get(kind.label, 0) for kind in of) <= limit:
            row = _groups(graph, ring_id, fold, exits)
            if sum(bundle["accounts"] for bundle in row["bundles"]) >= ENOUGH_HELD * size:
                return fold, row
    best: tuple[int, str, Row] | None = None
    for kind in _most_held(shared, table):
        row = _groups(graph, ring_id, kind, exits)
        accounts = sum(bundle["accounts"] for bundle in row["bundles"])
        if best is None or accounts > best[0]:
            best = accounts, kind, row
        if accounts >= LEAST_HELD * size:  # else accounts have several of this kind, in ever other combinations
            break
    assert best is not None
    return best[1], best[2]


def _most_held(shared: Row, table: Table) -> list[str]:
    """Names of the kinds that members share, those first that say most of most of them; at least one."""
    held = {}
    for found in shared["popular"]:
        kind = table.by_label.get(found[0]["kind"]) if found else None
        if kind is not None and kind.evidence:
            held[kind.name] = sum(i["members"] for i in found[:MAX_BUNDLES]) * WORTH[kind.role]
    return sorted(held, key=lambda name: -held[name]) or [table.evidence[-1].name]


def _groups(graph: Graph, ring_id: str, fold: str, exits: list[int]) -> Row:
    return graph.read("serve/graph_folds", id=ring_id, fold=fold, exits=exits, groups=MAX_BUNDLES)[0]


def drawing(accounts: list[Row], identifiers: list[Row], links: list[Row]) -> Row:
    """Nodes and links of single accounts, as a page draws them."""
    return {
        "nodes": [{"kind": "account", **account} for account in accounts] + [_identifier_node(i) for i in identifiers],
        "links": [{**_link(link), "source": link["source"], "accounts": 1} for link in links],
    }


def _identifier_node(identifier: Row) -> Row:
    kind = kinds().by_label.get(identifier["kind"])
    name = kind.name if kind else identifier["kind"].lower()
    counted: Row = {count: identifier[count] for count in ("members", "accounts") if count in identifier}
    return {"id": identifier["id"], "kind": name, **counted}


def _bundle_node(bundle: Row) -> Row:
    return {
        "id": _bundle_id(bundle["key"]),
        "kind": "bundle" if bundle["key"] else "rest",
        "accounts": bundle["accounts"],
        "risk": bundle["risk"] and round(bundle["risk"], 3),
        "first_seen": bundle["first_seen"],
        "identifiers": bundle["key"],
        "births": _moments(sorted(bundle["births"])),
    }


def _moments(births: list[int]) -> list[int]:
    """Up to 24 of many sorted times, evenly by rank, the last one among them."""
    count = min(len(births), BIRTHS)
    return [births[(n + 1) * len(births) // count - 1] for n in range(count)]


def _bundle_id(key: list[str]) -> str:
    return "bundle-" + hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]


def _link(link: Row) -> Row:
    return {name: link[name] for name in ("target", "type", "uses", "first_seen", "last_seen")}


def _sum(links: list[Row], identifier: str) -> int:
    return int(sum(link["accounts"] for link in links if link["target"] == identifier))
