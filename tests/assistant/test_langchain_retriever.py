"""The shop as a LangChain retriever, by what LangChain's own tests ask of one, over the real demo shop."""

import asyncio
import json

import pytest
from langchain_core.callbacks import BaseCallbackHandler
from langchain_core.documents import Document
from langchain_core.retrievers import BaseRetriever
from langchain_core.runnables import RunnableLambda
from pydantic import ValidationError

from assistant.app import ShoppingAssistant
from assistant.langchain_retriever import ShopRetriever

QUERY = "waterproof boots under 100 dollars, not brown"


class Heard(BaseCallbackHandler):
    def __init__(self) -> None:
        self.found: list[int] = []
        self.asked: list[str] = []

    def on_retriever_start(self, serialized, query, **kwargs) -> None:
        self.asked.append(query)

    def on_retriever_end(self, documents, **kwargs) -> None:
        self.found.append(len(documents))


@pytest.fixture
def retriever(demo: ShoppingAssistant) -> ShopRetriever:
    return demo.retriever


def test_k_says_how_many_come(demo: ShoppingAssistant) -> None:
    """As `langchain_tests.integration_tests.RetrieversIntegrationTests` asks it."""
    assert isinstance(demo.retriever, BaseRetriever)
    for k in (1, 3):
        found = ShopRetriever(shop=demo, k=k).invoke("boots")
        assert len(found) == k
        assert all(isinstance(document, Document) for document in found)
    with pytest.raises(ValidationError):
        ShopRetriever(shop=demo, k=0)


@pytest.mark.parametrize("query", [QUERY, "100美元以内的防水靴子，不要棕色"])
def test_hard_filters_hold(retriever: ShopRetriever, query: str) -> None:
    found = retriever.invoke(query)
    assert found
    for document in found:
        assert document.metadata["price_minor"] <= 100_00
        assert document.metadata["currency"] == "USD"
        assert document.metadata["in_stock"]
        assert "brown" not in document.metadata["attributes"].get("color", [])
        assert "waterproof" in document.metadata["attributes"]["feature"]


def test_documents_are_what_a_shopper_would_be_shown(demo: ShoppingAssistant) -> None:
    shown = [item.ranked for item in demo.ask(QUERY).products]
    found = demo.retriever.invoke(QUERY)
    assert [document.id for document in found] == [item.product.id for item in shown]
    for document, item in zip(found, shown, strict=True):
        assert document.metadata["id"] == document.id
        assert document.metadata["title"] == item.product.title
        assert document.metadata["price_minor"] == item.variant.price_minor
        assert document.metadata["url"] == item.product.url
        assert 0 < document.metadata["relevance"] <= 1
        assert document.page_content.startswith(item.product.title)
        assert json.loads(json.dumps(document.metadata)) == document.metadata


def test_nothing_is_recorded_and_no_search_finds_nothing(demo: ShoppingAssistant) -> None:
    with demo.shop.engine.connect() as connection:
        before = connection.exec_driver_sql("SELECT count(*) FROM shown_lists").scalar_one()
        demo.retriever.invoke("boots")
        assert demo.retriever.invoke("hello") == []
        assert connection.exec_driver_sql("SELECT count(*) FROM shown_lists").scalar_one() == before


def test_it_stands_in_a_chain_and_tells_callbacks(retriever: ShopRetriever) -> None:
    heard = Heard()
    chain = retriever | RunnableLambda(lambda documents: [document.metadata["title"] for document in documents])
    titles = chain.invoke("boots", config={"callbacks": [heard]})
    assert titles == [document.metadata["title"] for document in retriever.invoke("boots")]
    assert (heard.asked, heard.found) == (["boots"], [5])
    assert retriever.batch(["boots", "tents"]) == [retriever.invoke("boots"), retriever.invoke("tents")]


def test_async_finds_the_same(retriever: ShopRetriever) -> None:
    assert asyncio.run(retriever.ainvoke("boots")) == retriever.invoke("boots")


def test_the_shop_is_not_part_of_what_is_printed_or_dumped(retriever: ShopRetriever) -> None:
    assert "shop" not in retriever.model_dump()
    assert "ShoppingAssistant" not in repr(retriever)
