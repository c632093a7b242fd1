"""Hard filters over the whole catalog, as arrays in memory.

In: the products in the index's row order, and `Filters` with prices in the shop's currency. Out: which rows pass, and
which variant of a product does. Exact by construction: what passes is decided here and nowhere else, and
`passing_variant` (one product, plain Python) is the rule that the arrays must agree with.
"""

from collections import defaultdict
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from retrieval.types import ALL_NEEDED, Attributes, Filters, Product, Variant

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]


def passing_variant(product: Product, filters: Filters) -> Variant | None:
    """The cheapest variant of `product` that meets all of `filters` at once, or None."""
    if filters.category is not None and filters.category not in (product.category, product.department):
        return None
    passing = [variant for variant in product.variants if _passes(product, variant, filters)]
    return min(passing, key=lambda variant: (variant.price_minor, variant.id), default=None)


def _passes(product: Product, variant: Variant, filters: Filters) -> bool:
    low, high = filters.price_min_minor, filters.price_max_minor
    if (low is not None and variant.price_minor < low) or (high is not None and variant.price_minor > high):
        return False
    if filters.in_stock_only and not variant.in_stock:
        return False
    stated = attributes_of(product, variant)
    for name, wanted in filters.include.items():
        quantifier = all if name in ALL_NEEDED else any
        if not quantifier(value in stated.get(name, ()) for value in wanted):
            return False
    return not any(value in stated.get(name, ()) for name, banned in filters.exclude.items() for value in banned)


def attributes_of(product: Product, variant: Variant) -> Attributes:
    """What holds for one variant: its own values where it states an attribute, else the product's.

    Brand, category and department count as attributes, so that they can be excluded.
    """
    stated = {**product.attributes, **variant.attributes}
    for name, value in (("brand", product.brand), ("category", product.category), ("department", product.department)):
        if value:
            stated[name] = (value.lower(),)
    return stated


class FilterTable:
    """Every variant's price, stock and attribute values as arrays; answers a filter in about a millisecond."""

    def __init__(self, products: Sequence[Product]) -> None:
        self.n_products = len(products)
        variants = [(row, product, variant) for row, product in enumerate(products) for variant in product.variants]
        self._row = np.array([row for row, _, _ in variants], dtype=np.int64)
        self._price = np.array([variant.price_minor for _, _, variant in variants], dtype=np.int64)
        self._in_stock = np.array([variant.in_stock for _, _, variant in variants], dtype=np.bool_)
        self._postings = _postings(variants)
        self._orders = {
            "rating": np.array([-(product.rating or 0.0) for product in products]),
            "newest": np.array(
                [-(product.date_added.toordinal() if product.date_added else 0) for product in products]
            ),
            "popular": np.array([-(product.n_reviews or 0) for product in products]),
        }
        self._categories = _categories(products)

    def matching(self, filters: Filters) -> Mask:
        """`(n_products,)` bool: rows with a variant that meets all of `filters` at once."""
        passing = self._passing_variants(filters)
        rows = np.zeros(self.n_products, dtype=np.bool_)
        rows[self._row[passing]] = True
        if filters.category is not None:
            in_category = np.zeros(self.n_products, dtype=np.bool_)
            in_category[self._categories.get(filters.category, _NONE)] = True
            rows &= in_category
        return rows

    def sort_keys(self, filters: Filters, sort: str) -> NDArray[np.float64]:
        """`(n_products,)`: what to sort by, ascending; a price is that of the cheapest passing variant."""
        if sort not in ("price_asc", "price_desc"):
            return self._orders[sort].astype(np.float64)
        passing = self._passing_variants(filters)
        cheapest = np.full(self.n_products, np.inf)
        np.minimum.at(cheapest, self._row[passing], self._price[passing])
        return cheapest if sort == "price_asc" else -cheapest

    def _passing_variants(self, filters: Filters) -> Mask:
        passing = np.ones(len(self._row), dtype=np.bool_)
        if filters.price_min_minor is not None:
            passing &= self._price >= filters.price_min_minor
        if filters.price_max_minor is not None:
            passing &= self._price <= filters.price_max_minor
        if filters.in_stock_only:
            passing &= self._in_stock
        for name, values in filters.include.items():
            passing &= self._including(name, values)
        for name, values in filters.exclude.items():
            for value in values:
                passing[self._postings.get((name, value), _NONE)] = False
        return passing

    def _including(self, name: str, values: tuple[str, ...]) -> Mask:
        found = np.zeros((len(values), len(self._row)), dtype=np.bool_)
        for i, value in enumerate(values):
            found[i, self._postings.get((name, value), _NONE)] = True
        return np.asarray(found.all(axis=0) if name in ALL_NEEDED else found.any(axis=0), dtype=np.bool_)


_NONE: Rows = np.zeros(0, dtype=np.int64)


def _postings(variants: Sequence[tuple[int, Product, Variant]]) -> dict[tuple[str, str], Rows]:
    postings: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i, (_, product, variant) in enumerate(variants):
        for name, values in attributes_of(product, variant).items():
            for value in values:
                postings[name, value].append(i)
    return {key: np.array(rows, dtype=np.int64) for key, rows in postings.items()}


def _categories(products: Sequence[Product]) -> dict[str, Rows]:
    rows: dict[str, list[int]] = defaultdict(list)
    for row, product in enumerate(products):
        for name in {product.category, product.department} - {None}:
            rows[str(name)].append(row)
    return {name: np.array(found, dtype=np.int64) for name, found in rows.items()}
