"""Simulated shoppers: events that come from hidden tastes, and the tastes as an oracle to compare a matcher with.

In: products, a seed. Out: exactly `n_events` acts (view, add_to_cart, favorite, purchase), on request the impressions
of the lists that they happened on, and the `Tastes` behind them. Knows neither retrieval nor the matcher: the lists
that its shoppers see are its own.

Each shopper s has a language, a price level l_s ~ Beta(1.5, 1.5) and for every term t (a brand, a colour, a feature,
a category) a taste θ_st ~ Normal(0, σ²), σ by kind in `TASTE_SPREAD`. A session starts with a query: the wish w that
maximises

    mean of θ_st over the wish's terms and its category + Gumbel noise.

The result list holds the `LIST_LENGTH` products with the largest match(w, p) + Normal(0, 0.1²), match in [0, 1]. What
shopper s gets out of product p there is

    preference(s, p) = sum over kinds of (sum of θ_st over the product's terms of that kind) / sqrt(how many)
                     - PRICE_WEIGHT · |price position of p in its category - l_s| + RATING_WEIGHT · shrunk rating of p
    u(s, w, p)       = MATCH_WEIGHT · match(w, p) + preference(s, p) + Normal(0, NOISE²)

and then, with σ(x) = 1 / (1 + exp(-x)):

    P(view at position i, from 0)  = (i + 1) ** -POSITION_DECAY · σ(u - 3.5)
    P(add_to_cart | view)          = σ(u - 5.5)
    P(favorite | view)             = σ(u - 6.0)
    P(purchase | add_to_cart)      = σ(u - 5.5)

A session in which nothing would be viewed views the product of the largest P(view), so that every session leaves an
event. Shoppers return by a log-normal activity; sessions lie at uniform days from January to October 2026, most in
the evening. Each event carries its query and position. Impressions are left out unless asked for: a shop's tracking
often holds none.

Source: position bias as examination: Craswell et al. 2008, An experimental comparison of click position-bias models.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np
from numpy.typing import NDArray

from ranking.features import rating_effect
from ranking.prices import price_positions
from ranking.types import Event
from ranking.wishes import Term, Wish, Words, match_matrix, product_words, query_text, terms_of, wish_pool
from retrieval.errors import ModelError
from retrieval.types import Product

SEED = 20261121
START = datetime(2026, 1, 1, tzinfo=UTC)
N_DAYS = 303
LIST_LENGTH = 10
TASTE_SPREAD: Mapping[str, float] = {"brand": 0.8, "color": 0.8, "feature": 0.8, "category": 1.0}
PRICE_WEIGHT = 2.0
RATING_WEIGHT = 1.0
MATCH_WEIGHT = 4.0
NOISE = 0.5
POSITION_DECAY = 0.5
CHINESE_SHARE = 0.45
BATCH = 4096

VIEW, CART, FAVORITE, PURCHASE = range(4)
STAGES = ("view", "add_to_cart", "favorite", "purchase")
THRESHOLDS = (3.5, 5.5, 6.0, 5.5)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class Tastes:
    """What the simulated shoppers want, known to nobody but the evaluation.

    `theta` is ``(n_shoppers, n_terms)``, `price_levels` ``(n_shoppers,)`` in [0, 1], `preferences` ``(n_shoppers,
    n_products)``, `matches` query text -> ``(n_products,)``. The mappings give the row of a shopper and the column of
    a product.
    """

    shoppers: Mapping[str, int]
    products: Mapping[str, int]
    terms: tuple[Term, ...]
    theta: Floats = field(repr=False)
    price_levels: Floats = field(repr=False)
    preferences: Floats = field(repr=False)
    matches: Mapping[str, Floats] = field(repr=False)

    def utility(self, shopper_id: str, query: str, product_ids: Sequence[str]) -> Floats:
        """u(s, w, p) of the module's docstring without its noise, one value per product id; higher is better."""
        columns = [self.products[product_id] for product_id in product_ids]
        utility: Floats = (
            MATCH_WEIGHT * self.matches[query][columns] + self.preferences[self.shoppers[shopper_id], columns]
        )
        return utility


@dataclass(frozen=True)
class Simulation:
    """Events, oldest first, and the tastes that they come from."""

    events: tuple[Event, ...]
    tastes: Tastes


def simulate(
    products: Sequence[Product],
    seed: int = SEED,
    n_shoppers: int = 2000,
    n_events: int = 60_000,
    words: Words | None = None,
    impressions: bool = False,
) -> Simulation:
    """Let shoppers with hidden tastes search and buy; the formula is in the module's docstring.

    Args:
        products: the catalog; their order does not matter.
        seed: the same seed and products give the same events.
        n_shoppers: how many there are; each has an event when `n_events` is at least as many.
        n_events: how many acts to return, exactly.
        words: the queries' words; None for those of the lexicon and the products' own brands.
        impressions: return what each list showed as well; the acts are the same either way.

    Raises:
        ModelError: there is no product, or a number is not positive.
    """
    if not products or n_shoppers < 1 or n_events < 1:
        raise ModelError("a simulation needs at least one product, one shopper and one event")
    products = sorted(products, key=lambda product: product.id)
    rng = np.random.default_rng(seed)
    wishes = wish_pool(products, seed)
    if not wishes:
        raise ModelError("no product states a category, department or attribute to search for: map them in the feed")
    matches = match_matrix(wishes, products)
    is_chinese = rng.random(n_shoppers) < CHINESE_SHARE
    texts = _texts(wishes, product_words(products) if words is None else words)
    tastes = _draw_tastes(products, n_shoppers, texts, matches, rng)
    world = _World(products, wishes, texts, matches, tastes, is_chinese, rng.lognormal(sigma=0.8, size=n_shoppers))
    events: list[Event] = []
    n_left = n_events
    for shown, acts in _sessions(world, rng):
        events.extend((*shown, *acts[:n_left]) if impressions else acts[:n_left])
        n_left -= len(acts)
        if n_left <= 0:
            break
    return Simulation(tuple(sorted(events, key=lambda event: (event.time, event.session_id or ""))), tastes)


@dataclass(frozen=True)
class _World:
    products: Sequence[Product]
    wishes: Sequence[Wish]
    texts: Sequence[tuple[str, str]]
    matches: Floats
    tastes: Tastes
    is_chinese: NDArray[np.bool_]
    activity: NDArray[np.float64]


def _texts(wishes: Sequence[Wish], words: Words) -> list[tuple[str, str]]:
    return [(query_text(wish, "en", words), query_text(wish, "zh", words)) for wish in wishes]


def _draw_tastes(
    products: Sequence[Product],
    n_shoppers: int,
    texts: Sequence[tuple[str, str]],
    matches: Floats,
    rng: np.random.Generator,
) -> Tastes:
    has = [terms_of(product, tuple(TASTE_SPREAD)) for product in products]
    terms = tuple(sorted({term for row in has for term in row}))
    spread = np.array([TASTE_SPREAD[attribute] for attribute, _ in terms], dtype=np.float32)
    theta = rng.standard_normal((n_shoppers, len(terms)), dtype=np.float32) * spread
    levels = rng.beta(1.5, 1.5, n_shoppers).astype(np.float32)
    column = {term: place for place, term in enumerate(terms)}
    shares = np.zeros((len(products), len(terms)), dtype=np.float32)
    for row, own in enumerate(has):
        for attribute, value in own:
            n_alike = sum(other == attribute for other, _ in own)
            shares[row, column[attribute, value]] = 1.0 / np.sqrt(n_alike)
    return Tastes(
        shoppers={f"simulated-{number:05d}": number for number in range(n_shoppers)},
        products={product.id: place for place, product in enumerate(products)},
        terms=terms,
        theta=theta,
        price_levels=levels,
        preferences=(theta @ shares.T + _price_and_rating(products, levels)).astype(np.float32),
        matches={text: matches[row] for row, pair in enumerate(texts) for text in pair},
    )


def _price_and_rating(products: Sequence[Product], levels: Floats) -> Floats:
    prices = np.array([product.price_minor for product in products], dtype=np.float64)
    positions = price_positions(prices, [product.category for product in products])
    ratings = rating_effect([product.rating for product in products], [product.n_reviews for product in products])
    distance = np.abs(positions - levels[:, None])
    value: Floats = (RATING_WEIGHT * ratings - PRICE_WEIGHT * distance).astype(np.float32)
    return value


def _sessions(world: _World, rng: np.random.Generator) -> Iterator[tuple[list[Event], list[Event]]]:
    """What was shown and what was done, session by session without end.

    The first ones are one of each shopper, so that all of them have events.
    """
    n_shoppers = len(world.activity)
    chances = world.activity / world.activity.sum()
    wish_logits = _wish_logits(world)
    everybody = np.arange(n_shoppers)
    n_made = 0
    while True:
        batch = everybody[n_made : n_made + BATCH]
        if not len(batch):
            batch = rng.choice(n_shoppers, BATCH, p=chances)
        wishes = np.argmax(wish_logits[batch] + rng.gumbel(size=(len(batch), len(world.wishes))), axis=1)
        yield from _behave(world, batch, wishes, n_made, rng)
        n_made += len(batch)


def _wish_logits(world: _World) -> Floats:
    column = {term: place for place, term in enumerate(world.tastes.terms)}
    shares = np.zeros((len(world.wishes), len(column)), dtype=np.float32)
    for row, wish in enumerate(world.wishes):
        known = [column[term] for term in (*wish.terms, wish.place) if term in column]
        shares[row, known] = 1.0 / max(len(known), 1)
    logits: Floats = world.tastes.theta @ shares.T
    return logits


def _behave(
    world: _World, shoppers: NDArray[np.int64], wishes: NDArray[np.int64], n_before: int, rng: np.random.Generator
) -> Iterator[tuple[list[Event], list[Event]]]:
    matches = world.matches[wishes]
    listed = np.argsort(-(matches + rng.normal(0.0, 0.1, matches.shape)), axis=1, kind="stable")[:, :LIST_LENGTH]
    utility = MATCH_WEIGHT * matches + world.tastes.preferences[shoppers]
    utility = np.take_along_axis(utility, listed, axis=1) + rng.normal(0.0, NOISE, listed.shape)
    acts = _acts(utility, rng)
    starts = _start_seconds(len(shoppers), rng)
    pauses = np.cumsum(rng.integers(15, 120, (*listed.shape, len(STAGES))).reshape(len(shoppers), -1), axis=1)
    ids = list(world.tastes.shoppers)
    for row, shopper in enumerate(shoppers):
        text = world.texts[wishes[row]][int(world.is_chinese[shopper])]
        start = START + timedelta(seconds=int(starts[row]))
        shown = [
            Event(
                shopper_id=ids[shopper],
                product_id=world.products[column].id,
                type="impression",
                time=start,
                session_id=f"simulated-{n_before + row:06d}",
                query=text,
                position=position,
            )
            for position, column in enumerate(listed[row])
        ]
        yield (
            shown,
            [
                replace(
                    shown[position],
                    type=STAGES[stage],
                    time=start + timedelta(seconds=int(pauses[row, position * len(STAGES) + stage])),
                )
                for position, stage in np.argwhere(acts[row])
            ],
        )


def _acts(utility: NDArray[np.float64], rng: np.random.Generator) -> NDArray[np.bool_]:
    """Which stage each listed product reaches, ``(n_sessions, n_listed, len(STAGES))``."""
    chance = 1.0 / (1.0 + np.exp(-(utility[:, :, None] - np.array(THRESHOLDS))))
    chance[:, :, VIEW] *= np.arange(1, utility.shape[1] + 1) ** -POSITION_DECAY
    acts: NDArray[np.bool_] = rng.random(chance.shape) < chance
    idle = ~acts[:, :, VIEW].any(axis=1)
    acts[idle, np.argmax(chance[idle, :, VIEW], axis=1), VIEW] = True
    acts[:, :, CART] &= acts[:, :, VIEW]
    acts[:, :, FAVORITE] &= acts[:, :, VIEW]
    acts[:, :, PURCHASE] &= acts[:, :, CART]
    return acts


def _start_seconds(n: int, rng: np.random.Generator) -> NDArray[np.float64]:
    hour = np.mod(rng.normal(20.0, 4.0, n), 24.0)
    starts: NDArray[np.float64] = np.floor(rng.integers(0, N_DAYS, n) * 86_400 + hour * 3600)
    return starts
