"""Erasing a person: graph, event log, read index, decisions, rejects; then a grep of the whole home for the id."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from service import bootstrap
from service.decisions.index.freshness import LiveLink
from service.graph.client import Graph
from service.ingest.tokens import ACCOUNT_PREFIX, load_tokeniser
from service.privacy.retention import expire
from service.security.journal import Journal
from service.security.roles import Role
from service.settings import Settings
from tests.support import rings
from tests.support.security import bearer

PERSON = "sm-00005"
SKIPPED = ("engine", "neo4j")  # the database's own files: a deleted node's bytes go when its records are used again


@pytest.fixture(scope="module")
def served(graph: Graph, settings: Settings, home: Path) -> Iterator[FlaskClient]:
    rings.write(graph, rings.SMALL, honest=20)
    bootstrap.rebuild_index(settings, graph)
    app = bootstrap.application(settings.model_copy(update={"auth": "keys"}))
    with app.test_client() as client:
        yield client
    app.extensions["ringsight"].close()


@pytest.fixture(scope="module")
def admin(home: Path) -> dict[str, str]:
    # The graph has time to answer, however busy the machine is.
    return {**bearer(home, Role.ADMIN, name="privacy"), "X-Deadline-Ms": "5000"}


def holding(home: Path, text: str) -> list[str]:
    """Files of a home, beside the database's, that hold a text.

    lock.mdb holds none, and closing it after a read would drop this process's own locks on it (fcntl)."""
    found = []
    for path in sorted(home.rglob("*")):
        ours = (
            path.is_file()
            and path.name != "lock.mdb"
            and not any(part.startswith(SKIPPED) for part in path.relative_to(home).parts)
        )
        if ours and text.encode() in path.read_bytes():
            found.append(str(path.relative_to(home)))
    return found


def event(account: str, **more: Any) -> dict[str, Any]:
    return {"account_id": account, "occurred_at": datetime.now(UTC).isoformat(), "device_id": "d-1", **more}


def test_a_person_leaves_every_store(
    served: FlaskClient, admin: dict[str, str], home: Path, settings: Settings, graph: Graph
) -> None:
    sent = served.post(
        "/v1/events", json=[event(PERSON), event("sm-00006"), event(PERSON, ip="nonsense")], headers=admin
    )
    assert sent.status_code == 202, sent.text
    decision = served.get(f"/v1/accounts/{PERSON}/risk", headers=admin)
    assert decision.status_code == 200 and decision.get_json()["ring"] == rings.SMALL.id
    other = served.get("/v1/accounts/sm-00006/risk", headers=admin).get_json()
    before = holding(home, PERSON)
    assert {name.partition("/")[0] for name in before} >= {"eventlog", "rejects", "decisions"}

    gone = served.delete(f"/v1/accounts/{PERSON}", headers=admin)

    assert gone.status_code == 200, gone.text
    found = gone.get_json()
    assert {name: found[name] for name in ("accounts", "links", "events", "rejects", "decisions", "index")} == {
        "accounts": 1,
        "links": 4,
        "events": 2,
        "rejects": 1,
        "decisions": 1,
        "index": True,
    }
    assert found["rings"] == {rings.SMALL.id: rings.SMALL.accounts - 1}
    assert served.get(f"/v1/accounts/{PERSON}/risk", headers=admin).status_code == 404
    assert served.get(f"/v1/accounts/{PERSON}", headers=admin).status_code == 404
    ring = served.get(f"/v1/rings/{rings.SMALL.id}", headers=admin)
    assert ring.status_code == 200 and ring.get_json()["size"] == rings.SMALL.accounts - 1
    kept = served.get(f"/v1/decisions/{decision.get_json()['id']}", headers=admin).get_json()
    assert (kept["score"], kept["account"], kept["reasons"]) == (decision.get_json()["score"], "", [])
    assert served.get(f"/v1/decisions/{other['id']}", headers=admin).get_json()["account"] == "sm-00006"
    assert holding(home, PERSON) == []
    assert served.delete(f"/v1/accounts/{PERSON}", headers=admin).status_code == 404

    *_, line, asked_again, refused = Journal(home).lines()
    token = load_tokeniser(home, settings.ip_plain).token(ACCOUNT_PREFIX, PERSON)
    assert (line["what"], line["target"]) == ("DELETE /v1/accounts/<account:id>", {"id": token})
    assert (asked_again["target"], refused["status"]) == ({"id": token}, 404)
    assert "privacy" in line["who"]
    Journal(home).verify()


def test_whoever_signs_up_again_is_known_again(
    served: FlaskClient, admin: dict[str, str], settings: Settings, graph: Graph
) -> None:
    link = LiveLink(PERSON, "device", "dv_sm0001", int(time.time()), True)
    assert bootstrap.freshness(settings).apply([link])
    assert served.get(f"/v1/accounts/{PERSON}/risk", headers=admin).get_json()["ring"] != rings.SMALL.id


def test_decisions_in_parquet_are_blanked_too(tmp_path: Path) -> None:
    import polars as pl

    from service.decisions.parquet import SCHEMA
    from service.privacy.forget import erase_decisions

    row = {name: None for name in SCHEMA} | {
        "account": "a",
        "ring": "R-1",
        "reasons": "[1]",
        "inputs": "[]",
        "score": 5.0,
    }
    frame = pl.DataFrame([row | {"id": "1"}, row | {"id": "2", "account": "b"}], schema=SCHEMA)
    frame.write_parquet(tmp_path / "20261101-x.parquet")
    assert erase_decisions(tmp_path, ["a"]) == 1
    rows = pl.read_parquet(tmp_path / "20261101-x.parquet").rows(named=True)
    assert [(one["account"], one["ring"], one["reasons"], one["score"]) for one in rows] == [
        ("", None, "[]", 5.0),
        ("b", "R-1", "[1]", 5.0),
    ]


def test_the_command_erases_several_and_says_what(graph: Graph, settings: Settings, home: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "service.cli", "erase", "sm-00001", "sm-00002", "nobody"],
        env={**os.environ, "RINGSIGHT_HOME": str(home)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "Erased 2 of 3 accounts" in done.stdout and f"{rings.SMALL.id} now" in done.stdout
    assert sum(line["what"] == "ringsight erase" for line in Journal(home).lines()) == 3
    assert "sm-00001" not in json.dumps(list(Journal(home).lines()))


def test_retention_erases_who_was_not_seen_for_long(graph: Graph, settings: Settings) -> None:
    old, new = datetime.now(UTC) - timedelta(days=400), datetime.now(UTC) - timedelta(days=300)
    graph.driver.execute_query(
        "MATCH (a:Account) SET a.last_seen = $new WITH a WHERE a.id STARTS WITH 'honest' SET a.last_seen = $old",
        old=old,
        new=new,
        database_=graph.address.database,
    )
    with closing(bootstrap.index_store(settings)) as index:
        assert expire(settings, graph, index).accounts == 0
        kept = settings.model_copy(update={"accounts_keep_days": 365})
        assert expire(kept, graph, index).accounts == 20
        assert expire(kept, graph, index).accounts == 0
    assert graph.read("serve/count_accounts")[0]["accounts"] == rings.SMALL.accounts - 3
