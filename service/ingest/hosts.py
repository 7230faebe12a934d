"""One form for all spellings of a host's name."""

from __future__ import annotations

import re

import idna

from service.ingest.normalise import UnreadableError

_LABEL = r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?"
_HOST = re.compile(rf"(?=.{{4,253}}$)(?:{_LABEL}\.)+(?:[a-z]{{2,63}}|xn--[a-z0-9-]{{1,59}})")


def domain(value: str) -> str:
    """A host's name of two parts or more, in lower case, as it stands in the DNS (IDNA). Raises UnreadableError."""
    host = value.strip().rstrip(".").lower()
    try:
        name = host if host.isascii() else idna.encode(host, uts46=True).decode()
    except idna.IDNAError:
        name = ""
    if not _HOST.fullmatch(name):
        raise UnreadableError("is no host name")
    return name
