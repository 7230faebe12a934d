"""Traces reach a collector, and hold no path, account or text of an error; without the setting nothing is imported."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from opentelemetry.proto.trace.v1.trace_pb2 import Status

from service import bootstrap, tracing
from service.api.services import EXTENSION
from service.detection.stages import Stages
from service.errors import NotFoundError
from service.settings import Settings
from tests.support.collector import Collector, attributes, collecting

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture
def collector() -> Iterator[Collector]:
    """A collector that this process sends its traces to."""
    with collecting() as found:
        tracing.start(found.endpoint)
        try:
            yield found
        finally:
            tracing.stop()


def test_a_request_is_a_span_of_its_route(collector: Collector, tmp_path: Path) -> None:
    app = bootstrap.application(Settings(home=tmp_path))
    with app.test_client() as client:
        client.get("/healthz", headers={"X-Request-Id": "abc-1", "traceparent": PARENT})
        client.get("/v1/accounts/someone/risk")
    app.extensions[EXTENSION].close()
    tracing.stop()
    (healthy,) = collector.named("GET /healthz")
    found = attributes(healthy)
    assert (found["ringsight.request_id"], found["http.response.status_code"]) == ("abc-1", 200)
    assert (healthy.trace_id.hex(), healthy.parent_span_id.hex()) == tuple(PARENT.split("-")[1:3])
    (risk,) = collector.named("GET /v1/accounts/<account:id>/risk")
    assert attributes(risk)["http.response.status_code"] == 503
    assert risk.status.code == Status.STATUS_CODE_ERROR
    assert "someone" not in str(collector.spans)
    assert collector.services == {"ringsight"}


def test_a_stage_is_a_span_inside_its_run(collector: Collector) -> None:
    with tracing.span("detection run", run="run-1"), Stages().stage("read"):
        pass
    tracing.stop()
    (run,), (stage,) = collector.named("detection run"), collector.named("stage read")
    assert stage.parent_span_id == run.span_id
    assert attributes(run) == {"ringsight.run": "run-1"}


def test_an_error_is_told_without_its_text(collector: Collector) -> None:
    with pytest.raises(NotFoundError), tracing.span("work"):
        raise NotFoundError("there is no account 'someone'")
    tracing.stop()
    (span,) = collector.named("work")
    assert attributes(span) == {"error.type": "NotFoundError"}
    assert "someone" not in str(span)


def test_without_the_setting_nothing_is_imported() -> None:
    code = (
        "import sys; from service import tracing, wsgi; tracing.start(wsgi.settings.otlp_endpoint)\n"
        "with tracing.span('work') as span: span.set_attribute('n', 1)\n"
        "print([name for name in sys.modules if name.startswith('opentelemetry')])"
    )
    kept = {name: value for name, value in os.environ.items() if not name.startswith("RINGSIGHT_")}
    done = subprocess.run([sys.executable, "-c", code], env=kept, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
