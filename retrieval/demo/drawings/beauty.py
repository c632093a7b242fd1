"""Moisturisers, sunscreens and perfumes.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from math import cos, pi, sin

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
    LEAF,
    PAPER,
    STEEL,
    Look,
    circle,
    ellipse,
    group,
    leaf,
    line,
    path,
    rect,
)


def moisturiser(look: Look) -> str:
    """An open jar with a swirl of cream and its lid beside it, or a tall closed jar with a sprig."""
    return _closed_jar(look) if look.design % 2 == 1 else _open_jar(look)


def _open_jar(look: Look) -> str:
    return "".join(
        (
            path("M84 214 L272 214 L266 308 Q264 332 238 332 L118 332 Q92 332 90 308 Z", look.base, look.line, 5),
            path("M226 218 L270 218 L265 308 Q262 330 238 330 L220 330 C230 290 232 250 226 218 Z", look.shade),
            rect(104, 252, 116, 44, CREAM, look.line, 3, 6),
            leaf(162, 292, 30, LEAF, look.line),
            ellipse(178, 214, 96, 27, look.light, look.line, 5),
            ellipse(178, 212, 80, 19, CREAM, look.line, 3),
            path(
                "M118 210 C120 178 150 182 162 166 C168 156 172 150 186 140 C184 156 196 160 210 172 "
                "C226 184 240 190 238 210 C220 226 136 226 118 210 Z",
                PAPER,
                look.line,
                4,
            ),
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
    return "".join(
        (
            leaf(286, 330, 120, LEAF, "#2f5b39", 28),
            leaf(300, 332, 92, "#7dbb83", "#2f5b39", 64),
            path(
                "M92 196 Q92 182 106 182 L268 182 Q282 182 282 196 L282 304 Q282 332 254 332 L120 332 Q92 332 92 304 Z",
                "#e9eef0",
                look.line,
                5,
            ),
            path("M108 206 L266 206 L266 300 Q266 316 250 316 L124 316 Q108 316 108 300 Z", CREAM, "#cfc8b8", 3),
            rect(136, 232, 102, 52, look.light, look.line, 3, 26),
            circle(187, 258, 13, look.base, look.line, 3),
            line(116, 214, 116, 296, PAPER, 6),
            rect(80, 116, 214, 68, look.base, look.line, 5, 12),
            rect(80, 164, 214, 20, look.shade, look.line, 4, 6),
            *(line(x, 128, x, 158, look.shade, 3) for x in range(104, 284, 18)),
            line(98, 126, 180, 126, look.light, 5),
        )
    )


def sunscreen(look: Look) -> str:
    """A pump bottle or a tube, each with a sun on it."""
    return _tube(look) if look.design % 2 == 1 else _pump(look)


def _sun(x: float, y: float, r: float) -> str:
    rays = (
        line(
            x + cos(turn) * r * 1.35,
            y + sin(turn) * r * 1.35,
            x + cos(turn) * r * 1.8,
            y + sin(turn) * r * 1.8,
            "#e8881f",
            5,
        )
        for turn in (i * pi / 4 for i in range(8))
    )
    return circle(x, y, r, "#ffb830", "#c96f14", 3) + "".join(rays)


def _pump(look: Look) -> str:
    return "".join(
        (
            path("M190 74 L190 52 L142 52 Q130 52 128 66", stroke=look.line, width=19),
            path("M190 74 L190 52 L142 52 Q130 52 128 66", stroke=PAPER, width=10),
            rect(172, 70, 38, 26, PAPER, look.line, 4, 5),
            rect(156, 94, 70, 28, STEEL, look.line, 4, 6),
            path(
                "M130 168 C130 136 152 122 176 122 L206 122 C230 122 252 136 252 168 L252 308 Q252 334 "
                "226 334 L156 334 Q130 334 130 308 Z",
                look.base,
                look.line,
                5,
            ),
            path("M222 126 Q250 136 250 168 L250 308 Q250 332 226 332 L214 332 C226 280 232 190 222 126 Z", look.shade),
            path("M146 174 L146 304", stroke=look.light, width=8),
            circle(191, 220, 46, CREAM, look.line, 3),
            _sun(191, 220, 21),
            path("M158 296 q11 -10 22 0 t22 0 t22 0", stroke="#3a86c8", width=6),
            path("M274 334 C262 300 282 286 302 290 C330 284 344 312 334 334 Z", "#f3dfb6", "#c6a568", 4),
            path("M302 290 L302 332 M302 290 L284 330 M302 290 L322 330", stroke="#c6a568", width=3),
        )
    )


def _tube(look: Look) -> str:
    return "".join(
        (
            path("M128 62 L272 62 L252 288 L148 288 Z", look.base, look.line, 5),
            path("M232 64 L270 64 L251 286 L222 286 Z", look.shade),
            rect(124, 50, 152, 20, look.light, look.line, 4, 4),
            *(line(x, 54, x, 66, look.line, 2) for x in range(136, 272, 12)),
            path("M146 84 L160 268", stroke="#e6e8ea", width=7),
            _sun(200, 146, 24),
            path("M164 220 q9 -8 18 0 t18 0 t18 0 t18 0", stroke="#e8881f", width=5),
            path("M168 240 q8 -7 16 0 t16 0 t16 0 t16 0", stroke="#e8b04e", width=4),
            rect(146, 286, 108, 48, "#f0a63c", look.line, 5, 8),
            *(line(x, 296, x, 326, "#c97f1c", 3) for x in range(160, 246, 14)),
        )
    )


def perfume(look: Look) -> str:
    """A tall cologne bottle with a round stopper, or a faceted one with a collar."""
    return _faceted(look) if look.design % 2 == 1 else _cologne(look)


def _cologne(look: Look) -> str:
    return "".join(
        (
            circle(200, 72, 27, look.shade, look.line, 5),
            path("M186 62 C190 54 198 52 204 52", stroke=look.light, width=5),
            rect(180, 96, 40, 28, GOLD, look.line, 4, 4),
            path(
                "M180 124 L220 124 C226 148 268 152 268 190 L268 310 Q268 334 244 334 L156 334 Q132 334 "
                "132 310 L132 190 C132 152 174 148 180 124 Z",
                "#eef3f2",
                look.line,
                5,
            ),
            path("M142 206 Q200 194 258 206 L258 308 Q258 324 242 324 L158 324 Q142 324 142 308 Z", look.base),
            path("M226 202 Q242 203 258 206 L258 308 Q258 324 242 324 L222 324 C232 290 234 240 226 202 Z", look.shade),
            path("M150 190 L150 304", stroke=PAPER, width=7),
            rect(162, 228, 76, 66, CREAM, look.line, 3, 4),
            circle(200, 261, 21, "#f8d95a", look.line, 3),
            circle(200, 261, 15, "#fdf2b8"),
            *(
                line(200 - cos(a) * 14, 261 - sin(a) * 14, 200 + cos(a) * 14, 261 + sin(a) * 14, "#e4bd2f", 2.5)
                for a in (0, pi / 3, 2 * pi / 3)
            ),
        )
    )


def _faceted(look: Look) -> str:
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
            path(
                "M126 142 L148 186 L252 186 L274 142 M148 186 L148 294 L252 294 L252 186 M148 294 L120 "
                "334 M252 294 L280 334",
                stroke=look.line,
                width=3,
            ),
            path("M210 212 A32 32 0 1 0 222 262 A26 26 0 1 1 210 212 Z", GOLD, look.line, 2.5),
            line(106, 210, 106, 288, PAPER, 5),
        )
    )
