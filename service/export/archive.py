"""A pack's zip, byte by byte: what may be hidden beside the files that are signed, or shown by other readers.

Readers disagree on bytes that no entry of the table of contents names, so a pack has none: it is the files one after
the other, then the table, as `ringsight export` writes it.
"""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from copy import copy
from typing import IO

CHUNK = 1 << 20
UTF8_NAME = 0x800  # the one flag that a pack's entries may have
ENTRY, END, ZIP64_END = 46, 22, 76  # bytes, by the zip format: an entry of the table without its name, the end's forms
SMALL = (1 << 31) - 1  # the largest size without the zip64 end
ZIP64_FIELD = b"\x01\x00"
LONGEST_ZIP64_FIELD = 28


def stray(file: IO[bytes], pack: zipfile.ZipFile) -> str | None:
    """Where a pack has bytes that belong to none of its files, in words; None if it has none.
    Reads headers only. Raises BadZipFile if it is packed in a way that no pack is."""
    at = table = 0
    for info in sorted(pack.infolist(), key=lambda one: one.header_offset):
        if info.header_offset != at:
            return f"before {info.filename}"
        if info.comment or not _zip64_only(info.extra):
            return f"in the comment or the extra field of {info.filename}"
        header = _header(file, info)
        if header is None:
            return f"in the header of {info.filename}"
        at += len(header) + info.compress_size
        table += ENTRY + len(info.filename.encode()) + len(info.extra)
    if pack.start_dir != at:
        return "before the table of contents"
    at += table + END + (ZIP64_END if at > SMALL else 0)
    return "after the last file" if file.seek(0, 2) != at else None


def _zip64_only(extra: bytes) -> bool:
    return not extra or (
        extra.startswith(ZIP64_FIELD)
        and len(extra) == 4 + int.from_bytes(extra[2:4], "little") <= LONGEST_ZIP64_FIELD + 4
    )


def _header(file: IO[bytes], info: zipfile.ZipInfo) -> bytes | None:
    """The bytes in front of a file's own, if they say what the table of contents says and no more.
    Raises BadZipFile if it is packed in a way that no pack is."""
    if info.flag_bits & ~UTF8_NAME or info.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise zipfile.BadZipFile(f"{info.filename} is packed in another way")
    bare = copy(info)
    bare.extra = b""
    for zip64 in (False, True):
        wanted = bare.FileHeader(zip64)
        file.seek(info.header_offset)
        if file.read(len(wanted)) == wanted:
            return wanted
    return None


def content(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    """A file of a pack, unpacked, in pieces. Raises BadZipFile or zlib.error unless it has the size that it says and
    every byte between its header and the next one is part of it."""
    header = _header(file, info)
    if header is None:
        raise zipfile.BadZipFile(f"the header of {info.filename} is not what the table of contents says")
    file.seek(info.header_offset + len(header))
    size = 0
    for piece in _unpacked(file, info):
        size += len(piece)
        if size > info.file_size:
            break
        yield piece
    if size != info.file_size:
        raise zipfile.BadZipFile(f"{info.filename} has another size than it says")


def _unpacked(file: IO[bytes], info: zipfile.ZipInfo) -> Iterator[bytes]:
    left = info.compress_size
    inflate = zlib.decompressobj(-zlib.MAX_WBITS) if info.compress_type == zipfile.ZIP_DEFLATED else None
    while left and (data := file.read(min(CHUNK, left))):
        left -= len(data)
        while inflate and data and not inflate.eof:
            yield inflate.decompress(data, CHUNK)
            data = inflate.unconsumed_tail
        if inflate is None:
            yield data
        elif data or inflate.unused_data:
            raise zipfile.BadZipFile(f"{info.filename} has bytes after its end")
    if left or (inflate and not inflate.eof):
        raise zipfile.BadZipFile(f"{info.filename} is cut short")
