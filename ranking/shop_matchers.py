"""Matchers fitted on a shop's own log, and measured beside one another.

In: events, items, the moments at which the log is cut. Out: fitted matchers with their figures, and the models of
tastes that the head is trained with. Knows no directory and no command line.

A matcher is asked for something new: of each shopper and product only the first act counts.
"""

import hashlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import numpy as np

from ranking.comparison import Measured, measure
from ranking.evaluation import HeldOut, held_out_by_time, leave_one_out
from ranking.interactions import Interactions, Items, check, from_events
from ranking.models.protocol import GoesOn, Matcher, Progress, Watch
from ranking.models.registry import make
from ranking.models.serving import ServedMatcher
from ranking.personal import Taste
from ranking.types import Event
from retrieval.errors import ModelError

MIN_MEASURED = 20
N_FOLDS = 2


@dataclass(frozen=True, slots=True)
class Moments:
    """Where a log is cut: what lies before `validation` teaches, what lies before `test` chooses settings, and the rest
    is measured on, up to `until` (None: its end)."""

    validation: datetime
    test: datetime
    until: datetime | None = None


@dataclass(frozen=True)
class ShopLog:
    """A log as interactions, first acts only, and split for the matchers."""

    data: Interactions
    parts: HeldOut


def shop_log(events: Sequence[Event], items: Items, moments: Moments | None) -> ShopLog:
    """The log of a shop, cut at some moments, or else (None) before each shopper's last two acts.

    Raises:
        ModelError: there are no acts that a matcher can learn from, or too few to choose by and to measure on.
    """
    cuts = () if moments is None else (moments.validation, moments.test)
    data = first_acts(from_events(events, items, cuts))
    parts = leave_one_out(data) if moments is None else _cut(data, moments)
    check(parts.train)
    for part, asked in (("validation", parts.validation), ("test", parts.test)):
        if len(asked) < MIN_MEASURED:
            raise ModelError(
                f"only {len(asked)} shoppers took up something new in the {part} part of the log, at least "
                f"{MIN_MEASURED} are needed to measure a matcher: import more events"
            )
    return ShopLog(data, parts)


def _cut(data: Interactions, moments: Moments) -> HeldOut:
    until = np.inf if moments.until is None else moments.until.timestamp()
    return held_out_by_time(data, moments.validation.timestamp(), moments.test.timestamp(), until)


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
    matcher.fit(log.parts.train, log.parts.validation, replace(watch, on_progress=on_progress))
    test = measure(name, matcher, log.parts.test, log.parts.train.counts())
    return FittedMatcher(name, matcher, test, tuple(told))


def tastes_of_others(
    name: str, settings: Mapping[str, Any], log: ShopLog, watches: Sequence[Watch]
) -> Callable[[str], Taste]:
    """Shopper id -> a model of tastes that was fitted on other shoppers alone.

    The head learns from it how far to trust such a model; from one that knows the very shopper it would learn too much
    trust.

    Args:
        name: of the matcher.
        settings: what is set otherwise than by default.
        log: its training part is fitted to.
        watches: `N_FOLDS`, who watches each fit.

    Raises:
        ModelError: a part of the shoppers is too little to learn from.

    Source: Wolpert 1992, Stacked generalization.
    """
    train = log.parts.train
    folds = np.array([fold_of(shopper) for shopper in train.shoppers])[train.shopper_rows()]
    tastes = []
    for fold, watch in enumerate(watches):
        others = train.keep(folds != fold)
        check(others)
        matcher = make(name, settings)
        matcher.fit(others, log.parts.validation, watch)
        tastes.append(ServedMatcher(matcher, train.items, f"{name}, without fold {fold}"))
    return lambda shopper: tastes[fold_of(shopper)]


def fold_of(shopper: str) -> int:
    """Which of the `N_FOLDS` a shopper is in, the same in every run.

    >>> [fold_of(shopper) for shopper in ("ann", "bo", "cy", "di")]
    [1, 1, 1, 0]
    """
    return hashlib.sha256(shopper.encode()).digest()[0] % N_FOLDS
