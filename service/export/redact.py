"""Redaction profiles: what an export may show to others."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from service.errors import InputError
from service.graph.client import Graph
from service.ingest.tokens import ACCOUNT_PREFIX, TOKEN, Tokeniser
from service.model.kinds import kinds

PROFILES = {
    "full": "ids as they are in the graph",
    "tokens": "accounts, and identifiers that are kept in the clear, as keyed tokens too; only this deployment can "
    "tell what they stand for",
    "no-third-parties": "without identifiers and networks that accounts outside the ring use as well",
}


@dataclass(frozen=True, slots=True)
class Profile:
    """A profile for one ring: `rename` maps (kind, id) to what stands for it, or to None to leave the node out.
    `left_out`: how many identifiers and networks of the ring it leaves out."""

    name: str
    rename: Callable[[str, str], str | None] = field(repr=False)
    left_out: int = 0

    def named(self, kind: str, value: str) -> str:
        """What stands for an id in sentences and lists."""
        return self.rename(kind, value) or "left out"

    @property
    def meaning(self) -> str:
        """What it does, for who gets the export."""
        return f"{self.name}: {PROFILES[self.name]}" + (f" ({self.left_out:,} of them)" if self.left_out else "")


FULL = Profile("full", lambda kind, value: value)


def profile(name: str, graph: Graph, tokeniser: Tokeniser, ring_id: str) -> Profile:
    """The profile of that name. Raises InputError that lists all."""
    if name == "full":
        return FULL
    if name == "tokens":
        return Profile(name, lambda kind, value: _token(tokeniser, kind, value))
    if name == "no-third-parties":
        outside = frozenset(graph.read("serve/third_parties", id=ring_id)[0]["ids"])

        def rename(kind: str, value: str) -> str | None:
            return None if value in outside and kind != "account" else value

        return Profile(name, rename, len(outside))
    raise InputError(f"profile: {name!r} is none of {', '.join(PROFILES)}", field="profile")


def _token(tokeniser: Tokeniser, kind: str, value: str) -> str:
    if kind == "account":
        return tokeniser.token(ACCOUNT_PREFIX, value)
    known = kinds().by_name.get(kind)
    if known is None or TOKEN.fullmatch(value):  # kept as a token: most kinds are
        return value
    return tokeniser.token(known.prefix, value)
