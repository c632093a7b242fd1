"""One relevance out of what the words and the meanings of a query say of each product.

In: similarities and lexical scores, row by row, and how the query was read. Out: relevance. Knows no product.

How much the meaning counts depends on the query: more where its chief word mostly stands before the names of other
things in this catalog's titles, since finding the word then says little. The constants are round figures, chosen by
cross-validation on 52 public judged queries (docs/figures.md).
"""

import numpy as np
from numpy.typing import NDArray

from retrieval.query_terms import QueryTerms

Scores = NDArray[np.float32]

DENSE_WEIGHT, HEAD_DOUBT = 0.5, 0.2
"""What similarity weighs against words where the chief word names the thing itself, and how much more where not."""

ACCESSORY_PENALTY = 0.1
"""What a product that is made for another thing loses at most, where no such thing was asked for: the more, the oftener
the chief word stands in the titles of such products."""


def dense_weight(asked: QueryTerms) -> float:
    """What similarity weighs in the relevance, in [0, 1]."""
    return DENSE_WEIGHT + HEAD_DOUBT * (1 - asked.head_share)


def fuse(
    similarity: Scores,
    lexical: Scores,
    asked: QueryTerms | None = None,
    accessories: NDArray[np.bool_] | None = None,
) -> Scores:
    """Relevance in [0, 1]: the weighted sum of both scores, each divided by its maximum over these rows.

    Args:
        similarity: `(n,)` cosines.
        lexical: `(n,)` BM25F scores, >= 0.
        asked: how the query was read; None: both weigh the same.
        accessories: `(n,)`, which products are made for another thing.

    Source: Bruch, Gai & Ingber 2023, An Analysis of Fusion Functions for Hybrid Retrieval (convex combination).

    >>> fuse(np.array([0.5, 0.25], dtype=np.float32), np.array([0.0, 8.0], dtype=np.float32)).tolist()
    [0.5, 0.75]
    """
    weight = dense_weight(asked) if asked else DENSE_WEIGHT
    fused = weight * _scaled(similarity) + (1 - weight) * _scaled(lexical)
    if accessories is not None and asked is not None and not asked.asks_accessory:
        fused = np.clip(fused - ACCESSORY_PENALTY * (1 - asked.head_share) * accessories, 0.0, None)
    return np.asarray(fused, dtype=np.float32)


def _scaled(scores: Scores) -> Scores:
    clipped = np.clip(scores, 0.0, None)
    top = clipped.max(initial=0.0)
    return np.asarray(clipped / top if top > 0 else clipped, dtype=np.float32)
