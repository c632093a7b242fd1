"""The columns that prices make: beside a budget, beside what the shopper usually spends, and in their category.

In: prices in minor units of the shop's currency (a catalog has one, and limits come converted to it), and what was said
of money. Out: one value per candidate. Knows no products and no weights.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ranking.personal import Column
from retrieval.types import Filters

SAID_LEVEL = 6.0
"""How many times a price level counts that the shopper asked for in the message."""

USUAL_BUDGET = 0.25
"""How much of a budget of the wish a usual budget counts.

A limit in the wish is meant for the thing at hand; a habit is one amount for tea and for tents. At the coefficient that
training starts from (3) a product at twice the usual budget or more loses 0.75 of its score, about what a tenth of
relevance is worth: among things that fit about as well the affordable ones come first, and what does not fit the words
stays behind.
"""


def names_budget(filters: Filters) -> bool:
    """Whether a wish says itself what may be spent, so that a usual budget has no say.

    >>> names_budget(Filters(price_max_minor=100)), names_budget(Filters(category="teas"))
    (True, False)
    """
    limits = (filters.price_min_minor, filters.price_max_minor, filters.around_minor)
    return any(limit is not None for limit in limits)


def budget_fit(prices: NDArray[np.float64], filters: Filters) -> Column:
    """How far each price is outside the budget, as a share of it: 0 inside, -1 = twice the budget or worse.

    With `around_minor` the distance from that amount counts instead. Never positive.

    >>> budget_fit(np.array([80.0, 150.0, 900.0]), Filters(price_max_minor=100)).tolist()
    [0.0, -0.5, -1.0]
    """
    over = np.zeros_like(prices)
    if filters.around_minor is not None:
        over = np.abs(prices - filters.around_minor) / max(filters.around_minor, 1)
    else:
        if filters.price_max_minor is not None:
            over = np.maximum(over, (prices - filters.price_max_minor) / max(filters.price_max_minor, 1))
        if filters.price_min_minor is not None:
            over = np.maximum(over, (filters.price_min_minor - prices) / max(filters.price_min_minor, 1))
    return (0.0 - np.clip(over, 0.0, 1.0)).astype(np.float32)


def usual_budget_fit(prices: NDArray[np.float64], usual_minor: int | None) -> Column:
    """How far each price is above what the shopper usually spends, as a share of it, counted `USUAL_BUDGET` times.

    0 inside, -`USUAL_BUDGET` = twice as much or worse; zeros where nothing was said. Never positive.

    >>> usual_budget_fit(np.array([80.0, 150.0, 900.0]), 100).tolist()
    [0.0, -0.125, -0.25]
    """
    if usual_minor is None:
        return np.zeros(len(prices), dtype=np.float32)
    fit: Column = budget_fit(prices, Filters(price_max_minor=usual_minor)) * np.float32(USUAL_BUDGET)
    return fit


def price_positions(prices: NDArray[np.float64], categories: Sequence[str | None]) -> Column:
    """Where each price lies between the lowest and the highest of its category here, on a logarithmic scale, 0 to 1.

    A category with only one price has no range: 0.5.

    >>> price_positions(np.array([9.0, 99.0, 999.0, 50.0]), ["tea", "tea", "tea", "tent"]).tolist()
    [0.0, 0.5, 1.0, 0.5]
    """
    _, group = np.unique([category or "" for category in categories], return_inverse=True)
    logs = np.log1p(prices)
    low = np.full(group.max() + 1, np.inf)
    high = np.full(group.max() + 1, -np.inf)
    np.minimum.at(low, group, logs)
    np.maximum.at(high, group, logs)
    span = (high - low)[group]
    position = (logs - low[group]) / np.where(span > 0, span, 1.0)
    return np.where(span > 0, position, 0.5).astype(np.float32)


def level_fit(positions: Column, price_level: float | None, *, said: bool = False) -> Column:
    """How far each price position is from the level the shopper buys at: 0 = exactly there, -1 = the other end.

    A level that the shopper asked for counts `SAID_LEVEL` times: a guess from behaviour is a weak one, a wish is not.

    >>> level_fit(np.array([0.0, 1.0], dtype=np.float32), 0.75).tolist()
    [-0.75, -0.25]
    """
    if price_level is None:
        return np.zeros_like(positions)
    fit: Column = -np.abs(positions - np.float32(price_level)) * np.float32(SAID_LEVEL if said else 1.0)
    return fit
