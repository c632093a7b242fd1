"""One relevance out of what the words and the meanings of a query say of each product.

In: similarities and lexical scores, row by row, and how the query was read. Out: relevance. Knows no product.

Of the words it counts both how well a product says them and the place that this earns it among the others. How much
they count against the meaning depends on the query: where even the product that says them best lacks some, little.
`python -m benchmarks.tuning` chooses the constants by cross-validation (docs/figures.md).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.query_terms import QueryTerms
from retrieval.selection import Positions, Scores, greatest, reached_by

N_PLACES = 1000
"""So many places are told apart; all that say the words worse share the last one."""

RANK_K = 60
"""The constant of reciprocal ranks (Cormack, Clarke & Buettcher 2009)."""

BEYOND = (RANK_K + 1) / (RANK_K + N_PLACES)
"""What the last place is worth, the first being worth 1."""

ALL_FUSED = 10_000
"""Of so many rows the relevance of each is computed."""


class Ranked(NamedTuple):
    """Scores of some rows, row by row."""

    rows: Positions
    relevance: Scores
    similarity: Scores
    lexical: Scores

    def at(self, positions: Positions) -> "Ranked":
        """Those at these positions."""
        return Ranked(
            self.rows[positions], self.relevance[positions], self.similarity[positions], self.lexical[positions]
        )


@dataclass(frozen=True, slots=True)
class Fusion:
    """The constants of fusion.

    `dense_weight`, in (0, 1], is what similarity weighs against words that some product's title says in full;
    `coverage_power`, >= 0, how fast words weigh less where even the best product says them worse than that.
    `place_share`, in [0, 1], is how much of the words' part is the product's place among all, the rest its score.
    `accessory_penalty` is what a product that is made for another thing loses at most, where no such thing was asked
    for: the more, the oftener the chief word stands in the titles of such products.
    """

    dense_weight: float = 0.5
    coverage_power: float = 4.0
    place_share: float = 0.25
    accessory_penalty: float = 0.1

    def weight_of_words(self, coverage: float) -> float:
        """What the words weigh where the best product says so much of them; see `Said`."""
        return float((1 - self.dense_weight) * coverage**self.coverage_power)


SHIPPED = Fusion()


class Said(NamedTuple):
    """What the words of a query say of the products that take part.

    `asked` is how they were read; `best` are the `N_PLACES` highest scores, best first; `coverage`, in [0, 1], is what
    the highest one is of the score of a product whose title says all of it once.
    """

    asked: QueryTerms
    best: Scores
    coverage: float

    @classmethod
    def of(cls, lexical: Scores, asked: QueryTerms) -> "Said":
        """`lexical`: the BM25F scores of all that take part, >= 0; what scores 0 may be among them or not."""
        best = -np.sort(-_greatest_above_zero(lexical))
        covered = float(best[0]) / asked.full_score if len(best) and asked.full_score > 0 else 0.0
        return cls(asked, best, min(covered, 1.0))

    def scaled(self, lexical: Scores, fusion: Fusion = SHIPPED) -> Scores:
        """`(n,)` in [0, 1]: how well each says the words, against the one that says them best.

        Those that say them equally well share the last of their places: the more there are, the less it says.
        """
        scaled = np.zeros(len(lexical), dtype=np.float32)
        if not len(self.best):
            return scaled
        last = np.float32(0.0)
        np.divide(lexical, self.best[0], out=scaled)
        scaled *= (by_score := np.float32(1 - fusion.place_share))
        if len(self.best) == N_PLACES:
            # Those that score no better than the thousandth, which are many, have its place.
            last = self.best[-1]
            scaled += np.float32(fusion.place_share * BEYOND) * (lexical > 0)
        first = np.flatnonzero(lexical > last)
        places = np.searchsorted(-self.best, -lexical[first], side="right")
        by_place = (RANK_K + 1) / (RANK_K + np.maximum(places, 1))
        scaled[first] = lexical[first] / self.best[0] * by_score + fusion.place_share * by_place
        return scaled


def fuse(
    similarity: Scores,
    lexical: Scores,
    said: Said,
    accessories: NDArray[np.bool_],
    fusion: Fusion = SHIPPED,
    nearest: np.float32 | None = None,
) -> Scores:
    """`(n,)` relevance in [0, 1]: the weighted sum of similarity, divided by the greatest one, and words.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        said: what the words say of all that take part, of which these rows may be some.
        accessories: `(n,)`, which products are made for another thing.
        fusion: the constants.
        nearest: the greatest similarity of all that take part; None: it is among these rows.

    Source: Bruch, Gai & Ingber 2023, An Analysis of Fusion Functions for Hybrid Retrieval (convex combination).

    >>> lexical = np.array([0.0, 8.0], dtype=np.float32)
    >>> said = Said.of(lexical, QueryTerms(full_score=8.0))
    >>> fuse(np.array([0.5, 0.25], dtype=np.float32), lexical, said, np.array([False, False])).tolist()
    [0.5, 0.75]
    """
    nearest = _above_zero(similarity.max(initial=0.0)) if nearest is None else nearest
    # Divided first: of figures near 0 the inverse is beyond all bounds.
    fused = np.clip(similarity, 0.0, None) / nearest * np.float32(fusion.dense_weight)
    fused += np.float32(fusion.weight_of_words(said.coverage)) * said.scaled(lexical, fusion)
    if not said.asked.asks_accessory:
        fused = np.clip(fused - fusion.accessory_penalty * (1 - said.asked.head_share) * accessories, 0.0, None)
    return np.asarray(fused, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the relevance of some rows is made of; see `fuse`."""

    rows: NDArray[np.int64]
    similarity: Scores
    lexical: Scores
    said: Said
    accessories: NDArray[np.bool_]

    def relevance(self, fusion: Fusion = SHIPPED) -> Scores:
        """`(len(rows),)`, as `fuse` makes it by these constants."""
        return fuse(self.similarity, self.lexical, self.said, self.accessories, fusion)


def foremost(
    similarity: Scores,
    lexical: Scores,
    said: Said,
    accessories: Callable[[Positions], NDArray[np.bool_]],
    k: int,
    fusion: Fusion = SHIPPED,
) -> tuple[Positions, Scores]:
    """Positions, ascending, that hold the `k` most relevant and all that equal the last of these; their relevance.

    The same as `fuse` makes of all, but whether a product is made for another thing is asked only of those that can be
    among the first. A row does not take part where its similarity is -inf and its lexical score 0.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        said: what the words say of all that take part.
        accessories: which of the products at some positions are made for another thing.
        k: how many are wanted.
        fusion: the constants.
    """
    nearest, k = _above_zero(similarity.max(initial=0.0)), max(k, 1)

    def fused(positions: Positions) -> tuple[Positions, Scores]:
        some = similarity[positions], lexical[positions]
        return positions, fuse(*some, said, accessories(positions), fusion, nearest)

    if len(similarity) > max(ALL_FUSED, 4 * k):
        # What is fused is at most this, since nothing is taken off.
        at_most = fuse(similarity, lexical, said._replace(asked=_ASKS_FOR_ACCESSORIES), _NONE, fusion, nearest)
        least = reached_by(at_most, k)
        if least > 0:
            some, relevance = fused(np.flatnonzero(at_most >= least))
            last = np.partition(relevance, len(relevance) - k)[len(relevance) - k]
            if last >= least:
                return some, relevance
            if last > 0:
                return fused(np.flatnonzero(at_most >= last))
    return fused(np.flatnonzero(similarity > -np.inf))


_ASKS_FOR_ACCESSORIES = QueryTerms(asks_accessory=True)
_NONE = np.zeros(0, dtype=np.bool_)


def _greatest_above_zero(scores: Scores) -> Scores:
    """The `N_PLACES` greatest that are above 0, in any order."""
    if len(scores) > N_PLACES:
        scores = scores[greatest(scores, N_PLACES)]
    return scores[scores > 0]


def _above_zero(score: np.float32) -> np.float32:
    return score if score > 0 else np.float32(1.0)
