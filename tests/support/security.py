"""Keys and clients for tests of the API with access checks on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from flask.testing import FlaskClient

from service import bootstrap
from service.api.services import EXTENSION, Holder
from service.security.keys import KeyStore
from service.security.roles import Role
from service.settings import Settings

_open: list[Holder] = []


def client(home: Path, **settings: object) -> FlaskClient:
    """A client of the whole application of `home`, which asks for keys. What it opens is closed after the test."""
    app = bootstrap.application(Settings(**{"home": home, "auth": "keys", **settings}))  # type: ignore[arg-type]
    _open.append(app.extensions[EXTENSION])
    return app.test_client()


def close_all() -> None:
    """Ends the threads of the applications that `client` made: they would log into a stream that is closed by then."""
    while _open:
        holder = _open.pop()
        compactor = holder.get().journal._compactor if holder._made else None
        holder.close()
        if compactor is not None:  # decisions of an earlier day: their process outlives a server, but no test
            compactor.wait(60)


def bearer(home: Path, *roles: Role, name: str = "") -> dict[str, str]:
    """The header of a new key with these roles."""
    return {"Authorization": f"Bearer {key(home, roles, name)}"}


def key(home: Path, roles: Sequence[Role], name: str = "") -> str:
    """A new key."""
    store = KeyStore(home)
    return store.create(name or f"test {len(store.all())}", roles, 3600)[1]
