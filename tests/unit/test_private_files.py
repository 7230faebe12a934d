"""Nobody but its owner reads what a home holds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from service import formats

SERVER = """
import service.wsgi
from service.api.services import EXTENSION
events = [{"account_id": "a", "occurred_at": "2026-03-01T12:00:00Z", "ip": ip} for ip in ("203.0.113.7", "x")]
client = service.wsgi.app.test_client()
assert client.post("/v1/events", json=events).status_code == 202
assert client.post("/v1/risk/signup", json={"ip": "203.0.113.7"}).status_code == 503
service.wsgi.app.extensions[EXTENSION].close()
"""


def open_to_others(home: Path) -> list[str]:
    return [str(path.relative_to(home)) for path in [home, *home.rglob("*")] if path.stat().st_mode & 0o077]


def run(home: Path, *call: str) -> None:
    environment = os.environ | {"RINGSIGHT_HOME": str(home), "RINGSIGHT_AUTH": "off"}
    subprocess.run([sys.executable, *call], env=environment, check=True, capture_output=True, umask=0o022)


def test_a_new_home_is_its_owners_only(tmp_path: Path) -> None:
    home = tmp_path / "home"
    run(home, "-c", SERVER)
    run(home, "-m", "service.cli", "keys", "create", "ana", "--role", "analyst")
    assert {path.name for path in home.iterdir()} >= {"eventlog", "rejects", "keys", "journal"}
    assert open_to_others(home) == []


def test_what_an_earlier_version_left_open_is_closed(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    for name in ("eventlog", "engine", "index", "rejects", "theirs"):
        (home / name).mkdir(parents=True)
        (home / name).chmod(0o755)
    home.chmod(0o755)
    formats.note_home(home)
    run(home, "-m", "service.cli", "keys", "list")
    closed = {path.name for path in home.iterdir() if not path.stat().st_mode & 0o077}
    assert closed >= {"eventlog", "engine", "index", "rejects"}
    assert home.stat().st_mode & 0o777 == 0o755  # others may have a share in the folder
    assert (home / "theirs").stat().st_mode & 0o777 == 0o755
