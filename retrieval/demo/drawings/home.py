"""Sofas, desk lamps and bedding.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import INK, WOOD, WOOD_SHADE, Look, circle, ellipse, group, line, path, rect

GLOW = "#fff3c4"


def sofa(look: Look) -> str:
    """A box-shaped sofa with a throw cushion, or a buttoned one with rolled arms."""
    return _buttoned(look) if look.design % 2 == 1 else _boxy(look)


def _boxy(look: Look) -> str:
    return "".join(
        (
            *(line(x, 300, x, 330, WOOD_SHADE, 12) for x in (92, 308)),
            rect(74, 142, 252, 130, look.shade, look.line, 5, 22),
            rect(90, 156, 106, 84, look.base, look.line, 4, 14),
            rect(204, 156, 106, 84, look.base, look.line, 4, 14),
            rect(84, 228, 114, 46, look.light, look.line, 4, 12),
            rect(202, 228, 114, 46, look.light, look.line, 4, 12),
            rect(60, 268, 280, 42, look.base, look.line, 5, 10),
            rect(44, 194, 46, 118, look.base, look.line, 5, 18),
            rect(310, 194, 46, 118, look.base, look.line, 5, 18),
            group(
                "translate(122 216) rotate(-12)",
                rect(-30, -30, 60, 60, look.deep, look.line, 4, 10),
                line(-14, 0, 14, 0, look.light, 5),
            ),
            path("M60 206 L60 298", stroke=look.light, width=5),
        )
    )


def _buttoned(look: Look) -> str:
    buttons = [(x, y) for y, xs in ((160, (120, 160, 200, 240, 280)), (194, (140, 180, 220, 260))) for x in xs]
    folds = "".join(path(f"M{x} {y} l20 34 M{x} {y} l-20 34", stroke=look.shade, width=3) for x, y in buttons[:5])
    return "".join(
        (
            *(path(f"M{x} 304 l16 0 l-4 28 l-8 0 Z", WOOD_SHADE, INK, 3) for x in (84, 300)),
            path(
                "M82 250 L82 150 C90 118 140 122 200 112 C260 122 310 118 318 150 L318 250 Z", look.base, look.line, 5
            ),
            folds,
            *(circle(x, y, 6, look.deep, look.line, 2) for x, y in buttons),
            rect(82, 222, 120, 48, look.light, look.line, 4, 14),
            rect(198, 222, 120, 48, look.light, look.line, 4, 14),
            rect(62, 264, 276, 44, look.shade, look.line, 5, 10),
            f'<g stroke-dasharray="2 10">{line(76, 298, 324, 298, look.light, 4)}</g>',
            _rolled_arm(look),
            group("translate(400 0) scale(-1 1)", _rolled_arm(look)),
        )
    )


def _rolled_arm(look: Look) -> str:
    return "".join(
        (
            rect(50, 212, 40, 98, look.base, look.line, 5, 8),
            circle(70, 206, 29, look.base, look.line, 5),
            path("M70 192 a14 14 0 1 1 -13 18 a8 8 0 1 1 13 2", stroke=look.deep, width=4),
        )
    )


def desk_lamp(look: Look) -> str:
    """A dome on a bent neck, or a bar of light on a jointed arm."""
    return _bar_lamp(look) if look.design % 2 == 1 else _dome_lamp(look)


def _dome_lamp(look: Look) -> str:
    neck = "M154 318 C132 236 136 160 200 116"
    return "".join(
        (
            path("M216 176 L330 142 L364 334 L196 334 Z", GLOW),
            path(neck, stroke=look.line, width=19),
            path(neck, stroke=look.shade, width=11),
            path("M96 330 C96 306 126 300 154 300 C182 300 212 306 212 330 Z", look.base, look.line, 5),
            path("M116 320 C122 310 140 308 150 308", stroke=look.light, width=5),
            circle(166, 314, 5, look.deep, look.line, 2),
            group(
                "translate(236 126) rotate(-16)",
                ellipse(22, 36, 28, 20, "#fff9dd", look.line, 3),
                path("M-46 32 C-46 -22 -14 -50 22 -50 C58 -50 90 -22 90 32 Z", look.base, look.line, 5),
                path("M-28 18 C-26 -12 -8 -32 10 -36", stroke=look.light, width=7),
                rect(8, -66, 28, 18, look.shade, look.line, 4, 5),
            ),
        )
    )


def _bar_lamp(look: Look) -> str:
    return "".join(
        (
            path("M160 108 L316 108 L356 334 L150 334 Z", GLOW),
            line(112, 318, 88, 204, look.line, 18),
            line(112, 318, 88, 204, look.base, 10),
            line(88, 204, 160, 94, look.line, 18),
            line(88, 204, 160, 94, look.base, 10),
            line(92, 196, 148, 110, look.light, 3),
            circle(88, 204, 13, look.shade, look.line, 4),
            rect(136, 78, 192, 22, look.base, look.line, 5, 11),
            rect(160, 97, 156, 11, "#fffbe6", look.line, 3, 5),
            line(170, 85, 300, 85, look.light, 4),
            circle(160, 90, 11, look.shade, look.line, 4),
            rect(62, 316, 112, 18, look.base, look.line, 5, 9),
            line(78, 322, 140, 322, look.light, 3),
        )
    )


def bedding(look: Look) -> str:
    """A made bed with two pillows and a duvet, striped or checked."""
    return "".join(
        (
            path("M70 220 L70 116 Q70 92 94 92 L306 92 Q330 92 330 116 L330 220 Z", WOOD, WOOD_SHADE, 5),
            *(line(x, 104, x, 180, WOOD_SHADE, 3) for x in (122, 200, 278)),
            rect(58, 190, 284, 120, "#f4f1ea", look.line, 4, 12),
            _pillow(look, 132, -4),
            _pillow(look, 268, 4),
            path("M46 236 C92 214 308 214 354 236 L362 312 Q200 336 38 312 Z", look.base, look.line, 5),
            _duvet_pattern(look),
            path("M46 236 C92 214 308 214 354 236 L356 262 C308 240 92 240 44 262 Z", look.light, look.line, 4),
            path("M38 312 Q200 336 362 312 L360 298 Q200 322 40 298 Z", look.shade, look.line, 3),
            line(62, 318, 62, 334, WOOD_SHADE, 12),
            line(338, 318, 338, 334, WOOD_SHADE, 12),
        )
    )


def _pillow(look: Look, x: int, turn: int) -> str:
    return group(
        f"translate({x} 182) rotate({turn})",
        path(
            "M-58 -34 C-30 -42 30 -42 58 -34 C66 -14 66 18 58 36 C30 42 -30 42 -58 36 C-66 18 -66 -14 -58 -34 Z",
            look.base,
            look.line,
        ),
        path("M-42 -22 C-20 -28 10 -28 24 -26", stroke=look.light, width=6),
        path("M-44 24 C-14 30 20 30 44 24", stroke=look.shade, width=3),
    )


def _duvet_pattern(look: Look) -> str:
    down = (path(f"M{x} 252 L{200 + (x - 200) * 1.06:g} 312", stroke=look.light, width=5) for x in range(76, 330, 31))
    if look.design % 2 == 0:
        return "".join(down)
    across = (path(f"M50 {y} Q200 {y + 8} 350 {y}", stroke=look.light, width=4) for y in (272, 288))
    return "".join((*down, *across))
