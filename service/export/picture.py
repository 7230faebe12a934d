"""A ring's (folded) graph as a picture: SVG, and PNG by Pillow, from one list of shapes."""

from __future__ import annotations

import io
import math
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

import networkx as nx
from PIL import Image, ImageDraw, ImageFont

from service.export.redact import Profile
from service.export.xml import without_forbidden
from service.model.kinds import kinds

WIDTH, HEIGHT = 1400, 1000
MARGIN = 60
LEGEND_Y = HEIGHT - 26
PNG_SCALE = 2
COLOURS = {"account": "#4f6bd8", "bundle": "#4f6bd8", "rest": "#7b8298"}
NAMES = {
    "account": "account",
    "bundle": "bundle of accounts with the same identifiers",
    "rest": "smaller bundles",
}
LINE, TEXT = "#aab1c6", "#171a26"


@dataclass(frozen=True, slots=True)
class Spot:
    """A node in its place: centre, radius (pixels), kind and the text under it."""

    x: float
    y: float
    radius: float
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn: a title, nodes, and lines between their positions in the list."""

    title: str
    spots: list[Spot]
    lines: list[tuple[int, int]]


def arrange(title: str, drawing: dict[str, Any], profile: Profile) -> Picture:
    """Places the nodes of a drawing (see rings/graphview.py); the same ring always looks the same."""
    graph: nx.Graph[str] = nx.Graph()
    nodes = {node["id"]: node for node in drawing["nodes"] if profile.rename(node["kind"], node["id"]) is not None}
    graph.add_nodes_from(nodes)
    links = [link for link in drawing["links"] if link["source"] in nodes and link["target"] in nodes]
    graph.add_edges_from((link["source"], link["target"]) for link in links)
    places = nx.spring_layout(graph, seed=7, iterations=80, k=2.2 / max(len(nodes), 1) ** 0.5) if nodes else {}
    xs, ys = [float(p[0]) for p in places.values()], [float(p[1]) for p in places.values()]
    order = {name: at for at, name in enumerate(nodes)}
    spots = []
    for name, node in nodes.items():
        x = _scale(float(places[name][0]), xs, MARGIN, WIDTH - MARGIN)
        y = _scale(float(places[name][1]), ys, MARGIN + 30, HEIGHT - MARGIN - 40)
        spots.append(Spot(x, y, _radius(node, int(graph.degree(name))), node["kind"], _text(node, profile)))
    return Picture(title, spots, [(order[link["source"]], order[link["target"]]) for link in links])


def svg(picture: Picture) -> str:
    """The picture as SVG."""
    ends = [(picture.spots[a], picture.spots[b]) for a, b in picture.lines]
    lines = [f'<path d="M{a.x:.1f} {a.y:.1f}L{b.x:.1f} {b.y:.1f}"/>' for a, b in ends]
    text = "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" font-family="Arial, sans-serif">',
            f'<title>{escape(picture.title)}</title><rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
            f'<text x="{MARGIN}" y="38" font-size="22" fill="{TEXT}">{escape(picture.title)}</text>',
            f'<g stroke="{LINE}" stroke-width="1">',
            *lines,
            "</g>",
            *[_svg_spot(spot) for spot in [*picture.spots, *_legend(picture)]],
            "</svg>",
            "",
        ]
    )
    return without_forbidden(text)


def png(picture: Picture) -> bytes:
    """The picture as PNG, 2,800 by 2,000 pixels."""
    image = Image.new("RGB", (WIDTH * PNG_SCALE, HEIGHT * PNG_SCALE), "#fff")
    draw = ImageDraw.Draw(image)
    big, small = ImageFont.load_default(22 * PNG_SCALE), ImageFont.load_default(10 * PNG_SCALE)
    draw.text((MARGIN * PNG_SCALE, 20 * PNG_SCALE), picture.title, fill=TEXT, font=big)
    for a, b in picture.lines:
        ends = [(spot.x * PNG_SCALE, spot.y * PNG_SCALE) for spot in (picture.spots[a], picture.spots[b])]
        draw.line(ends, fill=LINE, width=PNG_SCALE)
    for spot in [*picture.spots, *_legend(picture)]:
        _png_spot(draw, spot, small)
    out = io.BytesIO()
    image.save(out, "PNG", optimize=True)
    return out.getvalue()


def _scale(value: float, values: list[float], low: float, high: float) -> float:
    first, last = min(values), max(values)
    return (low + high) / 2 if last == first else low + (value - first) / (last - first) * (high - low)


def _radius(node: dict[str, Any], degree: int) -> float:
    if node["kind"] == "account":
        return 4 + min(5.0, degree * 0.5)
    if node["kind"] in ("bundle", "rest"):
        return 10 + min(24.0, math.sqrt(node["accounts"]))
    return 6 + min(12.0, math.sqrt(node["members"]))


def _text(node: dict[str, Any], profile: Profile) -> str:
    if node["kind"] in ("bundle", "rest"):
        return f"{node['accounts']:,}"
    if node["kind"] == "account":
        return ""
    name = profile.named(node["kind"], node["id"])
    return name if len(name) <= 16 else f"{name[:10]}..{name[-4:]}"


def _legend(picture: Picture) -> list[Spot]:
    spots, x = [], float(MARGIN)
    names = NAMES | {kind.name: kind.word for kind in kinds().sent}
    for kind in [kind for kind in names if any(spot.kind == kind for spot in picture.spots)]:
        spots.append(Spot(x, LEGEND_Y, 7, kind, f"legend:{names[kind]}"))
        x += 40 + 6.2 * len(names[kind])
    return spots


def _corners(spot: Spot) -> list[tuple[float, float]] | None:
    """The corners of a kind's shape, or None for a circle."""
    kind = kinds().by_name.get(spot.kind)
    return [(spot.x + spot.radius * x, spot.y + spot.radius * y) for x, y in kind.points] if kind else None


def _colour(kind: str) -> str:
    return COLOURS[kind] if kind in COLOURS else kinds().by_name[kind].colour


def _label(spot: Spot) -> tuple[float, float, str, bool]:
    """Where a spot's text goes (left end if it is the legend's, else the middle), and the text."""
    if spot.text.startswith("legend:"):
        return spot.x + 13, spot.y, spot.text.removeprefix("legend:"), True
    below = 0 if spot.kind in ("bundle", "rest") else spot.radius + 8
    return spot.x, spot.y + below, spot.text, False


def _svg_spot(spot: Spot) -> str:
    hollow = spot.kind in ("bundle", "rest")
    colour = _colour(spot.kind)
    paint = f'fill="#dfe5fa" stroke="{colour}" stroke-width="2"' if hollow else f'fill="{colour}"'
    corners = _corners(spot)
    if corners:
        shape = f'<polygon points="{" ".join(f"{x:.1f},{y:.1f}" for x, y in corners)}" {paint}/>'
    else:
        shape = f'<circle cx="{spot.x:.1f}" cy="{spot.y:.1f}" r="{spot.radius:.1f}" {paint}/>'
    x, y, text, left = _label(spot)
    if not text:
        return shape
    anchor = "start" if left else "middle"
    return f'{shape}<text x="{x:.1f}" y="{y + 3.5:.1f}" font-size="10" text-anchor="{anchor}">{escape(text)}</text>'


def _png_spot(draw: ImageDraw.ImageDraw, spot: Spot, font: Any) -> None:
    hollow = spot.kind in ("bundle", "rest")
    colour = _colour(spot.kind)
    corners = _corners(spot)
    if corners:
        draw.polygon([(x * PNG_SCALE, y * PNG_SCALE) for x, y in corners], fill=colour)
    else:
        box = [
            (spot.x - spot.radius) * PNG_SCALE,
            (spot.y - spot.radius) * PNG_SCALE,
            (spot.x + spot.radius) * PNG_SCALE,
            (spot.y + spot.radius) * PNG_SCALE,
        ]
        draw.ellipse(box, fill="#dfe5fa" if hollow else colour, outline=colour, width=2 * PNG_SCALE)
    x, y, text, left = _label(spot)
    if text:
        draw.text((x * PNG_SCALE, y * PNG_SCALE), text, fill=TEXT, font=font, anchor="lm" if left else "mm")
