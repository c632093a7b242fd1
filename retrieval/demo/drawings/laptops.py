"""Laptops: open from the front, and in other positions.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    circle,
    group,
    line,
    path,
    rect,
)

SCREEN = "#24324f"
SUN = "#ffe2a8"


def _keys(color: str, columns: int = 7) -> str:
    return path(
        " ".join(
            f"M{124 + 22 * column - 5 * row} {280 + 13 * row} l{11 + row * 0.6:g} 0"
            for row in range(3)
            for column in range(columns + (row > 1))
        ),
        stroke=color,
        width=8,
    )


def _machine(look: Look, left: int, top: int, content: str, bezel: int = 11) -> str:
    """An open laptop seen from the front; `content` is what is on its screen."""
    right = 400 - left
    deck = f"M{left - 2} 262 L{right + 2} 262 L354 326 Q356 336 344 336 L56 336 Q44 336 46 326 Z"
    return "".join(
        (
            rect(left, top, right - left, 262 - top, look.base, look.line, 5, 14),
            rect(left + bezel, top + bezel, right - left - 2 * bezel, 236 - top, SCREEN, look.line, 3, 5),
            content,
            path(deck, look.base, look.line, 5),
            path("M47 326 L353 326 Q356 336 344 336 L56 336 Q44 336 47 326 Z", look.shade, look.line, 3),
            _keys(look.deep),
            rect(168, 316, 64, 9, look.shade, look.line, 2, 3),
            path(f"M{left + 8} 268 L{right - 8} 268", stroke=STEEL_SHADE, width=4),
        )
    )


def _notebook(look: Look) -> str:
    screen = "".join(
        (
            path("M101 194 C171 154 211 234 299 180 L299 244 L101 244 Z", "#7fb3d5"),
            circle(251, 145, 18, SUN),
            rect(119, 127, 82, 60, "#f4f6fb", look.line, 2, 4),
            path("M129 143 L187 143 M129 155 L187 155 M129 167 L175 167", stroke="#aab4c8"),
        )
    )
    return _machine(look, 88, 96, screen)


def _studio(look: Look) -> str:
    tracks = ("#e98a6b", "#7fc4a5", "#f1cd6a", "#8aa9e6")
    screen = "".join(
        (
            rect(145, 107, 158, 74, "#6c8fc7", None, 0, 4),
            path("M145 181 L195 137 L225 163 L253 131 L303 181 Z", "#dfe8f5"),
            *(rect(95, 109 + 18 * i, 40, 11, "#4a5b80", None, 0, 3) for i in range(4)),
            *(rect(97 + 18 * i, 198 + 10 * i, 96 + 14 * (i % 3), 8, c, None, 0, 3) for i, c in enumerate(tracks)),
        )
    )
    return _machine(look, 72, 84, screen)


def _everyday(look: Look) -> str:
    """A spreadsheet on the screen, a stout frame."""
    cells = "".join(f"M100 {y} L300 {y} " for y in range(132, 236, 17)) + "".join(
        f"M{x} 116 L{x} 236 " for x in (146, 184, 222, 260)
    )
    bars = ((112, 30), (128, 52), (144, 40))
    screen = "".join(
        (
            rect(100, 106, 200, 132, PAPER, None, 0, 3),
            rect(100, 106, 200, 12, "#5da468"),
            path(cells, stroke="#c6cdd8", width=2),
            *(rect(x + 118, 226 - h, 11, h, "#2f6fc4") for x, h in bars),
            path(
                "M106 140 L136 140 M106 157 L130 157 M106 174 L140 174 M152 140 L176 140 M152 174 L172 174",
                stroke="#7d8796",
                width=3,
            ),
        )
    )
    return _machine(look, 80, 88, screen, 16) + path("M92 100 L92 240", stroke=look.light, width=4)


def _netbook(look: Look) -> str:
    """A small thick machine with broad bezels and stickers on it."""
    screen = rect(136, 142, 128, 84, "#9cc3d8", None, 0, 3) + path(
        "M136 206 L176 170 L204 196 L230 176 L264 210 L264 226 L136 226 Z", "#6f9e74"
    )
    return "".join(
        (
            rect(108, 112, 184, 148, look.base, look.line, 5, 18),
            rect(130, 136, 140, 96, SCREEN, look.line, 3, 4),
            screen,
            circle(200, 124, 4, INK),
            path(
                "M106 258 L294 258 L322 316 L322 334 Q322 338 316 338 L84 338 Q78 338 78 334 L78 316 Z",
                look.base,
                look.line,
                5,
            ),
            path("M78 316 L322 316 L322 332 Q322 338 316 338 L84 338 Q78 338 78 332 Z", look.shade, look.line, 4),
            group("translate(36 -8) scale(.82 1)", _keys(look.deep)),
            rect(182, 304, 36, 8, look.shade, look.line, 2, 3),
            *(rect(x, 322, 18, 8, INK, None, 0, 2) for x in (96, 122)),
            circle(296, 326, 4, "#7fd39a"),
            path("M120 146 L120 222", stroke=look.light, width=5),
        )
    )


def _slim(look: Look) -> str:
    """Wafer-thin, from the side, with a feather on the lid."""
    return "".join(
        (
            path("M62 316 L286 316 L270 328 L86 328 Q66 328 62 316 Z", look.shade, look.line, 4),
            path("M58 308 L300 308 Q306 308 304 314 L302 320 L64 320 Q56 318 58 308 Z", look.base, look.line, 5),
            path("M292 306 L352 92 Q356 80 346 78 L338 76 L278 300 Z", look.deep, look.line, 4),
            path("M282 304 L112 304 L172 92 Q176 78 190 78 L338 78 Q346 78 344 88 Z", look.base, look.line, 5),
            path("M300 92 L332 92 L276 290 L244 290 Z", look.shade),
            path("M188 98 L136 284", stroke=look.light, width=7),
            path(
                "M212 234 C204 190 222 146 258 130 C264 168 250 208 212 234 Z M204 248 L246 158 M220 214 L242 202 M228 "
                "196 L250 180",
                look.light,
                look.line,
                3,
            ),
            path("M76 312 L270 312", stroke=look.light, width=3),
            path("M96 328 l12 6 M256 328 l-12 6", stroke=RUBBER, width=6),
        )
    )


def _lid(look: Look) -> str:
    """From behind, half open: the lid with its badge, hinges, air vents."""
    return "".join(
        (
            path("M60 308 L340 308 L356 326 Q356 336 344 336 L56 336 Q44 336 44 326 Z", look.shade, look.line, 5),
            path("M56 336 L70 316 L330 316 L344 336 Z", look.base, look.line, 4),
            path("M72 104 Q74 86 92 86 L308 86 Q326 86 328 104 L344 302 L56 302 Z", look.base, look.line, 5),
            path("M292 88 L308 88 Q324 88 326 104 L342 300 L288 300 C302 232 304 160 292 88 Z", look.shade),
            path("M92 106 L78 276", stroke=look.light, width=7),
            circle(200, 186, 30, look.light, look.line, 4),
            path("M186 200 L186 172 L214 200 L214 172", stroke=look.deep, width=6),
            *(rect(x, 298, 56, 16, look.deep, look.line, 3, 5) for x in (92, 252)),
            path(" ".join(f"M{x} 322 l0 8" for x in range(160, 244, 9)), stroke=look.deep),
            path("M236 240 l22 -8 M246 250 l10 -4", stroke=look.light, width=2.5),
        )
    )


def _gaming(look: Look) -> str:
    """Large and angular, with lit keys, side vents and a game on the screen."""
    lights = ("#e9435a", "#f1cd6a", "#5fd08a", "#4db8e8", "#a06be0")
    keys = "".join(
        path(
            " ".join(f"M{112 + 36 * i + 17 * j - 5 * row} {281 + 13 * row} l9 0" for row in range(3) for j in (0, 1)),
            stroke=c,
            width=8,
        )
        for i, c in enumerate(lights)
    )
    return "".join(
        (
            path("M64 84 L82 70 L318 70 L336 84 L336 260 L64 260 Z", look.base, look.line, 5),
            rect(78, 84, 244, 158, "#1b2136", look.line, 3, 4),
            path("M80 240 L80 196 L134 160 L168 184 L214 132 L268 178 L320 150 L320 240 Z", "#5b3a78"),
            circle(256, 122, 22, "#f08a4b"),
            path("M150 240 L196 188 L204 188 L250 240 Z M199 196 L199 236", "#33405f", "#4db8e8", 4),
            path("M92 98 L150 98 M92 110 L132 110", stroke="#e9435a", width=6),
            path("M58 260 L342 260 L366 322 L356 338 L44 338 L34 322 Z", look.base, look.line, 5),
            path("M34 322 L366 322 L356 338 L44 338 Z", look.deep, look.line, 4),
            keys,
            path("M62 280 l16 -12 M54 296 l20 -16 M338 280 l-16 -12 M346 296 l-20 -16", stroke=look.line, width=6),
            line(120, 330, 280, 330, "#e9435a", 5),
        )
    )


def _tent(look: Look) -> str:
    """Folded round and set up like a tent, with a drawing on the screen."""
    return "".join(
        (
            path("M118 92 L286 92 Q300 92 304 104 L358 320 Q360 334 346 334 L322 334 Z", look.deep, look.line, 5),
            path(
                "M96 104 Q98 92 112 92 L268 92 Q282 92 286 104 L324 320 Q326 334 312 334 L54 334 Q40 334 42 320 Z",
                look.base,
                look.line,
                5,
            ),
            path("M114 112 L266 112 L300 312 L70 312 Z", SCREEN, look.line, 3),
            path("M118 116 L262 116 L296 308 L76 308 Z", "#fdfbf4"),
            circle(232, 152, 19, "#f6c544"),
            path("M96 286 C130 230 170 230 196 286 M166 252 C196 214 240 220 276 288", stroke="#5da468", width=9),
            path("M136 206 L136 174 L158 152 L182 174 L182 206 Z", "#e98a6b", "#33363f", 3),
            path("M86 300 L286 300", stroke="#2f6fc4", width=7),
            *(rect(x, 84, 34, 16, RUBBER, look.line, 3, 6) for x in (130, 222)),
            path("M262 272 L334 204", stroke=look.line, width=11),
            path("M262 272 L334 204", stroke=STEEL, width=5),
            path("M42 322 Q44 334 58 334 L78 334 M324 322 Q324 334 310 334 L290 334", stroke=RUBBER, width=9),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "notebook": _notebook,
    "studio": _studio,
    "slim": _slim,
    "everyday": _everyday,
    "lid": _lid,
    "gaming": _gaming,
    "tent": _tent,
    "netbook": _netbook,
}
