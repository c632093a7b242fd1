"""Pictures of the demo shop's products, drawn as SVG by the shop itself.

In: a `Product`. Out: the text of SVG files. Knows no file system and no page.
"""

import re
from collections.abc import Callable, Mapping
from html import escape
from zlib import crc32

from retrieval.demo.drawings import apparel, beauty, electronics, food, home, kitchen, outdoor, shoes, travel
from retrieval.demo.drawings.shapes import COLORS, GOLD, WOOD, Look, circle, ellipse, look, mix, path, rect
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


DRAWINGS: dict[str, Callable[[Look], str]] = {
    "dresses": apparel.dress,
    "shirts": apparel.shirt,
    "jackets": apparel.jacket,
    "running shoes": shoes.running_shoe,
    "hiking boots": shoes.hiking_boot,
    "sandals": shoes.sandal,
    "headphones": electronics.headphones,
    "smartphones": electronics.smartphone,
    "laptops": electronics.laptop,
    "sofas": home.sofa,
    "desk lamps": home.desk_lamp,
    "bedding": home.bedding,
    "kettles": kitchen.kettle,
    "coffee makers": kitchen.coffee_maker,
    "cookware": kitchen.cookware,
    "backpacks": outdoor.backpack,
    "tents": outdoor.tent,
    "water bottles": outdoor.water_bottle,
    "moisturisers": beauty.moisturiser,
    "sunscreens": beauty.sunscreen,
    "perfumes": beauty.perfume,
    "teas": food.tea,
    "coffee beans": food.coffee_beans,
    "snacks": food.snack,
    "hotels": travel.hotel,
    "city tours": travel.city_tour,
    "luggage": travel.luggage,
}


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

    With `variant`, in its own first colour, where it states one. The same product always gives the same text. The
    design is chosen by the number that ends the id, so that neighbours in a category differ. A category without a
    drawing gets a parcel.

    >>> tent = Product("tents-01", "Tent", "USD", (Variant("v", 100),), category="tents")
    >>> draw(tent).startswith('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"')
    True
    """
    design = _design(product.id)
    own = variant.attributes.get("color", ()) if variant else ()
    names = own or product.values("color")
    colors = [COLORS[name] for name in names if name in COLORS]
    title = f"{product.title} ({', '.join(own)})" if own else product.title
    drawing = DRAWINGS.get(product.category or "", parcel)
    background = BACKGROUNDS.get(product.department or "", PLAIN_BACKGROUND)
    return "".join(
        (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400" role="img">',
            f"<title>{escape(title)}</title>",
            _stage(background, design),
            '<g stroke-linejoin="round" stroke-linecap="round">',
            drawing(look(colors[0] if colors else PLAIN_COLOR, product.values("feature"), design)),
            "</g></svg>\n",
        )
    )


def _design(product_id: str) -> int:
    number = re.search(r"(\d+)$", product_id)
    return int(number.group()) - 1 if number else crc32(product_id.encode())


def _stage(background: str, design: int) -> str:
    offset = (-14, 14, 0, -7, 7)[design % 5]
    return "".join(
        (
            rect(0, 0, 400, 400, background),
            circle(200 + offset, 194, 158, mix(background, "#ffffff", 0.55)),
            ellipse(200, 340, 158, 17, mix(background, "#3a3f55", 0.16)),
        )
    )
