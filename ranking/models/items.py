"""A shop's products as the items of a matcher.

In: products and their embeddings. Out: `Items`, with a tag for everything that a shopper may say they like. Knows no
database.
"""

from collections.abc import Iterable

import numpy as np

from ranking.features import Vectors
from ranking.interactions import Items
from retrieval.types import Product

MAX_SHARE = 0.8
"""What more products than this share have in common says nothing of a taste."""


def items_of(products: Iterable[Product], vectors: Vectors) -> Items:
    """One item per product, in order of their ids.

    Args:
        products: the catalog.
        vectors: product ids -> embeddings, zeros for those without one.
    """
    ordered = sorted(products, key=lambda product: product.id)
    found: dict[tuple[str, str], list[int]] = {}
    for row, product in enumerate(ordered):
        for tag in tags_of(product):
            found.setdefault(tag, []).append(row)
    most = MAX_SHARE * len(ordered)
    tags = {tag: np.array(rows, dtype=np.int64) for tag, rows in found.items() if 1 < len(rows) <= most}
    ids = tuple(product.id for product in ordered)
    return Items(ids, vectors(ids), tags, tuple(product.title for product in ordered))


def tags_of(product: Product) -> tuple[tuple[str, str], ...]:
    """What can be said of a product: its category, department, brand and attribute values, as (attribute, value).

    >>> from retrieval.types import Variant
    >>> coat = Product("p", "Coat", "USD", (Variant("v", 100),), category="jackets", attributes={"material": ("wool",)})
    >>> tags_of(coat)
    (('category', 'jackets'), ('material', 'wool'))
    """
    places = (("category", product.category), ("department", product.department))
    attributes = dict.fromkeys(
        [*product.attributes, *(name for variant in product.variants for name in variant.attributes)]
    )
    return (
        *((name, value) for name, value in places if value),
        *(("brand", value) for value in product.values("brand")),
        *((name, value) for name in attributes for value in product.values(name)),
    )
