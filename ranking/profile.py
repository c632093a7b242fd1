"""From what a shopper did and said to a `ShopperProfile`.

In: events (of one shopper), the catalog's products, feedback and stated preferences from the chat. Out: a new
profile; no function changes the one it is given. Knows neither the database nor the matcher.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from ranking.features import PRODUCT, price_positions
from ranking.types import Event, Preference, ShopperProfile
from retrieval.types import Product

EVENT_WEIGHTS: Mapping[str, float] = {
    "impression": 0.0,
    "click": 1.0,
    "view": 1.0,
    "add_to_cart": 2.0,
    "remove_from_cart": 0.0,
    "favorite": 3.0,
    "purchase": 4.0,
    "refund": 0.0,
    "like": 3.0,
    "dislike": -3.0,
    "not_interested": -3.0,
    "rating": 0.0,
}
"""How much one act speaks for (or against) a product on the day it happens. What takes another act back weighs
nothing itself (see `settled`); a rating weighs by its number (see `weight_of`)."""

TAKEN_BACK: Mapping[str, str] = {"refund": "purchase", "remove_from_cart": "add_to_cart"}
"""The acts that take another one back, and which."""

GOOD_RATING, POOR_RATING = 4.0, 2.0
"""A rating from the first on speaks for a product as a like does, one up to the second against it as a dislike."""

HALF_LIFE_DAYS = 60.0
"""After so many days an act counts half."""

SECONDS_A_DAY = 86_400.0


def build_profile(
    events: Iterable[Event],
    products: Mapping[str, Product],
    now: datetime,
    half_life_days: float = HALF_LIFE_DAYS,
    positions: Mapping[str, float] | None = None,
) -> ShopperProfile:
    """The profile that a shopper's events speak of.

    Args:
        events: the acts of one shopper, in any order. Those after `now` are ignored.
        products: id -> product. Events on products that are not in it are ignored. Without `positions` the price level
            is read off it, so it must then hold all products of the categories concerned.
        now: the moment to look back from (UTC).
        half_life_days: after so many days an act counts half.
        positions: `price_positions_by_id` of the whole catalog, where that is at hand.

    Returns:
        A profile without stated preferences.
    """
    weights = decayed_weights((event for event in events if event.product_id in products), now, half_life_days)
    if positions is None:
        categories = {products[product_id].category for product_id in weights}
        positions = price_positions_by_id(products.values(), categories)
    return ShopperProfile(weights, price_level(weights, positions))


def decayed_weights(events: Iterable[Event], now: datetime, half_life_days: float = HALF_LIFE_DAYS) -> dict[str, float]:
    """Product id -> the sum of its events' weights, each halved every `half_life_days`; events after `now` don't count.

    What was bought or put into the cart and taken back by then doesn't count either.

    >>> from datetime import UTC
    >>> bought = Event("s", "p", "purchase", datetime(2026, 1, 1, tzinfo=UTC))
    >>> decayed_weights([bought], datetime(2026, 3, 2, tzinfo=UTC), half_life_days=60)
    {'p': 2.0}
    """
    weights: dict[str, float] = {}
    for event in settled(event for event in events if event.time <= now):
        weight = weight_of(event)
        if weight == 0.0:
            continue
        age_days = (now - event.time).total_seconds() / SECONDS_A_DAY
        weights[event.product_id] = weights.get(event.product_id, 0.0) + weight * 0.5 ** (age_days / half_life_days)
    return weights


def weight_of(event: Event) -> float:
    """How much one act speaks for (> 0) or against its product on the day it happens.

    >>> from datetime import UTC
    >>> [weight_of(Event("s", "p", "rating", datetime(2026, 1, 1, tzinfo=UTC), rating=stars)) for stars in (5, 3, 1.5)]
    [3.0, 0.0, -3.0]
    """
    if event.type == "rating" and event.rating is not None:
        if event.rating >= GOOD_RATING:
            return EVENT_WEIGHTS["like"]
        if event.rating <= POOR_RATING:
            return EVENT_WEIGHTS["dislike"]
    return EVENT_WEIGHTS[event.type]


def settled(events: Iterable[Event]) -> list[Event]:
    """The events without those that were taken back: each refund strikes the shopper's latest purchase of the product
    at or before it, each removal the latest addition to the cart. What takes back stays, and weighs nothing.

    Args:
        events: of any shoppers, in any order; what is kept comes in the order given.

    >>> from datetime import UTC
    >>> def at(day, type_): return Event("s", "p", type_, datetime(2026, 1, day, tzinfo=UTC))
    >>> [event.time.day for event in settled([at(1, "purchase"), at(2, "purchase"), at(3, "refund")])]
    [1, 3]
    """
    events = list(events)
    undoing = [place for place, event in enumerate(events) if event.type in TAKEN_BACK]
    if not undoing:
        return events
    done: dict[tuple[str, str, str], list[int]] = {}
    for place, event in enumerate(events):
        if event.type in TAKEN_BACK.values():
            done.setdefault((event.shopper_id, event.product_id, event.type), []).append(place)
    struck: set[int] = set()
    for place in sorted(undoing, key=lambda place: events[place].time):
        back = events[place]
        open_ = done.get((back.shopper_id, back.product_id, TAKEN_BACK[back.type]), [])
        earlier = [other for other in open_ if other not in struck and events[other].time <= back.time]
        if earlier:
            struck.add(max(earlier, key=lambda other: events[other].time))
    return [event for place, event in enumerate(events) if place not in struck]


def price_positions_by_id(
    products: Iterable[Product], categories: Collection[str | None] | None = None
) -> dict[str, float]:
    """Product id -> where its price lies in its category, 0 (cheapest) to 1; not where its category has one price.

    Args:
        products: the catalog.
        categories: only these; None for all.
    """
    # Only this much is kept of each product: a catalog may be read from the disk because it fits no memory.
    wanted = [
        (product.id, product.category, product.price_minor)
        for product in products
        if categories is None or product.category in categories
    ]
    if not wanted:
        return {}
    ids, places, prices = zip(*wanted, strict=True)
    positions = price_positions(np.array(prices, dtype=np.float64), places)
    spread = _with_spread(places, prices)
    return {
        product_id: float(position)
        for product_id, category, position in zip(ids, places, positions, strict=True)
        if category in spread
    }


def _with_spread(categories: Sequence[str | None], prices: Sequence[int]) -> set[str | None]:
    """The categories that have more than one price."""
    seen: dict[str | None, set[int]] = {}
    for category, price in zip(categories, prices, strict=True):
        seen.setdefault(category, set()).add(price)
    return {category for category, distinct in seen.items() if len(distinct) > 1}


def price_level(weights: Mapping[str, float], positions: Mapping[str, float]) -> float | None:
    """The weighted mean price position of the products that behaviour speaks for; None when none has a position.

    >>> price_level({"a": 3.0, "b": 1.0, "c": -5.0}, {"a": 1.0, "b": 0.0, "c": 0.5})
    0.75
    """
    known = {product_id: weight for product_id, weight in weights.items() if weight > 0 and product_id in positions}
    total = sum(known.values())
    if total <= 0.0:
        return None
    return sum(weight * positions[product_id] for product_id, weight in known.items()) / total


def with_feedback(profile: ShopperProfile, product: Product, liked: bool, source: str) -> ShopperProfile:
    """The profile after the shopper liked or turned down one product.

    The product's weight moves by that of a "like" or "dislike" event, so that similar products move too; the product
    itself becomes a stated preference with its source, in place of an earlier one about it.
    """
    weights = dict(profile.product_weights)
    weights[product.id] = weights.get(product.id, 0.0) + EVENT_WEIGHTS["like" if liked else "dislike"]
    preference = Preference(PRODUCT, product.id, 1.0 if liked else -1.0, source)
    return with_stated(replace(profile, product_weights=weights), preference)


def with_stated(profile: ShopperProfile, preference: Preference) -> ShopperProfile:
    """The profile with one more stated preference, in place of an earlier one on the same attribute and value.

    Raises:
        ValueError: the weight is outside [-1, 1] or not a number.
    """
    if not -1.0 <= preference.weight <= 1.0:
        raise ValueError(f"a preference's weight is in [-1, 1], not {preference.weight}: scale it before stating it")
    kept = tuple(
        stated
        for stated in profile.stated
        if (stated.attribute, stated.value) != (preference.attribute, preference.value)
    )
    return replace(profile, stated=(*kept, preference))
