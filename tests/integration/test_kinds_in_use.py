"""A graph is written and read under one table of kinds: another one is refused before it does harm."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from service import bootstrap
from service.errors import SettingsError
from service.graph import kinds_in_use, schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model import kinds
from service.privacy.erase import erase
from service.settings import Settings
from tests.support import events
from tests.support.database import wipe

WALLET = """
[[kind]]
name = "wallet"
field = "wallet"
label = "Wallet"
link = "HAS_WALLET"
prefix = "wa"
role = "strong"
"""


@pytest.fixture
def filled(graph: Graph, settings: Settings, tmp_path: Path) -> Iterator[Path]:
    """A graph with a wallet, under a table that has wallets; the built-in table is in use again after it."""
    table = tmp_path / "own.toml"
    table.write_text(kinds.BUILT_IN.read_text() + WALLET)
    kinds.use(table)
    try:
        wipe(graph)
        row = {"account_id": "a1", "type": "signup", "occurred_at": "2026-03-01T12:00:00Z", "wallet": "0xabc"}
        path = events.write(tmp_path / "one.jsonl", [row])
        FileIngest(graph, load_tokeniser(settings.home, settings.ip_plain), settings.home, 100).run([path])
        yield table
    finally:
        kinds.use(None)
        wipe(graph)


def test_a_table_that_lacks_a_kind_of_the_graph_is_refused(graph: Graph, settings: Settings, filled: Path) -> None:
    kinds_in_use.check(graph)
    kinds.use(None)
    for act in (schema.apply, kinds_in_use.check, lambda graph: erase(settings, graph, None, ["a1"])):  # type: ignore
        with pytest.raises(SettingsError, match=r"the graph has the kind wallet.*RINGSIGHT_IDENTIFIERS"):
            act(graph)
    with pytest.raises(SettingsError, match="wallet"):
        bootstrap.open_graph(settings)


@pytest.mark.parametrize(
    ("key", "old", "new"), [("label", "Wallet", "Purse"), ("link", "HAS_WALLET", "HOLDS"), ("prefix", "wa", "wx")]
)
def test_a_table_that_writes_a_kind_otherwise_is_refused(
    graph: Graph, filled: Path, key: str, old: str, new: str
) -> None:
    filled.write_text(filled.read_text().replace(f'{key} = "{old}"', f'{key} = "{new}"'))
    kinds.use(filled)
    with pytest.raises(SettingsError, match=f'wallet has {key} = "{old}" in the graph, "{new}" in this table'):
        schema.apply(graph)


def test_a_kind_may_leave_the_table_as_the_documents_say(graph: Graph, filled: Path) -> None:
    with graph.driver.session(database=graph.address.database) as session:
        session.run("MATCH (n:Wallet) DETACH DELETE n").consume()
        note = "MATCH (p:Pointer {name: 'kinds'}) SET p.kinds = [kind IN p.kinds WHERE NOT kind CONTAINS '\"Wallet\"']"
        session.run(note).consume()
    kinds.use(None)
    schema.apply(graph)
