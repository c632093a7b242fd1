"""Hard filters over the whole catalog, as arrays in memory.

In: the products in the order of the search's rows, and `Filters` with prices in the shop's currency. Out: which rows
pass, and which variant of a product does. Exact by construction: what passes is decided here and nowhere else, and
`passing_variant` (one product, plain Python) is the rule that the arrays must agree with. Knows no index and no SQL.
"""

from array import array
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import ALL_NEEDED, Attributes, Filters, Product, Variant

Mask = NDArray[np.bool_]
Rows = NDArray[np.int64]
Numbers = NDArray[np.int32]
"""Of variants, or of rows: four bytes, since a catalog of a million has many of them."""

Postings = Mapping[str, Numbers]


def passing_variant(product: Product, filters: Filters) -> Variant | None:
    """The cheapest variant of `product` that meets all of `filters` at once, or None."""
    passing = passing_variants(product, filters)
    if len(passing) < 2:
        return passing[0] if passing else None
    return min(passing, key=lambda variant: (variant.price_minor, variant.id))


def passing_variants(product: Product, filters: Filters) -> list[Variant]:
    """The variants of `product` that meet all of `filters` at once."""
    if filters.category is not None and filters.category not in (product.category, product.department):
        return []
    return [variant for variant in product.variants if _passes(product, variant, filters)]


def _passes(product: Product, variant: Variant, filters: Filters) -> bool:
    low, high = filters.price_min_minor, filters.price_max_minor
    if (low is not None and variant.price_minor < low) or (high is not None and variant.price_minor > high):
        return False
    if filters.in_stock_only and not variant.in_stock:
        return False
    if not filters.include and not filters.exclude:
        return True
    stated = attributes_of(product, variant)
    for name, wanted in filters.include.items():
        if not stated.get(name) and product.category in filters.unstated_in.get(name, ()):
            continue
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
        n_rows = 0

        def occupied() -> Iterator[tuple[int, Product]]:
            nonlocal n_rows
            for row, product in enumerate(products):
                n_rows = row + 1
                if product is not None:
                    yield row, product

        builder = _Builder.of(occupied())
        self._fill(n_rows, builder)

    @classmethod
    def of_rows(cls, n_rows: int, products: Iterable[tuple[int, Product]]) -> "FilterTable":
        """The table of `n_rows` rows in which these (row, product) stand; read as a stream."""
        table = cls.__new__(cls)
        table._fill(n_rows, _Builder.of(products))
        return table

    def _fill(self, n_rows: int, built: "_Builder") -> None:
        self.n_rows = n_rows
        self.variants = built.variants()
        self._live = np.ones(len(self.variants.row), dtype=np.bool_)
        self._orders = {name: np.zeros(n_rows) for name in _ORDERS}
        for name, keys in self._orders.items():
            keys[built.rows()] = built.orders[name]

    def replaced(self, products: Mapping[int, Product | None]) -> "FilterTable":
        """The table with these rows changed (None empties one); rows beyond the last one are added, without a gap."""
        if not products:
            return self
        built = _Builder.of((row, product) for row, product in products.items() if product is not None)
        added = built.variants()
        changed = np.fromiter(products, dtype=np.int64)
        table = copy(self)
        table.n_rows = max(self.n_rows, int(changed.max()) + 1)
        kept = self._live.copy()
        kept[np.flatnonzero(_marked(table.n_rows, changed)[self.variants.row])] = False
        table._live = np.concatenate([kept, np.ones(len(added.row), dtype=np.bool_)])
        table.variants = self.variants.followed_by(added)
        table._orders = {}
        for name in _ORDERS:
            keys = np.concatenate([self._orders[name], np.zeros(table.n_rows - self.n_rows)])
            keys[changed] = 0.0
            keys[built.rows()] = built.orders[name]
            table._orders[name] = keys
        if table._live.sum() * 2 < len(table._live) - _MIN_DEAD:
            table.variants = table.variants.only(table._live)
            table._live = np.ones(len(table.variants.row), dtype=np.bool_)
        return table

    def matching(self, filters: Filters) -> Mask:
        """`(n_rows,)` bool: rows with a variant that meets all of `filters` at once."""
        return self._rows_of(self.passing_variants(filters))

    def occupied(self) -> Mask:
        """`(n_rows,)` bool: rows in which a product stands."""
        return self._rows_of(self._live)

    def sort_keys(self, filters: Filters, sort: str) -> NDArray[np.float64]:
        """`(n_rows,)`: what to sort by, ascending; a price is that of the cheapest passing variant."""
        if sort not in ("price_asc", "price_desc"):
            return self._orders[sort]
        passing = np.flatnonzero(self.passing_variants(filters))
        cheapest = np.full(self.n_rows, np.inf)
        np.minimum.at(cheapest, self.variants.row[passing], self.variants.price_minor[passing])
        return cheapest if sort == "price_asc" else -cheapest

    def passing_variants(self, filters: Filters) -> Mask:
        """`(n_variants,)` bool: the variants that meet all of `filters`."""
        variants, passing = self.variants, self._live.copy()
        if filters.category is not None:
            places = variants.places(filters.category)
            passing &= _marked(len(passing), *places)
        if filters.price_min_minor is not None:
            passing &= variants.price_minor >= filters.price_min_minor
        if filters.price_max_minor is not None:
            passing &= variants.price_minor <= filters.price_max_minor
        if filters.in_stock_only:
            passing &= variants.in_stock
        for name, values in filters.include.items():
            found = [variants.carrying(name, value) for value in values]
            silent = variants.silent(name, filters.unstated_in.get(name, ()))
            for group in [[one] for one in found] if name in ALL_NEEDED else [found]:
                passing &= _marked(len(passing), *group, silent)
        for name, values in filters.exclude.items():
            for value in values:
                passing[variants.carrying(name, value)] = False
        return passing

    def _rows_of(self, passing: Mask) -> Mask:
        """The rows of these variants. At the start of most tables the variant `i` is the only one of row `i`."""
        rows = np.zeros(self.n_rows, dtype=np.bool_)
        n_alike = self.variants.n_alike
        rows[:n_alike] = passing[:n_alike]
        rows[self.variants.row[n_alike:][passing[n_alike:]]] = True
        return rows


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Variants:
    """Of each variant the row of its product, its price and stock; and which variants carry a value.

    `values` are attribute -> value -> variants, `categories` and `departments` name -> variants. The variants of one
    product that are on sale lie side by side.
    """

    row: Numbers
    price_minor: NDArray[np.int64]
    in_stock: Mask
    values: Mapping[str, Postings]
    categories: Postings
    departments: Postings
    n_alike: int

    def carrying(self, name: str, value: str) -> Numbers:
        """The variants that state a value of an attribute."""
        return self.values.get(name, _NO_POSTINGS).get(value, _NONE)

    def silent(self, name: str, categories: Sequence[str]) -> Numbers | Rows:
        """The variants of these categories that state no value of an attribute."""
        if not categories:
            return _NONE
        of_them = _marked(len(self.row), *(self.categories.get(category, _NONE) for category in categories))
        for carrying in self.values.get(name, _NO_POSTINGS).values():
            of_them[carrying] = False
        return np.flatnonzero(of_them)

    def places(self, name: str) -> tuple[Numbers, Numbers]:
        """The variants of the category, and of the department, of that name."""
        return self.categories.get(name, _NONE), self.departments.get(name, _NONE)

    def followed_by(self, others: "Variants") -> "Variants":
        """With `others` after these."""
        n = len(self.row)
        values = dict(self.values)
        for name, postings in others.values.items():
            values[name] = _joined(values.get(name, _NO_POSTINGS), postings, n)
        return Variants(
            np.concatenate([self.row, others.row]),
            np.concatenate([self.price_minor, others.price_minor]),
            np.concatenate([self.in_stock, others.in_stock]),
            values,
            _joined(self.categories, others.categories, n),
            _joined(self.departments, others.departments, n),
            self.n_alike,
        )

    def only(self, kept: Mask) -> "Variants":
        """Those variants alone, renumbered."""
        number = np.cumsum(kept, dtype=np.int32) - 1
        row = self.row[kept]
        return Variants(
            row,
            self.price_minor[kept],
            self.in_stock[kept],
            {name: _renumbered(postings, kept, number) for name, postings in self.values.items()},
            _renumbered(self.categories, kept, number),
            _renumbered(self.departments, kept, number),
            _n_alike(row),
        )


class _Builder:
    """Takes products as they come and keeps only numbers of them."""

    def __init__(self) -> None:
        self._rows = array("i")
        self._row, self._price_minor, self._in_stock = array("i"), array("q"), array("b")
        self._values: defaultdict[str, defaultdict[str, array[int]]] = defaultdict(lambda: defaultdict(_numbers))
        self._categories: defaultdict[str, array[int]] = defaultdict(_numbers)
        self._departments: defaultdict[str, array[int]] = defaultdict(_numbers)
        self.orders = {name: array("d") for name in _ORDERS}

    @classmethod
    def of(cls, products: Iterable[tuple[int, Product]]) -> "_Builder":
        builder = cls()
        for row, product in products:
            builder._add(row, product)
        return builder

    def rows(self) -> Numbers:
        """The rows that were given."""
        return np.frombuffer(self._rows, dtype=np.int32) if self._rows else _NONE

    def variants(self) -> Variants:
        row = _as_numbers(self._row)
        return Variants(
            row,
            np.array(self._price_minor, dtype=np.int64),
            np.array(self._in_stock, dtype=np.bool_),
            {name: _as_postings(postings) for name, postings in self._values.items()},
            _as_postings(self._categories),
            _as_postings(self._departments),
            _n_alike(row),
        )

    def _add(self, row: int, product: Product) -> None:
        self._rows.append(row)
        for name, key in _ORDERS.items():
            self.orders[name].append(key(product))
        for variant in product.variants:
            number = len(self._row)
            self._row.append(row)
            self._price_minor.append(variant.price_minor)
            self._in_stock.append(variant.in_stock)
            for name, values in attributes_of(product, variant).items():
                for value in dict.fromkeys(values):
                    self._values[name][value].append(number)
            if product.category is not None:
                self._categories[product.category].append(number)
            if product.department is not None:
                self._departments[product.department].append(number)


_MIN_DEAD = 1000
"""So many replaced variants are kept before they are cleared away."""

_NONE: Numbers = np.zeros(0, dtype=np.int32)
_NO_POSTINGS: Postings = {}

_ORDERS: Mapping[str, Callable[[Product], float]] = {
    "rating": lambda product: -(product.rating or 0.0),
    "newest": lambda product: -(product.date_added.toordinal() if product.date_added else 0),
    "popular": lambda product: -(product.n_reviews or 0),
}


def _numbers() -> "array[int]":
    return array("i")


def _as_numbers(numbers: "array[int]") -> Numbers:
    return np.array(numbers, dtype=np.int32)


def _as_postings(postings: "Mapping[str, array[int]]") -> Postings:
    return {name: _as_numbers(numbers) for name, numbers in postings.items()}


def _marked(n: int, *positions: NDArray[np.integer]) -> Mask:
    marked = np.zeros(n, dtype=np.bool_)
    for some in positions:
        marked[some] = True
    return marked


def _n_alike(row: Numbers) -> int:
    """Up to which variant each is in the row of its own number."""
    others = np.flatnonzero(row != np.arange(len(row), dtype=np.int32))
    return int(others[0]) if len(others) else len(row)


def _joined(first: Postings, second: Postings, n_first: int) -> Postings:
    joined = dict(first)
    for name, numbers in second.items():
        joined[name] = np.concatenate([first.get(name, _NONE), numbers + np.int32(n_first)])
    return joined


def _renumbered(postings: Postings, kept: Mask, number: Numbers) -> Postings:
    return {name: number[numbers[kept[numbers]]] for name, numbers in postings.items()}
