"""What the engine of a home leaves on disk: state.json while it runs, and the password file."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from service.errors import EngineError


@dataclass(frozen=True, slots=True)
class EngineState:
    """A running engine: its process id (with the process's start time, to notice a reused id) and ports."""

    pid: int
    started: float
    bolt_port: int
    http_port: int
    version: str

    @property
    def bolt_uri(self) -> str:
        return f"bolt://127.0.0.1:{self.bolt_port}"

    @property
    def browser_url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}/browser/"


def folder(home: Path) -> Path:
    """The engine's folder in a home."""
    return home / "engine"


def read(home: Path) -> EngineState | None:
    """The state that the last start wrote, or None. Says nothing about whether the process still lives."""
    path = folder(home) / "state.json"
    try:
        return EngineState(**json.loads(path.read_text(encoding="utf-8")))
    except FileNotFoundError:
        return None
    except (ValueError, TypeError) as error:
        raise EngineError(f"{path} can't be read ({error}); delete it and start the engine again") from error


def write(home: Path, state: EngineState) -> None:
    """Writes the state of a running engine, whole or not at all."""
    path = folder(home) / "state.json"
    draft = path.with_suffix(".tmp")
    draft.write_text(json.dumps(asdict(state)), encoding="utf-8")
    draft.replace(path)


def clear(home: Path) -> None:
    """Forgets a stopped engine."""
    (folder(home) / "state.json").unlink(missing_ok=True)


def password(home: Path) -> str:
    """The generated password of the local engine's user neo4j."""
    path = folder(home) / "password"
    try:
        return path.read_text(encoding="utf-8").strip()
    except FileNotFoundError:
        raise EngineError(f"{path} is missing; `ringsight engine start` writes it") from None
