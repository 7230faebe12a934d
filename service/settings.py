"""All settings, read from the environment once (prefix RINGSIGHT_) and frozen after that."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import SplitResult, urlsplit

import platformdirs
from pydantic import AfterValidator, BeforeValidator, Field, SecretStr, ValidationError
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict
from pydantic_settings import SettingsError as SettingsSourceError

from service.errors import SettingsError, told

# What no message shows: secrets, and addresses that may have one in them.
SECRET = frozenset(
    {"index", "kafka_config", "neo4j_password", "neo4j_uri", "otlp_endpoint", "webhook_secret", "webhook_url"}
)


def _http(value: str) -> str:
    """An address over HTTP. Messages show no value: there may be a secret in it."""
    if value and not (_parts(value).scheme in ("http", "https") and _parts(value).hostname):
        raise ValueError("it is no address; write it as http://HOST:PORT or https://HOST")
    return value


def _index(value: str) -> str:
    if not value:
        return value
    found = _parts(value)
    numbered = not found.path.strip("/") or found.path.strip("/").isdigit()
    if found.scheme != "unix" and not (found.scheme in ("redis", "rediss") and found.hostname and numbered):
        raise ValueError("it is no address of a Valkey or Redis server; write it as redis://HOST:PORT/NUMBER")
    return value


def _parts(value: str) -> SplitResult:
    """The parts of an address; none of one that can't be read."""
    try:
        found = urlsplit(value)
        return found if found.port is None or found.port else urlsplit("")
    except ValueError:
        return urlsplit("")


HttpAddress = Annotated[str, AfterValidator(_http)]
IndexAddress = Annotated[str, AfterValidator(_index)]
# Absolute, so that it means the same in a program that is started in another folder.
Folder = Annotated[Path, AfterValidator(lambda path: path.expanduser().absolute())]
# Several, with commas between them.
Files = Annotated[tuple[Folder, ...], NoDecode, BeforeValidator(lambda text: _listed(text))]


def _listed(text: object) -> object:
    return [part.strip() for part in text.split(",") if part.strip()] if isinstance(text, str) else text


class Settings(BaseSettings):
    """Each field is one setting; its description is its documentation (docs/settings.md is made from it)."""

    model_config = SettingsConfigDict(env_prefix="RINGSIGHT_", frozen=True, extra="ignore")

    home: Folder = Field(
        default_factory=lambda: Path(platformdirs.user_data_dir("ringsight", appauthor=False)),
        description="Folder for all that a deployment on one machine keeps: engine data, event log, index, "
        "keys, rejects. Two homes never touch each other.",
    )
    cache: Folder = Field(
        default_factory=lambda: Path(platformdirs.user_cache_dir("ringsight", appauthor=False)),
        description="Folder for what can be downloaded again (the engine's jars), shared by all homes of a user.",
    )

    neo4j_uri: str | None = Field(
        default=None,
        description="Address of the graph database, such as bolt://host:7687 or neo4j+s://host. "
        "Empty: the local engine of this home.",
    )
    neo4j_user: str = Field(default="neo4j", description="User for the graph database at neo4j_uri.")
    neo4j_password: SecretStr | None = Field(default=None, description="Password for the graph database at neo4j_uri.")
    neo4j_database: str = Field(default="neo4j", description="Name of the database in Neo4j.")

    engine_bolt_port: int = Field(
        default=7687, description="Bolt port of the local engine; a free one is chosen if it is taken."
    )
    engine_http_port: int = Field(
        default=7474, description="HTTP port of the local engine (Neo4j Browser); a free one is chosen if it is taken."
    )
    engine_line: Literal["5.26", "2026.08"] = Field(
        default="5.26", description="Neo4j line of the local engine: 5.26 (long-term support) or 2026.08."
    )
    engine_java: Path | None = Field(
        default=None,
        description="Java executable (21 or newer) for the local engine. Empty: the one installed with ringsight.",
    )
    engine_guide_url: str = Field(
        default="http://127.0.0.1:8000/browser-guide",
        description="Guide that Neo4j Browser opens after the login: the pages of `ringsight serve` have it.",
    )
    engine_heap_mb: int | None = Field(
        default=None, description="Java heap of the local engine, in MB. Empty: set from the machine's memory."
    )
    engine_pagecache_mb: int | None = Field(
        default=None, description="Page cache of the local engine, in MB. Empty: set from the machine's memory."
    )

    ip_plain: bool = Field(
        default=True,
        description="Keep IP addresses and networks in the clear, for analysts. "
        "False: keyed tokens, as most other identifiers are.",
    )
    identifiers: Folder | None = Field(
        default=None,
        description="File (TOML) with the kinds of identifier: what events may bring, and what each kind says; "
        "docs/identifiers.md has the format. The same for all processes of a deployment. Empty: the built-in kinds.",
    )
    phone_region: Annotated[str, AfterValidator(str.upper)] | None = Field(
        default=None,
        description="Country (ISO 3166, such as FR) that phone numbers without a country's code are from. "
        "Empty: such numbers are left out.",
    )
    mmdb: Files = Field(
        default=(),
        description="MMDB files that say whose network an address is in and of what sort, with commas between them, "
        "such as those of DB-IP, IPinfo or MaxMind; docs/identifiers.md has the fields. Empty: nothing is said.",
    )
    clients_inside: bool = Field(
        default=False,
        description="Clients are inside a network of one's own: their private addresses (10.0.0.0/8, 172.16.0.0/12, "
        "192.168.0.0/16, fc00::/7) count. False: such an address is a proxy's, and is left out.",
    )
    event_log: Literal["embedded", "kafka"] = Field(
        default="embedded",
        description="Where events wait for the workers: embedded (a file in this home), or kafka, "
        "which needs the extra of this name (`pip install '.[kafka]'`).",
    )
    eventlog_partitions: int = Field(
        default=4, ge=1, le=256, description="Partitions of a new embedded event log: at most so many workers share it."
    )
    eventlog_keep_days: int = Field(
        default=7, ge=1, description="Days for which the embedded log keeps events that the graph has, and event ids."
    )
    eventlog_max_waiting: int = Field(
        default=5_000_000,
        ge=1,
        description="POST /v1/events answers 429 while more events than this wait for a worker.",
    )
    kafka_servers: str = Field(default="", description="Kafka brokers, host:port, separated by commas.")
    kafka_topic: str = Field(default="ringsight.events", description="Kafka topic of the events, keyed by account.")
    kafka_config: dict[str, str] = Field(
        default_factory=dict,
        description="More settings for the Kafka client (librdkafka's names) as a JSON object: security, credentials.",
    )
    worker_batch_events: int = Field(
        default=10_000, ge=1, le=200_000, description="Events that a worker writes to the graph in one transaction."
    )
    worker_lease_s: float = Field(
        default=15.0, gt=0, description="Seconds after which a silent worker counts as dead and loses its partitions."
    )
    worker_look_s: float = Field(
        default=2.0,
        ge=0,
        description="Seconds between two looks of the workers at accounts that events touched, at least: rings show "
        "between runs. 0: none; the next run finds them.",
    )
    dedup_window: int = Field(
        default=2_000_000, ge=0, description="Newest event ids that a partition remembers: those count once."
    )

    webhook_url: HttpAddress | None = Field(
        default=None, description="Address that `ringsight rings watch` sends the changes of rings to. Empty: none."
    )
    webhook_secret: SecretStr | None = Field(
        default=None, description="Secret that signs what is sent to webhook_url (HMAC-SHA256); needed with it."
    )

    batch_size: int = Field(default=15000, ge=1, le=50000, description="Links written to the graph in one transaction.")

    index: IndexAddress | None = Field(
        default=None,
        description="Where the read index is: redis://host:port/number for a Valkey or Redis server that all machines "
        "share; needs the extra `redis` (`pip install '.[redis]'`). Empty: files in this home, mapped into every "
        "process.",
    )
    rejects_keep_days: int = Field(
        default=90,
        ge=1,
        description="Days for which refused events are kept; `ringsight erase --retention` removes them.",
    )
    rejects_max_mb: int = Field(
        default=2048,
        ge=1,
        description="MB of refused events beyond which those of HTTP and of the log are answered and counted, but not "
        "kept: a sender can't fill the disk.",
    )
    accounts_keep_days: int | None = Field(
        default=None,
        ge=1,
        description="Days after its last event for which an account is kept; `ringsight erase --retention` erases it "
        "from everywhere then. Empty: for ever.",
    )
    log_format: Literal["text", "json"] = Field(
        default="text",
        description="Log lines on standard error: text for people, or JSON objects, also one for each request.",
    )
    auth: Literal["keys", "off"] = Field(
        default="keys",
        description="keys: every request needs an API key or a login (`ringsight keys create`). off: none does, and "
        "only this machine's own requests, over the loopback address, are answered (`ringsight demo` sets it).",
    )
    otlp_endpoint: HttpAddress | None = Field(
        default=None,
        description="Address of an OpenTelemetry collector (OTLP over HTTP), such as http://127.0.0.1:4318, that gets "
        "traces of requests, batches and runs; needs the extra `otel` (`pip install '.[otel]'`). Empty: no traces.",
    )
    rate_per_key: float = Field(
        default=5000,
        gt=0,
        description="Requests a second that one API key may make to one server, all of its processes together "
        "(2 seconds' worth at once); wide reads and exports count as 20.",
    )
    trusted_proxies: int = Field(
        default=0,
        ge=0,
        le=8,
        description="Reverse proxies in front whose X-Forwarded-For, -Proto and -Host headers are believed; 0: none.",
    )

    policy: Path | None = Field(
        default=None,
        description="Policy file (TOML) with the actions at each score, enforced and shadow; docs/decisions.md has the "
        "format. Empty: the built-in policy.",
    )
    decision_deadline_ms: int = Field(
        default=1000,
        ge=1,
        le=60000,
        description="Milliseconds within which a decision is answered, with 503 if need be; the header X-Deadline-Ms "
        "of a request goes before it.",
    )
    decisions_keep_days: int = Field(default=90, ge=1, description="Days for which decisions are kept.")


def in_use(settings: Settings) -> list[dict[str, str | bool | None]]:
    """The name, value (text; None: empty) and origin of each setting, without secrets: of addresses, which may have one
    in any part but these, the scheme, host and port are shown."""
    return [
        {"name": f"RINGSIGHT_{name.upper()}", "value": _shown(name, getattr(settings, name)), "given": name in given}
        for given in [settings.model_fields_set]
        for name in type(settings).model_fields
    ]


def _shown(name: str, value: object) -> str | None:
    if value is None or value in ("", (), {}):
        return None
    if name not in SECRET:
        return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)
    found = _parts(value) if isinstance(value, str) else urlsplit("")
    if not found.hostname:
        return "(set)"
    host = f"[{found.hostname}]" if ":" in found.hostname else found.hostname
    return f"{found.scheme}://{host}" + (f":{found.port}" if found.port else "")


def load_settings() -> Settings:
    """Reads the environment. Raises SettingsError that names the variable and what is wrong with it."""
    try:
        return Settings()
    except ValidationError as error:
        first = error.errors()[0]
        field = str(first["loc"][0]) if first["loc"] else ""
        name = "RINGSIGHT_" + "_".join(str(part) for part in first["loc"]).upper()
        got = "" if field in SECRET else f" (got {first.get('input')!r})"
        wrong = told(first)
        raise SettingsError(f"{name}: {wrong}{got}; see docs/settings.md") from None
    except SettingsSourceError as error:  # a value that is to be JSON and is none; its text names the field only
        raise SettingsError(f"{error}; write it as JSON; see docs/settings.md") from None
