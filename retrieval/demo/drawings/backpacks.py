"""Backpacks, from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    PAPER,
    RUBBER,
    STEEL,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    both,
    circle,
    dashed,
    ellipse,
    line,
    path,
    pipe,
    rect,
)

ROUND_TOP = (
    "M106 146 C106 96 150 76 200 76 C250 76 294 96 294 146 L300 304 Q300 332 272 332 L128 332 Q100 332 100 304 Z"
)
ROUND_SHADE = "M262 98 C286 112 294 130 294 150 L299 304 Q298 328 272 330 L262 330 C272 250 274 170 262 98 Z"


def _loop(look: Look) -> str:
    return pipe("M172 84 C168 44 232 44 228 84", look.shade, look.line, 15)


def _straps(look: Look) -> str:
    return both(path("M112 150 C76 170 74 250 88 300 L106 300 Z", look.shade, look.line, 5))


def _zip(look: Look, d: str) -> str:
    return path(d, stroke=look.line, width=6) + path(d, stroke=look.light, width=2.5)


def _daypack(look: Look) -> str:
    pocket = "M126 224 Q126 206 144 206 L256 206 Q274 206 274 224 L276 312 L124 312 Z"
    return "".join(
        (
            _loop(look),
            _straps(look),
            path(ROUND_TOP, look.base, look.line, 5),
            path(ROUND_SHADE, look.shade),
            _zip(look, "M124 168 C124 116 276 116 276 168"),
            path(pocket, look.base, look.line, 5),
            _zip(look, "M136 232 L264 232"),
            rect(244, 230, 9, 26, STEEL, look.line, 2.5, 4),
            rect(174, 160, 52, 24, look.deep, look.line, 3, 5),
            path("M120 172 C116 210 114 250 114 290", stroke=look.light, width=6),
            path(ROUND_TOP, "none", look.line, 5),
        )
    )


def _trekking(look: Look) -> str:
    return "".join(
        (
            ellipse(200, 330, 96, 17, "#6f7f8e", INK, 4),
            both(path("M98 170 C70 186 70 250 84 290 L112 290 L112 170 Z", look.shade, look.line, 5)),
            rect(110, 116, 180, 206, look.base, look.line, 5, 26),
            path("M252 120 Q288 126 288 150 L288 296 Q286 318 256 320 C266 250 266 180 252 120 Z", look.shade),
            path("M104 132 C104 78 150 66 200 66 C250 66 296 78 296 132 Q200 158 104 132 Z", look.deep, look.line, 5),
            path("M124 112 C134 92 160 84 186 82", stroke=look.light, width=6),
            both(pipe("M150 140 L150 300", PAPER, look.line, 11, 3), rect(138, 168, 24, 20, STEEL, look.line, 3, 4)),
            path("M164 218 L236 218 L240 300 L160 300 Z M164 238 L236 238", look.light, look.line, 4),
            rect(88, 304, 224, 36, "#8fa2b3", look.line, 5, 18),
            circle(106, 322, 10, "#6f7f8e", look.line, 3),
            both(line(150, 304, 150, 340, look.line, 8)),
        )
    )


def _roll_top(look: Look) -> str:
    """Welded and waterproof, its top rolled down and clipped at the sides."""
    return "".join(
        (
            both(path("M104 150 C78 170 76 250 90 306 L108 300 Z", RUBBER, look.line, 5)),
            path("M102 136 L298 136 L304 310 Q304 332 280 332 L120 332 Q96 332 96 310 Z", look.base, look.line, 5),
            path("M266 138 L297 138 L303 310 Q302 330 280 330 L262 330 C270 260 272 200 266 138 Z", look.shade),
            rect(96, 104, 208, 36, look.light, look.line, 5, 16),
            rect(100, 82, 200, 30, look.base, look.line, 5, 14),
            path("M116 96 L230 96 M112 122 L220 122", stroke=look.shade, width=4),
            both(pipe("M110 98 L110 190", RUBBER, look.line, 13, 3), rect(98, 142, 24, 24, STEEL, look.line, 3, 4)),
            path("M130 214 L270 214 L270 304 Q270 314 260 314 L140 314 Q130 314 130 304 Z", look.base, look.line, 4),
            path("M146 230 L254 198", stroke=INK, width=8),
            path("M146 230 L254 198", stroke=PAPER, width=3),
            path("M150 286 L250 286", stroke=PAPER, width=9),
            path("M200 152 q-14 22 0 30 q14 -8 0 -30 Z", look.light, look.line, 3),
        )
    )


def _packed(look: Look) -> str:
    """The pack folded into its pouch."""
    return "".join(
        (
            path(
                "M274 262 C268 244 290 240 316 240 C342 240 364 244 358 262 C372 286 372 316 352 330 L282 330 C260 316 "
                "260 286 274 262 Z",
                look.deep,
                look.line,
                5,
            ),
            path("M272 260 L360 260", stroke=look.line, width=5),
            path("M300 242 C290 220 304 212 316 230 C328 212 342 220 332 242", stroke=look.light, width=4),
            path("M284 282 C280 296 282 308 288 316", stroke=look.light, width=5),
        )
    )


def _foldable(look: Look) -> str:
    """A thin soft pack with the little pouch that it goes into."""
    body = (
        "M108 152 C104 104 146 82 186 82 C228 82 266 104 264 152 C274 210 274 260 268 308 Q264 330 242 330 L130 330 "
        "Q108 330 104 308 C98 260 98 210 108 152 Z"
    )
    return "".join(
        (
            pipe("M160 90 C156 52 214 52 212 90", look.shade, look.line, 12, 3.5),
            path("M110 156 C80 176 78 250 92 300 L106 298 Z", look.shade, look.line, 5),
            path(body, look.base, look.line, 5),
            path(
                "M236 108 C256 120 264 134 264 152 C274 210 274 260 268 308 Q264 328 242 328 L228 328 C248 250 250 180 "
                "236 108 Z",
                look.shade,
            ),
            path(
                "M134 126 C126 150 138 168 128 196 M158 104 C168 120 160 140 166 156 M130 232 C140 252 126 276 136 304 "
                "M226 240 C218 262 230 284 222 306",
                stroke=look.light,
                width=4,
            ),
            path("M150 206 C176 196 200 214 224 204", stroke=look.shade, width=4),
            _zip(look, "M124 168 C130 138 244 138 250 168"),
            _packed(look),
        )
    )


def _hedgehog(look: Look) -> str:
    """A small round one for children, with spines on its flap."""
    spines = "l10 -18 l10 18 " * 8
    return "".join(
        (
            pipe("M176 108 C172 74 228 74 224 108", look.shade, look.line, 13, 3.5),
            both(path("M118 190 C92 206 92 270 104 308 L120 304 Z", look.shade, look.line, 5)),
            path(
                "M112 200 C112 138 150 104 200 104 C250 104 288 138 288 200 L288 300 Q288 330 258 330 L142 330 Q112 "
                "330 112 300 Z",
                look.base,
                look.line,
                5,
            ),
            path("M120 172 " + spines + "Z", look.deep, look.line, 4),
            path(
                "M140 142 l10 -18 l10 18 l10 -18 l10 18 l10 -18 l10 18 l10 -18 l10 18 l10 -18 l10 18 l10 -18 l10 18 Z",
                look.deep,
                look.line,
                4,
            ),
            path("M114 172 L286 172 C290 232 262 262 200 262 C138 262 110 232 114 172 Z", "#f2dcc0", look.line, 5),
            both(circle(170, 206, 8, INK), circle(148, 228, 9, "#eea58f")),
            ellipse(200, 228, 14, 11, INK),
            path("M186 244 Q200 254 214 244", stroke=INK, width=4),
            rect(140, 276, 120, 44, look.base, look.line, 4, 12),
            _zip(look, "M150 288 L250 288"),
        )
    )


def _satchel(look: Look) -> str:
    """Narrow, of leather, with a flap and two buckled straps."""
    buckle = pipe("M156 176 L156 268", look.shade, look.line, 20, 3.5) + rect(143, 226, 26, 24, "none", GOLD, 5, 4)
    return "".join(
        (
            pipe("M176 92 C174 56 226 56 224 92", look.deep, look.line, 14, 3.5),
            both(pipe("M126 116 C92 150 92 250 106 310", look.deep, look.line, 15, 3.5)),
            path("M120 140 L280 140 L288 308 Q288 332 266 332 L134 332 Q112 332 112 308 Z", look.base, look.line, 5),
            path("M262 142 L280 142 L287 308 Q286 330 266 330 L254 330 C264 270 266 200 262 142 Z", look.shade),
            path("M132 232 L268 232 L270 318 L130 318 Z", look.base, look.line, 4),
            dashed("M140 242 L140 310 L260 310 L260 242", look.light, 3),
            path(
                "M116 118 Q116 88 146 88 L254 88 Q284 88 284 118 L288 190 Q244 214 200 214 Q156 214 112 190 Z",
                look.light,
                look.line,
                5,
            ),
            dashed("M124 184 Q160 202 200 202 Q240 202 276 184", look.base, 3),
            both(buckle),
            path("M132 112 C136 104 144 102 156 102", stroke=PAPER, width=5),
        )
    )


def _canvas(look: Look) -> str:
    """A canvas roll-top with one leather strap and a brass hook."""
    return "".join(
        (
            both(path("M108 170 C82 186 82 262 96 312 L112 304 Z", WOOD, WOOD_SHADE, 5)),
            path("M112 96 C150 106 250 86 288 96 L294 150 L106 150 Z", look.light, look.line, 5),
            path("M106 150 L294 150 L302 310 Q302 332 278 332 L122 332 Q98 332 98 310 Z", look.base, look.line, 5),
            path("M268 152 L293 152 L301 310 Q300 330 278 330 L262 330 C272 270 274 200 268 152 Z", look.shade),
            rect(100, 74, 200, 28, look.base, look.line, 5, 13),
            path("M116 88 L220 88", stroke=look.shade, width=4),
            path("M132 120 C150 126 160 122 176 126", stroke=look.shade, width=4),
            path("M126 240 L274 240 L278 316 L122 316 Z", look.base, look.line, 4),
            dashed("M130 250 L270 250 M114 164 L112 300", look.light),
            path("M98 300 L302 300 L302 310 Q302 332 278 332 L122 332 Q98 332 98 310 Z", WOOD, WOOD_SHADE, 4),
            pipe("M200 78 L200 232", WOOD, WOOD_SHADE, 24, 3.5),
            path("M200 232 L200 250 a14 14 0 1 0 14 14", "none", INK, 11),
            path("M200 232 L200 250 a14 14 0 1 0 14 14", "none", GOLD, 6),
            *(circle(200, y, 3, WOOD_SHADE) for y in (150, 172, 194)),
        )
    )


def _ventilated(look: Look) -> str:
    """A hiking pack on a sprung frame, a rain cover peeping out below."""
    return "".join(
        (
            both(pipe("M104 112 C84 180 84 260 104 316", STEEL, INK, 10, 3)),
            both(path("M112 196 C84 204 80 276 100 306 L120 300 Z", look.deep, look.line, 5)),
            path(
                "M118 140 C118 100 152 82 200 82 C248 82 282 100 282 140 L290 292 Q288 318 262 318 L138 318 Q112 318 "
                "110 292 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M260 104 C276 114 282 126 282 142 L289 292 Q287 316 262 316 L252 316 C266 250 270 170 260 104 Z",
                look.shade,
            ),
            path(
                "M116 150 C114 92 152 64 200 64 C248 64 286 92 284 150 Q242 168 200 168 Q158 168 116 150 Z",
                look.light,
                look.line,
                5,
            ),
            _zip(look, "M140 128 Q200 144 260 128"),
            path("M150 190 C150 250 152 280 158 304 M250 190 C250 250 248 280 242 304", stroke=look.line, width=5),
            path("M158 196 L242 196 L236 296 L164 296 Z", look.deep, look.line, 4),
            path("M166 214 L234 232 M234 214 L166 232 M168 252 L232 270 M232 252 L168 270", stroke=PAPER, width=4),
            path("M130 312 L270 312 Q274 336 250 336 L150 336 Q126 336 130 312 Z", "#ec7d23", "#7c3c0c", 4),
            path("M300 176 C320 190 318 250 306 270", stroke="#2f6fc4", width=6),
            pipe("M150 158 L150 188 M250 158 L250 188", INK, INK, 9, 1),
        )
    )


def _school(look: Look) -> str:
    """Flat-bottomed and upright, with reflectors and a wide flap."""
    return "".join(
        (
            pipe("M174 92 C172 60 228 60 226 92", look.deep, look.line, 14, 3.5),
            both(path("M104 180 C76 190 74 280 88 318 L106 318 Z", look.shade, look.line, 5)),
            rect(100, 104, 200, 216, look.base, look.line, 5, 20),
            path("M270 106 Q298 108 298 126 L298 300 Q298 318 270 318 Z", look.shade),
            path(
                "M94 106 Q94 84 116 84 L284 84 Q306 84 306 106 L306 196 Q306 210 292 210 L108 210 Q94 210 94 196 Z",
                look.light,
                look.line,
                5,
            ),
            path("M108 150 L292 150", stroke="#eef3b0", width=13),
            path("M108 143 L292 143 M108 157 L292 157", stroke=look.line, width=2.5),
            path("M128 226 L272 226 L272 306 L128 306 Z", look.base, look.line, 4),
            path("M140 288 L260 288", stroke="#eef3b0", width=11),
            both(rect(136, 192, 26, 40, RUBBER, look.line, 3.5, 5), rect(141, 214, 16, 8, STEEL)),
            path("M200 118 l6 12 l14 2 l-10 9 l3 14 l-13 -7 l-13 7 l3 -14 l-10 -9 l14 -2 Z", "#f2c12e", look.line, 3),
            rect(96, 314, 208, 20, RUBBER, INK, 4, 6),
        )
    )


def _dry_bag(look: Look) -> str:
    """A tube of welded film, rolled and clipped into a ring at its top."""
    return "".join(
        (
            both(pipe("M118 150 C82 176 82 270 116 306", RUBBER, INK, 16, 3)),
            path(
                "M120 128 L280 128 L286 306 C286 328 250 336 200 336 C150 336 114 328 114 306 Z",
                look.base,
                look.line,
                5,
            ),
            path("M250 130 L279 130 L285 306 C284 322 262 330 236 333 C252 270 256 200 250 130 Z", look.shade),
            path("M138 156 L134 296", stroke=look.light, width=10),
            path("M114 296 C150 316 250 316 286 296", stroke=look.line),
            path("M126 128 C140 108 146 104 146 98 L254 98 C254 104 260 108 274 128 Z", look.light, look.line, 5),
            rect(140, 74, 120, 28, look.base, look.line, 5, 11),
            pipe("M146 84 C120 44 172 34 190 42 M254 84 C280 44 228 34 210 42", RUBBER, INK, 13, 3),
            rect(180, 32, 40, 24, STEEL, INK, 4, 6),
            path("M172 196 q14 -12 28 0 t28 0 M172 220 q14 -12 28 0 t28 0", stroke=PAPER, width=6),
            path("M200 250 l-14 22 l28 0 Z", PAPER),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "daypack": _daypack,
    "trekking": _trekking,
    "roll-top": _roll_top,
    "foldable": _foldable,
    "hedgehog": _hedgehog,
    "satchel": _satchel,
    "canvas": _canvas,
    "ventilated": _ventilated,
    "school": _school,
    "dry bag": _dry_bag,
}
