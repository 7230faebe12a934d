"""`ringsight ingest` on the real engine: what it writes, and that nothing is lost or doubled whatever happens."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from service.errors import ConflictError, InputError
from service.graph.client import Graph
from service.ingest.tokens import Tokeniser
from service.loading.files import FileIngest, IngestCounts
from tests.support import events
from tests.support.database import wipe
from tests.support.digest import digest

TOKENISER = Tokeniser(b"t" * 32)


@pytest.fixture(autouse=True)
def empty(graph: Graph) -> None:
    wipe(graph)


def ingest(graph: Graph, home: Path, *paths: Path, batch_size: int = 200) -> IngestCounts:
    return FileIngest(graph, TOKENISER, home, batch_size).run(list(paths))


def query(graph: Graph, text: str) -> list[dict[str, Any]]:
    with graph.driver.session() as session:
        return session.run(text).data()


def test_a_signup_decides_when_an_account_was_made_and_links_keep_their_span(graph: Graph, tmp_path: Path) -> None:
    rows: list[dict[str, Any]] = [
        {"account_id": "a", "occurred_at": "2026-03-05T00:00:00.25Z", "ip": "1.2.3.4", "uses": 2},
        {"account_id": "a", "occurred_at": "2026-03-02T00:00:00Z", "type": "signup", "ip": "::ffff:1.2.3.4"},
        {"account_id": "b", "occurred_at": "2026-03-03T00:00:00Z", "ip": "2001:db8:1:2::9", "device_id": "d"},
    ]
    later: list[dict[str, Any]] = [
        {"account_id": "a", "occurred_at": "2026-03-01T00:00:00Z", "ip": "1.2.3.4", "uses": 5},
        {"account_id": "b", "occurred_at": "2026-03-09T00:00:00Z", "type": "signup"},
        {"account_id": "b", "occurred_at": "2026-03-08T00:00:00Z", "device_id": "d"},
    ]
    counts = ingest(graph, tmp_path, events.write(tmp_path / "1", rows), events.write(tmp_path / "2", later))
    # two accounts and addresses, a device; a network, and of IPv6 a network, subnet and block
    assert (counts.nodes, counts.links) == (9, 3), "what comes again is not new"
    accounts = query(
        graph,
        "MATCH (a:Account) RETURN a.id AS id, toString(a.created_at) AS at, a.created_from AS source, a.uses AS uses, "
        "a.created_s = a.created_at.epochSeconds AS same, toString(a.last_seen) AS last ORDER BY id",
    )
    assert accounts == [
        {"id": "a", "at": "2026-03-02T00:00:00Z", "source": "signup", "uses": 8, "same": True}
        | {"last": "2026-03-05T00:00:00.25Z"},
        {"id": "b", "at": "2026-03-09T00:00:00Z", "source": "signup", "uses": 3, "same": True}
        | {"last": "2026-03-09T00:00:00Z"},
    ]
    links = query(
        graph,
        "MATCH (a:Account)-[l]->(i) RETURN a.id AS a, type(l) AS type, i.id AS id, toString(l.first_seen) AS first, "
        "l.first_s = l.first_seen.epochSeconds AS same, toString(l.last_seen) AS last, l.uses AS uses ORDER BY a, type",
    )
    ipv6 = "2001:db8:1:2::/64"
    assert links == [
        {"a": "a", "type": "CONNECTS_FROM", "id": "1.2.3.4", "first": "2026-03-01T00:00:00Z", "same": True}
        | {"last": "2026-03-05T00:00:00.25Z", "uses": 8},
        {"a": "b", "type": "CONNECTS_FROM", "id": ipv6, "first": "2026-03-03T00:00:00Z", "same": True}
        | {"last": "2026-03-03T00:00:00Z", "uses": 1},
        {"a": "b", "type": "USES_DEVICE", "id": TOKENISER.token("dv", "d"), "first": "2026-03-03T00:00:00Z"}
        | {"same": True, "last": "2026-03-08T00:00:00Z", "uses": 2},
    ]
    networks = query(graph, "MATCH (i:IP)-[:IN]->(n:Network) RETURN i.id AS ip, n.id AS network ORDER BY ip")
    assert networks == [{"ip": "1.2.3.4", "network": "1.2.3.0/24"}, {"ip": ipv6, "network": "2001:db8:1::/48"}]


def test_forms_and_cuts_give_the_same_graph(graph: Graph, tmp_path: Path) -> None:
    rows = events.stream(900)
    ingest(graph, tmp_path, events.write(tmp_path / "lines", rows))
    first = digest(graph)
    assert first.uses == events.uses(rows)
    wipe(graph)
    pl.DataFrame(rows[:500]).write_parquet(tmp_path / "half.parquet")
    pl.DataFrame(rows[500:]).write_csv(tmp_path / "half.csv")
    counts = ingest(graph, tmp_path, tmp_path / "half.csv", tmp_path / "half.parquet", batch_size=37)
    assert digest(graph) == first
    assert counts.events == 900 and counts.refused == counts.duplicates == 0


def test_the_same_file_counts_once_under_any_name(graph: Graph, tmp_path: Path) -> None:
    rows = events.stream(300, ids=False)
    path = events.write(tmp_path / "one", rows)
    ingest(graph, tmp_path, path)
    first = digest(graph)
    counts = ingest(graph, tmp_path, path, events.write(tmp_path / "two", rows))
    assert len(counts.already) == 2 and counts.events == 0
    assert digest(graph) == first


def test_bad_rows_are_kept_with_reasons_and_the_good_ones_written(graph: Graph, tmp_path: Path) -> None:
    rows = events.stream(50)
    good = events.uses(rows)
    rows.insert(10, rows[0] | {"ip": "999.1.1.1", "event_id": None, "device_id": "secret-device", "note": "x"})
    rows.insert(20, rows[0])
    path = tmp_path / "mixed.jsonl"
    path.write_bytes(events.lines(rows) + b"no json\n")
    counts = ingest(graph, tmp_path, path)
    assert (counts.events, counts.refused, counts.duplicates) == (53, 1, 1)
    assert (counts.fields.refused, counts.fields.ignored) == ({"ip": 1}, {"note": 1})
    assert digest(graph).uses == good + rows[0]["uses"]
    (file,) = (tmp_path / "rejects").iterdir()
    kept = [json.loads(line) for line in file.read_text().splitlines()]
    assert [(line["source"], line["row"], line["field"]) for line in kept] == [
        ("mixed.jsonl", 53, "event"),
        ("mixed.jsonl", 11, "ip"),
    ]
    assert "secret-device" not in file.read_text()
    assert all(line["reason"] and line["remedy"] for line in kept)


def test_a_file_that_was_begun_with_other_rules_is_not_finished_with_these(graph: Graph, tmp_path: Path) -> None:
    path = events.write(tmp_path / "f", events.stream(10))
    ingest(graph, tmp_path, path)
    query(graph, "MATCH (s:IngestSource) SET s.state = 'reading'")
    with pytest.raises(ConflictError, match="begun with other rules"):
        FileIngest(graph, Tokeniser(b"t" * 32, ip_plain=False), tmp_path, 10).run([path])


def test_nothing_is_written_if_one_of_the_files_is_bad(graph: Graph, tmp_path: Path) -> None:
    path = events.write(tmp_path / "good", events.stream(10))
    with pytest.raises(InputError, match="is a folder"):
        ingest(graph, tmp_path, path, tmp_path)
    assert digest(graph).counts["accounts"] == 0


def test_a_file_that_grows_while_it_is_read_is_refused_before_more_is_written(graph: Graph, tmp_path: Path) -> None:
    path = events.write(tmp_path / "growing", events.stream(50))
    done = threading.Event()

    def grow() -> None:
        while not done.is_set():
            with path.open("ab") as file:
                file.write(events.lines(events.stream(1)))

    thread = threading.Thread(target=grow)
    thread.start()
    try:
        with pytest.raises(InputError, match="was written to while it was read"):
            for _ in range(50):
                ingest(graph, tmp_path, path)
    finally:
        done.set()
        thread.join()


def test_a_file_that_grew_since_it_was_ingested_is_refused(graph: Graph, tmp_path: Path) -> None:
    rows = events.stream(60)
    path = events.write(tmp_path / "growing", rows[:40])
    ingest(graph, tmp_path, path)
    before = digest(graph)
    other = events.write(tmp_path / "other", events.stream(50, seed=2))
    grown = events.write(path, rows)
    with pytest.raises(ConflictError, match="begins with growing, which was ingested before"):
        ingest(graph, tmp_path, other, grown)
    assert digest(graph) == before, "nothing was written, of the other file neither"
    end = len(events.lines(rows[:40]))
    (tmp_path / "rest").write_bytes(grown.read_bytes()[end:])
    ingest(graph, tmp_path, tmp_path / "rest", other)
    assert digest(graph).uses == events.uses(rows) + events.uses(events.stream(50, seed=2))


def test_two_ingests_of_one_file_at_once_lose_and_double_nothing(graph: Graph, tmp_path: Path) -> None:
    rows = events.stream(1500)
    path = events.write(tmp_path / "f", rows)
    ingest(graph, tmp_path, path, batch_size=100)
    clean = digest(graph)
    wipe(graph)
    other = events.write(tmp_path / "g", events.stream(600, seed=2))
    found: list[IngestCounts] = []
    threads = [
        threading.Thread(target=lambda paths=paths: found.append(ingest(graph, tmp_path, *paths, batch_size=100)))
        for paths in ([path], [path], [path])
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert digest(graph) == clean
    assert len(found) == 3
    assert sum(counts.links for counts in found) == clean.counts["links"], "each batch was written by one of them"
    ingest(graph, tmp_path, other)
    assert digest(graph).uses == clean.uses + events.uses(events.stream(600, seed=2))


def start(path: Path, batch_size: int) -> subprocess.Popen[bytes]:
    """`ringsight ingest` as a process of its own, in the home of the environment."""
    code = "import os, sys; os.environ['RINGSIGHT_BATCH_SIZE'] = sys.argv.pop(1); from service.cli import main; main()"
    arguments = [sys.executable, "-c", code, str(batch_size), "ingest", str(path)]
    return subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def batches_done(graph: Graph) -> int:
    found = query(
        graph, "MATCH (s:IngestSource) RETURN s.batch + CASE s.state WHEN 'done' THEN 1000000 ELSE 0 END AS n"
    )
    return int(found[0]["n"]) if found else 0


def test_an_ingest_that_is_killed_goes_on_where_it_was(graph: Graph, tmp_path: Path) -> None:
    path = events.write(tmp_path / "f", events.stream(3000))
    assert start(path, 50).wait(120) == 0
    clean = digest(graph)
    assert clean.uses == events.uses(events.stream(3000))
    wipe(graph)
    for wanted in (3, 20, 45):
        process = start(path, 50)
        deadline = time.monotonic() + 60
        while batches_done(graph) < wanted and time.monotonic() < deadline:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.wait(30)
        assert wanted <= batches_done(graph) < 1_000_000, "it was killed in the middle"
    # A batch size of its own does not disturb a file that was begun with another.
    assert start(path, 1000).wait(120) == 0
    assert digest(graph) == clean
