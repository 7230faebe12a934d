"""Secrets of a home: files under keys/ that only their owner can read, made on first use."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from service.errors import SettingsError

SECRET_BYTES = 32


def load_secret(home: Path, name: str, lost: str = "") -> bytes:
    """The secret `keys/NAME.key` of a home (32 bytes). `lost` says, in the error, what a new one would do.

    Raises SettingsError if the file is damaged.
    """
    path = home / "keys" / f"{name}.key"
    if not path.exists():
        _make(path)
    try:
        secret = bytes.fromhex(path.read_text(encoding="ascii", errors="replace").strip())
    except ValueError:
        secret = b""
    if len(secret) != SECRET_BYTES:
        raise SettingsError(f"{path} is not a key of {2 * SECRET_BYTES} hex digits; restore it from a backup{lost}")
    return secret


def _make(path: Path) -> None:
    """Writes a new secret whole or not at all; of two processes at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(SECRET_BYTES) + "\n")
        file.flush()
        os.fsync(file.fileno())
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
