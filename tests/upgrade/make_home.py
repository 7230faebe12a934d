"""Makes the fixture of an upgrade test with the code of an earlier version: `make_home.py TREE OUT`.

TREE is a checked-out earlier version (`git archive COMMIT | tar -x -C TREE`), whose commands this interpreter runs. OUT
becomes a .tar.gz with `home/` (all but the engine), `graph.jsonl` and `expected.json`: what there is to be found again.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tarfile
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import neo4j
import requests

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
from tests.upgrade import graph_dump

START = datetime(2026, 3, 1, tzinfo=UTC)
PORT = 18231
RISKY = {"device_id": "tablet", "ip": "203.0.113.1"}


def events(people: int = 150, fakes: int = 14) -> list[dict[str, Any]]:
    """People over a year, each with what is theirs, and accounts made on one tablet and card in an afternoon."""
    rows: list[dict[str, Any]] = []
    for person in range(people):
        own = {"device_id": f"phone {person}", "ip": f"198.18.{person // 200}.{person % 200}"}
        for n in range(2):
            at = START + timedelta(hours=37 * person, days=20 * n)
            kind = "activity" if n else "signup"
            rows.append({"account_id": f"p{person}", "occurred_at": at.isoformat(), "type": kind, **own})
    for number in range(fakes):
        at = START + timedelta(days=200, minutes=4 * number)
        rows.append(fake(f"s{number}", at))
    return rows


def fake(account: str, at: datetime) -> dict[str, Any]:
    """A signup on the ring's tablet."""
    shared = {"device_id": "tablet", "payment_fingerprint": "card", "ip": "203.0.113.1"}
    return {
        "account_id": account,
        "type": "signup",
        "occurred_at": at.isoformat(),
        "event_id": f"e-{account}",
        **shared,
    }


class Old:
    """The earlier version, on a home."""

    def __init__(self, tree: Path, home: Path) -> None:
        self.tree = tree
        self.environment = {name: value for name, value in os.environ.items() if not name.startswith("RINGSIGHT_")}
        self.environment |= {"PYTHONPATH": str(tree), "RINGSIGHT_HOME": str(home), "RINGSIGHT_ENGINE_HEAP_MB": "700"}
        self.environment |= {"RINGSIGHT_ENGINE_PAGECACHE_MB": "64"}

    def start(self, *arguments: str) -> subprocess.Popen[str]:
        call = [sys.executable, "-m", "service.cli", *arguments]
        return subprocess.Popen(call, cwd=self.tree, env=self.environment, stdout=subprocess.PIPE, text=True)

    def run(self, *arguments: str) -> str:
        process = self.start(*arguments)
        out, _ = process.communicate()
        assert process.returncode == 0, f"ringsight {' '.join(arguments)} failed"
        return out


def fill(old: Old, work: Path) -> dict[str, Any]:
    """What an installation does in its first week. Returns what it must find again."""
    file = work / "events.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in events()), encoding="utf-8")
    old.run("ingest", str(file))
    old.run("detect")
    key = next(
        word
        for word in old.run("keys", "create", "old", "--role", "admin", "--expires", "never").split()
        if word.startswith("rsk_")
    )
    server = old.start("serve", "--port", str(PORT))
    try:
        api = requests.Session()
        api.headers["Authorization"] = f"Bearer {key}"
        found = use(old, api)
    finally:
        server.terminate()
        server.wait()
    return {"key": key, **found}


def use(old: Old, api: requests.Session) -> dict[str, Any]:
    """Decisions, labels, a status, events by HTTP: some that the worker took, and some that wait in the log."""
    base = f"http://127.0.0.1:{PORT}/v1"
    until_ready(api)
    ring = answer(api.get(f"{base}/rings"))["rings"][0]["id"]
    answer(api.post(f"{base}/rings/{ring}/status", json={"status": "confirmed", "note": "seen by Ann"}))
    answer(api.post(f"{base}/accounts/s1/label", json={"label": "fraud", "note": "charged back"}))
    answer(api.post(f"{base}/accounts/p3/label", json={"label": "legitimate"}))
    decision = answer(api.post(f"{base}/risk/signup", json=RISKY))
    account = answer(api.get(f"{base}/accounts/s2/risk"))
    taken = [fake("late0", START + timedelta(days=200, hours=2)), {**fake("bad", START), "occurred_at": "soon"}]
    answer(api.post(f"{base}/events", json=taken))
    old.run("worker", "--drain")
    waiting = [fake(f"late{n}", START + timedelta(days=200, hours=2, minutes=n)) for n in (0, 1, 2)]
    answer(api.post(f"{base}/events", json=waiting))
    members = answer(api.get(f"{base}/rings/{ring}/members?limit=100"))
    return {
        "ring": ring,
        "members": sorted(member["id"] for member in members["members"]),
        "decisions": {made["id"]: made["score"] for made in (decision, account)},
        "refused": "bad",
        "waiting": ["late1", "late2"],
    }


def until_ready(api: requests.Session) -> None:
    """Waits for the server."""
    for _ in range(100):
        try:
            if api.get(f"http://127.0.0.1:{PORT}/readyz").status_code == 200:
                return
        except requests.ConnectionError:
            pass
        time.sleep(0.2)
    raise AssertionError("the server did not start")


def answer(response: requests.Response) -> Any:
    """What it answered; an error stops all."""
    assert response.ok, response.text
    return response.json()


def main(tree: Path, out: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        work, home = Path(folder), Path(folder) / "home"
        old = Old(tree, home)
        old.run("engine", "start")
        try:
            expected = fill(old, work)
            state = json.loads((home / "engine" / "state.json").read_text(encoding="utf-8"))
            password = (home / "engine" / "password").read_text(encoding="utf-8").strip()
            with neo4j.GraphDatabase.driver(
                f"bolt://127.0.0.1:{state['bolt_port']}", auth=("neo4j", password), notifications_min_severity="OFF"
            ) as driver:
                graph_dump.write(driver, work / "graph.jsonl")
        finally:
            old.run("engine", "stop")
        (work / "expected.json").write_text(json.dumps(expected, indent=1), encoding="utf-8")
        with tarfile.open(out, "w:gz") as archive:
            for path in sorted(home.rglob("*")):
                if path.is_file() and path.relative_to(home).parts[0] != "engine":
                    archive.add(path, path.relative_to(work), filter=_nobodys)
            for name in ("graph.jsonl", "expected.json"):
                archive.add(work / name, name, filter=_nobodys)


def _nobodys(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    """The owner of a file is of no interest."""
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


if __name__ == "__main__":
    main(Path(sys.argv[1]).absolute(), Path(sys.argv[2]).absolute())
