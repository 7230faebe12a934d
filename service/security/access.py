"""Which roles may use which endpoint, what a use costs, and what the journal keeps of it: one table.

An endpoint that is not in the table is refused to everybody; a test holds the table against the routes.
"""

from __future__ import annotations

from dataclasses import dataclass

from service.security.roles import Role

DECIDERS = frozenset({Role.SCORE, Role.SCORE_BLIND, Role.ANALYST})
ANALYSTS = frozenset({Role.ANALYST})
ADMINS: frozenset[Role] = frozenset()  # an admin may do all


@dataclass(frozen=True, slots=True)
class Access:
    """The rule of one endpoint.

    roles: who may use it beside admins; None: anybody, without a key.
    cost: how many of a key's tokens one use takes (see limits.py).
    page: a page for people: without a login it leads to the login page.
    export: a read that the journal keeps, since data leaves with it.
    quiet: a POST that changes nothing, so that the journal keeps no line.
    fields: members of the body or query that the journal keeps; never free text or identifiers.
    """

    roles: frozenset[Role] | None
    cost: int = 1
    page: bool = False
    export: bool = False
    quiet: bool = False
    fields: tuple[str, ...] = ()


PUBLIC = Access(None, quiet=True)
READ = Access(ANALYSTS)
WIDE_READ = Access(ANALYSTS, cost=20)
PAGE = Access(ANALYSTS, page=True)

ACCESS: dict[str, Access] = {
    "health.healthz": PUBLIC,
    "health.readyz": PUBLIC,
    "docs.page": PUBLIC,
    "docs.start": PUBLIC,
    "docs.openapi": PUBLIC,
    "docs.static": PUBLIC,
    "session.open_session": PUBLIC,
    "session.show_session": PUBLIC,
    "session.close_session": PUBLIC,
    "risk.signup": Access(DECIDERS, quiet=True),
    "risk.account": Access(DECIDERS),
    "events.send": Access(frozenset({Role.INGEST})),
    "rings.show_rings": READ,
    "rings.show_ring": READ,
    "rings.show_members": READ,
    "rings.show_graph": Access(ANALYSTS, cost=5),
    "rings.show_timeline": READ,
    "rings.show_history": READ,
    "rings.show_journal": READ,
    "rings.export_ring": Access(ANALYSTS, cost=20, export=True, fields=("format", "profile")),
    "rings.set_status": Access(ANALYSTS, fields=("status",)),
    "rings.set_statuses": Access(ANALYSTS, fields=("status",)),
    "search.find": Access(ANALYSTS, cost=5),
    "actions.undo": Access(ANALYSTS),
    "accounts.show_account": READ,
    "accounts.show_graph": READ,
    "accounts.set_label": Access(ANALYSTS, fields=("label",)),
    "accounts.set_labels": Access(ANALYSTS, fields=("label",)),
    "changes.show_changes": READ,
    "pages.static": PUBLIC,
    "pages.login": PUBLIC,
    "pages.guide": PUBLIC,
    "pages.grass": PUBLIC,
    "pages.kinds_script": PUBLIC,
    "pages.kinds_style": PUBLIC,
    "pages.preflight": PUBLIC,
    "pages.rings": PAGE,
    "pages.ring": PAGE,
    "pages.account": PAGE,
    "pages.runs": PAGE,
    "model.show_model": READ,
    "runs.start": Access(ADMINS, cost=20),
    "runs.show_runs": READ,
    "runs.show_run": READ,
    "settings.show_settings": Access(ADMINS),
    "decisions.show": READ,
    "decisions.differences": WIDE_READ,
    "metrics.show": Access(frozenset({Role.MONITOR})),
    "erase.erase_account": Access(ADMINS, cost=20),
}


def is_public(endpoint: str) -> bool:
    """Whether anybody may use an endpoint, without a key."""
    access = ACCESS.get(endpoint)
    return access is not None and access.roles is None
