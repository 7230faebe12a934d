"""The marks of identifiers in pages and pictures: polygons around 0, in units of a mark's radius."""

from __future__ import annotations

import math

Points = tuple[tuple[float, float], ...]


def _regular(corners: int) -> Points:
    turns = (2 * math.pi * corner / corners for corner in range(corners))
    return tuple((round(math.sin(turn), 3), round(-math.cos(turn), 3)) for turn in turns)


SHAPES: dict[str, Points] = {
    "diamond": ((0, -1), (1, 0), (0, 1), (-1, 0)),
    "square": ((-0.9, -0.9), (0.9, -0.9), (0.9, 0.9), (-0.9, 0.9)),
    "triangle": ((0, -1), (1, 0.9), (-1, 0.9)),
    "hollow": ((0, -1), (1, 0.9), (-1, 0.9), (0, -1), (0, -0.3), (-0.45, 0.55), (0.45, 0.55), (0, -0.3)),
    "pentagon": _regular(5),
    "hexagon": _regular(6),
    "octagon": _regular(8),
    "vee": ((-1, -1), (0, -0.4), (1, -1), (0, 1)),
}
