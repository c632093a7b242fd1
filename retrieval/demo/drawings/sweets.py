"""Sweet things in boxes and tins: the other half of the snacks.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
    INK,
    LEAF_LINE,
    PAPER,
    STEEL,
    STEEL_SHADE,
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

DARK = "#38200f"
BAKED = "#edc98a"
BAKED_LINE = "#8c5f2a"


def _chocolate(x: float, y: float, kind: int) -> str:
    if kind == 0:
        return rect(x - 17, y - 14, 34, 28, "#4a2a1a", DARK, 3, 6) + line(x - 9, y - 5, x + 8, y + 5, "#8b5a3a", 4)
    if kind == 1:
        return circle(x, y, 16, "#5d3822", DARK, 3) + path(f"M{x} {y} m-8 -4 q8 -8 16 0", stroke="#93633f", width=4)
    nut = "m0 -17 c18 9 16 33 0 33 c-16 0 -18 -24 0 -33 Z"
    return path(f"M{x} {y} {nut}", "#c98f52", DARK, 3)


def _gift_box(look: Look) -> str:
    chocolates = "".join(
        _chocolate(104 + 48 * column, 232 + 42 * row, (row + column) % 3) for row in range(2) for column in range(5)
    )
    bow = "M200 128 C168 92 146 116 160 132 C170 142 188 138 200 128 C232 92 254 116 240 132 C230 142 212 138 200 128 Z"
    return "".join(
        (
            path("M66 196 L92 86 L308 86 L334 196 Z", look.base, look.line, 5),
            path("M188 86 L212 86 L216 196 L184 196 Z", GOLD, look.line, 3),
            path(bow, GOLD, look.line, 4),
            path("M110 100 L96 172", stroke=look.light, width=7),
            rect(58, 194, 284, 138, look.shade, look.line, 5, 8),
            rect(72, 206, 256, 96, CREAM, look.line, 3, 5),
            path(
                "M128 208 L128 300 M176 208 L176 300 M224 208 L224 300 M272 208 L272 300 M74 254 L326 254",
                stroke="#d9cdb4",
                width=3,
            ),
            chocolates,
            rect(58, 300, 284, 34, look.base, look.line, 5, 8),
            line(76, 310, 200, 310, look.light, 4),
        )
    )


def _letters(look: Look) -> str:
    """A pouch with a zip, and biscuits in the shape of A, B, C."""
    shapes = (
        "M-20 24 L0 -26 L20 24 M-12 6 L12 6",
        "M-14 -24 L-14 24 L6 24 C26 24 26 0 6 0 L-14 0 L4 0 C22 0 22 -24 4 -24 Z",
        "M20 -14 C4 -34 -22 -22 -22 0 C-22 22 4 34 20 14",
    )
    places = ((86, 300, -12), (300, 302, 10), (200, 196, 0))
    biscuits = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path(d, stroke=BAKED_LINE, width=25),
            path(d, stroke=BAKED, width=17),
            path(d, stroke="#f6dcab", width=6),
        )
        for d, (x, y, turn) in zip(shapes, places, strict=True)
    )
    return "".join(
        (
            path("M120 76 L280 76 L288 318 Q288 332 274 332 L126 332 Q112 332 112 318 Z", look.base, look.line, 5),
            path("M252 78 L278 78 L286 318 Q286 330 274 330 L250 330 C264 250 264 160 252 78 Z", look.shade),
            path("M118 100 L282 100", stroke=look.line, width=7),
            path("M118 100 L282 100", stroke=PAPER, width=3),
            dashed("M122 86 L278 86", look.line, 3),
            path("M136 122 L130 306", stroke=look.light, width=8),
            circle(200, 196, 58, PAPER, look.line, 4),
            path("M140 288 q12 -10 24 0 t24 0 t24 0 t24 0 t24 0", stroke=look.light, width=6),
            biscuits,
        )
    )


def _sweets() -> str:
    sweets = (
        (130, 272, "#d1383d"),
        (168, 262, "#6d3f8f"),
        (206, 272, "#7fb53f"),
        (244, 262, "#d1383d"),
        (150, 292, "#7fb53f"),
        (190, 294, "#d1383d"),
        (232, 292, "#6d3f8f"),
        (268, 284, "#7fb53f"),
    )
    return "".join(
        circle(x, y, 20, fill, INK, 3) + path(f"M{x - 9} {y - 6} q6 -7 14 -5", stroke=PAPER, width=4)
        for x, y, fill in sweets
    )


def _drops(look: Look) -> str:
    """A flat tin of boiled sweets, its lid pushed back."""
    return "".join(
        (
            group(
                "translate(206 168) rotate(-9)",
                rect(-118, -66, 236, 118, look.base, look.line, 5, 26),
                rect(-102, -52, 204, 90, "none", look.light, 4, 18),
                circle(-52, -6, 24, "#d1383d", PAPER, 4),
                circle(6, -16, 24, "#6d3f8f", PAPER, 4),
                circle(56, 2, 24, "#7fb53f", PAPER, 4),
                path("M-62 -16 q8 -6 16 -2 M-4 -26 q8 -6 16 -2 M46 -8 q8 -6 16 -2", stroke=PAPER, width=5),
            ),
            path("M84 262 C84 232 318 232 318 262 L318 306 C318 338 84 338 84 306 Z", STEEL, look.line, 5),
            ellipse(201, 272, 112, 34, STEEL_SHADE, look.line, 4),
            _sweets(),
            path("M84 288 C96 322 306 322 318 288 L318 306 C318 338 84 338 84 306 Z", look.base, look.line, 5),
            path("M104 314 C124 324 150 328 176 329", stroke=look.light, width=5),
        )
    )


def _lighthouse(look: Look) -> str:
    """A tin in the shape of a lighthouse, fingers of shortbread at its foot."""
    fingers = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            rect(-44, -13, 88, 26, BAKED, BAKED_LINE, 4, 5),
            path("M-28 -4 l1 0 M-12 4 l1 0 M4 -4 l1 0 M20 4 l1 0 M34 -4 l1 0", stroke=BAKED_LINE, width=5),
        )
        for x, y, turn in ((94, 318, -4), (300, 320, 3), (106, 292, 12))
    )
    return "".join(
        (
            path("M130 108 L40 78 L40 136 Z M270 108 L360 78 L360 136 Z", "#fff3c4"),
            path("M158 142 L242 142 L262 332 L138 332 Z", PAPER, look.line, 5),
            path(
                "M154 178 L246 178 L251 222 L149 222 Z M145 262 L255 262 L260 306 L140 306 Z", look.base, look.line, 4
            ),
            rect(146, 126, 108, 20, look.base, look.line, 5, 4),
            rect(164, 86, 72, 42, "#ffe2a8", look.line, 5, 4),
            path("M188 88 L188 126 M212 88 L212 126", stroke=look.line),
            path("M152 88 Q158 56 200 48 Q242 56 248 88 Z", look.base, look.line, 5),
            circle(200, 42, 9, look.deep, look.line, 3),
            path("M168 154 L160 170", stroke=look.light, width=6),
            path("M184 332 L184 300 C184 286 208 286 208 300 L208 332 Z", look.deep, look.line, 4),
            fingers,
        )
    )


def _pineapple() -> str:
    pineapple = "".join(
        (
            path(
                "M0 -26 C-22 -62 -34 -46 -20 -30 C-38 -44 -44 -28 -24 -22 L24 -22 C44 -28 38 -44 20 -30 C34 -46 22 -62 "
                "0 -26 Z",
                "#5da468",
                LEAF_LINE,
                3,
            ),
            ellipse(0, 12, 30, 38, "#f2c12e", "#9c6d14", 4),
            path(
                "M-20 -12 L22 30 M-26 6 L10 44 M-4 -24 L28 8 M20 -12 L-22 30 M26 6 L-10 44 M4 -24 L-28 8",
                stroke="#9c6d14",
                width=2.5,
            ),
        )
    )
    return group("translate(94 246) scale(.66)", pineapple)


def _square_cakes(look: Look) -> str:
    """A box with its sleeve slid aside and square cakes in rows."""
    cakes = "".join(
        rect(150 + 46 * column, 206 + 40 * row, 38, 32, BAKED, BAKED_LINE, 3.5, 5)
        + path(f"M{160 + 46 * column} {214 + 40 * row} l18 0", stroke="#f9e6bd", width=4)
        for row in range(2)
        for column in range(4)
    )
    return "".join(
        (
            path("M124 174 L346 174 L362 196 L108 196 Z", look.light, look.line, 4),
            rect(112, 192, 248, 142, look.shade, look.line, 5, 6),
            rect(140, 200, 208, 86, CREAM, look.line, 3, 4),
            cakes,
            rect(112, 290, 248, 44, look.base, look.line, 5, 6),
            path("M40 150 L148 150 L148 334 L40 334 Z", look.base, look.line, 5),
            path("M40 150 L64 124 L172 124 L148 150 Z", look.light, look.line, 5),
            path("M148 150 L172 124 L172 196 L148 196 Z", look.shade, look.line, 4),
            rect(52, 166, 84, 152, "none", look.deep, 3, 4),
            circle(94, 240, 40, "#a92f34", look.line, 3.5),
            _pineapple(),
            path("M158 302 L320 302", stroke=look.light, width=5),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "gift box": _gift_box,
    "letters": _letters,
    "drops": _drops,
    "lighthouse": _lighthouse,
    "square cakes": _square_cakes,
}
