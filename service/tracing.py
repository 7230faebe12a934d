"""Traces for OpenTelemetry, sent to RINGSIGHT_OTLP_ENDPOINT. Without it nothing is imported and nothing is done.

Spans hold routes, counts and ids of requests and runs, never paths, accounts, identifiers or the text of errors.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from importlib.metadata import version
from typing import TYPE_CHECKING, Protocol

from service.errors import missing_extra

if TYPE_CHECKING:
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.trace import Span

SEND_WITHIN_S = 5.0

Value = str | int | float | bool


class Notes(Protocol):
    """A span that lasts: more can be said about it."""

    def set_attribute(self, key: str, value: Value) -> None:
        """Adds one attribute."""

    def fail(self, kind: str) -> None:
        """Marks it as failed; `kind` is a type of error, not its text."""


class _Nothing:
    def set_attribute(self, key: str, value: Value) -> None:
        """Tracing is off."""

    def fail(self, kind: str) -> None:
        """Tracing is off."""


NOTHING = _Nothing()
_provider: TracerProvider | None = None


def start(endpoint: str | None) -> None:
    """Switches tracing on in this process, unless `endpoint` is empty; call it after any fork. The SDK's own variables
    (OTEL_TRACES_SAMPLER, OTEL_EXPORTER_OTLP_HEADERS...) count too. Raises SettingsError if the SDK is not installed."""
    global _provider
    if not endpoint or _provider is not None:
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
        from opentelemetry.sdk.resources import Resource
        from opentelemetry.sdk.trace import TracerProvider
        from opentelemetry.sdk.trace.export import BatchSpanProcessor
    except ImportError as error:
        raise missing_extra("RINGSIGHT_OTLP_ENDPOINT is set", "otel") from error
    resource = Resource.create({"service.name": "ringsight", "service.version": version("ringsight")})
    provider = TracerProvider(resource=resource)
    exporter = OTLPSpanExporter(endpoint=f"{endpoint.rstrip('/')}/v1/traces", timeout=SEND_WITHIN_S)
    provider.add_span_processor(BatchSpanProcessor(exporter))
    _provider = provider


def stop() -> None:
    """Sends what was not sent yet and switches tracing off."""
    global _provider
    if _provider is not None:
        _provider.shutdown()
        _provider = None


def span(name: str, parent: str | None = None, **attributes: Value) -> AbstractContextManager[Notes]:
    """A span around the block, a child of the one that is open. `parent`: for a request, its traceparent header (empty
    if it has none)."""
    if _provider is None:
        return nullcontext(NOTHING)
    return _recorded(_provider, name, parent, attributes)


@contextmanager
def _recorded(provider: TracerProvider, name: str, parent: str | None, attributes: dict[str, Value]) -> Iterator[Notes]:
    from opentelemetry.trace import SpanKind
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = None if parent is None else TraceContextTextMapPropagator().extract({"traceparent": parent})
    kind = SpanKind.INTERNAL if parent is None else SpanKind.SERVER
    named = {f"ringsight.{key}": value for key, value in attributes.items()}
    tracer = provider.get_tracer("ringsight")
    # The text of an error may name an account: its type has to do.
    with tracer.start_as_current_span(
        name, context, kind, attributes=named, record_exception=False, set_status_on_exception=False
    ) as current:
        notes = _Open(current)
        try:
            yield notes
        except Exception as error:
            notes.fail(type(error).__name__)
            raise


class _Open:
    def __init__(self, current: Span) -> None:
        self._span = current

    def set_attribute(self, key: str, value: Value) -> None:
        self._span.set_attribute(key, value)

    def fail(self, kind: str) -> None:
        from opentelemetry.trace import Status, StatusCode

        self._span.set_attribute("error.type", kind)
        self._span.set_status(Status(StatusCode.ERROR))
