"""Several matchers on the same shoppers, in one table.

In: fitted matchers and a `Validation`. Out: a row of metrics each, and how much better one is than another. Knows no
shop and no file. Every item is ranked (`ranking.evaluation`), and one is asked for, so that all metrics follow from its
rank; a test holds them against those of the library ir-measures, which knows no average rank for ties.

Slices tell where a matcher is good: shoppers who have done little, items that few have taken up, items that nobody has.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranking.evaluation import Ranks, Scoring, hits, masked_scores, ndcg, ranks_in, slices, top_k
from ranking.interactions import Integers
from ranking.metrics import Comparison, compared, gini
from ranking.models.protocol import Validation

K = 10
FEW_ACTS, FEW_TAKERS = 3, 5


@dataclass(frozen=True)
class Measured:
    """One matcher's figures. `ndcg` is ``(B,)``, NDCG@10 of each shopper; `metrics` the means, all in [0, 1]."""

    model: str
    metrics: Mapping[str, float]
    ndcg: NDArray[np.float64]


def measure(name: str, matcher: Scoring, asked: Validation, counts: Integers) -> Measured:
    """The figures of one matcher.

    Args:
        name: how the row is called.
        matcher: fitted.
        asked: shoppers, and what each took up next.
        counts: ``(I,)``, how often each item was taken up in training, for the slices.
    """
    parts, n_shown, exposure = [], [], np.zeros(len(counts))
    for some in slices(asked):
        scores, can_be = masked_scores(matcher, some)
        parts.append(ranks_in(scores, some.target, can_be))
        n_shown.append((scores > -np.inf).sum(axis=1))
        shown = top_k(scores, K)
        can_be_shown = np.take_along_axis(scores, shown, axis=1) > -np.inf
        exposure += np.bincount(shown[can_be_shown], minlength=len(counts))
    ranks = np.concatenate(parts)
    gains, found = ndcg(ranks, K), hits(ranks, K)
    metrics = {
        f"ndcg@{K}": gains.mean(),
        f"recall@{K}": found.mean(),
        f"precision@{K}": found.mean() / K,
        "mrr": (1.0 / ranks).mean(),
        "auc": _auc(ranks, np.concatenate(n_shown)).mean(),
        f"coverage@{K}": (exposure > 0).mean(),
        "gini": gini(exposure),
        **_slices(gains, asked, counts),
    }
    return Measured(name, {metric: float(value) for metric, value in metrics.items()}, gains)


def _auc(ranks: Ranks, n_shown: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the other items that the target is above; a target that cannot be shown is above none.

    Source: Hanley and McNeil 1982, The meaning and use of the area under a ROC curve (the Wilcoxon statistic).
    """
    share: NDArray[np.float64] = (n_shown - np.minimum(ranks, n_shown)) / np.maximum(1, n_shown - 1)
    return share


def _slices(gains: NDArray[np.float64], asked: Validation, counts: Integers) -> dict[str, float]:
    lengths = np.array([len(own) for own in asked.histories.items])
    takers = counts[asked.target]
    parts = {
        f"ndcg@{K}, shoppers who come for the first time": lengths == 0,
        f"ndcg@{K}, shoppers with 1 to {FEW_ACTS} acts": (lengths > 0) & (lengths <= FEW_ACTS),
        f"ndcg@{K}, items taken up {FEW_TAKERS} times or less": (takers <= FEW_TAKERS) & (takers > 0),
        f"ndcg@{K}, items never taken up before": takers == 0,
    }
    return {name: float(gains[mask].mean()) for name, mask in parts.items() if mask.any()}


def gains_over(ours: Measured, others: Sequence[Measured], seed: int = 0) -> tuple[Comparison, ...]:
    """What one matcher gains in NDCG@10 over each of the others, with the interval over shoppers."""
    return tuple(
        compared(other.model, ours.ndcg, other.ndcg, seed=seed) for other in others if other.model != ours.model
    )


def table_of(measured: Sequence[Measured]) -> pd.DataFrame:
    """One row a matcher, one column a metric."""
    return pd.DataFrame([{"model": row.model, **row.metrics} for row in measured]).set_index("model")
