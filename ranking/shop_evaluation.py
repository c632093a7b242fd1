"""How good the ranker that serves is on any part of a shop's log, beside what it has to beat.

In: `Material` cut where one wants to measure, the ranker. Out: both tables of a training, without a training. Knows no
directory and no command line.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from ranking.comparison import Measured, gains_over
from ranking.examples import Search, build_examples, build_listings, searches_of, translated
from ranking.matcher import TwoTowerMatcher
from ranking.material import Material
from ranking.measuring import Row, Split
from ranking.measuring import measure as measure_searches
from ranking.metrics import Comparison
from ranking.models.serving import ServedMatcher
from ranking.ranker import Ranker
from ranking.shop_training import Request, Surroundings, Told, measure_served, others
from ranking.training import MAX_SEARCHES, N_CANDIDATES
from retrieval.errors import ModelError


@dataclass(frozen=True)
class ShopEvaluation:
    """`table`: the matchers, the serving one last; `gains`: what it brings over each. `rows` and `comparisons`: the
    whole ranker on searches. `notes` say what could not be measured, and what to beware of."""

    table: tuple[Measured, ...]
    gains: tuple[Comparison, ...]
    rows: tuple[Row, ...]
    comparisons: tuple[Comparison, ...]
    notes: tuple[str, ...]


def evaluate_shop(
    material: Material, request: Request, around: Surroundings, serving: Ranker, told: Told | None = None
) -> ShopEvaluation:
    """Measure the ranker that serves.

    Args:
        material: its moments say what is measured on: acts and searches in [test, until).
        request: `compare` names the matchers to fit beside the baselines, on what was done before.
        around: the shop.
        serving: the ranker.
        told: who is told how far it is.

    Raises:
        ModelError: there is nothing to measure on.
    """
    told = told or Told()
    notes = [*material.lacks, *_seen(material, serving)]
    table, gains = _matchers(material, request, serving, told, notes)
    try:
        rows, comparisons = _searches(material, request, around, serving, told)
    except ModelError as error:
        notes.append(str(error))
        rows, comparisons = (), ()
    if not table and not rows:
        raise ModelError("; and ".join(notes))
    return ShopEvaluation(table, gains, rows, comparisons, tuple(notes))


def _seen(material: Material, serving: Ranker) -> list[str]:
    """A warning where the ranker has learned from what it would be asked."""
    meta = serving.matcher.meta if isinstance(serving.matcher, TwoTowerMatcher) else {}
    known = [until for until in (meta.get("fitted_until"), meta.get("taste", {}).get("fitted_until")) if until]
    until = max(known, key=datetime.fromisoformat, default=None)
    if until is None or not (material.leave_one_out or material.moments.test < datetime.fromisoformat(until)):
        return []
    return [
        f"the ranker that serves has learned from acts up to {until[:16]}, so its figures on earlier ones are too "
        "good: measure from then on"
    ]


def _matchers(
    material: Material, request: Request, serving: Ranker, told: Told, notes: list[str]
) -> tuple[tuple[Measured, ...], tuple[Comparison, ...]]:
    if material.log is None:
        return (), ()
    rows, left_out = others(material.log, request, told)
    notes += left_out
    if not isinstance(serving.taste, ServedMatcher):
        notes.append("no model of tastes serves in this shop: `shopping-assistant train` makes one")
        return tuple(rows), ()
    served = measure_served(serving.taste, material.log)
    return (*rows, served), gains_over(served, rows, request.seed)


def _searches(
    material: Material, request: Request, around: Surroundings, serving: Ranker, told: Told
) -> tuple[tuple[Row, ...], tuple[Comparison, ...]]:
    matcher = serving.matcher
    if not isinstance(matcher, TwoTowerMatcher):
        raise ModelError("the order is by relevance, so there is no ranker to measure on searches")
    parts = _searches_of(material)
    listings = build_listings(
        sorted({search.query for part in parts for search in part}),
        {event.product_id for event in material.events},
        around.retriever,
        around.vectors,
        N_CANDIDATES,
        translated,
        lambda done, total: told.on_stage("retrieve", done, total),
        around.buyers,
    )
    asked = {id(search) for search in parts[1]}
    by_id = {product.id: product for product in material.products}
    examples = build_examples(
        material.events,
        [search for part in parts for search in part],
        listings,
        by_id,
        taste_for=lambda search: serving.taste if id(search) in asked else None,
    )
    is_asked = np.array([id(search) in asked for search in examples.searches])
    if not is_asked.any():
        raise ModelError("no search of that time can be measured on: none has a product that was taken up, and others")
    split = Split(np.flatnonzero(~is_asked), np.zeros(0, dtype=np.int64), np.flatnonzero(is_asked))
    return measure_searches(examples, split, dict(matcher.tensors), around.utility, request.seed)


def _searches_of(material: Material) -> tuple[Sequence[Search], Sequence[Search]]:
    """Those before, for popularity, and those to measure on.

    Raises:
        ModelError: there is none to measure on.
    """
    since, until = material.moments.test, material.moments.until
    searches = searches_of(event for event in material.events if until is None or event.time < until)[-MAX_SEARCHES:]
    asked = [search for search in searches if search.start >= since]
    if not asked:
        raise ModelError(f"no search of the log is from {since:%Y-%m-%d %H:%M} on")
    return [search for search in searches if search.end < since], asked
