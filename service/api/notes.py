"""What people write beside a decision."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

_CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]")


def _check(note: str) -> str:
    if _CONTROL.search(note):
        raise ValueError("a note may have line ends and tabs, but no other control character")
    return note


Note = Annotated[str, Field(max_length=2000), AfterValidator(_check)]
