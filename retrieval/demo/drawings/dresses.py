"""Dresses, seen from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import PAPER, STEEL, Drawing, Look, both, circle, dashed, line, path, pipe, rect

DOTS = ((172, 232), (212, 226), (150, 268), (194, 262), (238, 260), (134, 302), (176, 302), (220, 300), (262, 296))
LONG_SLEEVE = "M158 82 C134 90 122 112 112 146 L88 228 L114 236 L152 160 Z"


def _sundress(look: Look) -> str:
    return "".join(
        (
            both(pipe("M166 112 L176 66", look.base, look.line, 9, 2.5)),
            path("M160 108 Q200 138 240 108 L238 184 L302 316 Q200 348 98 316 L162 184 Z", look.base, look.line),
            path("M238 186 L302 316 Q270 328 236 332 L216 186 Z", look.shade),
            *(circle(x, y, 7, look.light) for x, y in DOTS),
            path("M180 200 L158 326 M206 200 L206 334", stroke=look.shade, width=3),
            path("M238 184 L302 316 Q200 348 98 316 L162 184", stroke=look.line),
            rect(158, 176, 84, 16, look.deep, look.line, 3, 4),
            path("M172 126 Q176 150 172 168", stroke=look.light, width=5),
        )
    )


def _midi(look: Look) -> str:
    body = "M158 80 L188 74 L200 108 L212 74 L242 80 L246 176 L290 338 Q200 352 110 338 L154 176 Z"
    return "".join(
        (
            both(path(LONG_SLEEVE, look.shade, look.line)),
            path(body, look.base),
            path("M204 190 L290 338 Q252 346 214 347 Z", look.shade),
            path("M176 196 L146 330 M192 196 L176 340", stroke=look.light, width=4),
            path(body, "none", look.line),
            path("M153 172 Q200 184 247 172 L247 190 Q200 202 153 190 Z", look.deep, look.line, 3),
            both(path("M84 226 L116 238", stroke=look.line, width=6)),
        )
    )


def _shirt_dress(look: Look) -> str:
    pocket = path("M148 126 L184 126 L184 160 L148 160 Z M148 138 L184 138", look.base, look.line, 3)
    return "".join(
        (
            both(path("M126 96 C104 110 94 140 84 186 L120 200 L136 150 Z", look.shade, look.line)),
            path("M150 84 L122 98 L140 190 L104 330 Q200 346 296 330 L260 190 L278 98 L250 84 Z", look.base, look.line),
            path("M236 196 L260 192 L294 329 Q272 334 254 336 Z", look.shade),
            line(192, 110, 192, 338, look.line, 2.5),
            line(208, 110, 208, 338, look.line, 2.5),
            *(circle(200, y, 4.5, PAPER, look.line, 2) for y in (134, 162, 222, 250, 278, 306)),
            both(pocket, dashed("M152 206 L124 322", look.light)),
            rect(138, 180, 124, 20, look.deep, look.line, 3, 3),
            rect(188, 176, 24, 28, "none", STEEL, 5, 4),
            path("M150 86 L164 68 Q200 82 236 68 L250 86 L226 122 L200 104 L174 122 Z", look.light, look.line),
            path("M172 80 Q200 92 228 80 L200 102 Z", look.deep, look.line, 3),
        )
    )


def _knitted(look: Look) -> str:
    ribs = " ".join(f"M{x} {112 if 150 < x < 250 else 126} L{200 + (x - 200) * 1.2:g} 320" for x in range(146, 262, 12))
    return "".join(
        (
            both(path("M140 98 C110 112 104 170 92 262 L118 268 L146 180 Z", look.shade, look.line)),
            both(path("M93 256 L119 262", stroke=look.line, width=7)),
            path("M160 88 L136 100 L146 196 L128 342 L272 342 L254 196 L264 100 L240 88 Z", look.base, look.line),
            path(ribs, stroke=look.shade, width=3),
            path("M236 100 L264 100 L254 196 L271 340 L246 340 Z", look.shade),
            rect(166, 58, 68, 46, look.base, look.line, 4, 10),
            rect(162, 54, 76, 22, look.light, look.line, 4, 9),
            *(line(x, 80, x, 98, look.shade, 3) for x in range(178, 230, 11)),
            rect(126, 322, 148, 22, look.deep, look.line, 4, 4),
        )
    )


def _twirl(look: Look) -> str:
    skirt = (
        "M160 190 L240 190 C300 216 338 262 346 300 Q310 326 274 306 Q238 334 200 314 Q162 334 126 306 Q90 326 54 300 "
        "C62 262 100 216 160 190 Z"
    )
    return "".join(
        (
            path(skirt, look.base, look.line),
            path("M226 196 C262 226 282 266 274 306 Q238 334 206 316 C222 280 226 240 226 196 Z", look.shade),
            path(
                "M70 274 Q100 296 132 280 Q164 302 200 286 Q236 302 268 280 Q300 296 330 274",
                stroke=look.light,
                width=9,
            ),
            path("M172 206 C150 236 136 260 130 296 M200 206 L200 304", stroke=look.shade, width=3),
            both(
                path("M164 112 C132 104 114 124 118 150 C132 166 156 162 166 150 Z", look.light, look.line),
                path("M118 150 C132 166 156 162 166 150", stroke=look.line, width=6),
            ),
            path("M166 108 Q200 140 234 108 L242 190 L158 190 Z", look.base, look.line),
            path("M166 108 Q172 130 200 132 Q228 130 234 108 Q200 140 166 108 Z", PAPER, look.line, 3),
            rect(154, 180, 92, 16, look.deep, look.line, 3, 5),
            *(circle(200, y, 4, PAPER, look.line, 2) for y in (148, 166)),
        )
    )


def _wrap(look: Look) -> str:
    return "".join(
        (
            both(path("M160 82 C130 92 108 120 94 168 Q118 188 142 170 L150 132 Z", look.shade, look.line)),
            path("M162 80 L140 92 L152 180 L106 322 Q196 352 294 326 L248 180 L260 92 L238 80 L200 132 Z", look.base),
            path("M162 80 L200 132 L214 112 L246 180 L152 180 L140 92 Z", look.base, look.line),
            path("M238 80 L260 92 L248 180 L166 180 C200 150 226 116 238 80 Z", look.light, look.line),
            path("M158 190 L246 190 L294 326 Q250 340 214 342 C224 288 204 232 158 190 Z", look.shade),
            path("M158 190 C204 232 224 288 214 342", stroke=look.line),
            path("M162 206 L130 320 M178 220 L168 332", stroke=look.light, width=4),
            path("M152 180 L106 322 Q196 352 294 326 L248 180", stroke=look.line),
            rect(150, 174, 100, 18, look.deep, look.line, 3, 5),
            path("M158 186 C136 204 134 232 142 256 M158 186 C152 214 158 234 170 248", stroke=look.line, width=12),
            path("M158 186 C136 204 134 232 142 256 M158 186 C152 214 158 234 170 248", stroke=look.deep, width=6),
            circle(159, 184, 11, look.deep, look.line, 3),
        )
    )


def _party(look: Look) -> str:
    body = "M148 122 Q176 98 200 124 Q224 98 252 122 L250 188 L284 296 Q200 314 116 296 L150 188 Z"
    rows = " ".join(
        f"M{200 - half} {y} " + "q9 10 18 0 " * (half // 9)
        for y, half in zip(range(136, 281, 18), (45, 45, 45, 45, 54, 54, 63, 72, 72), strict=True)
    )
    return "".join(
        (
            both(pipe("M154 118 L170 62", look.base, look.line, 8, 2.5)),
            path(body, look.base),
            path("M226 112 Q240 110 252 122 L250 188 L284 296 Q260 302 238 304 L228 190 Z", look.shade),
            path(rows, stroke=look.light, width=3),
            path(rows, stroke=look.line, width=1),
            path(body, "none", look.line),
            *(
                path(f"M{x} {y} l0 -16 M{x - 8} {y - 8} l16 0", stroke=PAPER, width=4)
                for x, y in ((178, 168), (236, 254), (164, 246))
            ),
        )
    )


def _sheath(look: Look) -> str:
    body = "M150 86 Q200 108 250 86 L276 104 Q266 122 254 134 L252 186 L268 330 Q200 340 132 330 L148 186 L146 134 Z"
    return "".join(
        (
            path(body.replace("L146 134", "L146 134 Q134 122 124 104"), look.base),
            path("M232 98 L250 86 L276 104 Q266 122 254 134 L252 186 L268 330 Q250 333 236 334 Z", look.shade),
            path(body.replace("L146 134", "L146 134 Q134 122 124 104"), "none", look.line),
            path("M150 86 Q200 108 250 86 Q246 118 200 120 Q154 118 150 86 Z", look.deep, look.line, 3),
            path("M168 122 C160 160 170 186 164 326 M232 122 C240 160 230 186 236 326", stroke=look.line, width=2.5),
            path("M148 200 L143 244", stroke=STEEL, width=5),
            path("M176 150 C172 170 176 190 174 214", stroke=look.light, width=6),
            line(200, 300, 200, 335, look.line, 3),
        )
    )


def _slip(look: Look) -> str:
    body = "M164 118 Q200 158 236 118 L246 196 C262 240 274 290 280 336 Q200 352 120 336 C126 290 138 240 154 196 Z"
    return "".join(
        (
            both(pipe("M164 120 L178 60", look.base, look.line, 7, 2)),
            path(body, look.base),
            path(
                "M222 134 L236 118 L246 196 C262 240 274 290 280 336 Q252 342 230 343 C244 280 240 200 222 134 Z",
                look.shade,
            ),
            path("M176 152 C166 210 156 262 148 320", stroke=look.light, width=11),
            path("M200 176 C198 230 186 290 182 330", stroke=look.light, width=4),
            path("M170 138 Q200 176 230 138 M174 154 Q200 186 226 154", stroke=look.shade, width=3),
            path("M122 322 Q200 338 278 322", stroke=look.light, width=4),
            path(body, "none", look.line),
        )
    )


def _tee_dress(look: Look) -> str:
    body = (
        "M168 66 L142 78 L100 132 L132 156 L150 138 L138 334 Q200 344 262 334 L250 138 L268 156 L300 132 L258 78 "
        "L232 66"
    )
    return "".join(
        (
            path(f"{body} Q200 94 168 66 Z", look.base, look.line),
            path("M242 72 L258 78 L300 132 L268 156 L250 138 L262 334 Q248 337 240 338 Z", look.shade),
            both(path("M144 80 Q150 108 150 138", stroke=look.line, width=3), dashed("M109 128 L136 148", look.light)),
            dashed("M143 322 Q200 332 257 322", look.light),
            path("M168 66 Q200 94 232 66 L238 70 Q200 110 162 70 Z", look.light, look.line, 3),
            path("M212 128 L242 128 L242 156 L227 166 L212 156 Z", look.base, look.line, 3),
            path("M164 180 L158 300", stroke=look.light, width=6),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "sundress": _sundress,
    "midi": _midi,
    "shirt dress": _shirt_dress,
    "knitted": _knitted,
    "twirl": _twirl,
    "wrap": _wrap,
    "party": _party,
    "sheath": _sheath,
    "slip": _slip,
    "tee dress": _tee_dress,
}
