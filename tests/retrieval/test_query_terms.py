"""How queries are read: measures, model numbers, compounds, misspellings, other words, and what is asked for."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexical import LexicalIndex, LexicalOverlay, add_up, rarity
from retrieval.query_terms import QueryReader, QueryTerms
from retrieval.terms import document_terms, fold, is_accessory, measures, terms, title_heads
from retrieval.types import Product, Variant

TITLES = (
    "Brother LC51C ink, cyan",
    "Kettle 1,7 litre, steel",
    "Kettle 0.5 l, glass",
    "Hard drive 2000 GB",
    "Philips headset with microphone",
    "Headset for games",
    "Shaving head set",
    "Flashlight, small",
    "Flashlight, large",
    "Wireless headphones",
    "Wireless headphones with cable",
    "Touch screen film",
    "Touch pen for a screen",
    "1,7升电热水壶",
    "Laptop sleeve 15 inch",
    "Laptop backpack",
    "Laptop lock",
    "Notebook PC 14 inch",
    "Notebook PC 15 inch",
)


@pytest.fixture(scope="module")
def index() -> LexicalIndex:
    return LexicalIndex.of(
        document_terms(Product(str(n), title, "USD", (Variant("v", 1),))) for n, title in enumerate(TITLES)
    )


def read(index: LexicalIndex, query: str, translated: str | None = None) -> QueryTerms:
    return QueryReader(index, LexicalOverlay(index)).read(query, translated)


def best(index: LexicalIndex, query: str, translated: str | None = None) -> str | None:
    asked = read(index, query, translated)
    scores = add_up(asked.slots, index.posting, len(TITLES))
    return TITLES[int(scores.argmax())] if scores.any() else None


@pytest.mark.parametrize(
    ("query", "title"),
    [
        ("LC51C", TITLES[0]),
        ("LC-51C", TITLES[0]),
        ("lc 51c", TITLES[0]),
        ("1.7l", TITLES[1]),
        ("kettle 1.7 L", TITLES[1]),
        ("1700 ml kettle", TITLES[1]),
        ("500ml kettle", TITLES[2]),
        ("2 tb", TITLES[3]),
        ("2tb hard drive", TITLES[3]),
        ("flashlihgt", TITLES[7]),
        ("wireles headfones", TITLES[9]),
        ("touchscreen pen", TITLES[12]),
        ("１.７升的电热水壶", TITLES[13]),
    ],
)
def test_the_product_that_was_meant_comes_first(index: LexicalIndex, query: str, title: str) -> None:
    assert best(index, query) == title


def test_a_word_that_the_catalog_has_is_never_corrected(index: LexicalIndex) -> None:
    assert read(index, "head").slots == (((("head",), 1.0),),)
    assert read(index, "lock").slots == (((("lock",), 1.0),),)


def test_neighbours_are_looked_for_as_one_word_too(index: LexicalIndex) -> None:
    asked = read(index, "head set")
    assert asked.slots == (
        ((("head",), 1.0), (("headset",), 0.5)),
        ((("set",), 1.0), (("headset",), 0.5)),
    )
    scores = add_up(asked.slots, index.posting, len(TITLES))
    alone = add_up([[(("headset",), 1.0)]], index.posting, len(TITLES))
    assert scores[4] == pytest.approx(alone[4])
    assert scores[5] == pytest.approx(alone[5])


def test_what_nothing_stands_for_is_told(index: LexicalIndex) -> None:
    asked = read(index, "zeppelin lock 沙发")
    assert asked.slots == (((("lock",), 1.0),),)
    assert asked.unknown == ("zeppelin", "沙发")


def test_what_only_the_translation_finds_is_looked_for_in_it(index: LexicalIndex) -> None:
    assert read(index, "手电筒").unknown == ("手电筒",)
    assert best(index, "手电筒", "flashlight") == TITLES[7]
    assert read(index, "手电筒", "flashlight").unknown == ()


def test_a_word_that_seldom_names_the_thing_is_looked_for_by_its_other_names(index: LexicalIndex) -> None:
    asked = read(index, "laptop")
    assert asked.head_share == pytest.approx(1 / 5)
    assert (("notebook", "pc"), 0.8) in asked.slots[0]
    assert not asked.asks_accessory
    assert read(index, "laptop sleeve").asks_accessory
    assert read(index, "kettle").head_share == pytest.approx(3 / 4)


def test_new_products_beside_the_index_lend_their_words(index: LexicalIndex) -> None:
    new = document_terms(Product("n", "Zorblax zeppelin", "USD", (Variant("v", 1),)))
    reader = QueryReader(index, LexicalOverlay(index).replaced({0: new}))
    assert reader.read("zeppelin").slots == (((("zeppelin",), 1.0),),)
    assert reader.read("zepelin").slots == (((("zeppelin",), 0.8),),)


def test_what_shoppers_call_it_leads_to_the_catalogs_word(index: LexicalIndex) -> None:
    reader = QueryReader(index, LexicalOverlay(index), {"torch": ("flashlight", "gone"), "headset": ("lock",)})
    assert reader.read("torches").slots == (((("flashlight",), 0.8),),)
    assert reader.read("headset").slots == (((("headset",), 1.0),),)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("1.7l", ["1.7l"]),
        ("1,7 litre", ["1.7l"]),
        ("１７００毫升", ["1.7l"]),
        ("15.6″ and 15,6 inch", ["15.6in", "15.6in"]),
        ("1,024 GB", ["1024gb"]),
        ("0,75l", ["0.75l"]),
        ("5 gifts, 3 months, a 4-way hub", []),
        ("2斤苹果", ["1kg"]),
        ("100 Mbit", []),
        ("1e400 kg", []),
        ("9" * 400 + " kg", ["1e+15kg"]),
    ],
)
def test_measures(text: str, found: list[str]) -> None:
    assert [measure.term for measure in measures(fold(text))] == found


@pytest.mark.parametrize(
    ("title", "is_for_another"),
    [
        ("Acme Tablet Stand", True),
        ("Stand for tablets", True),
        ("Tablet with stand", False),
        ("Camera", False),
        ("相机包 防水", True),
        ("防水相机", False),
    ],
)
def test_accessories(title: str, is_for_another: bool) -> None:
    assert is_accessory(title) is is_for_another


def test_heads_leave_out_what_a_thing_is_for() -> None:
    assert "camera" in title_heads("Digital camera, black")
    assert "camera" not in title_heads("Tripod for camera")
    assert "camera" not in title_heads("Camera lens")
    assert "tripod" in title_heads("Tripod for camera")


@given(st.text(max_size=80))
def test_any_text_is_read(text: str) -> None:
    index = LexicalIndex.of([document_terms(Product("1", text or "x", "USD", (Variant("v", 1),)))])
    asked = read(index, text)
    assert 0 < asked.head_share <= 1
    assert all(term and not term.isspace() for term in terms(text))
    assert all(0 < weight <= 1 for slot in asked.slots for _, weight in slot)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("容量1.7升", "1.7l"),
        ("电视55英寸", "55in"),
        ("索尼WH-1000XM5耳机", "wh1000xm5"),
        ("15.6″ screen", "15.6in"),
    ],
)
def test_measures_and_models_beside_chinese(text: str, found: str) -> None:
    assert found in terms(text)
    assert "1.7l" not in terms("x1.7l")


def test_decimals_stay_whole_and_repeats_count_once() -> None:
    index = LexicalIndex.of([document_terms(Product("1", "HDMI 1.4 cable", "USD", (Variant("v", 1),)))])
    assert (("1.4",), 1.0) in [alternative for slot in read(index, "hdmi 1.4").slots for alternative in slot]
    assert read(index, "cable cable cable").slots == read(index, "cable").slots


def test_an_unknown_chinese_word_is_looked_for_once(index: LexicalIndex) -> None:
    asked = read(index, "手提电脑包 laptop")
    assert len([slot for slot in asked.slots if (("laptop",), 1.0) in slot]) == 1
    assert read(index, "龘" * 2000).unknown == ("龘" * 2000,)


def test_the_full_score_is_that_of_a_title_of_average_length_that_says_each_word_once() -> None:
    """Both titles have two words, so the one that says both scores just that."""
    index = LexicalIndex.of(
        document_terms(Product(title, title, "USD", (Variant("v", 1),))) for title in ("steel kettle", "copper kettle")
    )
    asked = read(index, "steel kettle")
    assert asked.full_score == pytest.approx(3 / 4.2 * (rarity(1, 2) + rarity(2, 2)))
    assert add_up(asked.slots, index.posting, 2)[0] == pytest.approx(asked.full_score)
    assert read(index, "zzz").full_score == 0.0
