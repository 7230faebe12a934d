"""Adds the guard, logins, headers and the journal to an application."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

import flask
import orjson
from flask.sessions import SecureCookieSessionInterface
from werkzeug.middleware.proxy_fix import ProxyFix

from service.errors import UnavailableError
from service.ingest.tokens import ACCOUNT_PREFIX, Tokeniser, load_tokeniser
from service.keyfile import load_secret
from service.logs import log
from service.security.access import ACCESS, Access
from service.security.guard import READING, Guard, principal
from service.security.journal import Journal
from service.security.keys import KeyStore
from service.settings import Settings

EXTENSION = "ringsight-keys"
SESSION_HOURS = 12
LINE_IDS = 30  # rings or accounts that one line of the journal names
HSTS = "max-age=31536000"


class _Sessions(SecureCookieSessionInterface):
    """Flask's signed cookies; sent over TLS only if the login came over TLS."""

    def get_cookie_secure(self, app: flask.Flask) -> bool:
        return flask.request.is_secure


def install(app: flask.Flask, settings: Settings) -> None:
    """Call it once, after the routes are there."""
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    app.secret_key = load_secret(settings.home, "session")
    app.session_interface = _Sessions()
    app.config.update(
        SESSION_COOKIE_NAME="ringsight",
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=SESSION_HOURS * 3600,
        SESSION_REFRESH_EACH_REQUEST=False,
    )
    keys = KeyStore(settings.home)
    app.extensions[EXTENSION] = keys
    recorder = _Recorder(Journal(settings.home), load_tokeniser(settings.home, settings.ip_plain))
    app.before_request(Guard(keys, settings.auth == "off", settings.rate_per_key))
    app.before_request(recorder.begin)
    app.after_request(recorder.end)
    app.after_request(_set_headers)
    app.after_request(_hide_reasons)
    if settings.log_format == "json":
        app.after_request(_log)


def key_store() -> KeyStore | None:
    """The keys of the application that handles the current request; None if no guard is installed."""
    found: KeyStore | None = flask.current_app.extensions.get(EXTENSION)
    return found


def _set_headers(response: flask.Response) -> flask.Response:
    headers = response.headers
    headers.setdefault("X-Frame-Options", "DENY")
    if flask.request.is_secure:
        headers["Strict-Transport-Security"] = HSTS
    if not (flask.request.endpoint or "").endswith("static"):
        headers.setdefault("Cache-Control", "no-store")  # answers name people
    return response


def _log(response: flask.Response) -> flask.Response:
    """One line a request: the route, never its path or query, which name people."""
    request = flask.request
    who = flask.g.get("principal")
    fields = {"method": request.method, "route": str(request.url_rule), "status": response.status_code}
    if started := flask.g.get("started"):
        fields["ms"] = round((time.perf_counter() - started) * 1e3, 2)
    log.info("request", extra={"fields": {**fields, "key": who.id if who else "", "from": request.remote_addr}})
    return response


def _hide_reasons(response: flask.Response) -> flask.Response:
    """A decision for the blind role: what to do, and nothing that tells which identifier to change. The score is
    rounded to tens, so that it is no scale to try identifiers on."""
    endpoint = flask.request.endpoint or ""
    if endpoint.startswith("risk.") and response.status_code == 200 and not principal().sees_reasons:
        decision: dict[str, Any] = orjson.loads(response.get_data())
        decision |= {"reasons": [], "ring": None, "score": round(decision["score"], -1)}
        decision.pop("would_change", None)
        response.set_data(orjson.dumps(decision))
    return response


class _Recorder:
    """Writes the journal's line of each change and each export, whatever view makes it."""

    def __init__(self, journal: Journal, tokeniser: Tokeniser) -> None:
        self._journal = journal
        self._tokeniser = tokeniser

    def begin(self) -> None:
        """Before the view, so that nothing is changed without a line."""
        access = ACCESS.get(flask.request.endpoint or "")
        if access is None or not (access.export or (flask.request.method not in READING and not access.quiet)):
            return
        self._append(target=self._target(), fields=_fields(access))
        flask.g.recorded = True
        flask.g.name_targets = self._name

    def end(self, response: flask.Response) -> flask.Response:
        """A second line if it was refused or failed: then the first does not mean that something was changed."""
        if response.status_code >= 400 and flask.g.get("recorded"):
            try:
                self._append(status=response.status_code)
            except UnavailableError as error:
                log.error("%s", error.detail)
        return response

    def _append(self, **details: Any) -> None:
        request, who = flask.request, principal()
        self._journal.append(
            who=f"{who.id} ({who.name})",
            what=f"{request.method} {request.url_rule}",
            where=request.remote_addr or "",
            durable=request.endpoint != "events.send",
            login=who.how,
            request_id=flask.g.get("request_id"),
            **details,
        )

    def _name(self, kind: str, ids: Sequence[str]) -> None:
        """Further lines, some rings or accounts in each, for a request whose path doesn't name them."""
        names = [self._account(account) for account in ids] if kind == "accounts" else list(ids)
        for start in range(0, len(names), LINE_IDS):
            self._append(target={**self._target(), kind: names[start : start + LINE_IDS]})

    def _target(self) -> dict[str, Any]:
        """What it is done to. Accounts by their token: the journal outlives their erasure."""
        request = flask.request
        target = dict(request.view_args or {})
        if "id" in target and "/accounts/" in str(request.url_rule):
            target["id"] = self._account(str(target["id"]))
        return target

    def _account(self, account: str) -> str:
        return self._tokeniser.token(ACCOUNT_PREFIX, account)


def _fields(access: Access) -> dict[str, Any]:
    if not access.fields:
        return {}
    body = flask.request.get_json(silent=True)
    given = {**flask.request.args.to_dict(), **(body if isinstance(body, dict) else {})}
    return {name: str(given[name])[:100] for name in access.fields if name in given}
