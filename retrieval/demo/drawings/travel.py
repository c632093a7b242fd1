"""Hotels, city tours and luggage.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    LEAF,
    PAPER,
    RUBBER,
    SKY,
    STEEL,
    STEEL_SHADE,
    WOOD,
    WOOD_SHADE,
    Look,
    circle,
    ellipse,
    group,
    line,
    path,
    rect,
)

PANE = "#ffe9ae"
TOWER = "#b7c4d3"
TOWER_FAR = "#d3dde7"


def hotel(look: Look) -> str:
    """A narrow inn in a town, or a low garden hotel with a pool; each with a bed on its sign."""
    return _resort(look) if "pool" in look.features or look.design % 2 == 1 else _inn(look)


def _bed_sign(x: float, y: float, look: Look) -> str:
    return group(
        f"translate({x:g} {y:g})",
        rect(-34, -22, 68, 44, PAPER, look.line, 4, 8),
        line(-22, -10, -22, 13, look.line, 5),
        line(22, 2, 22, 13, look.line, 5),
        path("M-20 6 L22 6 L22 0 Q22 -5 14 -5 L-4 -5 L-4 3", look.deep, look.line, 3),
        circle(-13, -2, 5, look.deep),
    )


def _window(x: float, y: float, look: Look) -> str:
    return "".join(
        (
            rect(x, y, 38, 48, PANE, look.line, 4, 4),
            line(x + 19, y, x + 19, y + 48, look.line, 3),
            rect(x - 5, y + 46, 48, 7, PAPER, look.line, 3, 2),
        )
    )


def _inn(look: Look) -> str:
    windows = "".join(_window(x, y, look) for y in (128, 196) for x in (116, 181, 246))
    tiles = "".join(path(f"M{x} 88 q9 12 18 0", stroke="#8f3f2b", width=3) for x in range(108, 290, 18))
    return "".join(
        (
            rect(96, 96, 208, 238, look.base, look.line, 5),
            rect(268, 98, 34, 234, look.shade),
            path("M82 100 L112 54 L288 54 L318 100 Z", "#c9643f", look.line, 5),
            tiles,
            rect(238, 34, 24, 34, "#c9643f", look.line, 4),
            windows,
            rect(96, 96, 208, 238, "none", look.line, 5),
            rect(174, 276, 52, 58, WOOD, look.line, 4, 4),
            circle(216, 306, 4, GOLD),
            path("M158 280 L166 256 L234 256 L242 280 Z", PAPER, look.line, 4),
            *(path(f"M{x} 257 l-2 22 l16 0 l-1 -22 Z", look.deep) for x in (176, 208)),
            line(304, 178, 332, 178, look.line, 5),
            _bed_sign(340, 206, look),
            *(circle(x, 316, 15, LEAF, "#2f5b39", 4) for x in (126, 274)),
            rect(112, 320, 28, 16, WOOD_SHADE, look.line, 3),
            rect(260, 320, 28, 16, WOOD_SHADE, look.line, 3),
        )
    )


def _resort(look: Look) -> str:
    return "".join(
        (
            line(54, 292, 62, 150, WOOD_SHADE, 11),
            *(
                path(f"M62 150 q{dx} {dy} {2 * dx} {dy + 46} q{-dx} -22 {-2 * dx} {-dy - 46} Z", LEAF, "#2f5b39", 4)
                for dx, dy in ((-24, -36), (26, -36), (-14, -2), (18, -2))
            ),
            rect(96, 164, 236, 128, look.base, look.line, 5),
            rect(140, 98, 148, 70, look.light, look.line, 5),
            path("M76 172 L104 140 L324 140 L352 172 Z", "#5f7f8f", look.line, 5),
            path("M122 104 L148 70 L280 70 L306 104 Z", "#5f7f8f", look.line, 5),
            *(rect(x, 112, 28, 28, PANE, look.line, 4, 3) for x in (160, 200, 240)),
            *(_window(x, 196, look) for x in (112, 278)),
            rect(182, 220, 64, 72, WOOD, look.line, 4, 4),
            line(214, 222, 214, 290, look.line, 3),
            _bed_sign(214, 192, look),
            path("M44 292 L356 292 L374 334 L26 334 Z", PAPER, look.line, 4),
            path("M92 300 L314 300 L332 328 L74 328 Z", "#6fc3df", look.line, 4),
            path("M120 310 q12 -7 24 0 t24 0 M200 320 q12 -7 24 0 t24 0 M240 308 q10 -6 20 0", stroke=PAPER, width=4),
        )
    )


def city_tour(look: Look) -> str:
    """A skyline with a route and a pin in the product's colour: an old town on hills, or a lake with a pagoda."""
    scene = _lake() if look.design % 2 == 1 else _old_town()
    route = "M92 322 C140 300 168 330 204 300 C224 284 214 262 206 250"
    return "".join(
        (
            scene,
            path(route, stroke=look.line, width=9),
            f'<g stroke-dasharray="9 11">{path(route, stroke=PAPER, width=4)}</g>',
            circle(92, 322, 9, PAPER, look.line, 5),
            _pin(look),
        )
    )


def _pin(look: Look) -> str:
    return "".join(
        (
            ellipse(206, 252, 24, 7, "#6d7683"),
            path(
                "M206 250 C178 204 142 172 142 130 C142 94 170 66 206 66 C242 66 270 94 270 130 C270 172 "
                "234 204 206 250 Z",
                look.base,
                look.line,
                5,
            ),
            path("M256 106 C268 152 240 190 208 240 C236 202 270 172 270 130 C270 120 266 112 262 104 Z", look.shade),
            circle(206, 130, 30, PAPER, look.line, 4),
            path("M160 112 C166 98 176 88 188 84", stroke=look.light, width=8),
            circle(206, 120, 8, look.deep),
            path("M190 148 C190 132 222 132 222 148 Z", look.deep),
        )
    )


def _old_town() -> str:
    houses = ((46, 196, 52, "#f0d8b8"), (100, 222, 46, "#e9b9a3"), (268, 208, 50, "#f4e3c0"), (320, 180, 46, "#dfc1b1"))
    fronts = "".join(
        rect(x, y, w, 306 - y, wall, "#6a6f7c", 4)
        + path(f"M{x - 6} {y} L{x + w / 2:g} {y - 30} L{x + w + 6} {y} Z", "#c9643f", "#6a6f7c", 4)
        + "".join(rect(x + 10 + 19 * i, y + 16, 12, 18, "#7796b3", "#6a6f7c", 2.5, 5) for i in range(2))
        for x, y, w, wall in houses
    )
    return "".join(
        (
            rect(60, 120, 34, 120, TOWER_FAR, "#8d97a5", 4),
            path("M56 122 L77 84 L98 122 Z", TOWER, "#8d97a5", 4),
            circle(77, 146, 8, PAPER, "#8d97a5", 3),
            path("M296 176 C296 128 356 128 356 176 Z", TOWER_FAR, "#8d97a5", 4),
            line(326, 140, 326, 116, "#8d97a5", 4),
            fronts,
            path("M30 304 C120 268 280 268 370 304 L370 336 L30 336 Z", "#a9c79b", "#6f8f66", 4),
        )
    )


def _lake() -> str:
    roofs = "".join(
        path(
            f"M{322 - w} {y} Q322 {y - 8} {322 + w} {y} L{322 + w - 14} {y - 18} L{322 - w + 14} {y - 18} Z",
            "#9c4a3c",
            "#5a2c25",
            4,
        )
        + rect(322 - w + 16, y, 2 * w - 32, 20, "#f0d8b8", "#5a2c25", 3)
        for y, w in ((156, 30), (194, 36), (232, 42))
    )
    return "".join(
        (
            path(
                "M24 262 C60 176 104 196 134 224 C160 176 220 170 262 226 C300 196 350 210 376 262 Z",
                "#b5d0b4",
                "#7fa07f",
                4,
            ),
            line(322, 136, 322, 106, "#5a2c25", 5),
            roofs,
            path("M24 258 L376 258 L376 336 L24 336 Z", SKY, "#7fa5b8", 4),
            path("M46 280 q12 -7 24 0 t24 0 M262 318 q12 -7 24 0 t24 0 M150 278 q10 -6 20 0", stroke=PAPER, width=5),
            path("M270 288 L352 288 C346 304 334 310 318 310 L300 310 C286 310 276 302 270 288 Z", WOOD, WOOD_SHADE, 4),
            path("M290 288 L294 270 L334 270 L338 288 Z", "#f0d8b8", WOOD_SHADE, 4),
        )
    )


def luggage(look: Look) -> str:
    """A soft cabin case with a front pocket, or a ribbed hard shell on four wheels."""
    return _hard_case(look) if "hard shell" in look.features or look.design % 2 == 1 else _soft_case(look)


def _handle(look: Look, top: int) -> str:
    return "".join(
        (
            *(line(x, top, x, 120, look.line, 11) for x in (168, 232)),
            *(line(x, top, x, 120, STEEL, 5) for x in (168, 232)),
            rect(156, top - 12, 88, 20, RUBBER, look.line, 4, 9),
        )
    )


def _soft_case(look: Look) -> str:
    return "".join(
        (
            _handle(look, 56),
            *(circle(x, 322, 15, RUBBER, look.line, 4) for x in (128, 272)),
            *(circle(x, 322, 5, STEEL) for x in (128, 272)),
            rect(104, 116, 192, 206, look.base, look.line, 5, 22),
            path("M262 119 Q293 122 293 144 L293 296 Q292 317 262 319 C272 250 272 180 262 119 Z", look.shade),
            rect(126, 196, 148, 108, look.base, look.line, 5, 14),
            line(138, 216, 262, 216, look.line, 6),
            line(138, 216, 262, 216, look.light, 2.5),
            rect(246, 212, 9, 24, STEEL, look.line, 2.5, 4),
            rect(134, 138, 132, 40, look.shade, look.line, 4, 10),
            line(146, 148, 254, 148, look.light, 3),
            path("M178 116 C178 98 222 98 222 116", stroke=look.line, width=10),
            path("M118 146 L118 288", stroke=look.light, width=6),
            rect(184, 252, 32, 20, look.deep, look.line, 3, 4),
        )
    )


def _hard_case(look: Look) -> str:
    ribs = "".join(
        line(x, 112, x, 306, look.shade, 7) + line(x + 6, 112, x + 6, 306, look.light, 3) for x in range(130, 280, 24)
    )
    corners = "".join(
        path(
            f"M{x} {y + 34 * sy} L{x} {y} L{x + 34 * sx} {y} Q{x + 30 * sx} {y + 30 * sy} {x} {y + 34 * sy} Z",
            look.deep,
            look.line,
            3,
        )
        for x, y, sx, sy in ((104, 98, 1, 1), (296, 98, -1, 1), (104, 318, 1, -1), (296, 318, -1, -1))
    )
    return "".join(
        (
            _handle(look, 44),
            *(rect(x, 316, 24, 20, RUBBER, look.line, 4, 7) for x in (112, 146, 230, 264)),
            rect(102, 96, 196, 224, look.base, look.line, 5, 20),
            ribs,
            corners,
            rect(102, 96, 196, 224, "none", look.line, 5, 20),
            *(rect(286, y, 22, 30, STEEL_SHADE, look.line, 4, 4) for y in (150, 236)),
            path("M174 96 C174 78 226 78 226 96", stroke=look.line, width=10),
            circle(200, 208, 22, PAPER, look.line, 4),
            path("M188 214 L200 192 L212 214 M200 194 L200 224", stroke=look.deep, width=4),
        )
    )
