"""Cursors of the list of rings are read before the graph is asked."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from service.errors import InputError
from service.rings.rings import RingFilter, _read_cursor

ORDER = "score-"


def written(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


def test_a_cursor_says_where_the_page_before_ended() -> None:
    assert _read_cursor(written([ORDER, 97.0, "R-2345-6"]), RingFilter()) == (97.0, "R-2345-6")


@pytest.mark.parametrize(
    "value", [[ORDER, 1, "\ud800"], [ORDER, 1, 2], [ORDER, "x", "R"], [ORDER, 1], {}, None, [ORDER, [], "R"]]
)
def test_what_is_no_cursor_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="cursor"):
        _read_cursor(written(value), RingFilter())
