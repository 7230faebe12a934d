"""Keyed tokens: what is kept in place of device ids and payment fingerprints (and of IPs, by a setting).

A token is the kind's prefix, the id of a key (4 hex digits) and 28 hex digits of HMAC-SHA256(key, prefix ":" value).
Keys are exchanged by adding one: the token under the newest key is made from the token under the key before it. So
every token that was ever made can be brought to the newest key, without the value that it stands for (docs/adr/0013).
"""

from __future__ import annotations

import hashlib
import hmac
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from service.errors import SettingsError
from service.keyfile import SECRET_BYTES, load_secrets, secret_path
from service.model.kinds import Kind

KEY_ID_DIGITS = 4
DIGEST_DIGITS = 28
ANY_DIGITS = rf"[0-9a-f]{{{KEY_ID_DIGITS + DIGEST_DIGITS}}}"  # of a token, after its prefix
TOKEN = re.compile(rf"[a-z]{{2}}_([0-9a-f]{{{KEY_ID_DIGITS}}})[0-9a-f]{{{DIGEST_DIGITS}}}")
ACCOUNT_PREFIX = "ac"  # of account ids, where a token stands for one: in exports and the sealed journal
LOOK_EVERY_S = 1.0


def key_id_of(key: bytes) -> str:
    """The id that tokens carry of the key that made them."""
    return hashlib.sha256(b"ringsight key id:" + key).hexdigest()[:KEY_ID_DIGITS]


@dataclass(frozen=True, slots=True)
class Tokeniser:
    """Makes tokens. `key` is the first key that there was, `added` those that came later, oldest first. `ip_plain`
    keeps IPs and networks in the clear. `inside`: private addresses are clients'. `key_id` is that of the newest
    key."""

    key: bytes = field(repr=False)
    ip_plain: bool = True
    added: tuple[bytes, ...] = field(default=(), repr=False)
    inside: bool = False
    key_ids: tuple[str, ...] = field(init=False)
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        keys = (self.key, *self.added)
        for key in keys:
            if len(key) != SECRET_BYTES:
                raise SettingsError(f"a token key has {SECRET_BYTES} bytes, this one has {len(key)}")
        object.__setattr__(self, "key_ids", tuple(key_id_of(key) for key in keys))
        object.__setattr__(self, "key_id", self.key_ids[-1])

    def token(self, prefix: str, value: str) -> str:
        """The token of one value; about 2 microseconds a key. The prefix separates kinds: equal values differ."""
        token = _token(self.key, self.key_ids[0], prefix, value)
        return self._raised(prefix, token, 1) if self.added else token

    def plain(self, kind: Kind) -> bool:
        """Whether identifiers of a kind are kept in the clear."""
        return not kind.token and (self.ip_plain or not kind.address)

    def kept(self, kind: Kind, value: str) -> str:
        """A value (normalised) as it is kept: in the clear, or as a token."""
        return value if self.plain(kind) else self.token(kind.prefix, value)

    def keeper(self, kind: Kind) -> Callable[[str], str]:
        """What `kept` does to the values of one kind, for many of them."""
        return str if self.plain(kind) else partial(self.token, kind.prefix)

    def current(self, identifier: str) -> str:
        """An id of a graph node under the newest key: a token of an older key is brought to it, all else stays."""
        if self.added and (found := TOKEN.fullmatch(identifier)) and found[1] in self.key_ids:
            return self._raised(identifier[:2], identifier, self.key_ids.index(found[1]) + 1)
        return identifier

    def pattern(self, prefix: str) -> str:
        """A regular expression of the tokens with this prefix that can be brought to the newest key."""
        return rf"^{prefix}_(?:{'|'.join(self.key_ids)})[0-9a-f]{{{DIGEST_DIGITS}}}$"

    def all_tokens(self, prefix: str, value: str) -> list[str]:
        """Every token that the value ever had, oldest first."""
        tokens = [_token(self.key, self.key_ids[0], prefix, value)]
        for key, key_id in zip(self.added, self.key_ids[1:], strict=True):
            tokens.append(_token(key, key_id, prefix, tokens[-1]))
        return tokens

    def at(self, key_id: str) -> Tokeniser:
        """The tokeniser as it was while `key_id` was the newest key. Raises SettingsError if there is no such key."""
        if key_id == self.key_id:
            return self
        if key_id not in self.key_ids:
            raise SettingsError(
                f"tokens are under the key {key_id}, which this home's keys/token.key does not have (it has "
                f"{', '.join(self.key_ids)}): put that file back from a backup, or copy it from the home that has it"
            )
        return replace(self, added=self.added[: self.key_ids.index(key_id)])

    def _raised(self, prefix: str, token: str, first: int) -> str:
        for key, key_id in zip(self.added[first - 1 :], self.key_ids[first:], strict=True):
            token = _token(key, key_id, prefix, token)
        return token


def _token(key: bytes, key_id: str, prefix: str, value: str) -> str:
    message = f"{prefix}:{value}".encode("utf-8", "surrogatepass")
    return f"{prefix}_{key_id}{hmac.digest(key, message, 'sha256').hex()[:DIGEST_DIGITS]}"


def load_tokeniser(home: Path, ip_plain: bool, inside: bool = False) -> Tokeniser:
    """The tokeniser of a home. Makes the key (readable by its owner only) on first use.

    Raises SettingsError if the key file is damaged: a new key would split every identifier in two.
    """
    lost = ": with another key, known devices and cards would count as new ones"
    first, *added = load_secrets(home, "token", lost)
    return Tokeniser(first, ip_plain, tuple(added), inside)


class TokenKeys:
    """The tokeniser of a home as its key file is now. Safe for threads."""

    def __init__(self, home: Path, ip_plain: bool, inside: bool = False) -> None:
        self._home = home
        self._ip_plain = ip_plain
        self._inside = inside
        self._lock = threading.Lock()
        self._look_at = 0.0
        self._changed = -1
        self._read()

    def newest(self) -> Tokeniser:
        """With all keys that are there; a new one is noticed within a second."""
        if time.monotonic() >= self._look_at:
            with self._lock:
                self._read()
        return self._tokeniser

    def at(self, key_id: str) -> Tokeniser:
        """As the key was while `key_id` was the newest. Raises SettingsError if the file has no such key."""
        if key_id not in self._tokeniser.key_ids:
            with self._lock:
                self._read()
        return self._tokeniser.at(key_id)

    def _read(self) -> None:
        path = secret_path(self._home, "token")
        changed = path.stat().st_mtime_ns if path.exists() else -1
        if changed < 0 or changed != self._changed:
            self._tokeniser = load_tokeniser(self._home, self._ip_plain, self._inside)
            self._changed = changed  # not what it is by now: a key added meanwhile is read at the next look
        self._look_at = time.monotonic() + LOOK_EVERY_S
