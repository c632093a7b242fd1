"""Hard filters over the whole catalog, as arrays in memory.

In: the products in the order of the search's rows, and `Filters` with prices in the shop's currency. Out: which rows
pass, and which variant of a product does. Exact by construction: what passes is decided here and nowhere else, and
`passing_variant` (one product, plain Python) is the rule that the arrays must agree with. Knows no index and no SQL.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from retrieval.types import ALL_NEEDED, Attributes, Filters, Product, Variant

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Key = TypeVar("Key", bound=Hashable)


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
    """Every variant's price, stock and attribute values as arrays; answers a filter in about a millisecond.

    A table never changes; `replaced` makes another one that shares what stayed the same.
    """

    def __init__(self, products: Iterable[Product | None] = ()) -> None:
        """`products[row]` is what stands in a row; None = nothing does, and the row never passes."""
        rows = dict(enumerate(products))
        self.n_rows = len(rows)
        self._variants = _Variants.of(rows)
        self._live = np.ones(len(self._variants.row), dtype=np.bool_)
        self._orders = {name: _order_keys(key, rows.values()) for name, key in _ORDERS.items()}

    def replaced(self, products: Mapping[int, Product | None]) -> "FilterTable":
        """The table with these rows changed (None empties one); rows beyond the last one are added, without a gap."""
        if not products:
            return self
        added = _Variants.of(products)
        changed = np.fromiter(products, dtype=np.int64)
        table = copy(self)
        table.n_rows = max(self.n_rows, int(changed.max()) + 1)
        table._live = np.concatenate(
            [self._live & ~np.isin(self._variants.row, changed), np.ones(len(added.row), dtype=np.bool_)]
        )
        table._variants = self._variants.followed_by(added)
        table._orders = {}
        for name, key in _ORDERS.items():
            table._orders[name] = np.concatenate([self._orders[name], np.zeros(table.n_rows - self.n_rows)])
            table._orders[name][changed] = _order_keys(key, products.values())
        if table._live.sum() * 2 < len(table._live) - _MIN_DEAD:
            table._variants = table._variants.only(table._live)
            table._live = np.ones(len(table._variants.row), dtype=np.bool_)
        return table

    def matching(self, filters: Filters) -> Mask:
        """`(n_rows,)` bool: rows with a variant that meets all of `filters` at once."""
        rows = np.zeros(self.n_rows, dtype=np.bool_)
        rows[self._variants.row[self._passing_variants(filters)]] = True
        return rows

    def occupied(self) -> Mask:
        """`(n_rows,)` bool: rows in which a product stands."""
        rows = np.zeros(self.n_rows, dtype=np.bool_)
        rows[self._variants.row[self._live]] = True
        return rows

    def sort_keys(self, filters: Filters, sort: str) -> NDArray[np.float64]:
        """`(n_rows,)`: what to sort by, ascending; a price is that of the cheapest passing variant."""
        if sort not in ("price_asc", "price_desc"):
            return self._orders[sort]
        passing = self._passing_variants(filters)
        cheapest = np.full(self.n_rows, np.inf)
        np.minimum.at(cheapest, self._variants.row[passing], self._variants.price_minor[passing])
        return cheapest if sort == "price_asc" else -cheapest

    def _passing_variants(self, filters: Filters) -> Mask:
        variants, passing = self._variants, self._live.copy()
        if filters.category is not None:
            passing &= variants.where(variants.places, [filters.category])[0]
        if filters.price_min_minor is not None:
            passing &= variants.price_minor >= filters.price_min_minor
        if filters.price_max_minor is not None:
            passing &= variants.price_minor <= filters.price_max_minor
        if filters.in_stock_only:
            passing &= variants.in_stock
        for name, values in filters.include.items():
            found = variants.where(variants.postings, [(name, value) for value in values])
            passing &= found.all(axis=0) if name in ALL_NEEDED else found.any(axis=0)
        for name, values in filters.exclude.items():
            for value in values:
                passing[variants.postings.get((name, value), _NONE)] = False
        return passing


@dataclass(frozen=True, slots=True)
class _Variants:
    """Of each variant the row of its product, its price and stock; and which variants carry a value."""

    row: Rows
    price_minor: NDArray[np.int64]
    in_stock: Mask
    postings: Mapping[tuple[str, str], Rows]
    places: Mapping[str, Rows]

    @classmethod
    def of(cls, products: Mapping[int, Product | None]) -> "_Variants":
        variants = [
            (row, product, variant) for row, product in products.items() if product for variant in product.variants
        ]
        postings: dict[tuple[str, str], list[int]] = defaultdict(list)
        places: dict[str, list[int]] = defaultdict(list)
        for i, (_, product, variant) in enumerate(variants):
            for name, values in attributes_of(product, variant).items():
                for value in values:
                    postings[name, value].append(i)
            for place in {product.category, product.department} - {None}:
                places[str(place)].append(i)
        return cls(
            np.array([row for row, _, _ in variants], dtype=np.int64),
            np.array([variant.price_minor for _, _, variant in variants], dtype=np.int64),
            np.array([variant.in_stock for _, _, variant in variants], dtype=np.bool_),
            _as_rows(postings),
            _as_rows(places),
        )

    def where(self, postings: Mapping[Key, Rows], keys: Sequence[Key]) -> NDArray[np.bool_]:
        """`(len(keys), n_variants)`: which variants carry which key."""
        found = np.zeros((len(keys), len(self.row)), dtype=np.bool_)
        for i, key in enumerate(keys):
            found[i, postings.get(key, _NONE)] = True
        return found

    def followed_by(self, others: "_Variants") -> "_Variants":
        n = len(self.row)
        return _Variants(
            np.concatenate([self.row, others.row]),
            np.concatenate([self.price_minor, others.price_minor]),
            np.concatenate([self.in_stock, others.in_stock]),
            _joined(self.postings, others.postings, n),
            _joined(self.places, others.places, n),
        )

    def only(self, kept: Mask) -> "_Variants":
        """Those variants alone, renumbered."""
        number = np.cumsum(kept, dtype=np.int64) - 1
        return _Variants(
            self.row[kept],
            self.price_minor[kept],
            self.in_stock[kept],
            _renumbered(self.postings, kept, number),
            _renumbered(self.places, kept, number),
        )


_MIN_DEAD = 1000
"""So many replaced variants are kept before they are cleared away."""

_NONE: Rows = np.zeros(0, dtype=np.int64)

_ORDERS: Mapping[str, Callable[[Product], float]] = {
    "rating": lambda product: -(product.rating or 0.0),
    "newest": lambda product: -(product.date_added.toordinal() if product.date_added else 0),
    "popular": lambda product: -(product.n_reviews or 0),
}


def _order_keys(key: Callable[[Product], float], products: Iterable[Product | None]) -> NDArray[np.float64]:
    return np.array([key(product) if product else 0.0 for product in products], dtype=np.float64)


def _as_rows(postings: Mapping[Key, list[int]]) -> dict[Key, Rows]:
    return {key: np.array(rows, dtype=np.int64) for key, rows in postings.items()}


def _joined(first: Mapping[Key, Rows], second: Mapping[Key, Rows], n_first: int) -> dict[Key, Rows]:
    joined = dict(first)
    for key, rows in second.items():
        joined[key] = np.concatenate([first.get(key, _NONE), rows + n_first])
    return joined


def _renumbered(postings: Mapping[Key, Rows], kept: Mask, number: Rows) -> dict[Key, Rows]:
    return {key: number[rows[kept[rows]]] for key, rows in postings.items()}
