"""One relevance out of what the words and the meanings of a query say of each product.

In: similarities and lexical scores, row by row, and how the query was read. Out: relevance. Knows no product.

How much the meaning counts depends on the query: more where its chief word mostly stands before the names of other
things in this catalog's titles, since finding the word then says little. The constants are round figures, chosen by
cross-validation on 52 public judged queries (docs/figures.md).
"""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.query_terms import QueryTerms
from retrieval.selection import reached_by

Scores = NDArray[np.float32]
Positions = NDArray[np.int64]

DENSE_WEIGHT, HEAD_DOUBT = 0.5, 0.2
"""What similarity weighs against words where the chief word names the thing itself, and how much more where not."""

ACCESSORY_PENALTY = 0.1
"""What a product that is made for another thing loses at most, where no such thing was asked for: the more, the oftener
the chief word stands in the titles of such products."""


ROUNDING = 1e-5
"""More than two ways of computing one relevance may differ by."""

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


class Tops(NamedTuple):
    """What scores are divided by."""

    similarity: np.float32
    lexical: np.float32

    @classmethod
    def of(cls, similarity: Scores, lexical: Scores) -> "Tops":
        """The greatest of each, or 1 where none is above 0."""
        tops = (scores.max(initial=0.0) for scores in (similarity, lexical))
        return cls(*(np.float32(top if top > 0 else 1.0) for top in tops))


def dense_weight(asked: QueryTerms) -> float:
    """What similarity weighs in the relevance, in [0, 1]."""
    return DENSE_WEIGHT + HEAD_DOUBT * (1 - asked.head_share)


def fuse(
    similarity: Scores,
    lexical: Scores,
    asked: QueryTerms | None = None,
    accessories: NDArray[np.bool_] | None = None,
    tops: Tops | None = None,
) -> Scores:
    """Relevance in [0, 1]: the weighted sum of both scores, each divided by its maximum over all rows in question.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        asked: how the query was read; None: both weigh the same.
        accessories: `(n,)`, which products are made for another thing.
        tops: the maxima; None: these rows are all.

    Source: Bruch, Gai & Ingber 2023, An Analysis of Fusion Functions for Hybrid Retrieval (convex combination).

    >>> fuse(np.array([0.5, 0.25], dtype=np.float32), np.array([0.0, 8.0], dtype=np.float32)).tolist()
    [0.5, 0.75]
    """
    weight = dense_weight(asked) if asked else DENSE_WEIGHT
    tops = tops or Tops.of(similarity, lexical)
    fused = weight * _scaled(similarity, tops.similarity) + (1 - weight) * _scaled(lexical, tops.lexical)
    if accessories is not None and asked is not None and not asked.asks_accessory:
        fused = np.clip(fused - ACCESSORY_PENALTY * (1 - asked.head_share) * accessories, 0.0, None)
    return np.asarray(fused, dtype=np.float32)


def foremost(
    similarity: Scores,
    lexical: Scores,
    asked: QueryTerms,
    accessories: Callable[[Positions], NDArray[np.bool_]],
    k: int,
) -> tuple[Positions, Scores]:
    """Positions, ascending, that hold the `k` most relevant and all that equal the last of these; their relevance.

    The same as `fuse` makes of all, but it is computed only of those that can be among the first. A row does not take
    part where its similarity is -inf and its lexical score 0.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        asked: how the query was read.
        accessories: which of the products at some positions are made for another thing.
        k: how many are wanted.
    """
    tops, k = Tops.of(similarity, lexical), max(k, 1)

    def fused(positions: Positions) -> tuple[Positions, Scores]:
        return positions, fuse(similarity[positions], lexical[positions], asked, accessories(positions), tops)

    if len(similarity) > max(ALL_FUSED, 4 * k):
        # What is fused is at most this: nothing is taken off, and each part is divided by the same.
        at_most = np.clip(similarity, 0.0, None)
        at_most *= np.float32(dense_weight(asked) / tops.similarity)
        at_most += lexical * np.float32((1 - dense_weight(asked)) / tops.lexical)
        least = reached_by(at_most, k)
        if least > 0:
            some, relevance = fused(np.flatnonzero(at_most >= least))
            last = np.partition(relevance, len(relevance) - k)[len(relevance) - k] - ROUNDING
            if last >= least:
                return some, relevance
            if last > 0:
                return fused(np.flatnonzero(at_most >= last))
    return fused(np.flatnonzero(similarity > -np.inf))


def _scaled(scores: Scores, top: np.float32) -> Scores:
    return np.asarray(np.clip(scores, 0.0, None) / top, dtype=np.float32)
