"""Wrong settings and homes end in a message, and no message has a secret."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from service import bootstrap, formats, tracing
from service.errors import SettingsError
from service.graph.client import Graph, GraphAddress
from service.security.journal import Journal, JournalError
from service.settings import Settings
from service.sources.open import open_log


def ringsight(home: Path, *words: str, **settings: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {"RINGSIGHT_HOME": str(home)} | {f"RINGSIGHT_{k}": v for k, v in settings.items()}
    call = [sys.executable, "-m", "service.cli", *words]
    return subprocess.run(call, env=environment, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("KAFKA_CONFIG", "{bad SECRET"),
        ("KAFKA_CONFIG", '["sasl.password=SECRET"]'),
        ("KAFKA_CONFIG", '{"sasl.password": {"SECRET": 1}}'),
        ("NEO4J_URI", "http://127.0.0.1:7474"),
        ("NEO4J_URI", "bolt://neo4j:SECRET@127.0.0.1:7687"),
        ("NEO4J_URI", "ftp://SECRET"),
        ("RATE_PER_KEY", "many"),
        ("INDEX", "SECRET"),
        ("INDEX", "redis://SECRET@127.0.0.1:99999/0"),
        ("INDEX", "redis://SECRET@127.0.0.1:1/zero"),
        ("OTLP_ENDPOINT", "SECRET"),
        ("WEBHOOK_URL", "ftp://SECRET"),
    ],
)
def test_a_wrong_setting_is_named_and_shows_no_secret(tmp_path: Path, name: str, value: str) -> None:
    done = ringsight(tmp_path, "detect", **{name: value})
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and "SECRET" not in done.stderr
    assert name.lower() in done.stderr.lower()


@pytest.mark.parametrize(
    ("name", "value"),
    [("INDEX", "nonsense"), ("EVENT_LOG", "kafka"), ("NEO4J_URI", "http://127.0.0.1"), ("OTLP_ENDPOINT", "nonsense")],
)
def test_a_server_with_a_wrong_setting_ends_with_a_sentence(tmp_path: Path, name: str, value: str) -> None:
    done = ringsight(tmp_path, "serve", "--port", "1", **{name: value})
    assert done.returncode == 1
    assert done.stderr.startswith("error: RINGSIGHT_") and done.stderr.count("\n") == 1
    assert name in done.stderr


def test_only_of_a_file_in_the_home_it_is_said_where_the_home_is(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    out = tmp_path / "file" / "made"
    done = ringsight(tmp_path / "home", "simulate", "--accounts", "2000", "--out", str(out))
    assert (done.returncode, "RINGSIGHT_HOME" in done.stderr) == (1, False)
    assert str(out) in done.stderr
    done = ringsight(tmp_path / "file", "keys", "create", "ana", "--role", "analyst")
    assert (done.returncode, "RINGSIGHT_HOME" in done.stderr) == (1, True)


def test_a_server_makes_a_new_home_of_the_newest_format(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:  # so that it ends by itself
        done = ringsight(tmp_path / "new", "serve", "--port", str(taken.getsockname()[1]))
    assert done.returncode == 1 and "from format" not in done.stderr
    assert not formats.home_is_old(tmp_path / "new")


@pytest.mark.parametrize("uri", ["http://x", "bolt://u:p@x", "", "x"])
def test_an_address_that_is_none_is_a_settings_error(uri: str) -> None:
    with pytest.raises(SettingsError, match="RINGSIGHT_NEO4J_URI"):
        Graph(GraphAddress(uri, "neo4j", "x", "neo4j"))


@pytest.mark.parametrize("words", [("keys", "create", "a", "--role", "admin"), ("detect",), ("journal", "verify")])
def test_a_home_that_can_not_be_is_a_message(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "file").touch()
    done = ringsight(tmp_path / "file" / "home", *words)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr and str(tmp_path / "file") in done.stderr


def test_a_journal_is_verified_without_writing(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.append(who="a", what="b", where="c")
    before = {path: path.stat().st_mtime_ns for path in (tmp_path / "journal").iterdir()}
    journal.path.chmod(0o400)
    assert journal.verify().number == 1
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "journal").iterdir()} == before
    journal.path.unlink()
    with pytest.raises(JournalError, match="removed"):
        journal.verify()


@pytest.mark.parametrize(
    ("package", "ours", "extra", "settings"),
    [
        ("redis", "service.decisions.index.redis_store", "redis", {"index": "redis://127.0.0.1:1/0"}),
        ("confluent_kafka", "service.sources.kafkalog", "kafka", {"event_log": "kafka", "kafka_servers": "h:1"}),
        ("opentelemetry.sdk.trace", "", "otel", {"otlp_endpoint": "http://127.0.0.1:1"}),
    ],
)
def test_a_client_that_is_not_installed_is_named_with_the_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, package: str, ours: str, extra: str, settings: dict[str, str]
) -> None:
    given = Settings(home=tmp_path, **settings)  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.delitem(sys.modules, ours, raising=False)
    monkeypatch.setattr(tracing, "_provider", None)
    with pytest.raises(SettingsError, match=rf"not installed: pip install '\.\[{extra}\]'"):
        bootstrap.index_store(given).close()
        open_log(given).close()
        tracing.start(given.otlp_endpoint)
