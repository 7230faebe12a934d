"""What it takes to run a program of the engine: the JVM, the jars, and neo4j-admin's commands."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from service.engine import java, lock, state, store
from service.errors import EngineError
from service.settings import Settings

ADMIN_CLASS = "org.neo4j.cli.AdminTool"
ADMIN_HEAP_MB = 512
ADMIN_START_MB = 64
SHOWN_LINES = 15


@dataclass(frozen=True, slots=True)
class Runtime:
    """The JVM, the file with the class path, the jars of GDS, and the engine's folder."""

    java: Path
    classpath: Path
    plugins: Sequence[Path]
    folder: Path


def prepare(settings: Settings) -> Runtime:
    """Java and the jars of the engine line, fetched if needed. Raises EngineError."""
    executable = java.find(settings.engine_java)
    wanted = lock.read(lock.LOCKS / f"{settings.engine_line}.lock")
    jars = store.ensure(wanted, settings.cache / "jars")
    folder = state.folder(settings.home)
    classpath = java.write_classpath(jars, folder / "classpath")
    plugins = [path for jar, path in zip(wanted, jars, strict=True) if jar.plugin]
    return Runtime(executable, classpath, plugins, folder)


def run_admin(runtime: Runtime, *arguments: str, heap_mb: int = ADMIN_HEAP_MB) -> str:
    """Runs one command of neo4j-admin on the engine's folder and returns what it printed. Raises EngineError."""
    call = java.command(runtime.java, runtime.classpath, ADMIN_START_MB, heap_mb, ADMIN_CLASS, *arguments)
    answer = subprocess.run(
        call, capture_output=True, text=True, env=environment(runtime.folder), cwd=runtime.folder, check=False
    )
    if answer.returncode != 0:
        told = last_lines(answer.stdout + answer.stderr)
        raise EngineError(f"neo4j-admin {' '.join(arguments[:2])} failed (exit {answer.returncode}):\n{told}")
    return answer.stdout


def environment(folder: Path) -> dict[str, str]:
    """The environment that Neo4j's programs find their folders by."""
    return {**os.environ, "NEO4J_HOME": str(folder), "NEO4J_CONF": str(folder / "conf")}


def last_lines(text: str) -> str:
    """The last lines that a reader needs, indented: Java's stack traces are left out."""
    told = [line for line in text.splitlines() if line.strip() and not line.startswith(("\tat ", "\t... "))]
    return "\n".join(f"  {line}" for line in told[-SHOWN_LINES:]) or "  (empty)"
