"""What is learnt from searches and choices, and what is not."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from ranking.synonyms import MIN_SHOPPERS, learn_synonyms, load_synonyms, save_synonyms
from ranking.types import Event
from retrieval.errors import ModelError
from retrieval.types import Product, Variant

NOW = datetime(2026, 11, 1, tzinfo=UTC)
TITLES = {
    **{f"f{n}": f"Pocket flashlight {n}" for n in range(4)},
    **{f"n{n}": f"Notebook PC {n}" for n in range(4)},
    **{f"b{n}": f"Red boots {n}" for n in range(12)},
    "z0": "手电筒 小号",
}
PRODUCTS = [Product(name, title, "USD", (Variant(name, 100),)) for name, title in TITLES.items()]


def chosen(query: str, product_id: str, n: int, type_: str = "click") -> list[Event]:
    return [Event(f"{query}-{who}", product_id, type_, NOW, query=query) for who in range(n)]


def test_a_word_that_the_catalog_lacks_is_learnt_from_what_was_chosen() -> None:
    events = [*chosen("torch", "f1", 4), *chosen("torch", "f2", 6), *chosen("laptop 14", "n1", 9)]
    learnt = learn_synonyms(events, PRODUCTS)
    assert learnt["torch"] == ("flashlight", "pocket")
    assert set(learnt["laptop"]) == {"notebook", "pc"}


def test_too_few_shoppers_or_one_shopper_many_times_teach_nothing() -> None:
    assert learn_synonyms(chosen("torch", "f1", MIN_SHOPPERS - 1), PRODUCTS) == {}
    one = [Event("same", "f1", "click", NOW, query="torch") for _ in range(50)]
    assert learn_synonyms(one, PRODUCTS) == {}


def test_what_the_products_say_themselves_and_what_was_only_seen_is_not_learnt() -> None:
    assert "flashlight" not in learn_synonyms(chosen("flashlight", "f1", 20), PRODUCTS)
    assert learn_synonyms(chosen("torch", "f1", 20, "impression"), PRODUCTS) == {}
    assert learn_synonyms([Event(str(n), "f1", "click", NOW) for n in range(9)], PRODUCTS) == {}


def test_what_most_products_are_called_says_nothing() -> None:
    events = [event for n in range(12) for event in chosen("footwear", f"b{n}", 3)]
    assert learn_synonyms(events, PRODUCTS[:4] + PRODUCTS[8:]) == {}


def test_chinese_words_lead_to_the_words_of_the_catalog() -> None:
    learnt = learn_synonyms(chosen("电筒灯", "f1", 8), PRODUCTS)
    assert learnt["筒灯"] == ("flashlight", "pocket")


def test_what_was_learnt_comes_back_and_damage_is_told(tmp_path: Path) -> None:
    path = tmp_path / "models" / "synonyms.json"
    assert load_synonyms(path) == {}
    learnt = {"torch": ("flashlight", "pocket"), "筒灯": ("flashlight",)}
    save_synonyms(path, learnt)
    assert load_synonyms(path) == learnt
    path.write_text('["torch"]', "utf-8")
    with pytest.raises(ModelError, match=r"synonyms.json cannot be read .*: delete it"):
        load_synonyms(path)
