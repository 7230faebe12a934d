"""Secrets of a home: files under keys/ that only their owner can read, made on first use."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

from service.errors import SettingsError

SECRET_BYTES = 32


def secret_path(home: Path, name: str) -> Path:
    """Where a home keeps a secret."""
    return home / "keys" / f"{name}.key"


def load_secret(home: Path, name: str) -> bytes:
    """The secret `keys/NAME.key` of a home (32 bytes). Raises SettingsError if the file is damaged."""
    return load_secrets(home, name)[-1]


def load_secrets(home: Path, name: str, lost: str = "") -> tuple[bytes, ...]:
    """All secrets in `keys/NAME.key` of a home, one a line, oldest first. `lost` says, in the error, what a new one
    would do. Raises SettingsError if the file is damaged."""
    path = secret_path(home, name)
    if not path.exists():
        _make(path)
    try:
        found = tuple(bytes.fromhex(line) for line in path.read_text(encoding="ascii", errors="replace").split())
    except ValueError:
        found = ()
    if not found or any(len(secret) != SECRET_BYTES for secret in found):
        raise SettingsError(
            f"{path} is not a key of {2 * SECRET_BYTES} hex digits a line; restore it from a backup{lost}"
        )
    return found


def add_secret(home: Path, name: str, secret: bytes) -> None:
    """Adds a secret as the newest of its file, whole or not at all."""
    path = secret_path(home, name)
    draft = _draft(path, _lines(*load_secrets(home, name), secret))
    draft.replace(path)


def write_new(path: Path, content: bytes) -> None:
    """Writes a new secret file whole or not at all; of two processes at once, the first one's stays."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = _draft(path, content)
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()


def _make(path: Path) -> None:
    try:
        write_new(path, _lines(secrets.token_bytes(SECRET_BYTES)))
    except OSError as error:
        raise SettingsError(
            f"{path} is not there and can't be made ({error.strerror}): let this user write to the home, start "
            "what needs it once as a user who may, or name another home by RINGSIGHT_HOME"
        ) from None


def _lines(*found: bytes) -> bytes:
    return "".join(f"{secret.hex()}\n" for secret in found).encode("ascii")


def _draft(path: Path, content: bytes) -> Path:
    draft = path.with_name(f"{path.name}.{os.getpid()}.{secrets.token_hex(4)}")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return draft
