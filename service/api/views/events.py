"""Events by HTTP: 202 once they are durable in the event log."""

from __future__ import annotations

import json
import threading
import zlib
from typing import Any, NoReturn

import flask
import orjson
from flask_openapi3 import APIBlueprint, Tag
from pydantic import BaseModel, Field
from werkzeug.exceptions import BadRequest, RequestEntityTooLarge, UnsupportedMediaType

from service.api.monitoring import count_fields
from service.api.services import services
from service.errors import InputError
from service.ingest.intake import Intake
from service.sources.lines import filled_lines, json_objects, json_value, parsed_lines, unknown_fields
from service.sources.open import open_log
from service.sources.raw import MOST_NAMES, OTHERS

MAX_EVENTS = 10_000
MAX_PARTS = 100 * MAX_EVENTS  # of an event: fields, values and what they hold
MAX_UNPACKED_BYTES = 64 * 1024 * 1024
ARRAY = "application/json"
MARK = "\ue000here\ue000"  # stands where a body stops being text
LINES = ("application/x-ndjson", "application/jsonl", "application/jsonlines")
EXTENSION = "ringsight.intake"

api = APIBlueprint("events", __name__, url_prefix="/v1", abp_tags=[Tag(name="events", description="Events in")])
_lock = threading.Lock()


class RefusedEvent(BaseModel):
    """An event, or the value of one field, that breaks a rule."""

    index: int = Field(description="Its place in the request, from 0; blank lines do not count")
    field: str
    reason: str
    remedy: str


class EventsAnswer(BaseModel):
    """What became of the events of a request."""

    accepted: int = Field(description="Good events: they are durable now")
    duplicates: int = Field(description="How many of those the log had already, by their event_id; they count once")
    left_out: dict[str, int] = Field(
        description="Field -> values that identify nobody (docs/ingest.md, Placeholders): their events count without"
    )
    refused: list[RefusedEvent] = Field(description="These are not ingested; they are kept in the rejects folder")
    refused_values: list[RefusedEvent] = Field(
        description="These values are not ingested, the rest of their events is; they are kept in the rejects folder"
    )
    refused_kept: bool = Field(description="False once the rejects folder holds RINGSIGHT_REJECTS_MAX_MB")
    ignored_fields: dict[str, int] = Field(
        description="Name of a field that no event has -> events with a value in it; beyond "
        f"{MOST_NAMES} different names as {OTHERS}"
    )


_EVENT = {"account_id": "acct-1", "occurred_at": "2026-03-01T12:00:00Z", "type": "signup", "ip": "203.0.113.7"}
_BODY = {
    "requestBody": {
        "required": True,
        "content": {
            ARRAY: {
                "schema": {"type": "array", "maxItems": MAX_EVENTS, "items": {"type": "object"}},
                "example": [_EVENT],
            },
            LINES[0]: {"schema": {"type": "string"}, "example": orjson.dumps(_EVENT).decode()},
        },
    }
}


@api.post(
    "/events",
    responses={202: EventsAnswer, 400: None, 413: None, 415: None, 422: None, 429: None, 503: None},
    summary="Send up to 10,000 events",
    openapi_extensions=_BODY,
)
def send() -> tuple[dict[str, Any], int]:
    """Takes a JSON array or JSON lines, also with Content-Encoding: gzip. At the answer 202, the good ones are durable.

    A value that breaks a rule is refused alone and listed, and the rest of its event counts; an event without a usable
    account or time, or of which nothing is left, is refused as a whole. If none is good, the answer is 422.
    """
    rows = _events(_unpacked())
    found = _intake().take(json_objects(rows, 0), unknown_fields(rows), flask.g.get("request_id"))
    count_fields(found.fields)
    refused, ignored = [_listed(item) for item in found.refused], dict(found.fields.ignored)
    if not found.accepted:
        text = f"none of the {len(refused)} events is good; refused tells why"
        raise InputError(text, refused=refused, refused_kept=found.kept, ignored_fields=ignored)
    return {
        "accepted": found.accepted,
        "duplicates": found.duplicates,
        "left_out": dict(found.fields.left_out),
        "refused": refused,
        "refused_values": [_listed(item) for item in found.values],
        "ignored_fields": ignored,
        "refused_kept": found.kept,
    }, 202


def _listed(item: dict[str, Any]) -> dict[str, Any]:
    return {"index": item["row"], "field": item["field"], "reason": item["reason"], "remedy": item["remedy"]}


def _events(data: bytes) -> list[Any]:
    """The parsed events of a body. Raises what becomes 400, 413, 415 or 422."""
    kind = flask.request.mimetype
    if sum(map(data.count, (b",", b":", b"[", b"{"))) > MAX_PARTS:  # parsed, `[[],[],...]` takes 30 times the memory
        _too_large(f"the body has over {MAX_PARTS:,} fields and values; send up to {MAX_EVENTS:,} events in a request")
    if kind == ARRAY:
        objects = _array(data)
        count = len(objects)
    elif kind in LINES:
        count = filled_lines(data)
    else:
        raise UnsupportedMediaType(f"send a JSON array as {ARRAY}, or JSON lines as {LINES[0]}")
    if count > MAX_EVENTS:
        _too_large(f"{count} events are too many; send up to {MAX_EVENTS} in a request")
    if not count:
        raise InputError("the body holds no event; send at least one")
    return objects if kind == ARRAY else parsed_lines(data)


def _array(data: bytes) -> list[Any]:
    """The members of a JSON array, all or none. Raises InputError, and BadRequest if it is not UTF-8."""
    try:
        try:
            objects = orjson.loads(data)
        except orjson.JSONDecodeError:
            objects = json_value(data)  # half of a surrogate pair is JSON too: it costs its own value only
    except UnicodeDecodeError as error:
        place = f"byte {error.start} (0x{data[error.start]:02x}){_event_at(data, error.start)}"
        raise BadRequest(
            f"the body is not UTF-8: {place}; nothing of it was taken. Encode it as UTF-8, or send JSON lines "
            f"({LINES[0]}): there only such an event is refused"
        ) from None
    except (ValueError, RecursionError) as error:
        raise InputError(f"the body is not JSON ({error}); send an array of events") from None
    if not isinstance(objects, list):
        raise InputError("the body must be a JSON array of events; for JSON lines, send application/x-ndjson")
    return objects


def _event_at(data: bytes, place: int) -> str:
    """Which event of an array a byte is in, if the rest of it is JSON; only said, for where an event ends that has such
    bytes in it is a guess."""
    try:
        rows = json.loads(data[:place].decode() + MARK + data[place:].decode("utf-8", "replace"))
    except (ValueError, RecursionError):
        return ""
    found = (n for n, row in enumerate(rows) if MARK in json.dumps(row, ensure_ascii=False))
    return f", in the event with index {next(found, 0)}" if isinstance(rows, list) else ""


def _unpacked() -> bytes:
    """The body, unpacked, never more than the limit of it."""
    data = flask.request.get_data(cache=False)
    encoding = flask.request.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding == "identity":
        return data
    if encoding != "gzip":
        raise UnsupportedMediaType(f"Content-Encoding {encoding[:40]!r} is not known; send gzip or none")
    unpacker = zlib.decompressobj(wbits=31)
    try:
        plain = unpacker.decompress(data, MAX_UNPACKED_BYTES)
    except zlib.error as error:
        raise InputError(f"the body is not gzip ({error}); check the sender") from None
    if unpacker.unconsumed_tail:
        _too_large(f"the body unpacks to over {MAX_UNPACKED_BYTES >> 20} MB; send fewer events at once")
    if not unpacker.eof or unpacker.unused_data:
        raise InputError("the gzip body is cut short or followed by something; check the sender")
    return plain


def _too_large(text: str) -> NoReturn:
    raise RequestEntityTooLarge(text)


def _intake() -> Intake:
    """The process's intake, opened at the first request (never before a fork)."""
    found: Intake | None = flask.current_app.extensions.get(EXTENSION)
    if found is None:
        with _lock:
            found = flask.current_app.extensions.get(EXTENSION)
            if found is None:
                parts = services()
                own = parts.settings
                found = Intake(open_log(own), parts.tokeniser, own.home, own.eventlog_max_waiting, own.rejects_max_mb)
                flask.current_app.extensions[EXTENSION] = found
    return found
