"""Kettles, spout to the left.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    INK,
    LEAF,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    circle,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
    steam,
)

GLASS = "#dbe9ee"
WATER = "#9fd0e6"
LIGHT = "#8fd3e8"


def _jug(look: Look) -> str:
    body = "M140 108 L244 108 C258 150 278 230 282 302 L118 302 C122 230 128 160 140 108 Z"
    return "".join(
        (
            steam(112, 98),
            pipe("M248 112 C318 104 330 150 322 204 C318 240 296 262 268 262", look.deep, look.line, 32),
            path("M142 118 L96 112 C102 142 116 158 132 168 Z", look.base, look.line, 5),
            path(body, look.base, look.line, 5),
            path("M214 110 L244 110 C258 150 278 230 281 300 L236 300 C238 230 230 160 214 110 Z", look.shade),
            path("M156 132 C146 180 142 230 140 282", stroke=look.light, width=10),
            path(body, "none", look.line, 5),
            path("M136 108 C140 84 166 76 192 76 C220 76 244 84 248 108 Z", look.shade, look.line, 5),
            rect(176, 60, 34, 18, look.deep, look.line, 4, 8),
            rect(104, 302, 192, 16, STEEL, look.line, 4, 5),
            rect(94, 316, 212, 18, RUBBER, look.line, 4, 8),
            circle(262, 325, 4, "#ffb45e"),
        )
    )


def _gooseneck(look: Look) -> str:
    spout = "M146 262 C96 262 104 196 92 164 C86 146 74 140 60 142"
    body = "M164 134 L248 134 C254 150 272 220 278 292 L134 292 C140 220 158 150 164 134 Z"
    return "".join(
        (
            pipe(spout, look.base, look.line, 21),
            pipe("M250 146 L322 146 L322 250 L300 250", WOOD, look.line, 24),
            path(body, look.base, look.line, 5),
            path("M226 136 L248 136 C254 150 272 220 277 290 L240 290 C244 230 238 180 226 136 Z", look.shade),
            path("M180 154 C168 190 162 230 160 274", stroke=look.light, width=8),
            path(body, "none", look.line, 5),
            path("M158 134 C162 116 184 110 206 110 C228 110 250 116 254 134 Z", look.shade, look.line, 5),
            circle(206, 98, 12, WOOD, look.line, 4),
            rect(100, 292, 212, 42, STEEL, look.line, 5, 12),
            rect(170, 302, 64, 22, INK, look.line, 3, 4),
            *(rect(x, 307, 12, 12, LIGHT, None, 0, 2) for x in (180, 198, 216)),
            circle(270, 313, 10, look.base, look.line, 3),
        )
    )


def _glass(look: Look) -> str:
    """Clear, the water seen boiling over a ring of blue light."""
    body = "M132 120 L258 120 C276 170 290 240 290 296 L106 296 C106 240 116 170 132 120 Z"
    bubbles = ((150, 270, 7), (180, 284, 5), (214, 266, 8), (246, 282, 6), (168, 240, 5), (232, 236, 5), (200, 216, 4))
    return "".join(
        (
            steam(118, 92),
            pipe("M262 128 C332 120 340 180 332 226 C328 260 310 272 290 274", look.deep, look.line, 28),
            path("M136 130 L90 116 C94 146 106 166 124 176 Z", GLASS, look.line, 5),
            path(body, GLASS, look.line, 5),
            path(
                "M118 202 Q160 190 200 202 T282 202 C288 240 290 270 290 296 L106 296 C106 266 110 234 118 202 Z", WATER
            ),
            *(circle(x, y, r, "#e4f4fa", "#7fb6cf", 2) for x, y, r in bubbles),
            path("M142 144 C132 186 128 226 126 270", stroke=PAPER, width=9),
            path("M262 160 l14 0 M268 190 l12 0 M274 220 l10 0", stroke=look.line),
            path(body, "none", look.line, 5),
            path("M126 120 C132 96 160 88 195 88 C230 88 258 96 264 120 Z", look.base, look.line, 5),
            path("M150 106 C160 100 172 98 184 98", stroke=look.light, width=5),
            rect(178, 70, 34, 20, look.deep, look.line, 4, 8),
            rect(96, 292, 204, 18, "#4db8e8", look.line, 4, 5),
            rect(86, 308, 224, 26, look.base, look.line, 5, 9),
        )
    )


def _ceramic(look: Look) -> str:
    """Round and fired, with a bird on its side."""
    body = "M144 128 C92 160 84 250 112 304 L288 304 C316 250 308 160 256 128 Z"
    return "".join(
        (
            pipe("M270 150 C340 140 348 236 296 266", look.light, look.line, 27),
            path("M118 196 C86 190 84 150 58 140 L50 160 C68 184 70 232 104 244 Z", look.base, look.line, 5),
            path(body, look.base, look.line, 5),
            path("M240 130 L256 130 C306 162 314 250 288 302 L246 302 C268 244 266 180 240 130 Z", look.shade),
            path("M138 162 C118 196 114 236 122 276", stroke=look.light, width=11),
            path(body, "none", look.line, 5),
            path(
                "M150 232 C164 206 196 204 210 222 C222 214 234 214 244 220 L226 230 C222 256 186 266 166 250 L146 258 "
                "Z",
                PAPER,
                look.line,
                3,
            ),
            path("M174 232 C184 246 200 246 208 236", stroke=look.line, width=3),
            circle(216, 224, 2.5, look.line),
            path("M136 130 C142 104 168 96 200 96 C232 96 258 104 264 130 Z", look.light, look.line, 5),
            circle(200, 86, 14, look.base, look.line, 5),
            rect(96, 302, 208, 12, STEEL, look.line, 4, 5),
            rect(84, 312, 232, 22, RUBBER, look.line, 4, 9),
        )
    )


def _tea_glass(look: Look) -> str:
    """A glass pot with a basket of leaves, five keys on its base."""
    return "".join(
        (
            pipe("M282 148 L330 148 L330 254 L292 254", look.base, look.line, 24),
            path("M126 150 L82 132 C84 160 94 182 114 194 Z", GLASS, look.line, 5),
            path("M122 138 L284 138 L296 288 L110 288 Z", GLASS, look.line, 5),
            path("M116 206 L290 206 L296 286 L110 286 Z", "#e8bd6a"),
            rect(164, 116, 76, 118, "#e9eef0", STEEL_SHADE, 4, 8),
            path(
                " ".join(f"M{x} {y} l1 0" for y in range(140, 230, 15) for x in range(178, 236, 14)),
                stroke=STEEL_SHADE,
                width=5,
            ),
            path("M170 190 L234 190 L234 226 Q234 230 230 230 L174 230 Q170 230 170 226 Z", LEAF),
            path("M134 156 L126 268", stroke=PAPER, width=9),
            path("M122 138 L284 138 L296 288 L110 288 Z", "none", look.line, 5),
            path("M114 138 C120 112 160 106 203 106 C246 106 286 112 292 138 Z", look.base, look.line, 5),
            path("M144 124 C156 118 172 116 186 116", stroke=look.light, width=5),
            circle(203, 96, 13, look.deep, look.line, 4),
            rect(94, 288, 218, 46, look.base, look.line, 5, 12),
            *(circle(x, 311, 10, look.shade, look.line, 3) for x in (131, 167, 239, 275)),
            circle(203, 311, 10, "#ffb45e", look.line, 3),
        )
    )


def _folding(look: Look) -> str:
    """A squashed concertina of silicone between a hard rim and a base."""
    folds = "".join(
        path(
            f"M{x} {y} Q{x - 16} {y + 15} {x} {y + 30} L{400 - x} {y + 30} Q{416 - x} {y + 15} {400 - x} {y} Z",
            fill,
            look.line,
        )
        for x, y, fill in ((132, 262, look.shade), (122, 232, look.base), (114, 202, look.light))
    )
    return "".join(
        (
            pipe("M284 170 C344 160 352 216 330 250", RUBBER, look.line, 24),
            folds,
            path("M104 172 L62 160 C66 184 78 200 106 204 Z", look.base, look.line, 5),
            rect(100, 164, 200, 40, look.base, look.line, 5, 10),
            path("M120 178 L196 178", stroke=look.light, width=6),
            path("M106 164 C112 138 152 130 200 130 C248 130 288 138 294 164 Z", PAPER, look.line, 5),
            rect(182, 112, 36, 20, look.deep, look.line, 4, 8),
            rect(108, 292, 184, 40, PAPER, look.line, 5, 12),
            rect(182, 304, 36, 16, look.deep, look.line, 3, 8),
            circle(192, 312, 5, PAPER),
            path("M318 148 l0 -64 M308 92 l10 -12 l10 12 M308 138 l10 12 l10 -12", stroke=look.line, width=6),
        )
    )


def _steel_dome(look: Look) -> str:
    """A broad dome with an arched handle over it."""
    body = "M72 286 C66 184 124 138 200 138 C276 138 334 184 328 286 Q328 300 314 300 L86 300 Q72 300 72 286 Z"
    return "".join(
        (
            pipe("M116 172 C96 44 304 44 284 172", RUBBER, INK, 24),
            path("M96 206 C66 196 62 168 40 160 L34 178 C50 200 56 234 78 246 Z", look.base, look.line, 5),
            path(body, look.base, look.line, 5),
            path("M268 156 C312 178 332 222 327 286 Q327 298 314 298 L262 298 C288 250 290 196 268 156 Z", look.shade),
            path("M112 196 C94 222 90 250 92 276", stroke=look.light, width=12),
            path("M140 172 C150 164 162 160 172 158", stroke=look.light, width=7),
            path(body, "none", look.line, 5),
            path("M146 146 C150 124 172 118 200 118 C228 118 250 124 254 146 Z", look.light, look.line, 5),
            circle(200, 110, 12, RUBBER, INK, 4),
            rect(82, 300, 236, 12, STEEL, look.line, 4, 4),
            rect(70, 311, 260, 23, RUBBER, INK, 4, 9),
            circle(300, 322, 4, "#ffb45e"),
        )
    )


def _insulated(look: Look) -> str:
    """A tall double wall with a thermometer window."""
    return "".join(
        (
            pipe("M256 130 L310 130 Q326 130 326 146 L326 252 Q326 268 310 268 L276 268", look.deep, look.line, 28),
            path("M134 96 L98 78 L96 104 L132 138 Z", look.deep, look.line, 5),
            path("M130 122 Q130 98 154 98 L246 98 Q270 98 272 122 L282 296 L118 296 Z", look.base, look.line, 5),
            path("M240 100 Q268 98 270 122 L280 294 L244 294 Z", look.shade),
            path("M148 126 L138 270", stroke=look.light, width=9),
            path("M118 262 L282 262", stroke=STEEL, width=8),
            rect(178, 140, 46, 96, PAPER, look.line, 4, 22),
            line(201, 162, 201, 206, "#d1383d", 8),
            circle(201, 214, 11, "#d1383d", look.line, 2.5),
            path("M212 162 l-6 0 M212 176 l-6 0 M212 190 l-6 0", stroke=look.line, width=3),
            path("M128 100 Q128 74 156 74 L244 74 Q272 74 272 100 Z", look.deep, look.line, 5),
            rect(180, 58, 44, 18, look.light, look.line, 4, 7),
            rect(100, 294, 200, 40, RUBBER, INK, 5, 12),
            rect(160, 304, 60, 20, INK, None, 0, 4),
            path("M170 314 l10 0 M186 314 l10 0", stroke="#ffb45e", width=7),
            circle(262, 314, 9, STEEL, INK, 3),
        )
    )


def _teapot(look: Look) -> str:
    """A glazed pot with a side handle of beech, on a plate with a dial."""
    body = (
        "M110 204 C110 158 152 140 196 140 C240 140 282 158 282 204 C282 250 256 276 196 276 C136 276 110 250 110 204 Z"
    )
    return "".join(
        (
            steam(86, 138),
            pipe("M278 190 L356 160", WOOD, WOOD_SHADE, 26, 3),
            line(300, 176, 340, 161, "#dcae7b", 4),
            path("M118 212 C88 208 88 180 68 170 L60 186 C74 208 78 244 116 250 Z", look.base, look.line, 5),
            path(body, look.base, look.line, 5),
            path("M240 148 C270 160 281 180 281 204 C281 244 262 268 216 274 C252 240 258 190 240 148 Z", look.shade),
            path(
                "M112 226 C150 210 176 246 210 228 C240 214 262 236 278 226 C268 260 240 276 196 276 C146 276 118 258 "
                "112 226 Z",
                look.deep,
            ),
            path("M130 194 C134 178 146 166 162 160", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            path("M146 150 C152 128 240 128 246 150 Z", look.light, look.line, 5),
            circle(196, 122, 12, WOOD, WOOD_SHADE, 4),
            rect(96, 274, 200, 16, STEEL, look.line, 4, 5),
            rect(78, 288, 236, 46, RUBBER, INK, 5, 12),
            circle(196, 311, 17, WOOD, WOOD_SHADE, 4),
            line(196, 311, 204, 299, PAPER, 4),
            *(
                line(x, y, x + dx, y + dy, PAPER, 3)
                for x, y, dx, dy in ((170, 302, -6, -3), (166, 316, -7, 1), (222, 302, 6, -3), (226, 316, 7, 1))
            ),
        )
    )


def _mini(look: Look) -> str:
    """Small and squat, its cord wound round the base."""
    return "".join(
        (
            pipe("M250 168 C312 160 314 244 264 258", look.light, look.line, 25),
            path("M140 180 L100 168 C104 194 116 212 136 220 Z", look.base, look.line, 5),
            path("M136 172 Q138 152 158 152 L242 152 Q262 152 264 172 L276 290 L124 290 Z", look.base, look.line, 5),
            path("M234 154 Q260 152 262 172 L274 288 L240 288 Z", look.shade),
            path("M156 178 L148 266", stroke=look.light, width=9),
            rect(186, 186, 24, 78, GLASS, look.line, 3.5, 12),
            rect(189, 216, 18, 45, WATER, None, 0, 9),
            path("M132 156 C138 130 166 122 200 122 C234 122 262 130 268 156 Z", PAPER, look.line, 5),
            rect(180, 104, 40, 20, look.deep, look.line, 4, 9),
            rect(116, 288, 168, 46, PAPER, look.line, 5, 12),
            path("M116 304 L284 304 M116 318 L284 318", stroke=INK, width=6),
            path("M284 318 C320 318 322 336 344 334", stroke=INK, width=6),
            group(
                "translate(350 330)",
                rect(-8, -9, 22, 18, INK, None, 0, 4),
                path("M14 -4 l10 0 M14 4 l10 0", stroke=STEEL_SHADE, width=4),
            ),
            ellipse(160, 272, 3, 3, look.line),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "jug": _jug,
    "gooseneck": _gooseneck,
    "glass": _glass,
    "ceramic": _ceramic,
    "tea glass": _tea_glass,
    "folding": _folding,
    "steel dome": _steel_dome,
    "insulated": _insulated,
    "teapot": _teapot,
    "mini": _mini,
}
