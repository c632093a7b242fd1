"""Backpacks, tents and water bottles.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import INK, LEAF, PAPER, STEEL, WOOD_SHADE, Look, circle, ellipse, line, path, rect


def backpack(look: Look) -> str:
    """A daypack with a front pocket, or a tall trekking pack with a rolled mat."""
    return _daypack(look) if "laptop compartment" in look.features or look.design % 2 == 0 else _trekking(look)


def _daypack(look: Look) -> str:
    body = "M106 146 C106 96 150 76 200 76 C250 76 294 96 294 146 L300 304 Q300 332 272 332 L128 332 Q100 332 100 304 Z"
    return "".join(
        (
            path("M172 84 C168 44 232 44 228 84", stroke=look.line, width=15),
            path("M172 84 C168 44 232 44 228 84", stroke=look.shade, width=7),
            path("M112 150 C76 170 74 250 88 300 L106 300 Z", look.shade, look.line, 5),
            path("M288 150 C324 170 326 250 312 300 L294 300 Z", look.shade, look.line, 5),
            path(body, look.base, look.line, 5),
            path(
                "M262 98 C286 112 294 130 294 150 L299 304 Q298 328 272 330 L262 330 C272 250 274 170 262 98 Z",
                look.shade,
            ),
            path("M124 168 C124 116 276 116 276 168", stroke=look.line, width=6),
            path("M124 168 C124 116 276 116 276 168", stroke=look.light, width=2.5),
            path("M126 224 Q126 206 144 206 L256 206 Q274 206 274 224 L276 312 L124 312 Z", look.base, look.line, 5),
            line(136, 232, 264, 232, look.line, 6),
            line(136, 232, 264, 232, look.light, 2.5),
            rect(244, 230, 9, 26, STEEL, look.line, 2.5, 4),
            rect(174, 160, 52, 24, look.deep, look.line, 3, 5),
            path("M120 172 C116 210 114 250 114 290", stroke=look.light, width=6),
            path(body, "none", look.line, 5),
        )
    )


def _trekking(look: Look) -> str:
    return "".join(
        (
            ellipse(200, 330, 96, 17, "#6f7f8e", INK, 4),
            path("M98 170 C70 186 70 250 84 290 L112 290 L112 170 Z", look.shade, look.line, 5),
            path("M302 170 C330 186 330 250 316 290 L288 290 L288 170 Z", look.shade, look.line, 5),
            rect(110, 116, 180, 206, look.base, look.line, 5, 26),
            path("M252 120 Q288 126 288 150 L288 296 Q286 318 256 320 C266 250 266 180 252 120 Z", look.shade),
            path("M104 132 C104 78 150 66 200 66 C250 66 296 78 296 132 Q200 158 104 132 Z", look.deep, look.line, 5),
            path("M124 112 C134 92 160 84 186 82", stroke=look.light, width=6),
            *(line(x, 140, x, 300, look.line, 11) for x in (150, 250)),
            *(line(x, 142, x, 298, PAPER, 5) for x in (150, 250)),
            *(rect(x - 12, 168, 24, 20, STEEL, look.line, 3, 4) for x in (150, 250)),
            path("M164 218 L236 218 L240 300 L160 300 Z", look.light, look.line, 4),
            line(164, 238, 236, 238, look.line, 5),
            rect(88, 304, 224, 36, "#8fa2b3", look.line, 5, 18),
            circle(106, 322, 10, "#6f7f8e", look.line, 3),
            *(line(x, 304, x, 340, look.line, 8) for x in (150, 250)),
        )
    )


def tent(look: Look) -> str:
    """A ridge tent for two, or a tunnel tent with a porch."""
    return _tunnel(look) if "family friendly" in look.features or look.design % 2 == 1 else _ridge(look)


def _grass(xs: tuple[int, ...]) -> str:
    return "".join(path(f"M{x} 334 l-5 -15 M{x} 334 l1 -20 M{x} 334 l7 -14", stroke=LEAF, width=4) for x in xs)


def _ridge(look: Look) -> str:
    return "".join(
        (
            line(152, 96, 40, 318, "#8b8f97", 3),
            line(282, 116, 372, 316, "#8b8f97", 3),
            path("M152 92 L286 112 L352 322 L236 328 Z", look.shade, look.line, 5),
            path("M196 124 L284 134 M222 180 L304 182", stroke=look.base, width=6),
            path("M152 92 L236 328 L70 328 Z", look.base, look.line, 5),
            path("M152 128 L196 328 L112 328 Z", look.deep, look.line, 4),
            path("M152 128 C158 200 184 260 216 328 L196 328 C176 270 156 200 152 128 Z", look.light, look.line, 3),
            path("M152 128 C146 200 122 260 90 328 L112 328 C130 270 148 200 152 128 Z", look.light, look.line, 3),
            line(152, 78, 152, 96, WOOD_SHADE, 7),
            line(286, 100, 286, 114, WOOD_SHADE, 7),
            _grass((52, 254, 316, 362)),
        )
    )


def _tunnel(look: Look) -> str:
    outline = "M36 328 C36 176 92 108 176 104 L262 112 C334 120 366 200 368 328 Z"
    return "".join(
        (
            line(60, 210, 22, 324, "#8b8f97", 3),
            line(350, 214, 388, 324, "#8b8f97", 3),
            path(outline, look.base, look.line, 5),
            path("M262 112 C334 120 366 200 368 328 L292 328 C296 230 288 160 262 112 Z", look.shade),
            path("M176 104 C126 150 112 230 114 328", stroke=look.line, width=5),
            path("M262 112 C288 160 296 230 292 328", stroke=look.line, width=5),
            path("M140 328 C138 226 160 168 204 166 C248 168 268 226 266 328 Z", look.deep, look.line, 5),
            path("M204 168 C176 214 166 270 168 328 L140 328 C138 226 160 168 204 166 Z", look.light, look.line, 4),
            path("M58 300 C62 222 84 160 122 134", stroke=look.light, width=7),
            path("M308 222 L342 226 L348 266 L310 264 Z", "#e6f0f3", look.line, 4),
            line(328, 224, 330, 266, look.line, 3),
            path(outline, "none", look.line, 5),
            _grass((48, 128, 300, 374)),
        )
    )


def water_bottle(look: Look) -> str:
    """A sports bottle with a straw lid, or an insulated flask with a loop."""
    return _flask(look) if "insulated" in look.features or look.design % 2 == 1 else _sports(look)


def _sports(look: Look) -> str:
    body = (
        "M150 138 L250 138 C262 160 262 186 250 204 C244 216 244 226 252 240 C262 260 260 300 254 318 Q250 "
        "334 234 334 L166 334 Q150 334 146 318 C140 300 138 260 148 240 C156 226 156 216 150 204 C138 186 "
        "138 160 150 138 Z"
    )
    return "".join(
        (
            path("M222 92 C222 62 258 60 272 46", stroke=look.line, width=20),
            path("M222 92 C222 62 258 60 272 46", stroke=PAPER, width=12),
            path(body, look.base, look.line, 5),
            path(
                "M230 140 L250 140 C262 160 262 186 250 204 C244 216 244 226 252 240 C262 260 260 300 "
                "254 318 Q250 332 232 332 C240 270 224 210 230 140 Z",
                look.shade,
            ),
            path("M162 154 C156 172 160 186 164 196 M158 258 C156 280 158 300 162 314", stroke=look.light, width=9),
            *(line(196, y, 216, y, look.light, 4) for y in (256, 276, 296)),
            path(body, "none", look.line, 5),
            path("M144 140 L148 104 Q150 92 164 92 L236 92 Q250 92 252 104 L256 140 Z", look.deep, look.line, 5),
            *(line(x, 106, x, 130, look.shade, 4) for x in (164, 182, 200, 218, 236)),
        )
    )


def _flask(look: Look) -> str:
    body = (
        "M164 124 L236 124 C240 142 264 150 264 182 L264 314 Q264 336 242 336 L158 336 Q136 336 136 314 L136 "
        "182 C136 150 160 142 164 124 Z"
    )
    return "".join(
        (
            path("M176 74 C170 34 230 34 224 74", stroke=look.line, width=17),
            path("M176 74 C170 34 230 34 224 74", stroke="#5d626d", width=9),
            path(body, look.base, look.line, 5),
            path(
                "M228 126 L236 126 C240 142 263 150 263 182 L263 314 Q262 334 242 334 L230 334 C240 270 "
                "244 180 228 126 Z",
                look.shade,
            ),
            path("M154 190 L154 304", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            rect(138, 306, 124, 12, STEEL, look.line, 3),
            rect(158, 72, 84, 54, "#5d626d", look.line, 5, 9),
            *(line(x, 84, x, 116, "#454a54", 4) for x in (174, 192, 210, 228)),
            path("M200 214 C182 238 182 256 200 258 C218 256 218 238 200 214 Z", look.deep),
        )
    )
