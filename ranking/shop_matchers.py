"""Matchers fitted on a shop's own log, and measured beside one another.

In: events, items. Out: fitted matchers with their figures, and a model of tastes for the training of the head. Knows no
directory and no command line.

A matcher is asked for something new: of each shopper and product only the first act counts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ranking.comparison import Measured, measure
from ranking.evaluation import LeaveOneOut, leave_one_out
from ranking.interactions import SECONDS_A_DAY, Histories, Interactions, Items, from_events
from ranking.models.protocol import GoesOn, Matcher, Progress, Watch
from ranking.models.registry import make
from ranking.profile import settled, weight_of
from ranking.types import Event
from retrieval.errors import ModelError

EARLY_SHARE = 0.5
"""The model of tastes that the head is trained with has seen the acts up to here; the searches after it teach the head
how far to trust it."""

MIN_MEASURED = 20


@dataclass(frozen=True)
class ShopLog:
    """A log as interactions, and split for the matchers."""

    data: Interactions
    split: LeaveOneOut


def shop_log(events: Sequence[Event], items: Items) -> ShopLog:
    """The log of a shop, first acts only, each shopper's last one for the test and the last but one for validation.

    Raises:
        ModelError: there are no acts that a matcher can learn from, or too few shoppers did three things.
    """
    data = first_acts(from_events(events, items))
    split = leave_one_out(data)
    if len(split.shoppers) < MIN_MEASURED:
        raise ModelError(
            f"only {len(split.shoppers)} shoppers took up three products, at least {MIN_MEASURED} are needed to "
            "measure a matcher: import more events, or serve the shipped model"
        )
    return ShopLog(data, split)


def first_acts(data: Interactions) -> Interactions:
    """Of each shopper and item only the first act."""
    keys = data.shopper_rows() * len(data.items) + data.item
    _, first = np.unique(keys, return_index=True)
    mask = np.zeros(len(keys), dtype=np.bool_)
    mask[first] = True
    return data.keep(mask)


@dataclass(frozen=True)
class FittedMatcher:
    """A matcher on the training part of a log, its figures on the test part, and how it learned."""

    name: str
    matcher: Matcher
    test: Measured
    progress: tuple[Progress, ...]


def fit_matcher(
    name: str, settings: Mapping[str, Any], log: ShopLog, watch: Watch, start: Matcher | None = None
) -> FittedMatcher:
    """Fit one matcher and measure it.

    Args:
        name: of the registry.
        settings: what is set otherwise than by default.
        log: what to learn from.
        watch: who watches.
        start: one of the same kind that served so far, to go on from where it can.
    """
    told: list[Progress] = []

    def on_progress(progress: Progress) -> None:
        told.append(progress)
        watch.on_progress(progress)

    matcher = make(name, settings)
    if start is not None and isinstance(matcher, GoesOn):
        matcher.start_from(start)
    matcher.fit(log.split.train, log.split.validation, replace(watch, on_progress=on_progress))
    test = measure(name, matcher, log.split.test, log.split.train.counts())
    return FittedMatcher(name, matcher, test, tuple(told))


def early_taste(
    name: str, settings: Mapping[str, Any], events: Sequence[Event], items: Items, watch: Watch
) -> "Callable[[Sequence[Event], Sequence[str]], NDArray[np.float32]] | None":
    """A model of tastes from the earlier part of a log, for the head to learn how far to trust it; None: too little.

    Args:
        name: of the matcher.
        settings: what is set otherwise than by default.
        events: the events that the head is trained on, in order of time.
        items: the catalog.
        watch: who watches.
    """
    cut = events[int(len(events) * EARLY_SHARE)].time
    try:
        log = shop_log([event for event in events if event.time < cut], items)
    except ModelError:
        return None
    matcher = fit_matcher(name, settings, log, watch).matcher
    return _Taste(matcher, items, cut).of


class _Taste:
    """The scores of a matcher for those searches that it was not fitted on."""

    def __init__(self, matcher: Matcher, items: Items, since: datetime) -> None:
        self._matcher, self._rows, self._since = matcher, items.rows(), since

    def of(self, earlier: Sequence[Event], product_ids: Sequence[str]) -> NDArray[np.float32]:
        """Scores of some products from what a shopper did before; zeros for what the matcher was fitted on."""
        if not earlier or earlier[-1].time < self._since:
            return np.zeros(len(product_ids), dtype=np.float32)
        acts = [
            (event.time, self._rows[event.product_id], weight_of(event))
            for event in settled(earlier)
            if event.product_id in self._rows and weight_of(event) > 0
        ]
        wanted = np.array([self._rows.get(product_id, -1) for product_id in product_ids], dtype=np.int64)
        scores: NDArray[np.float32] = self._matcher.score(_history(acts), np.maximum(wanted, 0))[0].copy()
        known = wanted >= 0
        scores[~known] = scores[known].mean() if known.any() else 0.0
        return scores


def _history(acts: Sequence[tuple[datetime, int, float]]) -> Histories:
    latest = max((time for time, _, _ in acts), default=None)
    ages = [(latest - time).total_seconds() / SECONDS_A_DAY for time, _, _ in acts] if latest else []
    return Histories(
        (np.array([row for _, row, _ in acts], dtype=np.int64),),
        (np.array(ages, dtype=np.float32),),
        (np.array([weight for _, _, weight in acts], dtype=np.float32),),
        ((),),
    )
