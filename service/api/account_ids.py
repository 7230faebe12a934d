"""Account ids in paths. An id is free text: `%2F` in a path is a slash of an id, and not the end of one."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import unquote

import flask
from werkzeug.routing import PathConverter

_ENCODED = re.compile("%(25|2F)", re.IGNORECASE)


class AccountId(PathConverter):
    """`<account:id>`: the text of an id; also with bare slashes, since some proxies decode what they pass on."""

    def to_python(self, value: str) -> str:
        return _ENCODED.sub(lambda found: unquote(found[0]), value)


def install(app: flask.Flask) -> None:
    """Call it before the routes are there."""
    app.url_map.converters["account"] = AccountId
    app.url_map.merge_slashes = False  # `a//b` is another account than `a/b`
    inner = app.wsgi_app

    def keeping_slashes(environ: dict[str, Any], start_response: Any) -> Any:
        if "/accounts/" in environ["PATH_INFO"]:
            environ["PATH_INFO"] = _with_encoded(environ["PATH_INFO"], environ.get("RAW_URI", ""))
        return inner(environ, start_response)

    app.wsgi_app = keeping_slashes  # type: ignore[method-assign]


def _with_encoded(path: str, uri: str) -> str:
    """The path, decoded but for its slashes and per cent signs that were encoded (WSGI's text is Latin-1)."""
    raw = uri.partition("?")[0]
    if unquote(raw, "latin-1") != path:  # the server does not give it, or something in between changed the path
        return path.replace("%", "%25")
    return unquote(_ENCODED.sub(r"%25\1", raw), "latin-1")
