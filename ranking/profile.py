"""From what a shopper did and said to a `ShopperProfile`.

In: events (of one shopper), the catalog's products, feedback and stated preferences from the chat. Out: a new
profile; no function changes the one it is given. Knows neither the database nor the matcher.
"""

from bisect import bisect_right
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from ranking.events import act_key, microseconds
from ranking.features import PRODUCT
from ranking.prices import price_positions
from ranking.types import AGE_GROUP, BODY, BUDGET, Act, Event, Preference, ShopperProfile
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

MAX_ACTS = 200
"""So many of the newest acts are kept in order."""

ONE_VALUE = frozenset({BUDGET, AGE_GROUP, *BODY})
"""Attributes of a shopper that have one value at a time."""

MAX_INTERESTS = 5

FADED_HALF_LIVES = 6
"""After so many half-lives an interest has faded: a sixty-fourth of it is left."""

_NOTHING = 1e-9
"""What is left of a weight whose act was taken back, by rounding alone."""


def build_profile(
    events: Iterable[Event],
    products: Mapping[str, Product],
    now: datetime,
    half_life_days: float = HALF_LIFE_DAYS,
    positions: Mapping[str, float] | None = None,
) -> ShopperProfile:
    """The profile that a shopper's events speak of.

    Args:
        events: the acts of one shopper, in any order. Those after `now`, and those for somebody else, are ignored.
        products: id -> product. Events on products that are not in it are ignored. Without `positions` the price level
            is read off it, so it must then hold all products of the categories concerned.
        now: the moment to look back from (UTC).
        half_life_days: after so many days an act counts half.
        positions: `price_positions_by_id` of the whole catalog, where that is at hand.

    Returns:
        A profile without stated preferences.
    """
    own = (event for event in events if event.recipient is None)
    known = settled(event for event in own if event.product_id in products and event.time <= now)
    weights = _weights(known, now, half_life_days)
    if positions is None:
        categories = {products[product_id].category for product_id in weights}
        positions = price_positions_by_id(products.values(), categories)
    return ShopperProfile(
        weights, price_level(weights, positions), history=history_of(known), as_of=now if weights else None
    )


def history_of(events: Iterable[Event]) -> tuple[Act, ...]:
    """The newest `MAX_ACTS` of a shopper's events that weigh anything, oldest first; give it what `settled` left."""
    acts = sorted((act_of(event) for event in events if weight_of(event)), key=lambda act: act.time)
    return tuple(acts[-MAX_ACTS:])


def with_event(
    profile: ShopperProfile,
    event: Event,
    now: datetime,
    half_life_days: float = HALF_LIFE_DAYS,
    positions: Mapping[str, float] | None = None,
) -> ShopperProfile:
    """The profile after one more act, as if it had been built with it; events are best given in order of time.

    Args:
        profile: the shopper's.
        event: of the same shopper, not after `now`.
        now: the moment to look back from (UTC), not before the profile's own.
        half_life_days: as in `build_profile`.
        positions: `price_positions_by_id` of the catalog; without them the price level stays as it was.

    Returns:
        A new profile. What takes back an act older than the last `MAX_ACTS` takes nothing back here.
    """
    profile = aged(profile, now, half_life_days)
    weights, history = dict(profile.product_weights), profile.history
    if event.type in TAKEN_BACK:
        act = _taken_back(history, event)
        if act is None:
            return profile
        history = tuple(kept for kept in history if kept is not act)
        change = -act.weight * _decay(act.time, now, half_life_days)
    else:
        act = act_of(event)
        if not act.weight:
            return profile
        place = bisect_right(history, act.time, key=lambda kept: kept.time)
        history = (*history[:place], act, *history[place:])[-MAX_ACTS:]
        change = act.weight * _decay(act.time, now, half_life_days)
    weights[event.product_id] = weights.get(event.product_id, 0.0) + change
    if abs(weights[event.product_id]) < _NOTHING and all(act.product_id != event.product_id for act in history):
        del weights[event.product_id]
    level = profile.price_level if positions is None else price_level(weights, positions)
    return replace(profile, product_weights=weights, history=history, price_level=level, as_of=now)


def aged(profile: ShopperProfile, now: datetime, half_life_days: float = HALF_LIFE_DAYS) -> ShopperProfile:
    """The profile as it is seen from a later moment: what was done counts less.

    >>> from datetime import UTC
    >>> before = ShopperProfile({"p": 4.0}, as_of=datetime(2026, 1, 1, tzinfo=UTC))
    >>> aged(before, datetime(2026, 3, 2, tzinfo=UTC), half_life_days=60).product_weights
    {'p': 2.0}
    """
    if profile.as_of is None or now <= profile.as_of:
        return replace(profile, as_of=profile.as_of or now)
    share = _decay(profile.as_of, now, half_life_days)
    weights = {product_id: weight * share for product_id, weight in profile.product_weights.items()}
    return replace(profile, product_weights=weights, as_of=now)


def act_of(event: Event) -> Act:
    """An event as an act, with its weight on the day it happened."""
    id_ = act_key(event.shopper_id, event.product_id, event.type, microseconds(event.time))
    return Act(event.product_id, weight_of(event), event.time, event.type, id_)


def _taken_back(history: Sequence[Act], event: Event) -> Act | None:
    """The act that a refund or a removal strikes: the latest of its kind at or before it."""
    done = TAKEN_BACK[event.type]
    return next(
        (
            act
            for act in reversed(history)
            if act.product_id == event.product_id and act.type == done and act.time <= event.time
        ),
        None,
    )


def _decay(then: datetime, now: datetime, half_life_days: float) -> float:
    return float(0.5 ** ((now - then).total_seconds() / SECONDS_A_DAY / half_life_days))


def decayed_weights(events: Iterable[Event], now: datetime, half_life_days: float = HALF_LIFE_DAYS) -> dict[str, float]:
    """Product id -> the sum of its events' weights, each halved every `half_life_days`; events after `now` don't count.

    What was bought or put into the cart and taken back by then doesn't count either.

    >>> from datetime import UTC
    >>> bought = Event("s", "p", "purchase", datetime(2026, 1, 1, tzinfo=UTC))
    >>> decayed_weights([bought], datetime(2026, 3, 2, tzinfo=UTC), half_life_days=60)
    {'p': 2.0}
    """
    return _weights(settled(event for event in events if event.time <= now), now, half_life_days)


def _weights(events: Iterable[Event], now: datetime, half_life_days: float) -> dict[str, float]:
    weights: dict[str, float] = {}
    for event in events:
        weight = weight_of(event)
        if weight == 0.0:
            continue
        weight *= _decay(event.time, now, half_life_days)
        weights[event.product_id] = weights.get(event.product_id, 0.0) + weight
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


def with_feedback(
    profile: ShopperProfile, product: Product, liked: bool, source: str, now: datetime | None = None
) -> ShopperProfile:
    """The profile after the shopper liked or turned down one product.

    The product's weight moves by that of a "like" or "dislike" event, so that similar products move too; the product
    itself becomes a stated preference with its source, in place of an earlier one about it. With `now` it is also an
    act in the history.
    """
    said = Preference(PRODUCT, product.id, 1.0 if liked else -1.0, source, since=now)
    return with_product_stated(profile, said)


def with_product_stated(profile: ShopperProfile, said: Preference) -> ShopperProfile:
    """The profile with a product liked or turned down; `said` is a preference on the attribute `PRODUCT`."""
    type_ = "like" if said.weight > 0 else "dislike"
    weight, now = EVENT_WEIGHTS[type_], said.since
    weights = dict(profile.product_weights)
    weights[said.value] = weights.get(said.value, 0.0) + weight
    profile = replace(profile, product_weights=weights)
    if now is not None:
        act = Act(said.value, weight, now, type_)
        profile = replace(profile, history=(*profile.history, act)[-MAX_ACTS:], as_of=profile.as_of or now)
    return with_stated(profile, said)


def with_stated(profile: ShopperProfile, preference: Preference) -> ShopperProfile:
    """The profile with one more stated preference, in place of an earlier one on the same attribute and value.

    A shopper has one usual budget, one age group and one body: a new one takes the old one's place.

    Raises:
        ValueError: the weight is outside [-1, 1] or the confidence outside [0, 1], or not a number.
    """
    if not -1.0 <= preference.weight <= 1.0:
        raise ValueError(f"a preference's weight is in [-1, 1], not {preference.weight}: scale it before stating it")
    if not 0.0 <= preference.confidence <= 1.0:
        raise ValueError(f"a preference's confidence is in [0, 1], not {preference.confidence}")
    kept = tuple(stated for stated in profile.stated if not _replaces(preference, stated))
    return replace(profile, stated=(*kept, preference))


def _replaces(new: Preference, old: Preference) -> bool:
    return new.attribute == old.attribute and (new.attribute in ONE_VALUE or new.value == old.value)


def without_stated(profile: ShopperProfile, key: str) -> ShopperProfile:
    """The profile without the stated preference of that key (`Preference.key`)."""
    return replace(profile, stated=tuple(stated for stated in profile.stated if stated.key != key))


def in_force(profile: ShopperProfile, now: datetime) -> ShopperProfile:
    """The profile as the ranker should see it: expired preferences left out, and each weight scaled by confidence.

    The confidences of the result are 1, so that nobody scales by them twice.

    >>> from datetime import UTC
    >>> day = datetime(2026, 1, 1, tzinfo=UTC)
    >>> said = [Preference("color", "red", 1.0, "", 0.5), Preference("color", "blue", 1.0, "", 1.0, day)]
    >>> [(item.value, item.weight) for item in in_force(ShopperProfile(stated=tuple(said)), day).stated]
    [('red', 0.5)]
    """
    counted = tuple(
        replace(stated, weight=stated.weight * stated.confidence, confidence=1.0)
        for stated in profile.stated
        if stated.weight * stated.confidence and (stated.expires is None or now < stated.expires)
    )
    return profile if counted == profile.stated else replace(profile, stated=counted)


def interests(
    profile: ShopperProfile, products: Mapping[str, Product], now: datetime, k: int = MAX_INTERESTS
) -> tuple[Preference, ...]:
    """What behaviour speaks of in words: the categories and brands that the shopper turned to most, best first.

    For people to read; the ranker goes by the products themselves.

    Args:
        profile: the shopper's.
        products: id -> product of those in its history; others don't count.
        now: the moment to look back from.
        k: how many at most.

    Returns:
        Preferences of weight in (0, 1], relative to the strongest; their sources are the ids of the events, and their
        confidence grows with the acts: 1/2 for one, 3/4 for three. They expire when nothing much is left of the last
        act.
    """
    weights: dict[tuple[str, str], float] = {}
    acts: dict[tuple[str, str], list[Act]] = {}
    for act in profile.history:
        product = products.get(act.product_id)
        for name, value in _kinds(product) if product is not None and act.event_id else ():
            weights[name, value] = weights.get((name, value), 0.0) + act.weight * _decay(act.time, now, HALF_LIFE_DAYS)
            acts.setdefault((name, value), []).append(act)
    best = sorted((kind for kind in weights if weights[kind] > 0), key=lambda kind: (-weights[kind], kind))[:k]
    return tuple(
        Preference(
            *kind,
            weight=weights[kind] / weights[best[0]],
            source=" ".join(act.event_id for act in acts[kind]),
            confidence=len(acts[kind]) / (len(acts[kind]) + 1),
            expires=max(act.time for act in acts[kind]) + timedelta(days=FADED_HALF_LIVES * HALF_LIFE_DAYS),
            inferred=True,
            since=min(act.time for act in acts[kind]),
        )
        for kind in best
        if now < max(act.time for act in acts[kind]) + timedelta(days=FADED_HALF_LIVES * HALF_LIFE_DAYS)
    )


def _kinds(product: Product) -> list[tuple[str, str]]:
    own = (("category", product.category), ("brand", product.brand.lower() if product.brand else None))
    return [(name, value) for name, value in own if value]
