"""The columns that a shopper's own history makes: taste, brand, size, and what they have seen.

In: values of a profile, and what the candidates state. Out: one value per candidate. Knows neither weights nor how a
model of tastes comes to its scores: it is handed in as a `Taste`. What is not known has the value 0.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ranking.types import NO_TASTE, Preference, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Matrix, Product

Column = NDArray[np.float32]
"""``(n,)`` float32, one value per candidate."""

Brands = Callable[[Sequence[str]], Sequence[str | None]]
"""Product ids -> their brands, one for each id in its place; None for an id it does not know or that has no brand."""

TASTE_FLOOR = 1e-3
"""Scores that deviate by less than this share of the largest one are held to be the same."""

BRAND_SHRINKAGE = 4.0
"""Behaviour worth this much (one purchase) gives a brand half of its share, more of it more."""

SEEN = 0.5
"""How much less novel a product is that the shopper has dealt with before."""

SIZE = "size"
"""The attribute that says in which sizes a product comes, and the one of a preference for a size."""


class Taste(Protocol):
    """A model that a shop trained on who took up what: how much a shopper would like some products."""

    @property
    def version(self) -> str:
        """What tells this model from every other, for the log of shown lists."""
        ...

    def score(self, profile: ShopperProfile, product_ids: Sequence[str], embeddings: Matrix) -> NDArray[np.float32]:
        """``(n,)``, one finite value per product, higher is better, on any scale; all equal where nothing is known.

        Args:
            profile: of the shopper, without what they turned down in words.
            product_ids: n products, each once.
            embeddings: ``(n, d)``, their text embeddings, for products that the model has never seen.
        """
        ...


def asked_taste(
    taste: Taste | None,
    profile: ShopperProfile,
    product_ids: Sequence[str],
    embeddings: Matrix,
    refused: Collection[str],
) -> Column:
    """What a model of tastes says of the candidates, comparable between models; see `taste_effect`.

    The model is not told of stated dislikes: it might like a product the better for one. Nor of what the shopper
    usually spends, which is no taste: said alone, it would have the model guess from nothing. What the shopper refused
    has the lowest value that there is, whatever the model says.

    Args:
        taste: the model; None makes zeros.
        profile: whose taste; an empty one makes zeros.
        product_ids: the candidates.
        embeddings: ``(n, d)``, theirs.
        refused: ids of products that the shopper turned down.

    Raises:
        ModelError: the model answers with the wrong shape, or with what is not a finite number.
    """
    if taste is None or profile.is_empty:
        return np.zeros(len(product_ids), dtype=np.float32)
    likes = (stated for stated in profile.stated if stated.weight > 0 and stated.attribute not in NO_TASTE)
    liked = replace(profile, stated=tuple(likes))
    if liked.is_empty:
        scores = np.zeros(len(product_ids))
    else:
        scores = np.asarray(taste.score(liked, product_ids, embeddings), dtype=np.float64)
    if scores.shape != (len(product_ids),):
        raise ModelError(
            f"the model of tastes answers {len(product_ids)} products with an array of shape {scores.shape}: "
            "it must give one score per product"
        )
    if not np.isfinite(scores).all():
        worst = product_ids[int(np.flatnonzero(~np.isfinite(scores))[0])]
        raise ModelError(f"the model of tastes gives product {worst} no finite score: train it again")
    return taste_effect(scores, [product_id in refused for product_id in product_ids])


def taste_effect(scores: NDArray[np.float64], refused: Sequence[bool] | NDArray[np.bool_]) -> Column:
    """Scores on any scale as values in [-1, 1]: tanh of how many deviations each lies above the candidates' mean.

    0 for all where the scores are (all but) equal; -1 for what the shopper refused.

    >>> [round(float(value), 2) for value in taste_effect(np.array([1.0, 3.0, 5.0]), [False, False, True])]
    [-0.84, 0.0, -1.0]
    >>> taste_effect(np.array([7.0, 7.0]), [False, False]).tolist()
    [0.0, 0.0]
    """
    # A score of 1e300 squared is no number any more: the scale goes first.
    largest = float(np.abs(scores).max())
    scaled = scores / largest if largest > 0 else np.zeros_like(scores)
    deviations = (scaled - scaled.mean()) / max(float(scaled.std()), TASTE_FLOOR)
    effect: Column = np.where(refused, -1.0, np.tanh(deviations)).astype(np.float32)
    return effect


def brand_fit(brands: Sequence[str | None], worth: Mapping[str, float]) -> Column:
    """How much of the shopper's behaviour speaks for each candidate's brand, above or below the candidates' mean.

    In [-1, 1]. The share is that of all behaviour, shrunk by `BRAND_SHRINKAGE`; a candidate without a brand has 0.

    Args:
        brands: of the candidates.
        worth: see `brand_worth`.

    >>> brand_fit(["Acme", "borea", None], {"acme": 4.0}).tolist()
    [0.25, -0.25, 0.0]
    """
    total = sum(worth.values()) + BRAND_SHRINKAGE
    known = np.array([bool(brand) for brand in brands])
    shares = np.array([worth.get(brand.lower(), 0.0) / total if brand else 0.0 for brand in brands], dtype=np.float64)
    if not known.any():
        return np.zeros(len(brands), dtype=np.float32)
    return np.where(known, shares - shares[known].mean(), 0.0).astype(np.float32)


def brand_worth(product_weights: Mapping[str, float], brands: Brands | None) -> dict[str, float]:
    """Brand in lower case -> the sum of the weights that speak for its products; "" for products without a brand.

    Args:
        product_weights: product id -> weight, as in a profile; what speaks against a product does not count.
        brands: where to find the products' brands; None makes nothing.

    >>> brand_worth({"a": 2.0, "b": 1.0, "c": -3.0}, lambda ids: ["Acme", "ACME"])
    {'acme': 3.0}
    """
    weights = {id_: weight for id_, weight in sorted(product_weights.items()) if weight > 0}
    if brands is None or not weights:
        return {}
    worth: dict[str, float] = {}
    for brand, weight in zip(brands(tuple(weights)), weights.values(), strict=True):
        name = (brand or "").lower()
        worth[name] = worth.get(name, 0.0) + weight
    return worth


def size_fit(products: Sequence[Product], stated: Sequence[Preference]) -> Column:
    """The weight of the size that the shopper takes, where a product has it in stock; else 0. In [0, 1].

    0 is also the value of a product that comes in no sizes. Never below 0, so that a size that is no longer wished for
    cannot help any product.

    >>> from retrieval.types import Variant
    >>> shirts = [
    ...     Product(id_, id_, "USD", (Variant(id_, 1, stock=stock, attributes={"size": ("m",)}),))
    ...     for id_, stock in (("in stock", 3), ("sold out", 0))
    ... ]
    >>> size_fit(shirts, [Preference("size", "M", 0.5, "I wear M")]).tolist()
    [0.5, 0.0]
    """
    wishes: dict[str, float] = {}
    for preference in stated:
        if preference.attribute == SIZE and preference.weight > 0:
            value = preference.value.lower()
            wishes[value] = max(wishes.get(value, 0.0), preference.weight)
    if not wishes:
        return np.zeros(len(products), dtype=np.float32)
    return np.array(
        [max((wishes.get(size, 0.0) for size in sizes_in_stock(product)), default=0.0) for product in products],
        dtype=np.float32,
    )


def sizes_in_stock(product: Product) -> set[str]:
    """The sizes, in lower case, of the variants that can be had now.

    >>> from retrieval.types import Variant
    >>> variants = (Variant("1", 1, stock=0, attributes={"size": ("s",)}), Variant("2", 1, attributes={"size": ("L",)}))
    >>> sizes_in_stock(Product("p", "p", "USD", variants))
    {'l'}
    """
    common = product.attributes.get(SIZE, ())
    return {
        size.lower()
        for variant in product.variants
        if variant.in_stock
        for size in variant.attributes.get(SIZE, common)
    }
