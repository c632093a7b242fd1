"""One relevance out of what the words and the meanings of a query say of each product.

In: similarities and lexical scores, row by row, and how the query was read. Out: relevance. Knows no product.

Of the words it counts both how well a product says them and the place that this earns it among the others. How much
they count against the meaning depends on the query: where even the product that says them best lacks some, little.
`python -m benchmarks.tuning` chooses the constants by cross-validation (docs/figures.md).
"""

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.query_terms import QueryTerms

Scores = NDArray[np.float32]

N_PLACES = 1000
"""So many places are told apart; all that say the words worse share the last one."""

RANK_K = 60
"""The constant of reciprocal ranks (Cormack, Clarke & Buettcher 2009)."""


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
        """`lexical`: the BM25F scores of all that take part, >= 0."""
        said = lexical[lexical > 0]
        if len(said) > N_PLACES:
            said = np.partition(said, len(said) - N_PLACES)[-N_PLACES:]
        best = -np.sort(-said)
        covered = float(best[0]) / asked.full_score if len(best) and asked.full_score > 0 else 0.0
        return cls(asked, best, min(covered, 1.0))

    def scaled(self, lexical: Scores, fusion: Fusion = SHIPPED) -> Scores:
        """`(n,)` in [0, 1]: how well each says the words, against the one that says them best.

        Those that say them equally well share the last of their places: the more there are, the less it says.
        """
        if not len(self.best):
            return np.zeros(len(lexical), dtype=np.float32)
        places = np.maximum(np.searchsorted(-self.best, -lexical, side="right"), 1)
        by_place = np.where(lexical > 0, (RANK_K + 1) / (RANK_K + places), 0.0)
        scaled = (1 - fusion.place_share) * lexical / self.best[0] + fusion.place_share * by_place
        return np.asarray(scaled, dtype=np.float32)


def fuse(
    similarity: Scores, lexical: Scores, said: Said, accessories: NDArray[np.bool_], fusion: Fusion = SHIPPED
) -> Scores:
    """`(n,)` relevance in [0, 1]: the weighted sum of similarity, divided by its maximum over these rows, and words.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        said: what the words say of all that take part, of which these rows may be some.
        accessories: `(n,)`, which products are made for another thing.
        fusion: the constants.

    Source: Bruch, Gai & Ingber 2023, An Analysis of Fusion Functions for Hybrid Retrieval (convex combination).

    >>> lexical = np.array([0.0, 8.0], dtype=np.float32)
    >>> said = Said.of(lexical, QueryTerms(full_score=8.0))
    >>> fuse(np.array([0.5, 0.25], dtype=np.float32), lexical, said, np.array([False, False])).tolist()
    [0.5, 0.75]
    """
    weight, asked = fusion.dense_weight, said.asked
    words = (1 - weight) * said.coverage**fusion.coverage_power
    fused = weight * _scaled(similarity) + words * said.scaled(lexical, fusion)
    if not asked.asks_accessory:
        fused = np.clip(fused - fusion.accessory_penalty * (1 - asked.head_share) * accessories, 0.0, None)
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


def _scaled(scores: Scores) -> Scores:
    clipped = np.clip(scores, 0.0, None)
    top = clipped.max(initial=0.0)
    return np.asarray(clipped / top if top > 0 else clipped, dtype=np.float32)
