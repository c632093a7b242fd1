"""Sofas, from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    INK,
    PAPER,
    STEEL,
    WOOD,
    WOOD_SHADE,
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


def _cushion(look: Look, x: float, y: float, turn: float) -> str:
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g})",
        rect(-28, -28, 56, 56, look.deep, look.line, 4, 10),
        line(-14, 0, 14, 0, look.light, 5),
    )


def _boxy(look: Look) -> str:
    return "".join(
        (
            both(line(92, 300, 92, 330, WOOD_SHADE, 12)),
            rect(74, 142, 252, 130, look.shade, look.line, 5, 22),
            both(
                rect(90, 156, 106, 84, look.base, look.line, 4, 14),
                rect(84, 228, 114, 46, look.light, look.line, 4, 12),
            ),
            rect(60, 268, 280, 42, look.base, look.line, 5, 10),
            both(rect(44, 194, 46, 118, look.base, look.line, 5, 18)),
            _cushion(look, 122, 216, -12),
            path("M60 206 L60 298", stroke=look.light, width=5),
        )
    )


def _buttoned(look: Look) -> str:
    buttons = [(x, y) for y, xs in ((160, (120, 160, 200, 240, 280)), (194, (140, 180, 220, 260))) for x in xs]
    folds = " ".join(f"M{x} {y} l20 34 M{x} {y} l-20 34" for x, y in buttons[:5])
    arm = "".join(
        (
            rect(50, 212, 40, 98, look.base, look.line, 5, 8),
            circle(70, 206, 29, look.base, look.line, 5),
            path("M70 192 a14 14 0 1 1 -13 18 a8 8 0 1 1 13 2", stroke=look.deep, width=4),
        )
    )
    return "".join(
        (
            both(path("M84 304 l16 0 l-4 28 l-8 0 Z", WOOD_SHADE, INK, 3)),
            path(
                "M82 250 L82 150 C90 118 140 122 200 112 C260 122 310 118 318 150 L318 250 Z", look.base, look.line, 5
            ),
            path(folds, stroke=look.shade, width=3),
            *(circle(x, y, 6, look.deep, look.line, 2) for x, y in buttons),
            both(rect(82, 222, 120, 48, look.light, look.line, 4, 14)),
            rect(62, 264, 276, 44, look.shade, look.line, 5, 10),
            dashed("M76 298 L324 298", look.light, 4, "2 10"),
            both(arm),
        )
    )


def _bench(look: Look) -> str:
    """Three firm seats on a wooden frame with slanted legs."""
    seats = "".join(
        rect(x, 168, 92, 66, look.base, look.line, 4, 10) + rect(x - 2, 230, 96, 38, look.light, look.line, 4, 8)
        for x in (62, 154, 246)
    )
    felt = " ".join(
        f"M{x} {y} l10 4" for x, y in ((84, 186), (120, 210), (178, 192), (214, 214), (268, 188), (306, 208))
    )
    return "".join(
        (
            both(path("M78 286 L64 332 L74 332 L96 286 Z", WOOD, WOOD_SHADE, 3)),
            seats,
            path(felt, stroke=look.shade, width=4),
            rect(52, 266, 296, 22, WOOD, WOOD_SHADE, 4, 6),
            both(
                pipe("M48 282 L48 218 Q48 206 60 206 L72 206", WOOD, WOOD_SHADE, 16, 3),
                line(48, 250, 48, 282, "#dcae7b", 3),
            ),
        )
    )


def _unfolded(look: Look) -> str:
    """A sofa bed with its seat pulled out, made up with a pillow."""
    return "".join(
        (
            rect(64, 118, 272, 110, look.shade, look.line, 5, 20),
            both(rect(78, 132, 118, 78, look.base, look.line, 4, 12)),
            both(rect(40, 170, 44, 110, look.base, look.line, 5, 16)),
            path("M86 212 L314 212 L348 300 L52 300 Z", CREAM, look.line, 5),
            path(
                "M96 206 C128 192 176 194 188 210 C186 228 180 238 172 242 C140 250 112 248 92 240 C88 228 90 216 96 "
                "206 Z",
                PAPER,
                look.line,
            ),
            path("M206 214 L314 214 L348 300 L60 300 L70 270 C120 262 168 248 206 214 Z", look.light, look.line, 4),
            path("M226 224 C196 262 140 280 92 288 M270 222 C240 266 196 288 150 296", stroke=look.base, width=7),
            rect(50, 298, 300, 28, look.base, look.line, 5, 8),
            both(line(76, 326, 76, 334, WOOD_SHADE, 12), path("M56 182 L56 262", stroke=look.light, width=5)),
            rect(184, 302, 32, 14, look.deep, look.line, 3, 4),
        )
    )


def _slipcover(look: Look) -> str:
    """Loose linen to the floor, soft feather cushions."""
    skirt = (
        "M44 262 L356 262 L362 332 Q350 324 338 332 Q300 322 262 332 Q200 322 138 332 Q100 322 62 332 Q50 324 38 332 Z"
    )
    return "".join(
        (
            path("M66 250 C58 160 70 128 112 126 Q200 110 288 126 C330 128 342 160 334 250 Z", look.base, look.line, 5),
            both(
                path("M82 232 C74 172 82 150 116 150 C160 142 196 146 198 162 L198 236 Z", look.light, look.line),
                path(
                    "M78 236 C74 220 90 214 132 216 C180 214 202 218 200 236 C202 260 190 268 140 266 C92 268 78 262 "
                    "78 236 Z",
                    look.base,
                    look.line,
                ),
                path("M100 168 C96 188 98 204 102 214 M154 160 L150 180", stroke=look.shade, width=3),
            ),
            path(skirt, look.base, look.line, 5),
            path("M62 270 L60 318 M138 270 L136 320 M262 270 L264 320 M338 270 L340 318", stroke=look.shade, width=4),
            both(
                path(
                    "M40 336 C30 270 30 224 50 206 C74 194 92 210 92 236 L92 330 Q66 322 40 336 Z",
                    look.base,
                    look.line,
                    5,
                ),
                path("M52 226 C48 256 50 290 54 316", stroke=look.light, width=6),
            ),
            _cushion(look, 284, 222, 14),
        )
    )


def _corner(look: Look) -> str:
    """L-shaped, seen from above one arm of the L: two wings that meet at the back."""
    headrests = path(
        "M212 98 L262 123 L262 147 L212 122 Z M282 133 L332 158 L332 182 L282 157 Z", look.light, look.line
    )
    return "".join(
        (
            both(line(292, 322, 292, 336, STEEL, 8)),
            path("M200 112 L352 188 L352 260 L200 184 Z", look.shade, look.line, 5),
            path("M200 112 L48 188 L48 260 L200 184 Z", look.base, look.line, 5),
            path("M200 94 L352 170 L352 190 L200 114 L48 190 L48 170 Z", look.deep, look.line, 5),
            both(headrests),
            path("M200 182 L352 258 L286 291 L200 248 L114 291 L48 258 Z", look.light, look.line, 5),
            path("M266 215 L200 248 L134 215 M309 237 L243 270 M91 237 L157 270", stroke=look.line, width=3.5),
            path("M200 248 L286 291 L286 330 L200 287 Z", look.base, look.line, 5),
            path("M200 248 L114 291 L114 330 L200 287 Z", look.shade, look.line, 5),
            path("M352 258 L286 291 L286 330 L352 297 Z", look.shade, look.line, 5),
            path("M48 258 L114 291 L114 330 L48 297 Z", look.base, look.line, 5),
            both(dashed("M212 266 L276 298", look.light)),
        )
    )


def _futon(look: Look) -> str:
    """A slatted pine frame with one folded mattress."""
    slats = " ".join(f"M{x} 112 L{x} 200" for x in range(76, 340, 25))
    return "".join(
        (
            path(slats, stroke=WOOD_SHADE, width=15),
            path(slats, stroke=WOOD, width=9),
            both(pipe("M56 328 L56 100", WOOD, WOOD_SHADE, 20, 3)),
            pipe("M52 110 L348 110", WOOD, WOOD_SHADE, 18, 3),
            path("M70 142 Q70 130 84 130 L316 130 Q330 130 330 142 L340 244 L60 244 Z", look.base, look.line, 5),
            path("M288 132 L316 130 Q330 130 330 142 L339 242 L300 242 Z", look.shade),
            path(
                "M54 242 Q54 232 70 232 L330 232 Q346 232 346 242 L348 268 Q348 280 334 280 L66 280 Q52 280 52 268 Z",
                look.light,
                look.line,
                5,
            ),
            *(circle(x, y, 5, look.deep, look.line, 2) for y in (164, 202) for x in (108, 170, 232, 294)),
            path("M84 256 L316 256", stroke=look.base, width=5),
            pipe("M44 290 L356 290", WOOD, WOOD_SHADE, 20, 3),
            both(pipe("M36 222 L76 222", WOOD, WOOD_SHADE, 16, 3)),
        )
    )


def _modular(look: Look) -> str:
    """Blocks without arms, hooked together, one pulled away."""
    block = "".join(
        (
            path("M0 16 Q0 0 16 0 L66 0 Q82 0 82 16 L82 96 L0 96 Z", look.base, look.line, 5),
            path("M14 18 C12 44 12 60 14 82 M30 12 L30 84 M50 12 L50 84 M68 16 L68 82", stroke=look.shade, width=3),
            rect(-4, 84, 90, 44, look.light, look.line, 4, 10),
            rect(-2, 124, 86, 48, look.base, look.line, 5, 8),
            path("M10 134 L10 160", stroke=look.light, width=5),
            path("M8 172 l0 12 M74 172 l0 12", stroke=INK, width=8),
        )
    )
    pouf = "".join(
        (
            rect(258, 232, 98, 32, look.light, look.line, 4, 10),
            rect(254, 260, 106, 62, look.base, look.line, 5, 10),
            path("M270 274 L270 308", stroke=look.light, width=5),
            path("M268 322 l0 12 M346 322 l0 12", stroke=INK, width=8),
            rect(242, 282, 14, 10, STEEL, INK, 3, 3),
        )
    )
    return "".join(group(f"translate({x} 134)", block) for x in (40, 124, 208)) + group("translate(8 4)", pouf)


def _loveseat(look: Look) -> str:
    """A small curved seat for two on thin metal legs."""
    back = "M76 254 C66 168 92 124 140 124 C172 124 190 140 200 158 C210 140 228 124 260 124 C308 124 334 168 324 254 Z"
    ribs = " ".join(
        f"M{200 + dx} {y} L{200 + dx * 0.9:g} 232"
        for dx, y in ((-90, 160), (-60, 144), (-30, 152), (30, 152), (60, 144), (90, 160))
    )
    return "".join(
        (
            both(pipe("M100 296 L90 334", STEEL, INK, 10, 2.5), pipe("M160 300 L156 330", STEEL, INK, 8, 2)),
            path(back, look.base, look.line, 5),
            path(ribs, stroke=look.shade, width=4),
            path("M76 220 C88 232 312 232 324 220 L330 264 L70 264 Z", look.light, look.line, 4),
            line(200, 230, 200, 262, look.line, 4),
            path("M56 258 L344 258 C348 286 332 302 306 302 L94 302 C68 302 52 286 56 258 Z", look.base, look.line, 5),
            both(
                path("M58 268 C38 236 44 196 70 192 C92 192 98 220 92 262 Z", look.base, look.line, 5),
                path("M62 214 C58 230 60 242 64 252", stroke=look.light, width=5),
            ),
            path("M110 282 L220 282", stroke=look.light, width=5),
        )
    )


def _den(look: Look) -> str:
    """A child's foam sofa with ears, low on the floor, a book beside it."""
    face = both(circle(176, 186, 6, INK)) + path("M190 202 Q200 212 210 202", stroke=INK, width=4)
    return "".join(
        (
            both(circle(124, 138, 26, look.base, look.line, 5), circle(124, 138, 12, look.light)),
            path(
                "M84 270 L84 192 C84 150 120 138 200 138 C280 138 316 150 316 192 L316 270 Z", look.base, look.line, 5
            ),
            path("M284 152 C306 160 314 174 314 192 L314 268 L284 268 C290 226 292 186 284 152 Z", look.shade),
            face,
            rect(92, 238, 216, 50, look.light, look.line, 4, 18),
            rect(74, 276, 252, 56, look.base, look.line, 5, 16),
            dashed("M92 304 L308 304", look.light, 4),
            both(
                rect(54, 214, 48, 118, look.base, look.line, 5, 22), path("M70 234 L70 308", stroke=look.light, width=5)
            ),
            path("M288 318 L318 310 L348 318 L348 344 L318 336 L288 344 Z", PAPER, INK, 4),
            path("M318 310 L318 336", stroke=INK, width=3),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "boxy": _boxy,
    "buttoned": _buttoned,
    "bench": _bench,
    "unfolded": _unfolded,
    "slipcover": _slipcover,
    "corner": _corner,
    "futon": _futon,
    "modular": _modular,
    "loveseat": _loveseat,
    "den": _den,
}
