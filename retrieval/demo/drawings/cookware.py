"""Pots and pans.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    INK,
    PAPER,
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
    steam,
)

COATING = "#3a3d46"


def _pan(look: Look) -> str:
    egg = (
        "M120 246 C106 222 136 204 160 212 C186 196 226 214 216 240 C226 264 186 276 166 266 C142 276 116 266 120 246 Z"
    )
    return "".join(
        (
            pipe("M258 176 L352 84", WOOD, look.line, 32, 5),
            circle(344, 92, 6, look.line),
            pipe("M246 188 L272 162", STEEL, look.line, 26, 5),
            path("M44 232 C44 290 94 324 166 324 C238 324 288 290 288 232 Z", look.shade, look.line, 5),
            ellipse(166, 230, 122, 74, look.base, look.line, 5),
            ellipse(166, 234, 102, 59, COATING, look.line, 3),
            path("M84 222 C92 202 116 190 142 186", stroke="#6b707c", width=6),
            path(egg, PAPER, "#d9d4c4", 3),
            circle(168, 238, 19, "#f6b73c", "#d9942a", 3),
            path("M158 234 C160 228 166 226 170 226", stroke="#ffe19a", width=4),
            path("M64 274 C84 298 112 310 136 314", stroke=look.light, width=7),
        )
    )


def _casserole(look: Look) -> str:
    body = "M78 190 L322 190 L314 286 C312 312 292 326 266 326 L134 326 C108 326 88 312 86 286 Z"
    return "".join(
        (
            both(pipe("M82 212 L48 212 Q38 212 38 226 L38 236 Q38 248 52 248 L84 248", look.shade, look.line, 20, 4.5)),
            path(body, look.base, look.line, 5),
            path("M266 194 L320 194 L313 286 C311 312 292 324 266 325 C282 290 282 240 266 194 Z", look.shade),
            path("M110 212 L116 286 C118 298 124 304 132 307", stroke=look.light, width=11),
            path(body, "none", look.line, 5),
            path("M84 178 C92 132 144 114 200 114 C256 114 308 132 316 178 Z", look.base, look.line, 5),
            path("M116 164 C128 142 156 132 184 130", stroke=look.light, width=8),
            rect(70, 174, 260, 20, look.shade, look.line, 5, 9),
            rect(190, 98, 20, 20, STEEL, look.line, 4),
            ellipse(200, 92, 30, 13, STEEL, look.line, 5),
        )
    )


def _skillet(look: Look) -> str:
    """All of one cast, with pouring lips and bacon in it."""
    bacon = "q12 -12 24 0 t24 0 t24 0"
    return "".join(
        (
            path("M262 196 L336 94 C348 76 372 92 362 112 L292 222 Z", look.base, look.line, 5),
            path("M336 118 C342 108 352 112 346 122 L322 158 C316 164 308 158 312 152 Z", look.line),
            path("M48 210 L36 198 L64 188 Z M160 148 l14 -14 l16 12 Z", look.base, look.line, 4),
            path("M42 226 C42 290 96 326 166 326 C236 326 290 290 290 226 Z", look.deep, look.line, 5),
            ellipse(166, 224, 124, 78, look.base, look.line, 5),
            ellipse(166, 230, 104, 62, look.deep, look.line, 4),
            path("M76 218 C86 192 118 178 148 176", stroke=look.light, width=6),
            *(
                path(f"M{x} {y} {bacon}", stroke=stroke, width=width)
                for x, y in ((102, 216), (128, 240), (110, 264))
                for stroke, width in (("#7c2d22", 17), ("#d9664f", 11), ("#f6cdb6", 4))
            ),
            path("M62 276 C82 300 110 314 138 318", stroke=look.light, width=6),
        )
    )


def _clay_pot(look: Look) -> str:
    """A round-bellied pot with a glazed rim and a domed lid with a hole."""
    body = "M80 202 C72 262 108 330 152 332 L248 332 C292 330 328 262 320 202 Z"
    return "".join(
        (
            steam(232, 84),
            both(path("M86 214 C52 206 46 236 62 250 C72 258 84 254 90 248 Z", look.shade, look.line, 5)),
            path(body, look.base, look.line, 5),
            path("M272 204 L320 204 C326 262 292 328 248 330 L222 330 C262 296 276 250 272 204 Z", look.shade),
            path(
                "M80 202 L320 202 C321 216 320 226 316 236 C280 224 260 250 230 238 C190 226 160 250 130 236 C108 230 "
                "96 240 84 240 "
                "C80 226 79 214 80 202 Z",
                look.deep,
            ),
            path("M104 250 C108 276 120 298 136 312", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            rect(68, 184, 264, 22, look.light, look.line, 5, 10),
            path("M88 184 C96 134 146 112 200 112 C254 112 304 134 312 184 Z", look.base, look.line, 5),
            path("M266 126 C294 140 308 160 311 182 L274 182 C280 160 278 142 266 126 Z", look.shade),
            path("M116 168 C126 146 148 134 172 130", stroke=look.light, width=8),
            path("M176 112 C176 92 224 92 224 112 Z", look.deep, look.line, 5),
            circle(238, 134, 5, look.line),
        )
    )


def _saucepan(look: Look, y: float, half: float, height: float) -> str:
    """A saucepan without a lid that stands at y, `half` to each side, its handle to the right."""
    x, top = 168, y - height
    return "".join(
        (
            pipe(f"M{x + half} {top + 20} l{half + 14} -16", STEEL_SHADE, look.line, 17, 3.5),
            rect(x - half, top, 2 * half, height, look.base, look.line, 5, 9),
            rect(x + half * 0.4, top + 4, half * 0.6 - 3, height - 7, look.shade, None, 0, 6),
            line(x - half + 16, top + 20, x - half + 16, y - 16, look.light, 7),
            rect(x - half - 5, top - 5, 2 * half + 10, 11, look.light, look.line, 3.5, 5),
        )
    )


def _saucepans(look: Look) -> str:
    """Three that nest into a tower, the smallest with its lid."""
    return "".join(
        (
            _saucepan(look, 214, 54, 72),
            path("M112 138 C120 110 146 106 168 106 C190 106 216 110 224 138 Z", look.base, look.line, 5),
            rect(156, 90, 24, 17, INK, look.line, 3, 7),
            _saucepan(look, 276, 76, 80),
            _saucepan(look, 334, 98, 78),
        )
    )


def _wok(look: Look) -> str:
    greens = (
        (124, 170, "#5da468"),
        (158, 158, "#ec7d23"),
        (190, 166, "#f2c12e"),
        (226, 156, "#5da468"),
        (256, 170, "#d1383d"),
    )
    return "".join(
        (
            steam(132, 116),
            pipe("M306 194 L376 148", WOOD, WOOD_SHADE, 24, 4),
            pipe("M292 200 L322 182", STEEL, INK, 20, 4),
            path("M58 192 C38 182 36 158 54 154 C66 154 70 168 74 180", "none", look.line, 11),
            path("M58 192 C38 182 36 158 54 154 C66 154 70 168 74 180", "none", WOOD, 5),
            *(circle(x, y + 18, 24, fill, INK, 3) for x, y, fill in greens),
            path("M142 190 C130 150 152 138 168 164 Z M210 190 C200 144 226 136 236 170 Z", "#7dbb83", INK, 3),
            path(
                "M46 190 L310 190 C302 258 252 316 214 326 L142 326 C104 316 54 258 46 190 Z", look.base, look.line, 5
            ),
            path("M262 194 L308 194 C300 258 252 314 214 324 L190 324 C236 290 258 244 262 194 Z", look.shade),
            path("M80 212 C90 250 112 284 138 304", stroke=look.light, width=10),
            rect(38, 180, 280, 18, look.deep, look.line, 5, 9),
            path("M134 326 L222 326", stroke=look.line, width=12),
        )
    )


def _small_pan(look: Look, scale: float, turn: float, x: float, y: float) -> str:
    """A pan from straight above, white inside, its handle up before it is turned."""
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g}) scale({scale:g})",
        pipe("M0 -84 L0 -196", look.shade, look.line, 32, 5),
        line(0, -180, 0, -168, look.line, 9),
        circle(0, 0, 92, look.base, look.line, 5),
        circle(0, 0, 76, CREAM, look.line, 3),
        path("M-52 -18 C-46 -38 -30 -50 -12 -54", stroke=PAPER, width=9),
        path("M20 58 C38 50 50 36 56 20", stroke="#e5dbc2", width=6),
    )


def _two_pans(look: Look) -> str:
    return _small_pan(look, 1, 38, 146, 236) + _small_pan(look, 0.72, 20, 268, 262)


def _milk_pan(look: Look) -> str:
    body = "M92 168 L268 168 L262 306 Q260 330 236 330 L124 330 Q100 330 98 306 Z"
    return "".join(
        (
            steam(180, 132),
            pipe("M266 200 L366 168", look.deep, look.line, 27, 5),
            circle(352, 173, 4, look.light),
            path("M92 172 L70 158 L92 206 Z M268 172 L290 158 L268 206 Z", look.base, look.line, 5),
            path(body, look.base, look.line, 5),
            path("M226 172 L267 172 L261 306 Q259 328 236 328 L214 328 C228 280 232 220 226 172 Z", look.shade),
            path("M118 204 L124 294", stroke=look.light, width=10),
            ellipse(180, 168, 88, 22, look.light, look.line, 5),
            ellipse(180, 171, 74, 15, "#6b4426", look.line, 3),
            path("M146 170 C160 162 176 176 190 168 C200 164 210 168 216 172", stroke="#a9764a", width=4),
        )
    )


def _stockpot(look: Look) -> str:
    """Tall, with litre marks in the wall and a glass lid."""
    return "".join(
        (
            both(pipe("M84 178 L52 178 L52 216 L84 216", STEEL_SHADE, look.line, 16, 3.5)),
            path("M80 146 L320 146 L320 312 Q320 332 300 332 L100 332 Q80 332 80 312 Z", look.base, look.line, 5),
            path("M270 150 L318 150 L318 312 Q318 330 300 330 L270 330 Z", look.shade),
            path("M104 168 L104 306", stroke=look.light, width=12),
            path(
                "M196 196 l36 0 M196 220 l22 0 M196 244 l36 0 M196 268 l22 0 M196 292 l36 0", stroke=look.deep, width=4
            ),
            path("M84 140 C92 100 144 84 200 84 C256 84 308 100 316 140 Z", "#dbe9ee", look.line, 5),
            path("M116 126 C130 108 156 100 182 98", stroke=PAPER, width=8),
            rect(70, 134, 260, 18, STEEL, look.line, 5, 8),
            circle(258, 112, 4, look.line),
            rect(178, 62, 44, 20, INK, look.line, 4, 9),
            line(200, 80, 200, 88, look.line, 9),
        )
    )


def _braiser(look: Look) -> str:
    """Wide and shallow, open, cream inside, with a stew in it."""
    return "".join(
        (
            steam(150, 152),
            both(path("M66 214 C32 206 22 230 30 246 C38 258 58 254 70 248 Z", look.shade, look.line, 5)),
            path("M52 214 L348 214 L336 292 Q332 322 302 322 L98 322 Q68 322 64 292 Z", look.base, look.line, 5),
            path("M290 232 L345 224 L335 292 Q331 320 302 320 L276 320 C292 292 294 260 290 232 Z", look.shade),
            path("M84 258 L90 290 Q92 302 104 306", stroke=look.light, width=10),
            ellipse(200, 214, 150, 42, look.light, look.line, 5),
            ellipse(200, 216, 132, 33, CREAM, look.line, 3),
            ellipse(200, 222, 116, 25, "#b5562f"),
            *(
                ellipse(x, y, 24, 13, "#dba05c", "#8a5a2a", 3)
                for x, y in ((142, 218), (196, 212), (252, 216), (172, 234), (228, 236))
            ),
            *(circle(x, y, 5, "#5da468") for x, y in ((116, 222), (222, 222), (282, 226), (168, 208))),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "pan": _pan,
    "casserole": _casserole,
    "skillet": _skillet,
    "clay pot": _clay_pot,
    "saucepans": _saucepans,
    "wok": _wok,
    "two pans": _two_pans,
    "milk pan": _milk_pan,
    "stockpot": _stockpot,
    "braiser": _braiser,
}
