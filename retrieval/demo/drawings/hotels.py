"""Hotels; with the inns, all designs of the category.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings import inns
from retrieval.demo.drawings.inns import PANE, bed_sign, bush, window
from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
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

WATER = "#6fc3df"


def _palm() -> str:
    fronds = (
        path(f"M62 150 q{dx} {dy} {2 * dx} {dy + 46} q{-dx} -22 {-2 * dx} {-dy - 46} Z", LEAF, LEAF_LINE, 4)
        for dx, dy in ((-24, -36), (26, -36), (-14, -2), (18, -2))
    )
    return line(54, 292, 62, 150, WOOD_SHADE, 11) + "".join(fronds)


def _garden(look: Look) -> str:
    return "".join(
        (
            _palm(),
            rect(96, 164, 236, 128, look.base, look.line, 5),
            rect(140, 98, 148, 70, look.light, look.line, 5),
            path("M76 172 L104 140 L324 140 L352 172 Z", "#5f7f8f", look.line, 5),
            path("M122 104 L148 70 L280 70 L306 104 Z", "#5f7f8f", look.line, 5),
            *(rect(x, 112, 28, 28, PANE, look.line, 4, 3) for x in (160, 200, 240)),
            *(window(x, 196, look) for x in (112, 278)),
            path("M182 220 L246 220 L246 292 L182 292 Z M214 222 L214 290", WOOD, look.line, 4),
            bed_sign(214, 192, look),
            path("M44 292 L356 292 L374 334 L26 334 Z", PAPER, look.line, 4),
            path("M92 300 L314 300 L332 328 L74 328 Z", WATER, look.line, 4),
            path("M120 310 q12 -7 24 0 t24 0 M200 320 q12 -7 24 0 t24 0 M240 308 q10 -6 20 0", stroke=PAPER, width=4),
        )
    )


def _orange_trees(look: Look) -> str:
    tree = "".join(
        (
            line(70, 286, 70, 252, WOOD_SHADE, 8),
            bush(70, 232, 28),
            *(circle(x, y, 5, "#ec7d23") for x, y in ((58, 226), (76, 218), (82, 240), (64, 246))),
            path("M54 284 L86 284 L82 308 L58 308 Z", "#c9643f", look.line, 4),
        )
    )
    return both(tree)


def _court_walls(look: Look) -> str:
    arches = "".join(
        path(
            f"M{x} 232 L{x} 178 Q{x} 150 {x + 24} 140 Q{x + 48} 150 {x + 48} 178 L{x + 48} 232 Z",
            look.deep,
            look.line,
            4,
        )
        for x in (84, 144, 208, 268)
    )
    upper = "".join(
        path(f"M{x} 116 L{x} 96 Q{x} 84 {x + 12} 78 Q{x + 24} 84 {x + 24} 96 L{x + 24} 116 Z", PANE, look.line, 3.5)
        for x in (90, 132, 244, 286)
    )
    return "".join(
        (
            path(
                "M64 66 l16 0 l0 -14 l16 0 l0 14 l16 0 l0 -14 l16 0 l0 14 l16 0 l0 -14 l16 0 l0 14 l80 0 l0 -14 l16 0 "
                "l0 14 l16 0 l0 -14 "
                "l16 0 l0 14 l16 0 l0 -14 l16 0 l0 14 l16 0 L336 234 L64 234 Z",
                look.base,
                look.line,
                5,
            ),
            upper,
            bed_sign(200, 96, look),
            path("M64 126 L336 126", stroke=look.line),
            arches,
        )
    )


def _riad(look: Look) -> str:
    """An inner court: arches on two floors, orange trees, a long pool."""
    return "".join(
        (
            _court_walls(look),
            path("M48 234 L352 234 L372 334 L28 334 Z", "#f0dcc0", look.line, 5),
            path("M136 250 L264 250 L284 326 L116 326 Z", WATER, look.line, 5),
            path("M150 266 l14 0 M236 266 l14 0 M160 290 q12 -7 24 0 t24 0 M196 310 q12 -7 24 0 t24 0", stroke=PAPER),
            _orange_trees(look),
        )
    )


def _tea_table() -> str:
    stool = pipe("M108 304 L142 304 M114 304 L108 334 M136 304 L142 334", "#d9bb6a", INK, 10, 2.5)
    return "".join(
        (
            both(stool),
            path("M164 300 L236 300 M200 300 L200 334", stroke=INK, width=9),
            path("M176 288 l16 0 l-3 10 l-10 0 Z M212 284 l14 0 l0 14 l-14 0 Z", PAPER, INK, 3),
        )
    )


def _teahouse(look: Look) -> str:
    """Swept roofs and lacquered posts, bamboo chairs and a table in front."""
    roof = "M{0} {1} Q{2} {3} {4} {5} L{6} {5} Q{7} {3} {8} {1} Q{9} {10} 200 {10} Q{11} {10} {0} {1} Z"
    return "".join(
        (
            rect(128, 130, 144, 60, "#f0d8b8", look.line, 4),
            path(
                "M140 140 L260 140 L260 184 L140 184 Z M164 140 L164 184 M188 140 L188 184 M212 140 L212 184 M236 140 "
                "L236 184 M140 162 L260 162",
                PANE,
                look.base,
                4,
            ),
            path(roof.format(78, 108, 116, 116, 140, 76, 260, 284, 322, 260, 124, 140), "#4d5a57", INK, 5),
            rect(104, 220, 192, 114, "#f0d8b8", look.line, 4),
            path("M150 334 L150 242 L250 242 L250 334 Z M200 242 L200 334", look.deep, look.line, 4),
            path("M160 254 l30 0 l0 40 l-30 0 Z M210 254 l30 0 l0 40 l-30 0 Z", PANE, look.line, 3),
            both(rect(104, 214, 18, 120, look.base, look.line, 4)),
            path(roof.format(48, 194, 92, 206, 124, 164, 276, 308, 352, 280, 214, 120), "#4d5a57", INK, 5),
            path("M140 176 L260 176 M154 88 L246 88", stroke="#76857f", width=5),
            *(
                path(f"M{x} 212 l0 10", stroke=INK, width=4)
                + ellipse(x, 238, 15, 16, look.base, look.line, 4)
                + path(f"M{x} 254 l0 12", stroke=GOLD, width=5)
                for x in (84, 316)
            ),
            bed_sign(200, 216, look),
            _tea_table(),
        )
    )


def _cactus() -> str:
    return "".join(
        (
            path(
                "M262 334 C258 300 270 286 266 262 M262 318 C246 312 244 296 250 288 M266 300 C284 298 288 284 284 276",
                stroke=LEAF_LINE,
                width=11,
            ),
            path(
                "M262 334 C258 300 270 286 266 262 M262 318 C246 312 244 296 250 288 M266 300 C284 298 288 284 284 276",
                stroke=LEAF,
                width=5,
            ),
            circle(300, 316, 11, "#d9478a", INK, 3) + circle(300, 316, 4, "#f2c12e"),
        )
    )


def _rooftop(look: Look) -> str:
    """A tall flat-roofed block with balconies, a pool and parasols on top."""
    balconies = "".join(
        path(f"M{x} {y} l44 0 l0 34 l-44 0 Z M{x + 22} {y} l0 34", PANE, look.line, 4)
        + path(
            f"M{x - 6} {y + 22} l56 0 l0 16 l-56 0 Z M{x + 8} {y + 22} l0 16 M{x + 22} {y + 22} l0 16 M{x + 36} "
            f"{y + 22} l0 16",
            look.light,
            look.line,
            3,
        )
        for y in (146, 202)
        for x in (102, 178, 254)
    )
    return "".join(
        (
            path("M126 112 C132 76 196 76 202 112 Z M164 84 L164 126", "#d1383d", INK, 4),
            path("M232 112 C238 84 286 84 292 112 Z M262 90 L262 126", PAPER, INK, 4),
            path("M76 108 L324 108 L324 136 L76 136 Z", WATER, look.line, 4),
            path("M92 120 q10 -8 20 0 t20 0 M212 120 q8 -7 16 0 M298 120 q8 -7 16 0", stroke=PAPER),
            rect(84, 132, 232, 202, look.base, look.line, 5),
            rect(290, 134, 24, 198, look.shade),
            balconies,
            rect(72, 130, 256, 14, look.deep, look.line, 4, 3),
            path("M168 334 L168 276 Q200 258 232 276 L232 334 Z M200 268 L200 334", "#3f7f9b", look.line, 4),
            bed_sign(126, 292, look),
            _cactus(),
        )
    )


def _dome(look: Look) -> str:
    return "".join(
        (
            path("M148 112 C148 66 252 66 252 112 Z", "#6fa08f", look.line, 5),
            path(
                "M172 80 C166 92 164 102 164 110 M228 80 C234 92 236 102 236 110 M200 74 L200 112",
                stroke="#4b7667",
                width=3,
            ),
            path("M200 74 L200 44 M200 46 L226 54 L200 62 Z", GOLD, look.line, 4),
        )
    )


def _colonnade(look: Look) -> str:
    columns = both(
        *(
            rect(x, 172, 16, 120, look.light, look.line, 3.5) + rect(x - 4, 164, 24, 10, PAPER, look.line, 3)
            for x in (78, 122, 166)
        )
    )
    panes = both(
        *(
            path(
                f"M{x} 200 Q{x} 186 {x + 10} 186 Q{x + 20} 186 {x + 20} 200 L{x + 20} 244 L{x} 244 Z",
                PANE,
                look.line,
                3,
            )
            for x in (98, 142)
        )
    )
    return "".join(
        (
            panes,
            columns,
        )
    )


def _palace(look: Look) -> str:
    """A domed front with columns, a gilded gable and a red carpet."""
    return "".join(
        (
            _dome(look),
            rect(140, 110, 120, 42, look.base, look.line, 5),
            rect(64, 160, 272, 174, look.base, look.line, 5),
            path("M52 148 L348 148 L348 164 L52 164 Z", PAPER, look.line, 5),
            path("M116 150 L200 104 L284 150 Z", look.light, look.line, 5),
            group("translate(200 134) scale(.66)", bed_sign(0, 0, look)),
            _colonnade(look),
            path(
                "M176 334 L176 232 Q176 202 200 202 Q224 202 224 232 L224 334 Z M200 204 L200 334",
                WOOD_SHADE,
                look.line,
                5,
            ),
            rect(56, 290, 112, 44, look.shade, look.line, 4),
            rect(232, 290, 112, 44, look.shade, look.line, 4),
            path("M178 300 L222 300 L246 340 L154 340 Z", "#b7313a", "#5e161c", 4),
            both(pipe("M150 334 L150 300", GOLD, INK, 9, 2.5), circle(150, 294, 9, PANE, INK, 3.5), bush(82, 320, 14)),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "garden": _garden,
    "riad": _riad,
    "teahouse": _teahouse,
    "rooftop": _rooftop,
    "palace": _palace,
    **inns.DESIGNS,
}
