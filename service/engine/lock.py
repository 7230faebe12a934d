"""Reads a committed lock: the jars of an engine line, each with its coordinate, size and sha256.

A line of a lock is `group:artifact:version[:classifier] sha256 size [plugin]`; `plugin` marks the jars in which
Neo4j looks for procedures. Its first lines (`# coordinate`) say what it was made from, by service/engine/make_lock.py.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from service.errors import EngineError

LOCKS = Path(__file__).resolve().parent / "locks"


@dataclass(frozen=True, slots=True)
class Jar:
    """One jar of a lock. `size` is in bytes."""

    group: str
    artifact: str
    version: str
    classifier: str
    sha256: str
    size: int
    plugin: bool = False

    @property
    def coordinate(self) -> str:
        return ":".join(part for part in (self.group, self.artifact, self.version, self.classifier) if part)

    @property
    def filename(self) -> str:
        tail = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{tail}.jar"

    def line(self) -> str:
        """The jar as a line of a lock."""
        return f"{self.coordinate} {self.sha256} {self.size}{' plugin' if self.plugin else ''}"


def read(path: Path) -> list[Jar]:
    """The jars of a lock file, in its order. Raises EngineError that names the line which can't be read."""
    jars = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        if line and not line.startswith("#"):
            try:
                jars.append(_parse(line))
            except (ValueError, IndexError) as error:
                raise EngineError(f"{path}, line {number}: not a line of a lock ({error}); install again") from error
    return jars


def _parse(line: str) -> Jar:
    coordinate, sha256, size, *marks = line.split(" ")
    parts = coordinate.split(":")
    return Jar(parts[0], parts[1], parts[2], parts[3] if len(parts) > 3 else "", sha256, int(size), "plugin" in marks)
