"""The identifiers of one event or request, as the graph and the index name them. Hot path: about 10 microseconds."""

from __future__ import annotations

from service.errors import InputError
from service.ingest.normalise import UnusableError
from service.ingest.normalisers import normalised
from service.ingest.tokens import Tokeniser
from service.model.kinds import kinds


def identifiers_of(tokeniser: Tokeniser, **values: str | None) -> list[tuple[str, str]]:
    """(kind, id) of each identifier given by its field, and of those derived from it (an IP's network), in the order of
    the table of kinds.

    Absent and empty values are left out, and those that identify nobody (placeholders, private addresses), as ingest
    does. Raises InputError that names the field, and KeyError for what is no field of an identifier.
    """
    table = kinds()
    given = {table.fields[field].name: value for field, value in values.items() if value}
    found: list[tuple[str, str]] = []
    for kind in table.sent:
        value = given.get(kind.name)
        if value is None:
            continue
        try:
            own, *coarser = normalised(kind, value, tokeniser.inside)
        except UnusableError:
            continue
        except ValueError as error:
            field = kind.field
            raise InputError(f"{field} {error}; send a valid value or leave {field} out", field=field) from None
        found.append((kind.name, tokeniser.kept(kind, own)))
        for parent, wider in zip(kind.parents, coarser, strict=False):
            if wider:
                found.append((parent, tokeniser.kept(table.by_name[parent], wider)))
    return found
