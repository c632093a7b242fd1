"""BM25F: exact scores from known texts; the overlay agrees with the index; what is saved comes back."""

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.lexical import K1, WEIGHTS, LexicalIndex, LexicalOverlay, add_up
from retrieval.query_terms import QueryReader
from retrieval.terms import document_terms
from retrieval.types import Product, Variant


def product(title: str, description: str = "", brand: str | None = None, number: int = 0) -> Product:
    return Product(f"p{number}", title, "USD", (Variant("v", 1),), description=description, brand=brand)


def index_of(*products: Product) -> LexicalIndex:
    return LexicalIndex.of(map(document_terms, products))


def scores(index: LexicalIndex, query: str) -> list[float]:
    asked = QueryReader(index, LexicalOverlay(index)).read(query)
    return [float(score) for score in add_up(asked.slots, index.posting, index.n_documents)]


def test_one_word_in_texts_of_equal_length_scores_by_the_formula() -> None:
    index = index_of(product("red boot"), product("blue boot"), product("red kettle"), product("grey lamp"))
    rarity = math.log(1 + (4 - 2 + 0.5) / (2 + 0.5))
    weight = WEIGHTS["title"]
    expected = rarity * weight / (K1 + weight)
    assert scores(index, "red") == pytest.approx([expected, 0, expected, 0], rel=1e-6)


def test_a_word_says_more_in_the_title_than_in_the_description_and_more_in_a_short_text() -> None:
    index = index_of(
        product("walnut desk", "a place to work at"),
        product("desk lamp", "walnut foot and shade"),
        product("office chair", "walnut legs, and a very long story about everything else that it can do for you"),
    )
    in_title, in_short, in_long = scores(index, "walnut")
    assert in_title > in_short > in_long > 0


def test_words_of_a_query_add_up_and_unknown_ones_change_nothing() -> None:
    index = index_of(product("red boot"), product("blue boot"), product("red kettle"))
    both = scores(index, "red boot")
    assert both == pytest.approx([a + b for a, b in zip(scores(index, "red"), scores(index, "boot"), strict=True)])
    assert scores(index, "red boot qqqq") == pytest.approx(both)
    assert scores(index, "") == scores(index, "qqqq") == [0, 0, 0]


def test_of_alternatives_the_best_counts_and_terms_together_as_much_as_the_least() -> None:
    index = index_of(product("red boot"), product("blue boot"), product("red kettle"))
    red, boot = (index.posting(term).impacts[0] for term in ("red", "boot"))
    found = add_up([[(("red",), 0.5), (("boot",), 1.0)]], index.posting, 3)
    assert found.tolist() == pytest.approx([max(red / 2, boot), boot, red / 2])
    together = add_up([[(("red", "boot"), 1.0)]], index.posting, 3)
    assert together.tolist() == pytest.approx([min(red, boot), 0, 0])


def test_how_titles_use_a_word() -> None:
    index = index_of(
        product("Gaming laptop 16 inch"), product("Laptop sleeve"), product("Backpack for laptop"), product("Laptop")
    )
    use = index.title_use("laptop")
    assert (use.n_titles, use.n_heads) == (4, 2)
    assert index.title_use("zebra").n_titles == 0
    assert index.accessories.tolist() == [False, True, True, False]


TEXTS = ("red boots with laces", "blue boots", "a kettle of 1,7 l for tea", "tea tea tea pot, red", "茶壶 1.7升", "")


def test_the_overlay_scores_texts_as_the_index_would() -> None:
    documents = [document_terms(product(text, text, number=n)) for n, text in enumerate(TEXTS)]
    index = LexicalIndex.of(documents)
    overlay = LexicalOverlay(index).replaced(dict(enumerate(documents)))
    for query in ("red boots", "tea", "tea tea pot", "zebra", "", "1.7 litre", "茶壶"):
        asked = QueryReader(index, overlay).read(query)
        assert add_up(asked.slots, overlay.posting, 6) == pytest.approx(add_up(asked.slots, index.posting, 6), rel=1e-5)
    zebras = {1: document_terms(product("zebra boots")), 6: document_terms(product("zebra"))}
    changed = overlay.replaced(zebras)
    assert changed.posting("blue").rows.tolist() == []
    assert "blue" not in changed
    assert changed.posting("zebra").rows.tolist() == [1, 6]
    assert overlay.posting("zebra").rows.tolist() == []
    # A word that only the overlay knows weighs as one that so few texts of the index say.
    assert changed.posting("zebra").impacts[1] > changed.posting("boot").impacts[1] > 0


@given(
    st.lists(
        st.lists(st.sampled_from("red blue boot kettle lamp for of 17 xl 茶 壶".split())).map(" ".join), min_size=1
    )
)
@settings(max_examples=60, deadline=None)
def test_index_and_overlay_agree_on_any_texts(texts: list[str]) -> None:
    documents = [document_terms(product(text, text[::-1], number=n)) for n, text in enumerate(texts)]
    index = LexicalIndex.of(documents)
    overlay = LexicalOverlay(index).replaced(dict(enumerate(documents)))
    for term in ("red", "boot", "17", "茶", "茶壶"):
        ours, theirs = index.posting(term), overlay.posting(term)
        assert ours.rows.tolist() == theirs.rows.tolist()
        assert ours.impacts == pytest.approx(theirs.impacts, rel=1e-5)


def test_what_was_saved_comes_back_and_damage_is_an_error(tmp_path: Path) -> None:
    index = index_of(*(product(text, number=n) for n, text in enumerate(TEXTS)))
    index.save(tmp_path)
    again = LexicalIndex.load(lambda name: (tmp_path / name).read_bytes())
    for query in ("red boots", "1.7 l", "茶壶"):
        assert scores(again, query) == scores(index, query)
    assert again.accessories.tolist() == index.accessories.tolist()
    (tmp_path / "starts.npy").write_bytes((tmp_path / "starts.npy").read_bytes()[:-8])
    with pytest.raises(ValueError, match=r"cannot reshape|disagrees|EOF"):
        LexicalIndex.load(lambda name: (tmp_path / name).read_bytes())


def test_an_index_of_nothing() -> None:
    index = LexicalIndex.of(())
    assert scores(index, "boots") == []
    overlay = LexicalOverlay(index).replaced({0: document_terms(product("boots"))})
    assert overlay.posting("boot").rows.tolist() == [0]
