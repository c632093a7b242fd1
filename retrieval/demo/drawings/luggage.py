"""Suitcases, trolleys and bags.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    both,
    circle,
    dashed,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
)


def _handle(look: Look, top: int, half: int = 32, foot: int = 120) -> str:
    """Two rods with a grip across, from `foot` up to `top`."""
    return "".join(
        (
            both(pipe(f"M{200 - half} {top} L{200 - half} {foot}", STEEL, look.line, 11, 3)),
            rect(200 - half - 12, top - 12, 2 * half + 24, 20, RUBBER, look.line, 4, 9),
        )
    )


def _wheel(x: float) -> str:
    return circle(x, 322, 15, RUBBER, INK, 4) + circle(x, 322, 5, STEEL)


def _zip(look: Look, d: str) -> str:
    return path(d, stroke=look.line, width=6) + path(d, stroke=look.light, width=2.5)


def _soft(look: Look) -> str:
    return "".join(
        (
            _handle(look, 56),
            both(_wheel(128)),
            rect(104, 116, 192, 206, look.base, look.line, 5, 22),
            path("M262 119 Q293 122 293 144 L293 296 Q292 317 262 319 C272 250 272 180 262 119 Z", look.shade),
            rect(126, 196, 148, 108, look.base, look.line, 5, 14),
            _zip(look, "M138 216 L262 216"),
            rect(246, 212, 9, 24, STEEL, look.line, 2.5, 4),
            rect(134, 138, 132, 40, look.shade, look.line, 4, 10),
            line(146, 148, 254, 148, look.light, 3),
            path("M178 116 C178 98 222 98 222 116", stroke=look.line, width=10),
            path("M118 146 L118 288", stroke=look.light, width=6),
            rect(184, 252, 32, 20, look.deep, look.line, 3, 4),
        )
    )


def _aluminium(look: Look) -> str:
    ribs = range(130, 280, 24)
    corners = "".join(
        path(
            f"M{x} {y + 34 * sy} L{x} {y} L{x + 34 * sx} {y} Q{x + 30 * sx} {y + 30 * sy} {x} {y + 34 * sy} Z",
            look.deep,
            look.line,
            3,
        )
        for x, y, sx, sy in ((104, 98, 1, 1), (296, 98, -1, 1), (104, 318, 1, -1), (296, 318, -1, -1))
    )
    return "".join(
        (
            _handle(look, 44),
            *(rect(x, 316, 24, 20, RUBBER, look.line, 4, 7) for x in (112, 146, 230, 264)),
            rect(102, 96, 196, 224, look.base, look.line, 5, 20),
            path(" ".join(f"M{x} 112 L{x} 306" for x in ribs), stroke=look.shade, width=7),
            path(" ".join(f"M{x + 6} 112 L{x + 6} 306" for x in ribs), stroke=look.light, width=3),
            corners,
            rect(102, 96, 196, 224, "none", look.line, 5, 20),
            *(rect(286, y, 22, 30, STEEL_SHADE, look.line, 4, 4) for y in (150, 236)),
            path("M174 96 C174 78 226 78 226 96", stroke=look.line, width=10),
            circle(200, 208, 22, PAPER, look.line, 4),
            path("M188 214 L200 192 L212 214 M200 194 L200 224", stroke=look.deep, width=4),
        )
    )


def _pebble(look: Look) -> str:
    """A rounded shell with one zip around its middle."""
    return "".join(
        (
            _handle(look, 50, 30),
            *(rect(x, 316, 22, 20, RUBBER, look.line, 4, 9) for x in (128, 158, 220, 250)),
            rect(104, 104, 192, 218, look.base, look.line, 5, 74),
            path(
                "M250 112 C280 122 294 146 294 178 L294 248 C294 282 280 304 250 314 C272 250 272 170 250 112 Z",
                look.shade,
            ),
            path("M128 190 L128 240", stroke=look.light, width=11),
            path("M136 152 C142 140 150 132 162 128", stroke=look.light, width=9),
            path("M106 238 C150 254 250 254 294 238", stroke=look.line, width=4),
            path("M106 186 C150 170 250 170 294 186", stroke=look.line, width=4),
            path("M176 104 C176 86 224 86 224 104", stroke=look.line, width=10),
            rect(178, 196, 44, 32, look.light, look.line, 4, 12),
            path("M190 216 q10 -16 20 0", stroke=look.deep, width=4),
        )
    )


def _notary(look: Look) -> str:
    """A leather bag that opens at a brass frame, on two small wheels."""
    return "".join(
        (
            _handle(look, 44, 26, 130),
            both(circle(108, 324, 12, RUBBER, INK, 4)),
            path(
                "M72 176 L104 126 L296 126 L328 176 L334 300 Q334 322 312 322 L88 322 Q66 322 66 300 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M282 128 L296 126 L327 176 L333 300 Q332 320 312 320 L286 320 C300 260 300 190 282 128 Z", look.shade
            ),
            path("M72 176 L328 176", stroke=look.line),
            path("M98 132 L302 132", stroke=look.line, width=15),
            path("M98 132 L302 132", stroke=GOLD, width=7),
            path("M150 126 C150 84 250 84 250 126", "none", look.line, 17),
            path("M150 126 C150 84 250 84 250 126", "none", look.deep, 8),
            both(
                path("M128 134 L128 234", stroke=look.line, width=21),
                path("M128 136 L128 232", stroke=look.deep, width=14),
                rect(114, 190, 28, 24, "none", GOLD, 5, 4),
            ),
            rect(178, 124, 44, 44, GOLD, look.line, 4, 6),
            circle(200, 142, 5, INK),
            path("M200 144 L200 156", stroke=INK, width=4),
            dashed("M84 306 L316 306 M90 190 L310 190", look.light),
            path("M84 200 L82 284", stroke=look.light, width=7),
        )
    )


def _ride_on(look: Look) -> str:
    """A child's case to sit on: horns to hold, a face, four wheels, a strap."""
    return "".join(
        (
            pipe("M62 236 C20 226 26 300 54 322", "#d1383d", INK, 11, 3),
            both(_wheel(126)),
            pipe("M96 158 C80 128 92 104 112 98", look.light, look.line, 20, 4),
            pipe("M142 150 C132 120 144 98 162 94", look.light, look.line, 20, 4),
            path(
                "M62 236 C56 176 96 146 142 150 L288 168 C326 174 346 206 342 248 C340 290 318 312 284 312 L120 312 "
                "C84 312 66 286 62 236 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M296 170 C328 178 345 208 341 248 C339 288 316 310 284 310 L264 310 C300 280 312 224 296 170 Z",
                look.shade,
            ),
            path("M160 154 C190 186 248 190 282 168", "none", look.line, 5),
            path("M84 218 C86 196 98 182 114 178", stroke=look.light, width=9),
            circle(112, 226, 15, PAPER, look.line, 4),
            circle(108, 228, 6, INK),
            ellipse(80, 262, 9, 7, look.deep),
            path("M84 284 Q108 298 130 284", stroke=look.line, width=5),
            path("M150 248 L336 248", stroke=look.line, width=5),
            rect(226, 236, 40, 26, STEEL, look.line, 4, 6),
            *(circle(x, y, 12, look.light, look.line, 3) for x, y in ((180, 214), (212, 288), (296, 284), (288, 206))),
        )
    )


def _feather(look: Look) -> str:
    return path(
        "M168 270 C160 220 184 176 228 162 C234 204 214 246 168 270 Z M158 286 L214 190 M182 246 L206 236 M194 "
        "222 L216 206",
        PAPER,
        look.line,
        4,
    )


def _featherline(look: Look) -> str:
    """A large soft case with one great pocket for a coat, a feather on it."""
    return "".join(
        (
            _handle(look, 42, 36),
            both(_wheel(116)),
            path(
                "M96 112 Q96 92 116 92 L284 92 Q304 92 304 112 L310 300 Q310 322 288 322 L112 322 Q90 322 90 300 Z",
                look.base,
                look.line,
                5,
            ),
            path("M276 94 Q302 92 302 112 L308 300 Q308 320 288 320 L274 320 C286 250 288 170 276 94 Z", look.shade),
            path(
                "M112 136 Q112 122 126 122 L274 122 Q288 122 288 136 L292 290 Q292 304 278 304 L122 304 Q108 304 108 "
                "290 Z",
                look.light,
                look.line,
                5,
            ),
            path("M130 140 L270 140", stroke=look.line, width=6),
            path("M130 140 L270 140", stroke=PAPER, width=2.5),
            rect(254, 136, 9, 26, STEEL, look.line, 2.5, 4),
            _feather(look),
            path("M176 92 C176 72 224 72 224 92", stroke=look.line, width=11),
            path("M104 130 L102 280", stroke=look.light, width=5),
        )
    )


def _early_train(look: Look) -> str:
    """A shell whose front opens by itself: the laptop is half out."""
    return "".join(
        (
            _handle(look, 46, 28),
            *(rect(x, 316, 22, 20, RUBBER, look.line, 4, 8) for x in (126, 156, 222, 252)),
            rect(106, 102, 188, 218, look.base, look.line, 5, 28),
            path("M262 105 Q292 108 292 130 L292 292 Q292 316 262 318 C274 250 274 170 262 105 Z", look.shade),
            path("M128 122 L272 122 L272 214 L128 214 Z", INK, look.line, 4),
            rect(146, 104, 112, 96, STEEL, INK, 4, 8),
            rect(156, 114, 92, 70, "#24324f", INK, 3, 3),
            path("M158 168 L186 140 L206 158 L222 144 L246 170 L246 182 L158 182 Z", "#7fb3d5"),
            path("M116 204 L284 204 L288 296 Q288 312 272 312 L128 312 Q112 312 112 296 Z", look.light, look.line, 5),
            path("M136 226 L136 292 M160 226 L160 292 M240 226 L240 292 M264 226 L264 292", stroke=look.shade, width=5),
            _zip(look, "M122 204 L278 204"),
            circle(200, 258, 22, PAPER, look.line, 4),
            path(
                "M188 264 L188 250 L212 250 L212 264 Z M192 270 l-4 4 M208 270 l4 4 M190 256 L210 256",
                "none",
                look.deep,
                4,
            ),
            path("M178 102 C178 84 222 84 222 102", stroke=look.line, width=10),
        )
    )


def _weekend(look: Look) -> str:
    """A duffel with a shoulder strap, and the pouch it folds into."""
    return "".join(
        (
            path("M76 190 C60 84 340 84 324 190", "none", look.line, 13),
            path("M76 190 C60 84 340 84 324 190", "none", look.deep, 6),
            path(
                "M58 208 Q58 176 90 176 L310 176 Q342 176 342 208 L350 288 Q350 322 316 322 L84 322 Q50 322 50 288 Z",
                look.base,
                look.line,
                5,
            ),
            path("M300 178 Q340 176 340 208 L348 288 Q348 320 316 320 L290 320 C312 280 314 226 300 178 Z", look.shade),
            _zip(look, "M90 196 C150 184 250 184 310 196"),
            both(
                pipe("M136 320 L136 210 C136 138 176 140 188 144", look.deep, look.line, 17, 3.5),
                rect(126, 236, 20, 24, STEEL, look.line, 3, 4),
            ),
            rect(164, 226, 72, 66, look.light, look.line, 4, 8),
            path("M200 238 q-16 24 0 34 q16 -10 0 -34 Z", PAPER, look.line, 3),
            path("M70 216 C66 250 66 270 72 296", stroke=look.light, width=7),
            group(
                "translate(322 318)",
                rect(-40, -22, 78, 40, look.deep, look.line, 5, 9),
                path("M-28 -8 L26 -8", stroke=look.light, width=4),
            ),
        )
    )


def _long_haul(look: Look) -> str:
    """A tall thick shell of cross ribs with a strap and stickers."""
    ribs = range(108, 306, 22)
    return "".join(
        (
            _handle(look, 34, 36, 90),
            *(rect(x, 318, 18, 18, RUBBER, look.line, 4, 7) for x in (102, 124, 148, 234, 258, 280)),
            rect(88, 78, 224, 244, look.base, look.line, 5, 26),
            path(" ".join(f"M104 {y} L296 {y}" for y in ribs), stroke=look.shade, width=9),
            path(" ".join(f"M104 {y - 6} L296 {y - 6}" for y in ribs), stroke=look.light, width=3),
            path("M274 80 Q310 82 310 106 L310 296 Q310 318 274 320 Z", look.shade),
            rect(88, 78, 224, 244, "none", look.line, 5, 26),
            path("M90 206 L310 206", stroke=INK, width=25),
            path("M90 206 L310 206", stroke="#d1383d", width=16),
            path("M90 200 L310 200 M90 212 L310 212", stroke="#f2c12e", width=3),
            rect(178, 190, 44, 32, RUBBER, INK, 4, 6),
            path("M174 78 C174 58 226 58 226 78", stroke=look.line, width=11),
            circle(140, 134, 22, "#f2c12e", look.line, 4),
            path("M126 138 L154 130 M136 124 L144 144", stroke=look.line, width=4),
            group(
                "translate(238 268) rotate(-10)",
                rect(-30, -16, 60, 34, PAPER, look.line, 4, 4),
                path("M-18 -2 L18 -2 M-18 8 L8 8", stroke="#2f6fc4", width=4),
            ),
        )
    )


def _porter(look: Look) -> str:
    """A child's soft trolley with rucksack straps at its side and a star."""
    star = "M200 214 l11 23 l25 3 l-18 18 l4 25 l-22 -12 l-22 12 l4 -25 l-18 -18 l25 -3 Z"
    return "".join(
        (
            _handle(look, 86, 26, 150),
            both(_wheel(142)),
            both(pipe("M122 186 C84 200 84 286 120 304", look.deep, look.line, 17, 3.5)),
            path(
                "M116 196 Q116 142 170 142 L230 142 Q284 142 284 196 L284 300 Q284 322 262 322 L138 322 Q116 322 116 "
                "300 Z",
                look.base,
                look.line,
                5,
            ),
            path("M246 144 Q282 150 282 196 L282 300 Q282 320 262 320 L248 320 C262 260 264 200 246 144 Z", look.shade),
            _zip(look, "M138 206 C138 168 160 162 200 162 C240 162 262 168 262 206"),
            path(star, "#ffd262", look.line, 4),
            rect(158, 294, 84, 20, PAPER, look.line, 3.5, 4),
            path("M168 304 L214 304", stroke=look.deep, width=4),
            path("M130 212 L130 284", stroke=look.light, width=7),
            path("M182 142 C182 126 218 126 218 142", stroke=look.line, width=9),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "soft": _soft,
    "aluminium": _aluminium,
    "pebble": _pebble,
    "notary": _notary,
    "ride-on": _ride_on,
    "featherline": _featherline,
    "early train": _early_train,
    "weekend": _weekend,
    "long haul": _long_haul,
    "porter": _porter,
}
