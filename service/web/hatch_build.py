"""Lets no package be built without the pages' scripts: fetched into the tree where they are missing or old.

A source package holds them, so that an install from it needs neither Node nor the scripts' registry.
"""

from __future__ import annotations

import runpy
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class ScriptsHook(BuildHookInterface):  # type: ignore[type-arg]
    """Fetches static/vendor/ if it is not what the lock asks for."""

    def dependencies(self) -> list[str]:
        """What the build needs beside hatchling: Node, if there is something to fetch."""
        names = self._build_script()
        return [] if names["is_current"]() else [names["NODE"]]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Fetches, for an editable install too."""
        self._build_script()["build"]()

    def _build_script(self) -> dict[str, Any]:
        return runpy.run_path(str(Path(self.root) / "service" / "web" / "build.py"))
