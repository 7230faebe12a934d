"""The settings in use are told without secrets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from service.security.roles import Role
from service.settings import SECRET, Settings, in_use
from tests.support import security

HIDDEN = "s3cret"
ADDRESS = f"://user:{HIDDEN}@127.0.0.1:7000"


def test_secrets_are_in_no_value(tmp_path: Path) -> None:
    given = {
        "neo4j_uri": f"bolt{ADDRESS}",
        "neo4j_password": HIDDEN,
        "index": f"redis{ADDRESS}/0?password={HIDDEN}",
        "otlp_endpoint": f"http{ADDRESS}/{HIDDEN}",
        "webhook_url": f"https://[::1]/{HIDDEN}?key={HIDDEN}",
        "webhook_secret": HIDDEN * 6,
        "kafka_config": {"sasl.password": HIDDEN},
    }
    assert given.keys() == SECRET, "a setting that may hold a secret is tried here"
    told = {str(one["name"]): one for one in in_use(Settings(home=tmp_path, **given))}  # type: ignore[arg-type]
    assert HIDDEN not in json.dumps(told) and "user" not in str(told["RINGSIGHT_INDEX"])
    assert [told[f"RINGSIGHT_{name.upper()}"]["value"] for name in given] == [
        "bolt://127.0.0.1:7000",
        "(set)",
        "redis://127.0.0.1:7000",
        "http://127.0.0.1:7000",
        "https://[::1]",
        "(set)",
        "(set)",
    ]
    assert told["RINGSIGHT_HOME"] == {"name": "RINGSIGHT_HOME", "value": str(tmp_path), "given": True}
    assert told["RINGSIGHT_DECISION_DEADLINE_MS"]["value"] == "1000"
    assert not told["RINGSIGHT_DECISION_DEADLINE_MS"]["given"]
    assert told["RINGSIGHT_POLICY"]["value"] is None
    assert len(told) == len(Settings.model_fields)


def test_secret_types_are_among_those_that_are_hidden() -> None:
    typed = {name for name, field in Settings.model_fields.items() if "Secret" in str(field.annotation)}
    assert typed and typed <= SECRET


@pytest.mark.parametrize(("role", "sees"), [(Role.ADMIN, True), (Role.ANALYST, False)])
def test_only_administrators_see_them(tmp_path: Path, role: Role, sees: bool) -> None:
    client, headers = security.client(tmp_path), security.bearer(tmp_path, role)
    assert client.get("/v1/settings", headers=headers).status_code == (200 if sees else 403)
    page = client.get("/runs", headers=headers).get_data(as_text=True)
    assert ('id="settings"' in page) == sees and "Detection runs" in page
