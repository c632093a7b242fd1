"""How well a matcher ranks all items for shoppers whose next act is known.

In: a matcher, histories, and what each shopper took up next. Out: ranks, and metrics per shopper. Knows no model.

Every item is ranked; what a shopper took up before is left out (unless things are bought again and again); ties count
as the average rank, so that a model that scores everything alike gains nothing. Nothing is sampled.

Source: why not to sample negatives: Krichene and Rendle 2020, On sampled metrics for item recommendation.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Histories, Integers, Interactions, histories
from ranking.models.protocol import Scores, Validation

SHOPPERS_AT_ONCE = 512
UNREACHABLE = np.inf
"""The rank of an item that cannot be shown: the shopper has it already."""

Ranks = NDArray[np.float64]


class Scoring(Protocol):
    """The part of a matcher that is measured."""

    def score(self, shoppers: Histories, items: Integers | None = None) -> Scores:
        """A score per item."""
        ...


@dataclass(frozen=True)
class HeldOut:
    """What a matcher learns from, chooses by and is measured on. In `validation` and `test` stands one act of each
    shopper who has one there, with what they did before it."""

    train: Interactions
    validation: Validation
    test: Validation


def leave_one_out(data: Interactions) -> HeldOut:
    """Split by each shopper's own last two acts; the test's history holds the validation's item. A shopper with fewer
    than three acts only trains.

    Source: Kang and McAuley 2018, Self-attentive sequential recommendation, section IV.
    """
    lengths = np.diff(data.starts)
    shoppers = np.flatnonzero(lengths >= 3)
    place = np.arange(len(data.item)) - np.repeat(data.starts[:-1], lengths)
    n_kept = np.where(lengths >= 3, lengths - 2, lengths)
    train = data.keep(place < np.repeat(n_kept, lengths))
    return HeldOut(train, *(_asked(data, shoppers, lengths[shoppers] - back) for back in (2, 1)))


def held_out_by_time(data: Interactions, validation_from: float, test_from: float, until: float = np.inf) -> HeldOut:
    """Split all shoppers at two moments: what is learned never comes from the time that it is measured on.

    Asked for is each shopper's last act of a part, from all that they did before it, also in the same part; of a
    shopper whose first act it is nothing is known.

    Args:
        data: with times.
        validation_from: seconds, on the clock of `data.time`.
        test_from: the same, not earlier.
        until: acts from then on are in no part.

    Source: why not by each shopper's last act: Meng et al. 2020, Exploring data splitting strategies for the
    evaluation of recommendation models.
    """
    before = [np.bincount(data.shopper_rows()[data.time < at], minlength=len(data)) for at in
              (validation_from, test_from, until)]  # fmt: skip
    parts = []
    for first, last in pairwise(before):
        shoppers = np.flatnonzero(first < last)
        parts.append(_asked(data, shoppers, last[shoppers] - 1))
    return HeldOut(data.keep(data.time < validation_from), *parts)


def _asked(data: Interactions, shoppers: Integers, n_before: Integers) -> Validation:
    return Validation(histories(data, shoppers, n_before), data.item[data.starts[shoppers] + n_before])


def some_of(asked: Validation, places: Integers) -> Validation:
    """Only the shoppers at these places."""
    told = asked.histories
    picked = Histories(
        tuple(told.items[place] for place in places),
        tuple(told.ages_days[place] for place in places),
        tuple(told.weights[place] for place in places),
        tuple(told.stated[place] for place in places) if told.stated else (),
    )
    return Validation(picked, asked.target[places], asked.repeats)


def sample_of(asked: Validation, n: int, seed: int) -> Validation:
    """No more than n of the shoppers, in their order."""
    places = np.random.default_rng(seed).permutation(len(asked))[:n]
    return some_of(asked, np.sort(places))


def slices(asked: Validation, size: int = SHOPPERS_AT_ONCE) -> Iterable[Validation]:
    """All shoppers, a few hundred at a time."""
    for first in range(0, len(asked), size):
        yield some_of(asked, np.arange(first, min(first + size, len(asked))))


def masked_scores(matcher: Scoring, asked: Validation) -> tuple[Scores, NDArray[np.bool_]]:
    """Scores with what cannot be shown at -inf, and for each shopper whether the target can be shown."""
    scores = np.array(matcher.score(asked.histories))
    can_be = np.ones(len(asked), dtype=np.bool_)
    if not asked.repeats:
        for row, own in enumerate(asked.histories.items):
            scores[row, own] = -np.inf
        can_be = scores[np.arange(len(asked)), asked.target] > -np.inf
    return scores, can_be


def ranks_in(scores: Scores, target: Integers, can_be: NDArray[np.bool_]) -> Ranks:
    """The rank of each shopper's target from 1; ties count as the average rank.

    >>> ranks_in(np.array([[2.0, 1.0, 1.0]], dtype=np.float32), np.array([1]), np.array([True])).tolist()
    [2.5]
    """
    own = scores[np.arange(len(target)), target][:, None]
    above, level = (scores > own).sum(axis=1), (scores == own).sum(axis=1)
    return np.where(can_be, above + (level + 1) / 2, UNREACHABLE)


def ranks_of(matcher: Scoring, asked: Validation) -> Ranks:
    """``(B,)``: the rank of what each shopper took up next among all items."""
    parts = [ranks_in(*_scored(matcher, some)) for some in slices(asked)]
    return np.concatenate(parts) if parts else np.zeros(0)


def _scored(matcher: Scoring, asked: Validation) -> tuple[Scores, Integers, NDArray[np.bool_]]:
    scores, can_be = masked_scores(matcher, asked)
    return scores, asked.target, can_be


def ndcg(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """``1 / log2(rank + 1)`` up to rank k, else 0, per shopper: NDCG where one item is relevant.

    >>> ndcg(np.array([1.0, 3.0, 11.0])).tolist()
    [1.0, 0.5, 0.0]
    """
    return np.where(ranks <= k, 1.0 / np.log2(ranks + 1.0), 0.0)


def hits(ranks: Ranks, k: int = 10) -> NDArray[np.float64]:
    """1 where the item is among the first k: recall where one item is relevant.

    >>> hits(np.array([10.0, 10.5])).tolist()
    [1.0, 0.0]
    """
    return (ranks <= k).astype(np.float64)


def ndcg_of(matcher: Scoring, asked: Validation) -> float:
    """Mean NDCG@10 in [0, 1], higher is better."""
    return float(ndcg(ranks_of(matcher, asked)).mean())


def top_k(scores: Scores, k: int) -> Integers:
    """``(B, k)`` columns, best first; equal scores in order of their column.

    >>> top_k(np.array([[1.0, 3.0, 2.0]], dtype=np.float32), 2).tolist()
    [[1, 2]]
    """
    k = min(k, scores.shape[1])
    found = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    found.sort(axis=1)
    order = np.argsort(-np.take_along_axis(scores, found, axis=1), axis=1, kind="stable")
    best: Integers = np.take_along_axis(found, order, axis=1)
    return best
