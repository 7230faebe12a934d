"""The real product in a home of its own: an engine that is started for the benchmark and stopped after it."""

from __future__ import annotations

import signal
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from service.bootstrap import open_graph
from service.cli.scores import read_scores
from service.detection.pipeline import RunResult, detect
from service.engine import local
from service.graph import schema
from service.graph.client import Graph
from service.ingest.tokens import load_tokeniser
from service.loading.files import FileIngest
from service.settings import Settings, load_settings


@dataclass(frozen=True, slots=True)
class Product:
    """What a benchmark does with a running product."""

    settings: Settings
    graph: Graph

    def ingest(self, events: Path) -> None:
        """Events into the graph, as `ringsight ingest` does."""
        tokeniser = load_tokeniser(self.settings.home, self.settings.ip_plain)
        FileIngest(self.graph, tokeniser, self.settings.home, self.settings.batch_size).run([events])

    def detect(self) -> RunResult:
        """One detection run, as `ringsight detect` does."""
        return detect(self.graph, self.settings.home)

    def scores(self) -> pl.DataFrame:
        """What `ringsight scores` writes."""
        return read_scores(self.graph)


def end_in_order() -> None:
    """Lets SIGTERM (a timeout's, say) run the `finally` blocks that stop the engine and remove its home."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))


@contextmanager
def product() -> Iterator[Product]:
    """A product with an empty graph in a new home, which is gone afterwards, also when the benchmark is told to stop.
    Memory as the environment sets it."""
    end_in_order()
    with tempfile.TemporaryDirectory(prefix="ringsight-bench-") as folder:
        settings = load_settings().model_copy(update={"home": Path(folder), "neo4j_uri": None})
        try:
            local.start(settings)
            with open_graph(settings) as graph:
                schema.apply(graph)
                yield Product(settings, graph)
        finally:
            local.stop(settings.home)
