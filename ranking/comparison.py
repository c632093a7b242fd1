"""Several matchers on the same shoppers, in one table.

In: fitted matchers and a `Validation`. Out: a row of metrics each, and how much better one is than another. Knows no
shop and no file. Every item is ranked (`ranking.evaluation`); precision, recall, NDCG and MRR are those of the library
ir-measures.

Slices tell where a matcher is good: shoppers who have done little, items that few have taken up, items that nobody has.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import ir_measures
import numpy as np
import pandas as pd
from ir_measures import RR, P, R, nDCG
from numpy.typing import NDArray

from ranking.evaluation import gini, masked_scores, paired_interval, ranks_in, slices, top_k
from ranking.interactions import Integers
from ranking.models.protocol import Matcher, Validation

K = 10
DEPTH = 100
"""MRR counts an item at a rank below this as not found."""

FEW_ACTS, FEW_TAKERS = 3, 5
MEASURES = {f"precision@{K}": P @ K, f"recall@{K}": R @ K, f"ndcg@{K}": nDCG @ K, "mrr": RR}


@dataclass(frozen=True)
class Measured:
    """One matcher's figures. `ndcg` is ``(B,)``, NDCG@10 of each shopper; `metrics` the means, all in [0, 1]."""

    model: str
    metrics: Mapping[str, float]
    ndcg: NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Gain:
    """NDCG@10 of one matcher minus another's over the same shoppers, with its 95 % interval."""

    model: str
    over: str
    difference: float
    low: float
    high: float

    @property
    def is_better(self) -> bool:
        """Whether the whole interval lies above zero."""
        return self.low > 0.0


def measure(name: str, matcher: Matcher, asked: Validation, counts: Integers) -> Measured:
    """The figures of one matcher.

    Args:
        name: how the row is called.
        matcher: fitted.
        asked: shoppers, and what each took up next.
        counts: ``(I,)``, how often each item was taken up in training, for the slices.
    """
    best, ranks, n_shown = [], [], []
    exposure = np.zeros(len(counts))
    for some in slices(asked):
        scores, can_be = masked_scores(matcher, some)
        best.append(top_k(scores, DEPTH))
        ranks.append(ranks_in(scores, some.target, can_be))
        n_shown.append((scores > -np.inf).sum(axis=1))
        exposure += np.bincount(best[-1][:, :K].ravel(), minlength=len(counts))
    found = _per_shopper(np.concatenate(best), np.concatenate(ranks), asked.target)
    metrics = {metric: float(values.mean()) for metric, values in found.items()}
    metrics["auc"] = float(_auc(np.concatenate(ranks), np.concatenate(n_shown)).mean())
    metrics[f"coverage@{K}"] = float((exposure > 0).mean())
    metrics["gini"] = gini(exposure)
    ndcg = found[f"ndcg@{K}"]
    metrics.update(_slices(ndcg, asked, counts))
    return Measured(name, metrics, ndcg)


def _per_shopper(best: Integers, ranks: NDArray[np.float64], target: Integers) -> dict[str, NDArray[np.float64]]:
    """Each measure for each shopper. Where scores tie with the target's, it stands at its average rank, rounded up."""
    n, depth = best.shape
    order = _with_target_at(best, ranks, target)
    run = pd.DataFrame(
        {
            "query_id": np.repeat(np.arange(n), depth).astype(str),
            "doc_id": order.ravel().astype(str),
            "score": np.tile(np.arange(depth, 0, -1, dtype=np.float64), n),
        }
    )
    wanted = pd.DataFrame({"query_id": np.arange(n).astype(str), "doc_id": target.astype(str), "relevance": 1})
    names = {measure: name for name, measure in MEASURES.items()}
    out = {name: np.zeros(n) for name in MEASURES}
    for found in ir_measures.iter_calc(list(names), wanted, run):
        out[names[found.measure]][int(found.query_id)] = found.value
    return out


def _with_target_at(best: Integers, ranks: NDArray[np.float64], target: Integers) -> Integers:
    """The best items with each shopper's target moved to its rank; -1 stands where it was, or is pushed out."""
    order = np.where(best == target[:, None], -1, best)
    place = np.ceil(np.minimum(ranks, best.shape[1] + 1)).astype(np.int64) - 1
    inside = np.flatnonzero(place < best.shape[1])
    order[inside, place[inside]] = target[inside]
    return _distinct(order)


def _distinct(order: Integers) -> Integers:
    """Placeholders as ids of their own, so that no id stands twice in a list."""
    places = -1 - np.arange(order.shape[1])[None, :]
    return np.where(order < 0, places, order)


def _auc(ranks: NDArray[np.float64], n_shown: NDArray[np.int64]) -> NDArray[np.float64]:
    """The share of the other items that the target is above; a target that cannot be shown is above none.

    Source: Hanley and McNeil 1982, The meaning and use of the area under a ROC curve (the Wilcoxon statistic).
    """
    share: NDArray[np.float64] = (n_shown - np.minimum(ranks, n_shown)) / np.maximum(1, n_shown - 1)
    return share


def _slices(ndcg: NDArray[np.float64], asked: Validation, counts: Integers) -> dict[str, float]:
    lengths = np.array([len(own) for own in asked.histories.items])
    takers = counts[asked.target]
    parts = {
        f"ndcg@{K}, shoppers with {FEW_ACTS} acts or fewer": lengths <= FEW_ACTS,
        f"ndcg@{K}, items taken up {FEW_TAKERS} times or less": (takers <= FEW_TAKERS) & (takers > 0),
        f"ndcg@{K}, items never taken up before": takers == 0,
    }
    return {name: float(ndcg[mask].mean()) for name, mask in parts.items() if mask.any()}


def gains_over(ours: Measured, others: Sequence[Measured], seed: int = 0) -> tuple[Gain, ...]:
    """What one matcher gains over each of the others."""
    made = []
    for other in others:
        if other.model != ours.model:
            difference, low, high = paired_interval(ours.ndcg, other.ndcg, seed)
            made.append(Gain(ours.model, other.model, difference, low, high))
    return tuple(made)


def table_of(measured: Sequence[Measured]) -> pd.DataFrame:
    """One row a matcher, one column a metric."""
    return pd.DataFrame([{"model": row.model, **row.metrics} for row in measured]).set_index("model")


OnModel = Callable[[str, int, int], None]
