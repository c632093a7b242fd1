"""Who gets seen: how the places of shown lists share out among brands.

In: lists as the brands of their products, best first. Out: shares that add up to 1, and how unevenly they lie. Knows
neither products nor queries.
"""

import math
from collections.abc import Collection, Iterable, Mapping, Sequence

import numpy as np

from ranking.metrics import gini

N_PLACES = 5


def exposure_by_brand(shown: Iterable[Sequence[str]], n_places: int = N_PLACES) -> dict[str, float]:
    """Brand -> its share of the exposure over all lists, in [0, 1], most seen first; the shares add up to 1.

    A place is worth 1 / log2(rank + 1), rank counting from 1, as far as `n_places`.

    Args:
        shown: the brands of each list's products, best first; "" for a product without one.
        n_places: how many places of each list count.

    Source: Singh and Joachims 2018, Fairness of exposure in rankings, section 3.2 (the logarithmic position bias).

    >>> {brand: round(share, 3) for brand, share in exposure_by_brand([["acme", "corvo", "acme"], ["corvo"]]).items()}
    {'corvo': 0.521, 'acme': 0.479}
    """
    seen: dict[str, float] = {}
    for brands in shown:
        for place, brand in enumerate(brands[:n_places]):
            seen[brand] = seen.get(brand, 0.0) + 1.0 / math.log2(place + 2)
    total = sum(seen.values())
    return {brand: seen[brand] / total for brand in sorted(seen, key=lambda brand: (-seen[brand], brand))}


def gini_of(shares: Mapping[str, float], everyone: Collection[str] = ()) -> float:
    """How unevenly shares lie, see `ranking.metrics.gini`.

    Args:
        shares: name -> share, >= 0.
        everyone: names that count with a share of 0 where they have none.

    >>> gini_of({"a": 0.5, "b": 0.5}), gini_of({"a": 1.0}, "abcd")
    (0.0, 0.75)
    """
    return gini(np.array([*shares.values(), *(0.0 for name in set(everyone) - set(shares))]))
