"""Pairs of sandals, from above or from the side.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    WOOD,
    Drawing,
    Look,
    both,
    circle,
    dashed,
    group,
    line,
    path,
    pipe,
    rect,
)

FOOTBED = (
    "M-6 -146 C-42 -146 -56 -112 -54 -76 C-52 -44 -40 -24 -38 12 C-37 40 -44 66 -40 94 C-36 122 -22 134 0 134 "
    "C24 134 38 120 40 92 C42 60 38 36 42 6 C46 -24 54 -48 52 -82 C49 -122 30 -146 -6 -146 Z"
)
INNER = (
    "M-6 -132 C-32 -132 -43 -106 -41 -76 C-39 -46 -27 -24 -25 12 C-24 42 -31 66 -28 92 C-25 112 -16 121 0 121 "
    "C17 121 26 111 28 90 C30 60 25 36 29 6 C33 -24 41 -50 39 -82 C37 -112 22 -132 -6 -132 Z"
)
CORK = "#dcb583"


def _pair(one: str) -> str:
    """Left and right, seen from above; `one` is drawn around the middle of the shoe."""
    return both(group("translate(138 206) rotate(-8)", one))


def _bed(look: Look, sole: str, inner: str) -> str:
    return path(FOOTBED, sole, look.line) + path(INNER, inner, look.line, 2.5)


def _banded(look: Look) -> str:
    band = "M-62 -78 C-36 -96 36 -98 60 -84 L52 -18 C28 -34 -22 -34 -50 -12 Z"
    return _pair(
        "".join(
            (
                _bed(look, look.shade, look.light),
                path(" ".join(f"M-16 {y} L16 {y}" for y in (-116, -102, 26, 42, 58, 74)), stroke=look.shade, width=5),
                path(band, look.base, look.line),
                path("M14 -94 L60 -84 L52 -18 L16 -30 Z", look.deep, look.line, 3),
                path("M-48 -70 C-34 -78 -18 -82 -2 -83", stroke=look.light, width=6),
                *(circle(x, -50, 5, look.light) for x in (-34, -14, 4)),
            )
        )
    )


def _strap(look: Look, y: int, half: int) -> str:
    band = f"M{-half} {y} C-30 {y - 16} 30 {y - 18} {half} {y - 4} L{half - 6} {y + 40} C30 {y + 26} -30 {y + 26} "
    return "".join(
        (
            path(f"{band} {6 - half} {y + 44} Z", look.base, look.line),
            path(f"M{10 - half} {y + 8} C-30 {y - 4} -20 {y - 6} -8 {y - 7}", stroke=look.light, width=5),
        )
    )


def _buckle(look: Look, y: int) -> str:
    return "".join(
        (
            rect(8, y - 12, 26, 38, "none", look.line, 9, 5),
            rect(8, y - 12, 26, 38, "none", STEEL, 5, 5),
            line(12, y + 7, 32, y + 7, STEEL_SHADE, 4),
        )
    )


def _buckled(look: Look) -> str:
    straps = "".join(_strap(look, y, half) + _buckle(look, y) for y, half in ((-86, 62), (-16, 52)))
    return _pair(_bed(look, WOOD, CORK) + path("M-14 84 C-12 104 12 104 14 84", stroke=WOOD, width=5) + straps)


def _three_straps(look: Look) -> str:
    heel = pipe("M-40 70 C-46 112 -30 138 0 138 C30 138 46 112 40 68", look.base, look.line, 22)
    straps = "".join(_strap(look, y, half) for y, half in ((-104, 64), (-50, 58), (12, 50)))
    eyes = "".join(circle(x, y, 3, look.line) for y in (-88, -34, 28) for x in (-24, -10, 4))
    return _pair(_bed(look, RUBBER, CORK) + heel + straps + eyes + _buckle(look, 16))


def _river(look: Look) -> str:
    """Crossed webbing, a heel strap and a guard before the toes."""
    web = "M-50 -84 C-20 -60 20 -34 46 6 M52 -92 C20 -66 -16 -36 -40 8 M-42 24 C-20 10 20 10 44 22"
    guard = "M-52 -92 C-54 -130 -34 -152 -6 -152 C26 -152 46 -130 50 -94 C34 -118 -30 -120 -52 -92 Z"
    return _pair(
        "".join(
            (
                _bed(look, RUBBER, look.light),
                path(
                    " ".join(f"M-20 {y} l8 6 l8 -6 l8 6 l8 -6 l8 6" for y in (52, 74, 96)), stroke=look.shade, width=4
                ),
                pipe(web, look.base, look.line, 20),
                path(guard, RUBBER, look.line),
                pipe("M-40 44 C-48 112 -28 138 0 138 C28 138 48 112 42 40", look.base, look.line, 16),
                path("M-30 -68 C-14 -54 6 -40 18 -28", stroke=look.light, width=4),
                rect(-12, -58, 26, 22, RUBBER, look.line, 3, 5),
            )
        )
    )


def _trekking(look: Look) -> str:
    """A deep bed with three broad straps, the middle one padded."""
    return _pair(
        "".join(
            (
                _bed(look, RUBBER, look.deep),
                path("M-14 62 C-16 92 -8 104 0 104 C8 104 16 92 14 62 Z", look.shade, look.line, 2.5),
                pipe("M-54 -92 C-20 -112 26 -112 52 -98", look.base, look.line, 26),
                pipe("M-48 -58 C-22 -30 -22 -10 -42 22 M48 -62 C26 -34 26 -10 44 20", look.base, look.line, 14),
                pipe("M-46 -14 C-20 -34 24 -34 46 -18", look.light, look.line, 32),
                path("M-28 -20 C-12 -27 14 -27 28 -22", stroke=look.deep, width=6),
                pipe("M-40 40 C-50 112 -28 138 0 138 C28 138 50 112 42 38", look.base, look.line, 20),
                rect(-16, 124, 32, 20, look.light, look.line, 3, 5),
            )
        )
    )


def _heeled(look: Look) -> str:
    """From the side: a block heel and one thin strap around the ankle."""
    one = "".join(
        (
            path("M92 196 L150 208 L142 306 L98 306 Z", look.deep, look.line),
            path(
                "M84 178 C120 188 160 214 206 266 C236 290 290 288 330 288 L330 304 C270 310 214 308 186 284 C156 248 "
                "120 214 86 204 Z",
                look.base,
                look.line,
            ),
            path("M96 190 C128 202 160 226 200 272", stroke=look.light, width=5),
            pipe("M92 184 C84 140 88 110 98 92", look.base, look.line, 13, 3.5),
            pipe("M92 100 C120 84 160 86 176 104 C160 120 120 120 92 100", look.base, look.line, 11, 3.5),
            circle(160, 112, 7, "none", STEEL, 4),
            path("M222 280 C216 246 238 226 262 232 L276 244 C256 246 246 262 248 288 Z", look.base, look.line),
            path("M276 288 C272 262 284 248 302 254 L312 264 C300 266 296 276 298 289 Z", look.base, look.line),
            path("M234 266 C232 252 240 242 252 240", stroke=look.light, width=5),
        )
    )
    return group("translate(62 -24) scale(.86)", one) + group("translate(-14 30)", one)


def _closed_toe(look: Look) -> str:
    cap = (
        "M-54 -70 C-60 -124 -40 -148 -6 -148 C30 -148 54 -124 54 -76 C48 -58 36 -48 24 -42 C10 -58 -16 -58 -30 -38 "
        "C-42 -46 -52 -58 -54 -70 Z"
    )
    return _pair(
        "".join(
            (
                _bed(look, RUBBER, look.light),
                path(
                    "M-40 30 C-50 112 -28 140 0 140 C28 140 50 112 42 28 L26 40 C26 92 14 112 0 112 C-14 112 -26 92 "
                    "-26 40 Z",
                    look.base,
                    look.line,
                ),
                path(cap, look.base, look.line),
                path("M-46 -104 C-34 -134 22 -136 42 -104", stroke=RUBBER, width=13),
                *(_strap(look, y, half).replace(look.base, look.deep) for y, half in ((-46, 52), (8, 48))),
                dashed("M-30 -20 L28 -24 M-28 34 L24 30", PAPER, 4),
                circle(0, -86, 9, "#ffd262", look.line, 3),
            )
        )
    )


def _slide(look: Look) -> str:
    band = "M-60 -62 C-40 -92 38 -96 60 -70 L56 26 C30 2 -26 2 -50 30 Z"
    dots = " ".join(f"M{x} {y} l1 0" for y in (-116, -100, 52, 68, 84, 100) for x in (-18, -6, 6, 18))
    return _pair(
        "".join(
            (
                _bed(look, look.base, look.light),
                path(dots, stroke=look.shade, width=6),
                path(band, look.base, look.line),
                path("M32 -84 Q54 -82 60 -70 L56 26 Q44 16 30 12 C40 -20 40 -56 32 -84 Z", look.shade),
                *(path(f"M{x} -46 C{x + 3} -30 {x + 3} -16 {x} -4", stroke=look.deep, width=11) for x in (-30, -8, 14)),
                path("M-48 -58 C-36 -72 -16 -78 0 -78", stroke=look.light, width=6),
                path(band, "none", look.line),
            )
        )
    )


def _fisherman(look: Look) -> str:
    upper = (
        "M-52 -70 C-58 -122 -40 -146 -6 -146 C30 -146 52 -122 52 -80 C48 -46 40 -20 40 12 C30 -10 -24 -10 -36 12 "
        "C-38 -20 -48 -44 -52 -70 Z"
    )
    weave = "M-34 -128 C-38 -90 -34 -40 -26 2 M-6 -146 L0 -4 M24 -136 C34 -94 30 -40 26 2"
    across = "M-52 -92 C-20 -110 24 -112 52 -98 M-50 -58 C-20 -76 24 -78 48 -64 M-42 -24 C-16 -42 22 -42 44 -30"
    return _pair(
        "".join(
            (
                _bed(look, RUBBER, CORK),
                path(
                    "M-40 34 C-52 112 -28 142 0 142 C28 142 52 112 42 32 L24 40 C26 96 14 110 0 110 C-14 110 -26 96 "
                    "-24 40 Z",
                    look.base,
                    look.line,
                ),
                path(upper, look.deep, look.line),
                pipe(weave, look.base, look.line, 19, 3),
                pipe(across, look.light, look.line, 16, 3),
                path(upper, "none", look.line),
                pipe("M-42 24 C-20 8 22 8 44 20", look.base, look.line, 18),
                rect(22, 8, 22, 26, "none", STEEL, 5, 5),
            )
        )
    )


def _rope(look: Look) -> str:
    """Canvas bands tied over a sole of plaited rope."""
    plait = " ".join(f"M{x} {y} q8 6 0 14" for x in (-48, 46) for y in range(-110, 110, 17))
    return _pair(
        "".join(
            (
                _bed(look, CORK, "#ecd6ac"),
                path(FOOTBED.replace("-146", "-140").replace("134", "128"), "none", "#a67f4c", 3),
                path(plait, stroke="#a67f4c", width=3),
                pipe("M-50 -96 C-20 -70 20 -60 50 -40 M50 -100 C20 -74 -20 -62 -48 -44", look.base, look.line, 24),
                pipe(
                    "M-40 40 C-46 0 -10 -10 0 10 C10 -10 46 0 42 38 C46 112 24 136 0 136 C-24 136 -46 112 -40 40",
                    look.base,
                    look.line,
                    13,
                    3.5,
                ),
                path("M-36 -86 C-20 -74 -4 -68 10 -62", stroke=look.light, width=5),
                pipe(
                    "M0 8 C-30 -22 -34 20 -2 12 M0 8 C30 -22 34 20 2 12 M0 10 L-14 44 M2 10 L16 42",
                    look.base,
                    look.line,
                    9,
                    2.5,
                ),
            )
        )
    )


DESIGNS: dict[str, Drawing] = {
    "banded": _banded,
    "buckled": _buckled,
    "river": _river,
    "heeled": _heeled,
    "three straps": _three_straps,
    "closed toe": _closed_toe,
    "slide": _slide,
    "fisherman": _fisherman,
    "rope": _rope,
    "trekking": _trekking,
}
