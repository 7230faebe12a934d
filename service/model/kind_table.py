"""What a kind of identifier is, and a table of them."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from service.model.shapes import SHAPES, Points

Role = Literal["strong", "place", "trait", "container"]


@dataclass(frozen=True, slots=True)
class Kind:
    """One kind of identifier. `field` is None of a derived one (a network): it is made from the value of the kind that
    names it among its `parents`, and `link` leads to it from there; else from the account."""

    name: str  # in answers, exports and logs
    field: str | None  # in events
    label: str  # of its nodes
    link: str  # relationship type
    prefix: str  # of its tokens, two letters
    role: Role  # strong: few share one; place: many do, at times; trait and container: shown, no evidence
    normalise: str  # the function that makes equal what means the same (service/ingest/normalisers.py)
    token: bool  # kept as a keyed token; else in the clear
    parents: tuple[str, ...]  # kinds derived from it, in the order in which its function gives them
    placeholders: tuple[str, ...]  # further values, in lower case, that identify nobody
    word: str  # in sentences and on pages
    plural: str
    about: str  # of its field, in the API's document
    colour: str
    shape: str
    aliases: tuple[str, ...] = ()  # of its field in others' files, letters and digits, the likelier ones first
    region: str | None = None  # where phone numbers without a country's code are from (ISO 3166)
    free_domains: frozenset[str] = frozenset()  # of e-mail: further domains where anybody can have a mailbox
    throwaway_domains: frozenset[str] = frozenset()  # and further ones of mailboxes that nobody keeps
    address: bool = False  # an address, or derived from one: RINGSIGHT_IP_PLAIN says how it is kept

    @property
    def evidence(self) -> bool:
        """Whether detection and decisions look at it."""
        return self.role in ("strong", "place")

    @property
    def points(self) -> Points:
        """The corners of its mark."""
        return SHAPES[self.shape]


@dataclass(frozen=True, eq=False)
class Table:
    """All kinds, those of events first, each in the order of the file. Two tables are equal only if they are one."""

    every: tuple[Kind, ...]

    @cached_property
    def sent(self) -> tuple[Kind, ...]:
        """Kinds that events bring."""
        return tuple(kind for kind in self.every if kind.field is not None)

    @cached_property
    def derived(self) -> tuple[Kind, ...]:
        """Kinds that are made from others."""
        return tuple(kind for kind in self.every if kind.field is None)

    @cached_property
    def evidence(self) -> tuple[Kind, ...]:
        """Kinds of events that detection and decisions look at."""
        return tuple(kind for kind in self.sent if kind.evidence)

    @cached_property
    def strong(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in self.sent if kind.role == "strong")

    @cached_property
    def place(self) -> tuple[Kind, ...]:
        return tuple(kind for kind in self.sent if kind.role == "place")

    @cached_property
    def fields(self) -> dict[str, Kind]:
        """Field of events -> kind."""
        return {kind.field: kind for kind in self.sent if kind.field is not None}

    @cached_property
    def by_name(self) -> dict[str, Kind]:
        return {kind.name: kind for kind in self.every}

    @cached_property
    def by_label(self) -> dict[str, Kind]:
        return {kind.label: kind for kind in self.every}

    @cached_property
    def by_prefix(self) -> dict[str, Kind]:
        return {kind.prefix: kind for kind in self.every}

    @cached_property
    def child(self) -> dict[str, Kind]:
        """Name of a derived kind -> the kind that it is made from."""
        return {parent: kind for kind in self.sent for parent in kind.parents}

    @cached_property
    def digest(self) -> str:
        """Tells tables apart by which the same file would be read in another way."""
        rules = [
            (kind.name, kind.field, kind.normalise, kind.token, kind.parents, kind.placeholders, kind.region)
            for kind in self.every
        ]
        return hashlib.sha256(repr(rules).encode()).hexdigest()[:8]

    def words_of(self, kinds: tuple[Kind, ...]) -> str:
        """Their names in a sentence: "cards, devices and phones"."""
        words = [kind.plural for kind in kinds]
        return " and ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)
