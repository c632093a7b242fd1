"""Small houses to stay in, and what they share with the hotels.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
    SKY,
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
    rect,
)

PANE = "#ffe9ae"
TILE = "#c9643f"


def bed_sign(x: float, y: float, look: Look) -> str:
    """The sign of all these houses: a bed, around (x, y)."""
    return group(
        f"translate({x:g} {y:g})",
        rect(-34, -22, 68, 44, PAPER, look.line, 4, 8),
        path("M-22 -10 L-22 13 M22 2 L22 13", stroke=look.line, width=5),
        path("M-20 6 L22 6 L22 0 Q22 -5 14 -5 L-4 -5 L-4 3", look.deep, look.line, 3),
        circle(-13, -2, 5, look.deep),
    )


def window(x: float, y: float, look: Look) -> str:
    """A lit window with a sill; (x, y) is its upper left corner."""
    return "".join(
        (
            path(f"M{x} {y} l38 0 l0 48 l-38 0 Z M{x + 19} {y} l0 48", PANE, look.line),
            rect(x - 5, y + 46, 48, 7, PAPER, look.line, 3, 2),
        )
    )


def bush(x: float, y: float, r: float) -> str:
    """A round bush or the crown of a tree."""
    return circle(x, y, r, LEAF, LEAF_LINE, 4)


def _inn(look: Look) -> str:
    tiles = " ".join(f"M{x} 88 q9 12 18 0" for x in range(108, 290, 18))
    return "".join(
        (
            rect(96, 96, 208, 238, look.base, look.line, 5),
            rect(268, 98, 34, 234, look.shade),
            path("M82 100 L112 54 L288 54 L318 100 Z", TILE, look.line, 5),
            path(tiles, stroke="#8f3f2b", width=3),
            rect(238, 34, 24, 34, TILE, look.line, 4),
            *(window(x, y, look) for y in (128, 196) for x in (116, 181, 246)),
            rect(96, 96, 208, 238, "none", look.line, 5),
            rect(174, 276, 52, 58, WOOD, look.line, 4, 4),
            circle(216, 306, 4, GOLD),
            path("M158 280 L166 256 L234 256 L242 280 Z", PAPER, look.line, 4),
            path("M176 257 l-2 22 l16 0 l-1 -22 Z M208 257 l-2 22 l16 0 l-1 -22 Z", look.deep),
            line(304, 178, 332, 178, look.line, 5),
            bed_sign(340, 206, look),
            both(bush(126, 316, 15), rect(112, 320, 28, 16, WOOD_SHADE, look.line, 3)),
        )
    )


def _paper_door(look: Look) -> str:
    return "".join(
        (
            rect(196, 226, 84, 108, PAPER, look.line, 5),
            path(
                "M238 228 L238 332 M198 262 L278 262 M198 298 L278 298 M217 228 L217 332 M259 228 L259 332",
                stroke=WOOD_SHADE,
                width=3,
            ),
            path(
                "M190 226 L286 226 L286 254 L262 254 L262 230 L238 230 L238 254 L214 254 L214 230 L190 230 Z",
                look.deep,
                look.line,
                3,
            ),
        )
    )


def _townhouse(look: Look) -> str:
    """Cedar slats, a curved tile roof on each floor, lanterns at the door."""
    slats = (
        " ".join(f"M{x} 212 L{x} 296" for x in range(112, 184, 10))
        + " "
        + " ".join(f"M{x} 126 L{x} 176" for x in range(132, 272, 10))
    )
    roof = "M{0} {1} Q{2} {3} {4} {5} L{6} {5} Q{7} {3} {8} {1} Z"
    return "".join(
        (
            rect(122, 118, 156, 66, look.base, look.line, 5),
            path(roof.format(88, 124, 118, 112, 132, 78, 268, 282, 312), "#56616e", INK, 5),
            path("M104 118 L296 118 M140 78 L260 78", stroke="#7d8996", width=5),
            rect(100, 204, 200, 130, look.base, look.line, 5),
            path(slats, stroke=look.deep, width=5),
            path(roof.format(60, 212, 92, 202, 112, 176, 288, 308, 340), "#56616e", INK, 5),
            path("M78 206 L322 206", stroke="#7d8996", width=5),
            _paper_door(look),
            *(
                path(f"M{x} 216 l0 12", stroke=INK, width=4)
                + ellipse(x, 246, 14, 19, "#ffcf86", INK, 4)
                + path(f"M{x - 12} 240 l24 0 M{x - 12} 252 l24 0", stroke="#c98a3a", width=2.5)
                for x in (86, 314)
            ),
            bed_sign(144, 316, look),
            bush(320, 320, 17),
        )
    )


def _bicycle(x: float, y: float, color: str) -> str:
    return group(
        f"translate({x:g} {y:g})",
        circle(-26, 0, 20, "none", INK, 4.5) + circle(26, 0, 20, "none", INK, 4.5),
        path(
            "M-26 0 L-10 -30 L18 -30 L0 0 Z L-10 -30 M26 0 L16 -38 L26 -42 M0 0 L-14 -38 M-22 -38 L-6 -38",
            "none",
            color,
            5,
        ),
    )


def _guesthouse(look: Look) -> str:
    """A plain front with many windows, a gate to the yard, bicycles, a chestnut."""
    panes = " ".join(
        f"M{x} {y} l22 0 l0 30 l-22 0 Z M{x + 11} {y} l0 30" for y in (92, 140, 188) for x in (92, 130, 168, 206, 244)
    )
    return "".join(
        (
            rect(74, 70, 212, 264, look.base, look.line, 5),
            rect(260, 72, 24, 260, look.shade),
            path("M66 56 L294 56 L294 76 L66 76 Z", look.deep, look.line, 5),
            path(panes, PANE, look.line, 3.5),
            path("M142 334 L142 270 Q142 236 180 236 Q218 236 218 270 L218 334 Z", INK, look.line, 5),
            path("M152 334 L152 272 Q152 246 180 246 Q208 246 208 272 L208 334 Z", "#a9c79b"),
            line(320, 334, 318, 240, WOOD_SHADE, 13),
            *(bush(x, y, r) for x, y, r in ((318, 168, 36), (292, 206, 28), (344, 206, 28), (318, 222, 26))),
            bed_sign(252, 244, look),
            _bicycle(112, 316, "#d1383d"),
            _bicycle(236, 316, "#2f6fc4"),
        )
    )


def _bay() -> str:
    """The sea with a whale's tail."""
    return "".join(
        (
            path("M22 176 L378 176 L378 262 L22 262 Z", "#8fc3d8", "#5f93ab", 4),
            path(
                "M128 210 C132 190 120 184 108 180 C126 172 138 176 142 186 C146 176 158 172 176 180 C164 184 152 190 "
                "156 210 Z",
                "#4d5f70",
                INK,
                3.5,
            ),
            path("M40 206 q12 -7 24 0 t24 0 M220 200 q10 -6 20 0 t20 0", stroke=PAPER),
        )
    )


def _cottages(look: Look) -> str:
    """Small houses on a hillside above the sea, a whale's tail in the bay."""
    house = "".join(
        (
            rect(0, 0, 76, 54, look.base, look.line, 4.5),
            rect(56, 2, 18, 50, look.shade),
            path("M-8 4 L38 -38 L84 4 Z", "#8a7a5c", look.line, 4.5),
            rect(54, -38, 12, 24, look.light, look.line, 3.5),
            path("M12 54 L12 22 L30 22 L30 54 Z", "#3f7f9b", look.line, 3.5),
            path("M42 18 l20 0 l0 18 l-20 0 Z M52 18 l0 18", PANE, look.line, 3),
        )
    )
    return "".join(
        (
            _bay(),
            path(
                "M22 334 L22 276 C90 236 150 286 214 236 C268 196 330 190 378 210 L378 334 Z", "#8fb56f", "#5f8a4a", 5
            ),
            group("translate(284 154) scale(.92)", house),
            group("translate(184 206)", house),
            group("translate(62 252) scale(1.12)", house),
            path(
                "M40 322 l14 0 m-7 -12 l0 24 M160 316 l0 18 M180 316 l0 18 M200 316 l0 18 M152 322 L214 322",
                stroke=PAPER,
                width=6,
            ),
            bed_sign(316, 292, look),
            line(316, 314, 316, 336, look.line, 6),
            bush(258, 306, 15),
        )
    )


def _gabled_town() -> str:
    return "".join(
        path(f"M{x} 226 L{x} {y} L{x + w / 2:g} {y - 26} L{x + w} {y} L{x + w} 226 Z", fill, "#7d8796", 4)
        + path(
            f"M{x + 10} {y + 14} l8 0 l0 14 l-8 0 Z M{x + w - 20} {y + 14} l8 0 l0 14 l-8 0 Z M{x + 10} {y + 46} l8 0 "
            f"l0 14 l-8 0 Z M{x + w - 20} {y + 46} l8 0 l0 14 l-8 0 Z",
            PAPER,
            "#7d8796",
            2.5,
        )
        for x, y, w, fill in (
            (44, 128, 52, "#e9b9a3"),
            (98, 108, 52, "#f4e3c0"),
            (244, 116, 52, "#cfe0d2"),
            (298, 132, 54, "#f0c9a0"),
        )
    )


def _houseboat(look: Look) -> str:
    """A barge with a wooden cabin, a stove pipe that smokes, town houses behind."""
    return "".join(
        (
            _gabled_town(),
            path("M20 228 L380 228 L380 340 L20 340 Z", SKY, "#7fa5b8", 4),
            rect(118, 166, 168, 92, WOOD, WOOD_SHADE, 5, 6),
            path("M118 188 L286 188 M118 212 L286 212 M118 236 L286 236", stroke=WOOD_SHADE, width=3),
            path("M106 168 Q200 138 298 168 L298 178 L106 178 Z", look.deep, look.line, 5),
            *(circle(x, 216, 19, PANE, look.line, 5) for x in (154, 202)),
            path("M234 258 L234 198 L268 198 L268 258 Z", look.light, look.line, 4),
            rect(138, 112, 16, 46, STEEL, INK, 4, 2),
            path("M146 104 c-12 -12 10 -20 0 -32 c-8 -12 4 -18 10 -24", stroke="#b9bfc9", width=7),
            path(
                "M34 252 C40 290 62 318 96 318 L318 318 C342 316 360 290 368 244 C352 258 330 262 304 262 L92 262 C68 "
                "262 48 260 34 252 Z",
                look.base,
                look.line,
                5,
            ),
            path("M58 278 C90 284 310 284 350 272", stroke=look.light, width=6),
            bed_sign(330, 208, look),
            line(330, 230, 330, 258, look.line, 6),
            *(bush(x, 250, 11) + rect(x - 12, 252, 24, 12, "#c9643f", INK, 3) for x in (66, 96)),
            path(
                "M30 330 q14 -9 28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0",
                stroke="#ffffff",
                width=6,
            ),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "inn": _inn,
    "townhouse": _townhouse,
    "guesthouse": _guesthouse,
    "cottages": _cottages,
    "houseboat": _houseboat,
}
