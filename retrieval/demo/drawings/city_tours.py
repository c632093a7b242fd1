"""City tours: what is to be seen, and a map's pin in the product's colour.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from collections.abc import Callable

from retrieval.demo.drawings import sights
from retrieval.demo.drawings.shapes import (
    INK,
    LEAF_LINE,
    PAPER,
    SKY,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    circle,
    dashed,
    ellipse,
    group,
    line,
    path,
    rect,
)
from retrieval.demo.drawings.sights import GREY, TOWER, TOWER_FAR


def _pin(look: Look, x: float, y: float, scale: float) -> str:
    """A map's pin whose point is at (x, y), a head and shoulders in it."""
    outline = "M0 0 C-28 -46 -64 -78 -64 -120 C-64 -156 -36 -184 0 -184 C36 -184 64 -156 64 -120 C64 -78 28 -46 0 0 Z"
    return group(
        f"translate({x:g} {y:g}) scale({scale:g})",
        ellipse(0, 2, 18, 7, "#6d7683"),
        path(outline, look.base, look.line, 5),
        path("M50 -144 C62 -98 34 -60 2 -10 C30 -48 64 -80 64 -120 C64 -130 60 -138 56 -146 Z", look.shade),
        circle(0, -120, 30, PAPER, look.line, 4),
        path("M-46 -138 C-40 -152 -30 -162 -18 -166", stroke=look.light, width=8),
        circle(0, -130, 8, look.deep),
        path("M-16 -102 C-16 -118 16 -118 16 -102 Z", look.deep),
    )


def _route(look: Look, d: str) -> str:
    return path(d, stroke=look.line, width=9) + dashed(d, PAPER, 4, "9 11")


def _far(sight: Callable[[], str]) -> Drawing:
    """A sight behind a large pin at the end of a route."""

    def draw(look: Look) -> str:
        route = _route(look, "M92 322 C140 300 168 330 204 300 C224 284 214 262 206 250")
        return sight() + route + circle(92, 322, 9, PAPER, look.line, 5) + _pin(look, 206, 250, 1)

    return draw


def _near(sight: Callable[[], str], x: float, y: float, scale: float) -> Drawing:
    """A sight with a smaller pin beside it."""
    return lambda look: sight() + _pin(look, x, y, scale)


def _trailer() -> str:
    return "".join(
        (
            path("M176 292 L224 300", stroke=INK, width=6),
            path("M222 304 L230 252 Q252 236 282 252 L290 304 Z", "#f2c12e", INK, 5),
            path("M240 258 Q256 250 272 258 L276 280 L236 280 Z", SKY, INK, 3.5),
            circle(256, 304, 19, PAPER, INK, 6),
        )
    )


def _bicycles(look: Look) -> str:
    """A bicycle with a child's trailer before a painted wall and a tower."""
    bike = "M-44 0 L-16 -52 L36 -52 L4 0 Z M-16 -52 L4 0 M48 0 L34 -66 L52 -74 M-16 -52 L-22 -66 M-36 -66 L-10 -66"
    return "".join(
        (
            line(96, 236, 96, 66, GREY, 8),
            circle(96, 118, 24, TOWER, GREY, 4),
            path("M72 118 L120 118", stroke=GREY),
            rect(84, 214, 24, 40, TOWER_FAR, GREY, 4),
            path("M40 196 L360 196 L360 284 L40 284 Z M40 196 L40 284", "#e9e2d4", GREY, 5),
            path("M36 190 L364 190 L364 204 L36 204 Z", TOWER_FAR, GREY, 4),
            path(
                "M56 276 C80 214 120 220 132 268 M152 276 L152 228 L196 228 M172 276 L172 246 M218 232 C260 214 270 "
                "280 216 272 Z",
                "none",
                "#d9653f",
                10,
            ),
            path("M274 270 L304 224 L334 270 Z", "#5da468", LEAF_LINE, 4),
            path("M28 284 L372 284 L372 336 L28 336 Z", "#c9ced6", GREY, 4),
            path("M60 322 l34 0 M170 326 l34 0 M300 326 l34 0", stroke=PAPER, width=5),
            group(
                "translate(128 290)",
                circle(-44, 0, 30, "none", INK, 6),
                circle(48, 0, 30, "none", INK, 6),
                path(bike, "none", look.line, 12),
                path(bike, "none", look.base, 6),
            ),
            _trailer(),
            _pin(look, 326, 246, 0.8),
        )
    )


def _stall(look: Look) -> str:
    heaps = "".join(
        path(f"M{x - 26} 258 Q{x} 196 {x + 26} 258 Z", fill, INK, 4)
        + path(f"M{x - 30} 258 l60 0 l-6 26 l-48 0 Z", "#d9b98a", INK, 4)
        for x, fill in ((98, "#d9532f"), (166, "#e8b02e"), (234, "#8fa33f"))
    )
    awning = "".join(
        path(f"M{x} 128 l38 0 l0 34 q-19 16 -38 0 Z", fill, INK, 4)
        for x, fill in ((54, look.base), (92, PAPER), (130, look.base), (168, PAPER), (206, look.base), (244, PAPER))
    )
    return "".join(
        (
            path("M60 134 L60 300 M276 134 L276 300", stroke=WOOD_SHADE, width=11),
            rect(48, 262, 236, 66, WOOD, WOOD_SHADE, 5, 4),
            path("M50 290 L282 290 M50 310 L282 310", stroke=WOOD_SHADE, width=3),
            heaps,
            awning,
        )
    )


def _market(look: Look) -> str:
    """A stall of spices under an awning, a tagine before it, arches behind."""
    tagine = "".join(
        (
            path("M262 314 C268 280 292 262 302 226 C312 262 336 280 342 314 Z", "#c46a3a", INK, 5),
            circle(302, 218, 10, "#c46a3a", INK, 4),
            path("M274 300 l10 -10 l10 10 l10 -10 l10 10 l10 -10 l8 10", stroke="#f4d9a4"),
            path("M250 314 L354 314 C350 332 336 338 302 338 C268 338 254 332 250 314 Z", "#a9542b", INK, 5),
        )
    )
    return "".join(
        (
            path(
                "M30 300 L30 84 L66 84 L66 70 L94 70 L94 84 L306 84 L306 58 L370 58 L370 300 Z", "#e9b98f", "#a5724a", 4
            ),
            path("M320 250 L320 140 Q320 108 340 100 Q360 108 360 140 L360 250 Z", "#7c4a3a", "#a5724a", 4),
            _stall(look),
            tagine,
            _pin(look, 320, 214, 0.78),
        )
    )


def _helicopter(look: Look) -> str:
    return "".join(
        (
            path("M70 92 L290 92", stroke=INK, width=7),
            path("M180 92 L180 112", stroke=INK, width=8),
            path("M228 136 L322 120 L330 96 L346 96 L340 136 L236 162 Z", look.base, look.line, 5),
            circle(338, 106, 15, "none", INK, 4),
            path(
                "M112 160 C112 126 142 110 182 110 L216 110 C240 110 252 126 252 148 C252 178 232 192 202 192 L152 192 "
                "C124 192 112 180 112 160 Z",
                look.base,
                look.line,
                5,
            ),
            path("M118 158 C120 136 140 122 166 122 L166 160 Z", SKY, look.line, 4),
            rect(178, 124, 36, 34, SKY, look.line, 4, 6),
            path("M128 178 L236 178", stroke=look.light, width=6),
            path("M142 192 L136 208 M214 192 L220 208 M112 210 L246 210", stroke=INK, width=6),
        )
    )


def _vineyard(look: Look) -> str:
    """A helicopter over rows of vines and a flat-topped mountain."""
    rows = "".join(
        path(f"M{200 + (x - 200) * 0.3:g} 262 L{x} 338", stroke="#5a8f63", width=15)
        for x in (40, 104, 168, 232, 296, 360)
    )
    return "".join(
        (
            path("M20 262 L60 190 L120 172 L282 172 L330 206 L380 262 Z", "#b3a9bf", "#7d7490", 5),
            path("M96 214 L126 178 M150 232 L160 176 M236 230 L228 178 M288 232 L268 178", stroke="#7d7490", width=4),
            path("M20 258 L380 258 L380 340 L20 340 Z", "#c7d59a", "#8a9c5c", 4),
            rows,
            *(
                circle(x, y, 5, "#6d3f8f")
                for x, y in ((112, 296), (150, 306), (246, 300), (284, 288), (80, 320), (320, 318))
            ),
            _helicopter(look),
            _pin(look, 316, 322, 0.66),
        )
    )


def _painted_head() -> str:
    return "".join(
        (
            path(
                "M150 84 C112 100 104 140 118 160 L108 182 L122 188 L122 206 C136 214 150 208 156 202 L160 230 L214 "
                "230 C206 196 228 160 218 126 C210 96 180 78 150 84 Z",
                "#a9683f",
                INK,
                5,
            ),
            path(
                "M150 84 C196 72 236 108 226 160 C220 190 236 214 246 230 L206 230 C206 190 196 160 196 130 C190 110 "
                "170 100 150 84 Z",
                "#33292c",
                INK,
                4,
            ),
            path("M130 140 q10 -8 20 0", stroke=INK, width=5),
        )
    )


def _painted_wall() -> str:
    return "".join(
        (
            path("M44 78 L330 78 L330 318 L44 318 Z", "#3f8f9b", INK, 5),
            path("M44 218 C110 166 150 250 220 200 C260 172 300 190 330 168 L330 318 L44 318 Z", "#e8b02e"),
            path("M44 268 C100 238 160 290 220 256 C260 236 300 250 330 236 L330 318 L44 318 Z", "#d9532f"),
            _painted_head(),
            path(
                "M252 122 C270 96 296 106 298 130 C312 132 318 142 312 148 C300 150 292 150 288 158 C276 172 256 166 "
                "252 150 L228 158 Z",
                "#f6e3a6",
                INK,
                4,
            ),
            circle(290, 126, 4, INK),
            *(
                group(
                    f"translate({x} {y})",
                    *(circle(10 * dx, 10 * dy, 8, fill, INK, 2.5) for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1))),
                    circle(0, 0, 6, "#f2c12e", INK, 2),
                )
                for x, y, fill in ((78, 118, "#ee8fb0"), (76, 200, "#ec7d23"), (296, 206, "#ee8fb0"))
            ),
        )
    )


def _murals(look: Look) -> str:
    """A house wall painted with a face, a bird and flowers, people before it."""
    people = "".join(
        circle(x, 290, 13, skin, INK, 4)
        + path(f"M{x - 18} 336 L{x - 16} 314 Q{x} 300 {x + 16} 314 L{x + 18} 336 Z", coat, INK, 4)
        for x, skin, coat in ((96, "#c98a5e", "#2f6fc4"), (140, "#8a5a36", "#f2c12e"), (186, "#f0c49c", "#5da468"))
    )
    return "".join(
        (
            _painted_wall(),
            path("M36 66 L338 66 L338 84 L36 84 Z", TOWER_FAR, GREY, 4),
            path("M24 318 L376 318 L376 340 L24 340 Z", "#c9ced6", GREY, 4),
            people,
            line(214, 336, 214, 250, WOOD_SHADE, 6),
            path("M214 252 L258 262 L214 280 Z", look.base, look.line, 4),
            _pin(look, 320, 330, 0.8),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "old town": _far(sights.old_town),
    "lake": _far(sights.lake),
    "shrine": _near(sights.shrine, 316, 320, 0.72),
    "bicycles": _bicycles,
    "market": _market,
    "panda": _near(sights.panda, 318, 330, 0.68),
    "ferry": _near(sights.ferry, 330, 300, 0.76),
    "vineyard": _vineyard,
    "murals": _murals,
    "winter lights": _near(sights.winter_lights, 316, 320, 0.8),
}
