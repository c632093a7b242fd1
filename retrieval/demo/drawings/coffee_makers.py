"""Coffee makers.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    Drawing,
    Look,
    circle,
    ellipse,
    line,
    path,
    pipe,
    rect,
    steam,
)

COFFEE = "#5b3a26"
GLASS = "#dbe9ee"


def _drip(look: Look) -> str:
    return "".join(
        (
            path("M90 84 L300 84 L300 152 L290 152 L290 320 L90 320 Z", look.base, look.line, 5),
            rect(136, 160, 150, 144, look.deep, look.line, 4, 6),
            rect(82, 304, 226, 30, look.shade, look.line, 5, 8),
            rect(82, 70, 226, 22, look.shade, look.line, 5, 8),
            line(106, 106, 106, 290, look.light, 7),
            rect(148, 106, 122, 10, look.light, None, 0, 5),
            path("M164 152 L256 152 L240 186 L180 186 Z", look.shade, look.line, 4),
            path("M172 206 L248 206 C266 230 272 262 262 298 L158 298 C148 262 154 230 172 206 Z", GLASS, look.line, 4),
            path("M154 250 L266 250 C268 268 266 284 262 297 L158 297 C154 284 152 268 154 250 Z", COFFEE),
            rect(166, 194, 88, 13, RUBBER, look.line, 3, 5),
            pipe("M264 218 C304 216 304 282 268 280", STEEL, look.line, 13),
            path("M174 222 C166 236 164 252 166 268", stroke=PAPER, width=6),
            circle(112, 319, 6, "#ffb45e", look.line, 2),
        )
    )


def _espresso(look: Look) -> str:
    return "".join(
        (
            *(path(f"M{x} 78 l8 -26 l40 0 l8 26 Z", PAPER, look.line, 3) for x in (96, 168)),
            rect(68, 76, 264, 92, look.base, look.line, 5, 14),
            rect(246, 160, 86, 150, look.shade, look.line, 5, 4),
            rect(84, 90, 150, 10, look.light, None, 0, 5),
            circle(288, 120, 24, PAPER, look.line, 4),
            path("M276 132 A18 18 0 0 1 300 132", stroke="#7cb38c", width=4),
            line(288, 122, 300, 108, "#d1383d", 4),
            *(circle(x, 128, 11, look.shade, look.line, 3) for x in (112, 148, 184)),
            rect(124, 166, 88, 20, STEEL_SHADE, look.line, 4, 4),
            path("M134 186 L202 186 L194 208 L142 208 Z", STEEL, look.line, 4),
            pipe("M136 196 L68 206", RUBBER, look.line, 19, 3.5),
            path("M160 208 L160 222 M176 208 L176 222", stroke=look.line, width=7),
            path("M160 226 L160 256 M176 226 L176 256", stroke=COFFEE, width=4),
            path("M140 254 L198 254 C198 280 190 292 169 292 C148 292 140 280 140 254 Z", PAPER, look.line, 4),
            path("M198 262 C218 260 216 282 194 280", stroke=look.line, width=5),
            pipe("M234 168 C228 214 238 232 224 258", STEEL, look.line, 11, 3),
            rect(60, 306, 280, 28, look.base, look.line, 5, 8),
            rect(84, 294, 160, 13, RUBBER, look.line, 3, 3),
        )
    )


def _moka(look: Look) -> str:
    """Eight-sided, waisted, of cast aluminium."""
    return "".join(
        (
            steam(140, 86),
            path("M262 112 L330 104 L318 212 L298 214 L304 134 L262 138 Z", RUBBER, INK, 5),
            path("M136 108 L108 112 L132 146 Z", look.base, look.line, 5),
            path("M132 104 L268 104 L248 212 L152 212 Z", look.base, look.line, 5),
            path("M224 106 L268 106 L248 210 L216 210 Z", look.shade),
            path("M176 106 L182 210 M224 106 L218 210", stroke=look.line, width=3),
            path("M150 124 L160 196", stroke=look.light, width=7),
            path("M124 104 L200 72 L276 104 Z", look.light, look.line, 5),
            rect(188, 54, 24, 24, RUBBER, INK, 4, 8),
            rect(144, 208, 112, 24, look.deep, look.line, 5, 5),
            path("M150 232 L250 232 L286 330 L114 330 Z", look.base, look.line, 5),
            path("M222 234 L250 234 L285 328 L238 328 Z", look.shade),
            path("M182 234 L168 328 M218 234 L232 328", stroke=look.line, width=3),
            circle(200, 264, 8, GOLD, look.line, 3),
            path("M150 252 L134 314", stroke=look.light, width=7),
        )
    )


def _moka_round(look: Look) -> str:
    """Smooth and round, of polished steel."""
    return "".join(
        (
            path("M258 118 C330 104 338 172 312 216", "none", look.line, 25),
            path("M258 118 C330 104 338 172 312 216", "none", look.deep, 16),
            path("M146 114 L112 108 C116 132 128 150 146 162 Z", look.base, look.line, 5),
            path(
                "M140 106 L262 106 C264 150 256 186 246 212 L154 212 C144 186 138 150 140 106 Z",
                look.base,
                look.line,
                5,
            ),
            path("M228 108 L260 108 C262 150 254 186 244 210 L218 210 C230 180 234 144 228 108 Z", look.shade),
            path("M160 126 C160 156 164 180 170 198", stroke=look.light, width=9),
            path("M136 106 C140 80 168 70 200 70 C232 70 260 80 266 106 Z", look.light, look.line, 5),
            circle(200, 60, 12, look.deep, look.line, 4),
            rect(146, 208, 108, 20, look.deep, look.line, 5, 9),
            path(
                "M148 228 L252 228 C286 246 296 300 288 322 Q284 332 270 332 L130 332 Q116 332 112 322 C104 300 114 "
                "246 148 228 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M236 230 L252 230 C284 248 295 300 287 322 Q283 330 270 330 L242 330 C260 294 258 256 236 230 Z",
                look.shade,
            ),
            path("M146 246 C128 266 124 290 126 312", stroke=look.light, width=9),
            rect(124, 322, 152, 12, STEEL_SHADE, look.line, 4, 4),
        )
    )


def _french_press(look: Look) -> str:
    return "".join(
        (
            pipe("M268 150 L324 150 L324 276 L268 276", look.base, look.line, 24),
            path("M138 132 L112 118 L136 166 Z", GLASS, look.line, 4),
            rect(134, 124, 138, 204, GLASS, look.line, 5, 8),
            rect(138, 190, 130, 134, COFFEE, None, 0, 5),
            rect(140, 196, 126, 14, STEEL, look.line, 3, 4),
            path("M203 64 L203 196", stroke=look.line, width=8),
            path("M203 66 L203 194", stroke=STEEL, width=3),
            path("M154 144 L154 306", stroke=PAPER, width=8),
            path("M126 126 C132 100 166 94 203 94 C240 94 274 100 280 126 Z", look.base, look.line, 5),
            path("M150 114 C160 106 174 104 188 104", stroke=look.light, width=5),
            circle(203, 58, 16, look.deep, look.line, 4),
            path("M130 168 L276 168 M130 256 L276 256 M164 168 L164 326 M242 168 L242 326", stroke=look.line, width=11),
            path("M130 168 L276 168 M130 256 L276 256 M164 168 L164 326 M242 168 L242 326", stroke=look.base, width=5),
            rect(122, 316, 162, 18, look.base, look.line, 5, 7),
        )
    )


def _dripper(look: Look) -> str:
    """A ribbed cone with its paper on a mug that fills."""
    return "".join(
        (
            steam(200, 82),
            path("M146 232 L254 232 L248 316 Q246 334 228 334 L172 334 Q154 334 152 316 Z", PAPER, INK, 5),
            path("M254 250 C300 246 300 310 250 308", "none", INK, 13),
            path("M254 250 C300 246 300 310 250 308", "none", PAPER, 5),
            path("M200 206 L200 246", stroke=COFFEE, width=5),
            path("M166 262 L234 262 L230 312 L170 312 Z", COFFEE),
            path("M104 104 L296 104 L270 92 L130 92 Z", "#f0dfbf", INK, 3),
            path("M100 106 L300 106 L226 202 L174 202 Z", look.base, look.line, 5),
            path("M256 108 L298 108 L226 200 L204 200 Z", look.shade),
            path(
                "M140 118 C150 150 172 176 182 194 M180 118 C184 150 190 176 194 194 M222 118 C218 150 212 176 208 194",
                stroke=look.light,
                width=5,
            ),
            path("M282 122 C336 112 334 178 252 168", "none", look.line, 17),
            path("M282 122 C336 112 334 178 252 168", "none", look.base, 8),
            path("M132 202 L268 202 L272 216 Q272 224 262 224 L138 224 Q128 224 128 216 Z", look.base, look.line, 5),
            path("M146 212 L196 212", stroke=look.light, width=5),
        )
    )


def _cold_brew(look: Look) -> str:
    """A screw jar with a steel sleeve in it, and ice."""
    ice = "".join(
        path(f"M{x} {y} l22 -6 l6 20 l-22 6 Z", "#e8f5fa", "#9cc3d3", 3)
        for x, y in ((140, 176), (236, 182), (232, 216))
    )
    return "".join(
        (
            path(
                "M144 116 L256 116 C262 138 282 144 282 172 L282 306 Q282 334 254 334 L146 334 Q118 334 118 306 L118 "
                "172 C118 144 138 138 144 116 Z",
                GLASS,
                look.line,
                5,
            ),
            path("M122 196 L278 196 L278 306 Q278 330 254 330 L146 330 Q122 330 122 306 Z", "#7a4a2c"),
            rect(172, 120, 56, 178, STEEL, STEEL_SHADE, 4, 14),
            path(
                " ".join(f"M{x} {y} l1 0" for y in range(146, 290, 16) for x in (186, 200, 214)),
                stroke=STEEL_SHADE,
                width=5,
            ),
            ice,
            path("M136 180 L136 300", stroke=PAPER, width=8),
            rect(136, 80, 128, 40, look.base, look.line, 5, 9),
            path(" ".join(f"M{x} 88 l0 24" for x in range(152, 256, 16)), stroke=look.shade, width=4),
            path("M168 80 C168 48 232 48 232 80", "none", look.line, 14),
            path("M168 80 C168 48 232 48 232 80", "none", look.base, 6),
            rect(246, 244, 48, 64, look.base, look.line, 4, 5),
            path("M258 260 l24 0 M258 274 l24 0 M258 288 l14 0", stroke=PAPER, width=4),
        )
    )


def _grinder(look: Look) -> str:
    """A hopper of beans over a filter machine with a steel jug and a clock."""
    beans = "".join(
        ellipse(x, y, 9, 6, COFFEE, "#38200f", 2)
        for x, y in ((142, 92), (168, 98), (194, 90), (222, 98), (156, 80), (208, 80), (182, 76))
    )
    return "".join(
        (
            path("M112 60 L268 60 L248 112 L132 112 Z", GLASS, look.line, 4),
            beans,
            rect(102, 48, 176, 16, look.deep, look.line, 4, 6),
            rect(84, 108, 216, 56, look.base, look.line, 5, 10),
            rect(84, 160, 66, 160, look.shade, look.line, 5, 4),
            rect(104, 120, 84, 32, INK, look.line, 3, 5),
            path(
                "M116 136 l10 0 M132 130 l0 12 M144 136 l10 0 M162 130 l0 12 M174 130 l0 12", stroke="#8fd3e8", width=4
            ),
            circle(250, 136, 15, look.light, look.line, 3.5),
            line(250, 136, 258, 128, look.line, 3.5),
            path("M186 164 L262 164 L252 184 L196 184 Z", look.deep, look.line, 4),
            path("M184 210 L262 210 L270 300 L174 300 Z", STEEL, look.line, 5),
            path("M238 212 L262 212 L269 298 L244 298 Z", STEEL_SHADE),
            path("M178 210 Q182 194 223 194 Q264 194 268 210 Z", RUBBER, look.line, 4),
            pipe("M264 222 L304 222 L304 284 L268 284", RUBBER, look.line, 15, 3.5),
            path("M194 224 L188 288", stroke=PAPER, width=6),
            rect(76, 304, 246, 30, look.base, look.line, 5, 9),
            path("M104 178 L104 290", stroke=look.light, width=6),
        )
    )


def _travel_press(look: Look) -> str:
    return "".join(
        (
            steam(172, 92),
            pipe("M262 156 C326 150 326 268 258 266", look.deep, look.line, 23),
            path("M134 130 L266 130 L250 318 Q248 334 232 334 L168 334 Q152 334 150 318 Z", look.base, look.line, 5),
            path("M232 132 L265 132 L249 318 Q247 332 232 332 L220 332 Z", look.shade),
            path("M154 156 L166 300", stroke=look.light, width=8),
            path("M140 190 L260 190 L258 214 L142 214 Z", STEEL, look.line, 4),
            rect(124, 100, 152, 34, RUBBER, INK, 5, 10),
            path("M140 100 C146 84 170 80 200 80 C230 80 254 84 260 100 Z", "#5d626d", INK, 5),
            rect(150, 88, 26, 12, INK, None, 0, 5),
            path("M214 82 L214 46", stroke=INK, width=9),
            path("M214 82 L214 48", stroke=STEEL, width=4),
            rect(192, 34, 44, 18, RUBBER, INK, 4, 8),
            path("M180 262 q10 -16 20 0 t20 0", stroke=PAPER, width=5),
        )
    )


def _bean_to_cup(look: Look) -> str:
    """A closed machine with a screen, a twin spout and a milk hose."""
    return "".join(
        (
            path("M128 70 L272 70 L262 46 L138 46 Z", GLASS, look.line, 4),
            *(ellipse(x, 60, 8, 6, COFFEE, "#38200f", 2) for x in (156, 178, 200, 222, 244)),
            rect(92, 68, 216, 258, look.base, look.line, 5, 16),
            path("M276 70 L292 70 Q306 70 306 86 L306 310 Q306 324 292 324 L276 324 Z", look.shade),
            rect(118, 88, 144, 56, INK, STEEL, 3, 8),
            *(circle(x, 112, 11, "none", "#8fd3e8", 3) for x in (146, 190, 234)),
            path("M140 130 l12 0 M184 130 l12 0 M228 130 l12 0", stroke=PAPER, width=3),
            rect(118, 164, 144, 136, look.deep, look.line, 4, 8),
            rect(164, 158, 52, 34, STEEL, look.line, 4, 6),
            path("M178 192 L178 204 M202 192 L202 204", stroke=STEEL_SHADE, width=9),
            path("M178 208 L178 238 M202 208 L202 238", stroke="#c08a55", width=4),
            path("M160 238 L222 238 L216 286 Q214 292 206 292 L176 292 Q168 292 166 286 Z", PAPER, INK, 4),
            path("M222 248 C244 246 242 276 218 274", stroke=INK, width=5),
            path("M106 176 C70 190 84 250 78 290", stroke=RUBBER, width=8),
            path("M60 266 L98 266 L94 334 L64 334 Z", PAPER, INK, 4),
            rect(84, 300, 232, 34, look.base, look.line, 5, 10),
            path("M122 310 L258 310", stroke=INK, width=6),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "drip": _drip,
    "espresso": _espresso,
    "moka": _moka,
    "french press": _french_press,
    "dripper": _dripper,
    "cold brew": _cold_brew,
    "grinder": _grinder,
    "moka round": _moka_round,
    "travel press": _travel_press,
    "bean to cup": _bean_to_cup,
}
