"""What MMDB files of the operator's (RINGSIGHT_MMDB) say of an address: whose network it is in, and of what sort."""

from __future__ import annotations

import re
import stat
from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from service.errors import SettingsError
from service.logs import log

if TYPE_CHECKING:
    from maxminddb import Reader

Sort = Literal["hosting", "mobile", "residential", "business"]
NAME_CHARS = 100
_NUMBER = re.compile(r"(?:AS)?([1-9][0-9]{0,9})", re.IGNORECASE)
# Fields as MaxMind, DB-IP, IPinfo and IP2Location have them; of two that a record has, the first counts.
_NUMBERS = ("autonomous_system_number", "asn")
_NAMES = ("autonomous_system_organization", "as_name", "name")
_SORTS = ("user_type", "usage_type", "as_type", "type", "connection_type")
_WORDS: dict[Sort, str] = {
    "hosting": "hosting content_delivery_network dch cdn",
    "mobile": "cellular mobile mob",
    "residential": "residential consumer isp cable/dsl dialup satellite",
    "business": "business corporate com org government gov military mil education edu college school library lib",
}
_SORT_OF = {word: sort for sort, words in _WORDS.items() for word in words.split()}


class Origin(NamedTuple):
    """Where an address is from: the autonomous system (`AS64500`), its organisation's name, and the sort of network;
    empty or None of what no file says."""

    asn: str = ""
    name: str = ""
    sort: Sort | None = None


NOTHING = Origin()


class _InUse:
    """The files of this process, mapped into its memory."""

    readers: tuple[Reader, ...] = ()
    warned = False


def use(paths: Iterable[Path]) -> None:
    """Opens MMDB files and makes them those in use; the entry points do so as they start. Of what several say, the
    first counts. Raises SettingsError for one that is missing or damaged; then those in use stay."""
    _InUse.readers = tuple(map(_opened, paths))
    _InUse.warned = False


def in_use() -> bool:
    """Whether there are any files."""
    return bool(_InUse.readers)


def origin(address: str) -> Origin:
    """Of an address (an IPv4 one, an IPv6 /64 or another range) as the graph keeps it; of a token, and without files,
    nothing is known."""
    known = NOTHING
    for reader in _InUse.readers:
        found = _origin_in(_looked_up(reader, address.partition("/")[0]))
        known = Origin(known.asn or found.asn, known.name or found.name, known.sort or found.sort)
    return known


def number(value: str) -> str | None:
    """The number of an autonomous system (`AS64500`) that a text is; None if it is none."""
    return _as_number(value.strip()) or None if value.strip()[:2].upper() == "AS" else None


def _opened(path: Path) -> Reader:
    import maxminddb  # only where there are files

    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a pipe would be waited for
            raise SettingsError(f"RINGSIGHT_MMDB: {path} is no regular file; name MMDB files, with commas between them")
        reader = maxminddb.open_database(path)
        for address in _here_and_there(reader.metadata().ip_version):
            reader.get(address)
    except OSError as error:
        raise SettingsError(
            f"RINGSIGHT_MMDB: {path} can't be read ({error.strerror}); check the name and its permissions"
        ) from None
    except (maxminddb.InvalidDatabaseError, ValueError):
        raise SettingsError(
            f"RINGSIGHT_MMDB: {path} is no MMDB file, or a damaged one; fetch it again (unpacked, as .mmdb)"
        ) from None
    return reader


def _here_and_there(version: int) -> Iterator[IPv4Address | IPv6Address]:
    """Addresses all over the internet: a damaged file opens, and fails where it is damaged."""
    yield from (IPv4Address(place << 20) for place in range(1 << 12))
    if version == 6:
        yield from (IPv6Address((0x2000 + place) << 112) for place in range(1 << 12))


def _looked_up(reader: Reader, address: str) -> object:
    import maxminddb

    try:
        return reader.get(address)
    except ValueError:  # a token, or IPv6 where the file has IPv4 only
        return None
    except maxminddb.InvalidDatabaseError:
        if not _InUse.warned:
            log.warning("RINGSIGHT_MMDB: a file is damaged, and some addresses are not found in it; fetch it again")
            _InUse.warned = True
        return None


def _origin_in(record: object) -> Origin:
    """What a record says; what is in its `traits`, as in files of MaxMind's larger schema, counts as its own."""
    if not isinstance(record, dict):
        return NOTHING
    traits = record.get("traits")
    fields: dict[str, Any] = {**record, **traits} if isinstance(traits, dict) else record
    asn = next(filter(None, (_as_number(fields.get(name)) for name in _NUMBERS)), "")
    names = (fields.get(name) for name in _NAMES) if asn else ()
    name = next((" ".join(text.split())[:NAME_CHARS] for text in names if isinstance(text, str)), "")
    sorts = (_SORT_OF.get(str(fields.get(name)).lower()) for name in _SORTS)
    if fields.get("is_hosting_provider") is True:
        return Origin(asn, name, "hosting")
    return Origin(asn, name, next((sort for sort in sorts if sort), None))


def _as_number(value: object) -> str:
    found = _NUMBER.fullmatch(str(value))
    return f"AS{found[1]}" if found and int(found[1]) < 1 << 32 else ""
