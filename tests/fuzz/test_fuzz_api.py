"""Random requests by the OpenAPI document, on the real engine: no server error, no answer that breaks the document.

`make fuzz` sets FUZZ_EXAMPLES=1000 for each operation; `make test` sends a few.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as hypothesis_settings
from schemathesis import Case
from schemathesis.checks import CheckContext, not_a_server_error
from schemathesis.core.transport import Response
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from service import bootstrap
from service.api.views.docs import document
from service.graph.client import Graph
from service.security.roles import Role
from service.settings import Settings
from tests.support import rings
from tests.support.security import bearer


def no_server_error(context: CheckContext, response: Response, case: Case[Any]) -> bool | None:
    """No 5xx, but for the one that says that the graph could not answer within the deadline that was asked for: a busy
    machine may take longer than a random number of milliseconds."""
    asked = "X-Deadline-Ms" in (case.headers or {})
    late = asked and response.status_code == 503 and "within the deadline" in response.text
    return None if late else not_a_server_error(context, response, case)


EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "15"))
CHECKS = [
    no_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# Each starts work that outlives the request; tests of their own ask them.
LONG = {("/v1/detection/runs", "post")}


def operations() -> list[tuple[str, str]]:
    """(path, method) of all that the document names."""
    with tempfile.TemporaryDirectory() as home:
        app = bootstrap.application(Settings(home=Path(home)))
        with app.app_context():
            paths: dict[str, dict[str, Any]] = document(app)["paths"]
    return [(path, method) for path in paths for method in paths[path] if (path, method) not in LONG]


@pytest.fixture(scope="module")
def schema(graph: Graph, settings: Settings) -> Iterator[Any]:
    rings.write(graph, rings.SMALL, rings.MIDDLE)
    bootstrap.rebuild_index(settings, graph)
    app = bootstrap.application(settings.model_copy(update={"auth": "keys", "rate_per_key": 1e9}))
    yield schemathesis.openapi.from_wsgi("/openapi.json", app)


@pytest.fixture(scope="module")
def headers(home: Path) -> dict[str, str]:
    return bearer(home, Role.ADMIN, name="fuzz")


@pytest.mark.timeout(1800)
@pytest.mark.parametrize(("path", "method"), operations(), ids=lambda value: value)
def test_random_requests(schema: Any, headers: dict[str, str], path: str, method: str) -> None:
    @hypothesis_settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate, Phase.shrink],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=schema[path][method.upper()].as_strategy())
    def send(case: Case[Any]) -> None:
        case.call_and_validate(headers=headers, checks=CHECKS)

    send()
