"""A graph is written and read under one table of kinds: another one is refused before it does harm."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, LiteralString

import pytest
from click.testing import CliRunner, Result

from service import bootstrap
from service.cli.kinds import command
from service.errors import InputError, NotFoundError, SettingsError
from service.graph import kinds_in_use, queries, schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.model import kinds
from service.privacy.erase import erase
from service.rings import allow_list
from service.settings import Settings
from tests.support import events, work
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


def ringsight(settings: Settings, *arguments: str) -> Result:
    return CliRunner().invoke(command, arguments, env=work.environment(settings), catch_exceptions=False)


def test_a_kind_leaves_the_graph(graph: Graph, settings: Settings, filled: Path) -> None:
    allow_list.add(graph, "wallet", "wa_x", "ana", "our till")
    allow_list.add(graph, "device", "dv_x", "ana", "our tablet")
    with pytest.raises(InputError, match="the table of kinds still has wallet"):
        ringsight(settings, "remove", "wallet")
    kinds.use(None)
    with pytest.raises(NotFoundError, match=r"no kind wallt; it has .*wallet"):
        ringsight(settings, "remove", "wallet", "wallt")
    said = "wallet: 1 identifiers, 1 links, 1 entries of the allow-list"
    assert ringsight(settings, "remove", "wallet", "--dry-run").output == f"would remove {said}\n"
    with pytest.raises(SettingsError, match="ringsight kinds remove wallet"):
        schema.apply(graph)
    unnoted, removals = noted(graph)
    assert ringsight(settings, "remove", "wallet").output == f"removed {said}\n"
    assert noted(graph) == (unnoted + 1, removals + 1), "the read index is built anew, a pass under way writes nothing"
    schema.apply(graph)
    assert rows(graph, "MATCH (n:Wallet) RETURN n") == rows(graph, "MATCH ()-[r:HAS_WALLET]->() RETURN r") == []
    assert rows(graph, "MATCH (n:Allowed) RETURN n.kind AS kind") == [{"kind": "device"}]
    assert rows(graph, "MATCH (a:Account) RETURN a.id AS id") == [{"id": "a1"}]
    assert rows(graph, "SHOW CONSTRAINTS YIELD name WHERE name = 'wallet_id' RETURN name") == []
    with pytest.raises(NotFoundError, match="no kind wallet"):
        ringsight(settings, "remove", "wallet")


@pytest.mark.parametrize("name", ["count_kind", "remove_kind_links", "remove_kind_nodes"])
def test_a_removal_looks_at_the_nodes_of_its_kind_only(graph: Graph, name: str) -> None:
    def operators(plan: dict[str, Any]) -> set[str]:
        return {plan["operatorType"].partition("@")[0]}.union(*map(operators, plan.get("children", [])))

    text = f"EXPLAIN {queries.load(f'ingest/{name}').text}"
    plan = graph.driver.execute_query(text, called="x", database_=graph.address.database).summary.plan
    assert plan is not None and "NodeByLabelScan" in operators(plan)
    assert not any(name.startswith("All") for name in operators(plan))


def test_a_removal_that_is_killed_goes_on_when_it_is_called_again(
    graph: Graph, settings: Settings, filled: Path
) -> None:
    rows(graph, "UNWIND range(1, 2500) AS n CREATE (:Wallet {id: 'wa_' + n})")
    kinds.use(None)
    call = [sys.executable, "-m", "service.cli", "kinds", "remove", "wallet"]
    with graph.driver.session(database=graph.address.database) as session, session.begin_transaction() as held:
        # The removal comes to this one last, and waits for it.
        held.run("MATCH (w:Wallet) WITH w ORDER BY id(w) DESC LIMIT 1 SET w.held = true").consume()
        with subprocess.Popen(call, env=os.environ | work.environment(settings)) as process:
            wait_until(lambda: wallets(graph) == 501)
            process.kill()
        under_way = "SHOW TRANSACTIONS YIELD currentQuery AS q WHERE q STARTS WITH '// name: remove_kind' RETURN q"
        wait_until(lambda: not rows(graph, under_way))
    assert wallets(graph) == 501
    with pytest.raises(SettingsError, match="ringsight kinds remove wallet"):
        schema.apply(graph)
    said = ringsight(settings, "remove", "wallet").output
    assert said == "removed wallet: 501 identifiers, 0 links, 0 entries of the allow-list\n"
    schema.apply(graph)
    assert wallets(graph) == 0


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def wallets(graph: Graph) -> int:
    return int(rows(graph, "MATCH (w:Wallet) RETURN count(w) AS n")[0]["n"])


def rows(graph: Graph, text: LiteralString) -> list[dict[str, Any]]:
    with graph.driver.session(database=graph.address.database) as session:
        return session.run(text).data()


def noted(graph: Graph) -> tuple[int, int]:
    """How many changes the read index has no note of, and how many removals passes know of."""
    found = rows(
        graph,
        "MERGE (x:Pointer {name: 'index'}) MERGE (p:Pointer {name: 'published'}) "
        "RETURN coalesce(x.unnoted, 0) AS unnoted, coalesce(p.removals, 0) AS removals",
    )
    return found[0]["unnoted"], found[0]["removals"]
