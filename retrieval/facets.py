"""What the products that meet some filters could be narrowed down by, with counts.

In: a `FilterTable` and `Filters`. Out: `Facets`. Knows no words and no index.

Each count is that of the products that would be found with that value chosen: of the attribute itself the present
choice is left out, so that the others stand beside it. Where every chosen value is needed (`ALL_NEEDED`), the choice
stays, since another one would narrow it further. A product counts once, however many of its variants meet the filters.
"""

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from itertools import pairwise
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from retrieval.filters import FilterTable, Mask, Numbers, Postings, Variants
from retrieval.types import ALL_NEEDED, Attributes, Filters

N_PRICE_RANGES = 5
CATEGORY, DEPARTMENT = "category", "department"


@dataclass(frozen=True, slots=True)
class FacetValue:
    """One value and how many products it would leave."""

    value: str
    n_products: int


@dataclass(frozen=True, slots=True)
class PriceRange:
    """Prices from `min_minor` to `max_minor`, inclusive, None = open. A product may be in several by its variants."""

    min_minor: int | None
    max_minor: int | None
    n_products: int


@dataclass(frozen=True, slots=True)
class Facets:
    """How many products meet the filters, and what else could be chosen; the commonest values first.

    `attributes` holds the brand too. Category, department and attributes are spelt as `Filters` takes them.
    """

    n_products: int
    categories: tuple[FacetValue, ...]
    departments: tuple[FacetValue, ...]
    attributes: Mapping[str, tuple[FacetValue, ...]]
    prices: tuple[PriceRange, ...]


def facets_of(table: FilterTable, filters: Filters) -> Facets:
    """What `filters` leave of a table, and what each further or other choice would."""
    columns, passing = _Columns.of(table.variants), table.passing_variants(filters)
    attributes = columns.attributes.counted(table.variants, passing)
    for name in (filters.include.keys() | filters.exclude.keys()) & columns.names:
        column = _Column.of({name: table.variants.values[name]})
        others = table.passing_variants(_without(filters, name))
        attributes[name] = column.counted(table.variants, others).get(name, ())
    places = {}
    for kind, column in columns.places.items():
        others = table.passing_variants(_without(replace(filters, category=None), kind))
        places[kind] = column.counted(table.variants, others).get(kind, ())
    return Facets(
        n_products=_n_rows(table.variants.row[passing]),
        categories=places[CATEGORY],
        departments=places[DEPARTMENT],
        attributes={name: values for name, values in attributes.items() if values},
        prices=_prices(table, filters),
    )


def _prices(table: FilterTable, filters: Filters) -> tuple[PriceRange, ...]:
    any_price = replace(filters, price_min_minor=None, price_max_minor=None)
    passing = np.flatnonzero(table.passing_variants(any_price))
    rows, prices = table.variants.row[passing], table.variants.price_minor[passing]
    bounds = [None, *round_bounds(prices), None]
    ranges = []
    for low, high in pairwise(bounds):
        inside = np.ones(len(prices), dtype=np.bool_) if low is None else prices >= low
        if high is not None:
            inside &= prices < high
        if n_products := _n_rows(rows[inside]):
            ranges.append(PriceRange(low, None if high is None else high - 1, n_products))
    return tuple(ranges)


@dataclass(frozen=True, slots=True)
class _Column:
    """The variants that carry each of many (attribute, value): `variants[key == i]` carry `keys[i]`."""

    keys: tuple[tuple[str, str], ...]
    variants: Numbers
    key: Numbers

    @classmethod
    def of(cls, values: Mapping[str, Postings]) -> "_Column":
        keys = [(name, value) for name, postings in values.items() for value in postings]
        found = [numbers for postings in values.values() for numbers in postings.values()]
        key = np.repeat(np.arange(len(keys), dtype=np.int32), [len(numbers) for numbers in found])
        return cls(tuple(keys), np.concatenate([np.zeros(0, dtype=np.int32), *found]), key)

    def counted(self, variants: Variants, passing: Mask) -> dict[str, tuple[FacetValue, ...]]:
        """Attribute -> its values with the number of rows that have a passing variant with them."""
        chosen = np.flatnonzero(passing[self.variants])
        rows, key = variants.row[self.variants[chosen]], self.key[chosen]
        # The passing variants of one row lie side by side, so a repeat is like the one before it.
        first = np.ones(len(chosen), dtype=np.bool_)
        first[1:] = (rows[1:] != rows[:-1]) | (key[1:] != key[:-1])
        counts = np.bincount(key[first], minlength=len(self.keys))
        found: dict[str, list[FacetValue]] = {}
        for i in np.flatnonzero(counts):
            name, value = self.keys[i]
            found.setdefault(name, []).append(FacetValue(value, int(counts[i])))
        return {
            name: tuple(sorted(values, key=lambda one: (-one.n_products, one.value))) for name, values in found.items()
        }


@dataclass(frozen=True, slots=True)
class _Columns:
    """Of one state of the variants, made when first asked for and kept as long as they are."""

    places: Mapping[str, _Column]
    attributes: _Column
    names: AbstractSet[str]

    @classmethod
    def of(cls, variants: Variants) -> "_Columns":
        if (held := _made.get(variants)) is None:
            names = variants.values.keys() - {CATEGORY, DEPARTMENT}
            categories = _with_namesakes(variants.categories, variants.departments)
            departments = _with_namesakes(variants.departments, variants.categories)
            places = {
                CATEGORY: _Column.of({CATEGORY: categories}),
                DEPARTMENT: _Column.of({DEPARTMENT: departments}),
            }
            attributes = _Column.of({name: variants.values[name] for name in sorted(names)})
            _made[variants] = held = cls(places, attributes, names)
        return held


_made: WeakKeyDictionary[Variants, _Columns] = WeakKeyDictionary()


def _with_namesakes(places: Postings, others: Postings) -> Postings:
    """The variants in each place, and in the other kind of place of that name: a filter takes both."""
    return {name: np.union1d(numbers, others[name]) if name in others else numbers for name, numbers in places.items()}


def _without(filters: Filters, name: str) -> Filters:
    """The filters without what they choose or rule out of one attribute."""
    include = filters.include if name in ALL_NEEDED else _lacking(filters.include, name)
    return replace(filters, include=include, exclude=_lacking(filters.exclude, name))


def _lacking(attributes: Attributes, name: str) -> Attributes:
    return {other: values for other, values in attributes.items() if other != name}


def _n_rows(rows: Numbers) -> int:
    """How many different rows; repeats lie side by side."""
    return int((rows[1:] != rows[:-1]).sum()) + 1 if len(rows) else 0


def round_bounds(prices: NDArray[np.int64], n_parts: int = N_PRICE_RANGES) -> list[int]:
    """Round prices that cut these (in minor units) into about equal parts, ascending, without repeats.

    >>> round_bounds(np.array([990, 1980, 3010, 4040]), 2)
    [2000]
    """
    if not len(prices):
        return []
    cuts = np.quantile(prices, np.arange(1, n_parts) / n_parts, method="lower")
    return sorted({_rounded(int(cut)) for cut in cuts} - {0})


def _rounded(price_minor: int) -> int:
    """To the nearest half of its leading digit's unit.

    >>> [_rounded(price) for price in (8737, 123, 1999, 4)]
    [8500, 100, 2000, 4]
    """
    step: int = max(10 ** (len(str(price_minor)) - 1) // 2, 1)
    return (price_minor + step // 2) // step * step
