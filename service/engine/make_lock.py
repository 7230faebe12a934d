"""For maintainers: resolves the jars of an engine line and writes its lock.

    python -m service.engine.make_lock 5.26

Takes some minutes and about 400 MB of temporary disk. Change the coordinates in ROOTS first, then commit the lock.
"""

from __future__ import annotations

import sys
import tempfile
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from jgo.maven import MavenContext

from service.engine.lock import LOCKS, Jar
from service.engine.store import TIMEOUT_S, WORKERS, sha256

BROWSER = "org.neo4j.client:neo4j-browser:5.24.0"
ROOTS = {
    "5.26": (
        "org.neo4j:neo4j:5.26.30",
        "org.neo4j.app:neo4j-server:5.26.30",
        "org.neo4j.gds:proc:2.13.9",
        "org.neo4j.gds:opengds-extension:2.13.9",
        BROWSER,
    ),
    "2026.08": (
        "org.neo4j:neo4j:2026.08.1",
        "org.neo4j.app:neo4j-server:2026.08.1",
        "org.neo4j.gds:proc:2.26.0",
        "org.neo4j.gds:opengds-extension:2.26.0",
        BROWSER,
    ),
}
PLUGIN_FOLDER = "org/neo4j/gds/"


def resolve(roots: tuple[str, ...], cache: Path) -> list[Jar]:
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


def write(path: Path, roots: tuple[str, ...], jars: list[Jar]) -> None:
    """Writes a lock: what it was made from as comments, then one line a jar."""
    head = [f"# {root}" for root in roots]
    path.write_text("\n".join([*head, *(jar.line() for jar in jars)]) + "\n", encoding="utf-8")


def main() -> None:
    """Writes the locks of the lines named on the command line."""
    for line in sys.argv[1:]:
        with tempfile.TemporaryDirectory() as cache:
            jars = resolve(ROOTS[line], Path(cache))
        write(LOCKS / f"{line}.lock", ROOTS[line], jars)
        print(f"{line}: {len(jars)} jars, {sum(jar.size for jar in jars) >> 20} MB")


if __name__ == "__main__":
    main()
