import random
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from toy_shop import a_product

from ranking.adaptation.pairs import Pair, catalog_pairs, clicked_pairs, parted, words_key
from ranking.adaptation.titles import chinese_names, title_query
from ranking.types import Event
from retrieval.text import readable_part, tokens
from retrieval.types import Product, Variant

NOW = datetime(2026, 11, 1, tzinfo=UTC)
ROWS = {"boots": 0, "tent": 1, "mug": 2}


def an_event(shopper: str, product: str, type_: str, query: str | None, minute: int = 0) -> Event:
    return Event(shopper, product, type_, NOW + timedelta(minutes=minute), session_id="s", query=query)


def as_it_is(text: str) -> str:
    return text


def test_a_query_asks_for_what_shoppers_took_up_after_it() -> None:
    events = [
        an_event("ann", "boots", "purchase", "walking  shoes"),
        an_event("bob", "boots", "click", "walking shoes"),
        an_event("bob", "tent", "add_to_cart", "walking shoes", 1),
        an_event("eve", "gone", "purchase", "walking shoes"),
        an_event("eve", "mug", "view", None),
        an_event("eve", "mug", "dislike", "cup"),
    ]
    (pair,) = clicked_pairs(events, ROWS, as_it_is)
    assert (pair.query, pair.text) == ("walking shoes", "walking shoes")
    # Three of a purchase and one of a click for the boots, two of a cart for the tent; the most wanted counts 3.
    assert pair.rows.tolist() == [0, 1]
    assert pair.gains.tolist() == [3.0, 1.5]


def test_what_the_encoder_cannot_read_is_no_pair() -> None:
    events = [an_event("ann", "boots", "click", "登山靴"), an_event("ann", "tent", "click", "Zelt 帐篷")]
    pairs = clicked_pairs(events, ROWS, lambda text: readable_part(text, frozenset({"en"})))
    assert [(pair.query, pair.text) for pair in pairs] == [("Zelt 帐篷", "Zelt")]


def test_the_same_words_are_one_query_however_they_are_put() -> None:
    events = [
        an_event("ann", "boots", "purchase", "Hiking boots"),
        an_event("bob", "boots", "purchase", "boots, hiking"),
        an_event("eve", "boots", "purchase", "boots, hiking"),
        an_event("kim", "tent", "click", "登山靴"),
    ]
    (pair,) = clicked_pairs(events, ROWS, lambda text: "hiking boot" if text == "登山靴" else text)
    assert pair.query == "boots, hiking"
    assert pair.rows.tolist() == [0, 1]
    assert pair.gains.tolist() == pytest.approx([3.0, 1 / 3])


def test_the_order_of_a_part_says_nothing_of_its_queries() -> None:
    pairs = [Pair(f"q{n:04}", f"q{n:04}", np.array([0]), np.array([3.0], dtype=np.float32)) for n in range(500)]
    queries = [pair.query for pair in parted(pairs).train]
    assert queries != sorted(queries)
    assert queries == [pair.query for pair in parted(pairs[::-1]).train]


def titled(title: str, **fields: object) -> Product:
    return Product(title, title, "USD", (Variant(title, 100),), **fields)  # type: ignore[arg-type]


def test_a_catalog_asks_for_every_product_that_says_all_words() -> None:
    products = [titled("Acme Red Kettle", brand="Acme"), titled("Steel Kettle"), titled("Garden Chair")]
    asked = {pair.text.lower(): pair.rows.tolist() for pair in catalog_pairs(products, 50, 0, as_it_is)}
    assert asked["garden chair"] == [2]
    assert asked["steel kettle"] == [1]
    assert asked["kettle"] == [0, 1]
    assert asked["acme kettle"] == [0]


def test_categories_are_asked_for_with_attributes_and_brands() -> None:
    product = titled("KX 17", brand="Acme", category="electric-kettles", attributes={"color": ("red",)})
    asked = {pair.text for pair in catalog_pairs([product], 50, 0, as_it_is)}
    assert {"red electric kettles", "Acme electric kettles"} <= asked


def test_chinese_titles_are_asked_in_chinese_where_the_encoder_reads_it() -> None:
    products = [titled("轻便登山靴"), titled("不锈钢保温杯")]
    asked = {pair.text: pair.rows.tolist() for pair in catalog_pairs(products, 50, 0, as_it_is)}
    assert asked["轻便登山靴"] == [0]
    assert asked["登山靴"] == [0]
    assert asked["不锈钢保温杯"] == [1]
    assert catalog_pairs(products, 50, 0, lambda text: readable_part(text, frozenset({"en"}))) == []


def test_an_empty_catalog_asks_nothing() -> None:
    assert catalog_pairs([], 10, 0, as_it_is) == []
    assert catalog_pairs([titled("42")], 10, 0, as_it_is) == []


@given(st.lists(st.text(min_size=1, max_size=12), max_size=60))
def test_no_text_is_in_two_parts(texts: list[str]) -> None:
    pairs = [Pair(text, text, np.array([0]), np.array([3.0], dtype=np.float32)) for text in texts]
    parts = parted(pairs)
    texts_of = [{words_key(pair.text) for pair in part} for part in (parts.train, parts.validation, parts.test)]
    assert sum(map(len, texts_of)) == len(set.union(*texts_of))
    assert sum(map(len, (parts.train, parts.validation, parts.test))) == len(texts)


def test_about_a_fifth_is_kept_to_measure_on_and_a_tenth_to_choose_by() -> None:
    pairs = [Pair(f"q{n}", f"q{n}", np.array([0]), np.array([3.0], dtype=np.float32)) for n in range(2_000)]
    parts = parted(pairs)
    assert 340 < len(parts.test) < 460
    assert 150 < len(parts.validation) < 250


@given(st.text(max_size=40), st.integers(0, 2**16))
@example(title="00A㐀", seed=0)
def test_a_query_says_nothing_that_the_title_does_not(title: str, seed: int) -> None:
    said = title_query(title, None, random.Random(seed)) if title.strip() else ""
    assert set(tokens(said)) <= set(tokens(title))


def test_the_names_of_a_chinese_title_are_pieces_of_it() -> None:
    assert chinese_names("探路者 轻便登山靴") == ["轻便登山靴", "登山靴", "登山靴"]
    assert all(name in "户外保温杯套装" for name in chinese_names("户外保温杯套装"))


def test_a_product_keeps_its_place() -> None:
    products = [a_product("boots"), a_product("tent")]
    assert all(0 <= row < len(products) for pair in catalog_pairs(products, 20, 3, as_it_is) for row in pair.rows)
