"""Sights that city tours go to.

In: nothing. Out: SVG fragments. Knows no product and no `Look`.
"""

from retrieval.demo.drawings.shapes import (
    GOLD,
    INK,
    LEAF,
    LEAF_LINE,
    PAPER,
    SKY,
    WOOD,
    WOOD_SHADE,
    both,
    circle,
    ellipse,
    group,
    line,
    path,
    pipe,
    rect,
)

GREY = "#8d97a5"
TOWER = "#b7c4d3"
TOWER_FAR = "#d3dde7"
TILE = "#c9643f"


def old_town() -> str:
    """Houses with red roofs on a hill, a tower and a dome."""
    houses = ((46, 196, 52, "#f0d8b8"), (100, 222, 46, "#e9b9a3"), (268, 208, 50, "#f4e3c0"), (320, 180, 46, "#dfc1b1"))
    fronts = "".join(
        rect(x, y, w, 306 - y, wall, "#6a6f7c", 4)
        + path(f"M{x - 6} {y} L{x + w / 2:g} {y - 30} L{x + w + 6} {y} Z", TILE, "#6a6f7c", 4)
        + "".join(rect(x + 10 + 19 * i, y + 16, 12, 18, "#7796b3", "#6a6f7c", 2.5, 5) for i in range(2))
        for x, y, w, wall in houses
    )
    return "".join(
        (
            rect(60, 120, 34, 120, TOWER_FAR, GREY, 4),
            path("M56 122 L77 84 L98 122 Z", TOWER, GREY, 4),
            circle(77, 146, 8, PAPER, GREY, 3),
            path("M296 176 C296 128 356 128 356 176 Z", TOWER_FAR, GREY, 4),
            line(326, 140, 326, 116, GREY, 4),
            fronts,
            path("M30 304 C120 268 280 268 370 304 L370 336 L30 336 Z", "#a9c79b", "#6f8f66", 4),
        )
    )


def lake() -> str:
    """Hills, a lake with a boat, a pagoda."""
    roofs = "".join(
        path(
            f"M{322 - w} {y} Q322 {y - 8} {322 + w} {y} L{322 + w - 14} {y - 18} L{322 - w + 14} {y - 18} Z",
            "#9c4a3c",
            "#5a2c25",
            4,
        )
        + rect(322 - w + 16, y, 2 * w - 32, 20, "#f0d8b8", "#5a2c25", 3)
        for y, w in ((156, 30), (194, 36), (232, 42))
    )
    hills = "M24 262 C60 176 104 196 134 224 C160 176 220 170 262 226 C300 196 350 210 376 262 Z"
    waves = "M46 280 q12 -7 24 0 t24 0 M262 318 q12 -7 24 0 t24 0 M150 278 q10 -6 20 0"
    return "".join(
        (
            path(hills, "#b5d0b4", "#7fa07f", 4),
            line(322, 136, 322, 106, "#5a2c25", 5),
            roofs,
            path("M24 258 L376 258 L376 336 L24 336 Z", SKY, "#7fa5b8", 4),
            path(waves, stroke=PAPER, width=5),
            path("M270 288 L352 288 C346 304 334 310 318 310 L300 310 C286 310 276 302 270 288 Z", WOOD, WOOD_SHADE, 4),
            path("M290 288 L294 270 L334 270 L338 288 Z", "#f0d8b8", WOOD_SHADE, 4),
        )
    )


def _stone_fox() -> str:
    fox = path(
        "M-4 0 L-10 -36 L-18 -56 L-8 -50 L2 -56 L4 -42 L16 -34 L4 -30 L14 -16 L16 0 Z M16 0 C32 -8 32 -30 22 -40",
        "#dfe3e8",
        "#6a6f7c",
        4,
    )
    return group("translate(96 328)", fox + rect(-22, 0, 48, 12, "#b9bfc9", "#6a6f7c", 3))


def shrine() -> str:
    """A row of gates up a wooded hill, a stone fox at the foot."""
    gate = "".join(
        (
            path("M-74 -96 Q0 -84 74 -96 L80 -112 Q0 -98 -80 -112 Z", "#3d3338", INK, 3),
            path(
                "M-66 -84 L66 -84 L66 -72 L-66 -72 Z M-50 -96 L-38 -96 L-42 60 L-56 60 Z M50 -96 L38 -96 L42 60 L56 60 "
                "Z",
                "#d9532f",
                "#7a2413",
                3.5,
            ),
        )
    )
    return "".join(
        (
            path("M24 312 C60 170 130 120 200 112 C280 122 344 176 376 312 Z", "#7fae74", "#4f7f4a", 5),
            *(
                path(f"M{x} {y} l-20 44 l40 0 Z", "#5a8f63", LEAF_LINE, 3.5)
                for x, y in ((96, 176), (132, 138), (300, 176), (270, 136), (336, 214), (66, 228))
            ),
            path("M152 336 L192 168 L208 168 L248 336 Z", "#e6dcc6", "#a09070", 4),
            group("translate(200 168) scale(.42)", gate),
            group("translate(200 206) scale(.72)", gate),
            group("translate(200 268) scale(1.1)", gate),
            _stone_fox(),
        )
    )


def _bamboo() -> str:
    stems = "".join(
        pipe(f"M{x} 336 L{x + dx} 80", "#8fb56f", LEAF_LINE, 17, 3)
        + path(" ".join(f"M{x + dx * s - 8:g} {336 - 256 * s:g} l16 0" for s in (0.2, 0.4, 0.6, 0.8)), stroke=LEAF_LINE)
        for x, dx in ((58, -8), (92, 6), (352, 8))
    )
    leaves = "".join(
        path(f"M{x} {y} q{dx} -16 {2 * dx} 4 q{-dx} 12 {-2 * dx} -4 Z", LEAF, LEAF_LINE, 3)
        for x, y, dx in ((92, 150, 22), (56, 204, -18), (352, 140, -24), (354, 220, 16), (94, 236, 22))
    )
    return "".join(
        (
            stems,
            leaves,
        )
    )


def panda() -> str:
    """A panda with its bamboo, stems on both sides."""
    head = "".join(
        (
            both(circle(150, 104, 24, INK, INK)),
            ellipse(200, 150, 76, 66, "#fbfbf8", INK, 5),
            both(ellipse(170, 144, 18, 23, INK), circle(174, 142, 6, PAPER)),
            ellipse(200, 170, 13, 9, INK),
            path("M184 186 Q200 198 216 186", stroke=INK, width=4),
        )
    )
    return "".join(
        (
            _bamboo(),
            path("M122 330 C104 254 140 208 200 208 C260 208 296 254 278 330 Z", "#fbfbf8", INK, 5),
            path(
                "M134 226 C160 200 240 200 266 226 C276 246 268 264 256 262 C236 238 164 238 144 262 C132 264 124 246 "
                "134 226 Z",
                INK,
                INK,
            ),
            head,
            both(ellipse(142, 318, 34, 20, INK, INK), ellipse(136, 316, 12, 9, "#6b6f7a")),
            path("M150 292 L262 236", stroke=LEAF_LINE, width=17),
            path("M150 292 L262 236", stroke="#8fb56f", width=10),
            path("M262 236 q20 -22 34 -6 q-12 16 -34 6 M250 242 q8 -26 24 -24 q0 18 -24 24", LEAF, LEAF_LINE, 3),
            circle(168, 280, 17, INK),
            circle(238, 254, 17, INK),
        )
    )


def _steamer() -> str:
    return "".join(
        (
            path("M96 226 L260 226 L266 258 L90 258 Z", PAPER, INK, 5),
            path("M120 196 L236 196 L240 228 L116 228 Z", "#f4e3c0", INK, 5),
            path("M164 196 L168 158 L196 158 L200 196 Z", "#d9532f", INK, 4),
            path("M166 172 L198 172", stroke=INK, width=6),
            path("M182 150 c-10 -10 8 -16 0 -28", stroke="#b9bfc9", width=7),
            path(
                "M110 242 l10 0 M136 242 l10 0 M162 242 l10 0 M188 242 l10 0 M214 242 l10 0 M238 242 l8 0",
                stroke="#4d7f9b",
                width=9,
            ),
            path("M66 256 L292 256 C288 286 268 302 240 302 L112 302 C84 302 72 282 66 256 Z", "#3f5f7a", INK, 5),
        )
    )


def ferry() -> str:
    """A ferry between two shores, domes and minarets behind it, a gull above."""
    minaret = path("M0 0 L0 -92 L6 -112 L12 -92 L12 0 Z M-4 -58 L16 -58", TOWER_FAR, GREY, 4)
    return "".join(
        (
            path("M24 236 C80 206 320 206 376 236 Z", "#b5d0b4", "#7fa07f", 4),
            group("translate(66 222)", minaret) + group("translate(188 222)", minaret),
            path(
                "M84 222 C84 150 182 150 182 222 Z M94 222 C94 190 112 184 122 198 M172 222 C172 190 154 184 146 198",
                TOWER,
                GREY,
                4,
            ),
            path("M133 168 L133 148", stroke=GREY, width=5),
            rect(322, 130, 34, 94, TOWER_FAR, GREY, 4),
            path("M316 132 L339 92 L362 132 Z", TOWER, GREY, 4),
            path("M20 228 L380 228 L380 340 L20 340 Z", "#8fc3d8", "#5f93ab", 4),
            _steamer(),
            path(
                "M34 306 q14 -9 28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 t28 0 M60 326 q12 -7 24 0 t24 0 "
                "M220 324 q12 -7 24 0 t24 0",
                stroke=PAPER,
                width=5,
            ),
            path("M252 100 q14 -18 26 0 q12 -18 28 -2", stroke=INK, width=5),
        )
    )


def _lit_tree() -> str:
    lights = "".join(
        circle(x, y, 6, fill, INK, 2)
        for x, y, fill in (
            (176, 164, "#f2c12e"),
            (200, 184, "#d1383d"),
            (158, 208, "#8fd3e8"),
            (190, 222, "#f2c12e"),
            (146, 250, "#d1383d"),
            (180, 262, "#8fd3e8"),
            (220, 250, "#f2c12e"),
            (206, 284, "#d1383d"),
        )
    )
    return "".join(
        (
            rect(170, 298, 24, 32, WOOD, WOOD_SHADE, 4),
            path(
                "M182 132 L226 204 L206 204 L242 256 L220 256 L256 308 L108 308 L144 256 L122 256 L158 204 L138 204 Z",
                "#3f7a4f",
                "#1d3f2a",
                5,
            ),
            lights,
            path("M182 104 l7 15 l16 2 l-12 11 l3 16 l-14 -8 l-14 8 l3 -16 l-12 -11 l16 -2 Z", GOLD, "#6e5116", 3),
        )
    )


def _dusk() -> str:
    """Houses in the dark under a string of lamps."""
    lamps = "".join(
        circle(x, y, 6, "#ffe2a8", "#b98a2a", 2.5)
        for x, y in ((48, 104), (84, 122), (122, 130), (160, 126), (240, 124), (280, 128), (318, 120), (352, 102))
    )
    return "".join(
        (
            circle(200, 190, 150, "#33406b"),
            path(
                "M62 292 L62 190 L96 156 L130 190 L130 292 Z M276 292 L276 172 L300 140 L324 172 L324 292 Z",
                "#56618c",
                "#232c4d",
                4,
            ),
            path(
                "M84 206 l10 0 l0 18 l-10 0 Z M84 244 l10 0 l0 18 l-10 0 Z M108 206 l10 0 l0 18 l-10 0 Z M292 192 l14 "
                "0 l0 20 l-14 0 Z M292 236 l14 0 l0 20 l-14 0 Z",
                "#ffd98a",
            ),
            path("M30 92 Q110 150 200 118 Q290 150 372 88", "none", "#1c2340", 5),
            lamps,
        )
    )


def _punch() -> str:
    return "".join(
        (
            path("M70 286 C104 282 104 320 74 318", "none", INK, 12),
            path("M70 286 C104 282 104 320 74 318", "none", "#d1383d", 5),
            path("M34 270 L82 270 L78 330 L38 330 Z", "#d1383d", INK, 5),
            path("M48 262 c-8 -9 6 -14 0 -26 M66 262 c-8 -9 6 -14 0 -26", stroke="#e6e9f2", width=5),
        )
    )


def winter_lights() -> str:
    """A square at dusk: a lit tree, strings of lamps, a mug of punch, snow."""
    return "".join(
        (
            _dusk(),
            _lit_tree(),
            path("M24 318 Q110 296 200 310 T376 314 L376 340 L24 340 Z", "#ffffff", "#9fb3bf", 4),
            _punch(),
            *(
                circle(x, y, 3.5, "#ffffff")
                for x, y in ((110, 84), (250, 78), (150, 96), (300, 104), (246, 170), (70, 150), (338, 160), (262, 210))
            ),
        )
    )
