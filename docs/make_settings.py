"""Writes docs/settings.md from the settings themselves: `python docs/make_settings.py`."""

from __future__ import annotations

from pathlib import Path

from service.settings import Settings

HEAD = """# Settings

Read from the environment once, when a command starts. Made by `make docs` from service/settings.py: edit there.

| variable | default | what it does |
|---|---|---|
"""


def render() -> str:
    """The whole page, as Markdown."""
    rows = []
    for name, field in Settings.model_fields.items():
        default = field.get_default(call_default_factory=True)
        shown = "none" if default in (None, (), {}) else f"`{default}`"
        shown = "the platform's folder" if field.default_factory and isinstance(default, Path) else shown
        rows.append(f"| `RINGSIGHT_{name.upper()}` | {shown} | {field.description} |")
    return HEAD + "\n".join(rows) + "\n"


if __name__ == "__main__":
    Path(__file__).with_name("settings.md").write_text(render(), encoding="utf-8")
