"""When hard conditions leave nothing: the smallest steps that would open something, with how many and from what price.

In: a view, a query that nothing met, and what of its words a product must speak of. Out: `Relaxation`s, the smallest
first: a bound moved to the next price, another value of an attribute, a feature or an exclusion given up, what is out
of stock, the category's department; two steps at once only where no single one helps. Every count and price is that of
the catalog under the relaxed conditions. Knows no wording.
"""

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from retrieval.filters import Mask, attributes_of
from retrieval.money import minor_exponent
from retrieval.types import ALL_NEEDED, Attributes, Filters, Product, Query
from retrieval.view import SearchView

N_COUNTED = 400
"""So many of the products nearest to the words are looked through for them."""
_N_READ = 200
"""So many products are read for the other values that they come in."""
_N_VALUES = 2
_STRETCH = 1.2
"""What costs so many times the limit at most is one step with the nearest: 7 under 58 rather than one at 52."""
_MAX_AROUND = 3.0
"""A window around a price is opened to three times its middle at most."""

_SIZE = {"color": 0.3, "material": 0.45, "brand": 0.5, "feature": 0.55, "size": 0.7, "season": 0.6, "audience": 0.8}
_SIZE_OTHER, _SIZE_EXCLUDED, _SIZE_STOCK, _SIZE_DEPARTMENT = 0.5, 0.65, 0.75, 0.9


@dataclass(frozen=True, slots=True)
class Change:
    """One condition relaxed.

    `kind`: "under" (the price bound is raised to `high_minor`), "above" (lowered to `low_minor`), "range" (both),
    "value" (of `attribute`, `value` instead of the one wished), "drop" (`attribute` no longer asked for; `value` the
    one given up), "allow" (`value` no longer ruled out), "stock", "department" (`value` instead of the category).
    `size` tells how much it asks of the shopper: for a price the share that it moves, else a comparable figure.
    """

    kind: str
    size: float
    attribute: str = ""
    value: str = ""
    low_minor: int | None = None
    high_minor: int | None = None


@dataclass(frozen=True, slots=True)
class Relaxation:
    """One or two changes, and the `filters` with them: `n` products meet these, the cheapest at `price_from_minor` of
    the shop's currency. `at_least`: more may, since not all products were looked through for the words."""

    changes: tuple[Change, ...]
    n: int
    price_from_minor: int
    filters: Filters = field(default_factory=Filters)
    at_least: bool = False

    @property
    def size(self) -> float:
        return sum(change.size for change in self.changes)


Fits = Callable[[Product], bool]
"""Whether a product speaks of what the words ask for."""


def relaxations(
    view: SearchView, query: Query, currency: str, words: str = "", fits: Fits | None = None
) -> tuple[Relaxation, ...]:
    """The smallest steps from a query that nothing meets to one that something does, smallest first.

    Args:
        view: the catalog.
        query: filters in the shop's currency; `exclude_ids` are not counted.
        currency: the shop's, for amounts that can be said.
        words: what of the query's words the products must speak of; empty: the conditions say it all.
        fits: tells of a product whether it does.
    """
    rows, is_cut = _relevant(view, query, words, fits)
    if not rows.any():
        return ()
    found = _Search(view, rows, currency, is_cut, bool(words))
    single = [step for step in found.steps(query.filters) if not step.filters.is_empty or words]
    if single:
        return tuple(sorted(single, key=lambda step: (step.size, -step.n)))
    pairs: dict[frozenset[Change], Relaxation] = {}
    for first, opened in _openings(query.filters):
        for step in found.steps(opened):
            changes = tuple(sorted((first, *step.changes), key=lambda change: change.size))
            pairs.setdefault(frozenset(changes), replace(step, changes=changes))
    useful = [step for step in pairs.values() if not step.filters.is_empty or words]
    return tuple(sorted(useful, key=lambda step: (step.size, -step.n)))


def _relevant(view: SearchView, query: Query, words: str, fits: Fits | None) -> tuple[Mask, bool]:
    """The rows that speak of the words, shown ones apart; and whether there may be more."""
    rows, is_cut = view.table.occupied(), False
    if words and fits is not None:
        everything = Query(words, Filters(in_stock_only=False), query.exclude_ids)
        retrieved = view.retrieve(everything, N_COUNTED)
        held = [view.row_of(found.product.id) for found in retrieved.candidates if fits(found.product)]
        rows = np.zeros(len(rows), dtype=np.bool_)
        rows[[row for row in held if row is not None]] = True
        is_cut = retrieved.n_matched > len(retrieved.candidates)
    excluded = [view.row_of(product_id) for product_id in query.exclude_ids]
    rows[[row for row in excluded if row is not None]] = False
    return rows, is_cut


@dataclass(frozen=True, slots=True)
class _Search:
    """Counts in a view among the rows that speak of the words."""

    view: SearchView
    rows: Mask
    currency: str
    is_cut: bool
    has_words: bool

    def steps(self, filters: Filters) -> Iterator[Relaxation]:
        """Every single step that opens something."""
        yield from self._prices(filters)
        for name, values in filters.include.items():
            if name in ALL_NEEDED:
                for value in values:
                    yield from self._opened(*_dropped(filters, name, value))
            else:
                yield from self._other_values(filters, name, values)
        for name, values in filters.exclude.items():
            for value in values:
                yield from self._opened(*_allowed(filters, name, value))
        if filters.in_stock_only:
            yield from self._opened(*_with_sold_out(filters))
        yield from self._department(filters)

    def _opened(self, change: Change, filters: Filters) -> Iterator[Relaxation]:
        passing = self.view.table.matching(filters) & self.rows
        n = int(passing.sum())
        if n:
            cheapest = int(self.view.table.sort_keys(filters, "price_asc")[passing].min())
            yield Relaxation((change,), n, cheapest, filters, self.is_cut)

    def _any(self, filters: Filters) -> bool:
        return bool((self.view.table.matching(filters) & self.rows).any())

    def _prices(self, filters: Filters) -> Iterator[Relaxation]:
        low, high = filters.price_min_minor, filters.price_max_minor
        if filters.around_minor is not None:
            yield from self._wider(filters, filters.around_minor)
            return
        if high is not None:
            opened = replace(filters, price_max_minor=None)
            passing = self.view.table.matching(opened) & self.rows
            if passing.any():
                prices = self.view.table.sort_keys(opened, "price_asc")[passing]
                reach = max(prices.min(), high * _STRETCH)
                bound = sensible(int(prices[prices <= reach].max()), self.currency)
                change = Change("under", (bound - high) / max(high, 1), "price", high_minor=bound)
                yield from self._opened(change, replace(filters, price_max_minor=bound, currency=self.currency))
        if low is not None and self._any(replace(filters, price_min_minor=None)):
            price = self._highest_minimum(filters, low)
            bound = sensible(price, self.currency, up=False)
            change = Change("above", (low - bound) / max(low, 1), "price", low_minor=bound)
            yield from self._opened(change, replace(filters, price_min_minor=bound, currency=self.currency))

    def _highest_minimum(self, filters: Filters, low: int) -> int:
        """The highest lower bound that leaves something; 0 always does here."""
        held, failed = 0, low
        while failed - held > 1:
            middle = (held + failed) // 2
            if self._any(replace(filters, price_min_minor=middle)):
                held = middle
            else:
                failed = middle
        return held

    def _wider(self, filters: Filters, around: int) -> Iterator[Relaxation]:
        """The window around a price, opened by tenths until something is in it."""
        for tenths in range(3, int(_MAX_AROUND * 10)):
            low = sensible(max(around * (10 - tenths) // 10, 0), self.currency, up=False)
            high = sensible(around * (10 + tenths) // 10, self.currency)
            wider = replace(
                filters, price_min_minor=low, price_max_minor=high, around_minor=None, currency=self.currency
            )
            if self._any(wider):
                change = Change("range", tenths / 10 - 0.2, "price", low_minor=low, high_minor=high)
                yield from self._opened(change, wider)
                return
        opened = replace(filters, price_min_minor=None, price_max_minor=None, around_minor=None, currency=self.currency)
        passing = self.view.table.matching(opened) & self.rows
        above = self.view.table.sort_keys(opened, "price_asc")[passing]
        above = above[above > around]
        if len(above):
            low, high = filters.price_min_minor or 0, sensible(int(above.min()), self.currency)
            change = Change("range", (high - around) / max(around, 1), "price", low_minor=low, high_minor=high)
            yield from self._opened(change, replace(opened, price_min_minor=low, price_max_minor=high))

    def _other_values(self, filters: Filters, name: str, wished: Sequence[str]) -> Iterator[Relaxation]:
        """The most frequent other values among what giving up the attribute would open; else the attribute given up."""
        opened = replace(filters, include=_without(filters.include, name, wished))
        if opened.is_empty and not self.has_words:
            # Nothing else was asked for: what the whole shop comes in is no answer.
            return
        passing = np.flatnonzero(self.view.table.matching(opened) & self.rows)[:_N_READ]
        counts: Counter[str] = Counter()
        ids = [self.view.product_id(int(row)) for row in passing]
        for product in self.view.catalog.get_many(ids).values():
            held = [attributes_of(product, variant).get(name, ()) for variant in product.variants]
            counts.update({value for values in held for value in values} - set(wished))
        found: list[Relaxation] = []
        for value, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))[: _N_VALUES * 2]:
            change = Change("value", _SIZE.get(name, _SIZE_OTHER), name, value)
            found += self._opened(change, replace(filters, include={**filters.include, name: (value,)}))
        if found:
            yield from found[:_N_VALUES]
        elif len(passing):
            yield from self._opened(*_dropped(filters, name, wished[0]))

    def _department(self, filters: Filters) -> Iterator[Relaxation]:
        if filters.category is None:
            return
        rows = np.flatnonzero(self.view.table.matching(Filters(category=filters.category, in_stock_only=False)))
        ids = [self.view.product_id(int(row)) for row in rows[:1]]
        for product in self.view.catalog.get_many(ids).values():
            if product.department and product.department != filters.category:
                change = Change("department", _SIZE_DEPARTMENT, "category", product.department)
                yield from self._opened(change, replace(filters, category=product.department))


def _openings(filters: Filters) -> Iterator[tuple[Change, Filters]]:
    """Every condition given up that a second step can follow."""
    for name, values in filters.include.items():
        for value in values if name in ALL_NEEDED else values[:1]:
            yield _dropped(filters, name, value)
    for name, values in filters.exclude.items():
        for value in values:
            yield _allowed(filters, name, value)
    if filters.in_stock_only:
        yield _with_sold_out(filters)


def _dropped(filters: Filters, name: str, value: str) -> tuple[Change, Filters]:
    """Without one feature, or without all values of another attribute, any of which would do."""
    gone = (value,) if name in ALL_NEEDED else filters.include[name]
    change = Change("drop", _SIZE.get(name, _SIZE_OTHER), name, value)
    return change, replace(filters, include=_without(filters.include, name, gone))


def _allowed(filters: Filters, name: str, value: str) -> tuple[Change, Filters]:
    change = Change("allow", _SIZE_EXCLUDED, name, value)
    return change, replace(filters, exclude=_without(filters.exclude, name, (value,)))


def _with_sold_out(filters: Filters) -> tuple[Change, Filters]:
    return Change("stock", _SIZE_STOCK), replace(filters, in_stock_only=False)


def _without(attributes: Attributes, name: str, gone: Sequence[str]) -> Attributes:
    left = tuple(value for value in attributes[name] if value not in gone)
    others = {other: values for other, values in attributes.items() if other != name}
    return {**others, name: left} if left else others


def sensible(price_minor: int, currency: str, *, up: bool = True) -> int:
    """The next amount that people say: two leading digits, and no less than a whole unit where it is ten or more.

    >>> [sensible(price, "USD") for price in (5740, 574, 15701, 999999, 100)]
    [5800, 580, 16000, 1000000, 100]
    >>> sensible(5740, "USD", up=False), sensible(0, "USD", up=False)
    (5700, 0)
    """
    if price_minor <= 0:
        return 0
    step = int(10 ** max(int(math.log10(price_minor)) - 1, 0))
    unit = int(10 ** minor_exponent(currency))
    step = max(step, unit) if price_minor >= 10 * unit else step
    rounding = ROUND_CEILING if up else ROUND_FLOOR
    return int((Decimal(price_minor) / step).quantize(Decimal(1), rounding=rounding)) * step
