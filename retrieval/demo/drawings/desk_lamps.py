"""Desk lamps, lit.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    PAPER,
    STEEL,
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

GLOW = "#fff3c4"
BULB = "#fff9dd"
SHADE_GREEN = "#2f7a54"


def _dome(look: Look) -> str:
    neck = "M154 318 C132 236 136 160 200 116"
    return "".join(
        (
            path("M216 176 L330 142 L364 334 L196 334 Z", GLOW),
            pipe(neck, look.shade, look.line, 19),
            path("M96 330 C96 306 126 300 154 300 C182 300 212 306 212 330 Z", look.base, look.line, 5),
            path("M116 320 C122 310 140 308 150 308", stroke=look.light, width=5),
            circle(166, 314, 5, look.deep, look.line, 2),
            group(
                "translate(236 126) rotate(-16)",
                ellipse(22, 36, 28, 20, BULB, look.line, 3),
                path("M-46 32 C-46 -22 -14 -50 22 -50 C58 -50 90 -22 90 32 Z", look.base, look.line, 5),
                path("M-28 18 C-26 -12 -8 -32 10 -36", stroke=look.light, width=7),
                rect(8, -66, 28, 18, look.shade, look.line, 4, 5),
            ),
        )
    )


def _bar(look: Look) -> str:
    return "".join(
        (
            path("M160 108 L316 108 L356 334 L150 334 Z", GLOW),
            pipe("M112 318 L88 204 L160 94", look.base, look.line, 18),
            line(92, 196, 148, 110, look.light, 3),
            circle(88, 204, 13, look.shade, look.line, 4),
            rect(136, 78, 192, 22, look.base, look.line, 5, 11),
            rect(160, 97, 156, 11, "#fffbe6", look.line, 3, 5),
            line(170, 85, 300, 85, look.light, 4),
            circle(160, 90, 11, look.shade, look.line, 4),
            rect(62, 316, 112, 18, look.base, look.line, 5, 9),
            line(78, 322, 140, 322, look.light, 3),
        )
    )


def _mushroom(look: Look) -> str:
    return "".join(
        (
            path("M120 168 L280 168 L322 336 L78 336 Z", GLOW),
            path("M184 168 L216 168 L222 306 L178 306 Z", look.base, look.line, 5),
            path("M204 170 L215 170 L221 304 L206 304 Z", look.shade),
            path("M140 332 C142 306 166 300 200 300 C234 300 258 306 260 332 Z", look.base, look.line, 5),
            path("M88 170 C88 108 138 78 200 78 C262 78 312 108 312 170 Q200 186 88 170 Z", look.base, look.line, 5),
            path("M262 94 C294 110 311 136 311 168 Q280 174 254 176 C272 148 274 118 262 94 Z", look.shade),
            ellipse(200, 172, 108, 12, "#fffbe6", look.line, 4),
            path("M112 148 C116 122 138 104 166 98", stroke=look.light, width=8),
            ellipse(200, 80, 14, 5, look.deep, look.line, 3),
            circle(200, 322, 4, "#7fd39a"),
        )
    )


def _fabric_shade(look: Look) -> str:
    """A ceramic base under a cotton shade."""
    base = (
        "M168 202 C128 216 112 252 124 288 C130 312 152 330 176 332 L224 332 C248 330 270 312 276 288 C288 252 272 "
        "216 232 202 Z"
    )
    return "".join(
        (
            path("M96 184 L304 184 L344 336 L56 336 Z", GLOW),
            path(base, look.base, look.line, 5),
            path(
                "M124 290 C160 304 244 276 276 286 C270 312 248 330 224 332 L176 332 C152 330 130 312 124 290 Z",
                "#d9b48c",
                look.line,
                3,
            ),
            path("M244 212 C272 230 282 262 272 284 L248 282 C258 258 256 232 244 212 Z", look.shade),
            path("M146 232 C136 246 134 262 138 276", stroke=look.light, width=8),
            rect(184, 182, 32, 24, GOLD, look.line, 4, 3),
            path("M138 70 L262 70 L310 184 L90 184 Z", "#fbeccb", "#8a7650", 5),
            path(
                " ".join(f"M{200 + dx} 74 L{200 + dx * 1.75:g} 180" for dx in (-46, -28, -9, 9, 28, 46)),
                stroke="#e9d3a4",
                width=3,
            ),
            path("M138 70 L262 70 M90 184 L310 184", stroke="#8a7650", width=7),
            path("M276 322 C316 336 340 322 356 334", stroke=INK, width=4),
            rect(310, 322, 20, 12, PAPER, INK, 3, 4),
        )
    )


def _swing_arm(look: Look) -> str:
    """Three lengths of ash and two knurled nuts; the shade has the product's colour."""
    return "".join(
        (
            path("M236 150 L338 190 L348 336 L170 336 Z", GLOW),
            pipe("M132 318 L104 210", WOOD, WOOD_SHADE, 17, 3),
            pipe("M104 210 L190 96", WOOD, WOOD_SHADE, 17, 3),
            pipe("M190 96 L266 122", WOOD, WOOD_SHADE, 15, 3),
            *(circle(x, y, 13, STEEL, INK, 4) + line(x - 6, y, x + 6, y, INK, 3) for x, y in ((104, 210), (190, 96))),
            path("M84 332 Q84 312 104 312 L164 312 Q184 312 184 332 Z", look.base, look.line, 5),
            path("M102 322 L150 322", stroke=look.light, width=4),
            group(
                "translate(274 138) rotate(22)",
                ellipse(0, 46, 32, 18, BULB, look.line, 3),
                path("M-16 -30 L16 -30 L56 42 Q0 60 -56 42 Z", look.base, look.line, 5),
                path("M10 -26 L52 40 Q34 46 20 48 Z", look.shade),
                path("M-18 -12 L-40 32", stroke=look.light, width=6),
                rect(-12, -46, 24, 18, look.deep, look.line, 4, 5),
            ),
        )
    )


def _jar(look: Look) -> str:
    """A mouth-blown jar of coloured glass with the bulb in it."""
    jar = (
        "M150 112 L250 112 C252 140 306 168 306 234 C306 296 264 332 200 332 C136 332 94 296 94 234 C94 168 148 140 "
        "150 112 Z"
    )
    return "".join(
        (
            circle(200, 226, 134, GLOW),
            path(jar, look.light, look.line, 5),
            path("M112 246 C120 300 156 322 200 322 C244 322 280 300 288 246 C240 266 160 266 112 246 Z", look.base),
            path("M200 104 L200 180", stroke=look.line, width=8),
            rect(184, 172, 32, 22, GOLD, look.line, 4, 3),
            path("M186 194 C158 220 166 264 200 264 C234 264 242 220 214 194 Z", "#ffe9a8", look.line, 4),
            path("M190 202 L194 240 L200 226 L206 240 L210 202", stroke="#e8881f", width=3.5),
            path("M114 216 C120 190 138 174 152 160", stroke=PAPER, width=8),
            rect(144, 94, 112, 24, look.deep, look.line, 5, 8),
            path("M226 96 C252 60 300 80 320 52", stroke=INK, width=5),
        )
    )


def _clip(look: Look) -> str:
    """Clipped on an open book, on a bendy neck."""
    neck = "M132 232 C120 160 150 96 230 96"
    ridges = " ".join(f"M{x} {y} l10 3" for x, y in ((122, 206), (122, 184), (127, 162), (136, 142)))
    return "".join(
        (
            path("M242 134 L322 118 L352 300 L212 300 Z", GLOW),
            path(
                "M200 282 C160 256 100 258 60 274 L60 334 C100 318 160 318 200 340 C240 318 300 318 340 334 L340 274 "
                "C300 258 240 256 200 282 Z",
                PAPER,
                INK,
                5,
            ),
            path(
                "M200 282 L200 338 M82 288 C116 278 150 280 180 292 M82 304 C116 294 150 296 180 308 M220 292 C250 280 "
                "284 278 318 288 M220 308 C250 296 284 294 318 304",
                stroke="#9aa1ad",
                width=4,
            ),
            pipe(neck, look.shade, look.line, 17),
            path(ridges, stroke=look.line, width=3),
            path("M104 226 L164 226 L170 268 L146 268 L134 250 L122 268 L98 268 Z", look.base, look.line, 5),
            circle(134, 242, 6, STEEL, look.line, 2.5),
            group(
                "translate(258 104) rotate(-12)",
                rect(-34, 12, 84, 12, "#fffbe6", look.line, 3, 5),
                rect(-44, -22, 104, 38, look.base, look.line, 5, 18),
                line(-24, -8, 30, -8, look.light, 6),
            ),
        )
    )


def _bankers(look: Look) -> str:
    return "".join(
        (
            path("M86 176 L314 176 L350 336 L50 336 Z", GLOW),
            both(path("M194 306 L194 152 L200 150 L200 306 Z", look.base, look.line, 5)),
            rect(188, 140, 24, 166, look.base, look.line, 4, 6),
            *(ellipse(200, y, 20, 9, look.light, look.line, 4) for y in (212, 280)),
            path("M108 332 C112 304 150 300 200 300 C250 300 288 304 292 332 Z", look.base, look.line, 5),
            path("M132 320 C142 312 164 310 184 310", stroke=look.light, width=5),
            path("M70 178 C66 112 108 92 200 92 C292 92 334 112 330 178 Q200 194 70 178 Z", SHADE_GREEN, "#1b4531", 5),
            path("M294 108 C324 124 332 148 329 176 Q300 182 276 184 C296 160 302 132 294 108 Z", "#235c40"),
            path("M92 154 C98 126 124 114 168 110", stroke="#7dbb9a", width=8),
            ellipse(200, 181, 128, 7, "#fffbe6"),
            rect(184, 72, 32, 22, look.base, look.line, 4, 6),
            line(286, 182, 286, 236, look.line, 3),
            circle(286, 242, 7, look.base, look.line, 3),
        )
    )


def _homework(look: Look) -> str:
    """A child's lamp: a friendly round head with ears on a bendy neck."""
    neck = "M232 318 C276 268 268 216 214 190"
    head = "".join(
        (
            both(circle(142, 78, 24, look.base, look.line, 5), circle(142, 78, 10, look.light)),
            circle(200, 132, 72, look.base, look.line, 5),
            path("M252 84 C284 120 276 176 240 192 C252 160 262 120 252 84 Z", look.shade),
            circle(200, 138, 50, "#fffbe6", look.line, 4),
            both(circle(182, 130, 6, INK)),
            path("M186 150 Q200 164 214 150", stroke=INK, width=4),
            path("M146 104 C152 90 164 80 178 76", stroke=look.light, width=7),
        )
    )
    return "".join(
        (
            path("M110 178 L196 206 L188 336 L40 336 Z", GLOW),
            pipe(neck, look.shade, look.line, 20),
            group("translate(-32 0)", head),
            path("M146 334 Q146 304 182 304 L288 304 Q324 304 324 334 Z", look.base, look.line, 5),
            circle(234, 320, 9, "#ffd262", look.line, 3),
            path("M166 320 L206 320", stroke=look.light, width=5),
            rect(282, 270, 9, 40, "#e98a6b", INK, 3),
            path("M282 270 l4.5 -14 l4.5 14 Z", "#f0d8b8", INK, 3),
        )
    )


def _lantern(look: Look) -> str:
    """Cordless: a metal cap and foot around a ribbed glass chimney."""
    ribs = " ".join(f"M{x} 160 L{x} 284" for x in range(152, 256, 16))
    return "".join(
        (
            circle(200, 220, 132, GLOW),
            pipe("M132 122 C132 36 268 36 268 122", STEEL, look.line, 12, 3),
            rect(136, 148, 128, 146, "#fffbe6", look.line, 5, 16),
            path("M200 186 C178 222 180 252 200 256 C220 252 222 222 200 186 Z", "#f8b84e"),
            path("M200 216 C190 234 192 248 200 250 C208 248 210 234 200 216 Z", "#fff3c4"),
            path(ribs, stroke="#dccf9f", width=3),
            path("M112 150 C116 110 150 94 200 94 C250 94 284 110 288 150 Z", look.base, look.line, 5),
            path("M262 108 C280 118 286 132 287 148 L262 148 C266 134 266 120 262 108 Z", look.shade),
            path("M132 134 C138 118 152 110 172 106", stroke=look.light, width=7),
            rect(186, 78, 28, 18, look.deep, look.line, 4, 6),
            path("M120 290 L280 290 L294 320 Q296 334 282 334 L118 334 Q104 334 106 320 Z", look.base, look.line, 5),
            circle(200, 312, 7, look.deep, look.line, 3),
            path("M128 304 L172 304", stroke=look.light, width=5),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "dome": _dome,
    "bar": _bar,
    "mushroom": _mushroom,
    "fabric shade": _fabric_shade,
    "swing arm": _swing_arm,
    "jar": _jar,
    "clip": _clip,
    "banker's": _bankers,
    "homework": _homework,
    "lantern": _lantern,
}
