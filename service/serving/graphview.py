"""A ring's graph as a page draws it: fewer than 500 elements, whatever the ring's size.

A small ring is drawn whole. A large one is folded in the database: accounts with the same shared identifiers become
one bundle. Which identifiers count is chosen so that few bundles hold most accounts: all kinds, cards and devices,
cards, devices, or, for accounts that share only exits, their first well-used exit.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Any

from service.errors import NotFoundError
from service.graph.client import Graph
from service.model.kinds import BY_LABEL

MAX_ELEMENTS = 498
MAX_BUNDLES = 60
POPULAR_EACH = 24  # identifiers of each kind that a folded ring shows by itself
EXITS = 60  # well-used exits that accounts may be bundled by
KEYS_EACH = 3  # identifiers of a bundle that are always shown
# How good each fold is if it holds all accounts: the same exit says less than the same card.
FOLDS = {"all": 1.0, "cards_devices": 1.0, "payment_method": 1.0, "device": 1.0, "ip": 0.4}
ENOUGH_HELD = 0.9  # of the accounts: stop looking for a better fold
ALL_MAX_LINKS = 40_000  # comparing whole sets takes too long beyond this
OPEN_LIMIT = 60  # accounts shown of an opened bundle
OPEN_IDENTIFIERS = 40  # and identifiers

Row = dict[str, Any]


def ring_graph(graph: Graph, ring_id: str, size: int) -> Row:
    """The graph of a ring with `size` members: nodes, links, whether it is folded, and what there is in all."""
    rows = graph.read("serve/graph_shared", id=ring_id, each=EXITS)
    shared = rows[0]
    totals = {"accounts": size, "identifiers": shared["identifiers"], "links": shared["links"]}
    for least, nodes, links in ((1, "identifiers", "links"), (2, "shared", "shared_links")):
        if size + shared[nodes] + shared[links] <= MAX_ELEMENTS:
            return {"folded": False, "fold": None, "bundles": 0, "totals": totals} | _whole(graph, ring_id, least)
    return {"folded": True, "totals": totals} | _folded(graph, ring_id, size, shared)


def open_bundle(graph: Graph, ring_id: str, ids: list[str]) -> Row:
    """Up to 60 accounts of the ring that use all these identifiers, with the identifiers that most of them use."""
    found = graph.read("serve/graph_open", id=ring_id, ids=ids, limit=OPEN_LIMIT)[0]
    if not found["accounts"]:
        raise NotFoundError(f"no account of ring {ring_id!r} uses all of these identifiers now; load its graph again")
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
    exits = [i["id"] for found in shared["popular"] for i in found if i["kind"] == "IP"]
    fold, bundles, groups = _choose(graph, ring_id, size, shared["links"], exits)
    popular = {i["id"]: i for found in shared["popular"] for i in found[:POPULAR_EACH]}
    members = {i["id"]: i for found in shared["popular"] for i in found}
    drawn = list(popular) + [i for bundle in bundles for i in bundle["key"][:KEYS_EACH] if i not in popular]
    links = graph.read(
        "serve/graph_bundles",
        id=ring_id,
        fold=fold,
        exits=exits,
        keys=[bundle["key"] for bundle in bundles],
        drawn=list(dict.fromkeys(drawn)),
        links=max(MAX_ELEMENTS - len(bundles) - len(set(drawn)), 60),
    )[0]["links"]
    labels = {kind.link: kind.label for kind in BY_LABEL.values()}
    used = {link["target"]: labels[link["type"]] for link in links}
    identifiers = [
        {"id": i, "kind": kind, "members": members[i]["members"] if i in members else _sum(links, i)}
        for i, kind in used.items()
    ]
    rest = size - sum(bundle["accounts"] for bundle in bundles)
    if rest > 0:
        bundles = [*bundles, {"key": [], "accounts": rest, "risk": None, "first_seen": None}]
    return {
        "fold": fold,
        "bundles": groups,
        "nodes": [_bundle_node(bundle) for bundle in bundles] + [_identifier_node(i) for i in identifiers],
        "links": [{**_link(link), "source": _bundle_id(link["key"]), "accounts": link["accounts"]} for link in links],
    }


def _choose(graph: Graph, ring_id: str, size: int, links: int, exits: list[str]) -> tuple[str, list[Row], int]:
    """The fold whose largest bundles hold most accounts; the first that holds enough wins."""
    best: tuple[str, list[Row], int] = ("ip", [], 0)
    best_value = -1.0
    for fold, worth in FOLDS.items():
        if fold == "all" and links > ALL_MAX_LINKS:
            continue
        row = graph.read("serve/graph_folds", id=ring_id, fold=fold, exits=exits, groups=MAX_BUNDLES)[0]
        held = sum(bundle["accounts"] for bundle in row["bundles"])
        if held * worth > best_value:
            best, best_value = (fold, row["bundles"], row["groups"]), held * worth
        if held >= ENOUGH_HELD * size:
            break
    return best


def drawing(accounts: list[Row], identifiers: list[Row], links: list[Row]) -> Row:
    """Nodes and links of single accounts, as a page draws them."""
    return {
        "nodes": [{"kind": "account", **account} for account in accounts] + [_identifier_node(i) for i in identifiers],
        "links": [{**_link(link), "source": link["source"], "accounts": 1} for link in links],
    }


def _identifier_node(identifier: Row) -> Row:
    kind = BY_LABEL.get(identifier["kind"])
    name = kind.name if kind else identifier["kind"].lower()
    return {"id": identifier["id"], "kind": name, "members": identifier["members"]}


def _bundle_node(bundle: Row) -> Row:
    return {
        "id": _bundle_id(bundle["key"]),
        "kind": "bundle" if bundle["key"] else "rest",
        "accounts": bundle["accounts"],
        "risk": bundle["risk"] and round(bundle["risk"], 3),
        "first_seen": bundle["first_seen"],
        "identifiers": bundle["key"],
    }


def _bundle_id(key: list[str]) -> str:
    return "bundle-" + hashlib.sha256("\n".join(key).encode()).hexdigest()[:16]


def _link(link: Row) -> Row:
    return {name: link[name] for name in ("target", "type", "uses", "first_seen", "last_seen")}


def _sum(links: list[Row], identifier: str) -> int:
    return int(sum(link["accounts"] for link in links if link["target"] == identifier))
