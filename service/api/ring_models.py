"""What the endpoints about rings answer, for the OpenAPI document; tests hold real answers against these."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Literal

from pydantic import BaseModel, Field

from service.api.words import Label, Level, Status
from service.ingest.networks import Sort
from service.rings.changes import KINDS


class HeldBy(BaseModel):
    """An identifier that holds a ring together."""

    kind: str
    id: str
    members: int = Field(description="Members of the ring that use it")
    accounts: int | None = Field(default=None, description="Accounts that use it, members or not")


class Within(BaseModel):
    """What an identifier is part of: a network, a domain."""

    kind: str
    id: str
    trait: Literal["free", "throwaway"] | Sort | None = Field(
        description="Of an e-mail domain: mailboxes that nobody keeps (throwaway), or that anybody can have (free); of "
        "addresses: the sort of network that all of them are in, by the files of RINGSIGHT_MMDB"
    )
    name: str | None = Field(
        description="Of an autonomous system: whose it is, by the files of RINGSIGHT_MMDB; of a country: +33"
    )


class Shared(Within):
    """What members of a ring are part of."""

    members: int


class ReasonOut(BaseModel):
    """Why: a stable code, one plain sentence, its points and the counts behind it."""

    code: str
    text: str
    points: float
    evidence: dict[str, int | float | str] = {}


class RingSummary(BaseModel):
    """A ring in a list."""

    id: str
    run: str = Field(description="The last run that found it")
    score: float = Field(ge=0, le=100)
    level: Level
    size: int
    status: Status
    first_seen: datetime | None
    last_seen: datetime | None
    kinds: list[str] | None = Field(description="Kinds of identifier that its members share")
    held_by: list[HeldBy]
    parts: Any = None
    uses: int | None = Field(default=None, description="Requests made by its members")
    uses_per_day: float | None = None
    share_of_all_uses: float | None = None
    growth: list[int] | None = None


class Rings(BaseModel):
    """A page of rings."""

    rings: list[RingSummary]
    total: int = Field(description="On all pages")
    next: str | None = Field(description="Cursor of the next page")


class Run(BaseModel):
    """The published detection run."""

    id: str
    state: str | None
    started_at: datetime | None
    finished_at: datetime | None
    parameters: dict[str, Any]
    counts: dict[str, Any]


class Ring(RingSummary):
    """One ring."""

    reasons: list[ReasonOut] | None
    within: list[Shared] = Field(description="Networks and domains of two members or more, the most used first")
    current: bool = Field(description="False if the published run did not find it again")
    published_run: Run | None


class Member(BaseModel):
    """An account in a ring."""

    id: str
    created_at: datetime | None
    strength: float | None = Field(description="How firmly it belongs, 0 to 1")
    risk: float | None
    level: Level
    label: Label | None
    links: int = Field(description="Identifiers that it uses")


class Members(BaseModel):
    """Some members of a ring."""

    members: list[Member]
    total: int
    offset: int


class Node(BaseModel):
    """An account, a bundle of accounts, the rest of them, or an identifier."""

    id: str
    kind: str = Field(description="account, bundle, rest, ring or a kind of identifier (device, ip, ..)")
    accounts: int | None = Field(
        default=None, description="Accounts in a bundle; around an account, those that use an identifier"
    )
    members: int | None = Field(default=None, description="Members of the ring that use an identifier")
    identifiers: list[str] | None = Field(default=None, description="What a bundle's accounts share; send as `open`")
    births: list[int] | None = Field(
        default=None, description="When a bundle's accounts were made (epoch seconds): up to 24 times, evenly by rank"
    )
    risk: float | None = None
    level: Level | None = None
    label: Label | None = None
    first_seen: datetime | None = None
    strength: float | None = None


class Link(BaseModel):
    """An account or bundle uses an identifier."""

    source: str
    target: str
    type: str
    accounts: int
    uses: int | None
    first_seen: datetime | None
    last_seen: datetime | None


class Drawing(BaseModel):
    """Nodes and links to draw."""

    nodes: list[Node]
    links: list[Link]
    folded: bool = False
    fold: str | None = Field(default=None, description="What accounts were bundled by")
    bundles: int = Field(default=0, description="Bundles in all; the smaller ones are in the node of kind rest")
    totals: dict[str, int] = {}


class Bucket(BaseModel):
    """Births in one part of the time."""

    start: int = Field(description="Epoch seconds")
    members: int
    others: int


class Timeline(BaseModel):
    """Births of a ring's members beside everybody else's."""

    step_seconds: int
    buckets: list[Bucket]


class Action(BaseModel):
    """One entry of the journal."""

    id: str
    subject: str = Field(description="The ring or account")
    kind: str = Field(description="status or label")
    at: datetime
    who: str
    note: str | None
    before: str | None
    after: str | None
    undone: bool


class Actions(BaseModel):
    """Entries of the journal."""

    actions: list[Action]


class Change(BaseModel):
    """One change of a ring."""

    seq: int = Field(description="Its number in the feed")
    id: str
    kind: str = Field(description=f"One of {', '.join(KINDS)}")
    at: datetime
    ring: str
    run: str | None
    size: int | None
    size_before: int | None
    other: str | None = Field(description="The ring that was taken in, or that this one split off")
    score: float | None
    level: str | None
    status: str | None
    status_before: str | None
    who: str | None = Field(description="Who changed the status")
