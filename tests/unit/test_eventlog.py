"""The embedded event log: durable, ordered in each partition, each event_id once, shared by processes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from service.errors import UnavailableError
from service.sources.eventlog import Entry, partition_of
from service.sources.sqlitelog import SqliteLog


@pytest.fixture
def log(tmp_path: Path) -> Iterator[SqliteLog]:
    with closing(SqliteLog(tmp_path / "log" / "events.db")) as opened:
        yield opened


def entries(low: int, high: int, ids: bool = False) -> list[Entry]:
    return [
        Entry(f"a{n % 17}", f"id{n}" if ids else None, b'{"account_id":"a%d"}' % (n % 17)) for n in range(low, high)
    ]


def everything(log: SqliteLog) -> dict[int, list[bytes]]:
    return {number: [record.body for record in log.read(number, -1, 10**6)] for number in log.partitions()}


def test_events_of_an_account_are_in_one_partition_in_order(log: SqliteLog) -> None:
    log.append([Entry("a", None, b"1"), Entry("b", None, b"2"), Entry("a", None, b"3")])
    place = partition_of("a", 4)
    records = log.read(place, -1, 10)
    assert [record.body for record in records if record.body != b"2"] == [b"1", b"3"]
    assert [record.offset for record in records] == sorted({record.offset for record in records})
    assert log.read(place, records[0].offset, 1) == records[1:2]
    assert log.read(place, records[-1].offset, 10) == []
    assert log.ends()[place] == records[-1].offset


def test_an_event_id_is_appended_once_in_a_call_and_over_calls(log: SqliteLog) -> None:
    assert log.append([*entries(0, 10, ids=True), *entries(0, 10, ids=True)]) == 10
    assert log.append(entries(5, 15, ids=True)) == 5
    assert sum(len(bodies) for bodies in everything(log).values()) == 15
    assert log.append(entries(0, 10)) == 0, "events without an id are no repeats"


def test_the_log_keeps_its_name_and_partitions(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    with closing(SqliteLog(path, 3)) as first, closing(SqliteLog(path, 8)) as second:
        assert first.partitions() == second.partitions() == [0, 1, 2]
        assert first.name == second.name
    with closing(SqliteLog(tmp_path / "other.db")) as other:
        assert other.name != first.name, "a new log starts its offsets again, so it must not look like the old one"


def test_done_events_go_after_their_time_and_waiting_is_never_too_low(tmp_path: Path) -> None:
    with closing(SqliteLog(tmp_path / "events.db", keep_days=0)) as log:
        log.append(entries(0, 100, ids=True))
        assert log.waiting() >= 100
        ends = log.ends()
        time.sleep(1.1)
        for number, end in ends.items():
            log.done(number, end)
        assert log.waiting() == 0
        assert everything(log) == {0: [], 1: [], 2: [], 3: []}
        assert log.ends() == ends, "offsets go on where they were"
        log.append(entries(0, 1))
        assert log.waiting() == 1
        log.done(0, 0)
        assert max(log.ends().values()) == 101


def test_events_come_in_while_accounts_are_erased_or_expire(log: SqliteLog) -> None:
    def body(account: str) -> bytes:
        return json.dumps({"tokens": "0123", "account_id": account, "ip": "1.2.3.4"}).encode()

    gone = [f"gone {n}" for n in range(1000)]
    log.append([Entry(name, None, body(name)) for name in [*gone, *map(str, range(40_000))]])
    waits: list[float] = []
    done = threading.Event()

    def append() -> None:
        while not done.is_set():
            before = time.monotonic()
            log.append([Entry(name, None, body(name)) for name in ("stays", gone[0])])
            waits.append(time.monotonic() - before)

    thread = threading.Thread(target=append)
    thread.start()
    try:
        erased = log.erase(gone)
        for number, end in log.ends().items():
            log.done(number, end)
        log.expire(-1)
    finally:
        done.set()
        thread.join()
    assert max(waits) < 2.0, "an erasure that holds the lock would take seconds"
    came = len(waits)
    assert 1000 <= erased <= 1000 + came
    log.erase(["gone 0"])
    left = [record for records in everything(log).values() for record in records if b"gone" in record]
    assert left == []


def test_erased_accounts_leave_the_log(log: SqliteLog) -> None:
    log.append(entries(0, 170))
    assert log.erase(["a3", "a4", "nobody"]) == 20
    bodies = [body for partition in everything(log).values() for body in partition]
    assert len(bodies) == 150
    assert b'{"account_id":"a3"}' not in bodies
    assert log.expire(0) == 0, "what no worker has read is never expired"


def test_threads_and_processes_append_at_once(log: SqliteLog) -> None:
    code = (
        "import sys; from pathlib import Path; from service.sources.sqlitelog import SqliteLog\n"
        "from service.sources.eventlog import Entry\n"
        "log = SqliteLog(Path(sys.argv[1]))\n"
        "for n in range(20): log.append([Entry(f'p{n}', f'{sys.argv[2]}-{n}', b'{}')])\n"
        "log.close()"
    )
    processes = [subprocess.Popen([sys.executable, "-c", code, str(log.path), str(n)]) for n in range(2)]

    def add(k: int) -> None:
        for n in range(20):
            log.append([Entry(f"t{n}", f"thread{k}-{n}", b"{}")])

    threads = [threading.Thread(target=add, args=(k,)) for k in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [process.wait(60) for process in processes] == [0, 0]
    assert sum(len(bodies) for bodies in everything(log).values()) == 120


def test_what_was_acknowledged_survives_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path; from service.sources.sqlitelog import SqliteLog\n"
        "from service.sources.eventlog import Entry\n"
        "log = SqliteLog(Path(sys.argv[1]))\n"
        "n = 0\n"
        "while True:\n"
        "    log.append([Entry(str(n), None, str(k).encode()) for k in range(10 * n, 10 * n + 10)])\n"
        "    n += 1; print(n, flush=True)\n"
    )
    path = tmp_path / "events.db"
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        acknowledged = 0
        while acknowledged < 25:
            acknowledged = int(process.stdout.readline())
        process.kill()
        acknowledged += len(process.stdout.read().split())
    with closing(SqliteLog(path)) as log:
        found = sorted(int(body) for bodies in everything(log).values() for body in bodies)
    assert found[: 10 * acknowledged] == list(range(10 * acknowledged))
    assert len(found) % 10 == 0, "a call's events are there all or not at all"


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    path = tmp_path / "events.db"
    path.write_bytes(b"this is no database" * 100)
    with pytest.raises(UnavailableError, match=r"events\.db can't be used now"):
        SqliteLog(path)
