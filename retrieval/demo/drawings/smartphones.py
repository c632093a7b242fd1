"""Smartphones: usually the back of one in its colour, and the front of another before it.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    circle,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
)

SCREEN = "#23304a"
SUN = "#ffe2a8"


def _lens(x: float, y: float, r: float = 11) -> str:
    return circle(x, y, r, INK, STEEL, 3) + circle(x - r / 3, y - r / 3, r / 4, "#8fb4dd")


def _back(look: Look, height: int) -> str:
    top = 312 - height
    shell = rect(96, top, 124, height, look.base, look.line, 5, 22)
    return shell + path(f"M104 {top + 26} L104 {top + height - 32}", stroke=look.light, width=6)


def _front(look: Look, height: int, *camera: str) -> str:
    top, foot = 330 - height, 321
    wave = (
        f"M199 {foot - 77} C232 {foot - 115} 262 {foot - 51} 305 {foot - 103} L305 {foot - 15} Q305 {foot} 290 {foot} "
    )
    return "".join(
        (
            rect(190, top, 124, height, look.base, look.line, 5, 22),
            rect(199, top + 9, 106, height - 18, SCREEN, None, 0, 15),
            path(f"{wave} L214 {foot} Q199 {foot} 199 {foot - 15} Z", look.light),
            circle(276, top + 66, 18, SUN),
            *(camera or (rect(236, top + 16, 32, 8, INK, None, 0, 4),)),
            *(rect(212 + 24 * i, 288, 17, 17, "#ffffff", look.line, 2, 5) for i in range(4)),
        )
    )


def _compact(look: Look) -> str:
    return _back(look, 206) + rect(110, 120, 50, 30, look.shade, look.line, 3, 14) + _lens(135, 136) + _front(look, 206)


def _pro(look: Look) -> str:
    island = rect(110, 80, 50, 90, look.shade, look.line, 3, 14)
    return _back(look, 246) + island + "".join(_lens(135, 96 + 30 * i) for i in range(3)) + _front(look, 246)


def _plain(look: Look) -> str:
    """A sensible phone whose back cover can be lifted off."""
    battery = rect(112, 150, 92, 118, STEEL, STEEL_SHADE, 3, 5) + path(
        "M150 196 l14 -20 l0 14 l12 0 l-14 20 l0 -14 Z", "#5da468"
    )
    cover = group(
        "translate(158 206) rotate(-14) translate(-158 -206)",
        rect(74, 80, 124, 232, look.base, look.line, 5, 16),
        path("M84 108 L84 280", stroke=look.light, width=6),
        circle(112, 112, 16, PAPER, look.line, 4),
        *(line(160 + 9 * i, 286, 160 + 9 * i, 296, look.deep, 4) for i in range(3)),
    )
    inside = rect(104, 80, 124, 232, RUBBER, look.line, 5, 16) + battery
    return (
        group("translate(-6 0)", cover)
        + group("translate(16 2) scale(.98)", inside)
        + group("translate(22 0)", _front(look, 226))
    )


def _charging(look: Look) -> str:
    """With its quick charger: a plug, a cable, a rising bar."""
    return "".join(
        (
            path("M122 250 C110 320 150 342 200 332 C226 326 236 330 250 326", stroke=look.line, width=9),
            path("M122 250 C110 320 150 342 200 332 C226 326 236 330 250 326", stroke=PAPER, width=4),
            rect(88, 164, 72, 90, PAPER, look.line, 5, 14),
            pipe("M108 164 L108 136 M140 164 L140 136", STEEL, look.line, 13, 3),
            path("M128 186 l-16 30 l14 0 l-6 22 l20 -32 l-14 0 Z", "#f2c12e", look.line, 3),
            rect(184, 76, 136, 250, look.base, look.line, 5, 22),
            rect(194, 86, 116, 230, SCREEN, None, 0, 15),
            circle(252, 102, 6, INK),
            rect(214, 146, 76, 120, "none", PAPER, 5, 12),
            rect(236, 134, 32, 10, PAPER, None, 0, 4),
            rect(222, 188, 60, 70, "#7fd39a", None, 0, 7),
            path("M258 168 l-18 32 l14 0 l-6 26 l22 -36 l-14 0 Z", PAPER, SCREEN, 3),
            line(190, 104, 190, 300, look.light, 3),
        )
    )


def _camera_bar(look: Look) -> str:
    bar = path("M97 106 L219 106 L219 142 L97 142 Z", look.deep, look.line, 3.5)
    dot = circle(252, 116, 6, INK)
    return (
        _back(look, 238)
        + bar
        + _lens(122, 124, 12)
        + _lens(154, 124, 12)
        + circle(184, 124, 5, SUN)
        + _front(look, 238, dot)
    )


def _round_camera(look: Look) -> str:
    ring = circle(154, 152, 38, look.shade, look.line, 4) + circle(154, 152, 29, look.deep, STEEL, 3)
    lenses = _lens(142, 142, 10) + _lens(168, 148, 10) + circle(150, 166, 5, SUN)
    return _back(look, 212) + ring + lenses + _front(look, 196, circle(252, 158, 6, INK))


def _foldable(look: Look) -> str:
    """Half open like a book, its crease in the middle of the picture."""
    tiles = ((128, 136, "#e98a6b"), (164, 128, "#7fc4a5"), (128, 172, "#f1cd6a"), (164, 166, "#8aa9e6"))
    return "".join(
        (
            path("M92 96 Q90 82 106 80 L196 62 L196 322 L106 330 Q92 330 92 318 Z", look.base, look.line, 5),
            path("M308 96 Q310 82 294 80 L204 62 L204 322 L294 330 Q308 330 308 318 Z", look.base, look.line, 5),
            path("M104 98 Q104 92 110 90 L194 74 L194 310 L110 318 Q104 318 104 312 Z", SCREEN),
            path("M296 98 Q296 92 290 90 L206 74 L206 310 L290 318 Q296 318 296 312 Z", "#2d3d5e"),
            path("M104 250 C140 216 170 268 194 230 L194 310 L110 318 Q104 318 104 312 Z", look.light),
            path("M206 230 C236 196 266 262 296 222 L296 312 Q296 318 290 318 L206 310 Z", look.light),
            *(path(f"M{x} {y} l26 -5 l0 26 l-26 4 Z", fill, INK, 2) for x, y, fill in tiles),
            circle(252, 128, 22, SUN),
            path("M196 60 L204 60 L204 324 L196 324 Z", look.deep, look.line, 3),
            path("M98 110 L98 304", stroke=look.light, width=3),
        )
    )


def _rugged(look: Look) -> str:
    """Armoured: thick corners, screws, keys with ribs, a torch."""
    corner = path("M0 34 L0 12 Q0 0 12 0 L40 0 L30 22 L22 24 L20 44 Z", RUBBER, "#1d1f2a", 3) + circle(13, 14, 4, STEEL)
    corners = "".join(
        group(f"translate({x} {y}) scale({sx} {sy})", corner)
        for x, y, sx, sy in ((108, 56, 1, 1), (292, 56, -1, 1), (108, 332, 1, -1), (292, 332, -1, -1))
    )
    return "".join(
        (
            rect(100, 130, 14, 44, look.deep, look.line, 3, 4),
            rect(286, 120, 14, 30, look.deep, look.line, 3, 4),
            rect(286, 164, 14, 56, "#ec7d23", look.line, 3, 4),
            path("M132 58 L268 58 L290 84 L290 304 L268 330 L132 330 L110 304 L110 84 Z", look.base, look.line, 5),
            rect(130, 88, 140, 204, SCREEN, look.line, 4, 10),
            path(
                "M132 242 L170 190 L196 222 L226 172 L268 232 L268 284 Q268 290 262 290 L138 290 Q132 290 132 284 Z",
                look.light,
            ),
            circle(240, 126, 15, SUN),
            path("M150 108 L184 108 M150 122 L172 122", stroke=PAPER, width=4),
            rect(176, 302, 48, 12, look.deep, look.line, 3, 6),
            *(line(184 + 10 * i, 72, 184 + 10 * i, 78, look.line, 4) for i in range(4)),
            corners,
        )
    )


def _old(look: Look) -> str:
    """Years old: a broad chin with a round key, one lens, small screen."""
    back = rect(100, 92, 120, 216, look.base, look.line, 5, 26) + _lens(126, 122) + circle(150, 122, 5, SUN)
    icons = "".join(
        rect(
            212 + 22 * column,
            152 + 24 * row,
            15,
            15,
            ("#e98a6b", "#7fc4a5", "#f1cd6a", "#8aa9e6")[(row + column) % 4],
            None,
            0,
            4,
        )
        for row in range(4)
        for column in range(4)
    )
    return "".join(
        (
            back,
            path("M108 118 L108 280", stroke=look.light, width=6),
            rect(190, 98, 124, 232, look.base, look.line, 5, 24),
            rect(202, 138, 100, 144, SCREEN, look.line, 3, 3),
            icons,
            rect(234, 116, 36, 7, look.line, None, 0, 3),
            circle(220, 119, 4, look.line),
            circle(252, 306, 14, look.shade, look.line, 3.5),
            rect(246, 300, 12, 12, "none", look.light, 2.5, 3),
            ellipse(252, 260, 30, 3, look.light),
            path("M282 148 L298 176 M288 146 L292 154", stroke="#dfe6ef", width=2),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "compact": _compact,
    "pro": _pro,
    "plain": _plain,
    "charging": _charging,
    "camera bar": _camera_bar,
    "round camera": _round_camera,
    "foldable": _foldable,
    "rugged": _rugged,
    "old": _old,
}
