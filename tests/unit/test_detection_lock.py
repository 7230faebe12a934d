"""Who is refused while a run goes on is told what goes on, in which process, and what to do."""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path

import pytest

from service.detection.detection_lock import between_runs, detection_lock, is_held
from service.errors import ConflictError


@pytest.mark.parametrize(
    ("what", "words"), [("a detection run", "a detection run"), ("an exchange of the token key", "an exchange")]
)
def test_a_second_run_and_an_erasure_are_told_who_holds_the_lock(tmp_path: Path, what: str, words: str) -> None:
    with detection_lock(tmp_path, what):
        with pytest.raises(ConflictError, match=rf"^{words}.* \(process {os.getpid()}, since .* wait until it is done"):
            detection_lock(tmp_path).__enter__()
        with pytest.raises(ConflictError, match=rf"^{words}.* \(process {os.getpid()}, since .* try again"):
            between_runs(tmp_path).__enter__()


def test_a_run_is_told_of_an_erasure_and_erasures_go_on_beside_each_other(tmp_path: Path) -> None:
    with detection_lock(tmp_path):
        pass
    with (
        between_runs(tmp_path),
        between_runs(tmp_path),
        pytest.raises(ConflictError, match=r"^an erasure or expiry is going on"),
    ):
        detection_lock(tmp_path).__enter__()


def test_who_asks_whether_a_run_goes_on_keeps_none_away(tmp_path: Path) -> None:
    """It holds the lock for the moment of its question; here for a tenth of a second, once a run has found it held."""
    assert not is_held(tmp_path)
    with (tmp_path / "detect.lock").open("a") as asker:
        fcntl.flock(asker, fcntl.LOCK_SH)
        threading.Timer(0.1, fcntl.flock, (asker, fcntl.LOCK_UN)).start()
        with detection_lock(tmp_path):
            assert is_held(tmp_path)
    assert not is_held(tmp_path)
