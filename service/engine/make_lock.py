"""For maintainers: resolves all jars that some coordinates need and writes a lock of them.

    python -m service.engine.make_lock service/engine/locks/5.26.lock [COORDINATE...]

Without coordinates, those that the lock's head names are resolved again. Takes some minutes.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import MavenContext

from service.engine.lock import Jar
from service.engine.store import TIMEOUT_S, WORKERS, sha256

PLUGIN_FOLDER = "org/neo4j/gds/"


def resolve(roots: Sequence[str], cache: Path) -> list[Jar]:
    """All jars that `roots` need at run time, fetched to learn their sums, sorted by coordinate."""
    context = MavenContext(repo_cache=cache, timeout=TIMEOUT_S)
    inputs, others = context.resolver.resolve([context.create_dependency(root) for root in roots])
    wanted = [item for item in [*inputs, *others] if item.type == "jar" and item.scope in ("compile", "runtime", None)]
    with ThreadPoolExecutor(WORKERS) as pool:
        jars = list(pool.map(_jar, wanted))
    names = [jar.filename for jar in jars]
    twice = {name for name in names if names.count(name) > 1}
    if twice:
        raise SystemExit(f"two coordinates share a file name: {', '.join(sorted(twice))}")
    return sorted(jars, key=lambda jar: jar.coordinate)


def _jar(item: object) -> Jar:
    artifact = item.artifact  # type: ignore[attr-defined]  # jgo has no types
    path = Path(artifact.resolve())
    with zipfile.ZipFile(path) as archive:
        plugin = any(name.startswith(PLUGIN_FOLDER) and name.endswith(".class") for name in archive.namelist())
    classifier = artifact.classifier or ""
    return Jar(
        artifact.groupId, artifact.artifactId, artifact.version, classifier, sha256(path), path.stat().st_size, plugin
    )


def main() -> None:
    """Writes the lock FILE from the coordinates given, or anew from those that its head names."""
    path = Path(sys.argv[1])
    roots = sys.argv[2:] or [line[2:] for line in path.read_text().splitlines() if line.startswith("# ")]
    with tempfile.TemporaryDirectory() as cache:
        jars = resolve(roots, Path(cache))
    head = [f"# {root}" for root in roots]
    path.write_text("\n".join([*head, *(jar.line() for jar in jars)]) + "\n", encoding="utf-8")
    print(f"{path}: {len(jars)} jars, {sum(jar.size for jar in jars) >> 20} MB")


if __name__ == "__main__":
    main()
