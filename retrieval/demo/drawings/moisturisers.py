"""Moisturisers: jars, tubes, bottles and tins.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    circle,
    ellipse,
    group,
    leaf,
    line,
    path,
    pipe,
    rect,
)


def _open_jar(look: Look) -> str:
    swirl = (
        "M118 210 C120 178 150 182 162 166 C168 156 172 150 186 140 C184 156 196 160 210 172 C226 184 240 190 238 210 "
        "C220 226 136 226 118 210 Z"
    )
    return "".join(
        (
            path("M84 214 L272 214 L266 308 Q264 332 238 332 L118 332 Q92 332 90 308 Z", look.base, look.line, 5),
            path("M226 218 L270 218 L265 308 Q262 330 238 330 L220 330 C230 290 232 250 226 218 Z", look.shade),
            rect(104, 252, 116, 44, CREAM, look.line, 3, 6),
            leaf(162, 292, 30, LEAF, look.line),
            ellipse(178, 214, 96, 27, look.light, look.line, 5),
            ellipse(178, 212, 80, 19, CREAM, look.line, 3),
            path(swirl, PAPER, look.line, 4),
            path("M146 204 C166 190 200 192 218 202 M164 184 C178 176 192 180 202 184", stroke="#ddd5c3", width=5),
            group(
                "translate(304 272) rotate(14)",
                ellipse(0, 0, 30, 62, look.shade, look.line, 5),
                ellipse(-13, 0, 26, 58, look.base, look.line, 4),
                ellipse(-13, 0, 17, 44, look.light),
            ),
        )
    )


def _closed_jar(look: Look) -> str:
    jar = "M92 196 Q92 182 106 182 L268 182 Q282 182 282 196 L282 304 Q282 332 254 332 L120 332 Q92 332 92 304 Z"
    return "".join(
        (
            leaf(286, 330, 120, LEAF, LEAF_LINE, 28),
            leaf(300, 332, 92, "#7dbb83", LEAF_LINE, 64),
            path(jar, "#e9eef0", look.line, 5),
            path("M108 206 L266 206 L266 300 Q266 316 250 316 L124 316 Q108 316 108 300 Z", CREAM, "#cfc8b8", 3),
            rect(136, 232, 102, 52, look.light, look.line, 3, 26),
            circle(187, 258, 13, look.base, look.line, 3),
            line(116, 214, 116, 296, PAPER, 6),
            rect(80, 116, 214, 68, look.base, look.line, 5, 12),
            rect(80, 164, 214, 20, look.shade, look.line, 4, 6),
            path(" ".join(f"M{x} 128 L{x} 158" for x in range(104, 284, 18)), stroke=look.shade, width=3),
            line(98, 126, 180, 126, look.light, 5),
        )
    )


def _pump_gel(look: Look) -> str:
    """A clear bottle of gel with a pump, a drop on its tip."""
    bubbles = ((172, 250, 8), (212, 226, 6), (196, 288, 10), (232, 272, 5), (164, 300, 5))
    return "".join(
        (
            pipe("M202 96 L202 70 L148 70 Q136 70 134 84", PAPER, look.line, 20),
            path("M132 104 C120 120 124 132 134 132 C144 132 146 120 132 104 Z", look.light, look.line, 3.5),
            rect(174, 92, 56, 20, PAPER, look.line, 4, 5),
            rect(160, 110, 84, 32, STEEL, look.line, 4, 6),
            rect(132, 140, 140, 194, "#e3eff4", look.line, 5, 26),
            path("M136 190 Q170 178 202 190 T268 190 L268 306 Q268 330 246 330 L158 330 Q136 330 136 306 Z", look.base),
            path("M240 192 Q254 194 268 190 L268 306 Q268 330 246 330 L232 330 C246 290 250 240 240 192 Z", look.shade),
            *(circle(x, y, r, look.light, look.line, 2) for x, y, r in bubbles),
            path("M150 172 L150 300", stroke=PAPER, width=8),
            rect(132, 140, 140, 194, "none", look.line, 5, 26),
        )
    )


def _tin(look: Look) -> str:
    """A flat screw tin, open, its lid leaning against it."""
    return "".join(
        (
            group(
                "translate(276 236) rotate(18)",
                ellipse(0, 0, 74, 82, STEEL_SHADE, look.line, 5),
                ellipse(-10, 0, 70, 79, look.base, look.line, 5),
                ellipse(-10, 0, 54, 62, "none", look.light, 4),
                path("M-36 22 L-16 -18 L-4 2 L8 -22 L24 22 Z", look.light, look.line, 3),
            ),
            path("M54 272 L246 272 L246 306 C246 328 196 336 150 336 C104 336 54 328 54 306 Z", STEEL, look.line, 5),
            path("M206 278 L245 274 L245 306 C244 322 224 330 200 333 C208 314 210 296 206 278 Z", STEEL_SHADE),
            path(" ".join(f"M{x} 298 l0 20" for x in range(72, 200, 14)), stroke=STEEL_SHADE),
            ellipse(150, 272, 96, 34, STEEL, look.line, 5),
            ellipse(150, 274, 82, 26, look.base, look.line, 3),
            path("M96 276 C112 262 140 284 164 270 C182 260 200 268 208 276", stroke=look.light, width=7),
        )
    )


def _pot(look: Look) -> str:
    """A hand-thrown pot with a knobbed lid and a flower."""
    petal = ellipse(0, -17, 12, 16, "#ee8fb0", "#9c4a68", 3)
    petals = (group(f"translate(306 302) rotate({turn})", petal) for turn in range(0, 360, 72))
    return "".join(
        (
            path("M84 208 C72 262 96 318 140 332 L224 332 C268 318 292 262 280 208 Z", look.base, look.line, 5),
            path("M238 210 L280 208 C292 262 268 318 224 330 L204 330 C240 300 252 254 238 210 Z", look.shade),
            path("M110 236 C108 264 118 290 134 306", stroke=look.light, width=10),
            path("M86 246 C130 262 150 240 182 252 C220 264 248 244 280 252", stroke=look.deep, width=3),
            rect(74, 188, 216, 24, look.light, look.line, 5, 11),
            path("M92 190 C98 148 142 130 182 130 C222 130 266 148 272 190 Z", look.base, look.line, 5),
            path("M230 140 C256 150 268 168 271 188 L236 188 C242 172 240 154 230 140 Z", look.shade),
            path("M118 174 C124 158 140 148 158 146", stroke=look.light, width=7),
            path("M164 130 C158 102 206 102 200 130 Z", look.light, look.line, 5),
            leaf(282, 330, 50, LEAF, LEAF_LINE, -60),
            leaf(326, 330, 50, LEAF, LEAF_LINE, 60),
            *petals,
            circle(306, 302, 9, "#f2c12e", "#9c4a68", 3),
        )
    )


def _crimped(look: Look, foot: str) -> str:
    """A tube that stands on its cap; `foot` is what it shows below the seam."""
    return "".join(
        (
            path("M132 62 L268 62 L250 280 L150 280 Z", look.base, look.line, 5),
            path("M234 64 L266 64 L249 278 L222 278 Z", look.shade),
            rect(126, 50, 148, 22, look.light, look.line, 4, 4),
            path(" ".join(f"M{x} 54 l0 14" for x in range(138, 270, 12)), stroke=look.line, width=2),
            path("M150 88 L162 258", stroke=look.light, width=7),
            foot,
        )
    )


def _tube(look: Look) -> str:
    """For children: a snowman on it, a wide cap to stand on."""
    snowman = "".join(
        (
            circle(202, 202, 34, PAPER, look.line, 3.5),
            circle(202, 148, 25, PAPER, look.line, 3.5),
            path("M176 130 L228 130 M186 130 L186 108 L218 108 L218 130 Z", INK, INK, 5),
            path("M202 150 l18 5 l-18 3 Z", "#ec7d23", look.line, 2),
            *(circle(x, y, 3, INK) for x, y in ((194, 143), (210, 143), (202, 192), (202, 206), (202, 220))),
            path("M180 168 Q202 182 224 168", stroke="#d1383d", width=8),
        )
    )
    cap = rect(142, 278, 116, 54, look.light, look.line, 5, 10) + path(
        " ".join(f"M{x} 290 l0 32" for x in range(158, 252, 14)), stroke=look.shade, width=3
    )
    return _crimped(look, snowman + cap)


def _tinted(look: Look) -> str:
    """A slim tube with a stroke of its shade before it."""
    return "".join(
        (
            path("M144 56 L246 56 L236 280 L154 280 Z", PAPER, look.line, 5),
            path("M220 58 L244 58 L235 278 L212 278 Z", "#e2e2de"),
            path("M149 168 L241 168 L236 280 L154 280 Z", look.base, look.line, 3),
            rect(138, 46, 114, 20, look.light, look.line, 4, 4),
            path("M162 78 L166 150", stroke=look.light, width=6),
            circle(195, 118, 20, "#ffd98a", "#c98a2a", 3),
            path(
                "M195 90 l0 -6 M195 146 l0 6 M167 118 l-6 0 M223 118 l6 0 M175 98 l-4 -4 M215 138 l4 4 M215 98 l4 -4 "
                "M175 138 l-4 4",
                stroke="#c98a2a",
                width=4,
            ),
            rect(150, 278, 90, 52, look.deep, look.line, 5, 9),
            path(
                "M256 320 C276 288 300 330 326 306 C340 296 352 306 352 316 C340 338 270 342 256 320 Z",
                look.base,
                look.line,
                3.5,
            ),
            path("M270 318 C286 304 300 324 322 312", stroke=look.light, width=5),
        )
    )


def _airless(look: Look) -> str:
    """A plain cylinder under a clear cap, pressed from above."""
    return "".join(
        (
            rect(152, 54, 96, 110, "#e8f0f3", look.line, 4, 12),
            path("M176 128 L176 104 Q176 92 188 92 L236 92 L236 112 L222 112 L222 128 Z", PAPER, look.line, 4),
            line(166, 70, 166, 146, PAPER, 6),
            rect(144, 126, 112, 42, look.light, look.line, 5, 6),
            rect(144, 164, 112, 170, look.base, look.line, 5, 12),
            path("M226 166 L254 166 L254 320 Q254 332 242 332 L222 332 Z", look.shade),
            path("M160 182 L160 314", stroke=look.light, width=7),
            path("M180 232 L224 232 M180 250 L224 250 M190 268 L214 268", stroke=PAPER, width=5),
            path("M202 196 l0 20 M192 206 l20 0", stroke=PAPER, width=6),
            rect(140, 322, 120, 12, STEEL, look.line, 4, 5),
            path("M284 334 C276 314 290 304 304 310 C322 300 340 318 334 334 Z", CREAM, look.line, 3.5),
        )
    )


def _upended(look: Look) -> str:
    """A flat bottle that stands on its cap, a wave and a razor beside it."""
    return "".join(
        (
            path("M150 64 L238 64 Q262 64 262 92 L252 270 L136 270 L126 92 Q126 64 150 64 Z", look.base, look.line, 5),
            path("M228 66 L238 66 Q260 66 260 92 L250 268 L222 268 C236 200 238 130 228 66 Z", look.shade),
            path("M146 92 L154 244", stroke=look.light, width=8),
            path("M158 180 q10 -14 20 0 t20 0 t20 0 t14 -4 M162 204 q10 -14 20 0 t20 0 t20 0", stroke=PAPER, width=6),
            circle(196, 132, 20, PAPER, look.line, 3.5),
            path("M196 118 L196 144 M184 136 Q196 152 208 136 M190 124 L202 124", stroke=look.deep, width=4),
            rect(130, 268, 128, 66, look.deep, look.line, 5, 10),
            line(150, 284, 150, 318, look.base, 5),
            pipe("M314 330 L314 216", STEEL, INK, 17, 3.5),
            rect(284, 180, 60, 30, STEEL, INK, 4, 6),
            path("M290 190 L338 190", stroke=INK, width=3),
            path("M309 240 l10 0 M309 258 l10 0 M309 276 l10 0", stroke=INK, width=3),
        )
    )


def _mask(look: Look) -> str:
    """A low dark jar, open, with a spatula across it and the moon on its label."""
    return "".join(
        (
            path("M66 236 L286 236 L282 306 Q280 332 252 332 L100 332 Q72 332 70 306 Z", look.base, look.line, 5),
            path("M240 240 L284 238 L281 306 Q279 330 252 330 L232 330 C244 300 246 268 240 240 Z", look.shade),
            path("M88 262 L92 304", stroke=look.light, width=8),
            circle(170, 290, 27, look.deep, "#d3a94e", 3),
            path("M176 272 a18 18 0 1 0 10 26 a15 15 0 1 1 -10 -26 Z", "#d3a94e"),
            ellipse(176, 236, 110, 34, look.light, look.line, 5),
            ellipse(176, 237, 92, 25, "#8f8794", look.line, 3),
            path("M110 238 C130 222 160 250 184 234 C204 222 224 232 240 240", stroke="#bdb6c0", width=6),
            path(
                "M150 240 C140 228 152 214 170 216 L330 120 C344 112 352 126 340 134 L186 234 C176 250 160 250 150 240 "
                "Z",
                STEEL,
                INK,
                4,
            ),
            path("M190 216 L318 138", stroke=PAPER, width=4),
            group(
                "translate(328 306)",
                rect(-44, -2, 72, 30, look.base, look.line, 5, 8),
                line(-32, 8, 4, 8, look.light, 4),
            ),
            path("M96 116 l0 -18 M87 107 l18 0 M132 150 l0 -12 M126 144 l12 0", stroke="#d3a94e", width=4),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "open jar": _open_jar,
    "closed jar": _closed_jar,
    "pump gel": _pump_gel,
    "tin": _tin,
    "pot": _pot,
    "tube": _tube,
    "airless": _airless,
    "upended": _upended,
    "mask": _mask,
    "tinted": _tinted,
}
