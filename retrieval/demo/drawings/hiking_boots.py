"""Hiking boots from the side, pointing right.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    PAPER,
    RUBBER,
    STEEL,
    Drawing,
    Look,
    circle,
    dashed,
    path,
    pipe,
    rect,
)

MID = (
    "M96 92 L198 84 C204 122 200 148 220 168 C246 188 304 192 326 222 C338 240 338 262 338 278 L90 278 "
    "C88 220 104 160 96 92 Z"
)
LOW = (
    "M90 142 C96 128 112 126 124 132 L196 126 C202 146 206 158 222 172 C248 192 304 194 326 224 C338 242 338 262 338 "
    "278 "
    "L88 278 C84 232 90 190 90 142 Z"
)
TALL = (
    "M94 56 L202 50 C206 110 200 146 220 168 C246 188 304 192 326 222 C338 240 338 262 338 278 L90 278 "
    "C86 200 98 130 94 56 Z"
)
EYELETS = ((186, 112), (188, 138), (198, 164), (220, 184), (246, 196))


def _shaft(look: Look, outline: str, *panels: str) -> str:
    """The upper with its heel and toe caps."""
    return "".join(
        (
            path(outline, look.base, look.line),
            path("M92 278 C90 246 94 220 98 196 C128 206 142 240 144 278 Z", look.shade, look.line, 3),
            path("M286 200 C326 206 338 238 338 278 L272 278 C270 246 272 220 286 200 Z", look.deep, look.line, 3),
            *panels,
            path(outline, "none", look.line),
        )
    )


def _loop(look: Look, x: float = 104, y: float = 92) -> str:
    return path(f"M{x:g} {y:g} c-8 -26 6 -34 14 -32 c10 2 8 20 6 32", "none", look.line, 6)


def _cuff(look: Look) -> str:
    rim = "M90 104 C88 82 96 76 108 76 L192 68 C208 68 208 94 196 98 L106 108 C98 109 92 110 90 104 Z"
    return path(rim, look.shade, look.line)


def _laces(look: Look, eyelets: tuple[tuple[int, int], ...] = EYELETS, color: str = "#f0d9a0") -> str:
    crossings = pipe(" ".join(f"M{x} {y} l-26 12" for x, y in eyelets), color, look.line, 9, 2)
    return crossings + "".join(circle(x - 27, y + 13, 5, STEEL, look.line, 2) for x, y in eyelets)


def _lugs(look: Look) -> str:
    teeth = "l0 14 l24 0 l0 -14 l12 0 " * 7
    return "".join(
        (
            path(f"M80 296 {teeth} L348 296 L342 276 L84 276 Z", RUBBER, look.line),
            rect(84, 272, 258, 14, look.light, look.line, 3, 6),
        )
    )


def _fabric(look: Look) -> str:
    crosses = " ".join(f"M{x} {y} l16 16 m0 -16 l-16 16" for x, y in ((124, 126), (152, 124), (130, 160), (158, 158)))
    side = path("M150 276 L206 196 L240 206 L196 276 Z", look.light, look.line, 3)
    upper = _shaft(look, MID, side, path(crosses, stroke=look.shade, width=2.5))
    return _loop(look) + upper + _cuff(look) + _laces(look) + _lugs(look)


def _leather(look: Look) -> str:
    seams = dashed(
        "M112 120 L184 114 M150 276 C150 232 130 204 104 190 M214 182 C200 210 196 240 200 276 M262 276 "
        "C260 244 264 218 276 198",
        look.light,
        4,
    )
    return _loop(look) + _shaft(look, MID, seams) + _cuff(look) + _laces(look) + _lugs(look)


def _light(look: Look) -> str:
    """Cut low under the ankle, of mesh with welded bands."""
    bands = path("M150 276 L214 172 M178 276 L236 188 M206 276 L258 196", stroke=look.light, width=8)
    dots = " ".join(f"M{x} {y} l1 0" for y in (160, 180, 200, 220) for x in range(112, 176, 16))
    upper = _shaft(look, LOW, path(dots, stroke=look.shade, width=6), bands)
    collar = pipe("M92 144 C110 128 128 140 140 150 C158 162 182 152 198 132", look.light, look.line, 16, 3.5)
    return _loop(look, 94, 140) + upper + collar + _laces(look, EYELETS[2:], PAPER) + _lugs(look)


def _hooked(look: Look) -> str:
    """Plain nubuck, wide at the toe, with hooks down to the toes."""
    hooks = (*EYELETS, (270, 202), (294, 208))
    laces = pipe(" ".join(f"M{x} {y} l-24 14" for x, y in hooks), "#d1383d", look.line, 9, 2)
    studs = "".join(rect(x - 34, y + 9, 13, 10, STEEL, look.line, 2, 3) for x, y in hooks)
    seams = dashed("M150 276 C150 232 130 204 104 190 M106 150 Q140 158 164 144", look.light, 4)
    toe = path("M298 206 C342 216 352 244 350 278 L262 278 C262 244 274 218 298 206 Z", look.shade, look.line, 3)
    return _loop(look) + _shaft(look, MID, seams) + _cuff(look) + toe + laces + studs + _lugs(look)


def _small(look: Look) -> str:
    """A child's boot: stubby, bright laces, two loops to pull."""
    outline = (
        "M108 118 L204 112 C208 146 210 160 228 174 C262 182 306 190 322 216 C334 236 334 260 334 278 L98 278 "
        "C94 222 110 170 108 118 Z"
    )
    star = "M150 196 l7 15 l16 2 l-12 11 l3 16 l-14 -8 l-14 8 l3 -16 l-12 -11 l16 -2 Z"
    return "".join(
        (
            pipe("M108 122 C92 92 98 78 112 80 C124 84 122 104 120 116", look.light, look.line, 11, 3),
            pipe("M98 176 C72 166 68 146 80 142 C92 140 98 152 102 160", look.light, look.line, 11, 3),
            path(outline, look.base, look.line),
            path("M282 188 C320 196 334 232 334 278 L258 278 C256 238 262 204 282 188 Z", PAPER, look.line, 3),
            path("M292 222 l26 8 M288 240 l36 8", stroke=STEEL, width=5),
            path("M102 278 C100 252 102 234 106 218 C130 226 140 250 142 278 Z", look.deep, look.line, 3),
            path(star, "#ffd262", look.line, 3),
            path("M100 128 C100 108 106 104 118 104 L196 98 C214 98 214 120 202 124 Z", look.shade, look.line),
            _laces(look, ((196, 146), (212, 168), (236, 182)), "#ffd262"),
            _lugs(look),
        )
    )


def _winter(look: Look) -> str:
    """Tall, with pile at the top and a strap over the laces."""
    pile = "M82 70 q-8 -18 8 -22 q4 -14 20 -8 q12 -12 24 -2 q14 -10 24 0 q14 -8 24 2 q16 -4 18 12 q14 6 6 22 Z"
    quilt = dashed("M100 110 Q146 122 196 106 M98 146 Q144 160 196 146 M96 182 Q136 196 176 190", look.light, 4)
    return "".join(
        (
            _shaft(look, TALL, quilt),
            path(pile, "#efe5d0", look.line),
            path("M98 58 q8 -8 16 0 M128 54 q8 -8 16 0 M158 52 q8 -8 16 0", stroke="#cdbfa2", width=3),
            _laces(look, ((188, 98), *EYELETS), "#f0d9a0"),
            path("M100 204 Q160 214 232 174", stroke=look.line, width=20),
            path("M100 204 Q160 214 232 174", stroke=look.deep, width=12),
            rect(146, 194, 26, 24, "none", STEEL, 5, 4),
            _lugs(look),
        )
    )


def _fast(look: Look) -> str:
    """A mid boot on a runner's rockered foam, closed with one cord."""
    sole = (
        "M60 262 C66 254 80 258 92 264 C170 278 260 272 336 256 C358 254 362 268 350 282 C316 316 268 318 210 316 "
        "L100 316 C70 316 56 290 60 262 Z"
    )
    cord = "M196 110 L164 128 L204 140 L172 154 L214 166 L186 180 L236 184 L214 200"
    return "".join(
        (
            _loop(look),
            _shaft(look, MID, path("M104 250 C130 190 170 170 214 250", stroke=look.light, width=12)),
            pipe("M94 96 C120 84 170 112 200 86", look.light, look.line, 20, 4),
            path(cord, stroke=look.line, width=7),
            path(cord, stroke=PAPER, width=3.5),
            rect(186, 92, 22, 20, RUBBER, look.line, 3, 6),
            path(sole, PAPER, look.line),
            path("M64 282 C76 312 90 316 100 316 L210 316 C268 318 318 312 348 284", stroke=look.deep, width=10),
            path("M96 284 L300 288", stroke=look.base, width=7),
        )
    )


def _alpine(look: Look) -> str:
    """Stiff and tall, a rubber rand all round, ledges for crampons."""
    rand = "M88 236 C140 250 220 246 262 226 C290 214 320 214 332 232 C340 250 338 264 338 280 L88 280 Z"
    sole = "M70 270 L352 270 L352 286 L340 290 L346 312 L306 312 L300 302 L270 302 L266 312 L100 312 L96 292 L70 288 Z"
    return "".join(
        (
            _loop(look, 102, 60),
            _shaft(look, TALL, dashed("M108 92 L188 86 M104 180 Q140 196 172 172", look.light, 4)),
            path(rand, RUBBER, look.line),
            path("M100 132 C128 150 160 150 186 132 L190 158 C160 176 124 174 98 160 Z", look.deep, look.line, 3),
            path("M92 70 C90 52 98 46 110 46 L196 40 C212 40 212 64 200 68 Z", look.shade, look.line),
            _laces(look, ((190, 84), *EYELETS), "#f2c12e"),
            path(sole, RUBBER, look.line),
            path("M84 280 L340 280", stroke="#f2c12e", width=5),
        )
    )


def _suede(look: Look) -> str:
    """A soft walking boot with a rolled collar and a crepe sole."""
    collar = "M90 122 C84 96 104 92 116 96 C140 104 170 98 196 90 C214 92 212 118 198 122 C164 134 122 136 90 122 Z"
    return "".join(
        (
            _shaft(look, LOW.replace("M90 142 C96 128 112 126 124 132 L196 126", "M96 120 L196 112")),
            path("M176 276 C178 240 196 210 232 186 C282 194 330 206 338 276 Z", look.base, look.line),
            dashed("M188 270 C192 240 208 216 236 198", look.light, 4),
            dashed("M106 250 C124 214 150 196 180 190", look.light, 4),
            path(collar, look.light, look.line),
            path("M118 98 L114 126 M146 104 L144 130 M174 98 L176 126", stroke=look.shade, width=3),
            _laces(look, EYELETS[1:], "#e98ab0"),
            path("M78 270 L346 270 C356 282 354 302 340 310 L92 310 C74 304 72 284 78 270 Z", "#e3c48f", look.line),
            path(" ".join(f"M{x} 284 l0 18" for x in range(98, 340, 18)), stroke="#b8935a"),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "fabric": _fabric,
    "leather": _leather,
    "light": _light,
    "hooked": _hooked,
    "small": _small,
    "winter": _winter,
    "fast": _fast,
    "alpine": _alpine,
    "suede": _suede,
}
