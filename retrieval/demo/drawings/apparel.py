"""Dresses, shirts and jackets, seen from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import PAPER, STEEL, Look, circle, ellipse, line, path, rect

DOTS = ((172, 232), (212, 226), (150, 268), (194, 262), (238, 260), (134, 302), (176, 302), (220, 300), (262, 296))


def dress(look: Look) -> str:
    """A knee-length dress with straps, or a midi with long sleeves."""
    return _sundress(look) if look.design % 2 == 0 else _midi(look)


def _sundress(look: Look) -> str:
    return "".join(
        (
            line(166, 112, 176, 66, look.line, 9),
            line(234, 112, 224, 66, look.line, 9),
            line(166, 112, 176, 66, look.base, 4),
            line(234, 112, 224, 66, look.base, 4),
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
    sleeve = "M158 82 C134 90 122 112 112 146 L88 228 L114 236 L152 160 Z"
    mirrored = "M242 82 C266 90 278 112 288 146 L312 228 L286 236 L248 160 Z"
    return "".join(
        (
            path(sleeve, look.shade, look.line),
            path(mirrored, look.shade, look.line),
            path("M158 80 L188 74 L200 108 L212 74 L242 80 L246 176 L290 338 Q200 352 110 338 L154 176 Z", look.base),
            path("M204 190 L290 338 Q252 346 214 347 Z", look.shade),
            path("M176 196 L146 330 M192 196 L176 340", stroke=look.light, width=4),
            path(
                "M158 80 L188 74 L200 108 L212 74 L242 80 L246 176 L290 338 Q200 352 110 338 L154 176 Z",
                "none",
                look.line,
            ),
            path("M153 172 Q200 184 247 172 L247 190 Q200 202 153 190 Z", look.deep, look.line, 3),
            path("M84 226 L116 238", stroke=look.line, width=6),
            path("M316 226 L284 238", stroke=look.line, width=6),
        )
    )


def shirt(look: Look) -> str:
    """A long-sleeved shirt with a chest pocket, or a loose one with rolled sleeves and stripes."""
    rolled = look.design % 2 == 1
    left, right = _sleeves(rolled)
    stripes = (line(x, 128, x, 322, look.light, 5) for x in (146, 164, 182, 218, 236, 254)) if rolled else ()
    return "".join(
        (
            path(left, look.shade, look.line),
            path(right, look.shade, look.line),
            path("M150 88 L122 104 L126 326 Q200 338 274 326 L278 104 L250 88 Q200 120 150 88 Z", look.base, look.line),
            *stripes,
            path("M254 92 L278 104 L274 326 Q262 329 250 330 Z", look.shade),
            line(192, 116, 192, 331, look.line, 2.5),
            line(208, 116, 208, 331, look.line, 2.5),
            *(circle(200, y, 4.5, PAPER, look.line, 2) for y in range(142, 320, 38)),
            path("M150 88 L164 70 Q200 84 236 70 L250 88 L226 122 L200 104 L174 122 Z", look.light, look.line),
            path("M174 84 Q200 96 226 84 L200 104 Z", look.deep, look.line, 3),
            _pocket(look),
        )
    )


def _sleeves(rolled: bool) -> tuple[str, str]:
    if rolled:
        return (
            "M124 102 C104 118 92 148 74 204 L116 222 L128 190 Z",
            "M276 102 C296 118 308 148 326 204 L284 222 L272 190 Z",
        )
    return (
        "M124 102 C98 122 88 170 62 278 L98 288 L128 200 Z",
        "M276 102 C302 122 312 170 338 278 L302 288 L272 200 Z",
    )


def _pocket(look: Look) -> str:
    return path("M220 162 L256 162 L256 196 L238 206 L220 196 Z M220 174 L256 174", look.base, look.line, 3)


def jacket(look: Look) -> str:
    """A hooded rain shell with a slanting zip, or a long quilted parka with a furred hood."""
    return _shell(look) if look.design % 2 == 0 else _parka(look)


def _shell(look: Look) -> str:
    return "".join(
        (
            path("M132 128 C104 140 92 190 70 286 L106 298 L136 212 Z", look.shade, look.line),
            path("M268 128 C296 140 308 190 330 286 L294 298 L264 212 Z", look.shade, look.line),
            path("M132 126 Q200 104 268 126 L272 326 Q200 338 128 326 Z", look.base, look.line),
            path("M236 122 L266 128 L271 325 Q256 329 242 330 Z", look.shade),
            path("M146 132 C136 60 176 44 200 44 C224 44 264 60 254 132 Q200 160 146 132 Z", look.base, look.line),
            path("M168 122 C162 84 182 70 200 70 C218 70 238 84 232 122 Q200 142 168 122 Z", look.deep, look.line, 3),
            path("M200 140 C196 200 204 260 200 331", stroke=PAPER, width=7),
            path("M200 140 C196 200 204 260 200 331", stroke=look.line, width=2.5),
            line(146, 246, 174, 286, look.line, 6),
            line(254, 246, 226, 286, look.line, 6),
            path("M130 180 Q165 188 197 184 M203 184 Q235 188 270 180", stroke=look.light, width=6),
            line(184, 134, 182, 168, PAPER, 4),
            line(216, 134, 218, 168, PAPER, 4),
            path("M70 278 L108 290 M330 278 L292 290", stroke=look.line, width=7),
        )
    )


def _parka(look: Look) -> str:
    quilting = "".join(
        path(f"M128 {y} Q164 {y + 10} 198 {y + 4} M202 {y + 4} Q236 {y + 10} 272 {y}", stroke=look.light, width=3)
        for y in (166, 204, 242)
    )
    return "".join(
        (
            path("M134 116 C98 130 88 190 72 280 L112 290 L138 206 Z", look.shade, look.line),
            path("M266 116 C302 130 312 190 328 280 L288 290 L262 206 Z", look.shade, look.line),
            path("M134 114 Q200 96 266 114 L278 346 L122 346 Z", look.base, look.line),
            path("M240 112 L265 116 L277 344 L248 344 Z", look.shade),
            quilting,
            ellipse(200, 98, 72, 52, "#d8c6a8", look.line),
            *(line(200 + dx * 0.93, 98 + dy * 0.8, 200 + dx * 1.1, 98 + dy, "#b89f78", 4) for dx, dy in _fur()),
            ellipse(200, 102, 44, 32, look.deep, look.line, 3),
            line(200, 138, 200, 344, look.line, 8),
            line(200, 140, 200, 342, STEEL, 3),
            rect(138, 268, 46, 44, look.base, look.line, 3, 5),
            rect(216, 268, 46, 44, look.base, look.line, 3, 5),
            path("M138 282 L184 282 M216 282 L262 282", stroke=look.line, width=3),
            path("M74 270 L114 280 M326 270 L286 280", stroke=look.line, width=8),
        )
    )


def _fur() -> tuple[tuple[float, float], ...]:
    return (
        (-58, -18),
        (-40, -36),
        (-14, -44),
        (14, -44),
        (40, -36),
        (58, -18),
        (-60, 14),
        (60, 14),
        (-34, 38),
        (34, 38),
    )
