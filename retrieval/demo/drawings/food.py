"""Teas, coffee beans and snacks.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
    LEAF,
    PAPER,
    Look,
    circle,
    ellipse,
    group,
    leaf,
    line,
    path,
    rect,
    steam,
)

BEAN = "#6b4226"
BEAN_LINE = "#38200f"


def tea(look: Look) -> str:
    """A tin beside a cup: a mug with a tea bag, or a small pot with two bowls."""
    return _tin(look) + (_pot_and_bowl() if look.design % 2 == 1 else _mug_with_bag(look))


def _tin(look: Look) -> str:
    return "".join(
        (
            rect(64, 104, 136, 226, look.base, look.line, 5, 10),
            rect(166, 108, 32, 218, look.shade, None, 0, 8),
            rect(56, 82, 152, 42, look.deep, look.line, 5, 10),
            line(70, 94, 150, 94, look.light, 5),
            line(78, 140, 78, 312, look.light, 7),
            rect(88, 164, 88, 112, CREAM, look.line, 3, 44),
            leaf(132, 262, 74, LEAF, "#2f5b39"),
            leaf(132, 262, 48, "#7dbb83", "#2f5b39", 48),
            leaf(132, 262, 48, "#7dbb83", "#2f5b39", -48),
            rect(64, 104, 136, 226, "none", look.line, 5, 10),
            line(64, 300, 200, 300, look.deep, 6),
        )
    )


def _mug_with_bag(look: Look) -> str:
    return "".join(
        (
            steam(276, 208),
            path("M316 246 C356 240 356 304 312 300", stroke="#2b2d38", width=15),
            path("M316 246 C356 240 356 304 312 300", stroke=PAPER, width=7),
            path("M226 226 L322 226 L314 312 Q312 332 292 332 L256 332 Q236 332 234 312 Z", PAPER, "#2b2d38", 5),
            ellipse(274, 226, 48, 13, "#d99b3c", "#2b2d38", 4),
            path("M252 230 C246 250 252 262 250 276", stroke="#8b8f97", width=3),
            rect(236, 274, 28, 32, look.base, look.line, 3, 3),
            leaf(250, 302, 19, PAPER, look.line),
        )
    )


def _pot_and_bowl() -> str:
    clay, clay_line = "#a9603f", "#4f2a1b"
    return "".join(
        (
            steam(318, 230),
            path("M222 250 C190 246 186 298 224 294", stroke=clay_line, width=14),
            path("M222 250 C190 246 186 298 224 294", stroke=clay, width=6),
            path("M308 262 C330 258 334 234 352 228 L356 238 C346 256 336 282 308 290 Z", clay, clay_line, 4),
            path(
                "M216 272 C216 234 244 222 266 222 C290 222 316 234 316 272 C316 306 294 318 266 318 "
                "C238 318 216 306 216 272 Z",
                clay,
                clay_line,
                5,
            ),
            path("M234 226 C240 212 292 212 298 226 Z", "#c17a55", clay_line, 4),
            circle(266, 208, 9, "#c17a55", clay_line, 4),
            path("M232 258 C236 246 244 240 252 238", stroke="#d69a78", width=6),
            path("M312 304 L368 304 C368 324 356 334 340 334 C324 334 312 324 312 304 Z", PAPER, "#2b2d38", 4),
            ellipse(340, 304, 28, 7, "#c9822d", "#2b2d38", 3),
        )
    )


def coffee_beans(look: Look) -> str:
    """A bag of beans with some spilled before it; folded with clips, or pleated with a round label."""
    pleated = look.design % 2 == 1
    body = (
        "M112 96 L288 96 L284 150 L300 330 L100 330 L116 150 Z" if pleated else "M108 112 L292 112 L300 330 L100 330 Z"
    )
    spilled = ((92, 322, 20), (128, 330, -30), (304, 322, 60), (334, 332, 10), (274, 334, -15))
    return "".join(
        (
            path(body, look.base, look.line, 5),
            path("M252 116 L290 116 L299 328 L258 328 C268 260 266 180 252 116 Z", look.shade),
            path("M126 136 L122 300", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            _bag_top(look, pleated),
            _bag_label(look, pleated),
            *(_bean(x, y, 15, turn) for x, y, turn in spilled),
        )
    )


def _bag_top(look: Look, pleated: bool) -> str:
    if pleated:
        pleats = (line(x, 74, x, 94, look.deep, 3) for x in range(126, 284, 18))
        return "".join(
            (rect(108, 66, 184, 34, look.light, look.line, 5, 3), *pleats, circle(200, 126, 7, PAPER, look.line, 3))
        )
    return "".join(
        (
            rect(102, 76, 196, 42, look.shade, look.line, 5, 5),
            line(102, 98, 298, 98, look.line, 3),
            *(rect(x, 70, 14, 54, GOLD, look.line, 3, 3) for x in (112, 274)),
            circle(200, 142, 7, PAPER, look.line, 3),
        )
    )


def _bag_label(look: Look, pleated: bool) -> str:
    if pleated:
        peaks = path("M150 264 L182 216 L198 236 L216 208 L250 264 Z", "#7fa98a", look.line, 3)
        return circle(200, 232, 62, CREAM, look.line, 4) + peaks + _bean(200, 200, 15, 35)
    return rect(142, 172, 116, 108, CREAM, look.line, 4, 8) + _bean(178, 226, 27, 24) + _bean(222, 226, 27, -20)


def _bean(x: float, y: float, r: float, turn: float) -> str:
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g})",
        ellipse(0, 0, r * 0.74, r, BEAN, BEAN_LINE, 3),
        path(
            f"M0 {-r * 0.86:g} C{r * 0.5:g} {-r * 0.3:g} {-r * 0.5:g} {r * 0.3:g} 0 {r * 0.86:g}",
            stroke=BEAN_LINE,
            width=3,
        ),
    )


def snack(look: Look) -> str:
    """A pillow pack of crackers, or an open gift box of chocolates."""
    return _gift_box(look) if look.design % 2 == 1 else _cracker_bag(look)


def _cracker_bag(look: Look) -> str:
    zigzag = "l8 -9 l8 9 " * 11
    bag = f"M112 84 {zigzag} C280 150 280 240 292 306 {'l-8 9 l-8 -9 ' * 11} Z"
    return "".join(
        (
            path(bag, look.base, look.line, 5),
            path("M258 92 L286 92 C276 150 276 240 288 304 L256 304 C266 230 266 160 258 92 Z", look.shade),
            line(116, 106, 286, 106, look.deep, 4),
            line(116, 288, 288, 288, look.deep, 4),
            path("M130 124 C138 170 138 220 132 270", stroke=look.light, width=9),
            ellipse(200, 188, 60, 56, CREAM, look.line, 4),
            _cracker(200, 188, 36),
            _cracker(84, 304, 27),
            _cracker(318, 300, 30),
            _cracker(280, 316, 24),
        )
    )


def _cracker(x: float, y: float, r: float) -> str:
    specks = ((-0.5, -0.3), (0.1, -0.55), (0.45, -0.1), (-0.15, 0.1), (0.25, 0.5), (-0.45, 0.45))
    return "".join(
        (
            circle(x, y, r, "#edc98a", "#8c5f2a", 4),
            circle(x, y, r * 0.78, "#f6dcab"),
            *(ellipse(x + dx * r, y + dy * r, r * 0.13, r * 0.08, "#3d6b45") for dx, dy in specks),
        )
    )


def _gift_box(look: Look) -> str:
    chocolates = "".join(
        _chocolate(104 + 48 * column, 232 + 42 * row, (row + column) % 3) for row in range(2) for column in range(5)
    )
    return "".join(
        (
            path("M66 196 L92 86 L308 86 L334 196 Z", look.base, look.line, 5),
            path("M188 86 L212 86 L216 196 L184 196 Z", GOLD, look.line, 3),
            path(
                "M200 128 C168 92 146 116 160 132 C170 142 188 138 200 128 C232 92 254 116 240 132 C230 "
                "142 212 138 200 128 Z",
                GOLD,
                look.line,
                4,
            ),
            path("M110 100 L96 172", stroke=look.light, width=7),
            rect(58, 194, 284, 138, look.shade, look.line, 5, 8),
            rect(72, 206, 256, 96, CREAM, look.line, 3, 5),
            *(line(x, 208, x, 300, "#d9cdb4", 3) for x in (128, 176, 224, 272)),
            line(74, 254, 326, 254, "#d9cdb4", 3),
            chocolates,
            rect(58, 300, 284, 34, look.base, look.line, 5, 8),
            line(76, 310, 200, 310, look.light, 4),
        )
    )


def _chocolate(x: float, y: float, kind: int) -> str:
    if kind == 0:
        return rect(x - 17, y - 14, 34, 28, "#4a2a1a", BEAN_LINE, 3, 6) + line(x - 9, y - 5, x + 8, y + 5, "#8b5a3a", 4)
    if kind == 1:
        return circle(x, y, 16, "#5d3822", BEAN_LINE, 3) + path(
            f"M{x - 8} {y - 4} q8 -8 16 0", stroke="#93633f", width=4
        )
    return path(
        f"M{x} {y - 17} C{x + 18} {y - 8} {x + 16} {y + 16} {x} {y + 16} C{x - 16} {y + 16} {x - 18} "
        f"{y - 8} {x} {y - 17} Z",
        "#c98f52",
        BEAN_LINE,
        3,
    )
