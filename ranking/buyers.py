"""What buyers say of the candidates beside others, and of what a wish asks for.

In: counts of praise and complaints by product and aspect (`retrieval.opinions.store`), a `Query`. Out: columns for the
matcher. Knows no review and no weight. A product of which nothing was counted has the value 0.

Praise never harms a product and a complaint never helps it, whatever is said of the others: a product's own counts are
left out of the mean that it is held against.
"""

from collections.abc import Sequence

import numpy as np

from ranking.personal import Column
from retrieval.opinions.aspects import Aspect
from retrieval.opinions.store import AspectCount, Counts
from retrieval.opinions.wishes import wished
from retrieval.types import Query

PRIOR_MENTIONS = 8.0
"""So many mentions with the catalog's share of praise are added to a product's own before its share counts."""

PRIOR_SHARE, PRIOR_CATALOG = 0.75, 20.0
"""The share of praise where nothing is known of the catalog, and how many mentions that is worth."""

PRIOR_ASPECT = 3.0
"""Of an aspect that is wished, so many mentions halve what the first ones say."""


class BuyersSay:
    """What buyers say of a shop's products, as it was counted at one moment. Never changes."""

    def __init__(self, counts: Counts) -> None:
        self._counts = counts
        own = {id_: _sums(said) for id_, said in counts.items()}
        of_all = (sum(praise for praise, _ in own.values()), sum(complaints for _, complaints in own.values()))
        self._opinions = {id_: _beside_others(*sums, *of_all) for id_, sums in own.items()}
        self._leanings: dict[Aspect, dict[str, float]] = {}
        for id_, said in counts.items():
            for count in said:
                self._leanings.setdefault(count.aspect, {})[id_] = _leaning(count)

    def of(self, product_id: str) -> tuple[AspectCount, ...]:
        """What was counted of a product."""
        return self._counts.get(product_id, ())

    def opinions(self, ids: Sequence[str]) -> Column:
        """The share of praise among what is said of each product, above (> 0) or below (< 0) that of all others.

        In (-1, 1), shrunk towards 0 by `PRIOR_MENTIONS` mentions.

        >>> comfort = Aspect("comfort")
        >>> said = {"a": (AspectCount(comfort, 12, 0),), "b": (AspectCount(comfort, 2, 4),)}
        >>> [round(float(value), 2) for value in BuyersSay(said).opinions(["a", "b", "c"])]
        [0.21, -0.22, 0.0]
        """
        return np.array([self._opinions.get(product_id, 0.0) for product_id in ids], dtype=np.float32)

    def aspect_fit(self, ids: Sequence[str], query: Query) -> Column:
        """Praise less complaints of what the wish asks for, in (-1, 1) for each aspect of it, summed; 0 = nothing said.

        >>> said = {"a": (AspectCount(Aspect("comfort"), 3, 0),), "b": (AspectCount(Aspect("comfort"), 0, 3),)}
        >>> BuyersSay(said).aspect_fit(["a", "b", "c"], Query("comfortable boots")).tolist()
        [0.5, -0.5, 0.0]
        """
        column = np.zeros(len(ids), dtype=np.float32)
        for aspect in wished(query) if self._leanings else ():
            of = self._leanings.get(aspect, {})
            column += np.array([of.get(product_id, 0.0) for product_id in ids], dtype=np.float32)
        return column

    def praised(self, product_id: str, query: Query) -> tuple[AspectCount, ...]:
        """What the wish asks for and more buyers of the product praise than complain about, the most praised first.

        Values that the catalog states are left out: that the product has them is a better reason.
        """
        aspects = {aspect for aspect in wished(query) if aspect.attribute is None}
        found = [said for said in self.of(product_id) if said.aspect in aspects and said.n_praise > said.n_complaints]
        return tuple(sorted(found, key=lambda said: -said.n_praise))


NOBODY = BuyersSay({})
"""A shop whose reviews were not read."""


def _sums(said: Sequence[AspectCount]) -> tuple[int, int]:
    return sum(count.n_praise for count in said), sum(count.n_complaints for count in said)


def _beside_others(praise: int, complaints: int, all_praise: int, all_complaints: int) -> float:
    n, n_others = praise + complaints, all_praise + all_complaints - praise - complaints
    usual = (all_praise - praise + PRIOR_SHARE * PRIOR_CATALOG) / (n_others + PRIOR_CATALOG)
    return (praise - n * usual) / (n + PRIOR_MENTIONS)


def _leaning(count: AspectCount) -> float:
    return (count.n_praise - count.n_complaints) / (count.n_praise + count.n_complaints + PRIOR_ASPECT)
