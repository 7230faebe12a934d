"""Removes what is older than the settings let it be kept. Run it once a day."""

from __future__ import annotations

import shutil
import time
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from service.decisions.index.store import IndexStore
from service.graph import clocks
from service.graph.client import Graph
from service.ingest import rejects
from service.privacy.erase import erase
from service.settings import Settings
from service.sources.open import open_log
from service.sources.sqlitelog import SqliteLog

AT_A_TIME = 500
LEFT = ("backfill-", ".restore-", ".backup-")
LEFT_AFTER_S = 86_400  # no command works on one for longer


@dataclass(frozen=True, slots=True)
class Expired:
    """What was removed: events of the log (None: Kafka's own retention decides), files of refused events, accounts."""

    events: int | None
    rejects: int
    accounts: int


def expire(settings: Settings, graph: Graph, index: IndexStore) -> Expired:
    """Removes what is due. Old decisions go by themselves (RINGSIGHT_DECISIONS_KEEP_DAYS). Raises ConflictError if the
    clocks are apart."""
    clocks.check(graph)
    with closing(open_log(settings)) as log:
        events = log.expire(settings.eventlog_keep_days) if isinstance(log, SqliteLog) else None
    files = rejects.expire(settings.home, settings.rejects_keep_days)
    remove_left(settings.home)
    accounts = 0
    if settings.accounts_keep_days is not None:
        while due := _due(graph, settings.accounts_keep_days):
            accounts += erase(settings, graph, index, due).accounts
    return Expired(events, files, accounts)


def remove_left(home: Path) -> None:
    """Removes the work folders of commands that were killed: they hold events and copies of the home."""
    before = time.time() - LEFT_AFTER_S
    for folder in [path for start in LEFT for path in home.glob(f"{start}*")]:
        if folder.is_dir() and folder.stat().st_mtime < before:
            shutil.rmtree(folder, ignore_errors=True)


def _due(graph: Graph, keep_days: int) -> list[str]:
    found: list[str] = graph.read("security/expired_accounts", keep_days=keep_days, most=AT_A_TIME)[0]["accounts"]
    return found
