"""What docker/ says can be done: its commands, settings, secrets and probes exist. No Docker is needed for this."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from service.cli import COMMANDS
from service.settings import Settings

DOCKER = Path(__file__).resolve().parents[2] / "docker"
COMPOSE: dict[str, Any] = yaml.safe_load((DOCKER / "compose.yaml").read_text())
OURS = {name: part for name, part in COMPOSE["services"].items() if part["image"] == "ringsight"}
KUBERNETES: list[dict[str, Any]] = list(yaml.safe_load_all((DOCKER / "kubernetes.yaml").read_text()))
SETTINGS = {f"RINGSIGHT_{name.upper()}" for name in Settings.model_fields}


def containers() -> list[dict[str, Any]]:
    """The containers of every workload of the Kubernetes example."""
    templates = [item["spec"] for item in KUBERNETES if item["kind"] == "Deployment"]
    templates += [item["spec"]["jobTemplate"]["spec"] for item in KUBERNETES if item["kind"] == "CronJob"]
    return [container for spec in templates for container in spec["template"]["spec"]["containers"]]


CALLS = [part["command"] for part in OURS.values()] + [part["args"] for part in containers()]
CALLS.append(
    ["ringsight", *re.findall(r"run --rm api ringsight (.*)", (DOCKER / "compose.yaml").read_text())[0].split()]
)


@pytest.mark.parametrize("call", [call for call in CALLS if call[0] == "ringsight"], ids=" ".join)
def test_commands_and_their_options_exist(call: list[str]) -> None:
    words = [word for word in call[1:] if re.fullmatch(r"[a-z]+", word)][: 2 if call[1] == "keys" else 1]
    assert words[0] in COMMANDS
    shown = subprocess.run(
        [sys.executable, "-m", "service.cli", *words, "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert [word for word in call if word.startswith("--") and word not in shown] == []


def test_other_programs_are_those_that_the_image_copies() -> None:
    programs = {word for call in CALLS if call[0] != "ringsight" for word in call[1:]}
    copied = re.findall(r"docker/([a-z-]+\.sh)", (DOCKER / "Dockerfile").read_text())
    assert programs <= {f"/usr/local/bin/{name}" for name in copied}
    assert all((DOCKER / name).is_file() for name in copied)


def test_settings_exist() -> None:
    named = {name for part in OURS.values() for name in part["environment"] if name.startswith("RINGSIGHT_")}
    named |= {entry["name"] for part in containers() for entry in part["env"]}
    named |= {name for item in KUBERNETES if item["kind"] == "ConfigMap" for name in item["data"]}
    assert {name.removesuffix("_FILE") for name in named} <= SETTINGS


def test_services_depend_on_services_and_mount_volumes_that_exist() -> None:
    for part in COMPOSE["services"].values():
        for name, condition in part.get("depends_on", {}).items():
            other = COMPOSE["services"][name]
            assert condition["condition"] != "service_healthy" or "healthcheck" in other
        assert {mount.split(":")[0] for mount in part.get("volumes", [])} <= set(COMPOSE["volumes"])
        assert set(part.get("secrets", [])) <= set(COMPOSE["secrets"])


def test_nothing_is_open_to_the_network_and_nothing_of_ours_runs_as_root() -> None:
    published = [port for part in COMPOSE["services"].values() for port in part.get("ports", [])]
    assert published and all(port.startswith("127.0.0.1:") for port in published)
    last_stage = (DOCKER / "Dockerfile").read_text().rsplit("FROM", 1)[1]
    assert re.search(r"^USER 10001", last_stage, re.MULTILINE)
    assert all(part["securityContext"]["capabilities"] == {"drop": ["ALL"]} for part in containers())


def test_secrets_are_made_once_and_are_those_that_compose_reads(tmp_path: Path) -> None:
    script = tmp_path / "make-secrets.sh"
    script.write_text((DOCKER / "make-secrets.sh").read_text())
    made = [subprocess.run(["sh", script], capture_output=True, text=True, check=True).stdout for _ in range(2)]
    assert "made" in made[0] and "already" in made[1]
    files = {path.name: path.read_text() for path in (tmp_path / "secrets").iterdir()}
    assert {secret["file"] for secret in COMPOSE["secrets"].values()} == {f"secrets/{name}" for name in files}
    assert files["neo4j_auth"] == f"neo4j/{files['neo4j_password']}"
    assert len(files["neo4j_password"]) == 48
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700


def entrypoint(*call: str, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {"PATH": os.environ["PATH"], **variables}
    command = ["sh", str(DOCKER / "entrypoint.sh"), *call]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)


def test_the_entry_point_reads_secrets_from_files(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("a b$c'\n")
    done = entrypoint("env", RINGSIGHT_NEO4J_PASSWORD_FILE=str(tmp_path / "secret"), RINGSIGHT_AUTH="keys")
    lines = done.stdout.splitlines()
    assert {"RINGSIGHT_NEO4J_PASSWORD=a b$c'", "RINGSIGHT_AUTH=keys"} <= set(lines)
    assert not any(line.startswith("RINGSIGHT_NEO4J_PASSWORD_FILE") for line in lines)


def test_the_entry_point_names_a_secret_that_it_cannot_read(tmp_path: Path) -> None:
    done = entrypoint("true", RINGSIGHT_NEO4J_PASSWORD_FILE=str(tmp_path / "none"))
    assert done.returncode == 1
    assert "RINGSIGHT_NEO4J_PASSWORD_FILE names" in done.stderr


def test_the_entry_point_is_replaced_by_the_command() -> None:
    assert entrypoint("sh", "-c", "exit 7").returncode == 7
