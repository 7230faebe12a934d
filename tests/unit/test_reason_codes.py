"""The API's document lists the code of every reason that the code can give."""

from __future__ import annotations

import ast
from pathlib import Path

import service
from service import bootstrap
from service.decisions import reason_codes
from service.detection.scoring import terms
from service.settings import Settings

SOURCE = Path(service.__file__).parent


def written() -> set[str]:
    """The codes that stand as texts in `Reason(...)` anywhere in the service."""
    calls = [
        node
        for path in SOURCE.rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Reason" and node.args
    ]
    firsts = [call.args[0] for call in calls]
    return {first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)}


def test_every_code_that_a_reason_is_made_with_is_in_the_table() -> None:
    assert len(written()) > 6
    assert written() <= set(reason_codes.every())
    assert set(terms.RINGS) <= set(reason_codes.every()) and set(terms.ACCOUNTS) - {"ring"} <= set(reason_codes.every())
    assert {"known_device", "burst_ip", "in_ring_payment_method"} <= set(reason_codes.of_identifiers())
    assert "labelled_email" in reason_codes.of_identifiers()


def test_the_api_document_lists_the_codes(settings: Settings) -> None:
    app = bootstrap.application(settings)
    with app.test_client() as client:
        schemas = client.get("/openapi.json").get_json()["components"]["schemas"]
    assert schemas["ReasonOut"]["properties"]["code"]["enum"] == list(reason_codes.every())
    assert schemas["ReasonAnswer"]["properties"]["code"]["enum"] == list(reason_codes.of_accounts())
