"""Rings: lists, one ring with members, graph, timeline, journal and exports, and what people decide about them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

import flask
from flask_openapi3 import APIBlueprint, Tag
from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from service.api import ring_models as models
from service.api.notes import Note
from service.api.ring_models import Change
from service.api.services import services
from service.api.words import Level, Status
from service.errors import InputError
from service.export import redact
from service.export import ring as export
from service.rings import actions, changes, graphview, rings, search, within
from service.security.guard import about, actor

api = APIBlueprint("rings", __name__, url_prefix="/v1", abp_tags=[Tag(name="rings", description="Rings of accounts")])


RingId = Annotated[str, AfterValidator(rings.spelled), Field(max_length=64)]


class RingPath(BaseModel):
    """Which ring."""

    id: RingId = Field(description="A ring's id, such as R-7F3K-Q, also in small letters")


class RingsQuery(BaseModel):
    """Which rings, and in which order."""

    model_config = ConfigDict(extra="forbid")

    status: list[Status] | None = Field(default=None, description="One or more; give it again for each")
    level: list[Level] | None = None
    min_size: int | None = Field(default=None, ge=1, le=10**9)
    max_size: int | None = Field(default=None, ge=1, le=10**9)
    identifier: str | None = Field(
        default=None,
        min_length=1,
        max_length=512,
        description="An account id, the value of any identifier as events have it, a network or another derived "
        "value, one of their tokens, or a ring's id",
    )
    since: datetime | None = Field(default=None, description="Rings that were active at or after this time")
    until: datetime | None = Field(default=None, description="Rings that began at or before this time")
    sort: Literal["score", "size", "uses", "first_seen", "last_seen"] = "score"
    order: Literal["desc", "asc"] = "desc"
    growth: bool = Field(default=False, description="Adds each ring's number of members at 24 moments of its time")
    limit: int = Field(default=50, ge=1, le=200)
    cursor: str | None = Field(default=None, max_length=512, description="`next` of the page before")


class MembersQuery(BaseModel):
    """Which members, and in which order."""

    model_config = ConfigDict(extra="forbid")

    sort: Literal["strength", "risk", "created_at", "label", "id"] = "strength"
    order: Literal["desc", "asc"] = "desc"
    offset: int = Field(default=0, ge=0, le=10**7)
    limit: int = Field(default=100, ge=1, le=1000)


class GraphQuery(BaseModel):
    """The whole ring (folded if it is large), or the accounts of one bundle."""

    model_config = ConfigDict(extra="forbid")

    open: list[str] | None = Field(
        default=None, max_length=200, description="Identifiers of a bundle: accounts that use all of them"
    )
    rest: bool = Field(default=False, description="Accounts that are in none of the bundles")


class ExportQuery(BaseModel):
    """In which format."""

    model_config = ConfigDict(extra="forbid")

    format: str = Field(default="graphml", max_length=20, json_schema_extra={"enum": [*export.FORMATS]})
    profile: str = Field(default="full", max_length=20, json_schema_extra={"enum": [*redact.PROFILES]})


_FILE: dict[str, Any] = {
    "description": "The file",
    "content": {
        form.media_type.partition(";")[0]: {"schema": {"type": "string", "format": "binary"}}
        for form in export.FORMATS.values()
    },
}


class History(models.Actions):
    """What runs changed and what people did."""

    changes: list[Change]


class Decided(BaseModel):
    """A decision about rings."""

    model_config = ConfigDict(extra="forbid")

    status: Status
    note: Note = ""


class StatusBody(Decided):
    """A decision about a ring."""

    seen: Status | None = Field(
        default=None, description="The status that you saw it with: 409 if somebody changed it since, with who and when"
    )


class BulkStatusBody(Decided):
    """The same decision about many rings."""

    ids: list[RingId] = Field(min_length=1, max_length=1000)
    seen: dict[RingId, Status] = Field(
        default={}, description="The status that you saw each ring with: 409 if somebody changed one since"
    )


@api.get("/rings", responses={200: models.Rings}, summary="Rings of the published run")
def show_rings(query: RingsQuery) -> flask.Response:
    """Filtered, sorted, in pages: pass `next` as `cursor` for the following one."""
    graph = services().graph
    only = None
    if query.identifier:
        tokens = search.candidates(services().tokeniser, query.identifier.strip())
        only = rings.rings_of_term(graph, query.identifier.strip(), tokens)
    wanted = rings.RingFilter(
        statuses=tuple(query.status) if query.status else None,
        levels=tuple(query.level) if query.level else None,
        min_size=query.min_size,
        max_size=query.max_size,
        since=_utc(query.since, "since"),
        until=_utc(query.until, "until"),
        sort=query.sort,
        descending=query.order == "desc",
    )
    page = rings.list_rings(graph, wanted, only, query.cursor, query.limit)
    grown = rings.growth(graph, [ring["id"] for ring in page.rings]) if query.growth and page.rings else {}
    found = [{**ring, "growth": grown.get(ring["id"])} for ring in page.rings]
    return flask.jsonify(rings=found, total=page.total, next=page.next)


@api.post(
    "/rings/status", responses={200: models.Actions, 404: None, 409: None}, summary="Sets the status of many rings"
)
def set_statuses(body: BulkStatusBody) -> flask.Response:
    """All or none: an unknown id changes nothing, nor does one that somebody else decided about since you saw it."""
    about("rings", list(dict.fromkeys(body.ids)))
    return _changed(body.ids, body, body.seen)


@api.get("/rings/<id>", responses={200: models.Ring, 404: None}, summary="One ring")
def show_ring(path: RingPath) -> flask.Response:
    """With its reasons, what holds it together, and the run that found it."""
    graph = services().graph
    return flask.jsonify({**rings.ring(graph, path.id), "within": within.of_ring(graph, path.id)})


@api.get("/rings/<id>/members", responses={200: models.Members, 404: None}, summary="Members of a ring")
def show_members(path: RingPath, query: MembersQuery) -> flask.Response:
    """Some members, from `offset` on."""
    graph = services().graph
    total = rings.ring(graph, path.id)["size"]
    found = rings.members(graph, path.id, query.sort, query.order == "desc", query.offset, query.limit)
    return flask.jsonify(members=found, total=total, offset=query.offset)


@api.get(
    "/rings/<id>/graph", responses={200: models.Drawing, 404: None}, summary="A ring's graph, folded if it is large"
)
def show_graph(path: RingPath, query: GraphQuery) -> flask.Response:
    """Fewer than 500 nodes and links: accounts with the same identifiers are one bundle in a large ring."""
    graph = services().graph
    if query.open:
        return flask.jsonify(graphview.open_bundle(graph, path.id, query.open))
    if query.rest:
        return flask.jsonify(graphview.open_rest(graph, rings.ring(graph, path.id)))
    return flask.jsonify(graphview.ring_graph(graph, rings.ring(graph, path.id)))


@api.get(
    "/rings/<id>/timeline", responses={200: models.Timeline, 404: None}, summary="Signups of a ring against all others"
)
def show_timeline(path: RingPath) -> flask.Response:
    """Births of members and of all other accounts in equal parts of the ring's time."""
    graph = services().graph
    rings.ring(graph, path.id)
    return flask.jsonify(rings.timeline(graph, path.id))


@api.get("/rings/<id>/export", responses={200: _FILE, 404: None}, summary="A ring as a file that other tools open")
def export_ring(path: RingPath, query: ExportQuery) -> flask.Response:
    """Streamed: a large ring is read from the graph as it is sent."""
    parts = services()
    graph = parts.graph
    rings.ring(graph, path.id)
    wanted = export.chosen(query.format)
    profile = redact.profile(query.profile, graph, parts.tokeniser, path.id)
    chunks = export.chunks(graph, path.id, query.format, profile, parts.settings.home)
    first = next(chunks, b"")  # made before the answer begins, so that a failure is answered as one
    response = flask.Response(itertools.chain([first], chunks), content_type=wanted.media_type)
    response.headers["Content-Disposition"] = f'attachment; filename="{path.id}.{wanted.extension}"'
    return response


@api.get("/rings/<id>/history", responses={200: History, 404: None}, summary="What became of a ring")
def show_history(path: RingPath) -> flask.Response:
    """What runs changed about it and what people did with it, each newest first."""
    graph = services().graph
    rings.ring(graph, path.id)
    changes.note(graph)
    return flask.jsonify(changes=changes.of_ring(graph, path.id), actions=actions.of_ring(graph, path.id))


@api.get("/rings/<id>/journal", responses={200: models.Actions, 404: None}, summary="What people did with a ring")
def show_journal(path: RingPath) -> flask.Response:
    """Statuses of the ring and labels of its members, newest first."""
    graph = services().graph
    rings.ring(graph, path.id)
    return flask.jsonify(actions=actions.of_ring(graph, path.id))


@api.post("/rings/<id>/status", responses={200: models.Actions, 404: None, 409: None}, summary="Sets a ring's status")
def set_status(path: RingPath, body: StatusBody) -> flask.Response:
    """People's word: no later run changes it."""
    return _changed([path.id], body, {path.id: body.seen} if body.seen else {})


def _changed(ids: list[str], body: Decided, seen: Mapping[str, str]) -> flask.Response:
    ids = list(dict.fromkeys(ids))
    changed = actions.set_status(services().graph, ids, body.status, actor(), body.note, seen)
    for ring_id in ids:
        services().ring_status(ring_id, body.status)
    return flask.jsonify(actions=changed)


def _utc(value: datetime | None, name: str) -> str | None:
    if value is None:
        return None
    if value.tzinfo is None:
        raise InputError(f"{name}: give the time with its zone, such as 2026-11-01T00:00:00Z", field=name)
    try:
        return value.astimezone(UTC).isoformat()
    except OverflowError:
        raise InputError(f"{name}: the time is out of range", field=name) from None
