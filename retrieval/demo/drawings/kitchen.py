"""Kettles, coffee makers and cookware.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    INK,
    PAPER,
    RUBBER,
    STEEL,
    STEEL_SHADE,
    WOOD,
    Look,
    circle,
    ellipse,
    line,
    path,
    rect,
    steam,
)

COFFEE = "#5b3a26"
GLASS = "#dbe9ee"


def kettle(look: Look) -> str:
    """A jug kettle, or a gooseneck one where the temperature is set."""
    return _gooseneck(look) if "temperature control" in look.features or look.design % 2 == 1 else _jug(look)


def _jug(look: Look) -> str:
    handle = "M248 112 C318 104 330 150 322 204 C318 240 296 262 268 262"
    body = "M140 108 L244 108 C258 150 278 230 282 302 L118 302 C122 230 128 160 140 108 Z"
    return "".join(
        (
            steam(112, 98),
            path(handle, stroke=look.line, width=32),
            path(handle, stroke=look.deep, width=23),
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
            path(spout, stroke=look.line, width=21),
            path(spout, stroke=look.base, width=12),
            path("M250 146 L322 146 L322 250 L300 250", stroke=look.line, width=24),
            path("M250 146 L322 146 L322 250 L300 250", stroke=WOOD, width=15),
            path(body, look.base, look.line, 5),
            path("M226 136 L248 136 C254 150 272 220 277 290 L240 290 C244 230 238 180 226 136 Z", look.shade),
            path("M180 154 C168 190 162 230 160 274", stroke=look.light, width=8),
            path(body, "none", look.line, 5),
            path("M158 134 C162 116 184 110 206 110 C228 110 250 116 254 134 Z", look.shade, look.line, 5),
            circle(206, 98, 12, WOOD, look.line, 4),
            rect(100, 292, 212, 42, STEEL, look.line, 5, 12),
            rect(170, 302, 64, 22, INK, look.line, 3, 4),
            *(rect(x, 307, 12, 12, "#8fd3e8", None, 0, 2) for x in (180, 198, 216)),
            circle(270, 313, 10, look.base, look.line, 3),
        )
    )


def coffee_maker(look: Look) -> str:
    """A filter machine with a glass jug, or an espresso machine with its cup."""
    return _espresso(look) if "temperature control" in look.features or look.design % 2 == 1 else _drip(look)


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
            path("M264 218 C304 216 304 282 268 280", stroke=look.line, width=13),
            path("M264 218 C304 216 304 282 268 280", stroke=STEEL, width=5),
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
            line(138, 196, 66, 206, look.line, 19),
            line(136, 196, 70, 205, RUBBER, 12),
            path("M160 208 L160 222 M176 208 L176 222", stroke=look.line, width=7),
            path("M160 226 L160 256 M176 226 L176 256", stroke=COFFEE, width=4),
            path("M140 254 L198 254 C198 280 190 292 169 292 C148 292 140 280 140 254 Z", PAPER, look.line, 4),
            path("M198 262 C218 260 216 282 194 280", stroke=look.line, width=5),
            path("M234 168 C228 214 238 232 224 258", stroke=look.line, width=11),
            path("M234 168 C228 214 238 232 224 258", stroke=STEEL, width=5),
            rect(60, 306, 280, 28, look.base, look.line, 5, 8),
            rect(84, 294, 160, 13, RUBBER, look.line, 3, 3),
        )
    )


def cookware(look: Look) -> str:
    """A frying pan seen from above at a slant, or a lidded casserole."""
    return _pan(look) if "non-stick" in look.features or look.design % 2 == 0 else _casserole(look)


def _pan(look: Look) -> str:
    return "".join(
        (
            line(258, 176, 352, 84, look.line, 32),
            line(258, 176, 350, 86, WOOD, 22),
            circle(344, 92, 6, look.line),
            line(246, 188, 272, 162, look.line, 26),
            line(246, 188, 272, 162, STEEL, 16),
            path("M44 232 C44 290 94 324 166 324 C238 324 288 290 288 232 Z", look.shade, look.line, 5),
            ellipse(166, 230, 122, 74, look.base, look.line, 5),
            ellipse(166, 234, 102, 59, "#3a3d46", look.line, 3),
            path("M84 222 C92 202 116 190 142 186", stroke="#6b707c", width=6),
            path(
                "M120 246 C106 222 136 204 160 212 C186 196 226 214 216 240 C226 264 186 276 166 266 "
                "C142 276 116 266 120 246 Z",
                PAPER,
                "#d9d4c4",
                3,
            ),
            circle(168, 238, 19, "#f6b73c", "#d9942a", 3),
            path("M158 234 C160 228 166 226 170 226", stroke="#ffe19a", width=4),
            path("M64 274 C84 298 112 310 136 314", stroke=look.light, width=7),
        )
    )


def _casserole(look: Look) -> str:
    body = "M78 190 L322 190 L314 286 C312 312 292 326 266 326 L134 326 C108 326 88 312 86 286 Z"
    return "".join(
        (
            path("M82 212 L48 212 Q38 212 38 226 L38 236 Q38 248 52 248 L84 248", "none", look.line, 20),
            path("M82 212 L48 212 Q38 212 38 226 L38 236 Q38 248 52 248 L84 248", "none", look.shade, 11),
            path("M318 212 L352 212 Q362 212 362 226 L362 236 Q362 248 348 248 L316 248", "none", look.line, 20),
            path("M318 212 L352 212 Q362 212 362 226 L362 236 Q362 248 348 248 L316 248", "none", look.shade, 11),
            path(body, look.base, look.line, 5),
            path("M266 194 L320 194 L313 286 C311 312 292 324 266 325 C282 290 282 240 266 194 Z", look.shade),
            path("M110 212 L116 286 C118 298 124 304 132 307", stroke=look.light, width=11),
            path(body, "none", look.line, 5),
            path("M84 178 C92 132 144 114 200 114 C256 114 308 132 316 178 Z", look.base, look.line, 5),
            path("M116 164 C128 142 156 132 184 130", stroke=look.light, width=8),
            rect(70, 174, 260, 20, look.shade, look.line, 5, 9),
            rect(190, 98, 20, 20, STEEL, look.line, 4),
            ellipse(200, 92, 30, 13, STEEL, look.line, 5),
        )
    )
