"""Every decision is kept, found by its id from any process, rotated, compacted and dropped when it is old."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from service.decisions import history
from service.decisions.compact import compact
from service.decisions.journal import Journal
from service.errors import NotFoundError, UnavailableError
from service.privacy.forget import erase_decisions


def entry(number: int, **values: Any) -> dict[str, Any]:
    return {
        "at": int(1000 * time.time()),
        "event": "signup",
        "account": None,
        "inputs": f'[["device","dv_{number}"]]',
        "score": 50.0 + number,
        "level": "medium",
        "action": "review",
        "shadow_action": "allow" if number % 2 else "review",
        "ring": None,
        "reasons": "[]",
        "model_version": "1",
        "run_id": "run-1",
        "policy_version": "p",
        "degraded": False,
        "source": "index",
        **values,
    }


def test_another_process_finds_a_decision_at_once(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 90)
    ids = [journal.write(entry(number)) for number in range(20)]
    other = Journal(tmp_path, 90)
    assert [other.find(decision_id)["score"] for decision_id in ids] == [50.0 + number for number in range(20)]
    journal.close()


@pytest.mark.parametrize(
    "wrong", ["", "x", "d-20260101-0123456789ab-0-00000000", "d-../../../../etc/passwd-0-00000000", "d-" + "9" * 70]
)
def test_an_id_that_is_none_is_not_found(tmp_path: Path, wrong: str) -> None:
    with pytest.raises(NotFoundError):
        Journal(tmp_path, 90).find(wrong)


def test_a_guessed_place_is_not_found(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 90)
    decision_id = journal.write(entry(1))
    with pytest.raises(NotFoundError):
        journal.find(decision_id[:-8] + "00000000")
    journal.write(entry(2))
    with pytest.raises(NotFoundError):
        journal.find(decision_id.replace("-0-", "-5-"))
    journal.close()


def test_segments_rotate_and_are_found_as_parquet(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 90, segment_bytes=2000)
    ids = [journal.write(entry(number)) for number in range(30)]
    journal.close()
    segments = sorted(tmp_path.glob("*.jsonl"))
    assert len(segments) > 3
    for path in segments:  # as if they were yesterday's
        path.rename(path.with_name("20200101" + path.name[8:]))
    old = ["d-20200101" + decision_id[10:] for decision_id in ids]
    for path in tmp_path.glob("*.jsonl"):
        text = path.read_text().replace('"id":"d-' + ids[0][2:10], '"id":"d-20200101')
        path.write_text(text + '{"id":"half')  # a crash leaves half a line
    assert compact(tmp_path, "19990101") == len(segments)
    assert not list(tmp_path.glob("*.jsonl"))
    assert [Journal(tmp_path, 90).find(decision_id)["score"] for decision_id in old] == [50.0 + n for n in range(30)]
    counts, latest = history.differences(tmp_path, 0.0, 5)
    assert counts == [{"event": "signup", "action": "review", "shadow_action": "allow", "count": 15}]
    assert len(latest) == 5
    compact(tmp_path, "20210101")
    assert not list(tmp_path.glob("*.parquet"))


def test_a_segment_that_is_being_written_is_left_alone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 90)
    decision_id = journal.write(entry(1))
    path = next(tmp_path.glob("*.jsonl"))
    old = path.with_name("20200101" + path.name[8:])
    path.rename(old)
    assert compact(tmp_path, "19990101") == 0
    assert old.exists()
    old.rename(path)
    assert journal.find(decision_id)["score"] == 51.0
    journal.close()


def test_an_account_is_erased_also_from_a_segment_that_becomes_parquet_meanwhile(tmp_path: Path) -> None:
    journal = Journal(tmp_path, 90)
    for number in range(100_000):
        journal.write(entry(number, account="wanted" if number % 1000 == 0 else "other"))
    journal.close()
    command = [sys.executable, "-m", "service.decisions.compact", str(tmp_path), "19990101"]
    process = subprocess.Popen(command)
    while process.poll() is None and not list(tmp_path.glob("*.draft")):
        time.sleep(0.001)
    assert erase_decisions(tmp_path, ["wanted"]) == 100
    assert process.wait(30) == 0
    assert compact(tmp_path, "19990101") == 0, "all became Parquet"
    kept = history.decisions(tmp_path, 0.0).collect()
    assert (len(kept), len(kept.filter(pl.col("account") == "wanted"))) == (100_000, 0)


def test_what_a_killed_compactor_left_goes_with_the_next_erasure(tmp_path: Path) -> None:
    for name in ("20260101-0123456789ab.draft", "20260101-0123456789ab.erasing"):
        (tmp_path / name).write_bytes(b"about somebody")
    assert erase_decisions(tmp_path, ["wanted"]) == 0
    assert [path.name for path in tmp_path.iterdir()] == ["rewriting.lock"]
    assert erase_decisions(tmp_path / "none", ["wanted"]) == 0


def closed_segments(folder: Path, decisions: int) -> list[str]:
    """Segments of a day that is over, and the ids of the decisions."""
    journal = Journal(folder, 10**5, segment_bytes=2000)
    ids = [journal.write(entry(number, account=f"a{number}")) for number in range(decisions)]
    journal.close()
    for path in folder.glob("*.jsonl"):
        path.write_bytes(path.read_bytes().replace(b'"d-' + path.name[:8].encode(), b'"d-20200101'))
        path.rename(path.with_name("20200101" + path.name[8:]))
    return ["d-20200101" + decision_id[10:] for decision_id in ids]


def test_each_decision_is_read_once_while_segments_become_parquet(tmp_path: Path) -> None:
    closed_segments(tmp_path, 400)
    with ThreadPoolExecutor(1) as pool:
        compacting = pool.submit(compact, tmp_path, "19990101")
        while not compacting.done():
            assert history.decisions(tmp_path, 0.0).collect().height == 400
    assert compacting.result() > 50


def test_a_segment_that_a_killed_compactor_left_beside_its_parquet_is_not_read_twice(tmp_path: Path) -> None:
    closed_segments(tmp_path, 3)
    (segment,) = tmp_path.glob("*.jsonl")
    lines = segment.read_bytes()
    compact(tmp_path, "19990101")
    segment.write_bytes(lines)
    assert history.decisions(tmp_path, 0.0).collect().height == 3
    assert compact(tmp_path, "19990101") == 1
    assert history.decisions(tmp_path, 0.0).collect().height == 3


@pytest.mark.parametrize("left", [0, 3, 900])
def test_a_damaged_parquet_file_is_named_with_what_to_do(tmp_path: Path, left: int) -> None:
    decision_id, *_ = closed_segments(tmp_path, 3)
    compact(tmp_path, "19990101")
    (path,) = tmp_path.glob("*.parquet")
    path.write_bytes(path.read_bytes()[:left])
    readers: tuple[Callable[[], object], ...] = (
        lambda: Journal(tmp_path, 10**5).find(decision_id),
        lambda: history.differences(tmp_path, 0.0, 5),
        lambda: erase_decisions(tmp_path, ["a0"]),
    )
    for reader in readers:
        with pytest.raises(UnavailableError, match=rf"{path.name}.*put the file back from a backup"):
            reader()


def test_a_process_that_is_killed_loses_no_decision_it_answered(tmp_path: Path) -> None:
    program = (
        "import os, signal, sys; from pathlib import Path; from service.decisions.journal import Journal\n"
        "print(Journal(Path(sys.argv[1]), 90).write({'at': 1, 'score': 7.0}), flush=True)\n"
        "os.kill(os.getpid(), signal.SIGKILL)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(tmp_path)], capture_output=True, text=True, check=False)
    assert done.returncode == -9
    assert Journal(tmp_path, 90).find(done.stdout.strip())["score"] == 7.0


def test_threads_and_processes_do_not_mix_lines(tmp_path: Path) -> None:
    journals = [Journal(tmp_path, 90), Journal(tmp_path, 90)]
    with ThreadPoolExecutor(8) as pool:
        ids = list(pool.map(lambda number: journals[number % 2].write(entry(number)), range(400)))
    found = [journals[0].find(decision_id)["score"] for decision_id in ids]
    assert found == [50.0 + number for number in range(400)]
    assert history.decisions(tmp_path, 0.0).collect().height == 400
    for journal in journals:
        journal.close()
