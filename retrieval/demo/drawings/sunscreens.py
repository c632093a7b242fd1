"""Sunscreens: bottles, tubes, sticks and sprays, each with a sun on it.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from math import cos, pi, sin

from retrieval.demo.drawings.shapes import (
    CREAM,
    GOLD,
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    both,
    circle,
    ellipse,
    group,
    path,
    pipe,
    rect,
)

AMBER = "#f0a63c"


def _sun(x: float, y: float, r: float) -> str:
    rays = (
        f"M{x + cos(turn) * r * 1.35:.1f} {y + sin(turn) * r * 1.35:.1f} L{x + cos(turn) * r * 1.8:.1f} "
        f"{y + sin(turn) * r * 1.8:.1f}"
        for turn in (i * pi / 4 for i in range(8))
    )
    return circle(x, y, r, "#ffb830", "#c96f14", 3) + path(" ".join(rays), stroke="#e8881f", width=5)


def _pump(look: Look) -> str:
    body = (
        "M130 168 C130 136 152 122 176 122 L206 122 C230 122 252 136 252 168 L252 308 Q252 334 226 334 L156 334 "
        "Q130 334 130 308 Z"
    )
    return "".join(
        (
            pipe("M190 74 L190 52 L142 52 Q130 52 128 66", PAPER, look.line, 19),
            rect(172, 70, 38, 26, PAPER, look.line, 4, 5),
            rect(156, 94, 70, 28, STEEL, look.line, 4, 6),
            path(body, look.base, look.line, 5),
            path("M222 126 Q250 136 250 168 L250 308 Q250 332 226 332 L214 332 C226 280 232 190 222 126 Z", look.shade),
            path("M146 174 L146 304", stroke=look.light, width=8),
            circle(191, 220, 46, CREAM, look.line, 3),
            _sun(191, 220, 21),
            path("M158 296 q11 -10 22 0 t22 0 t22 0", stroke="#3a86c8", width=6),
            path("M274 334 C262 300 282 286 302 290 C330 284 344 312 334 334 Z", "#f3dfb6", "#c6a568", 4),
            path("M302 290 L302 332 M302 290 L284 330 M302 290 L322 330", stroke="#c6a568", width=3),
        )
    )


def _tube(look: Look) -> str:
    return "".join(
        (
            path("M128 62 L272 62 L252 288 L148 288 Z", look.base, look.line, 5),
            path("M232 64 L270 64 L251 286 L222 286 Z", look.shade),
            rect(124, 50, 152, 20, look.light, look.line, 4, 4),
            path(" ".join(f"M{x} 54 l0 12" for x in range(136, 272, 12)), stroke=look.line, width=2),
            path("M146 84 L160 268", stroke="#e6e8ea", width=7),
            _sun(200, 146, 24),
            path("M164 220 q9 -8 18 0 t18 0 t18 0 t18 0", stroke="#e8881f", width=5),
            path("M168 240 q8 -7 16 0 t16 0 t16 0 t16 0", stroke="#e8b04e", width=4),
            rect(146, 286, 108, 48, AMBER, look.line, 5, 8),
            path(" ".join(f"M{x} 296 l0 30" for x in range(160, 246, 14)), stroke="#c97f1c", width=3),
        )
    )


def _puddle(look: Look) -> str:
    """For children: a bottle with a duck's bill for a cap and a rubber ring."""
    return "".join(
        (
            path(
                "M138 160 C138 132 158 122 178 122 L222 122 C242 122 262 132 262 160 L268 306 Q268 334 240 334 L160 "
                "334 Q132 334 132 306 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M234 124 C252 128 261 140 261 160 L267 306 Q266 332 240 332 L226 332 C240 270 244 190 234 124 Z",
                look.shade,
            ),
            path("M154 172 L150 300", stroke=look.light, width=8),
            circle(202, 206, 40, CREAM, look.line, 3.5),
            _sun(202, 206, 18),
            *(circle(x, 203, 2.5, INK) for x in (196, 208)),
            path("M196 211 Q202 217 208 211", stroke=INK, width=2.5),
            path("M158 76 Q158 58 176 58 L224 58 Q242 58 242 76 L246 124 L154 124 Z", AMBER, look.line, 5),
            path("M156 92 C130 88 116 98 112 108 C126 116 142 114 158 110 Z", "#ffd262", look.line, 4),
            circle(182, 82, 5, INK),
            path("M150 292 q10 -10 20 0 t20 0 t20 0 t20 0 t20 0", stroke="#3a86c8", width=6),
            ellipse(310, 314, 42, 20, PAPER, INK, 4),
            ellipse(310, 311, 18, 7, "#fae8e1", INK, 4),
            path("M276 306 L288 298 M336 298 L346 308 M300 332 L298 320 M326 330 L322 319", stroke="#d1383d", width=9),
        )
    )


def _stick(look: Look) -> str:
    """A clear stick wound out of a flat case, its cap beside it."""
    return "".join(
        (
            path("M140 128 C140 92 170 78 190 78 C210 78 240 92 240 128 L240 170 L140 170 Z", "#dff0f6", look.line, 5),
            path("M160 110 C166 98 176 92 188 92", stroke=PAPER, width=8),
            rect(130, 164, 120, 28, look.light, look.line, 5, 6),
            path("M124 190 L256 190 L256 310 Q256 334 232 334 L148 334 Q124 334 124 310 Z", look.base, look.line, 5),
            path("M226 192 L254 192 L254 310 Q254 332 232 332 L220 332 Z", look.shade),
            path("M142 208 L142 306", stroke=look.light, width=7),
            circle(192, 256, 38, PAPER, look.line, 3.5),
            _sun(192, 256, 17),
            path(" ".join(f"M{x} 316 l0 12" for x in range(146, 240, 12)), stroke=look.deep, width=4),
            group(
                "translate(312 280) rotate(16)",
                path("M-38 -44 Q-38 -62 -20 -62 L20 -62 Q38 -62 38 -44 L38 46 L-38 46 Z", look.base, look.line, 5),
                path("M-22 -40 L-22 28", stroke=look.light, width=7),
            ),
        )
    )


def _zinc(look: Look) -> str:
    """A round coloured stick, and a face with a stripe of it on the nose."""
    face = "".join(
        (
            circle(274, 236, 74, "#f0c49c", "#7c4e2c", 5),
            path(
                "M204 212 C204 158 240 150 274 150 C308 150 344 158 346 212 C320 190 296 196 274 186 C252 196 228 190 "
                "204 212 Z",
                "#6b4226",
                "#38200f",
                4,
            ),
            circle(248, 226, 6, INK),
            circle(300, 226, 6, INK),
            path("M226 248 C250 236 298 236 322 248", stroke=look.line, width=22),
            path("M226 248 C250 236 298 236 322 248", stroke=look.base, width=15),
            path("M252 276 Q274 294 296 276", stroke="#7c4e2c", width=5),
        )
    )
    return "".join(
        (
            face,
            path("M88 128 C88 104 104 92 126 92 C148 92 164 108 164 138 L164 168 L88 168 Z", look.base, look.line, 5),
            path("M104 120 C108 110 116 106 126 106", stroke=look.light, width=7),
            rect(80, 164, 92, 24, PAPER, look.line, 5, 6),
            path("M76 186 L176 186 L176 312 Q176 334 154 334 L98 334 Q76 334 76 312 Z", look.deep, look.line, 5),
            path("M92 204 L92 306", stroke=look.base, width=7),
            circle(128, 254, 30, PAPER, look.line, 3.5),
            _sun(128, 254, 14),
        )
    )


def _serum(look: Look) -> str:
    """A square glass bottle with a dropper, lit from behind."""
    return "".join(
        (
            path("M178 60 C178 34 222 34 222 60 L222 86 L178 86 Z", RUBBER, INK, 5),
            rect(166, 84, 68, 46, GOLD, look.line, 5, 5),
            path(" ".join(f"M{x} 94 l0 26" for x in range(178, 230, 11)), stroke="#a5803a", width=3),
            path(
                "M150 130 L250 130 Q274 130 274 154 L274 306 Q274 334 246 334 L154 334 Q126 334 126 306 L126 154 Q126 "
                "130 150 130 Z",
                "#fdf1df",
                look.line,
                5,
            ),
            path("M130 192 Q166 182 200 192 T270 192 L270 306 Q270 330 246 330 L154 330 Q130 330 130 306 Z", look.base),
            path("M244 196 Q258 196 270 192 L270 306 Q270 330 246 330 L234 330 C250 290 252 240 244 196 Z", look.shade),
            path("M196 130 L196 266 L200 280 L204 266 L204 130", PAPER, look.line, 3),
            circle(200, 236, 40, CREAM, look.line, 3.5),
            _sun(200, 236, 18),
            path("M144 156 L144 300", stroke=PAPER, width=7),
            both(path("M126 318 C96 306 84 322 76 300 M92 310 q-10 -18 4 -26 q12 12 -4 26", stroke="#7da05f", width=4)),
        )
    )


def _mist(look: Look) -> str:
    """A slim spray can, a cloud of drops in the air."""
    drops = ((104, 92, 6), (84, 74, 5), (80, 108, 5), (62, 90, 6), (58, 122, 4), (62, 58, 4), (40, 76, 5), (42, 106, 5))
    return "".join(
        (
            *(circle(x + 34, y, r, "#bfe0ee", "#6fa9c4", 2) for x, y, r in drops),
            path("M180 96 L180 70 Q180 58 192 58 L232 58 Q244 58 244 70 L244 96 Z", PAPER, look.line, 5),
            rect(166, 72, 20, 16, STEEL, look.line, 3.5, 4),
            path("M164 132 C164 108 184 96 212 96 C240 96 260 108 260 132 Z", STEEL, look.line, 5),
            path("M158 132 L266 132 L266 316 Q266 334 248 334 L176 334 Q158 334 158 316 Z", look.base, look.line, 5),
            path("M238 134 L264 134 L264 316 Q264 332 248 332 L236 332 Z", look.shade),
            path("M174 150 L174 312", stroke=look.light, width=7),
            circle(212, 206, 36, CREAM, look.line, 3.5),
            _sun(212, 206, 16),
            path(
                "M184 272 C196 254 228 254 240 272 M190 288 C200 274 224 274 234 288 M212 258 L212 300",
                stroke=PAPER,
                width=5,
            ),
            rect(154, 318, 116, 14, STEEL_SHADE, look.line, 4, 4),
        )
    )


def _glacier(look: Look) -> str:
    """A crumpled metal tube with a loop for a carabiner, peaks on it."""
    return "".join(
        (
            path("M232 66 C232 22 306 22 306 66 L306 100 C306 124 270 124 266 104", "none", INK, 12),
            path("M232 66 C232 22 306 22 306 66 L306 100 C306 124 270 124 266 104", "none", STEEL, 6),
            path("M120 84 L284 84 L284 112 L120 112 Z M120 98 L284 98", STEEL, look.line, 5),
            path(
                "M124 112 L280 112 C272 160 276 210 256 262 L240 286 L164 286 L148 262 C128 210 132 160 124 112 Z",
                look.base,
                look.line,
                5,
            ),
            path("M248 114 L278 114 C270 160 274 210 255 262 L240 284 L220 284 C244 230 252 170 248 114 Z", look.shade),
            path("M144 128 C146 160 150 170 154 200", stroke=look.light, width=8),
            path("M150 244 L186 184 L204 210 L222 178 L252 240 Z", PAPER, look.line, 4),
            path("M186 184 L176 202 L186 208 L194 198 Z M222 178 L212 196 L222 204 L232 196 Z", "#bcd7e4"),
            _sun(190, 152, 13),
            path("M256 130 l-8 14 l10 8 M148 226 l8 10", stroke=look.deep, width=3),
            rect(166, 284, 72, 18, STEEL, look.line, 4),
            rect(156, 300, 92, 34, RUBBER, INK, 5, 6),
            path(" ".join(f"M{x} 308 l0 18" for x in range(170, 244, 12)), stroke="#6b6f7a"),
        )
    )


def _sport(look: Look) -> str:
    """A flat squeeze bottle with a flip cap, speed lines on it."""
    return "".join(
        (
            path(
                "M152 100 C118 128 118 176 134 212 C122 250 124 300 138 322 Q144 334 160 334 L240 334 Q256 334 262 322 "
                "C276 300 278 250 266 212 C282 176 282 128 248 100 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M236 102 L248 100 C281 128 281 176 265 212 C277 250 275 300 261 322 Q255 332 240 332 L226 332 C254 "
                "280 240 250 244 212 "
                "C256 170 254 130 236 102 Z",
                look.shade,
            ),
            path("M144 138 C138 160 142 184 150 204 M144 238 C140 262 142 290 148 308", stroke=look.light, width=8),
            rect(154, 66, 92, 38, AMBER, look.line, 5, 8),
            path("M160 66 C164 48 236 48 240 66 Z", "#ffd262", look.line, 5),
            path("M168 84 L208 84", stroke="#fff0c4", width=5),
            _sun(204, 156, 20),
            path("M152 232 L250 232 M164 254 L256 254 M152 276 L240 276", stroke="#ffd262", width=7),
        )
    )


def _carriage(look: Look) -> str:
    return "".join(
        (
            path("M166 244 L242 244 C242 274 224 286 204 286 C184 286 166 274 166 244 Z", look.deep, look.line, 3.5),
            path("M204 244 L204 212 C184 212 168 224 166 244 Z", look.base, look.line, 3.5),
            path("M242 244 L256 224", stroke=look.line, width=5),
            circle(186, 296, 9, PAPER, look.line, 4),
            circle(222, 296, 9, PAPER, look.line, 4),
        )
    )


def _pram(look: Look) -> str:
    """A soft round-shouldered bottle, a pram under the sun on its label."""
    return "".join(
        (
            path(
                "M124 196 C124 150 156 136 182 132 L220 132 C246 136 278 150 278 196 L278 304 Q278 334 248 334 L154 "
                "334 Q124 334 124 304 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M244 142 C268 152 277 168 277 196 L277 304 Q276 332 248 332 L238 332 C258 270 262 200 244 142 Z",
                look.shade,
            ),
            rect(142, 178, 122, 136, CREAM, look.line, 3.5, 16),
            _sun(226, 206, 12),
            _carriage(look),
            path("M138 188 C140 172 148 160 160 154", stroke=look.light, width=7),
            path("M168 84 Q168 70 182 70 L220 70 Q234 70 234 84 L240 134 L162 134 Z", "#7fa56b", look.line, 5),
            path("M162 112 L240 112", stroke=look.line, width=4),
            path("M180 84 L180 102", stroke="#c5dbb8", width=6),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "pump": _pump,
    "tube": _tube,
    "puddle": _puddle,
    "stick": _stick,
    "zinc": _zinc,
    "serum": _serum,
    "mist": _mist,
    "glacier": _glacier,
    "sport": _sport,
    "pram": _pram,
}
