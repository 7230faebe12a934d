"""Checks every request against the table of access, before any view sees it."""

from __future__ import annotations

import ipaddress
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, quote, urlsplit

import flask
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import LengthRequired

from service.errors import ForbiddenError, TooManyRequestsError, UnauthenticatedError
from service.security.access import ACCESS, Access
from service.security.keys import Key, KeyStore
from service.security.limits import Buckets
from service.security.roles import Role

SESSION_KEY, SESSION_ID = "key", "id"
CHANGE_HEADER = "X-Ringsight-Request"
READING = frozenset({"GET", "HEAD", "OPTIONS"})
ANYBODY_PER_S = 20.0  # requests a second and address, without a key, to what opens a session


@dataclass(frozen=True, slots=True)
class Principal:
    """Who makes the request. `how`: key (a header), session (a login) or off (no keys are asked for)."""

    id: str
    name: str
    roles: frozenset[Role]
    how: str

    def may(self, access: Access) -> bool:
        """Whether a role allows it."""
        return access.roles is None or Role.ADMIN in self.roles or not self.roles.isdisjoint(access.roles)

    @property
    def sees_reasons(self) -> bool:
        """False if the only role that lets it ask for decisions is the blind one."""
        return not self.roles.isdisjoint({Role.SCORE, Role.ANALYST, Role.ADMIN})


NOBODY = Principal("", "", frozenset(), "key")
OWNER = Principal("local", "this machine", frozenset(Role), "off")


def principal() -> Principal:
    """Who makes the current request; everybody is OWNER where no guard is installed (tests of single views)."""
    found: Principal = flask.g.get("principal", OWNER)
    return found


def actor() -> str:
    """Who asks, for the journal: the name of the key or session, or "this machine" where none is needed."""
    return principal().name


def about(kind: Literal["rings", "accounts"], ids: Sequence[str]) -> None:
    """Writes into the journal which rings or accounts the current request changes, where its path does not say."""
    if name_targets := flask.g.get("name_targets"):
        name_targets(kind, ids)


class Guard:
    """Runs before each request."""

    def __init__(self, keys: KeyStore, off: bool, rate: float) -> None:
        self._keys = keys
        self._off = off
        self._by_key = Buckets(rate)
        self._by_address = Buckets(ANYBODY_PER_S)

    def __call__(self) -> ResponseReturnValue | None:
        endpoint = flask.request.endpoint
        if endpoint is None:  # no such path, or not with this method: the answer is 404 or 405
            return None
        access = ACCESS.get(endpoint)
        if access is None:
            raise ForbiddenError(f"nobody may use the endpoint {endpoint!r}: it is not in service/security/access.py")
        who = self._owner() if self._off else self._caller()
        flask.g.principal = who
        if who.how != "off":
            flask.g.who = who.name  # the name in a ring's own journal
        if who is NOBODY and "Transfer-Encoding" in flask.request.headers:
            raise LengthRequired("without a key, send a body with its Content-Length")
        if access.roles is not None and who is NOBODY:
            if access.page:
                asked = flask.request.environ.get("RAW_URI", "/")  # with what its path has encoded
                return flask.redirect(f"/login?next={quote(asked, safe='/')}")
            raise UnauthenticatedError(
                "send an API key in the header `Authorization: Bearer rsk_...`; `ringsight keys create` makes one"
            )
        if not who.may(access):
            allowed = " or ".join(sorted({*(access.roles or ()), Role.ADMIN}))
            raise ForbiddenError(
                f"this needs the role {allowed}; the key {who.name!r} has {' '.join(sorted(who.roles))}"
            )
        self._limit(who, endpoint, access)
        return None

    def _caller(self) -> Principal:
        header = flask.request.headers.get("Authorization")
        if header is not None:
            scheme, _, text = header.partition(" ")
            key = self._keys.check(text.strip()) if scheme.lower() == "bearer" else None
            if key is None:
                raise UnauthenticatedError("the API key is wrong, expired or revoked; `ringsight keys list` tells")
            return _principal(key, "key")
        session_key = self._session_key() if flask.request.cookies else None
        refuse_other_sites(session=session_key is not None)
        return _principal(session_key, "session") if session_key else NOBODY

    def _session_key(self) -> Key | None:
        """The key that opened the request's session, if neither of the two has ended."""
        key_id, session_id = flask.session.get(SESSION_KEY), flask.session.get(SESSION_ID)
        if not (isinstance(key_id, str) and isinstance(session_id, str)):
            return None
        key = self._keys.active(key_id)
        return None if self._keys.has_ended(session_id) else key

    def _owner(self) -> Principal:
        """Without keys only this machine is answered, and only under a loopback name: a page of another site that
        had its name point here (DNS rebinding) still sends its own name."""
        request = flask.request
        host = _split(f"//{request.host}")
        local = host is not None and is_loopback(host.hostname or "")
        if not (local and is_loopback(request.remote_addr or "")):
            raise ForbiddenError(
                "RINGSIGHT_AUTH=off answers this machine's own requests to http://127.0.0.1 or http://localhost only; "
                "set RINGSIGHT_AUTH=keys and make a key with `ringsight keys create`"
            )
        refuse_other_sites(session=False)
        return OWNER

    def _limit(self, who: Principal, endpoint: str, access: Access) -> None:
        if who.how == "off":
            return
        if who is NOBODY:
            if not endpoint.startswith("session."):
                return
            wait = self._by_address.take(flask.request.remote_addr or "")
        else:
            wait = self._by_key.take(who.id, access.cost)
        if wait:
            seconds = math.ceil(wait)
            raise TooManyRequestsError(f"too many requests; try again in {seconds} s (RINGSIGHT_RATE_PER_KEY)", seconds)


def refuse_other_sites(session: bool) -> None:
    """Refuses changes that a page of another site may have made the browser send (CSRF). A login's changes need a
    header that such a page can't set; the browser's own word on the origin counts wherever it gives it."""
    request = flask.request
    if request.method in READING:
        return
    origin = request.headers.get("Origin")
    sent_from = _split(origin) if origin is not None else None
    foreign = origin is not None and (sent_from is None or sent_from.netloc != request.host)
    if foreign or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        raise ForbiddenError("changes are accepted from this site's own pages only")
    if session and CHANGE_HEADER not in request.headers:
        raise ForbiddenError(f"a change by a login needs the header `{CHANGE_HEADER}: 1`")


def _split(url: str) -> SplitResult | None:
    """The parts of an address; None for what is none."""
    try:
        return urlsplit(url)
    except ValueError:
        return None


def _principal(key: Key, how: str) -> Principal:
    return Principal(key.prefix, key.name, key.roles, how)


def is_loopback(host: str) -> bool:
    """Whether a name or address means this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
