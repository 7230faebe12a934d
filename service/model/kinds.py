"""The kinds of identifier, read from a table: identifiers.toml beside this file, or one's own (RINGSIGHT_IDENTIFIERS).

A process has one table. It is also the allow-list of labels and relationship types, which can't be query parameters.
"""

from __future__ import annotations

from pathlib import Path

from service.model.kind_table import Kind, Role, Table
from service.model.kinds_file import read

__all__ = ["BUILT_IN", "Kind", "Role", "Table", "kinds", "use"]
BUILT_IN = Path(__file__).with_name("identifiers.toml")


class _InUse:
    """The table of this process."""

    table: Table | None = None


def kinds() -> Table:
    """The table in use: the built-in one, unless `use` said another."""
    if _InUse.table is None:
        use(None)
    assert _InUse.table is not None
    return _InUse.table


def use(path: Path | None, region: str | None = None) -> Table:
    """Reads a table (None: the built-in one) and makes it the one in use; the entry points do so as they start.
    `region`: where phone numbers without a country's code are from (RINGSIGHT_PHONE_REGION).

    Raises SettingsError that names the line, the key and the remedy; then the table in use stays.
    """
    _InUse.table = read(path or BUILT_IN, region)
    return _InUse.table
