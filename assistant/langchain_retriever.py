"""The shop's search as a LangChain retriever: a message goes in, `Document`s come out.

In: a message as a shopper would write it first. Out: the products in the order in which they would be shown. Nothing is
recorded. Imported only when somebody asks for it, since LangChain takes a second to import.
"""

from typing import TYPE_CHECKING, Any

from langchain_core.callbacks import CallbackManagerForRetrieverRun
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from pydantic import Field, SkipValidation

from ranking.types import RankedProduct, ShopperProfile
from retrieval.types import Attributes, Candidate

if TYPE_CHECKING:
    from assistant.app import ShoppingAssistant

MAX_MESSAGE = 2000
"""Characters of a message that are read, as in a chat."""


class ShopRetriever(BaseRetriever):
    """Products that meet all hard filters of a message, best first; fewer than `k` only where fewer meet them.

    `shop` is an open `ShoppingAssistant`. Safe to share between threads; async calls run in LangChain's executor.
    """

    shop: SkipValidation[Any] = Field(exclude=True, repr=False)
    k: int = Field(default=5, ge=1, le=200)

    def _get_relevant_documents(self, query: str, *, run_manager: CallbackManagerForRetrieverRun) -> list[Document]:
        shop: ShoppingAssistant = self.shop
        asked, retrieved = shop.find(query[:MAX_MESSAGE])
        found = {candidate.product.id: candidate for candidate in retrieved.candidates}
        ranked = shop.ranker.rank(asked, retrieved, ShopperProfile(), self.k)
        return [_document(item, found[item.product.id]) for item in ranked]


def _document(item: RankedProduct, candidate: Candidate) -> Document:
    product, variant = item.product, item.variant
    attributes = {**product.attributes, **variant.attributes}
    metadata = {
        "id": product.id,
        "variant_id": variant.id,
        "title": product.title,
        "brand": product.brand,
        "category": product.category,
        "price_minor": variant.price_minor,
        "list_price_minor": variant.list_price_minor,
        "currency": product.currency,
        "in_stock": variant.in_stock,
        "url": product.url,
        "image": product.image_of(variant),
        "attributes": {name: list(values) for name, values in attributes.items()},
        "relevance": float(candidate.relevance),
        "similarity": float(candidate.similarity),
        "score": float(item.score),
    }
    return Document(
        id=product.id, page_content=_page(product.title, product.description, attributes), metadata=metadata
    )


def _page(title: str, description: str, attributes: Attributes) -> str:
    """What a language model reads of a product; prices and stock are left to the metadata, which code can check."""
    stated = "; ".join(f"{name}: {', '.join(values)}" for name, values in attributes.items())
    return "\n".join(filter(None, (title, description, stated)))
