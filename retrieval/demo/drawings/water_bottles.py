"""Water bottles.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
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
    steam,
)

GLASS = "#dbe9ee"
WATER = "#9fd0e6"
DARK = "#5d626d"


def _sports(look: Look) -> str:
    body = (
        "M150 138 L250 138 C262 160 262 186 250 204 C244 216 244 226 252 240 C262 260 260 300 254 318 Q250 "
        "334 234 334 L166 334 Q150 334 146 318 C140 300 138 260 148 240 C156 226 156 216 150 204 C138 186 "
        "138 160 150 138 Z"
    )
    shaded = (
        "M230 140 L250 140 C262 160 262 186 250 204 C244 216 244 226 252 240 C262 260 260 300 254 318 Q250 332 232 332 "
        "C240 270 224 210 230 140 Z"
    )
    return "".join(
        (
            pipe("M222 92 C222 62 258 60 272 46", PAPER, look.line, 20),
            path(body, look.base, look.line, 5),
            path(shaded, look.shade),
            path("M162 154 C156 172 160 186 164 196 M158 258 C156 280 158 300 162 314", stroke=look.light, width=9),
            path("M196 256 l20 0 M196 276 l20 0 M196 296 l20 0", stroke=look.light),
            path(body, "none", look.line, 5),
            path("M144 140 L148 104 Q150 92 164 92 L236 92 Q250 92 252 104 L256 140 Z", look.deep, look.line, 5),
            path(" ".join(f"M{x} 106 l0 24" for x in (164, 182, 200, 218, 236)), stroke=look.shade, width=4),
        )
    )


def _flask(look: Look) -> str:
    body = (
        "M164 124 L236 124 C240 142 264 150 264 182 L264 314 Q264 336 242 336 L158 336 Q136 336 136 314 L136 "
        "182 C136 150 160 142 164 124 Z"
    )
    shaded = "M228 126 L236 126 C240 142 263 150 263 182 L263 314 Q262 334 242 334 L230 334 C240 270 244 180 228 126 Z"
    return "".join(
        (
            pipe("M176 74 C170 34 230 34 224 74", DARK, look.line, 17),
            path(body, look.base, look.line, 5),
            path(shaded, look.shade),
            path("M154 190 L154 304", stroke=look.light, width=9),
            path(body, "none", look.line, 5),
            rect(138, 306, 124, 12, STEEL, look.line, 3),
            rect(158, 72, 84, 54, DARK, look.line, 5, 9),
            path(" ".join(f"M{x} 84 l0 32" for x in (174, 192, 210, 228)), stroke="#454a54", width=4),
            path("M200 214 C182 238 182 256 200 258 C218 256 218 238 200 214 Z", look.deep),
        )
    )


def _sleeve(look: Look) -> str:
    """Glass in a ribbed silicone sleeve with a slit."""
    return "".join(
        (
            path(
                "M174 96 L226 96 L228 130 C232 148 252 158 252 186 L252 312 Q252 334 230 334 L170 334 Q148 334 148 312 "
                "L148 186 "
                "C148 158 168 148 172 130 Z",
                GLASS,
                look.line,
                5,
            ),
            path("M150 176 L250 176 L250 312 Q250 330 230 330 L170 330 Q150 330 150 312 Z", WATER),
            path("M142 194 L258 194 L258 314 Q258 336 234 336 L166 336 Q142 336 142 314 Z", look.base, look.line, 5),
            path("M232 196 L257 196 L257 314 Q256 334 234 334 L224 334 C234 290 236 240 232 196 Z", look.shade),
            path(
                " ".join(f"M150 {y} L180 {y} M216 {y} L250 {y}" for y in range(212, 326, 15)),
                stroke=look.light,
                width=5,
            ),
            rect(188, 210, 20, 106, WATER, look.line, 4, 10),
            line(194, 226, 194, 250, PAPER, 4),
            path("M176 112 L174 138", stroke=PAPER, width=6),
            rect(162, 66, 76, 34, look.deep, look.line, 5, 9),
            pipe("M176 68 C172 36 228 36 224 68", look.base, look.line, 14, 3.5),
        )
    )


def _small_straw(look: Look) -> str:
    """A child's steel bottle: short, a straw that folds, a face."""
    return "".join(
        (
            pipe("M196 122 C192 86 214 74 240 74", look.light, look.line, 19),
            rect(140, 160, 120, 174, look.base, look.line, 5, 22),
            path("M228 162 Q258 164 258 184 L258 312 Q256 332 228 332 C240 280 242 214 228 162 Z", look.shade),
            path("M158 186 L158 304", stroke=look.light, width=8),
            both(circle(182, 228, 7, INK), circle(168, 248, 7, "#f3b5a5")),
            path("M188 246 Q200 258 212 246", stroke=INK, width=4),
            path("M176 200 q8 -8 16 0 M208 200 q8 -8 16 0", stroke=INK, width=3),
            rect(142, 308, 116, 12, STEEL, look.line, 3),
            path("M132 162 Q132 120 172 120 L228 120 Q268 120 268 162 Z", look.deep, look.line, 5),
            rect(180, 108, 36, 20, look.light, look.line, 4, 7),
            pipe("M264 150 C304 150 304 210 262 212", look.deep, look.line, 15, 3.5),
        )
    )


def _carabiner(look: Look) -> str:
    """Plain aluminium, one wall, a snap hook through its cap."""
    return "".join(
        (
            path("M182 60 C182 18 250 18 250 60 L250 84 C250 112 208 112 204 92", "none", INK, 13),
            path("M182 60 C182 18 250 18 250 60 L250 84 C250 112 208 112 204 92", "none", STEEL, 6),
            rect(170, 72, 60, 34, RUBBER, INK, 5, 7),
            rect(178, 104, 44, 18, STEEL, INK, 4),
            path(
                "M176 120 L224 120 C228 146 258 150 260 190 L260 312 Q260 334 238 334 L162 334 Q140 334 140 312 L140 "
                "190 "
                "C142 150 172 146 176 120 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M218 122 L224 122 C228 146 257 150 259 190 L259 312 Q258 332 238 332 L226 332 C238 270 240 190 218 "
                "122 Z",
                look.shade,
            ),
            path("M160 196 L160 306", stroke=look.light, width=11),
            path("M176 156 C166 164 162 172 160 180", stroke=look.light, width=6),
            path("M184 286 L204 248 L214 264 L224 252 L240 286 Z", look.light, look.line, 3),
            path("M142 206 L258 206", stroke=look.light, width=4),
        )
    )


def _soft(look: Look) -> str:
    """A soft flask and the same one rolled up."""
    return "".join(
        (
            path(
                "M130 126 L198 126 C206 146 232 152 230 190 C220 214 236 240 228 268 C238 296 228 330 206 334 L124 334 "
                "C100 330 92 298 "
                "104 268 C92 240 108 214 98 190 C96 152 122 146 130 126 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M190 130 C206 146 231 152 229 190 C220 214 236 240 227 268 C237 296 226 328 206 332 L190 332 C214 280 "
                "196 240 206 196 "
                "C206 168 190 152 190 130 Z",
                look.shade,
            ),
            path("M118 188 C128 210 114 236 122 262 C112 284 116 304 126 316", stroke=look.light, width=8),
            path("M146 206 C166 214 178 208 196 212 M142 272 C160 280 180 272 198 278", stroke=look.shade, width=4),
            rect(128, 100, 72, 28, look.deep, look.line, 5, 7),
            path("M144 100 L148 76 L180 76 L184 100 Z", PAPER, look.line, 4),
            path("M262 252 C262 236 350 236 350 252 L350 308 C350 324 262 324 262 308 Z", look.base, look.line, 5),
            ellipse(270, 280, 24, 40, look.light, look.line, 5),
            path("M270 256 a15 24 0 1 0 8 4 a9 15 0 1 0 2 30", "none", look.line, 4),
            path("M318 242 L318 318", stroke=look.deep, width=10),
            rect(340, 264, 22, 32, look.deep, look.line, 4, 5),
        )
    )


def _jug(look: Look) -> str:
    """Large, with a folding handle and a lid that is two cups."""
    return "".join(
        (
            steam(236, 58),
            pipe("M258 160 L324 160 L324 274 L262 274", RUBBER, INK, 24),
            path(
                "M126 150 L274 150 Q284 150 284 162 L284 310 Q284 334 260 334 L140 334 Q116 334 116 310 L116 162 Q116 "
                "150 126 150 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M250 152 L274 152 Q282 152 282 162 L282 310 Q282 332 260 332 L246 332 C258 270 260 210 250 152 Z",
                look.shade,
            ),
            path("M136 176 L136 304", stroke=look.light, width=10),
            path("M116 292 L284 292", stroke=STEEL, width=9),
            path("M164 256 L186 216 L200 236 L214 210 L238 256 Z", look.light, look.line, 3),
            path("M134 104 L266 104 L274 150 L126 150 Z", STEEL, INK, 5),
            path("M146 70 L254 70 L262 108 L138 108 Z", STEEL_SHADE, INK, 5),
            path("M150 120 L144 140 M162 82 L158 98", stroke=PAPER, width=6),
        )
    )


def _tumbler(look: Look) -> str:
    return "".join(
        (
            steam(210, 96),
            path("M128 134 L272 134 L252 316 Q250 334 232 334 L168 334 Q150 334 148 316 Z", look.base, look.line, 5),
            path("M236 136 L271 136 L251 316 Q249 332 232 332 L220 332 C234 270 240 200 236 136 Z", look.shade),
            path("M150 162 L166 300", stroke=look.light, width=9),
            path("M138 232 L262 232 L256 286 L144 286 Z", look.deep, look.line, 4),
            path(" ".join(f"M{x} 242 l0 34" for x in range(156, 252, 14)), stroke=look.shade, width=4),
            path("M120 114 Q120 102 134 102 L266 102 Q280 102 280 114 L276 138 L124 138 Z", "#e8edf0", INK, 5),
            rect(150, 98, 60, 12, INK, None, 0, 6),
            rect(176, 92, 40, 14, look.base, look.line, 3.5, 6),
            path("M140 124 L200 124", stroke=PAPER, width=5),
        )
    )


def _tadpole(look: Look) -> str:
    """See-through plastic for children, a handle to each side, the water seen."""
    return "".join(
        (
            pipe("M204 96 C206 68 226 62 244 54", PAPER, look.line, 16, 3.5),
            both(pipe("M140 176 C90 166 88 254 142 246", look.base, look.line, 19)),
            path("M138 142 L262 142 L256 312 Q254 334 232 334 L168 334 Q146 334 144 312 Z", GLASS, look.line, 5),
            path("M142 214 Q170 204 200 214 T258 214 L254 312 Q252 330 232 330 L168 330 Q148 330 146 312 Z", WATER),
            line(202, 146, 208, 308, PAPER, 8),
            path(
                "M178 268 C160 252 164 228 186 228 C210 230 214 258 196 268 C218 272 230 262 240 250 C244 276 216 290 "
                "190 280 Z",
                look.base,
                look.line,
                3.5,
            ),
            circle(182, 244, 4, INK),
            path("M156 162 L160 300", stroke=PAPER, width=7),
            path("M126 146 Q126 106 164 104 L236 104 Q274 106 274 146 Z", look.base, look.line, 5),
            path("M146 130 C150 120 160 118 172 118", stroke=look.light, width=6),
            rect(184, 90, 40, 18, look.deep, look.line, 4, 7),
        )
    )


def _tea_glass(look: Look) -> str:
    """Two walls of glass, leaves afloat, a sieve under a wooden lid."""
    leaves = "".join(
        group(
            f"translate({x} {y}) rotate({turn})",
            path("M0 0 C-10 -8 -9 -20 0 -28 C9 -20 10 -8 0 0 Z", LEAF, LEAF_LINE, 2.5),
        )
        for x, y, turn in ((178, 246, 30), (222, 236, -40), (190, 290, -20), (214, 318, 60), (176, 322, 80))
    )
    return "".join(
        (
            rect(146, 116, 108, 218, GLASS, look.line, 5, 24),
            path("M158 176 L242 176 L242 302 Q242 322 222 322 L178 322 Q158 322 158 302 Z", "#e3b04f"),
            rect(158, 128, 84, 194, "none", "#9cb4be", 3, 18),
            leaves,
            path("M160 128 L240 128 L234 168 L166 168 Z", STEEL, STEEL_SHADE, 3.5),
            path(
                " ".join(f"M{x} {y} l1 0" for y in (142, 154) for x in range(178, 230, 11)), stroke=STEEL_SHADE, width=5
            ),
            path("M152 150 L152 300", stroke=PAPER, width=5),
            rect(142, 98, 116, 24, look.base, look.line, 5, 6),
            path("M154 108 L200 108", stroke=look.light, width=5),
            path("M150 64 Q150 52 162 52 L238 52 Q250 52 250 64 L254 98 L146 98 Z", WOOD, WOOD_SHADE, 5),
            path("M166 70 C190 64 214 78 236 70 M164 84 C190 78 214 90 238 84", stroke=WOOD_SHADE, width=3),
            path("M180 52 C176 26 224 26 220 52", "none", GOLD, 5),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "sports": _sports,
    "flask": _flask,
    "sleeve": _sleeve,
    "small straw": _small_straw,
    "carabiner": _carabiner,
    "soft": _soft,
    "jug": _jug,
    "tumbler": _tumbler,
    "tadpole": _tadpole,
    "tea glass": _tea_glass,
}
