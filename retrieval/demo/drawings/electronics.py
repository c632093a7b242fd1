"""Headphones, smartphones and laptops.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import INK, STEEL, STEEL_SHADE, Look, circle, ellipse, group, line, path, rect


def headphones(look: Look) -> str:
    """Headphones from the front: large cups that cover the ear, or small ones that lie on it."""
    over_ear = "noise cancelling" in look.features or look.design % 2 == 1
    rx, ry = (44, 62) if over_ear else (36, 44)
    cups = "".join(
        (
            rect(70, 236 - ry, 34, 2 * ry, look.deep, look.line, 4, 16),
            ellipse(112, 236, rx, ry, look.base, look.line),
            ellipse(108, 236, rx * 0.6, ry * 0.62, look.shade, look.line, 3),
            path(
                f"M{100} {236 - ry * 0.34:g} C88 {236 - ry * 0.1:g} 88 {236 + ry * 0.1:g} 96 {236 + ry * 0.3:g}",
                stroke=look.light,
                width=6,
            ),
            line(108, 236 - ry, 104, 236 - ry - 28, look.line, 15),
            line(108, 236 - ry, 104, 236 - ry - 28, STEEL, 8),
        )
    )
    band = "M100 176 C96 44 304 44 300 176"
    return "".join(
        (
            path(band, stroke=look.line, width=30 if over_ear else 22),
            path(band, stroke=look.base, width=22 if over_ear else 14),
            path("M128 122 C150 70 250 70 272 122", stroke=look.light, width=5),
            path("M150 90 C176 70 224 70 250 90", stroke=look.deep, width=13) if over_ear else "",
            cups,
            group("translate(400 0) scale(-1 1)", cups),
        )
    )


def smartphone(look: Look) -> str:
    """The back of a phone in its colour, and the front of another before it."""
    large = look.design % 2 == 1
    height, lenses = (246, 3) if large else (206, 1)
    top = 330 - height
    back = "".join(
        (
            rect(96, top - 18, 124, height, look.base, look.line, 5, 22),
            path(f"M104 {top + 8} L104 {top + height - 50}", stroke=look.light, width=6),
            rect(110, top - 4, 50, 30 + 30 * (lenses - 1), look.shade, look.line, 3, 14),
            *(circle(135, top + 12 + 30 * i, 11, INK, STEEL, 3) for i in range(lenses)),
            *(circle(131, top + 8 + 30 * i, 3, "#8fb4dd") for i in range(lenses)),
        )
    )
    front = "".join(
        (
            rect(190, top, 124, height, look.base, look.line, 5, 22),
            rect(199, top + 9, 106, height - 18, "#23304a", None, 0, 15),
            path(_wave(top + height), look.light),
            circle(276, top + 66, 18, "#ffe2a8"),
            rect(236, top + 16, 32, 8, INK, None, 0, 4),
            *(rect(212 + 24 * i, top + height - 42, 17, 17, "#ffffff", look.line, 2, 5) for i in range(4)),
        )
    )
    return back + front


def _wave(bottom: int) -> str:
    """The lower half of the screen of a phone that ends at `bottom`."""
    foot = bottom - 9
    crest = f"M199 {bottom - 86} C232 {bottom - 124} 262 {bottom - 60} 305 {bottom - 112}"
    return f"{crest} L305 {foot - 15} Q305 {foot} 290 {foot} L214 {foot} Q199 {foot} 199 {foot - 15} Z"


def laptop(look: Look) -> str:
    """An open laptop; the designs differ in the bezel and in what is on the screen."""
    wide = look.design % 2 == 1
    left, right, top = (72, 328, 84) if wide else (88, 312, 96)
    keys = "".join(
        rect(124 + 22 * column - 5 * row, 276 + 13 * row, 17 + row * 0.6, 8, look.deep, None, 0, 2)
        for row in range(3)
        for column in range(7 + (row > 1))
    )
    return "".join(
        (
            rect(left, top, right - left, 262 - top, look.base, look.line, 5, 14),
            rect(left + 11, top + 11, right - left - 22, 236 - top, "#24324f", look.line, 3, 5),
            _desktop(look, left + 13, right - 13, top + 13, 244, wide),
            path(
                f"M{left - 2} 262 L{right + 2} 262 L354 326 Q356 336 344 336 L56 336 Q44 336 46 326 Z",
                look.base,
                look.line,
                5,
            ),
            path("M47 326 L353 326 Q356 336 344 336 L56 336 Q44 336 47 326 Z", look.shade, look.line, 3),
            keys,
            rect(172, 316, 56, 9, look.shade, look.line, 2, 3)
            if not wide
            else rect(164, 316, 72, 9, look.shade, look.line, 2, 3),
            path(f"M{left + 8} 268 L{right - 8} 268", stroke=STEEL_SHADE, width=4),
        )
    )


def _desktop(look: Look, left: int, right: int, top: int, bottom: int, wide: bool) -> str:
    if wide:
        tracks = ("#e98a6b", "#7fc4a5", "#f1cd6a", "#8aa9e6")
        return "".join(
            (
                rect(left + 60, top + 10, right - left - 72, 74, "#6c8fc7", None, 0, 4),
                path(
                    f"M{left + 60} {top + 84} L{left + 110} {top + 40} L{left + 140} {top + 66} "
                    f"L{left + 168} {top + 34} L{right - 12} {top + 84} Z",
                    "#dfe8f5",
                ),
                *(rect(left + 10, top + 12 + 18 * i, 40, 11, "#4a5b80", None, 0, 3) for i in range(4)),
                *(
                    rect(left + 12 + 18 * i, bottom - 46 + 10 * i, 96 + 14 * (i % 3), 8, c, None, 0, 3)
                    for i, c in enumerate(tracks)
                ),
            )
        )
    return "".join(
        (
            path(
                f"M{left} {bottom - 50} C{left + 70} {bottom - 90} {left + 110} {bottom - 10} {right} "
                f"{bottom - 64} L{right} {bottom} L{left} {bottom} Z",
                "#7fb3d5",
            ),
            circle(right - 48, top + 36, 18, "#ffe2a8"),
            rect(left + 18, top + 18, 82, 60, "#f4f6fb", look.line, 2, 4),
            *(
                line(left + 28, top + 34 + 12 * i, left + 86 - 12 * (i == 2), top + 34 + 12 * i, "#aab4c8", 4)
                for i in range(3)
            ),
        )
    )
