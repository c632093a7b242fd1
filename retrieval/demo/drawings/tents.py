"""Tents, pitched.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import (
    INK,
    LEAF,
    PAPER,
    RUBBER,
    STEEL,
    WOOD,
    WOOD_SHADE,
    Drawing,
    Look,
    both,
    circle,
    ellipse,
    line,
    path,
    pipe,
    rect,
)

ROPE = "#8b8f97"


def _grass(*xs: int) -> str:
    return path(" ".join(f"M{x} 334 l-5 -15 M{x} 334 l1 -20 M{x} 334 l7 -14" for x in xs), stroke=LEAF, width=4)


def _ridge(look: Look) -> str:
    return "".join(
        (
            path("M152 96 L40 318 M282 116 L372 316", stroke=ROPE, width=3),
            path("M152 92 L286 112 L352 322 L236 328 Z", look.shade, look.line, 5),
            path("M196 124 L284 134 M222 180 L304 182", stroke=look.base, width=6),
            path("M152 92 L236 328 L70 328 Z", look.base, look.line, 5),
            path("M152 128 L196 328 L112 328 Z", look.deep, look.line, 4),
            path("M152 128 C158 200 184 260 216 328 L196 328 C176 270 156 200 152 128 Z", look.light, look.line, 3),
            path("M152 128 C146 200 122 260 90 328 L112 328 C130 270 148 200 152 128 Z", look.light, look.line, 3),
            path("M152 78 L152 96 M286 100 L286 114", stroke=WOOD_SHADE, width=7),
            _grass(52, 254, 316, 362),
        )
    )


def _tunnel(look: Look) -> str:
    outline = "M36 328 C36 176 92 108 176 104 L262 112 C334 120 366 200 368 328 Z"
    return "".join(
        (
            path("M60 210 L22 324 M350 214 L388 324", stroke=ROPE, width=3),
            path(outline, look.base, look.line, 5),
            path("M262 112 C334 120 366 200 368 328 L292 328 C296 230 288 160 262 112 Z", look.shade),
            path("M176 104 C126 150 112 230 114 328 M262 112 C288 160 296 230 292 328", stroke=look.line, width=5),
            path("M140 328 C138 226 160 168 204 166 C248 168 268 226 266 328 Z", look.deep, look.line, 5),
            path("M204 168 C176 214 166 270 168 328 L140 328 C138 226 160 168 204 166 Z", look.light, look.line, 4),
            path("M58 300 C62 222 84 160 122 134", stroke=look.light, width=7),
            path("M308 222 L342 226 L348 266 L310 264 Z M328 224 L330 266", "#e6f0f3", look.line, 4),
            path(outline, "none", look.line, 5),
            _grass(48, 128, 300, 374),
        )
    )


def _hermit(look: Look) -> str:
    """For one: a low pyramid on a trekking pole, narrow as a sleeper."""
    return "".join(
        (
            path("M232 138 L360 326 M232 138 L24 326", stroke=ROPE, width=3),
            path("M232 132 L340 326 L196 330 Z", look.shade, look.line, 5),
            path("M232 132 L196 330 L56 326 Q150 262 232 132 Z", look.base, look.line, 5),
            path("M232 150 C226 220 244 280 262 328 L196 330 C212 270 226 210 232 150 Z", look.deep, look.line, 4),
            path("M232 150 C240 220 262 280 290 327 L262 328 C246 280 230 220 232 150 Z", look.light, look.line, 3),
            path("M84 318 C140 276 180 236 208 194", stroke=look.light, width=7),
            pipe("M233 132 L233 324", STEEL, INK, 9, 2.5),
            path("M224 116 L242 116 L240 138 L226 138 Z", RUBBER, INK, 3),
            path(
                "M302 330 C300 298 312 288 330 288 C350 288 360 300 358 330 Z M316 288 C316 274 344 274 344 288",
                "#d9653f",
                INK,
                4,
            ),
            _grass(40, 176, 374),
        )
    )


def _beach(look: Look) -> str:
    """A pop-up half shell, open in front, on sand, a ball beside it."""
    stripe = "M140 318 C128 230 146 160 190 126 M276 322 C284 232 268 166 222 128"
    return "".join(
        (
            path("M24 334 Q110 312 200 322 T376 330 L376 340 L24 340 Z", "#f3dfb6", "#c6a568", 4),
            path(
                "M52 322 C40 200 108 124 204 122 C300 122 360 206 350 324 Q270 310 200 312 Q120 312 52 322 Z",
                look.base,
                look.line,
                5,
            ),
            path(
                "M112 316 C104 230 148 176 204 176 C258 176 298 232 292 316 Q200 306 112 316 Z", look.deep, look.line, 5
            ),
            path("M112 316 Q200 300 292 316 L300 330 L100 330 Z", look.light, look.line, 4),
            path(stripe, stroke=PAPER, width=11),
            path("M60 292 C64 222 100 164 160 142", stroke=look.light, width=6),
            path("M308 214 C330 240 336 266 338 296 L310 292 C312 262 312 240 308 214 Z", "#e6f0f3", look.line, 3),
            path("M314 240 l18 8 M316 262 l20 6", stroke=look.line, width=2.5),
            circle(80, 314, 24, PAPER, INK, 4),
            path("M80 290 C64 300 64 328 80 338 M80 290 C98 300 98 328 80 338", "none", "#d1383d", 6),
        )
    )


def _expedition(look: Look) -> str:
    """A geodesic dome: four poles that cross, skirts in the snow."""
    outline = "M48 316 C60 196 116 112 200 108 C284 112 340 196 352 316 Z"
    poles = (
        "M64 316 C100 168 210 96 300 150 M336 316 C300 168 190 96 100 150 M124 316 C140 190 244 150 338 236 M276 316 "
        "C260 190 156 150 62 236"
    )
    return "".join(
        (
            path("M84 190 L20 318 M316 190 L380 318", stroke=ROPE, width=3),
            path(outline, look.base, look.line, 5),
            path("M256 128 C312 164 342 232 351 314 L290 314 C300 240 290 180 256 128 Z", look.shade),
            path("M150 314 C152 240 170 206 200 204 C230 206 248 240 250 314 Z", look.deep, look.line, 5),
            path("M200 206 C186 240 178 280 178 314 L150 314 C152 240 170 206 200 204 Z", look.light, look.line, 3),
            path(poles, stroke=look.line, width=9),
            path(poles, stroke="#f2c12e", width=4),
            path(outline, "none", look.line, 5),
            path("M36 316 Q60 306 90 314 T160 314 T240 314 T310 314 T364 316 L374 336 L26 336 Z", PAPER, "#9fb3bf", 4),
            path(
                "M78 80 l0 -14 M71 73 l14 0 M318 96 l0 -14 M311 89 l14 0 M54 130 l0 -10 M49 125 l10 0",
                stroke="#ffffff",
                width=4,
            ),
        )
    )


def _play(look: Look) -> str:
    """A child's tipi of poles and canvas, with bunting."""
    flags = "".join(
        path(f"M{x} {y} l20 {dy} l-13 18 Z", fill, INK, 2.5)
        for x, y, dy, fill in (
            (146, 176, 5, "#f2c12e"),
            (174, 182, 3, "#5da468"),
            (202, 184, -2, "#2f6fc4"),
            (230, 181, -5, "#ec7d23"),
        )
    )
    return "".join(
        (
            pipe("M176 54 L292 330 M224 54 L108 330 M200 44 L200 120", WOOD, WOOD_SHADE, 11, 2.5),
            path("M200 88 L304 324 Q250 336 200 336 Q150 336 96 324 Z", look.base, look.line, 5),
            path("M210 92 L304 324 Q280 330 258 333 Z", look.shade),
            path("M200 168 L246 334 Q200 338 154 334 Z", "#5b4a3a", look.line, 4),
            path("M200 168 L246 334 L268 332 Q262 270 200 150 Z", look.light, look.line, 4),
            path("M200 168 L154 334 L132 332 Q138 270 200 150 Z", look.light, look.line, 4),
            path("M178 106 L222 106", stroke=look.line, width=9),
            path("M142 172 Q200 194 258 170", "none", INK, 3),
            flags,
            *(
                path(f"M{x} {y} l4 9 l10 1 l-7 7 l2 10 l-9 -5 l-9 5 l2 -10 l-7 -7 l10 -1 Z", PAPER, look.line, 2.5)
                for x, y in ((130, 252), (276, 246))
            ),
            path("M190 336 L200 316 L210 336 Z", "#f2c12e", INK, 3),
        )
    )


def _bell(look: Look) -> str:
    """Round canvas on one pole, with low walls and a tall door."""
    return "".join(
        (
            path("M58 238 L20 330 M342 238 L380 330 M96 226 L60 336 M304 226 L340 336", stroke=ROPE, width=3),
            line(200, 60, 200, 84, WOOD_SHADE, 9),
            path("M68 238 L332 238 L326 330 Q200 344 74 330 Z", look.light, look.line, 5),
            path("M284 238 L332 238 L326 330 Q304 334 280 336 Z", look.base),
            path(
                "M200 74 Q230 176 356 244 Q276 258 200 258 Q124 258 44 244 Q170 176 200 74 Z", look.base, look.line, 5
            ),
            path("M204 90 Q236 182 352 243 Q312 251 276 254 Q226 180 204 90 Z", look.shade),
            path("M190 122 Q156 204 92 236 M198 110 Q196 200 172 256", stroke=look.shade, width=3),
            path("M200 134 L246 336 L154 336 Z", "#5b4a3a", look.line, 4),
            path(
                "M200 134 C210 220 226 290 262 334 L246 336 Z M200 134 C190 220 174 290 138 334 L154 336 Z",
                look.light,
                look.line,
                4,
            ),
            path(
                "M44 244 q10 12 20 2 q10 12 20 2 q10 12 20 2 q10 12 20 2 M356 244 q-10 12 -20 2 q-10 12 -20 2 q-10 12 "
                "-20 2 q-10 12 -20 2",
                "none",
                look.line,
                4,
            ),
            both(path("M92 276 l26 2 l0 26 l-26 -2 Z", "#e6f0f3", look.line, 3)),
            _grass(44, 118, 290, 362),
        )
    )


def _dome(look: Look) -> str:
    """A family dome with a porch, boots before the door."""
    outline = "M44 328 C44 200 112 116 200 116 C288 116 356 200 356 328 Z"
    return "".join(
        (
            path("M70 232 L24 326 M330 232 L376 326", stroke=ROPE, width=3),
            path(outline, look.base, look.line, 5),
            path("M262 136 C326 170 355 246 355 326 L302 326 C310 250 300 186 262 136 Z", look.shade),
            path("M92 326 C96 220 140 150 200 118 C260 150 304 220 308 326", "none", look.line, 6),
            path("M92 326 C96 220 140 150 200 118 C260 150 304 220 308 326", "none", look.light, 2.5),
            path("M126 328 C128 250 156 200 200 198 C244 200 272 250 274 328 Z", look.light, look.line, 5),
            path("M152 328 C154 262 172 226 200 224 C228 226 246 262 248 328 Z", look.deep, look.line, 4),
            path("M178 148 Q200 138 222 148 L216 164 Q200 158 184 164 Z", "#e6f0f3", look.line, 3),
            path("M64 300 C68 240 88 196 116 168", stroke=look.light, width=7),
            path("M262 318 l0 -26 l14 0 l0 14 l14 4 l0 14 l-28 0 Z", "#d1383d", INK, 3.5),
            path("M288 326 l0 -26 l14 0 l0 14 l14 4 l0 14 l-28 0 Z", "#f2c12e", INK, 3.5),
            _grass(52, 112, 344),
        )
    )


def _two_doors(look: Look) -> str:
    """A low three-person dome on a hub, a door to each side, vents above."""
    door = "".join(
        (
            path("M96 326 C94 258 118 214 152 208 C172 236 178 284 176 326 Z", look.deep, look.line, 4),
            path("M152 208 C132 244 124 286 126 326 L96 326 C94 258 118 214 152 208 Z", look.light, look.line, 3),
            path("M128 158 L158 138 L172 152 L146 174 Z", look.light, look.line, 3.5),
        )
    )
    return "".join(
        (
            path("M56 264 L16 328 M344 264 L384 328", stroke=ROPE, width=3),
            path("M38 328 C56 240 100 168 156 138 L244 138 C300 168 344 240 362 328 Z", look.base, look.line, 5),
            path("M176 138 L224 138 L236 328 L164 328 Z", look.shade, look.line, 4),
            both(door),
            pipe("M40 326 C64 232 110 160 156 134 L244 134 C290 160 336 232 360 326", "#e6e9ee", look.line, 10, 3),
            both(circle(156, 134, 8, look.deep, look.line, 3)),
            path("M188 164 L212 164 M186 186 L214 186", stroke=look.base, width=6),
            ellipse(200, 330, 168, 7, "#5f6a72"),
            _grass(30, 200, 372),
        )
    )


def _inflatable(look: Look) -> str:
    """Three air beams instead of poles, windows, a pump at its side."""
    beams = "M70 326 C66 190 106 120 154 112 M170 326 C166 190 196 112 226 108 M334 326 C338 194 322 140 288 112"
    return "".join(
        (
            path("M56 326 C52 178 96 104 164 102 L274 102 C330 110 352 190 348 326 Z", look.base, look.line, 5),
            path("M286 110 C330 130 350 200 347 324 L300 324 C310 240 306 170 286 110 Z", look.shade),
            path("M196 326 C194 240 206 186 234 182 C270 186 288 240 288 326 Z", look.deep, look.line, 4),
            path("M234 184 C216 226 212 280 214 326 L196 326 C194 240 206 186 234 182 Z", look.light, look.line, 3),
            path("M94 222 L150 214 L148 266 L92 272 Z M121 218 L120 269", "#e6f0f3", look.line, 4),
            pipe(beams, look.light, look.line, 24, 4),
            path("M82 290 C82 240 88 200 102 170", stroke=PAPER, width=4),
            path("M352 326 L352 262 M332 262 L372 262", stroke=INK, width=7),
            rect(340, 284, 24, 50, "#ec7d23", INK, 4, 5),
            path("M340 320 C318 334 330 306 318 300", stroke=INK, width=5),
            _grass(40, 112, 176, 304),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "ridge": _ridge,
    "tunnel": _tunnel,
    "hermit": _hermit,
    "beach": _beach,
    "expedition": _expedition,
    "play": _play,
    "bell": _bell,
    "dome": _dome,
    "two doors": _two_doors,
    "inflatable": _inflatable,
}
