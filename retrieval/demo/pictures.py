"""Pictures of the demo shop's products, drawn as SVG by the shop itself.

In: a `Product`; which of its category's designs it has, from `designs.toml`. Out: the text of SVG files. Knows no page
and no other file.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from html import escape
from zlib import crc32

from retrieval.demo import DEMO_FOLDER
from retrieval.demo.drawings import (
    backpacks,
    bedding,
    city_tours,
    coffee_beans,
    coffee_makers,
    cookware,
    desk_lamps,
    dresses,
    headphones,
    hiking_boots,
    hotels,
    jackets,
    kettles,
    laptops,
    luggage,
    moisturisers,
    perfumes,
    running_shoes,
    sandals,
    shirts,
    smartphones,
    snacks,
    sofas,
    sunscreens,
    teas,
    tents,
    water_bottles,
)
from retrieval.demo.drawings.shapes import COLORS, GOLD, WOOD, Drawing, Look, circle, ellipse, look, mix, path, rect
from retrieval.types import Product, Variant

BACKGROUNDS = {
    "apparel": "#f5e6ec",
    "shoes": "#e4ecf4",
    "electronics": "#e6e8f4",
    "home": "#f3eadd",
    "kitchen": "#e4f0ea",
    "outdoor": "#e0eee2",
    "beauty": "#fae8e1",
    "food": "#f8efd9",
    "travel": "#def0f5",
}
PLAIN_BACKGROUND = "#eeeff2"
PLAIN_COLOR = "#b98d5e"


def parcel(look: Look) -> str:
    """A closed parcel, for a category that has no drawing of its own."""
    return "".join(
        (
            path("M70 150 L200 96 L330 150 L330 290 L200 336 L70 290 Z", look.base, look.line, 5),
            path("M200 204 L330 150 L330 290 L200 336 Z", look.shade, look.line, 4),
            path("M70 150 L200 204 L330 150 L200 96 Z", look.light, look.line, 4),
            path("M120 128 L250 182 L250 222 L282 209 L282 170 L152 116 Z", GOLD, WOOD, 3),
        )
    )


DRAWINGS: dict[str, Mapping[str, Drawing]] = {
    "dresses": dresses.DESIGNS,
    "shirts": shirts.DESIGNS,
    "jackets": jackets.DESIGNS,
    "running shoes": running_shoes.DESIGNS,
    "hiking boots": hiking_boots.DESIGNS,
    "sandals": sandals.DESIGNS,
    "headphones": headphones.DESIGNS,
    "smartphones": smartphones.DESIGNS,
    "laptops": laptops.DESIGNS,
    "sofas": sofas.DESIGNS,
    "desk lamps": desk_lamps.DESIGNS,
    "bedding": bedding.DESIGNS,
    "kettles": kettles.DESIGNS,
    "coffee makers": coffee_makers.DESIGNS,
    "cookware": cookware.DESIGNS,
    "backpacks": backpacks.DESIGNS,
    "tents": tents.DESIGNS,
    "water bottles": water_bottles.DESIGNS,
    "moisturisers": moisturisers.DESIGNS,
    "sunscreens": sunscreens.DESIGNS,
    "perfumes": perfumes.DESIGNS,
    "teas": teas.DESIGNS,
    "coffee beans": coffee_beans.DESIGNS,
    "snacks": snacks.DESIGNS,
    "hotels": hotels.DESIGNS,
    "city tours": city_tours.DESIGNS,
    "luggage": luggage.DESIGNS,
}
"""Category -> its designs by name."""


@cache
def designs() -> Mapping[str, str]:
    """Product id -> the name of its design among its category's, as `designs.toml` says."""
    return tomllib.loads((DEMO_FOLDER / "designs.toml").read_text("utf-8"))


def draw_all(product: Product) -> Mapping[str, str]:
    """The SVG text of every picture that `product` and its variants name, by the address they name it by.

    >>> red, blue = (Variant(c, 100, attributes={"color": (c,)}, image=f"{c}.svg") for c in ("red", "blue"))
    >>> sorted(draw_all(Product("tents-01", "Tent", "USD", (red, blue), image="tent.svg")))
    ['blue.svg', 'red.svg', 'tent.svg']
    """
    drawn = {variant.image: draw(product, variant) for variant in product.variants if variant.image}
    return {**drawn, product.image: draw(product)} if product.image else drawn


def draw(product: Product, variant: Variant | None = None) -> str:
    """A picture of `product`: what its category looks like, in its first colour, on its department's background.

    With `variant`, in its own first colour, where it states one. The same product always gives the same text. A
    product that `designs.toml` does not name has the design of the number that ends its id, so that neighbours in a
    category differ. A category without drawings gets a parcel.

    >>> tent = Product("tents-01", "Tent", "USD", (Variant("v", 100),), category="tents")
    >>> draw(tent).startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"')
    True
    """
    number = _number(product.id)
    own = variant.attributes.get("color", ()) if variant else ()
    names = own or product.values("color")
    colors = [COLORS[name] for name in names if name in COLORS]
    title = f"{product.title} ({', '.join(own)})" if own else product.title
    drawings = DRAWINGS.get(product.category or "", {"parcel": parcel})
    stated = designs().get(product.id, "")
    design = stated if stated in drawings else list(drawings)[number % len(drawings)]
    background = BACKGROUNDS.get(product.department or "", PLAIN_BACKGROUND)
    return "".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">',
            f"<title>{escape(title)}</title>",
            _stage(background, number),
            '<g stroke-linejoin="round" stroke-linecap="round">',
            drawings[design](look(colors[0] if colors else PLAIN_COLOR)),
            "</g></svg>\n",
        )
    )


def _number(product_id: str) -> int:
    number = re.search(r"(\d+)$", product_id)
    return int(number.group()) - 1 if number else crc32(product_id.encode())


def _stage(background: str, number: int) -> str:
    offset = (-14, 14, 0, -7, 7)[number % 5]
    return "".join(
        (
            rect(0, 0, 400, 400, background),
            circle(200 + offset, 194, 158, mix(background, "#ffffff", 0.55)),
            ellipse(200, 340, 158, 17, mix(background, "#3a3f55", 0.16)),
        )
    )
