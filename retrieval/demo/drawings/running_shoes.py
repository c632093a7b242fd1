"""Running shoes from the side, pointing right.

In: a `Look`. Out: SVG fragments. Knows no product.
"""

from retrieval.demo.drawings.shapes import PAPER, STEEL, Drawing, Look, circle, group, line, path, pipe

UPPER = (
    "M74 268 C66 232 70 190 82 156 C88 142 106 142 112 156 C124 182 150 186 172 166 L190 146 C204 178 244 208 292 220 "
    "C326 229 344 246 344 268 Z"
)
FLAT_SOLE = "M62 262 L346 262 C358 264 358 284 346 294 C330 304 292 304 262 304 L100 304 C66 304 56 288 62 262 Z"


def _upper(look: Look, *marks: str) -> str:
    return "".join(
        (
            path(UPPER, look.base, look.line),
            path("M266 214 C312 224 342 240 344 268 L262 268 C262 246 258 230 266 214 Z", look.shade),
            path("M76 268 C70 236 72 210 78 182 C96 196 112 230 114 268 Z", look.deep),
            path("M84 158 C90 146 104 146 110 158 C122 186 152 190 176 166", stroke=look.light, width=8),
            *marks,
        )
    )


def _laces(look: Look, color: str = PAPER) -> str:
    d = " ".join(f"M{194 + 17 * i} {176 + 11 * i} l16 {2 * i - 18}" for i in range(4))
    return pipe(d, color, look.line, 9, 2) + path(UPPER, "none", look.line)


def _sole(look: Look, foam: str = PAPER) -> str:
    grooves = path(" ".join(f"M{x} 282 l14 8" for x in range(90, 320, 34)), stroke="#c9ccd3")
    tread = "M68 294 C76 304 90 304 100 304 L262 304 C292 304 330 304 346 294"
    return path(FLAT_SOLE, foam, look.line) + grooves + path(tread, stroke=look.deep, width=9)


def _trainer(look: Look) -> str:
    stripes = path(" ".join(f"M{x} 204 l26 28 l-26 30" for x in (134, 158, 182)), stroke=look.light, width=9)
    return _upper(look, stripes) + _laces(look) + _sole(look)


def _tempo(look: Look) -> str:
    swoosh = path("M128 262 C156 206 188 200 236 256 C200 226 172 226 156 262 Z", look.light, look.line, 2.5)
    sole = (
        "M58 258 C58 252 66 252 72 256 C160 276 250 270 338 256 C362 254 366 268 352 280 C316 318 268 "
        "322 210 320 C150 320 84 322 62 296 Z"
    )
    tread = path("M62 296 C84 322 150 320 210 320 C268 322 316 318 350 282", stroke=look.deep, width=9)
    return _upper(look, swoosh) + _laces(look) + path(sole, PAPER, look.line) + tread


def _support(look: Look) -> str:
    """With an outer heel counter and a firm wedge in a deep sole."""
    sole = "M56 256 L348 258 C364 262 364 288 350 300 C330 314 292 314 262 314 L98 314 C58 314 48 286 56 256 Z"
    return "".join(
        (
            _upper(look),
            path("M72 268 C66 232 70 200 80 166 C108 180 136 220 150 268 Z", look.deep, look.line, 3),
            path("M96 206 C114 222 124 244 128 262", stroke=look.light, width=6),
            path("M178 262 L206 196 M204 262 L228 208 M230 262 L250 218", stroke=look.light, width=8),
            _laces(look),
            path(sole, PAPER, look.line),
            path("M104 268 L226 268 C214 292 150 302 104 296 Z", look.base, look.line, 3),
            path("M118 276 L124 292 M146 276 L152 292 M174 276 L178 288", stroke=look.light),
            path("M62 302 C76 314 84 314 98 314 L262 314 C300 314 334 312 350 300", stroke=look.deep, width=9),
        )
    )


def _strap(look: Look) -> str:
    """A child's shoe: one wide strap, a toe bumper, no laces to tie."""
    return "".join(
        (
            path(
                "M84 274 C74 236 78 196 90 166 C98 152 116 152 122 166 C132 188 156 190 176 176 L200 164 "
                "C218 192 252 204 288 212 C322 222 336 246 336 274 Z",
                look.base,
                look.line,
            ),
            path("M86 274 C80 244 80 218 86 196 C106 210 122 240 124 274 Z", look.deep),
            path("M92 168 C100 156 114 156 120 168 C132 194 160 196 182 180", stroke=look.light, width=8),
            pipe("M216 196 l14 -16 M240 206 l12 -14", PAPER, look.line, 10, 2.5),
            path(
                "M150 200 C176 170 204 148 216 150 C228 156 234 172 226 182 L180 250 L142 238 Z", look.light, look.line
            ),
            path("M160 226 L202 172", stroke=look.base, width=7),
            path("M284 212 C322 220 340 244 340 276 L292 276 C278 254 276 230 284 212 Z", PAPER, look.line, 3),
            path("M300 236 l22 8 M302 252 l26 6", stroke=STEEL),
            *(circle(x, y, 7, "#ffd262", look.line, 2.5) for x, y in ((112, 248), (236, 252))),
            path("M70 268 L344 268 C354 280 354 298 340 308 L92 308 C68 306 62 286 70 268 Z", PAPER, look.line),
            path("M76 300 C82 308 92 308 100 308 L330 308 C340 308 346 304 348 298", stroke=look.deep, width=9),
            path("M96 282 q12 10 24 0 t24 0 t24 0 t24 0 t24 0 t24 0 t24 0 t24 0", stroke=look.base),
        )
    )


def _lugs(look: Look, y: int, depth: int) -> str:
    teeth = f"l0 {depth} l16 0 l5 {-depth} l9 0 " * 9
    return path(f"M62 {y} {teeth} L344 {y} L348 {y - 30} L60 {y - 30} Z", look.deep, look.line)


def _gaiter(look: Look) -> str:
    """A trail shoe with a sealed cuff up to the ankle bone."""
    return "".join(
        (
            _lugs(look, 300, 16),
            path(
                "M74 272 C66 236 70 170 86 112 L168 100 C174 130 184 150 200 168 C222 194 256 208 292 216 C330 226 "
                "346 246 346 272 Z",
                look.base,
                look.line,
            ),
            path("M86 112 L168 100 C172 118 176 130 182 142 C150 166 108 170 78 160 Z", look.deep, look.line, 3),
            path("M90 132 Q130 136 172 122", stroke=look.light, width=6),
            path("M176 132 C150 190 138 230 136 270", stroke=look.line, width=7),
            path("M176 132 C150 190 138 230 136 270", stroke=STEEL, width=3),
            path("M270 210 C322 218 346 240 346 272 L250 272 C248 246 254 222 270 210 Z", look.shade, look.line, 3),
            path("M168 262 C180 232 196 214 220 204 M200 264 C208 244 220 230 236 222", stroke=look.light, width=7),
            path("M60 260 Q200 278 350 262 L350 292 Q200 296 62 290 Z", PAPER, look.line),
            path("M84 178 L96 262", stroke=look.light, width=5),
        )
    )


def _racer(look: Look) -> str:
    """On a very thick, sharply rockered foam with a plate in it."""
    sole = (
        "M40 246 C46 238 62 242 74 250 C160 268 256 262 340 240 C364 236 372 250 360 266 C330 306 288 330 226 330 "
        "L92 330 C64 330 56 310 62 296 C52 286 40 262 40 246 Z"
    )
    return "".join(
        (
            group(
                "translate(14 -6) scale(.96)",
                _upper(look) + path("M120 256 L214 196 M140 262 L236 206", stroke=PAPER, width=7) + _laces(look),
            ),
            path(sole, PAPER, look.line),
            path("M64 292 C140 312 260 306 350 264", stroke=look.line, width=10),
            path("M64 292 C140 312 260 306 350 264", stroke=look.base, width=5),
            path("M92 330 L226 330 C268 330 302 318 330 296", stroke=look.deep, width=9),
            path("M58 262 C130 284 230 284 320 262", stroke="#dfe2e6", width=5),
        )
    )


def _gym_upper(look: Look) -> str:
    return "".join(
        (
            path(UPPER, look.base, look.line),
            path("M84 158 C90 146 104 146 110 158 C122 186 152 190 176 166", stroke=look.light, width=8),
            path("M150 184 L190 146 C200 172 226 194 262 212 L214 268 L128 268 Z", look.light, look.line, 3),
            path("M150 268 C170 236 196 214 226 200", stroke=look.shade, width=6),
            path("M128 268 C148 232 168 208 194 182", stroke=look.shade, width=6),
            path("M76 268 C70 240 72 216 78 196 L100 268 Z", look.deep),
            _laces(look),
        )
    )


def _gym(look: Look) -> str:
    sole = "M60 276 L348 276 C358 280 356 298 344 304 L76 304 C60 302 56 288 60 276 Z"
    return "".join(
        (
            group("translate(0 10)", _gym_upper(look)),
            path(sole, "#e7c39a", look.line),
            line(72, 290, 340, 290, "#b98d5e", 3),
            path("M300 230 C318 236 334 246 340 262", stroke=look.light, width=5),
        )
    )


def _trail(look: Look) -> str:
    """A low trail shoe: open mesh, drain ports at the toe, studs."""
    mesh = " ".join(
        f"M{x} {y} l9 9 m0 -9 l-9 9" for x, y in ((128, 226), (148, 210), (168, 230), (188, 208), (206, 234))
    )
    studs = "l3 14 l12 0 l3 -14 l8 0 " * 11
    return "".join(
        (
            path(f"M62 296 {studs} L350 280 L346 262 L62 262 Z", look.deep, look.line),
            _upper(look, path(mesh, stroke=look.light, width=3)),
            path("M248 214 C308 218 346 238 346 268 L330 268 C314 244 288 232 248 214 Z", look.deep, look.line, 3),
            *(circle(x, y, 5, look.line) for x, y in ((276, 246), (294, 252), (262, 256))),
            _laces(look, "#f2c12e"),
            path("M60 258 Q200 276 350 262 L348 284 Q200 292 62 286 Z", PAPER, look.line),
            pipe("M78 168 C66 156 62 140 72 130", look.light, look.line, 9, 2.5),
        )
    )


DESIGNS: dict[str, Drawing] = {
    "trainer": _trainer,
    "tempo": _tempo,
    "support": _support,
    "strap": _strap,
    "gaiter": _gaiter,
    "racer": _racer,
    "gym": _gym,
    "trail": _trail,
}
