"""Exchanges the token key: everything that is kept under a token is brought to a new key (docs/adr/0013)."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.decisions.index import build, records
from service.decisions.index.store import IndexStore
from service.detection.detection_lock import detection_lock
from service.detection.incremental_lease import wait_for_incremental_pass
from service.errors import UnavailableError
from service.graph.client import Graph
from service.ingest.tokens import TOKEN, Tokeniser, key_id_of, load_tokeniser
from service.keyfile import SECRET_BYTES, add_secret
from service.loading.naming import graph_tokeniser
from service.logs import Progress
from service.model.kinds import kinds

PAGE = 10_000

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Rotated:
    """An exchange: the new key's id, what was brought to it, and for how many seconds workers were held back."""

    key_id: str
    identifiers: int
    texts: int
    seconds: float


def rotate(graph: Graph, home: Path, ip_plain: bool, store: IndexStore) -> Rotated:
    """Makes a key, brings all to it and builds the index anew. Events wait in their log and decisions come from the
    index as it was until then. Goes on where an exchange that was stopped left off.

    Raises ConflictError while a detection run is going on. The caller keeps others from building the index.
    """
    with detection_lock(home, "an exchange of the token key"):
        started = time.monotonic()
        tokeniser = load_tokeniser(home, ip_plain)
        graph_tokeniser(graph, tokeniser)
        graph.write("security/token_key_changing")
        graph.write("security/token_key_settled")
        wait_for_incremental_pass(graph)
        if graph.read("security/token_key")[0]["key"] == tokeniser.key_id:
            tokeniser = _with_new_key(home, tokeniser)
        identifiers = sum(_rename(graph, store, tokeniser, old) for old in tokeniser.key_ids[:-1])
        texts = sum(_rewrite(graph, tokeniser, old) for old in tokeniser.key_ids[:-1])
        graph.write("serve/forget_drawings", rings=None)
        build.rebuild(graph, store, tokeniser.key_id)
        graph.write("security/token_key_done", key=tokeniser.key_id)
        return Rotated(tokeniser.key_id, identifiers, texts, time.monotonic() - started)


def _with_new_key(home: Path, tokeniser: Tokeniser) -> Tokeniser:
    """The tokeniser with one more key, which is in the key file before anything is under it."""
    secret = secrets.token_bytes(SECRET_BYTES)
    while key_id_of(secret) in tokeniser.key_ids:  # ids are short, and tell keys apart
        secret = secrets.token_bytes(SECRET_BYTES)
    add_secret(home, "token", secret)
    return load_tokeniser(home, tokeniser.ip_plain)


def _rename(graph: Graph, store: IndexStore, tokeniser: Tokeniser, old: str) -> int:
    """Renames the identifiers under one old key. What the index learned of them since its last build comes along."""
    done = 0
    with Progress("identifiers brought to the new key") as progress:
        for kind in kinds().every:
            name = kind.name
            for pairs in _pages(graph, tokeniser, name, old):
                if kind in kinds().evidence:  # others are not in the index
                    _copy_live(store, name, pairs)
                graph.write(f"security/rename_tokens@{name}", rows=pairs)
                progress.advance(len(pairs))
                done += len(pairs)
    return done


def _pages(graph: Graph, tokeniser: Tokeniser, kind: str, old: str) -> Iterator[Pairs]:
    """(id, new id) of the identifiers of a kind under an old key, until there are no more."""
    while tokens := graph.read(f"security/old_tokens@{kind}", key=old, page=PAGE)[0]["tokens"]:
        yield [(token, tokeniser.current(token)) for token in tokens]


def _copy_live(store: IndexStore, kind: str, pairs: Pairs) -> None:
    try:
        lives = store.live([records.key(kind, old) for old, _ in pairs])
    except UnavailableError:
        return  # the build that follows says so
    known = {records.key(kind, new): data for (_, new), data in zip(pairs, lives, strict=True) if data is not None}
    store.change(list(known), lambda key, _before: known[key])


def _rewrite(graph: Graph, tokeniser: Tokeniser, old: str) -> int:
    """Brings the tokens in reasons and on the allow-list to the new key. Returns how many texts held any."""

    def new(text: str | None) -> str | None:
        return text if text is None else TOKEN.sub(lambda match: tokeniser.current(match[0]), text)

    allowed = [
        (row["kind"], row["identifier"], tokeniser.current(row["identifier"])) for row in graph.read("detect/allowed")
    ]
    changed = [row for row in allowed if row[1] != row[2]]
    graph.write("security/set_token_texts", rings=[], accounts=[], allowed=changed)
    done, after = len(changed), ""
    while True:
        page = graph.read("security/token_texts", key=old, after=after, page=PAGE)[0]
        rings, accounts = ([[row[0], *map(new, row[1:])] for row in page[name]] for name in ("rings", "accounts"))
        graph.write("security/set_token_texts", rings=rings, accounts=accounts, allowed=[])
        done += len(rings) + len(accounts)
        if len(accounts) < PAGE:
            return done
        after = accounts[-1][0]
