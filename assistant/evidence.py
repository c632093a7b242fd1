"""Collects what a reply may speak of: reviews, policies, the products spoken of, and what relaxing would open.

In: a `Step` and the ids that will be shown. Out: `Evidence`. Knows where facts are stored, not how they are worded.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from assistant.live import Moment
from assistant.types import Step
from assistant.writing.evidence import Evidence, Relaxation
from assistant.writing.mentions import Term, Text, names, particulars, terms
from assistant.writing.policies import find_policies
from retrieval.types import ALL_NEEDED, Attributes, Filters, Policy, Query, Review

N_REVIEWS = 10
N_POLICIES = 2
N_COUNTED = 200
"""How many of the products that a relaxed wish finds are looked through for its words."""
_N_SEARCHED = 20
_MOVES_OFF_THE_WISH = frozenset({"more", "similar", "cheaper", "undo"})


def collect(step: Step, shown: Sequence[str], n_matched: int, now: Moment) -> Evidence:
    """The evidence for one step. `shown` are the ranked products' ids, `n_matched` how many met the filters."""
    language = step.session.language
    shop = now.shop
    spoken_of = shop.catalog.get_many(step.product_ids)
    name = shop.settings.name
    unseen, absent = _unseen(step, shown, now)
    return Evidence(
        shop_name=name.get(language, next(iter(name.values()))),
        currency=now.facts.currency,
        n_matched=n_matched,
        relaxations=_relaxations(step, now) if step.query and n_matched == 0 else (),
        reviews=_reviews([*shown, *step.product_ids], now),
        policies=tuple(_policies(step, now)),
        products=tuple(spoken_of[product_id] for product_id in step.product_ids if product_id in spoken_of),
        starters=now.starters(language),
        brands=_brands(step, now),
        unseen=unseen,
        absent=absent,
    )


def _reviews(ids: Sequence[str], now: Moment) -> Mapping[str, Sequence[Review]]:
    return {product_id: now.shop.catalog.reviews_of(product_id, N_REVIEWS) for product_id in dict.fromkeys(ids)}


def _policies(step: Step, now: Moment) -> Sequence[Policy]:
    if step.action not in ("faq", "order", "handoff", "out_of_scope"):
        return ()
    language = step.session.language
    return find_policies(step.parsed.text, now.shop.catalog.policies(language), language, N_POLICIES)


def _relaxations(step: Step, now: Moment) -> tuple[Relaxation, ...]:
    """What giving up one condition would open, of what was asked for and not shown yet; only what opens any."""
    found = []
    query = step.query or Query("")
    wished = () if query.filters.category else terms(query.text, query.filters)
    for key, value, excluded, filters in relaxed(query.filters):
        if filters.is_empty and not wished:
            # Without this condition nothing of the wish is left: the whole shop would be no answer to it.
            continue
        n, price, at_least = _opened(replace(query, filters=filters), wished, now)
        if n:
            found.append(Relaxation(key, value, n, price, excluded, at_least))
    return tuple(found)


def _opened(query: Query, wished: Sequence[Term], now: Moment) -> tuple[int, int | None, bool]:
    """How many products with all `wished` words a query finds, their lowest price, and whether there may be more.

    With a category the conditions alone say what is asked for; without one its words do.
    """
    if not wished:
        by_price = replace(query, text="", semantic_text=None, filters=replace(query.filters, sort="price_asc"))
        found = now.search.retrieve(by_price, 1)
        return found.n_matched, found.candidates[0].variant.price_minor if found.candidates else None, False
    found = now.search.retrieve(replace(query, filters=replace(query.filters, sort=None)), N_COUNTED)
    prices = []
    for candidate in found.candidates:
        text = Text.of(candidate.product)
        if all(text.holds(term) for term in wished):
            prices.append(candidate.variant.price_minor)
    return len(prices), min(prices, default=None), found.n_matched > len(found.candidates)


def _unseen(step: Step, shown: Sequence[str], now: Moment) -> tuple[tuple[str, ...], bool]:
    """The words of the wish that no shown product mentions, and whether no product of the shop does."""
    query = step.query
    if query is None or not shown or step.action != "recommend" or step.parsed.move in _MOVES_OFF_THE_WISH:
        return (), False
    texts = [Text.of(product) for product in now.shop.catalog.get_many(shown).values()]
    if query.filters.category:
        wished = particulars(query.text, query.filters)
        return tuple(term.said for term in wished if not any(text.holds(term) for text in texts)), False
    wished = terms(query.text, query.filters)
    named = names(wished)
    if not named or any(text.holds(term) for term in named for text in texts):
        return (), False
    unheld = tuple(term.said for term in wished if not any(text.holds(term) for text in texts))
    return unheld, not any(_is_sold(term, now) for term in named)


def _is_sold(term: Term, now: Moment) -> bool:
    everything = Query(term.said, Filters(in_stock_only=False), semantic_text=" ".join(term.stems) or None)
    found = now.search.retrieve(everything, _N_SEARCHED)
    return any(Text.of(candidate.product).holds(term) for candidate in found.candidates)


def _brands(step: Step, now: Moment) -> Mapping[str, str]:
    """How the catalog spells the brands that the conditions name."""
    spelled = {}
    filters = step.session.filters
    for brand in (*filters.include.get("brand", ()), *filters.exclude.get("brand", ())):
        of_brand = Query("", Filters(include={"brand": (brand,)}, in_stock_only=False))
        for candidate in now.search.retrieve(of_brand, 1).candidates:
            spelled[brand] = candidate.product.brand or brand
    return spelled


def relaxed(filters: Filters) -> Iterator[tuple[str, str | None, bool, Filters]]:
    """Every way to give up one condition but the category: (key, value, whether it was an exclusion, what remains).

    Of several values that any one would do for, all are given up; the first of them is named.

    >>> [(key, value) for key, value, _, _ in relaxed(Filters(price_max_minor=5, include={"color": ("red",)}))]
    [('price', None), ('color', 'red'), ('stock', None)]
    """
    if filters.price_min_minor is not None or filters.price_max_minor is not None:
        yield "price", None, False, replace(filters, price_min_minor=None, price_max_minor=None, around_minor=None)
    for name, values in filters.include.items():
        for value in values if name in ALL_NEEDED else values[:1]:
            gone = (value,) if name in ALL_NEEDED else values
            yield name, value, False, replace(filters, include=_without(filters.include, name, gone))
    for name, values in filters.exclude.items():
        for value in values:
            yield name, value, True, replace(filters, exclude=_without(filters.exclude, name, (value,)))
    if filters.in_stock_only:
        yield "stock", None, False, replace(filters, in_stock_only=False)


def _without(attributes: Attributes, name: str, gone: Sequence[str]) -> Attributes:
    left = tuple(value for value in attributes[name] if value not in gone)
    others = {other: values for other, values in attributes.items() if other != name}
    return {**others, name: left} if left else others
