"""Jackets, seen from the front.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    PAPER,
    STEEL,
    WOOD,
    Drawing,
    Look,
    both,
    circle,
    dashed,
    ellipse,
    line,
    path,
    pipe,
    rect,
)

SLEEVE = "M132 128 C104 140 92 190 70 286 L106 298 L136 212 Z"
PILE = "#f3e9d6"
FUR = ((-58, -18), (-40, -36), (-14, -44), (14, -44), (40, -36), (58, -18), (-60, 14), (60, 14), (-34, 38), (34, 38))


def _shell(look: Look) -> str:
    return "".join(
        (
            both(path(SLEEVE, look.shade, look.line)),
            path("M132 126 Q200 104 268 126 L272 326 Q200 338 128 326 Z", look.base, look.line),
            path("M236 122 L266 128 L271 325 Q256 329 242 330 Z", look.shade),
            path("M146 132 C136 60 176 44 200 44 C224 44 264 60 254 132 Q200 160 146 132 Z", look.base, look.line),
            path("M168 122 C162 84 182 70 200 70 C218 70 238 84 232 122 Q200 142 168 122 Z", look.deep, look.line, 3),
            path("M200 140 C196 200 204 260 200 331", stroke=PAPER, width=7),
            path("M200 140 C196 200 204 260 200 331", stroke=look.line, width=2.5),
            both(line(146, 246, 174, 286, look.line, 6), line(184, 134, 182, 168, PAPER, 4)),
            path("M130 180 Q165 188 197 184 M203 184 Q235 188 270 180", stroke=look.light, width=6),
            both(path("M70 278 L108 290", stroke=look.line, width=7)),
        )
    )


def _parka(look: Look) -> str:
    quilting = "".join(
        path(f"M128 {y} Q164 {y + 10} 198 {y + 4} M202 {y + 4} Q236 {y + 10} 272 {y}", stroke=look.light, width=3)
        for y in (166, 204, 242)
    )
    pocket = path("M138 268 L184 268 L184 312 L138 312 Z M138 282 L184 282", look.base, look.line, 3)
    return "".join(
        (
            both(path("M134 116 C98 130 88 190 72 280 L112 290 L138 206 Z", look.shade, look.line)),
            path("M134 114 Q200 96 266 114 L278 346 L122 346 Z", look.base, look.line),
            path("M240 112 L265 116 L277 344 L248 344 Z", look.shade),
            quilting,
            ellipse(200, 98, 72, 52, "#d8c6a8", look.line),
            *(line(200 + dx * 0.93, 98 + dy * 0.8, 200 + dx * 1.1, 98 + dy, "#b89f78", 4) for dx, dy in FUR),
            ellipse(200, 102, 44, 32, look.deep, look.line, 3),
            line(200, 138, 200, 344, look.line, 8),
            line(200, 140, 200, 342, STEEL, 3),
            both(pocket, path("M74 270 L114 280", stroke=look.line, width=8)),
        )
    )


def _trucker(look: Look, body: str, collar: str, seam: str) -> str:
    """A waist-length denim jacket with chest pockets; `collar` and `seam` are colours."""
    chest = "".join(
        (
            path("M142 158 L188 158 L188 174 L165 186 L142 174 Z", look.shade, look.line, 3),
            circle(165, 175, 4.5, GOLD, look.line, 2),
            dashed("M150 190 L160 282 M182 190 L174 282", seam),
        )
    )
    return "".join(
        (
            path(body, look.base, look.line),
            path("M246 116 L272 126 L268 290 L244 290 Z", look.shade),
            path("M128 152 L272 152", stroke=look.line, width=3),
            both(chest),
            line(191, 126, 191, 286, look.line, 2.5),
            line(209, 126, 209, 286, look.line, 2.5),
            *(circle(200, y, 5, GOLD, look.line, 2) for y in (146, 174, 202, 230, 258)),
            rect(128, 282, 144, 26, look.shade, look.line, 4, 4),
            circle(200, 295, 5, GOLD, look.line, 2),
            path("M148 104 L164 82 Q200 96 236 82 L252 104 L232 138 L200 118 L168 138 Z", collar, look.line),
            path("M172 94 Q200 108 228 94 L200 118 Z", look.deep, look.line, 3),
        )
    )


BODICE = "M148 104 L128 116 L132 290 L268 290 L272 116 L252 104 Q200 128 148 104 Z"


def _denim(look: Look) -> str:
    sleeve = "M130 114 C104 130 92 190 76 274 L110 284 L136 200 Z"
    tabs = rect(134, 288, 20, 12, look.light, look.line, 2.5, 2)
    return "".join(
        (
            both(path(sleeve, look.base, look.line), dashed("M112 150 L92 266", look.light)),
            _trucker(look, BODICE, look.base, look.light),
            both(tabs, pipe("M76 268 L111 278", look.shade, look.line, 22)),
        )
    )


def _fleece_lined(look: Look) -> str:
    sleeve = "M130 114 C102 130 88 190 72 272 L112 284 L136 200 Z"
    quilt = "M116 140 L132 166 M104 160 L130 194 M98 186 L122 222 M90 212 L114 248 M84 240 L106 272 "
    quilt += "M130 160 L96 190 M128 190 L88 222 M118 220 L82 252"
    tufts = "M146 112 q8 -8 16 0 M158 96 q8 -8 16 0 M164 120 q8 -8 14 2 M222 120 q8 -8 16 -2 M228 98 q8 -8 14 2"
    return "".join(
        (
            both(path(sleeve, look.shade, look.line), path(quilt, stroke=look.light, width=2.5)),
            both(pipe("M74 268 L112 279", PILE, look.line, 24)),
            _trucker(look, BODICE, PILE, look.light),
            path("M140 110 L166 78 Q200 94 234 78 L260 110 L236 150 L200 118 L164 150 Z", PILE, look.line),
            path("M172 92 Q200 106 228 92 L200 118 Z", "#d9c9a8", look.line, 3),
            path(f"{tufts} M238 118 q8 -8 14 0", stroke="#cdbd9c", width=3),
            rect(128, 300, 144, 12, PILE, look.line, 3, 6),
        )
    )


def _boxy(look: Look) -> str:
    return "".join(
        (
            both(path("M140 96 C104 108 84 168 70 250 L124 262 L138 196 Z", look.shade, look.line)),
            path("M154 84 L128 98 L120 306 L280 306 L272 98 L246 84 Q200 112 154 84 Z", look.base, look.line),
            path("M256 90 L272 98 L279 305 L246 305 Z", look.shade),
            dashed("M129 298 L271 298", look.light),
            both(dashed("M76 242 L124 252", look.light)),
            path("M154 84 Q200 112 246 84 L254 90 Q206 132 146 90 Z", look.light, look.line, 3),
            line(206, 114, 206, 305, look.line, 4),
            path("M180 150 L208 150 M206 150 L232 150", stroke="#4a3423", width=4),
            _toggle(192, 150),
            both(rect(138, 226, 44, 54, look.base, look.line, 3.5, 3), line(138, 238, 182, 238, look.line, 3)),
        )
    )


def _toggle(x: float, y: float) -> str:
    return path(f"M{x - 16} {y} q16 -16 36 -4 q-16 18 -36 4 Z", "#c79b62", "#4a3423", 3)


def _raincoat(look: Look) -> str:
    duck = "M140 222 q-4 -12 10 -10 l14 0 q-8 -16 6 -20 q14 -2 14 12 l8 4 l-8 4 q2 18 -16 20 l-16 0 q-10 -2 -12 -10 Z"
    return "".join(
        (
            both(path("M142 148 C116 158 104 200 92 262 L132 272 L148 220 Z", look.shade, look.line)),
            both(path("M91 258 L133 268", stroke=PAPER, width=9)),
            path("M142 146 Q200 124 258 146 L280 322 Q200 334 120 322 Z", look.base, look.line),
            path("M240 142 L258 146 L279 321 Q264 325 250 326 Z", look.shade),
            path("M124 292 Q200 304 276 292", stroke=PAPER, width=10),
            path("M140 152 C124 86 160 58 200 58 C240 58 276 86 260 152 Q200 182 140 152 Z", look.base, look.line),
            path("M164 142 C156 104 176 86 200 86 C224 86 244 104 236 142 Q200 164 164 142 Z", look.deep, look.line, 3),
            path("M156 92 C168 74 184 70 196 70", stroke=look.light, width=6),
            line(200, 164, 200, 327, look.line, 3),
            *(circle(210, y, 6, PAPER, look.line, 3) for y in (190, 224, 258)),
            path(duck, PAPER, look.line, 3),
            path("M226 250 L262 250 L266 282 L226 282 Z M226 260 L263 260", look.base, look.line, 3),
        )
    )


def _alpine(look: Look) -> str:
    return "".join(
        (
            both(path(SLEEVE, look.deep, look.line), path("M100 180 L122 190", stroke=look.base, width=14)),
            path("M132 126 Q200 104 268 126 L272 326 Q200 338 128 326 Z", look.base, look.line),
            path("M132 126 Q200 104 268 126 L270 190 L230 170 L200 190 L170 170 L130 190 Z", look.deep, look.line, 3),
            path("M134 134 C124 58 164 34 200 34 C236 34 276 58 266 134 Q200 168 134 134 Z", look.base, look.line),
            path("M160 124 C154 82 178 66 200 66 C222 66 246 82 240 124 Q200 146 160 124 Z", look.deep, look.line, 3),
            path("M152 84 Q200 40 248 84 L242 96 Q200 62 158 96 Z", look.light, look.line, 3),
            pipe("M200 144 L200 331", "#f2c12e", look.line, 9, 3),
            both(
                pipe("M156 196 L176 250", "#f2c12e", look.line, 9, 3),
                line(140, 268, 140, 312, look.line, 5),
                pipe("M72 276 L108 287", look.light, look.line, 17),
            ),
        )
    )


def _wind_runner(look: Look) -> str:
    sleeve = "M136 112 C110 124 102 180 84 262 C82 276 108 284 116 274 L138 200 Z"
    return "".join(
        (
            both(path(sleeve, look.base, look.line), path("M112 142 L94 236", stroke=look.deep, width=5)),
            path(
                "M150 100 L134 112 L142 210 L132 304 Q200 316 268 304 L258 210 L266 112 L250 100 Z",
                look.base,
                look.line,
            ),
            path(
                "M134 112 L150 100 L166 104 L200 172 L234 104 L250 100 L266 112 L262 158 L200 214 L138 158 Z", look.deep
            ),
            path("M250 170 L260 160 L258 210 L267 303 Q254 307 244 308 Z", look.shade),
            pipe("M162 104 L162 74 Q200 62 238 74 L238 104", look.base, look.line, 6, 1.5),
            path("M162 106 L162 74 Q200 62 238 74 L238 106 Q200 124 162 106 Z", look.light, look.line),
            line(200, 72, 200, 308, look.line, 7),
            line(200, 74, 200, 306, PAPER, 2.5),
            line(222, 206, 250, 200, PAPER, 5),
            path("M134 298 Q200 310 266 298", stroke=PAPER, width=5),
            both(path("M84 256 Q100 270 118 268", stroke=look.line, width=6)),
        )
    )


def _biker(look: Look) -> str:
    return "".join(
        (
            both(path("M132 112 C106 128 98 190 82 274 L114 282 L138 204 Z", look.base, look.line)),
            both(line(96, 236, 92, 274, STEEL, 5), path("M108 146 L126 156 M104 158 L124 168", stroke=look.light)),
            path("M150 96 L130 110 L140 220 L136 292 L264 292 L260 220 L270 110 L250 96 Z", look.base, look.line),
            path("M248 104 L269 112 L260 220 L263 290 L242 290 Z", look.shade),
            line(226, 136, 172, 284, look.line, 10),
            line(226, 138, 173, 282, STEEL, 4),
            path("M152 96 L168 76 L196 116 L176 176 L142 138 Z", look.light, look.line),
            path("M248 96 L232 76 L200 118 L232 190 L262 138 Z", look.light, look.line),
            path("M168 78 Q200 92 232 78 L200 118 Z", look.deep, look.line, 3),
            circle(162, 142, 4, STEEL, look.line, 2),
            circle(240, 150, 4, STEEL, look.line, 2),
            path("M146 240 L168 214 M236 214 L254 240", stroke=STEEL, width=5),
            rect(134, 276, 132, 22, look.deep, look.line, 4, 3),
            rect(196, 272, 32, 30, "none", STEEL, 6, 4),
        )
    )


def _chore(look: Look) -> str:
    low = rect(138, 236, 50, 58, look.base, look.line, 3.5, 6) + dashed("M142 246 L184 246", look.light)
    high = rect(146, 154, 38, 44, look.base, look.line, 3.5, 5) + dashed("M150 163 L180 163", look.light)
    return "".join(
        (
            both(path("M130 108 C104 122 92 180 72 278 L110 288 L134 200 Z", look.shade, look.line)),
            both(dashed("M78 262 L112 272", look.light)),
            path("M150 92 L126 106 L124 320 L276 320 L274 106 L250 92 Z", look.base, look.line),
            path("M256 96 L274 106 L275 318 L252 318 Z", look.shade),
            both(low, high),
            line(200, 112, 200, 319, look.line, 3),
            *(circle(208, y, 6.5, WOOD, look.line, 2.5) for y in (142, 180, 218, 256, 294)),
            path("M150 92 L162 72 Q200 86 238 72 L250 92 L240 130 L200 108 L160 130 Z", look.light, look.line),
            path("M172 84 Q200 98 228 84 L200 108 Z", look.deep, look.line, 3),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "shell": _shell,
    "parka": _parka,
    "denim": _denim,
    "fleece-lined": _fleece_lined,
    "boxy": _boxy,
    "raincoat": _raincoat,
    "alpine": _alpine,
    "wind runner": _wind_runner,
    "biker": _biker,
    "chore": _chore,
}
