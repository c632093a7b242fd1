"""Snacks: bags, cans and bars; with the sweets, all designs of the category.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings import sweets
from retrieval.demo.drawings.shapes import CREAM, INK, PAPER, Drawing, Look, circle, ellipse, group, path, rect

BAKED = "#edc98a"
BAKED_LINE = "#8c5f2a"


def _cracker(x: float, y: float, r: float) -> str:
    specks = ((-0.5, -0.3), (0.1, -0.55), (0.45, -0.1), (-0.15, 0.1), (0.25, 0.5), (-0.45, 0.45))
    return "".join(
        (
            circle(x, y, r, BAKED, BAKED_LINE, 4),
            circle(x, y, r * 0.78, "#f6dcab"),
            *(ellipse(x + dx * r, y + dy * r, r * 0.13, r * 0.08, "#3d6b45") for dx, dy in specks),
        )
    )


def _pillow_bag(look: Look, *parts: str) -> str:
    """A sealed bag full of air, with zigzag edges."""
    bag = f"M112 84 {'l8 -9 l8 9 ' * 11} C280 150 280 240 292 306 {'l-8 9 l-8 -9 ' * 11} Z"
    return "".join(
        (
            path(bag, look.base, look.line, 5),
            path("M258 92 L286 92 C276 150 276 240 288 304 L256 304 C266 230 266 160 258 92 Z", look.shade),
            path("M116 106 L286 106 M112 288 L288 288", stroke=look.deep),
            path("M130 124 C138 170 138 220 132 270", stroke=look.light, width=9),
            *parts,
        )
    )


def _crackers(look: Look) -> str:
    outside = "".join(_cracker(x, y, r) for x, y, r in ((84, 304, 27), (318, 300, 30), (280, 316, 24)))
    return _pillow_bag(look, ellipse(200, 188, 60, 56, CREAM, look.line, 4), _cracker(200, 188, 36), outside)


def _rings(look: Look) -> str:
    """Small lunchbox bags in a row and rings of apple."""
    bag = "".join(
        (
            path(
                "M-44 -92 l9 -9 l9 9 l9 -9 l9 9 l8 -9 l9 9 l9 -9 l9 9 l9 -9 l8 9 L48 68 l-9 9 l-10 -9 l-9 9 l-10 -9 "
                "l-10 9 l-9 -9 l-10 9 l-9 -9 l-10 9 l-10 -9 Z",
                look.base,
                look.line,
                4.5,
            ),
            path("M-30 -74 L-34 48", stroke=look.light, width=7),
            circle(2, -14, 29, CREAM, look.line, 3.5),
            path("M2 -30 C-20 -42 -28 -10 -12 4 C-6 10 10 10 16 4 C32 -10 24 -42 2 -30 Z", "#d1383d", look.line, 3),
            path("M2 -30 C2 -38 6 -42 10 -44", stroke=look.line, width=4),
        )
    )
    rings = "".join(
        ellipse(x, y, 34, 21, "#d1383d", "#7c2d22", 3)
        + ellipse(x, y, 30, 17, "#f6e7bf")
        + ellipse(x, y, 9, 5, "#f8efd9", BAKED_LINE, 3)
        for x, y in ((96, 310), (166, 318), (300, 308), (236, 318))
    )
    return "".join(
        (
            group("translate(118 188) rotate(-10)", bag),
            group("translate(284 188) rotate(10)", bag),
            group("translate(201 182)", bag),
            rings,
        )
    )


def _beans(look: Look) -> str:
    """A paper can with a plastic lid, chillies and split beans."""
    split = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path("M-18 6 C-18 -14 18 -14 18 6 C10 2 -10 2 -18 6 Z", "#d9a441", "#7c5214", 3),
            path("M-8 -2 q8 -4 16 0", stroke="#f3d58c", width=3),
        )
        for x, y, turn in ((82, 322, -10), (122, 330, 14), (298, 320, 12), (334, 330, -12), (262, 332, 0))
    )
    chilli = path("M-34 -12 C-20 14 14 18 40 2 C24 26 -20 30 -40 0 Z", "#d1383d", "#6e1a20", 3) + path(
        "M-36 -4 q-6 -10 -14 -10", stroke="#3f7a45", width=6
    )
    return "".join(
        (
            path("M124 96 L124 306 C124 332 276 332 276 306 L276 96 Z", look.base, look.line, 5),
            path("M244 98 L274 98 L274 306 C274 318 254 326 228 328 C242 260 248 170 244 98 Z", look.shade),
            path("M142 128 L142 304", stroke=look.light, width=9),
            path("M118 76 C118 58 282 58 282 76 L282 100 C282 118 118 118 118 100 Z", PAPER, look.line, 5),
            ellipse(200, 76, 78, 13, "#ecebe6", look.line, 3),
            path("M124 160 C160 178 240 178 276 160 L276 262 C240 280 160 280 124 262 Z", CREAM, look.line, 4),
            group("translate(206 204) rotate(-16)", chilli),
            group("translate(196 240) rotate(12) scale(.9)", chilli),
            path("M124 286 C160 304 240 304 276 286", stroke="#d1383d", width=7),
            split,
        )
    )


def _spilled_nuts() -> str:
    nuts = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path("M-16 4 C-16 -12 14 -14 16 4 C8 12 4 -2 -4 6 C-10 12 -16 10 -16 4 Z", "#e8c98f", BAKED_LINE, 3),
        )
        for x, y, turn in ((72, 324, 10), (326, 322, -20), (352, 332, 30))
    )
    return "".join(
        (
            nuts,
            ellipse(104, 334, 9, 6, "#6d3f8f", INK, 2.5),
        )
    )


def _mixed() -> str:
    pieces = (
        (118, 168, "#e8c98f"),
        (150, 154, "#6d3f8f"),
        (182, 164, "#e8c98f"),
        (214, 152, "#8fb56f"),
        (246, 166, "#4a2a1a"),
        (276, 160, "#e8c98f"),
        (134, 182, "#8fb56f"),
        (166, 184, "#4a2a1a"),
        (200, 182, "#6d3f8f"),
        (232, 184, "#e8c98f"),
        (264, 182, "#8fb56f"),
    )
    return "".join(ellipse(x, y, 20, 15, fill, INK, 3) for x, y, fill in pieces)


def _trail_mix(look: Look) -> str:
    """A large open sack of nuts, seeds and berries with a scoop."""
    return "".join(
        (
            path("M96 170 C92 130 308 130 304 170 L304 200 L96 200 Z", look.deep, look.line, 5),
            _mixed(),
            path(
                "M92 172 C110 200 132 184 152 196 C176 206 190 190 214 198 C244 206 270 184 308 172 L318 314 Q318 332 "
                "298 332 L102 332 "
                "Q82 332 82 314 Z",
                look.base,
                look.line,
                5,
            ),
            path("M278 188 L308 176 L317 314 Q316 330 298 330 L272 330 C288 280 288 230 278 188 Z", look.shade),
            path("M108 206 L104 308", stroke=look.light, width=9),
            path(
                "M92 172 C110 200 132 184 152 196 C176 206 190 190 214 198 C244 206 270 184 308 172",
                stroke=look.light,
                width=7,
            ),
            path("M150 298 L184 232 L204 264 L222 238 L256 298 Z", CREAM, look.line, 4),
            path("M184 232 L174 252 L184 258 L194 248 Z", "#9cc3a0"),
            _spilled_nuts(),
        )
    )


def _open_bar(look: Look) -> str:
    peanuts = "".join(
        ellipse(x, y, 13, 9, "#e8c98f", BAKED_LINE, 3)
        for x, y in ((-100, -10), (-72, 10), (-46, -12), (-104, 16), (-18, 8), (-74, -16))
    )
    return group(
        "translate(206 268) rotate(6)",
        rect(-132, -32, 170, 66, "#b07a43", BAKED_LINE, 5, 8),
        peanuts,
        path(
            "M8 -38 l14 14 l-12 12 l14 14 l-14 14 l12 14 l-14 12 L112 42 l8 -9 l-8 -9 l8 -9 l-8 -9 l8 -9 l-8 "
            "-9 l8 -9 l-8 -9 l8 -8 Z",
            look.base,
            look.line,
            5,
        ),
        path("M40 -20 L90 -20", stroke=look.light, width=6),
        path("M48 18 L64 -4 L76 8 L90 -8 L104 18 Z", PAPER, look.line, 3),
    )


def _bars(look: Look) -> str:
    """A wrapped bar, another half unwrapped with its peanuts to be seen."""
    teeth = "l9 10 l-9 10 l9 10 l-9 10 l9 10 l-9 10"
    wrapper = path(f"M122 -30 {teeth} L-122 30 {teeth.replace(' 10', ' -10')} Z", look.base, look.line, 5)
    return "".join(
        (
            group(
                "translate(206 156) rotate(-12)",
                wrapper,
                rect(-84, -34, 168, 68, look.light, look.line, 4, 4),
                path("M-66 18 L-34 -20 L-14 2 L8 -24 L44 18 Z", PAPER, look.line, 3.5),
                circle(62, -10, 11, "#f2c12e", look.line, 3),
                path("M-106 -22 L-98 -22 M-106 22 L-98 22", stroke=look.light, width=6),
            ),
            _open_bar(look),
            *(ellipse(x, y, 13, 9, "#e8c98f", BAKED_LINE, 3) for x, y in ((84, 330), (112, 334), (318, 332))),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "crackers": _crackers,
    "rings": _rings,
    "beans": _beans,
    "trail mix": _trail_mix,
    "bars": _bars,
    **sweets.DESIGNS,
}
