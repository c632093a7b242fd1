"""Shirts, seen from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    LEAF,
    PAPER,
    STEEL,
    Drawing,
    Look,
    both,
    circle,
    dashed,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
)

LONG = "M124 102 C98 122 88 170 62 278 L98 288 L128 200 Z"
ROLLED = "M124 102 C104 118 92 148 74 204 L116 222 L128 190 Z"
SHORT = "M126 102 C104 116 88 142 70 178 L114 204 L130 176 Z"
STRAIGHT = "M150 88 L122 104 L126 326 Q200 338 274 326 L278 104 L250 88 Q200 120 150 88 Z"
CURVED = (
    "M150 88 L124 104 L136 200 L120 300 C140 330 168 338 200 338 C232 338 260 330 280 300 L264 200 L276 104 L250 88 "
    "Q200 120 150 88 Z"
)
RIGHT_EDGE = "M254 92 L278 104 L274 326 Q262 329 250 330 Z"


def _cut(look: Look, sleeve: str, body: str, *pattern: str) -> str:
    """Sleeves and body, with a pattern or seams on the body."""
    shaded = path(RIGHT_EDGE, look.shade) if body == STRAIGHT else ""
    return "".join((both(path(sleeve, look.shade, look.line)), path(body, look.base, look.line), *pattern, shaded))


def _buttons(look: Look, step: int = 38, r: float = 4.5, color: str = PAPER) -> str:
    edges = line(192, 116, 192, 331, look.line, 2.5) + line(208, 116, 208, 331, look.line, 2.5)
    return edges + "".join(circle(200, y, r, color, look.line, 2) for y in range(142, 322, step))


def _collar(look: Look) -> str:
    return "".join(
        (
            path("M150 88 L164 70 Q200 84 236 70 L250 88 L226 122 L200 104 L174 122 Z", look.light, look.line),
            path("M174 84 Q200 96 226 84 L200 104 Z", look.deep, look.line, 3),
        )
    )


def _pocket(look: Look) -> str:
    return path("M220 162 L256 162 L256 196 L238 206 L220 196 Z M220 174 L256 174", look.base, look.line, 3)


def _flapped_pocket(look: Look) -> str:
    return "".join(
        (
            rect(142, 154, 42, 48, look.base, look.line, 3, 4),
            path("M140 152 L186 152 L186 168 L163 178 L140 168 Z", look.shade, look.line, 3),
            circle(163, 167, 4, PAPER, look.line, 2),
        )
    )


def _cuff(look: Look) -> str:
    return pipe("M64 272 L100 282", look.light, look.line, 19)


def _oxford(look: Look) -> str:
    points = "".join(circle(x, 114, 3, PAPER, look.line, 2) for x in (177, 223))
    return _cut(look, LONG, STRAIGHT) + _buttons(look) + _collar(look) + points + _pocket(look) + both(_cuff(look))


def _striped(look: Look) -> str:
    stripes = path(" ".join(f"M{x} 128 L{x} 322" for x in (146, 164, 182, 218, 236, 254)), stroke=look.light, width=5)
    tab = both(path("M76 200 L116 217", stroke=look.line, width=7))
    return _cut(look, ROLLED, STRAIGHT, stripes) + _buttons(look) + _collar(look) + _pocket(look) + tab


def _work(look: Look) -> str:
    yoke = dashed("M124 146 Q146 152 163 138 Q180 152 192 148 M208 148 Q220 152 237 138 Q254 152 276 146", look.light)
    seams = both(dashed("M132 216 L134 318", look.light), _flapped_pocket(look), _cuff(look))
    return _cut(look, LONG, STRAIGHT, yoke) + seams + _buttons(look, 30, 5, STEEL) + _collar(look)


def _overshirt(look: Look) -> str:
    across = " ".join(f"M126 {y} L274 {y}" for y in (148, 196, 244, 292))
    down = " ".join(f"M{x} 118 L{x} 326" for x in (148, 178, 222, 252))
    sleeves = both(path("M94 172 L124 186 M82 212 L114 224 M74 244 L106 254", stroke=look.deep, width=9))
    pockets = both(path("M138 262 L182 252 L182 310 L138 310 Z", look.base, look.line, 3.5), _cuff(look))
    return "".join(
        (
            both(path(LONG, look.shade, look.line)),
            sleeves,
            path(STRAIGHT, look.base, look.line),
            path(f"{across} {down}", stroke=look.deep, width=11),
            path(across, stroke=look.light, width=3),
            path(STRAIGHT, "none", look.line),
            pockets,
            _buttons(look, 44, 7, "#5a4028"),
            _collar(look),
        )
    )


def _silk(look: Look) -> str:
    sleeve = "M126 102 C96 122 74 190 66 262 Q84 280 106 270 C112 236 120 216 130 196 Z"
    return "".join(
        (
            _cut(look, sleeve, CURVED),
            path("M252 108 L276 104 L264 200 L278 300 Q262 322 244 330 C262 260 250 180 252 108 Z", look.shade),
            path("M152 130 C160 190 148 250 154 316 M176 140 C180 200 172 270 178 326", stroke=look.light, width=5),
            both(rect(60, 258, 46, 40, look.light, look.line, 4, 6), circle(74, 272, 3, look.line)),
            line(206, 116, 206, 337, look.line, 3),
            path("M150 88 Q160 64 200 66 Q240 64 250 88 L232 130 L204 106 L172 130 Z", look.light, look.line),
            path("M172 82 Q200 74 228 82 L204 106 Z", look.deep, look.line, 3),
            path("M196 108 C170 128 168 158 174 186 M206 108 C224 134 224 160 216 190", stroke=look.line, width=15),
            path("M196 108 C170 128 168 158 174 186 M206 108 C224 134 224 160 216 190", stroke=look.base, width=8),
        )
    )


def _beetle(look: Look) -> str:
    legs = "M220 168 L258 168 M222 180 L256 180 M224 192 L254 192 M232 152 L226 142 M246 152 L252 142"
    beetle = "".join(
        (
            path(legs, stroke="#33363f", width=3),
            ellipse(239, 176, 14, 20, "#d1383d", "#33363f", 3),
            path("M225 166 Q239 176 253 166 Q250 152 239 152 Q228 152 225 166 Z", "#33363f"),
            line(239, 170, 239, 196, "#33363f", 2.5),
            *(circle(x, y, 3, "#33363f") for x, y in ((233, 176), (245, 176), (234, 186), (244, 186))),
        )
    )
    small = _cut(look, LONG, STRAIGHT) + both(pipe("M66 264 L102 274", look.light, look.line, 26))
    return group(
        "translate(200 206) scale(.86) translate(-200 -206)",
        small,
        *(circle(200, y, 10, "#ffd262", look.line, 3) for y in (146, 194, 242, 290)),
        *(circle(200 + dx, y, 1.8, look.line) for y in (146, 194, 242, 290) for dx in (-3, 3)),
        _collar(look),
        beetle,
    )


def _trail(look: Look) -> str:
    return "".join(
        (
            _cut(look, LONG, STRAIGHT),
            path("M122 104 L150 88 L160 96 L150 160 L124 176 Z", look.deep, look.line, 3),
            path("M278 104 L250 88 L240 96 L250 160 L276 176 Z", look.deep, look.line, 3),
            both(path("M100 158 L104 196", stroke=look.light, width=6), _cuff(look)),
            line(200, 108, 200, 206, look.line, 8),
            line(200, 110, 200, 204, STEEL, 3),
            circle(200, 208, 6, PAPER, look.line, 3),
            path("M148 196 L180 186", stroke=look.line, width=8),
            path("M148 196 L180 186", stroke=PAPER, width=3),
            *(
                path(f"M{x} {y} l10 0", stroke=look.light, width=4)
                for y in (240, 254, 268)
                for x in (144, 162, 224, 242)
            ),
            path("M160 92 Q162 66 200 64 Q238 66 240 92 L226 108 Q200 90 174 108 Z", look.light, look.line),
            path("M170 88 Q200 74 230 88 L200 108 Z", look.deep, look.line, 3),
        )
    )


def _blouse(look: Look) -> str:
    dart = path("M158 178 L162 262", stroke=look.line, width=2.5)
    sleeve = "M126 102 C104 116 98 150 84 222 L116 232 L132 180 Z"
    return "".join(
        (
            _cut(look, sleeve, CURVED, both(dart)),
            path("M256 108 L276 104 L264 200 L278 300 Q266 318 252 326 C262 260 250 180 256 108 Z", look.shade),
            both(pipe("M85 216 L117 226", look.light, look.line, 17)),
            dashed("M128 300 C146 322 172 328 200 328 C228 328 254 322 272 300", look.light),
            _buttons(look, 28, 4),
            path("M148 90 L166 72 Q200 86 234 72 L252 90 L240 128 L200 106 L160 128 Z", look.light, look.line),
            path("M174 84 Q200 98 226 84 L200 106 Z", look.deep, look.line, 3),
        )
    )


def _band_collar(look: Look) -> str:
    return "".join(
        (
            _cut(look, ROLLED, STRAIGHT),
            path("M124 134 Q160 150 192 142 M208 142 Q240 150 276 134", stroke=look.line, width=2.5),
            path("M146 168 C150 210 146 250 148 306 M166 180 L166 250", stroke=look.light, width=4),
            path("M162 84 Q200 74 238 84 L232 104 Q200 92 168 104 Z", look.deep, look.line, 3),
            pipe("M158 84 Q162 106 198 114 M242 84 Q238 106 202 114", look.light, look.line, 15, 3.5),
            line(192, 118, 192, 228, look.line, 2.5),
            line(208, 118, 208, 228, look.line, 2.5),
            path("M192 228 L208 228 L208 240 L192 240 Z", look.light, look.line, 2.5),
            *(circle(200, y, 5, "#a9764a", look.line, 2) for y in (112, 142, 172, 202)),
            both(path("M74 198 L118 215", stroke=look.line, width=8)),
        )
    )


def _parrot(x: float, y: float, turn: float) -> str:
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g})",
        path("M-6 8 L-16 38 L-2 30 Z", "#2f6fc4"),
        path("M-10 -16 C-12 -32 10 -34 12 -18 C16 0 8 20 -4 24 C-14 14 -14 0 -10 -16 Z", "#d1383d"),
        path("M-2 -6 C10 0 8 16 -6 28 C-16 14 -10 0 -2 -6 Z", "#f2c12e"),
        path("M10 -24 q10 2 6 12 l-8 -4 Z M2 -22 l1 1", "#33363f", "#33363f", 3),
    )


def _parrots(look: Look) -> str:
    spots = ((146, 150, -10), (250, 176, 14), (158, 232, 20), (246, 262, -14), (148, 296, 0))
    leaves = ((176, 182), (226, 136), (228, 218), (176, 286), (256, 310), (138, 198))
    return "".join(
        (
            _cut(look, SHORT, STRAIGHT),
            *(path(f"M{x} {y} q-16 -8 -14 -26 q18 6 14 26 q2 -18 18 -20 q-2 16 -18 20", LEAF) for x, y in leaves),
            *(_parrot(x, y, turn) for x, y, turn in spots),
            both(path("M72 174 L115 199", stroke=look.line, width=7)),
            _buttons(look, 42),
            path("M150 88 L168 72 L200 120 L232 72 L250 88 L246 126 L200 134 L154 126 Z", look.light, look.line),
            path("M168 76 Q200 66 232 76 L200 122 Z", look.deep, look.line, 3),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "oxford": _oxford,
    "striped": _striped,
    "work": _work,
    "overshirt": _overshirt,
    "silk": _silk,
    "beetle": _beetle,
    "trail": _trail,
    "blouse": _blouse,
    "band collar": _band_collar,
    "parrots": _parrots,
}
