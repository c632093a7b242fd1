"""How good an order is, over many searches at once.

In: scores and gains, ``(n_searches, n_candidates)``. Out: one value per search. Knows neither models nor shoppers. A
search without any gain has no ideal order and must not be passed.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.float64]
"""``(n_searches, n_candidates)`` float64; a candidate that is only padding has the score -inf and the gain 0."""


def order(scores: Table) -> NDArray[np.intp]:
    """For each search the columns from the best score to the worst; equal scores keep their column order."""
    return np.argsort(-scores, axis=1, kind="stable")


def ndcg_at(scores: Table, gains: Table, k: int) -> NDArray[np.float64]:
    """Normalised discounted cumulative gain at k, in [0, 1], higher is better.

    Gain 2^g - 1, discount log2(rank + 1), ideal over all of the search's candidates.

    Source: Burges et al. 2005, Learning to rank using gradient descent, section 5.

    >>> ndcg_at(np.array([[1.0, 2.0]]), np.array([[1.0, 0.0]]), 5).round(4).tolist()
    [0.6309]
    """
    k = min(k, scores.shape[1])
    discounts = 1.0 / np.log2(np.arange(2, k + 2))
    exponential = 2.0**gains - 1.0
    found = np.take_along_axis(exponential, order(scores)[:, :k], axis=1) @ discounts
    ideal = -np.sort(-exponential, axis=1)[:, :k] @ discounts
    ratio: NDArray[np.float64] = found / ideal
    return ratio


def recall_at(scores: Table, gains: Table, k: int) -> NDArray[np.float64]:
    """The share of candidates with a gain that are among the first k, in [0, 1], higher is better.

    >>> recall_at(np.array([[3.0, 2.0, 1.0]]), np.array([[1.0, 0.0, 2.0]]), 2).tolist()
    [0.5]
    """
    hits = np.take_along_axis(gains > 0, order(scores)[:, :k], axis=1).sum(axis=1)
    share: NDArray[np.float64] = hits / (gains > 0).sum(axis=1)
    return share


def reciprocal_rank(scores: Table, gains: Table) -> NDArray[np.float64]:
    """One over the rank of the first candidate with a gain, in (0, 1], higher is better.

    >>> reciprocal_rank(np.array([[3.0, 2.0]]), np.array([[0.0, 1.0]])).tolist()
    [0.5]
    """
    first = np.argmax(np.take_along_axis(gains > 0, order(scores), axis=1), axis=1)
    reciprocal: NDArray[np.float64] = 1.0 / (first + 1.0)
    return reciprocal


def bootstrap_interval(
    differences: NDArray[np.float64], groups: NDArray[np.int64], seed: int, n_samples: int = 2000, level: float = 0.95
) -> tuple[float, float]:
    """A percentile interval of the mean difference, resampling whole groups (shoppers), whose searches are alike.

    Args:
        differences: ``(n,)``, ours minus the baseline's, one per search.
        groups: ``(n,)``, which shopper each search is of.
        seed: of the resampling.
        n_samples: how often to resample.
        level: how much of the distribution the interval covers.

    Source: Efron and Tibshirani 1993, An introduction to the bootstrap, chapter 13.

    >>> bootstrap_interval(np.ones(4), np.arange(4), seed=0)
    (1.0, 1.0)
    """
    _, group = np.unique(groups, return_inverse=True)
    sums = np.bincount(group, weights=differences)
    counts = np.bincount(group)
    rng = np.random.default_rng(seed)
    means = np.empty(n_samples)
    for sample in range(n_samples):
        drawn = rng.integers(0, len(sums), len(sums))
        means[sample] = sums[drawn].sum() / counts[drawn].sum()
    tail = (1.0 - level) / 2.0
    low, high = np.quantile(means, [tail, 1.0 - tail])
    return float(low), float(high)


@dataclass(frozen=True, slots=True)
class Comparison:
    """NDCG of ours minus a baseline's on the same searches or shoppers, with its 95 % interval."""

    baseline: str
    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0


def compared(
    baseline: str,
    ours: NDArray[np.float64],
    theirs: NDArray[np.float64],
    groups: NDArray[np.int64] | None = None,
    seed: int = 0,
) -> Comparison:
    """How much better ours is.

    Args:
        baseline: what theirs is called.
        ours: ``(n,)``, one value per search or shopper.
        theirs: ``(n,)``, of the same.
        groups: ``(n,)``, which shopper each is of; None: each is of another one.
        seed: of the resampling.
    """
    difference = ours - theirs
    low, high = bootstrap_interval(difference, np.arange(len(ours)) if groups is None else groups, seed)
    return Comparison(baseline, float(difference.mean()), low, high)


def gini(exposure: NDArray[np.float64]) -> float:
    """How unevenly exposure lies over things: 0 = all alike, towards 1 = one has everything; 0 where there is none.

    Source: Fleder and Hosanagar 2009, Blockbuster culture's next rise or fall, section 3.

    >>> gini(np.array([1.0, 1.0])), gini(np.array([0.0, 1.0])), gini(np.zeros(3))
    (0.0, 0.5, 0.0)
    """
    ordered, n = np.sort(exposure), len(exposure)
    total = ordered.sum()
    if total <= 0.0:
        return 0.0
    return float(2 * (np.arange(1, n + 1) * ordered).sum() / (n * total) - (n + 1) / n)
