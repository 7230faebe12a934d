"""The store of jars: a per-user cache in which every jar of a lock is present with the sum that the lock gives.

Jars are fetched side by side, checked, and only then moved to their place, so a jar in the store is whole. Sums are
checked again at every use (170 MB take half a second), so a damaged jar is noticed and fetched again.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path

import requests
from jgo.maven import MavenContext

from service.engine.guard import exclusive
from service.engine.lock import Jar
from service.errors import EngineError
from service.logs import Progress, log

WORKERS = 16
ATTEMPTS = 3
TIMEOUT_S = 30
LOCK_WAIT_S = 900.0
SPARE_MB = 50


def ensure(jars: Sequence[Jar], store: Path) -> list[Path]:
    """The paths of all `jars` in `store`, in the same order; those missing or damaged are fetched first.

    Raises EngineError for no network, no disk space, or a jar whose sum differs from the lock's.
    """
    try:
        store.mkdir(parents=True, exist_ok=True)
        if missing(jars, store):
            with exclusive(store / ".lock", LOCK_WAIT_S, "another download of the engine's jars"):
                _fetch_all(missing(jars, store), store)  # the other download may have brought some
    except OSError as error:
        raise _disk_error(error, store) from error
    return [store / jar.filename for jar in jars]


def missing(jars: Sequence[Jar], store: Path) -> list[Jar]:
    """The jars that are not in the store, or are there with another size or sum."""
    with ThreadPoolExecutor(WORKERS) as pool:
        good = list(pool.map(lambda jar: _is_good(jar, store / jar.filename), jars))
    return [jar for jar, is_good in zip(jars, good, strict=True) if not is_good]


def _is_good(jar: Jar, path: Path) -> bool:
    try:
        return path.stat().st_size == jar.size and sha256(path) == jar.sha256
    except FileNotFoundError:
        return False


def sha256(path: Path) -> str:
    """The sha256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fetch_all(jars: list[Jar], store: Path) -> None:
    if not jars:
        return
    size_mb = (sum(jar.size for jar in jars) >> 20) + 1
    need_mb = size_mb + SPARE_MB
    free_mb = shutil.disk_usage(store).free >> 20
    if free_mb < need_mb:
        raise EngineError(
            f"no disk space for the engine's jars: {store} has {free_mb} MB free and {need_mb} MB are needed; "
            "free some, or set RINGSIGHT_CACHE to a folder on another disk"
        )
    log.info("fetching %d jars, %d MB, into %s", len(jars), size_mb, store)
    with _staging(store) as staging, Progress("fetching jars", len(jars)) as progress:
        context = MavenContext(repo_cache=staging, timeout=TIMEOUT_S)
        pool = ThreadPoolExecutor(WORKERS)
        try:
            for done in as_completed([pool.submit(_fetch, jar, context, store) for jar in jars]):
                done.result()
                progress.advance()
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


@contextmanager
def _staging(store: Path) -> Iterator[Path]:
    """An empty folder beside the jars. Only one download holds the store's lock, so a leftover is a killed one's."""
    staging = store / ".staging"
    shutil.rmtree(staging, ignore_errors=True)
    staging.mkdir()
    try:
        yield staging
    finally:
        shutil.rmtree(staging, ignore_errors=True)


def _fetch(jar: Jar, context: MavenContext, store: Path) -> None:
    """Fetches one jar, checks it and moves it to its place. Tries again after a failure that may pass."""
    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact(jar.classifier)
    failure = ""
    for attempt in range(ATTEMPTS):
        if attempt:
            time.sleep(attempt)
        artifact.cached_path.unlink(missing_ok=True)
        try:
            path = Path(artifact.resolve())
        except requests.RequestException as error:
            failure = f"the network gave no answer ({type(error).__name__})"
        except RuntimeError:
            failure = "the registry did not have it"
        else:
            found = sha256(path)
            if found == jar.sha256:
                path.replace(store / jar.filename)
                return
            failure = f"its sha256 is {found} and the lock says {jar.sha256}"
    raise EngineError(
        f"could not fetch {jar.coordinate}: {failure}. What was fetched is kept in {store}: "
        "check the network (and HTTPS_PROXY, if you need one) and start again"
    )


def _disk_error(error: OSError, store: Path) -> EngineError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return EngineError(
            f"no disk space for the engine's jars in {store}; free some, or set RINGSIGHT_CACHE to another disk"
        )
    return EngineError(f"can't write the engine's jars to {store} ({error.strerror}); set RINGSIGHT_CACHE elsewhere")
