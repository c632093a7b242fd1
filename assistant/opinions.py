"""What buyers say of the products that a message is about, read from their reviews when it is asked for.

In: a step, its products and the catalog. Out: opinions by product id. The networks behind them are loaded on first use.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache

from assistant.types import Step
from assistant.writing.quotes import reserved
from retrieval.catalog import Catalog
from retrieval.errors import ModelError
from retrieval.opinions.summary import OpinionBook, ProductOpinions
from retrieval.types import Product

logger = logging.getLogger(__name__)

N_REVIEWS = 50
"""So many reviews of a product are read."""

N_PRODUCTS = 4
_ABOUT_PRODUCTS = frozenset({"ask_product", "compare"})


def opinions_on(step: Step, products: Sequence[Product], catalog: Catalog) -> Mapping[str, ProductOpinions]:
    """What buyers say of the products that are asked about or compared, by id; nothing for other messages.

    Where the shipped model is damaged that is logged, and reviews are quoted without being counted.
    """
    if step.action not in _ABOUT_PRODUCTS:
        return {}
    reviews = {product.id: catalog.reviews_of(product.id, N_REVIEWS) for product in products[:N_PRODUCTS]}
    if not any(reviews.values()):
        return {}
    try:
        book = shipped_book()
    except ModelError as error:
        logger.warning("%s; reviews are quoted without being counted", error)
        return {}
    return {
        product.id: confirmed(book.of(product, reviews[product.id])) for product in products if reviews.get(product.id)
    }


def confirmed(opinions: ProductOpinions) -> ProductOpinions:
    """The opinions without complaints in sentences that hold no negation, no "but" and no word of complaint.

    A network that was trained on other shops takes calm sentences for complaints; a complaint that is shown needs both.
    """
    aspects = [
        replace(opinion, complaints=tuple(mention for mention in opinion.complaints if reserved(mention.sentence)))
        for opinion in opinions.aspects
    ]
    return replace(opinions, aspects=tuple(opinion for opinion in aspects if opinion.praise or opinion.complaints))


@lru_cache
def shipped_book() -> OpinionBook:
    """What was read so far with the shipped model, of whichever shop.

    Raises:
        ModelError: its files are damaged.
    """
    from retrieval.opinions.model import shipped

    return OpinionBook(shipped())
