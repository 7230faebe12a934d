"""Log lines and progress: a bar on a terminal, a log line otherwise."""

from __future__ import annotations

import json
import logging
import sys
import time
from contextvars import ContextVar
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
from rich.progress import Progress as RichProgress

log = logging.getLogger("ringsight")
# The id of the request that is being answered; empty outside of one.
request_id: ContextVar[str] = ContextVar("request_id", default="")

LINE_EVERY_S = 5.0


def configure(form: str = "text", level: str = "INFO") -> None:
    """Sends log lines to standard error, once: the first call decides on the form, "text" or "json"."""
    if not log.handlers:
        handler = logging.StreamHandler(sys.stderr)
        handler.setFormatter(JsonLines() if form == "json" else TextLines("%(asctime)s %(levelname)s %(message)s"))
        log.addHandler(handler)
        log.propagate = False
    log.setLevel(level)
    # Neo4j's driver writes a line for each of its tries, past our handler. What comes of them is raised, and told once.
    logging.getLogger("neo4j").setLevel(logging.CRITICAL)


class TextLines(logging.Formatter):
    """A line for people; the request's id comes last."""

    def formatMessage(self, record: logging.LogRecord) -> str:
        text = super().formatMessage(record)
        found = request_id.get()
        return f"{text} [{found}]" if found else text


class JsonLines(logging.Formatter):
    """One JSON object a line: at, level, message; request_id, error and a record's own `fields` if there are any."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
        }
        if found := request_id.get():
            line["request_id"] = found
        line |= getattr(record, "fields", {})
        if record.exc_info:
            line["error"] = self.formatException(record.exc_info)
        return json.dumps(line, ensure_ascii=False, default=str)


class Progress:
    """Progress of one piece of long work: `with Progress("writing links", total) as p: p.advance(n)`."""

    def __init__(self, what: str, total: int | None = None) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self._line_at = time.monotonic() + LINE_EVERY_S
        self._bar: RichProgress | None = None
        if sys.stderr.isatty():
            self._bar = RichProgress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeElapsedColumn(),
                console=Console(stderr=True),
                transient=True,
            )
            self._task = self._bar.add_task(what, total=total)

    def advance(self, n: int = 1) -> None:
        """Counts n more as done."""
        self.done += n
        if self._bar is not None:
            self._bar.advance(self._task, n)
        elif time.monotonic() >= self._line_at:
            self._line_at = time.monotonic() + LINE_EVERY_S
            log.info("%s: %d%s", self.what, self.done, f" of {self.total}" if self.total else "")

    def __enter__(self) -> Progress:
        if self._bar is not None:
            self._bar.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        if self._bar is not None:
            self._bar.stop()
