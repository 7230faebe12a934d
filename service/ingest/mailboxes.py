"""One form for all spellings of an e-mail address that lead to one mailbox."""

from __future__ import annotations

import re
import unicodedata

from service.ingest.hosts import domain
from service.ingest.normalise import UnreadableError, UnusableError

LOCAL_CHARS = 64
SAME_DOMAIN = {"googlemail.com": "gmail.com"}
# Providers by what their mailboxes do not look at: dots, and what comes after a sign. Of other domains every spelling
# may be somebody else.
IGNORES_DOTS = frozenset({"gmail.com"})
PLUS = frozenset({"gmail.com", "msn.com", "proton.me", "protonmail.com", "pm.me", "icloud.com", "me.com", "mac.com"})
PLUS |= {"fastmail.com", "fastmail.fm"}
PLUS_FAMILIES = ("outlook.", "hotmail.", "live.")  # outlook.com, hotmail.co.uk
MINUS = frozenset({"ymail.com", "rocketmail.com", "myyahoo.com"})
MINUS_FAMILIES = ("yahoo.",)
NOBODY = frozenset({"noreply", "no-reply", "donotreply", "do-not-reply", "mailer-daemon"})
NOBODYS_DOMAINS = frozenset({"example.com", "example.org", "example.net"})  # RFC 2606: of documentation
# Nothing is seen of these; the others that nothing is seen of are of Unicode's category Cf.
_FILLERS = re.compile("[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u3164\uffa0\ufe00-\ufe0f\U000e0100-\U000e01ef]")


def mailbox(value: str) -> tuple[str, str]:
    """(address, domain): case and forms of Unicode folded, the domain as in the DNS, dots and tags (+, Yahoo's -) that
    its provider ignores taken out, as are `mailto:` and signs that nobody sees. Raises UnusableError for what is no
    address, or nobody's."""
    local, at, host = _folded(value).rpartition("@")
    local = _seen(local).removeprefix("mailto:")
    if not at or not local or len(local) > LOCAL_CHARS or any(sign.isspace() or sign in '@,:;<>()"' for sign in local):
        raise UnreadableError("is no e-mail address")
    host = domain(host)
    host = SAME_DOMAIN.get(host, host)
    if host in PLUS or host.startswith(PLUS_FAMILIES):
        local = local.partition("+")[0]
    elif host in MINUS or host.startswith(MINUS_FAMILIES):
        local = local.partition("-")[0]
    if host in IGNORES_DOTS:
        local = local.replace(".", "")
    if not local or local in NOBODY or host in NOBODYS_DOMAINS:
        raise UnusableError("is the mailbox of nobody")
    return f"{local}@{host}", host


def _seen(local: str) -> str:
    """Without the signs that nobody sees: of width zero, or for the direction of writing."""
    if local.isascii():
        return local
    return _folded(_FILLERS.sub("", "".join(sign for sign in local if unicodedata.category(sign) != "Cf")))


def _folded(value: str) -> str:
    """Without regard to case and to the form of Unicode. Twice, since folding may give signs that have another form."""
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", value).casefold()).strip()
