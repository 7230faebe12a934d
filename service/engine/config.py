"""What the engine is told: memory, ports, and its configuration file."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psutil

from service.engine import state
from service.errors import EngineError
from service.net import free_port
from service.settings import Settings

HOST = "127.0.0.1"
HEAP_SHARE = 0.4
PAGECACHE_SHARE = 0.2
# Above this the JVM can't compress its pointers: a larger heap holds less.
HEAP_MOST_MB = 31_000
CGROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


@dataclass(frozen=True, slots=True)
class Memory:
    """Java heap and page cache, in MB."""

    heap_mb: int
    pagecache_mb: int


@dataclass(frozen=True, slots=True)
class Ports:
    """TCP ports on the loopback address."""

    bolt: int
    http: int


def memory(settings: Settings) -> Memory:
    """As set, else 40 % of the machine's memory (or its container's) for the heap and 20 % for the page cache."""
    total = psutil.virtual_memory().total
    # No such file, or "max" in it: no container limits us.
    with contextlib.suppress(OSError, ValueError):
        total = min(total, int(CGROUP_LIMIT.read_text(encoding="ascii")))
    total_mb = total >> 20
    heap = settings.engine_heap_mb or min(max(int(total_mb * HEAP_SHARE), 1000), HEAP_MOST_MB)
    return Memory(heap, settings.engine_pagecache_mb or max(int(total_mb * PAGECACHE_SHARE), 256))


def ports(settings: Settings, *, defaults: bool = True) -> Ports:
    """The ports to listen on: a taken default gives way to a free one, as all do without `defaults`.

    Raises EngineError if a port that was set is taken.
    """
    bolt = _port("engine_bolt_port", settings, 0, defaults)
    return Ports(bolt, _port("engine_http_port", settings, bolt, defaults))


def _port(name: str, settings: Settings, other: int, defaults: bool) -> int:
    wanted: int = getattr(settings, name)
    is_set = name in settings.model_fields_set
    port = free_port(wanted if wanted != other and (defaults or is_set) else 0, HOST)
    if port != wanted and is_set:
        raise EngineError(
            f"port {wanted} on {HOST} is taken; RINGSIGHT_{name.upper()} asks for it: stop what listens there, "
            "set another port, or unset it to have a free one chosen"
        )
    return port


def write(settings: Settings, chosen: Ports, sizes: Memory) -> Path:
    """Writes neo4j.conf for the engine of the home and returns the folder it is in."""
    base = state.folder(settings.home)
    conf = base / "conf"
    conf.mkdir(parents=True, exist_ok=True)
    values = {
        "server.directories.data": base / "data",
        "server.directories.logs": base / "logs",
        "server.directories.plugins": base / "plugins",
        "server.directories.import": base / "import",
        "server.default_listen_address": HOST,
        "server.default_advertised_address": HOST,
        "server.bolt.listen_address": f"{HOST}:{chosen.bolt}",
        "server.bolt.advertised_address": f"{HOST}:{chosen.bolt}",
        "server.http.listen_address": f"{HOST}:{chosen.http}",
        "server.http.advertised_address": f"{HOST}:{chosen.http}",
        "server.https.enabled": "false",
        "server.memory.pagecache.size": f"{sizes.pagecache_mb}m",
        "db.tx_log.rotation.retention_policy": "500M size",
        "db.tx_log.preallocate": "false",
        # Else each stop waits 5 s, twice, for connections that are closed already.
        "internal.server.bolt.thread_pool_shutdown_wait_time": "1s",
        "dbms.security.auth_enabled": "true",
        "dbms.security.procedures.unrestricted": "gds.*",
        "dbms.security.procedures.allowlist": "gds.*",
        "dbms.security.allow_csv_import_from_file_urls": "false",
        "dbms.usage_report.enabled": "false",
        "client.allow_telemetry": "false",
        "browser.remote_content_hostname_whitelist": urlsplit(settings.engine_guide_url).hostname or "",
        "browser.post_connect_cmd": f"play {settings.engine_guide_url}",
    }
    (conf / "neo4j.conf").write_text("".join(f"{key}={value}\n" for key, value in values.items()), encoding="utf-8")
    return conf
