"""Running shoes and hiking boots from the side, sandals from above.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    WOOD,
    Look,
    circle,
    group,
    line,
    path,
    rect,
)

UPPER = (
    "M74 268 C66 232 70 190 82 156 C88 142 106 142 112 156 C124 182 150 186 172 166 L190 146 C204 178 244 208 292 220 "
    "C326 229 344 246 344 268 Z"
)


def running_shoe(look: Look) -> str:
    """A running shoe that points right, with a flat or a rocker sole."""
    racing = look.design % 2 == 1
    return "".join(
        (
            path(UPPER, look.base, look.line),
            path("M266 214 C312 224 342 240 344 268 L262 268 C262 246 258 230 266 214 Z", look.shade),
            path("M76 268 C70 236 72 210 78 182 C96 196 112 230 114 268 Z", look.deep),
            path("M84 158 C90 146 104 146 110 158 C122 186 152 190 176 166", stroke=look.light, width=8),
            _side_marks(look, racing),
            *(line(194 + 17 * i, 176 + 11 * i, 210 + 17 * i, 158 + 13 * i, look.line, 9) for i in range(4)),
            *(line(194 + 17 * i, 176 + 11 * i, 210 + 17 * i, 158 + 13 * i, PAPER, 5) for i in range(4)),
            path(UPPER, "none", look.line),
            _running_sole(look, racing),
        )
    )


def _side_marks(look: Look, racing: bool) -> str:
    if racing:
        return path("M128 262 C156 206 188 200 236 256 C200 226 172 226 156 262 Z", look.light, look.line, 2.5)
    return "".join(path(f"M{x} 204 L{x + 26} 232 L{x} 262", stroke=look.light, width=9) for x in (134, 158, 182))


def _running_sole(look: Look, racing: bool) -> str:
    foam = PAPER
    if racing:
        sole = (
            "M58 258 C58 252 66 252 72 256 C160 276 250 270 338 256 C362 254 366 268 352 280 C316 318 268 "
            "322 210 320 C150 320 84 322 62 296 Z"
        )
        tread = "M62 296 C84 322 150 320 210 320 C268 322 316 318 350 282"
    else:
        sole = "M62 262 L346 262 C358 264 358 284 346 294 C330 304 292 304 262 304 L100 304 C66 304 56 288 62 262 Z"
        tread = "M68 294 C76 304 90 304 100 304 L262 304 C292 304 330 304 346 294"
    grooves = (line(x, 282, x + 14, 290, "#c9ccd3", 4) for x in range(90, 320, 34))
    return "".join((path(sole, foam, look.line), *grooves, path(tread, stroke=look.deep, width=9)))


def hiking_boot(look: Look) -> str:
    """A laced mid boot that points right, of fabric panels or of stitched leather, on a lugged sole."""
    leather = look.design % 2 == 1
    shaft = (
        "M96 92 L198 84 C204 122 200 148 220 168 C246 188 304 192 326 222 C338 240 338 262 338 278 L90 278 "
        "C88 220 104 160 96 92 Z"
    )
    return "".join(
        (
            path("M104 92 C96 66 110 58 118 60 C128 62 126 80 124 92", "none", look.line, 6),
            path(shaft, look.base, look.line),
            path("M92 278 C90 246 94 220 98 196 C128 206 142 240 144 278 Z", look.shade, look.line, 3),
            path("M286 200 C326 206 338 238 338 278 L272 278 C270 246 272 220 286 200 Z", look.deep, look.line, 3),
            _boot_panel(look, leather),
            path(
                "M90 104 C88 82 96 76 108 76 L192 68 C208 68 208 94 196 98 L106 108 C98 109 92 110 90 104 Z",
                look.shade,
                look.line,
            ),
            _boot_laces(look),
            path(shaft, "none", look.line),
            _boot_sole(look),
        )
    )


def _boot_panel(look: Look, leather: bool) -> str:
    if leather:
        seams = (
            path("M112 120 L184 114 M150 276 C150 232 130 204 104 190", stroke=look.light),
            path("M214 182 C200 210 196 240 200 276 M262 276 C260 244 264 218 276 198", stroke=look.light),
        )
        return f'<g stroke-dasharray="7 6">{"".join(seams)}</g>'
    mesh = (
        path(f"M{x} {y} l16 16 m0 -16 l-16 16", stroke=look.shade, width=2.5)
        for x, y in ((124, 126), (152, 124), (130, 160), (158, 158))
    )
    return "".join((path("M150 276 L206 196 L240 206 L196 276 Z", look.light, look.line, 3), *mesh))


def _boot_laces(look: Look) -> str:
    eyelets = ((186, 112), (188, 138), (198, 164), (220, 184), (246, 196))
    crossings = "".join(
        line(x, y, x - 26, y + 12, look.line, 9) + line(x, y, x - 26, y + 12, "#f0d9a0", 5) for x, y in eyelets
    )
    return crossings + "".join(circle(x - 27, y + 13, 5, STEEL, look.line, 2) for x, y in eyelets)


def _boot_sole(look: Look) -> str:
    teeth = "".join("l0 14 l24 0 l0 -14 l12 0 " for _ in range(7))
    return "".join(
        (
            path(f"M80 296 {teeth} L348 296 L342 276 L84 276 Z", RUBBER, look.line),
            rect(84, 272, 258, 14, look.light, look.line, 3, 6),
        )
    )


def sandal(look: Look) -> str:
    """A pair of sandals from above: one band and a heel strap, or two buckled bands."""
    one = _buckled(look) if look.design % 2 == 1 else _banded(look)
    return group("translate(138 206) rotate(-8)", one) + group("translate(262 206) rotate(8) scale(-1 1)", one)


FOOTBED = (
    "M-6 -146 C-42 -146 -56 -112 -54 -76 C-52 -44 -40 -24 -38 12 C-37 40 -44 66 -40 94 C-36 122 -22 134 0 134 "
    "C24 134 38 120 40 92 C42 60 38 36 42 6 C46 -24 54 -48 52 -82 C49 -122 30 -146 -6 -146 Z"
)
INNER = (
    "M-6 -132 C-32 -132 -43 -106 -41 -76 C-39 -46 -27 -24 -25 12 C-24 42 -31 66 -28 92 C-25 112 -16 121 0 121 "
    "C17 121 26 111 28 90 C30 60 25 36 29 6 C33 -24 41 -50 39 -82 C37 -112 22 -132 -6 -132 Z"
)


def _banded(look: Look) -> str:
    ribs = "".join(line(-16, y, 16, y, look.shade, 5) for y in (-116, -102, 26, 42, 58, 74))
    band = "M-62 -78 C-36 -96 36 -98 60 -84 L52 -18 C28 -34 -22 -34 -50 -12 Z"
    return "".join(
        (
            path(FOOTBED, look.shade, look.line),
            path(INNER, look.light, look.line, 2.5),
            ribs,
            path(band, look.base, look.line),
            path("M14 -94 L60 -84 L52 -18 L16 -30 Z", look.deep, look.line, 3),
            path("M-48 -70 C-34 -78 -18 -82 -2 -83", stroke=look.light, width=6),
            *(circle(x, -50, 5, look.light) for x in (-34, -14, 4)),
        )
    )


def _buckled(look: Look) -> str:
    return "".join(
        (
            path(FOOTBED, WOOD, look.line),
            path(INNER, "#dcb583", look.line, 2.5),
            path("M-14 84 C-12 104 12 104 14 84", stroke=WOOD, width=5),
            _buckled_band(look, -86),
            _buckled_band(look, -16),
        )
    )


def _buckled_band(look: Look, y: int) -> str:
    half = 62 if y < -50 else 52
    band = f"M{-half} {y} C-30 {y - 16} 30 {y - 18} {half} {y - 4} L{half - 6} {y + 40} C30 {y + 26} -30 {y + 26} "
    return "".join(
        (
            path(f"{band} {6 - half} {y + 44} Z", look.base, look.line),
            path(f"M{10 - half} {y + 8} C-30 {y - 4} -20 {y - 6} -8 {y - 7}", stroke=look.light, width=5),
            rect(8, y - 12, 26, 38, "none", look.line, 9, 5),
            rect(8, y - 12, 26, 38, "none", STEEL, 5, 5),
            line(12, y + 7, 32, y + 7, STEEL_SHADE, 4),
        )
    )
