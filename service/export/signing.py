"""The deployment's key for packs (Ed25519), and checking a pack: its sums and its signature."""

from __future__ import annotations

import hashlib
import json
import re
import zipfile
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from service.errors import InputError, SettingsError
from service.export import archive
from service.keyfile import secret_path, write_new

MANIFEST = "manifest.json"
SIGNATURE = "manifest.sig"
MAX_MANIFEST_BYTES = 1 << 20
# What zipfile raises for archives that are damaged, encrypted or packed in another way, and json for no manifest.
UNREADABLE = (
    *(zipfile.BadZipFile, zlib.error, EOFError, OSError),
    *(NotImplementedError, RuntimeError, KeyError, ValueError, OverflowError),
)


@dataclass(frozen=True, slots=True)
class Checked:
    """A pack that is whole: how many files, what its manifest says, and whose key signed it."""

    files: int
    manifest: dict[str, Any]
    fingerprint: str


def load_key(home: Path) -> Ed25519PrivateKey:
    """The signing key of a home; made, readable by its owner only, on first use."""
    path = secret_path(home, "signing")
    if not path.exists():
        pem = Ed25519PrivateKey.generate().private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        write_new(path, pem)
    try:
        key = serialization.load_pem_private_key(path.read_bytes(), None)
    except ValueError as error:
        raise SettingsError(f"{path} is not a signing key ({error}); restore it from a backup or delete it") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise SettingsError(f"{path} is not an Ed25519 key; restore it from a backup or delete it")
    return key


def public_bytes(key: Ed25519PrivateKey) -> bytes:
    """The 32 bytes of the key that others check with."""
    return key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)


def fingerprint(public: bytes) -> str:
    """A name for a public key that people can compare: 8 groups of 4 hex digits of its SHA-256."""
    return grouped(hashlib.sha256(public).hexdigest()[:32])


def grouped(digits: str) -> str:
    """32 hex digits as 8 groups of 4."""
    return "-".join(digits[at : at + 4] for at in range(0, 32, 4))


def check(path: Path, signer: str | None = None) -> Checked:
    """Checks every file of a pack against its manifest, and the manifest against its signature.

    Raises InputError that says what is wrong, before anything is unpacked if another key than that with the fingerprint
    `signer` signed it. Without one, whose key it is is for the caller to judge.
    """
    try:
        with path.open("rb") as file, zipfile.ZipFile(file) as pack:
            return _check(file, pack, path, signer)
    except UNREADABLE as error:
        raise InputError(f"{path} is not a Ringsight pack ({error})") from error


def _check(file: IO[bytes], pack: zipfile.ZipFile, path: Path, signer: str | None) -> Checked:
    if max(pack.getinfo(MANIFEST).file_size, pack.getinfo(SIGNATURE).file_size) > MAX_MANIFEST_BYTES:
        raise InputError(f"{path}: its manifest is too large to be one")
    if where := archive.stray(file, pack):
        raise InputError(
            f"{path}: it has bytes that its manifest does not account for, {where}; the pack was changed, or "
            "packed again by another program: ask its maker for the file as Ringsight wrote it"
        )
    text, signature = (b"".join(archive.content(file, pack.getinfo(name))) for name in (MANIFEST, SIGNATURE))
    manifest = _manifest(json.loads(text.decode()))
    public = bytes.fromhex(manifest["public_key"])
    if not re.fullmatch(rb"[0-9a-f]{128}", signature):  # bytes.fromhex takes any blanks among the digits
        raise InputError(f"{path}: {SIGNATURE} holds something else than a signature; the pack was changed")
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(bytes.fromhex(signature.decode()), text)
    except InvalidSignature:
        raise InputError(f"{path}: the signature does not fit the manifest; the pack was changed") from None
    if signer not in (None, fingerprint(public)):
        raise InputError(f"{path} was signed by {fingerprint(public)} and not by {signer}")
    _check_files(file, pack, path, manifest["files"])
    return Checked(len(manifest["files"]), manifest, fingerprint(public))


def _check_files(file: IO[bytes], pack: zipfile.ZipFile, path: Path, sums: dict[str, str]) -> None:
    """Raises InputError unless the pack has these files, as their sums say, and the manifest, and nothing else."""
    odd = Counter(pack.namelist())
    odd.subtract([MANIFEST, SIGNATURE, *sums])
    for name in sorted(name for name, times in odd.items() if times):
        raise InputError(f"{path}: {name} is missing, doubled or not in the manifest; the pack was changed")
    for name, wanted in sums.items():
        digest = hashlib.sha256()
        for piece in archive.content(file, pack.getinfo(name)):
            digest.update(piece)
        if digest.hexdigest() != wanted:
            raise InputError(f"{path}: {name} is not what the manifest says; the pack was changed")


def _manifest(found: Any) -> dict[str, Any]:
    """The manifest, if it is one. Raises ValueError."""
    texts = ("ring", "run", "profile", "made_at", "public_key")
    if not isinstance(found, dict) or not all(isinstance(found.get(name), str) for name in texts):
        raise ValueError("its manifest is none")
    if not isinstance(found.get("files"), dict):
        raise ValueError("its manifest names no files")
    return found
