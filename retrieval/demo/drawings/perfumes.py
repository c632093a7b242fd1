"""Perfumes: bottles, and what else scent comes in.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
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
    group,
    leaf,
    line,
    path,
    pipe,
    rect,
)

CLEAR = "#eef3f2"


def _cologne(look: Look) -> str:
    bottle = (
        "M180 124 L220 124 C226 148 268 152 268 190 L268 310 Q268 334 244 334 L156 334 Q132 334 132 310 L132 190 "
        "C132 152 174 148 180 124 Z"
    )
    return "".join(
        (
            circle(200, 72, 27, look.shade, look.line, 5),
            path("M186 62 C190 54 198 52 204 52", stroke=look.light, width=5),
            rect(180, 96, 40, 28, GOLD, look.line, 4, 4),
            path(bottle, CLEAR, look.line, 5),
            path("M142 206 Q200 194 258 206 L258 308 Q258 324 242 324 L158 324 Q142 324 142 308 Z", look.base),
            path("M226 202 Q242 203 258 206 L258 308 Q258 324 242 324 L222 324 C232 290 234 240 226 202 Z", look.shade),
            path("M150 190 L150 304", stroke=PAPER, width=7),
            rect(162, 228, 76, 66, CREAM, look.line, 3, 4),
            circle(200, 261, 21, "#f8d95a", look.line, 3),
            circle(200, 261, 15, "#fdf2b8"),
            path("M186 261 L214 261 M193 249 L207 273 M207 249 L193 273", stroke="#e4bd2f", width=2.5),
        )
    )


def _faceted(look: Look) -> str:
    edges = (
        "M126 142 L148 186 L252 186 L274 142 M148 186 L148 294 L252 294 L252 186 M148 294 L120 334 M252 294 L280 334"
    )
    return "".join(
        (
            path("M160 60 L240 60 L248 118 L152 118 Z", look.deep, look.line, 5),
            path("M174 68 L168 110", stroke=look.light, width=6),
            rect(166, 118, 68, 24, GOLD, look.line, 4, 3),
            line(172, 126, 226, 126, "#f2dc9c", 4),
            path("M126 142 L274 142 L310 196 L310 300 L280 334 L120 334 L90 300 L90 196 Z", look.base, look.line, 5),
            path("M126 142 L148 186 L148 294 L120 334 L90 300 L90 196 Z", look.light),
            path("M274 142 L252 186 L252 294 L280 334 L310 300 L310 196 Z", look.shade),
            path("M148 294 L252 294 L280 334 L120 334 Z", look.deep),
            path(edges, stroke=look.line, width=3),
            path("M210 212 A32 32 0 1 0 222 262 A26 26 0 1 1 210 212 Z", GOLD, look.line, 2.5),
            line(106, 210, 106, 288, PAPER, 5),
        )
    )


def _slab(look: Look) -> str:
    """A tall upright block of frosted glass with a slate cap, rain on it."""
    rain = " ".join(
        f"M{x} {y} l-6 16"
        for x, y in ((172, 196), (204, 184), (236, 202), (184, 232), (222, 238), (166, 268), (202, 276), (238, 274))
    )
    return "".join(
        (
            path("M152 74 L244 66 L250 122 L148 122 Z", "#59606b", INK, 5),
            path("M164 84 L196 82 M160 100 L236 94", stroke="#8d939c"),
            rect(176, 120, 50, 18, STEEL, look.line, 4, 2),
            rect(130, 136, 142, 198, look.base, look.line, 5, 8),
            path("M242 138 L270 138 L270 332 L242 332 Z", look.shade),
            rect(144, 150, 84, 170, look.light, None, 0, 5),
            path(rain, stroke=PAPER, width=5),
            path("M150 306 L222 306", stroke=look.deep, width=5),
            path("M138 148 L138 322", stroke=PAPER, width=4),
        )
    )


def _round(look: Look) -> str:
    """A round bottle, a leaf cut into its glass, half a fig beside it."""
    return "".join(
        (
            rect(170, 66, 60, 44, WOOD, WOOD_SHADE, 5, 8),
            path("M178 78 C190 74 210 82 222 78 M178 94 C192 90 208 98 222 94", stroke=WOOD_SHADE, width=3),
            rect(178, 108, 44, 20, GOLD, look.line, 4, 3),
            circle(196, 232, 102, CLEAR, look.line, 5),
            path(
                "M102 232 C130 218 160 244 196 230 C232 216 262 242 290 230 C290 288 250 326 196 326 C142 326 102 288 "
                "102 232 Z",
                look.base,
            ),
            path("M256 236 C270 240 280 234 290 230 C290 284 254 322 206 326 C240 304 258 270 256 236 Z", look.shade),
            leaf(196, 304, 104, look.light, look.line, 8),
            path("M122 196 C132 168 152 150 178 144", stroke=PAPER, width=9),
            path(
                "M304 262 C328 276 352 296 346 318 C338 338 290 338 280 320 C272 300 286 278 304 262 Z",
                "#6d4a72",
                "#3b2440",
                4,
            ),
            path(
                "M306 284 C322 294 336 306 330 318 C322 328 300 328 294 318 C290 306 298 294 306 284 Z",
                "#d9657a",
                "#f0d8b8",
                4,
            ),
            *(circle(x, y, 2.5, "#f6e3a6") for x, y in ((306, 302), (316, 312), (306, 316), (320, 302))),
        )
    )


def _extrait(look: Look) -> str:
    """A small flask with a tall glass stopper in an open wooden case."""
    return "".join(
        (
            path("M70 196 L330 196 L330 322 Q330 334 318 334 L82 334 Q70 334 70 322 Z", WOOD, WOOD_SHADE, 5),
            path("M78 92 L322 92 L330 196 L70 196 Z", "#a8713f", WOOD_SHADE, 5),
            path("M92 104 L308 104 L314 190 L86 190 Z", "#7c2f3e", WOOD_SHADE, 3),
            rect(84, 208, 232, 114, "#8e3a4a", WOOD_SHADE, 3, 6),
            path("M182 130 L200 84 L218 130 L212 152 L188 152 Z", CLEAR, look.line, 4),
            path("M192 132 L200 106", stroke=PAPER, width=5),
            rect(182, 150, 36, 16, GOLD, look.line, 4, 3),
            path(
                "M178 166 L222 166 C232 186 268 202 268 250 C268 290 240 306 200 306 C160 306 132 290 132 250 C132 202 "
                "168 186 178 166 Z",
                look.base,
                look.line,
                5,
            ),
            path("M232 182 C252 196 267 214 267 250 C267 286 244 302 208 305 C240 280 246 226 232 182 Z", look.shade),
            path("M154 238 C156 218 166 204 176 196", stroke=look.light, width=8),
            *(circle(200 + dx, 250 + dy, 9, CREAM, look.line, 2.5) for dx, dy in ((-9, -9), (9, -9), (-9, 9), (9, 9))),
            circle(200, 250, 5, "#ec7d23"),
            both(circle(96, 320, 4, GOLD)),
        )
    )


def _slide_tin(look: Look) -> str:
    """A flat tin, half slid open over its wax, an anchor on the lid."""
    return "".join(
        (
            group(
                "translate(200 236) rotate(-12)",
                rect(-138, -54, 240, 132, STEEL_SHADE, INK, 5, 18),
                rect(-128, -46, 220, 112, "#e8cf98", INK, 4, 13),
                path("M60 -20 C70 -10 76 10 70 34 M40 -30 C52 -10 56 20 46 48", stroke="#c9a863", width=6),
                rect(-146, -66, 168, 136, look.base, look.line, 5, 18),
                path("M-14 -64 L4 -64 Q20 -64 20 -48 L20 52 Q20 68 4 68 L-14 68 Z", look.shade),
                path("M-128 -46 L-40 -46", stroke=look.light, width=6),
                circle(-66, -30, 9, "none", PAPER, 5),
                path(
                    "M-66 -20 L-66 44 M-84 -6 L-48 -6 M-100 20 C-94 44 -78 46 -66 46 C-54 46 -38 44 -32 20",
                    stroke=PAPER,
                    width=6,
                ),
            ),
            pipe("M76 112 C120 88 160 124 208 100 C240 84 280 104 316 88", "#d9c08c", "#8a6f3c", 15, 3),
            path(
                "M96 98 l10 10 M130 96 l10 12 M166 102 l10 10 M202 94 l10 12 M240 84 l8 12 M280 86 l8 12",
                stroke="#8a6f3c",
                width=3,
            ),
        )
    )


def _washing_line(look: Look) -> str:
    """A tall plastic spray under a washing line with pegs."""
    return "".join(
        (
            path("M30 86 Q200 122 370 80", stroke="#8b8f97", width=4),
            path("M64 94 L124 104 L120 186 L60 178 Z", PAPER, "#8b8f97", 4),
            path("M286 98 L344 88 L350 168 L290 178 Z", "#d6e8f0", "#8b8f97", 4),
            *(rect(x, y, 9, 22, WOOD, WOOD_SHADE, 2.5, 3) for x, y in ((70, 84), (108, 90), (296, 84), (330, 78))),
            path("M176 104 L176 88 Q176 80 184 80 L222 80 Q230 80 230 88 L230 104 Z", look.light, look.line, 4),
            rect(162, 86, 18, 12, STEEL, look.line, 3, 3),
            rect(170, 104, 66, 30, STEEL, look.line, 4, 5),
            path(
                "M156 160 Q156 134 182 134 L224 134 Q250 134 250 160 L250 312 Q250 334 228 334 L178 334 Q156 334 156 "
                "312 Z",
                look.base,
                look.line,
                5,
            ),
            path("M228 136 Q248 138 248 160 L248 312 Q248 332 228 332 L218 332 C232 270 236 200 228 136 Z", look.shade),
            rect(168, 204, 66, 90, "#cfe6f2", look.line, 3.5, 10),
            path("M178 232 q11 -12 22 0 t22 0 M178 256 q11 -12 22 0 t22 0", stroke="#4f8fb5", width=5),
            path("M168 158 L168 186", stroke=look.light, width=6),
        )
    )


def _roll_on(look: Look) -> str:
    """A pocket-size roller, its cap off."""
    return "".join(
        (
            group(
                "translate(150 200) rotate(-14)",
                circle(0, -112, 21, STEEL, look.line, 5),
                path("M-8 -120 C-6 -126 0 -128 6 -126", stroke=PAPER, width=5),
                rect(-28, -104, 56, 34, GOLD, look.line, 4, 5),
                rect(-38, -72, 76, 208, look.base, look.line, 5, 18),
                path("M16 -70 Q36 -70 36 -54 L36 118 Q36 134 14 134 Z", look.shade),
                path("M-24 -48 L-24 106", stroke=look.light, width=7),
                rect(-24, 0, 48, 70, CREAM, look.line, 3, 22),
                path("M0 54 C-20 38 -14 18 0 26 C14 18 20 38 0 54 Z", look.deep),
            ),
            group(
                "translate(290 262) rotate(12)",
                rect(-32, -72, 64, 132, look.deep, look.line, 5, 14),
                path("M-16 -50 L-16 36", stroke=look.light, width=6),
                rect(-34, 40, 68, 22, GOLD, look.line, 4, 4),
            ),
        )
    )


def _inkstone(look: Look) -> str:
    """A heavy dark block with a brush laid across and a stroke of ink."""
    return "".join(
        (
            rect(168, 76, 64, 52, look.deep, look.line, 5, 4),
            path("M180 86 L180 118", stroke=look.light, width=5),
            rect(180, 126, 40, 16, GOLD, look.line, 4, 2),
            path(
                "M108 146 Q108 140 116 140 L284 140 Q292 140 292 148 L292 322 Q292 334 280 334 L120 334 Q108 334 108 "
                "322 Z",
                look.base,
                look.line,
                5,
            ),
            path("M256 142 L290 142 L290 322 Q290 332 280 332 L256 332 Z", look.shade),
            path("M126 158 L126 310", stroke=look.light, width=6),
            circle(196, 234, 56, CREAM, look.line, 3.5),
            path("M214 198 C170 190 150 226 164 254 C178 280 224 276 230 246", stroke=INK, width=13),
            path("M230 246 C232 236 230 230 226 226", stroke=INK, width=6),
            group(
                "translate(300 250) rotate(32)",
                rect(-6, -152, 12, 170, WOOD, WOOD_SHADE, 3.5, 5),
                path("M-9 18 L9 18 C12 40 6 52 0 64 C-6 52 -12 40 -9 18 Z", INK, INK, 3),
                line(-7, -140, 7, -140, "#d1383d", 5),
            ),
        )
    )


def _stars() -> str:
    return "".join(
        path(f"M{x} {y} l4 9 l10 1 l-7 7 l2 10 l-9 -5 l-9 5 l2 -10 l-7 -7 l10 -1 Z", "#ffd98a", "#b98a2a", 2.5)
        for x, y in ((92, 116), (318, 180), (76, 224))
    )


def _pyjama(look: Look) -> str:
    """A child's mist: a bottle in a nightcap, asleep, stars around it."""
    return "".join(
        (
            _stars(),
            path(
                "M132 190 C132 158 160 150 200 150 C240 150 268 158 268 190 L276 300 Q276 334 240 334 L160 334 Q124 "
                "334 124 300 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M240 156 C258 160 266 170 267 190 L275 300 Q274 332 240 332 L228 332 C250 280 252 210 240 156 Z",
                look.shade,
            ),
            path("M146 192 C142 230 142 270 148 304", stroke=look.light, width=8),
            both(path("M162 230 q11 10 22 0", stroke=INK, width=5), circle(158, 252, 10, "#f3b5c5")),
            path("M188 254 Q200 266 212 254", stroke=INK, width=5),
            path("M166 290 q17 12 34 0 t34 0", stroke=look.light, width=5),
            path(
                "M142 152 C146 104 190 68 250 76 C286 82 304 108 306 134 C284 112 268 118 258 152 Z",
                look.deep,
                look.line,
                5,
            ),
            path("M164 138 C174 108 204 92 236 92", stroke=look.light, width=6),
            rect(132, 142, 136, 24, PAPER, look.line, 5, 12),
            circle(306, 142, 15, PAPER, look.line, 4),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "cologne": _cologne,
    "faceted": _faceted,
    "slab": _slab,
    "round": _round,
    "extrait": _extrait,
    "slide tin": _slide_tin,
    "washing line": _washing_line,
    "roll-on": _roll_on,
    "inkstone": _inkstone,
    "pyjama": _pyjama,
}
