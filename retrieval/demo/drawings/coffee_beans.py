"""Coffee beans: bags and tins, with some beans spilled before them.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
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
)

BEAN = "#6b4226"
BEAN_LINE = "#38200f"
SPILLED = ((92, 322, 20), (128, 330, -30), (304, 322, 60), (334, 332, 10), (274, 334, -15))
FOLDED = "M108 112 L292 112 L300 330 L100 330 Z"


def _bean(x: float, y: float, r: float, turn: float, fill: str = BEAN) -> str:
    groove = f"M0 {-r * 0.86:g} C{r * 0.5:g} {-r * 0.3:g} {-r * 0.5:g} {r * 0.3:g} 0 {r * 0.86:g}"
    return group(
        f"translate({x:g} {y:g}) rotate({turn:g})",
        ellipse(0, 0, r * 0.74, r, fill, BEAN_LINE, 3),
        path(groove, stroke=BEAN_LINE, width=3),
    )


def _spilled(fill: str = BEAN) -> str:
    return "".join(_bean(x, y, 15, turn, fill) for x, y, turn in SPILLED)


def _bag(look: Look, body: str, *parts: str) -> str:
    return "".join(
        (
            path(body, look.base, look.line, 5),
            path("M252 116 L290 116 L299 328 L258 328 C268 260 266 180 252 116 Z", look.shade),
            path("M126 136 L122 300", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            *parts,
        )
    )


def _clipped(look: Look) -> str:
    top = "".join(
        (
            rect(102, 76, 196, 42, look.shade, look.line, 5, 5),
            line(102, 98, 298, 98, look.line, 3),
            *(rect(x, 70, 14, 54, GOLD, look.line, 3, 3) for x in (112, 274)),
            circle(200, 142, 7, PAPER, look.line, 3),
        )
    )
    label = rect(142, 172, 116, 108, CREAM, look.line, 4, 8) + _bean(178, 226, 27, 24) + _bean(222, 226, 27, -20)
    return _bag(look, FOLDED, top, label, _spilled())


def _pleated(look: Look) -> str:
    body = "M112 96 L288 96 L284 150 L300 330 L100 330 L116 150 Z"
    pleats = path(" ".join(f"M{x} 74 l0 20" for x in range(126, 284, 18)), stroke=look.deep, width=3)
    top = rect(108, 66, 184, 34, look.light, look.line, 5, 3) + pleats + circle(200, 126, 7, PAPER, look.line, 3)
    peaks = path("M150 264 L182 216 L198 236 L216 208 L250 264 Z", "#7fa98a", look.line, 3)
    return _bag(look, body, top, circle(200, 232, 62, CREAM, look.line, 4), peaks, _bean(200, 200, 15, 35), _spilled())


def _moonlit(look: Look) -> str:
    """A tall pouch with a moon for a window and a notched top."""
    body = "M112 84 L288 84 L296 318 Q296 332 282 332 L118 332 Q104 332 104 318 Z"
    window = "".join(
        (
            circle(200, 214, 62, "#20263f", look.line, 4),
            path("M214 166 A50 50 0 1 0 246 238 A42 42 0 1 1 214 166 Z", "#ffe2a8", "#b98a2a", 3),
            *(
                path(f"M{x} {y} l0 -10 M{x - 5} {y - 5} l10 0", stroke="#ffe2a8", width=3)
                for x, y in ((224, 200), (236, 222), (212, 228))
            ),
        )
    )
    seal = path("M108 104 L292 104", stroke=look.deep, width=5) + path("M112 92 l6 8 M288 92 l-6 8", stroke=look.line)
    return _bag(
        look,
        body,
        seal,
        dashed("M116 118 L284 118", look.light),
        window,
        path("M164 300 L236 300", stroke=look.light, width=6),
        _spilled(),
    )


def _kilo(look: Look) -> str:
    """A broad bag with side folds, a wooden peg on its rolled top, oily dark beans."""
    body = "M84 120 L316 120 L322 332 L78 332 Z"
    stripe = "".join(
        (
            path("M81 216 L319 216 L320 268 L80 268 Z", look.light, look.line, 4),
            path("M96 226 L96 258 M304 226 L304 258", stroke=look.line, width=3),
            *(_bean(x, 242, 17, turn, "#3a2417") for x, turn in ((156, 20), (200, -14), (244, 34))),
        )
    )
    return "".join(
        (
            path(body, look.base, look.line, 5),
            path("M284 124 L314 124 L320 330 L276 330 Z", look.shade),
            path("M106 126 L102 326 M294 126 L298 326", stroke=look.line, width=3),
            stripe,
            rect(78, 82, 244, 44, look.shade, look.line, 5, 8),
            path("M92 104 L308 104", stroke=look.line, width=3),
            rect(182, 58, 16, 76, WOOD, WOOD_SHADE, 3.5, 5),
            rect(202, 58, 16, 76, WOOD, WOOD_SHADE, 3.5, 5),
            path("M180 92 L220 92", stroke=STEEL, width=7),
            circle(200, 164, 12, look.deep, look.line, 4),
            path("M200 158 l0 12 M194 164 l12 0", stroke=look.light, width=3),
            _spilled("#3a2417"),
        )
    )


def _gate(look: Look) -> str:
    """A paper bag closed by a wire tie, a farm gate and hills on its label."""
    gate = "".join(
        (
            path("M142 262 C166 226 188 226 206 246 C220 222 244 228 258 262 Z", "#8fb56f", look.line, 3),
            path("M152 268 L152 220 M248 268 L248 220", stroke=WOOD_SHADE, width=9),
            path("M152 234 L248 234 M152 250 L248 250 M152 266 L248 230", stroke=look.line, width=8),
            path("M152 234 L248 234 M152 250 L248 250 M152 266 L248 230", stroke=look.base, width=4),
            circle(228, 196, 11, "#f2c12e", look.line, 2.5),
        )
    )
    top = "".join(
        (
            path("M112 74 L288 74 L292 118 L108 118 Z", look.light, look.line, 5),
            rect(96, 92, 208, 15, STEEL, look.line, 3.5, 5),
            path("M98 99 l-12 10 M302 99 l12 10", stroke=look.line, width=8),
        )
    )
    return _bag(
        look,
        FOLDED,
        top,
        rect(134, 174, 132, 102, CREAM, look.line, 4, 6),
        gate,
        circle(200, 302, 13, "#c9473d", look.line, 3),
        _spilled(),
    )


def _porch(look: Look) -> str:
    """A plain paper bag with string, and a jar of cold brew with ice."""
    return "".join(
        (
            path(
                "M70 104 l12 -12 l12 12 l12 -12 l12 12 l12 -12 l12 12 l12 -12 l12 12 l12 -12 l12 12 l12 -12 l12 12 "
                "L218 330 L66 330 Z",
                look.base,
                look.line,
                5,
            ),
            path("M186 108 L214 104 L218 328 L184 328 C196 250 196 170 186 108 Z", look.shade),
            path("M88 130 L84 310", stroke=look.light, width=7),
            path("M68 158 L216 158", stroke="#e9d9b4", width=6),
            path(
                "M142 158 C116 130 100 152 142 158 C184 152 168 130 142 158 L128 184 M142 158 L158 184",
                stroke="#e9d9b4",
                width=5,
            ),
            rect(104, 204, 82, 82, CREAM, look.line, 3.5, 41),
            leaf(145, 276, 54, LEAF, LEAF_LINE),
            rect(240, 170, 104, 164, "#dbe9ee", INK, 5, 18),
            path("M244 212 L340 212 L340 316 Q340 330 326 330 L258 330 Q244 330 244 316 Z", "#6b3f22"),
            *(
                path(f"M{x} {y} l22 -6 l6 20 l-22 6 Z", "#e8f5fa", "#9cc3d3", 3)
                for x, y in ((258, 208), (296, 216), (278, 242))
            ),
            path("M254 190 L254 310", stroke=PAPER, width=6),
            rect(234, 156, 116, 22, look.deep, INK, 5, 6),
            pipe("M302 160 L318 82", "#d1383d", INK, 12, 3),
            _bean(100, 328, 14, 30) + _bean(220, 332, 14, -20),
        )
    )


def _numbered_tin(look: Look) -> str:
    """A small precious tin with a hanging tag and a cloud on its side."""
    return "".join(
        (
            path("M104 152 L104 304 C104 332 296 332 296 304 L296 152 Z", look.base, look.line, 5),
            path("M256 154 L294 154 L294 304 C294 318 268 326 232 328 C252 270 260 210 256 154 Z", look.shade),
            path("M122 182 L122 300", stroke=look.light, width=9),
            path("M96 116 C96 92 304 92 304 116 L304 150 C304 172 96 172 96 150 Z", GOLD, look.line, 5),
            ellipse(200, 114, 102, 20, "#e6c67c", look.line, 4),
            path("M112 140 C124 150 144 156 166 158", stroke="#f3dfa8", width=6),
            path(
                "M150 262 C132 262 132 238 150 236 C150 216 178 212 186 226 C200 210 226 218 224 238 C244 238 246 262 "
                "228 262 Z",
                PAPER,
                look.line,
                3.5,
            ),
            _bean(188, 244, 13, 30),
            path("M104 290 C140 312 260 312 296 290", stroke=GOLD, width=7),
            path("M270 160 C296 176 300 190 306 204", stroke=look.line, width=3),
            group(
                "translate(316 238) rotate(12)",
                path("M-22 -26 L0 -42 L22 -26 L22 36 L-22 36 Z", CREAM, look.line, 4),
                circle(0, -24, 5, look.line),
                path("M-10 0 L10 0 M-10 14 L6 14", stroke=look.deep, width=4),
            ),
            _bean(90, 326, 15, 20) + _bean(128, 334, 15, -30) + _bean(272, 334, 15, 50),
        )
    )


def _sunned(look: Look) -> str:
    """A bag with terraces under a large sun and cherries on a twig before it."""
    hills = "".join(
        (
            rect(130, 150, 140, 132, CREAM, look.line, 4, 10),
            circle(200, 200, 32, "#f08a4b", look.line, 3),
            *(
                path(
                    f"M132 {y} C160 {y - 22} 190 {y + 12} 220 {y - 8} C240 {y - 20} 256 {y - 6} 268 {y - 14} L268 270 "
                    f"Q268 280 258 280 L142 280 Q132 280 132 270 Z",
                    fill,
                    look.line,
                    3,
                )
                for y, fill in ((224, "#a9c78a"), (244, "#7fae74"), (264, "#5a8f63"))
            ),
        )
    )
    twig = path("M262 334 C290 318 310 296 352 290", stroke=WOOD_SHADE, width=6) + leaf(
        316, 300, 40, LEAF, LEAF_LINE, 20
    )
    cherries = "".join(circle(x, y, 12, "#c9333a", "#6e1a20", 3) for x, y in ((288, 326), (310, 322), (334, 308)))
    top = rect(102, 76, 196, 42, look.light, look.line, 5, 5) + path(
        "M102 92 L298 92 M102 104 L298 104", stroke=look.base, width=4
    )
    return _bag(look, FOLDED, top, hills, twig, cherries, _bean(92, 322, 15, 20), _bean(128, 330, 15, -30))


def _half(look: Look) -> str:
    """A bag whose label is half dark, half light, with beans of both kinds."""
    label = "".join(
        (
            path("M200 160 A62 62 0 0 0 200 284 Z", "#4a2c1a", look.line, 4),
            path("M200 160 A62 62 0 0 1 200 284 Z", "#e2c49a", look.line, 4),
            _bean(172, 222, 22, 16, "#8a5a3a"),
            _bean(228, 222, 22, -16, "#c79b6b"),
        )
    )
    top = "".join(
        (
            path("M104 112 L120 70 L280 70 L296 112 Z", look.light, look.line, 5),
            path("M112 92 L288 92", stroke=look.line, width=3),
            rect(176, 84, 48, 34, look.deep, look.line, 4, 5),
        )
    )
    both_kinds = "".join(_bean(x, y, 15, turn, BEAN if i % 2 else "#c79b6b") for i, (x, y, turn) in enumerate(SPILLED))
    return _bag(look, FOLDED, top, label, both_kinds)


def _lake(look: Look) -> str:
    """A bag with water and an island on its band, a filled scoop before it."""
    body = "M106 96 Q200 84 294 96 L300 316 Q300 332 284 332 L116 332 Q100 332 100 316 Z"
    band = "".join(
        (
            path("M103 176 L297 176 L299 276 L101 276 Z", "#cfe6f2", look.line, 4),
            path("M150 232 C164 198 184 190 198 208 C214 186 240 206 252 232 Z", "#5a8f63", look.line, 3),
            path("M104 232 L298 232 L299 274 L102 274 Z", "#4f8fb5"),
            path(
                "M120 250 q10 -8 20 0 t20 0 M190 260 q10 -8 20 0 t20 0 M240 246 q8 -6 16 0 t16 0", stroke=PAPER, width=4
            ),
            circle(262, 200, 10, "#fff3c4", look.line, 2.5),
        )
    )
    scoop = "".join(
        (
            pipe("M312 300 L370 250", WOOD, WOOD_SHADE, 17, 3.5),
            *(_bean(x, y, 13, turn) for x, y, turn in ((262, 300, 30), (284, 294, -20), (302, 302, 50))),
            path("M240 302 L324 302 C322 326 304 338 282 338 C260 338 242 326 240 302 Z", STEEL, INK, 4),
        )
    )
    top = path("M108 112 Q200 100 292 112", stroke=look.deep, width=6) + circle(200, 142, 8, PAPER, look.line, 3)
    return _bag(look, body, top, band, scoop, _bean(92, 326, 15, 20))


DESIGNS: dict[str, Drawing] = {
    "clipped": _clipped,
    "pleated": _pleated,
    "moonlit": _moonlit,
    "kilo": _kilo,
    "gate": _gate,
    "porch": _porch,
    "numbered tin": _numbered_tin,
    "sunned": _sunned,
    "half": _half,
    "lake": _lake,
}
