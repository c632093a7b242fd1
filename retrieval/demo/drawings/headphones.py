"""Headphones and earphones, from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    both,
    circle,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
)

BAND = "M100 176 C96 44 304 44 300 176"


def _cups(look: Look, rx: float, ry: float) -> str:
    return both(
        rect(70, 236 - ry, 34, 2 * ry, look.deep, look.line, 4, 16),
        ellipse(112, 236, rx, ry, look.base, look.line),
        ellipse(108, 236, rx * 0.6, ry * 0.62, look.shade, look.line, 3),
        path(
            f"M{100} {236 - ry * 0.34:g} C88 {236 - ry * 0.1:g} 88 {236 + ry * 0.1:g} 96 {236 + ry * 0.3:g}",
            stroke=look.light,
            width=6,
        ),
        pipe(f"M108 {236 - ry:g} L104 {208 - ry:g}", STEEL, look.line, 15, 3.5),
    )


def _on_ear(look: Look) -> str:
    shine = path("M128 122 C150 70 250 70 272 122", stroke=look.light, width=5)
    return pipe(BAND, look.base, look.line, 22) + shine + _cups(look, 36, 44)


def _over_ear(look: Look) -> str:
    shine = path("M128 122 C150 70 250 70 272 122", stroke=look.light, width=5)
    cushion = path("M150 90 C176 70 224 70 250 90", stroke=look.deep, width=13)
    return pipe(BAND, look.base, look.line, 30) + shine + cushion + _cups(look, 44, 62)


def _open_back(look: Look) -> str:
    """Large wooden cups with a grille, a leather strap, a cable at each side."""
    slots = path(
        " ".join(
            f"M{x} {206 + abs(x - 108) * 0.5:g} L{x} {266 - abs(x - 108) * 0.5:g}" for x in (92, 100, 108, 116, 124)
        ),
        stroke=INK,
        width=3,
    )
    cups = both(
        rect(58, 178, 30, 116, look.deep, look.line, 4, 14),
        ellipse(108, 236, 50, 66, WOOD, look.line, 5),
        ellipse(108, 236, 38, 52, look.base, WOOD_SHADE, 3),
        ellipse(108, 236, 26, 38, STEEL_SHADE, look.line, 3),
        slots,
        path("M74 200 C66 222 66 248 74 268", stroke="#e3b988", width=5),
        path("M100 302 C104 332 150 336 192 340", stroke=INK, width=5),
        rect(93, 296, 14, 18, GOLD, look.line, 2.5, 3),
    )
    band = "M104 172 C96 30 304 30 296 172"
    strap = "M112 150 C128 84 272 84 288 150"
    return pipe(band, STEEL, look.line, 13) + pipe(strap, look.deep, look.line, 20, 3) + cups


def _bug(look: Look) -> str:
    """A child's folding pair: ladybird cups and a thin cable."""
    wings = both(
        pipe("M104 186 L102 150", STEEL, look.line, 15, 3.5),
        circle(110, 238, 50, look.base, look.line, 5),
        path("M64 222 Q110 246 156 222 C150 200 132 188 110 188 C88 188 70 200 64 222 Z", INK, look.line, 3),
        line(110, 232, 110, 286, look.line, 4),
        *(circle(x, y, 7, INK) for x, y in ((88, 252), (132, 252), (94, 272), (126, 272))),
        *(circle(x, 210, 6, PAPER) for x in (96, 124)),
        *(circle(x, 211, 3, INK) for x in (97, 123)),
        circle(104, 156, 10, look.deep, look.line, 3),
    )
    cable = path("M110 288 C112 334 160 330 190 338", stroke=look.line, width=6)
    shine = path("M134 112 C156 76 244 76 266 112", stroke=look.light, width=6)
    return cable + pipe("M104 156 C100 50 300 50 296 156", look.base, look.line, 26) + shine + wings


def _bud(look: Look) -> str:
    return "".join(
        (
            path("M28 -6 C44 -14 56 -4 54 10 C52 24 38 28 26 20 Z", RUBBER, look.line),
            circle(0, 4, 36, look.base, look.line, 5),
            circle(-6, 0, 19, look.shade, look.line, 3),
            path("M-24 -10 C-18 -24 -4 -28 8 -26", stroke=look.light, width=6),
            circle(-6, 0, 5, STEEL),
        )
    )


def _pebbles(look: Look) -> str:
    """Two round buds above their closed case."""
    return "".join(
        (
            group("translate(134 122)", _bud(look)),
            group("translate(268 132) scale(-1 1)", _bud(look)),
            path(
                "M90 254 C90 216 118 206 200 206 C282 206 310 216 310 254 C310 306 282 330 200 330 C118 330 90 306 90 "
                "254 Z",
                look.base,
                look.line,
                5,
            ),
            path("M274 216 C300 222 308 234 308 254 C308 300 284 322 224 329 C276 310 290 262 274 216 Z", look.shade),
            path("M90 256 Q200 270 310 256", stroke=look.line, width=5),
            path("M112 244 C114 228 128 222 160 220", stroke=look.light, width=7),
            rect(188, 254, 24, 14, look.light, look.line, 3, 5),
            circle(200, 292, 4, "#7fd39a"),
        )
    )


def _stemmed(look: Look) -> str:
    """Buds with stems that stand in their open case."""
    bud = "".join(
        (
            path("M132 150 L150 150 L156 248 L134 248 Z", look.base, look.line),
            path(
                "M106 134 C104 104 130 90 152 98 C176 106 178 142 160 156 C140 170 108 162 106 134 Z",
                look.base,
                look.line,
            ),
            path("M110 140 C94 144 84 132 88 120 C92 110 106 110 114 118 Z", RUBBER, look.line),
            path("M132 112 C142 106 154 112 158 122", stroke=look.light, width=6),
            path("M140 172 L144 226", stroke=look.light, width=4),
        )
    )
    return "".join(
        (
            path("M110 226 L110 186 Q112 172 128 172 L272 172 Q288 172 290 186 L290 226 Z", look.shade, look.line, 5),
            rect(124, 186, 152, 42, look.deep, None, 0, 8),
            both(bud),
            path(
                "M98 236 L302 236 C306 292 300 332 262 332 L138 332 C100 332 94 292 98 236 Z", look.base, look.line, 5
            ),
            path("M262 238 L301 238 C304 292 298 328 262 330 L238 331 C262 306 268 276 262 238 Z", look.shade),
            path("M116 252 C116 280 118 296 126 308", stroke=look.light, width=7),
            circle(200, 286, 5, "#7fd39a", look.line, 2),
            path("M98 240 L302 240", stroke=look.line, width=5),
        )
    )


def _wired_in_ear(look: Look) -> str:
    barrel = "".join(
        (
            path("M-52 -14 C-68 -12 -68 16 -52 18 L-34 14 L-34 -10 Z", RUBBER, look.line),
            rect(-36, -22, 66, 46, look.base, look.line, 5, 10),
            path("M-24 -10 L14 -10", stroke=look.light, width=6),
            path("M16 -22 L16 24", stroke=look.shade, width=8),
            path("M-2 24 L-2 44", stroke=look.line, width=13),
        )
    )
    cable = "M120 166 C118 220 196 220 198 262 C200 300 120 290 118 316 C118 340 200 330 250 330"
    return "".join(
        (
            path("M280 166 C282 220 204 220 200 262", stroke=look.line, width=6),
            path(cable, stroke=look.line, width=6),
            path("M280 166 C282 220 204 220 200 262", stroke=look.light, width=2.5),
            path(cable, stroke=look.light, width=2.5),
            group("translate(124 122) rotate(-8)", barrel),
            group("translate(276 122) scale(-1 1) rotate(-8)", barrel),
            rect(256, 178, 18, 46, look.base, look.line, 4, 7),
            line(265, 192, 265, 210, look.light, 4),
            rect(188, 250, 22, 26, look.deep, look.line, 3, 6),
            rect(244, 318, 48, 24, look.base, look.line, 4, 6),
            path("M292 330 L330 330", stroke=look.line, width=13),
            path("M292 330 L329 330", stroke=GOLD, width=7),
            path("M308 326 L308 334 M318 326 L318 334", stroke=look.line, width=2),
        )
    )


def _hooks(look: Look) -> str:
    """Earphones on rubber hooks that go around the ear."""
    one = "".join(
        (
            path("M0 4 C-30 -70 36 -124 72 -78 C100 -40 78 30 58 78", stroke=look.line, width=22),
            path("M0 4 C-30 -70 36 -124 72 -78 C100 -40 78 30 58 78", stroke=RUBBER, width=13),
            path("M-28 10 C-52 4 -62 28 -50 42 C-42 52 -28 48 -20 40 Z", RUBBER, look.line),
            path(
                "M-34 8 C-34 -20 -4 -30 18 -18 C38 -8 42 22 30 56 C22 78 -6 80 -18 62 C-28 48 -34 28 -34 8 Z",
                look.base,
                look.line,
                5,
            ),
            path("M-18 2 C-14 -10 0 -14 10 -8", stroke=look.light, width=6),
            circle(8, 28, 13, look.shade, look.line, 3),
            path("M2 28 l12 0 M8 22 l0 12", stroke=PAPER, width=3),
        )
    )
    drops = "".join(
        path(f"M{x} {y} q-9 13 0 18 q9 -5 0 -18 Z", "#6fb7dd", "#2f6f98", 2.5) for x, y in ((190, 92), (208, 120))
    )
    return both(group("translate(98 214)", one)) + drops


DESIGNS: dict[str, Drawing] = {
    "on-ear": _on_ear,
    "over-ear": _over_ear,
    "pebbles": _pebbles,
    "open-back": _open_back,
    "wired in-ear": _wired_in_ear,
    "bug": _bug,
    "hooks": _hooks,
    "stemmed": _stemmed,
}
