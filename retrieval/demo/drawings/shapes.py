"""Colours and SVG shapes that every drawing is made of.

In: numbers and hex colours. Out: SVG fragments as text. Knows nothing of products.
"""

from collections.abc import Callable
from dataclasses import dataclass

COLORS = {
    "black": "#3a3e48",
    "white": "#fafaf7",
    "grey": "#8d939c",
    "red": "#d1383d",
    "blue": "#2f6fc4",
    "green": "#3f9150",
    "yellow": "#f2c12e",
    "orange": "#ec7d23",
    "pink": "#ee8fb0",
    "purple": "#7d55b5",
    "brown": "#8a5a36",
    "beige": "#dcc7a1",
    "silver": "#c3c9d0",
    "gold": "#cda349",
}
"""Canonical colour -> the hex in which it is drawn."""

INK = "#2b2d38"
PAPER = "#fdfcf8"
STEEL = "#c9d0d8"
STEEL_SHADE = "#9aa4b0"
WOOD = "#c08a55"
WOOD_SHADE = "#93653a"
LEAF = "#5da468"
LEAF_LINE = "#2f5b39"
SKY = "#cfe6f2"
CREAM = "#fff6e3"
RUBBER = "#43454f"
GOLD = "#d3a94e"


@dataclass(frozen=True, slots=True)
class Look:
    """The colours in which one product is to be drawn.

    `base` is the product's colour; `light`, `shade` and `deep` are made from it; `line` is the outline, dark enough
    that a white product is seen.
    """

    base: str
    light: str
    shade: str
    deep: str
    line: str


Drawing = Callable[[Look], str]
"""Draws one design of a category."""


def mix(color: str, other: str, share: float) -> str:
    """`color` with `share` (0 to 1) of `other` stirred in, both as ``#rrggbb``.

    >>> mix("#000000", "#ffffff", 0.5)
    '#808080'
    """
    pairs = zip(bytes.fromhex(color[1:]), bytes.fromhex(other[1:]), strict=True)
    return "#" + "".join(f"{int(a + (b - a) * share + 0.5):02x}" for a, b in pairs)


def look(color: str) -> Look:
    """The look of a product of that hex colour.

    >>> look("#2f6fc4").shade
    '#2a5c9f'
    """
    return Look(
        base=color,
        light=mix(color, "#ffffff", 0.38),
        shade=mix(color, "#1b1e2b", 0.24),
        deep=mix(color, "#1b1e2b", 0.5),
        line=mix(color, "#1d1f2a", 0.8),
    )


def paint(fill: str, stroke: str | None = None, width: float = 4) -> str:
    """The attributes of a shape's inside and outline."""
    outline = f' stroke="{stroke}" stroke-width="{width:g}"' if stroke else ""
    return f'fill="{fill}"{outline}'


def path(d: str, fill: str = "none", stroke: str | None = None, width: float = 4) -> str:
    """A path in SVG's own commands."""
    return f'<path d="{d}" {paint(fill, stroke, width)}/>'


def rect(
    x: float, y: float, w: float, h: float, fill: str, stroke: str | None = None, width: float = 4, r: float = 0
) -> str:
    """A rectangle from its top left corner; `r` rounds the corners."""
    corner = f' rx="{r:g}"' if r else ""
    return f'<rect x="{x:g}" y="{y:g}" width="{w:g}" height="{h:g}"{corner} {paint(fill, stroke, width)}/>'


def ellipse(cx: float, cy: float, rx: float, ry: float, fill: str, stroke: str | None = None, width: float = 4) -> str:
    """An ellipse around its centre."""
    return f'<ellipse cx="{cx:g}" cy="{cy:g}" rx="{rx:g}" ry="{ry:g}" {paint(fill, stroke, width)}/>'


def circle(cx: float, cy: float, r: float, fill: str, stroke: str | None = None, width: float = 4) -> str:
    """A circle around its centre."""
    return ellipse(cx, cy, r, r, fill, stroke, width)


def line(x1: float, y1: float, x2: float, y2: float, stroke: str, width: float = 4) -> str:
    """A straight line with round ends."""
    return path(f"M{x1:g} {y1:g} L{x2:g} {y2:g}", stroke=stroke, width=width)


def pipe(d: str, fill: str, edge: str, width: float, rim: float = 4) -> str:
    """A path as a rod of `width` all in all, its outline `rim` wide."""
    return path(d, stroke=edge, width=width) + path(d, stroke=fill, width=width - 2 * rim)


def dashed(d: str, stroke: str, width: float = 3, pattern: str = "7 6") -> str:
    """A path as a seam: `pattern` is the lengths of dash and gap."""
    return f'<g stroke-dasharray="{pattern}">{path(d, stroke=stroke, width=width)}</g>'


def group(transform: str, *parts: str) -> str:
    """Parts moved, turned or mirrored together."""
    return f'<g transform="{transform}">{"".join(parts)}</g>'


def both(*parts: str) -> str:
    """Parts and their mirror image on the other side of the middle, x = 200."""
    return "".join((*parts, group("translate(400 0) scale(-1 1)", *parts)))


def steam(x: float, y: float, stroke: str = "#b9bfc9") -> str:
    """Two wisps that rise from (x, y)."""
    wisps = (f"M{x + dx:g} {y:g} c-10 -12 10 -20 0 -34 c-6 -9 2 -15 4 -20" for dx in (-11, 11))
    return "".join(path(wisp, stroke=stroke, width=5) for wisp in wisps)


def leaf(x: float, y: float, size: float, fill: str, stroke: str, turn: float = 0) -> str:
    """A leaf of `size` whose stalk is at (x, y), pointing up before it is turned by `turn` degrees."""
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g}) scale({size / 100:g})",
        path("M0 0 C-46 -34 -40 -82 0 -112 C40 -82 46 -34 0 0 Z", fill, stroke, 5),
        path("M0 4 L0 -84 M0 -28 L18 -46 M0 -28 L-18 -46 M0 -56 L14 -72 M0 -56 L-14 -72", stroke=stroke, width=4),
    )
