"""Lets no wheel be built without the pages' scripts (an editable install fetches them with `make install`)."""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScriptsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches static/vendor/ if it is not what the lock asks for."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        if version == "standard":
            names = runpy.run_path(str(Path(self.root) / "service" / "web" / "build.py"))
            names["build"]()
