"""Teas: tins, pouches and cakes, often with a cup.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
    STEEL,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    circle,
    dashed,
    ellipse,
    group,
    leaf,
    line,
    path,
    pipe,
    rect,
    steam,
)

CLAY = "#a9603f"
CLAY_LINE = "#4f2a1b"
LEAF_LIGHT = "#7dbb83"


def _tin(look: Look) -> str:
    return "".join(
        (
            rect(64, 104, 136, 226, look.base, look.line, 5, 10),
            rect(166, 108, 32, 218, look.shade, None, 0, 8),
            rect(56, 82, 152, 42, look.deep, look.line, 5, 10),
            line(70, 94, 150, 94, look.light, 5),
            line(78, 140, 78, 312, look.light, 7),
            rect(88, 164, 88, 112, CREAM, look.line, 3, 44),
            leaf(132, 262, 74, LEAF, LEAF_LINE),
            leaf(132, 262, 48, LEAF_LIGHT, LEAF_LINE, 48),
            leaf(132, 262, 48, LEAF_LIGHT, LEAF_LINE, -48),
            rect(64, 104, 136, 226, "none", look.line, 5, 10),
            line(64, 300, 200, 300, look.deep, 6),
        )
    )


def _mug(x: float, brew: str) -> str:
    return group(
        f"translate({x:g} 0)",
        steam(276, 208),
        pipe("M316 246 C356 240 356 304 312 300", PAPER, INK, 15),
        path("M226 226 L322 226 L314 312 Q312 332 292 332 L256 332 Q236 332 234 312 Z", PAPER, INK, 5),
        ellipse(274, 226, 48, 13, brew, INK, 4),
    )


def _tag(look: Look) -> str:
    return "".join(
        (
            path("M252 230 C246 250 252 262 250 276", stroke="#8b8f97", width=3),
            rect(236, 274, 28, 32, look.base, look.line, 3, 3),
            leaf(250, 302, 19, PAPER, look.line),
        )
    )


def _mug_with_bag(look: Look) -> str:
    return _tin(look) + _mug(0, "#d99b3c") + _tag(look)


def _clay_pot(look: Look) -> str:
    pot = (
        "M216 272 C216 234 244 222 266 222 C290 222 316 234 316 272 C316 306 294 318 266 318 C238 318 216 306 216 272 Z"
    )
    return "".join(
        (
            _tin(look),
            steam(318, 230),
            pipe("M222 250 C190 246 186 298 224 294", CLAY, CLAY_LINE, 14),
            path("M308 262 C330 258 334 234 352 228 L356 238 C346 256 336 282 308 290 Z", CLAY, CLAY_LINE, 4),
            path(pot, CLAY, CLAY_LINE, 5),
            path("M234 226 C240 212 292 212 298 226 Z", "#c17a55", CLAY_LINE, 4),
            circle(266, 208, 9, "#c17a55", CLAY_LINE, 4),
            path("M232 258 C236 246 244 240 252 238", stroke="#d69a78", width=6),
            path("M312 304 L368 304 C368 324 356 334 340 334 C324 334 312 324 312 304 Z", PAPER, INK, 4),
            ellipse(340, 304, 28, 7, "#c9822d", INK, 3),
        )
    )


def _tall_glass(look: Look) -> str:
    """Green leaves standing in a tall glass beside their round tin."""
    blades = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path("M0 0 C-7 -10 -7 -32 0 -44 C7 -32 7 -10 0 0 Z", LEAF, LEAF_LINE, 2.5),
        )
        for x, y, turn in (
            (258, 318, -8),
            (282, 322, 6),
            (304, 316, 12),
            (270, 286, 10),
            (296, 274, -10),
            (282, 214, 80),
        )
    )
    return "".join(
        (
            path("M66 150 L66 310 C66 336 206 336 206 310 L206 150 Z", look.base, look.line, 5),
            path("M172 152 L204 152 L204 310 C204 322 184 330 158 332 C172 280 176 210 172 152 Z", look.shade),
            path("M84 176 L84 304", stroke=look.light, width=7),
            path("M60 112 C60 90 212 90 212 112 L212 150 C212 168 60 168 60 150 Z", look.deep, look.line, 5),
            ellipse(136, 110, 75, 18, look.light, look.line, 4),
            path("M104 286 C104 240 134 214 134 214 C134 214 166 240 166 286 Z", CREAM, look.line, 3),
            leaf(135, 282, 52, LEAF, LEAF_LINE),
            steam(282, 150),
            path("M236 164 L328 164 L320 318 Q318 334 302 334 L262 334 Q246 334 244 318 Z", "#e3f0ee", INK, 5),
            path("M240 196 L325 196 L319 316 Q317 330 302 330 L262 330 Q247 330 245 316 Z", "#dfe6a0"),
            blades,
            path("M250 184 L256 302", stroke=PAPER, width=6),
        )
    )


def _carton(look: Look) -> str:
    """A plain box of round bags, some spilled before it, and a strong cup."""
    bags = "".join(
        circle(x, y, 21, "#f0e2c6", "#8a6a42", 3.5) + circle(x, y, 12, "#9c6238")
        for x, y in ((96, 314), (142, 318), (182, 308))
    )
    return "".join(
        (
            path("M58 140 L190 140 L190 318 L58 318 Z", look.base, look.line, 5),
            path("M190 140 L222 118 L222 296 L190 318 Z", look.shade, look.line, 5),
            path("M58 140 L40 106 L170 106 L190 140 Z M190 140 L222 118 L244 96 L206 110 Z", look.light, look.line, 5),
            path("M78 166 L170 166 L170 252 L78 252 Z", CREAM, look.line, 3.5),
            path("M94 188 L154 188 M94 206 L154 206", stroke=look.deep, width=5),
            path("M108 226 L140 226 L136 244 L112 244 Z", look.base, look.line, 3),
            bags,
            _mug(18, "#8a4b24"),
        )
    )


def _bowl_of_buds() -> str:
    buds = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path("M0 0 C-5 -8 -4 -24 0 -32 C4 -24 5 -8 0 0 Z", "#dfe5cf", "#7f8d6c", 2.5),
        )
        for x, y, turn in (
            (262, 296, 60),
            (286, 300, 20),
            (304, 298, -30),
            (326, 298, -70),
            (296, 284, 80),
            (276, 286, -50),
            (318, 284, 10),
        )
    )
    return "".join(
        (
            buds,
            path("M240 292 L352 292 C352 320 330 334 296 334 C262 334 240 320 240 292 Z", PAPER, INK, 5),
            path("M254 306 C258 318 268 324 280 326", stroke="#d9dcd6", width=5),
        )
    )


def _caddy(look: Look) -> str:
    """A square silvery caddy with a double lid, a bowl of pale buds."""
    return "".join(
        (
            path("M70 136 L190 136 L190 332 L70 332 Z", look.base, look.line, 5),
            path("M190 136 L220 124 L220 316 L190 332 Z", look.shade, look.line, 5),
            path("M64 136 L194 136 L226 124 L226 96 L194 106 L64 106 Z M194 106 L194 136", look.light, look.line, 5),
            path("M104 106 L112 74 L178 74 L186 106 Z", look.base, look.line, 5),
            path("M120 84 L150 84 M86 152 L86 316", stroke=PAPER, width=6),
            circle(132, 232, 42, "none", look.deep, 4),
            path(
                "M132 196 C104 222 112 262 132 268 C152 262 160 222 132 196 Z M132 200 L132 266",
                look.light,
                look.line,
                3,
            ),
            path("M118 214 l-6 -14 M146 214 l6 -14", stroke=look.line, width=3),
            _bowl_of_buds(),
        )
    )


def _pressed_leaf() -> str:
    flecks = " ".join(
        f"M{x} {y} l{dx} {dy}"
        for x, y, dx, dy in (
            (150, 150, 14, 8),
            (190, 136, 10, 12),
            (220, 160, 16, -4),
            (172, 178, 14, -8),
            (208, 190, -12, 10),
            (146, 196, 12, 8),
            (180, 216, 16, 2),
            (232, 190, 8, 12),
            (238, 220, -14, 8),
            (156, 228, 12, -4),
            (206, 232, 10, 10),
            (130, 174, 8, 10),
        )
    )
    return "".join(
        (
            circle(190, 186, 92, "#5a3a26", "#2f1c11", 5),
            circle(190, 186, 22, "#47291a", "#2f1c11", 3),
            path(flecks, stroke="#8a6142", width=5),
        )
    )


def _cake(look: Look) -> str:
    """A pressed disc in its paper, half unwrapped, with a pick."""
    return "".join(
        (
            circle(194, 200, 118, look.base, look.line, 5),
            path("M92 258 C120 306 190 326 244 306 C226 300 220 290 226 280 C200 288 150 280 92 258 Z", look.shade),
            _pressed_leaf(),
            path(
                "M112 282 C96 236 120 210 108 168 C140 176 150 214 196 224 C240 236 262 222 296 238 C282 292 226 326 "
                "168 312 Z",
                look.light,
                look.line,
                4,
            ),
            path(
                "M132 206 C140 240 136 262 142 290 M190 236 C190 262 182 282 180 304 M246 242 C242 264 232 284 222 300",
                stroke=look.shade,
                width=3,
            ),
            circle(206, 270, 18, "#c9473d", look.line, 3),
            path("M198 262 L214 262 M198 270 L214 270 M206 262 L206 280", stroke=CREAM, width=3),
            path("M262 320 L344 204", stroke=INK, width=9),
            path("M262 320 L344 204", stroke=STEEL, width=4),
            pipe("M318 240 L354 190", WOOD, WOOD_SHADE, 20, 3.5),
            path("M96 320 l18 -10 l14 12 l-16 12 Z M136 330 l10 -10 l12 8 Z", "#5a3a26", "#2f1c11", 3),
        )
    )


def _pouch(look: Look) -> str:
    """A standing pouch with ginger root and stalks before it."""
    return "".join(
        (
            path("M84 86 L252 86 L264 312 Q264 330 246 330 L90 330 Q72 330 72 312 Z", look.base, look.line, 5),
            path("M224 88 L250 88 L262 312 Q262 328 246 328 L220 328 C236 250 236 160 224 88 Z", look.shade),
            path("M86 86 L250 86 L252 118 L84 118 Z", look.light, look.line, 4),
            dashed("M90 102 L246 102", look.line, 3),
            path("M100 138 L92 304", stroke=look.light, width=8),
            rect(112, 152, 112, 120, CREAM, look.line, 3.5, 56),
            leaf(168, 258, 76, LEAF, LEAF_LINE, -14),
            leaf(168, 258, 60, LEAF_LIGHT, LEAF_LINE, 32),
            path(
                "M230 322 C222 298 242 288 256 294 C258 274 280 268 288 286 C306 276 322 288 314 302 C336 300 342 322 "
                "324 328 "
                "C304 338 250 340 230 322 Z",
                "#e2b978",
                "#8a6234",
                4,
            ),
            path("M250 300 q6 8 2 16 M284 290 q4 8 0 14 M306 306 q6 6 4 14", stroke="#8a6234", width=3),
            path("M330 334 C318 270 322 190 344 118 M342 334 C338 270 346 210 368 150", "none", LEAF_LINE, 10),
            path("M330 334 C318 270 322 190 344 118 M342 334 C338 270 346 210 368 150", "none", "#b9cf7c", 5),
        )
    )


def _bear(look: Look) -> str:
    """A box for children, and a cup with a paper bear on its string."""
    bear = "".join(
        (
            path("M252 230 C244 246 252 256 250 264", stroke="#8b8f97", width=3),
            circle(238, 268, 7, WOOD, WOOD_SHADE, 2.5),
            circle(262, 268, 7, WOOD, WOOD_SHADE, 2.5),
            circle(250, 281, 17, WOOD, WOOD_SHADE, 3),
            ellipse(250, 287, 8, 6, CREAM),
            *(circle(x, 277, 2.2, INK) for x in (244, 256)),
            circle(250, 285, 2.5, INK),
        )
    )
    return "".join(
        (
            path("M60 128 L196 128 L196 326 L60 326 Z", look.base, look.line, 5),
            path("M60 128 L84 98 L220 98 L196 128 Z", look.light, look.line, 5),
            path("M196 128 L220 98 L220 300 L196 326 Z", look.shade, look.line, 5),
            *(circle(x, 182, 17, WOOD, WOOD_SHADE, 3.5) + circle(x, 182, 8, CREAM) for x in (96, 160)),
            circle(128, 214, 46, WOOD, WOOD_SHADE, 4),
            ellipse(128, 230, 22, 17, CREAM, WOOD_SHADE, 2.5),
            *(circle(x, 204, 5, INK) for x in (112, 144)),
            ellipse(128, 224, 8, 6, INK),
            path("M118 236 Q128 244 138 236", stroke=INK, width=3),
            path("M84 288 q11 -10 22 0 t22 0 t22 0 t22 0", stroke=CREAM, width=6),
            _mug(0, "#c4532f"),
            bear,
        )
    )


def _pearls(look: Look) -> str:
    """A glass jar of rolled pearls, jasmine flowers beside it."""
    pearls = "".join(
        circle(118 + 30 * column + 15 * (row % 2), 300 - 27 * row, 14, "#8fa56a", "#4f6137", 3)
        for row in range(4)
        for column in range(5 - row % 2)
    )
    petal = ellipse(0, -16, 9, 15, PAPER, "#8b8f97", 3)
    flowers = "".join(
        group(
            f"translate({x} {y})",
            *(group(f"rotate({turn})", petal) for turn in range(0, 360, 72)),
            circle(0, 0, 6, "#f2c12e"),
        )
        for x, y in ((296, 300), (336, 318))
    )
    return "".join(
        (
            leaf(292, 328, 84, LEAF, LEAF_LINE, 10),
            rect(92, 138, 176, 194, "#e6f0ee", look.line, 5, 24),
            pearls,
            rect(92, 138, 176, 194, "none", look.line, 5, 24),
            path("M106 172 L106 300", stroke=PAPER, width=7),
            rect(122, 176, 116, 76, look.base, look.line, 4, 6),
            path("M140 204 L220 204 M152 224 L208 224", stroke=look.shade, width=5),
            path("M108 140 L108 116 Q108 104 120 104 L240 104 Q252 104 252 116 L252 140 Z", WOOD, WOOD_SHADE, 5),
            path("M122 122 C150 116 190 128 238 120", stroke=WOOD_SHADE, width=3),
            path("M150 104 C150 84 210 84 210 104 Z", WOOD, WOOD_SHADE, 5),
            flowers,
        )
    )


def _sachets(look: Look) -> str:
    """Vacuum sachets in a fan, and a lidded bowl on its saucer."""
    sachet = "".join(
        (
            path(
                "M-34 -112 l6 -7 l7 7 l7 -7 l7 7 l7 -7 l7 7 l7 -7 l7 7 l7 -7 l6 7 L34 54 L-34 54 Z",
                look.base,
                look.line,
                4,
            ),
            path("M-22 -92 L-22 34", stroke=look.light, width=6),
            path("M-34 38 L34 38", stroke=look.deep, width=5),
            circle(4, -34, 19, CREAM, look.line, 3),
            leaf(4, -22, 22, LEAF, LEAF_LINE),
        )
    )
    return "".join(
        (
            *(
                group(f"translate({x} {y}) rotate({turn})", sachet)
                for x, y, turn in ((98, 246, -18), (144, 236, -3), (192, 246, 14))
            ),
            path("M212 318 L360 318 C352 334 220 334 212 318 Z", PAPER, INK, 4),
            path("M222 250 L350 250 C346 296 320 318 286 318 C252 318 226 296 222 250 Z", PAPER, INK, 5),
            path("M240 266 C246 288 256 300 270 306", stroke="#d9dcd6", width=6),
            path("M262 286 C262 268 284 264 290 276 C300 264 318 272 314 290", stroke="#4f8fb5", width=4),
            ellipse(286, 250, 64, 13, "#e2c66a", INK, 4),
            path("M244 236 C250 214 322 214 328 236 Q286 248 244 236 Z", PAPER, INK, 4),
            rect(274, 202, 24, 16, PAPER, INK, 4, 5),
            steam(334, 214),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "mug with bag": _mug_with_bag,
    "clay pot": _clay_pot,
    "tall glass": _tall_glass,
    "carton": _carton,
    "caddy": _caddy,
    "cake": _cake,
    "pouch": _pouch,
    "bear": _bear,
    "pearls": _pearls,
    "sachets": _sachets,
}
