"""Keyed tokens: what is kept in place of device ids and payment fingerprints (and of IPs, by a setting).

A token is the kind's prefix, the key's id (4 hex digits) and 28 hex digits of HMAC-SHA256(key, prefix ":" value).
The key's id in every token tells, when keys are rotated, which tokens still need the old one.
"""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from service.errors import SettingsError

KEY_BYTES = 32
KEY_ID_DIGITS = 4
DIGEST_DIGITS = 28


@dataclass(frozen=True, slots=True)
class Tokeniser:
    """Makes tokens with one key. `ip_plain` keeps IPs and networks in the clear."""

    key: bytes = field(repr=False)
    ip_plain: bool = True
    key_id: str = field(init=False)

    def __post_init__(self) -> None:
        if len(self.key) != KEY_BYTES:
            raise SettingsError(f"a token key has {KEY_BYTES} bytes, this one has {len(self.key)}")
        digest = hashlib.sha256(b"ringsight key id:" + self.key).hexdigest()
        object.__setattr__(self, "key_id", digest[:KEY_ID_DIGITS])

    def token(self, prefix: str, value: str) -> str:
        """The token of one value; about 2 microseconds. The prefix separates kinds: equal values differ."""
        message = f"{prefix}:{value}".encode("utf-8", "surrogatepass")
        return f"{prefix}_{self.key_id}{hmac.digest(self.key, message, 'sha256').hex()[:DIGEST_DIGITS]}"

    def address(self, prefix: str, value: str) -> str:
        """An IP or a network as it is kept: in the clear, or as a token."""
        return value if self.ip_plain else self.token(prefix, value)


def load_tokeniser(home: Path, ip_plain: bool) -> Tokeniser:
    """The tokeniser of a home. Makes the key (readable by its owner only) on first use.

    Raises SettingsError if the key file is damaged: a new key would split every identifier in two.
    """
    path = home / "keys" / "token.key"
    if not path.exists():
        _make_key(path)
    text = path.read_text(encoding="ascii", errors="replace").strip()
    try:
        key = bytes.fromhex(text)
    except ValueError:
        key = b""
    if len(key) != KEY_BYTES:
        raise SettingsError(
            f"{path} is not a token key ({2 * KEY_BYTES} hex digits); restore it from a backup: "
            "with another key, known devices and cards would count as new ones"
        )
    return Tokeniser(key, ip_plain)


def _make_key(path: Path) -> None:
    """Writes a new key whole or not at all; of two processes at once, the first one's key stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(KEY_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
