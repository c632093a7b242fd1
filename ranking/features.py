"""What the matcher sees of a query, its candidates and a shopper.

In: a `Query`, its `Candidate`s and a `ShopperProfile`. Out: `Features`, arrays that mean the same on every catalog:
nothing here is an id, a brand or a category name. Knows no weights. A thing that is not known has the value 0, which
is the neutral one: every column is centred on the candidates at hand or counts only what speaks for or against a
product.

Two steps, since the first does not depend on the shopper: `describe` (once per query), then `personalise`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from ranking.buyers import NOBODY, BuyersSay
from ranking.kind import relevance_effect
from ranking.personal import SEEN, SIZE, Brands, Column, Taste, asked_taste, brand_fit, brand_worth, size_fit
from ranking.prices import budget_fit, level_fit, names_budget, price_positions, usual_budget_fit
from ranking.types import NO_TASTE, Preference, ShopperProfile
from retrieval.errors import ModelError
from retrieval.lexicon import derive_attributes
from retrieval.types import Candidate, Matrix, Product, Query, Variant, Vector

Vectors = Callable[[Sequence[str]], Matrix]
"""Product ids -> their embeddings, ``(n, d)``, a row for each id in its place; zeros for an id it does not know."""

SCALARS = (
    "relevance", "taste", "budget_fit", "level_fit", "brand_fit", "size_fit", "audience_fit", "quality", "popularity",
    "novelty", "stock", "stated_like", "stated_dislike", "opinions", "aspect_fit",
)  # fmt: skip
"""The columns of `Features.scalars`, in order."""

RATING_PRIOR_REVIEWS = 20.0
"""So many average reviews are added to a product's own before its rating counts."""

DISLIKE_SIMILARITY = 0.5
"""From this cosine on a product is held to be like one that the shopper turned down."""

NOVELTY_DAYS = 180.0
"""So many days newer than the candidates' mean makes a product about three quarters as novel as it can be."""

LOW_STOCK = 5
"""With fewer pieces than this a product may be gone before the shopper has made up their mind."""

FEW = 0.2
"""No product that can be had is further down for its stock than by this."""

CHILDREN = "kids"
"""The audience that a search means only where it says so."""

PRODUCT = "product"
"""The attribute name of a `Preference` about one product as such; its value is the product's id."""


@dataclass(frozen=True, slots=True)
class Listing:
    """The candidates of one query, whoever asks. `query` is a row of zeros when the query had no words.

    `products` is ``(n, d)``, `query` ``(d,)``. `prices` ``(n,)`` are in minor units of the shop's currency;
    `names_budget`: the wish says itself what may be spent. `relevance` is in [0, 1]; `budget_fit` in [-1, 0], 0 =
    inside the wish's own budget; `audience_fit` -1 = for children, whom nobody spoke of, else 0; `quality` in stars and
    `popularity` in natural logarithms of reviews, both above (> 0) or below (< 0) the mean of the candidates; `novelty`
    in [-0.5, 0.5], > 0 = added later than the mean of the candidates; `stock` in [-1, 0], -1 = sold out, 0 = enough;
    `price_position` in [0, 1], 0 = the cheapest of its category among the candidates; `opinions` and `aspect_fit` as
    `ranking.buyers` counts them.
    """

    products: Matrix
    query: Vector
    prices: NDArray[np.float64]
    names_budget: bool
    relevance: Column
    budget_fit: Column
    audience_fit: Column
    quality: Column
    popularity: Column
    novelty: Column
    stock: Column
    price_position: Column
    opinions: Column
    aspect_fit: Column


@dataclass(frozen=True, slots=True)
class Features:
    """What a `Matcher` scores: n candidates, m products that the shopper's behaviour speaks for.

    `scalars` is ``(n, len(SCALARS))``; `products` ``(n, d)``, `query` ``(d,)``, `history` ``(m, d)`` with unit rows
    (the query all zeros when there is none); `history_weights` ``(m,)``, all > 0.
    """

    scalars: NDArray[np.float32]
    products: Matrix
    query: Vector
    history: Matrix
    history_weights: NDArray[np.float32]


def describe(
    query: Query, candidates: Sequence[Candidate], query_vector: Vector | None, buyers: BuyersSay = NOBODY
) -> Listing:
    """The part of the features that does not depend on the shopper.

    Args:
        query: the wish.
        candidates: what was found for it.
        query_vector: the embedding of its words, or None.
        buyers: what the reviews were read to say.

    Raises:
        ModelError: there is no candidate, or the embeddings differ in length.
    """
    if not candidates:
        raise ModelError("there is nothing to rank: pass at least one candidate")
    lengths = {len(candidate.embedding) for candidate in candidates}
    lengths |= {len(query_vector)} if query_vector is not None else set()
    if len(lengths) != 1:
        raise ModelError(
            f"the embeddings have different lengths {sorted(lengths)}: rebuild the index with one embedder"
        )
    products = np.stack([candidate.embedding for candidate in candidates]).astype(np.float32, copy=False)
    prices = np.array([candidate.variant.price_minor for candidate in candidates], dtype=np.float64)
    n_reviews = [candidate.product.n_reviews for candidate in candidates]
    ids = [candidate.product.id for candidate in candidates]
    return Listing(
        products=products,
        query=np.zeros(lengths.pop(), dtype=np.float32) if query_vector is None else query_vector,
        prices=prices,
        names_budget=names_budget(query.filters),
        relevance=relevance_effect([candidate.relevance for candidate in candidates], query),
        budget_fit=budget_fit(prices, query.filters),
        audience_fit=audience_fit([candidate.product for candidate in candidates], query),
        quality=rating_effect([candidate.product.rating for candidate in candidates], n_reviews),
        popularity=popularity_effect(n_reviews),
        novelty=recency_effect([candidate.product.date_added for candidate in candidates]),
        stock=stock_effect([candidate.variant for candidate in candidates]),
        price_position=price_positions(prices, [candidate.product.category for candidate in candidates]),
        opinions=buyers.opinions(ids),
        aspect_fit=buyers.aspect_fit(ids, query),
    )


def personalise(
    listing: Listing,
    products: Sequence[Product],
    profile: ShopperProfile,
    vectors: Vectors,
    *,
    taste: Taste | None = None,
    brands: Brands | None = None,
) -> Features:
    """The features of a listing for one shopper.

    Args:
        listing: what does not depend on the shopper.
        products: the candidates' products in the listing's order.
        profile: of the shopper.
        vectors: the embeddings of the products in the profile.
        taste: a model that this shop trained; None where it has none.
        brands: the brands of the products in the profile; None where nobody can tell.

    Raises:
        ModelError: `vectors` or `taste` answers with the wrong shape, or `taste` with what is not a number.
    """
    liked, liked_weights = _embedded(profile, vectors, listing.products.shape[1], sign=1)
    disliked, disliked_weights = _embedded(profile, vectors, listing.products.shape[1], sign=-1)
    stated_like, stated_dislike = stated_matches(products, profile.stated)
    ids = [product.id for product in products]
    usual = None if listing.names_budget else profile.budget_minor
    columns = {
        "relevance": listing.relevance,
        "taste": asked_taste(taste, profile, ids, listing.products, _refused(profile)),
        # A usual budget has no column of its own: no log tells what coefficient it should have.
        "budget_fit": listing.budget_fit + usual_budget_fit(listing.prices, usual),
        "level_fit": level_fit(listing.price_position, profile.price_level, said=profile.price_level_is_said),
        "brand_fit": brand_fit([p.brand for p in products], brand_worth(profile.product_weights, brands)),
        "size_fit": size_fit(products, profile.stated),
        "audience_fit": listing.audience_fit,
        "quality": listing.quality,
        "popularity": listing.popularity,
        "novelty": listing.novelty - np.float32(SEEN) * _seen(ids, profile),
        "stock": listing.stock,
        "stated_like": stated_like,
        "stated_dislike": stated_dislike + dislike_similarity(listing.products, disliked, disliked_weights),
        "opinions": listing.opinions,
        "aspect_fit": listing.aspect_fit,
    }
    scalars = np.stack([columns[name] for name in SCALARS], axis=1)
    return Features(scalars, listing.products, listing.query, liked, liked_weights)


def _refused(profile: ShopperProfile) -> set[str]:
    """The products that the shopper turned down, by what they did or by what they said."""
    said = {stated.value for stated in profile.stated if stated.attribute == PRODUCT and stated.weight < 0}
    return said | {id_ for id_, weight in profile.product_weights.items() if weight < 0}


def _seen(ids: Sequence[str], profile: ShopperProfile) -> Column:
    """1 for what the shopper has dealt with, however that ended, but for what they said they like; else 0."""
    liked = {stated.value for stated in profile.stated if stated.attribute == PRODUCT and stated.weight > 0}
    return np.array([id_ in profile.product_weights and id_ not in liked for id_ in ids], dtype=np.float32)


def _embedded(
    profile: ShopperProfile, vectors: Vectors, dimension: int, sign: int
) -> tuple[Matrix, NDArray[np.float32]]:
    """The embeddings of the products whose weight has that sign, and the weights' size; unknown products left out."""
    weights = {id_: abs(weight) for id_, weight in sorted(profile.product_weights.items()) if sign * weight > 0}
    if not weights:
        return np.zeros((0, dimension), dtype=np.float32), np.zeros(0, dtype=np.float32)
    rows = np.asarray(vectors(tuple(weights)), dtype=np.float32)
    if rows.shape != (len(weights), dimension):
        raise ModelError(
            f"the profile's embeddings have shape {rows.shape}, not {(len(weights), dimension)}: "
            "rebuild the index with the embedder that the model was trained with"
        )
    known = np.any(rows != 0, axis=1)
    return rows[known], np.array(list(weights.values()), dtype=np.float32)[known]


def audience_fit(products: Sequence[Product], query: Query) -> Column:
    """-1 for a product that is for children alone where the query speaks of no child, else 0.

    >>> boots = Product("b", "Boots", "USD", (), attributes={"audience": ("kids",)})
    >>> [audience_fit([boots], Query(text)).tolist() for text in ("waterproof boots", "boots for kids", "儿童靴子")]
    [[-1.0], [0.0], [0.0]]
    """
    wished = query.filters.include.get("audience", ())
    if CHILDREN in wished or CHILDREN in derive_attributes(query.text, "", {}, {})[0].get("audience", ()):
        return np.zeros(len(products), dtype=np.float32)
    return np.array([-float(product.values("audience") == (CHILDREN,)) for product in products], dtype=np.float32)


def rating_effect(ratings: Sequence[float | None], n_reviews: Sequence[int | None]) -> Column:
    """Stars above or below the candidates' mean, shrunk towards it by the number of reviews; 0 without a rating.

    A Bayesian average with `RATING_PRIOR_REVIEWS` reviews at the mean of the rated candidates. A rating without a
    number of reviews counts as one review.

    >>> rating_effect([5.0, 3.0, None], [20, 20, None]).tolist()
    [0.5, -0.5, 0.0]
    """
    stars = np.array([np.nan if rating is None else rating for rating in ratings], dtype=np.float64)
    n = np.array([1 if count is None else count for count in n_reviews], dtype=np.float64)
    known = ~np.isnan(stars)
    if not known.any():
        return np.zeros(len(stars), dtype=np.float32)
    with np.errstate(invalid="ignore"):
        effect = (stars - stars[known].mean()) * n / (n + RATING_PRIOR_REVIEWS)
    return np.where(known, effect, 0.0).astype(np.float32)


def popularity_effect(n_reviews: Sequence[int | None]) -> Column:
    """Natural logarithm of 1 + the number of reviews, above or below the candidates' mean; 0 where it is not known.

    >>> popularity_effect([0, None]).tolist()
    [0.0, 0.0]
    """
    logs = np.log1p(np.array([np.nan if count is None else count for count in n_reviews], dtype=np.float64))
    known = ~np.isnan(logs)
    if not known.any():
        return np.zeros(len(logs), dtype=np.float32)
    return np.where(known, logs - logs[known].mean(), 0.0).astype(np.float32)


def recency_effect(dates: Sequence[date | None]) -> Column:
    """How much later each product was added than the candidates on average, in [-0.5, 0.5]; 0 where it is not known.

    >>> [round(float(value), 2) for value in recency_effect([date(2026, 7, 1), date(2026, 1, 1), None])]
    [0.23, -0.23, 0.0]
    """
    days = np.array([np.nan if day is None else day.toordinal() for day in dates], dtype=np.float64)
    known = ~np.isnan(days)
    if not known.any():
        return np.zeros(len(days), dtype=np.float32)
    later = np.where(known, days - days[known].mean(), 0.0)
    effect: Column = (0.5 * np.tanh(later / NOVELTY_DAYS)).astype(np.float32)
    return effect


def stock_effect(variants: Sequence[Variant]) -> Column:
    """-1 for what is sold out, down to -0.16 for the last few pieces, 0 for enough or not stated.

    Few pieces are a small matter: they can be bought, and what sells well is often low.

    >>> [round(float(value), 2) for value in stock_effect([Variant("v", 1, stock=n) for n in (0, 1, 4, 5, None)])]
    [-1.0, -0.16, -0.04, 0.0, 0.0]
    """
    pieces = np.array([LOW_STOCK if variant.stock is None else variant.stock for variant in variants], dtype=np.float64)
    few = 0.0 - FEW * np.clip((LOW_STOCK - pieces) / LOW_STOCK, 0.0, 1.0)
    return np.where(pieces <= 0, -1.0, few).astype(np.float32)


def stated_matches(products: Sequence[Product], stated: Sequence[Preference]) -> tuple[Column, Column]:
    """For each product the sum of the weights of the stated likes that it meets, and of the dislikes; both >= 0.

    A size that the shopper takes is no like: `size_fit` tells whether it can be had. Nor is what they usually spend, or
    how tall they are.
    """
    likes = np.zeros(len(products), dtype=np.float32)
    dislikes = np.zeros(len(products), dtype=np.float32)
    for preference in stated:
        if (preference.attribute == SIZE and preference.weight > 0) or preference.attribute in NO_TASTE:
            continue
        column = likes if preference.weight > 0 else dislikes
        for row, product in enumerate(products):
            if states(product, preference.attribute, preference.value):
                column[row] += abs(preference.weight)
    return likes, dislikes


def states(product: Product, attribute: str, value: str) -> bool:
    """Whether a product states a value of an attribute, be it "category", "department" or "product" (its id)."""
    if attribute == PRODUCT:
        return product.id == value
    if attribute in ("category", "department"):
        own = product.category if attribute == "category" else product.department
        return own is not None and own.lower() == value.lower()
    return value.lower() in product.values(attribute)


def dislike_similarity(products: Matrix, disliked: Matrix, weights: NDArray[np.float32]) -> Column:
    """How much each product is like one that was turned down: the largest of weight times cosine beyond a threshold.

    0 up to a cosine of `DISLIKE_SIMILARITY`, the whole weight (at most 1) at a cosine of 1. As a maximum it can only
    grow when another product is turned down.
    """
    if not len(disliked):
        return np.zeros(len(products), dtype=np.float32)
    beyond = np.maximum(products @ disliked.T - DISLIKE_SIMILARITY, 0.0) / (1.0 - DISLIKE_SIMILARITY)
    strongest: Column = (beyond * np.minimum(weights, 1.0)).max(axis=1).astype(np.float32)
    return strongest
