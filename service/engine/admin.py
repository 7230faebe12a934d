"""Work on the files of a stopped engine: bulk import, dump, load, check. Each raises ConflictError while it runs."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from service.engine import config, local, state
from service.engine.runtime import Runtime, prepare, run_admin
from service.errors import EngineError, NotFoundError
from service.settings import Settings

DATABASE = "neo4j"


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What a bulk import wrote."""

    nodes: int
    relationships: int
    properties: int


def has_data(settings: Settings) -> bool:
    """Whether the engine of the home has a database already (it may be empty)."""
    return (state.folder(settings.home) / "data" / "databases" / DATABASE).is_dir()


def import_full(
    settings: Settings, nodes: Mapping[str, Sequence[Path]], relationships: Mapping[str, Sequence[Path]]
) -> ImportCounts:
    """Replaces the whole database by what CSV files hold: label or type -> its files, the one with the header first.

    Headers are those of neo4j-admin (`id:ID(Account),created_at:datetime`, `:START_ID(Account),:END_ID(IP)`), so
    files may also be gzipped. Raises EngineError with the importer's own words for a file that it refuses.
    """
    with _stopped(settings) as runtime, tempfile.TemporaryDirectory(dir=runtime.folder) as work:
        report = Path(work) / "report"
        answer = run_admin(
            runtime,
            "database",
            "import",
            "full",
            DATABASE,
            "--overwrite-destination=true",
            "--multiline-fields=false",
            "--verbose",  # else it does not say what is wrong with a file
            f"--report-file={report}",
            *(f"--nodes={label}={_joined(files)}" for label, files in nodes.items()),
            *(f"--relationships={kind}={_joined(files)}" for kind, files in relationships.items()),
            heap_mb=config.memory(settings).heap_mb,
        )
    return ImportCounts(_count(answer, "nodes"), _count(answer, "relationships"), _count(answer, "properties"))


def dump(settings: Settings, file: Path) -> None:
    """Writes the database into one dump file, whole or not at all. An existing file is replaced."""
    file = file.absolute()  # neo4j-admin runs in the engine's folder
    with _stopped(settings) as runtime, tempfile.TemporaryDirectory(dir=file.parent) as work:
        run_admin(runtime, "database", "dump", DATABASE, f"--to-path={work}")
        (Path(work) / f"{DATABASE}.dump").replace(file)


def load(settings: Settings, file: Path) -> None:
    """Replaces the database by that of a dump file."""
    if not file.is_file():
        raise NotFoundError(f"there is no dump {file}")
    with _stopped(settings) as runtime, tempfile.TemporaryDirectory(dir=runtime.folder) as work:
        shutil.copyfile(file, Path(work) / f"{DATABASE}.dump")
        run_admin(runtime, "database", "load", DATABASE, f"--from-path={work}", "--overwrite-destination=true")


def check(settings: Settings) -> None:
    """Checks the database's files against each other. Raises EngineError with what is inconsistent."""
    with _stopped(settings) as runtime, tempfile.TemporaryDirectory(dir=runtime.folder) as work:
        run_admin(runtime, "database", "check", DATABASE, f"--report-path={work}")


@contextmanager
def _stopped(settings: Settings) -> Iterator[Runtime]:
    """Keeps the engine of the home from being started while its files are worked on."""
    local.make_folders(settings.home)
    with local.held(settings.home):
        local.refuse_if_running(settings.home)
        runtime = prepare(settings)
        config.write(settings, config.ports(settings), config.memory(settings))
        yield runtime


def _joined(files: Sequence[Path]) -> str:
    return ",".join(str(file.absolute()) for file in files)


def _count(answer: str, what: str) -> int:
    found = re.search(rf"^\s*(\d+) {what}\s*$", answer, re.MULTILINE)
    if found is None:
        raise EngineError(f"the bulk importer did not say how many {what} it wrote; its answer ends:\n{answer[-500:]}")
    return int(found[1])
