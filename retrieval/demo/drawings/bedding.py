"""Bedding: made beds, and what lies folded in a linen cupboard.

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
    rect,
)

DOWN = " ".join(f"M{x} 252 L{200 + (x - 200) * 1.06:g} 312" for x in range(76, 330, 31))
ACROSS = "M50 272 Q200 280 350 272 M50 288 Q200 296 350 288"


def _pillow(look: Look, x: float, y: float, turn: float, scale: float = 1) -> str:
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g}) scale({scale:g})",
        path(
            "M-58 -34 C-30 -42 30 -42 58 -34 C66 -14 66 18 58 36 C30 42 -30 42 -58 36 C-66 18 -66 -14 -58 -34 Z",
            look.base,
            look.line,
        ),
        path("M-42 -22 C-20 -28 10 -28 24 -26", stroke=look.light, width=6),
        path("M-44 24 C-14 30 20 30 44 24", stroke=look.shade, width=3),
    )


def _bed(look: Look, *pattern: str) -> str:
    """A double bed made up, with a pattern on its duvet."""
    return "".join(
        (
            path("M70 220 L70 116 Q70 92 94 92 L306 92 Q330 92 330 116 L330 220 Z", WOOD, WOOD_SHADE, 5),
            path("M122 104 L122 180 M200 104 L200 180 M278 104 L278 180", stroke=WOOD_SHADE, width=3),
            rect(58, 190, 284, 120, "#f4f1ea", look.line, 4, 12),
            _pillow(look, 132, 182, -4),
            _pillow(look, 268, 182, 4),
            path("M46 236 C92 214 308 214 354 236 L362 312 Q200 336 38 312 Z", look.base, look.line, 5),
            *pattern,
            path("M46 236 C92 214 308 214 354 236 L356 262 C308 240 92 240 44 262 Z", look.light, look.line, 4),
            path("M38 312 Q200 336 362 312 L360 298 Q200 322 40 298 Z", look.shade, look.line, 3),
            both(line(62, 318, 62, 334, WOOD_SHADE, 12)),
        )
    )


def _striped(look: Look) -> str:
    return _bed(look, path(DOWN, stroke=look.light, width=5))


def _checked(look: Look) -> str:
    return _bed(look, path(DOWN, stroke=look.light, width=5), path(ACROSS, stroke=look.light))


def _draped(look: Look) -> str:
    """Silk: the duvet falls in long shining folds over the foot of the bed."""
    folds = (
        "M96 250 C110 276 92 300 104 330 M160 246 C148 280 172 304 160 336 M238 246 C252 284 230 306 242 336 M304 "
        "250 C292 280 310 304 298 330"
    )
    return "".join(
        (
            path("M64 214 L64 128 C64 84 130 76 200 76 C270 76 336 84 336 128 L336 214 Z", look.deep, look.line, 5),
            *(circle(x, y, 4, look.light) for x, y in ((120, 120), (160, 108), (200, 118), (240, 108), (280, 120))),
            _pillow(look, 134, 172, -5, 1.05),
            _pillow(look, 266, 172, 5, 1.05),
            path(
                "M50 222 C96 202 304 202 350 222 L366 326 Q346 340 322 330 Q292 346 262 332 Q230 348 200 334 Q168 348 "
                "138 332 "
                "Q108 346 78 330 Q54 340 34 326 Z",
                look.base,
                look.line,
                5,
            ),
            path(folds, stroke=look.shade, width=7),
            path(
                "M78 256 C84 278 72 300 78 318 M200 250 C190 276 208 300 198 322 M270 250 C280 270 266 290 272 312",
                stroke=look.light,
                width=6,
            ),
            path("M50 222 C96 202 304 202 350 222 L353 244 C304 226 96 226 47 244 Z", look.light, look.line, 4),
        )
    )


def _pillowcase(look: Look) -> str:
    """One large pillow in its case, the envelope closing open at the side."""
    return "".join(
        (
            path(
                "M60 150 C110 132 290 132 338 148 C352 190 352 256 340 306 C286 322 112 322 62 308 C48 262 48 192 60 "
                "150 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M306 146 C330 146 338 148 338 148 C352 190 352 256 340 306 L308 312 C324 258 324 200 306 146 Z",
                look.light,
                look.line,
                4,
            ),
            path("M318 150 C334 200 334 256 322 308", stroke=look.shade, width=3),
            path("M62 152 C80 176 92 184 108 188 M64 306 C80 284 92 276 108 270", stroke=look.shade),
            path("M116 170 C160 158 220 158 262 166 M104 206 C120 196 140 192 160 190", stroke=look.light, width=9),
            path("M110 286 C160 300 230 300 280 290", stroke=look.shade, width=4),
            path("M182 214 l0 -26 M169 201 l26 0 M238 248 l0 -18 M229 239 l18 0", stroke=PAPER, width=5),
        )
    )


def _quilted(look: Look) -> str:
    """A thick duvet folded in three, its quilting in lozenges."""
    layer = (
        "M56 {0} C56 {1} 66 {2} 90 {2} L310 {2} C340 {2} 350 {1} 350 {0} C350 {3} 338 {4} 310 {4} L90 {4} C64 {4} 56 "
        "{3} 56 {0} Z"
    )
    folds = "".join(
        path(layer.format(y, y - 22, y - 34, y + 22, y + 36), fill, look.line, 5)
        for y, fill in ((298, look.shade), (238, look.base), (176, look.base))
    )
    quilting = " ".join(
        f"M{x} {y + 30} q6 -30 24 -60 M{x} {y - 30} q6 30 24 60" for y in (176, 238) for x in range(84, 320, 48)
    )
    return "".join(
        (
            folds,
            path(quilting, stroke=look.shade, width=3),
            path("M78 156 C86 146 100 146 120 146 M78 220 C84 212 96 210 110 210", stroke=look.light, width=7),
            path("M330 150 C344 160 348 170 348 180 M326 218 C342 226 346 234 346 244", stroke=look.deep),
        )
    )


def _folded(look: Look) -> str:
    """A set: sheet, cover and pillowcases in a pile, tied with a ribbon."""
    layers = ((300, 66, look.base), (262, 74, look.light), (224, 80, look.base), (190, 88, look.shade))
    sheets = "".join(
        rect(x, y, 400 - 2 * x, 40 if i < 3 else 36, fill, look.line, 5, 17)
        + path(f"M{x + 20} {y + 20} L{380 - x} {y + 20}", stroke=look.line if i != 1 else look.base, width=2.5)
        for i, (y, x, fill) in enumerate(layers)
    )
    return "".join(
        (
            sheets,
            rect(100, 148, 200, 46, look.base, look.line, 5, 20),
            path("M124 162 C160 156 200 156 236 160", stroke=look.light, width=6),
            rect(184, 146, 32, 194, CREAM, "#a48d5f", 4),
            path(
                "M200 146 C164 104 134 122 148 138 C164 152 188 150 200 146 C212 150 236 152 252 138 C266 122 236 104 "
                "200 146 Z",
                CREAM,
                "#a48d5f",
                4,
            ),
            rect(190, 136, 20, 20, CREAM, "#a48d5f", 4, 5),
        )
    )


def _loose_corner(look: Look) -> str:
    return "".join(
        (
            path(
                "M272 252 C300 214 330 204 352 176 C376 190 384 216 372 242 C356 268 320 286 300 290 Z",
                look.light,
                look.line,
                5,
            ),
            path(
                "M352 176 C376 190 384 216 372 242 C356 268 320 286 300 290 C330 262 356 220 352 176 Z",
                look.shade,
                look.line,
                4,
            ),
        )
    )


def _fitted(look: Look) -> str:
    """A sheet drawn over a mattress, its elastic puckered, one corner still loose."""
    hem = "M36 288 " + "q6 10 12 0 t12 0 " * 13 + "L348 268"
    puckers = (
        "M58 262 q6 8 2 16 M78 262 q4 8 0 16 M98 262 q4 6 0 14 M158 262 q4 6 0 14 M218 262 q4 6 0 14 M270 262 q4 6 0 14"
    )
    return "".join(
        (
            path(
                "M92 166 L308 166 L364 252 L364 322 Q364 332 352 332 L48 332 Q36 332 36 322 L36 252 Z",
                "#f4f1ea",
                look.line,
                5,
            ),
            dashed("M50 316 L350 316", "#c9c2b2", 3),
            path("M36 252 L364 252 L364 262 L348 268 L348 288 L36 288 Z", look.shade),
            path("M92 166 L308 166 L364 252 L36 252 Z", look.base, look.line, 5),
            path(puckers, stroke=look.deep),
            path(hem, stroke=look.line, width=5),
            path("M36 252 L36 288", stroke=look.line, width=5),
            path("M118 182 L282 182 M86 226 C140 216 180 234 250 220", stroke=look.light, width=6),
            _loose_corner(look),
        )
    )


def _single(look: Look) -> str:
    """A narrow bed with one pillow and dots on the cover."""
    dots = " ".join(
        f"M{x} {y} l1 0"
        for y, xs in ((262, (130, 172, 214, 256)), (284, (148, 192, 238, 276)), (304, (122, 168, 214, 262)))
        for x in xs
    )
    return "".join(
        (
            both(line(104, 120, 104, 334, INK, 10), circle(104, 116, 9, STEEL, INK, 4)),
            path("M104 140 L296 140 M104 172 L296 172", stroke=INK, width=8),
            path(" ".join(f"M{x} 142 L{x} 200" for x in (142, 180, 220, 258)), stroke=INK, width=5),
            rect(100, 196, 200, 112, "#f4f1ea", look.line, 4, 12),
            _pillow(look, 200, 190, 0, 1.15),
            path("M90 238 C140 218 260 218 310 238 L318 316 Q200 338 82 316 Z", look.base, look.line, 5),
            path(dots, stroke=look.light, width=13),
            path("M90 238 C140 218 260 218 310 238 L312 262 C260 242 140 242 88 262 Z", look.light, look.line, 4),
            path("M82 316 Q200 338 318 316", stroke=look.line, width=5),
        )
    )


def _train(look: Look) -> str:
    """A child's bed with a sleeper train along the hem."""
    wagon = rect(0, 0, 46, 26, PAPER, INK, 3, 5) + rect(7, 6, 12, 9, "#ffd262") + rect(27, 6, 12, 9, "#ffd262")
    wheels = circle(11, 28, 5, INK) + circle(35, 28, 5, INK)
    engine = path("M0 26 L0 0 L18 0 L18 8 L30 8 L30 -4 L38 -4 L38 8 L46 8 L46 26 Z", "#f6a94b", INK, 3) + wheels
    return "".join(
        (
            path("M100 200 L100 130 Q100 92 140 92 L260 92 Q300 92 300 130 L300 200 Z", WOOD, WOOD_SHADE, 5),
            path("M208 116 a20 20 0 1 0 14 26 a16 16 0 1 1 -14 -26 Z", "#ffe2a8", WOOD_SHADE, 3),
            rect(92, 190, 216, 120, "#f4f1ea", look.line, 4, 12),
            _pillow(look, 200, 184, 0),
            path("M82 230 C130 212 270 212 318 230 L326 316 Q200 334 74 316 Z", look.base, look.line, 5),
            *(
                path(f"M{x} {y} l0 -8 M{x - 4} {y - 4} l8 0", stroke="#ffe2a8", width=3)
                for x, y in ((118, 266), (170, 264), (286, 266), (232, 262))
            ),
            path("M82 230 C130 212 270 212 318 230 L319 248 C270 232 130 232 81 248 Z", look.light, look.line, 4),
            path("M78 312 Q200 330 322 312", stroke=INK, width=4),
            *(group(f"translate({x} {y})", wagon, wheels) for x, y in ((92, 280), (146, 284), (200, 284))),
            group("translate(252 281)", engine),
            both(line(100, 320, 100, 334, WOOD_SHADE, 12)),
        )
    )


def _weight_tag(look: Look) -> str:
    return "".join(
        (
            rect(84, 130, 90, 42, PAPER, INK, 4, 6),
            path("M108 160 L150 160 L144 142 L114 142 Z", look.base, INK, 3),
            path("M122 142 a7 7 0 1 1 14 0", stroke=INK, width=3),
        )
    )


def _loose_beads(look: Look) -> str:
    return "".join(
        (
            path(
                "M344 238 L344 300 Q344 322 322 322 L244 322 C270 310 280 280 276 254 C300 262 326 256 344 238 Z",
                CREAM,
                look.line,
                5,
            ),
            *(
                circle(x, y, 5, "#8fc3d8", "#4f7f95", 2)
                for x, y in ((300, 284), (316, 276), (308, 300), (326, 292), (290, 304))
            ),
        )
    )


def _weighted(look: Look) -> str:
    """A heavy blanket of small squares, folded, one corner turned up to show its beads."""
    grid = (
        " ".join(f"M64 {y} L336 {y}" for y in (206, 244, 282))
        + " "
        + " ".join(f"M{x} 170 L{x} 318" for x in range(98, 330, 34))
    )
    return "".join(
        (
            rect(66, 290, 268, 44, look.deep, look.line, 5, 18),
            path(
                "M56 186 Q56 166 78 166 L322 166 Q344 166 344 186 L344 300 Q344 322 322 322 L78 322 Q56 322 56 300 Z",
                look.base,
                look.line,
                5,
            ),
            path(grid, stroke=look.shade, width=4),
            *(
                path(f"M{x} {y} l5 4", stroke=look.light, width=5)
                for y in (182, 220, 258, 296)
                for x in (76, 110, 144, 178)
            ),
            _loose_beads(look),
            _weight_tag(look),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "striped": _striped,
    "checked": _checked,
    "pillowcase": _pillowcase,
    "quilted": _quilted,
    "single": _single,
    "folded": _folded,
    "fitted": _fitted,
    "train": _train,
    "draped": _draped,
    "weighted": _weighted,
}
