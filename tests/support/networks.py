"""MMDB files for tests, as different makers have their fields; addresses in them are those of no test's people."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mmdb_writer import MMDBWriter
from netaddr import IPSet

HOSTER = {"autonomous_system_number": 64500, "autonomous_system_organization": "Example Hosting"}
CARRIER = {"asn": "AS64501", "as_name": "Example Mobile", "country_code": "FR"}


def write(path: Path, records: dict[str, dict[str, Any]], version: int = 6) -> Path:
    """A file that says this of these ranges."""
    writer = MMDBWriter(version, "Ringsight-Test", ipv4_compatible=version == 6)
    for cidr, record in records.items():
        writer.insert_network(IPSet([cidr]), record)
    writer.to_db_file(str(path))
    return path
