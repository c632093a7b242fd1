"""Collects what a reply may speak of: reviews, policies, the products spoken of, and what relaxing would open.

In: a `Step` and the ids that will be shown. Out: `Evidence`. Knows where facts are stored, not how they are worded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from assistant.types import Step
from assistant.writing.evidence import Evidence, Relaxation
from assistant.writing.policies import find_policies
from retrieval.types import Attributes, Filters, Policy, Review

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

N_REVIEWS = 10
N_POLICIES = 2


def collect(step: Step, shown: Sequence[str], n_matched: int, assistant: "ShoppingAssistant") -> Evidence:
    """The evidence for one step. `shown` are the ranked products' ids, `n_matched` how many met the filters."""
    language = step.session.language
    shop = assistant.shop
    spoken_of = shop.catalog.get_many(step.product_ids)
    name = shop.settings.name
    return Evidence(
        shop_name=name.get(language, next(iter(name.values()))),
        currency=assistant.facts.currency,
        n_matched=n_matched,
        relaxations=_relaxations(step, assistant) if step.query and n_matched == 0 else (),
        reviews=_reviews([*shown, *step.product_ids], assistant),
        policies=tuple(_policies(step, assistant)),
        products=tuple(spoken_of[product_id] for product_id in step.product_ids if product_id in spoken_of),
        starters=assistant.starters(language),
    )


def _reviews(ids: Sequence[str], assistant: "ShoppingAssistant") -> Mapping[str, Sequence[Review]]:
    return {product_id: assistant.shop.catalog.reviews_of(product_id, N_REVIEWS) for product_id in dict.fromkeys(ids)}


def _policies(step: Step, assistant: "ShoppingAssistant") -> Sequence[Policy]:
    if step.action not in ("faq", "order", "handoff", "out_of_scope"):
        return ()
    language = step.session.language
    return find_policies(step.parsed.text, assistant.shop.catalog.policies(language), language, N_POLICIES)


def _relaxations(step: Step, assistant: "ShoppingAssistant") -> tuple[Relaxation, ...]:
    """What giving up one condition would open, the least loss of products first; only what opens any."""
    found = []
    for key, value, excluded, filters in relaxed(step.query.filters if step.query else Filters()):
        n, price = assistant.retriever.count_and_cheapest(filters)
        if n:
            found.append(Relaxation(key, value, n, price, excluded))
    return tuple(found)


def relaxed(filters: Filters) -> Iterator[tuple[str, str | None, bool, Filters]]:
    """Every way to give up one condition but the category: (key, value, whether it was an exclusion, what remains).

    >>> [(key, value) for key, value, _, _ in relaxed(Filters(price_max_minor=5, include={"color": ("red",)}))]
    [('price', None), ('color', 'red'), ('stock', None)]
    """
    if filters.price_min_minor is not None or filters.price_max_minor is not None:
        yield "price", None, False, replace(filters, price_min_minor=None, price_max_minor=None, around_minor=None)
    for name, values in filters.include.items():
        for value in values:
            yield name, value, False, replace(filters, include=_without(filters.include, name, value))
    for name, values in filters.exclude.items():
        for value in values:
            yield name, value, True, replace(filters, exclude=_without(filters.exclude, name, value))
    if filters.in_stock_only:
        yield "stock", None, False, replace(filters, in_stock_only=False)


def _without(attributes: Attributes, name: str, value: str) -> Attributes:
    left = tuple(other for other in attributes[name] if other != value)
    others = {other: values for other, values in attributes.items() if other != name}
    return {**others, name: left} if left else others
