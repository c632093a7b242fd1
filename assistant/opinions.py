"""What buyers say of the products that a message is about, read from their reviews when it is asked for.

In: a step, its products and the catalog. Out: opinions by product id. The networks behind them are loaded on first use.
"""

import logging
from collections.abc import Mapping, Sequence
from functools import lru_cache

from assistant.types import Step
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
    return {product.id: book.of(product, reviews[product.id]) for product in products if reviews.get(product.id)}


@lru_cache
def shipped_book() -> OpinionBook:
    """What was read so far with the shipped model, of whichever shop.

    Raises:
        ModelError: its files are damaged.
    """
    from retrieval.opinions.model import shipped

    return OpinionBook(shipped())
