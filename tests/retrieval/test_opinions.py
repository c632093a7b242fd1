"""What reviews are read to say: aspects and where they stand, counts, quoted sentences, and the weights' files."""

import doctest
import importlib
import json
import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval import opinions
from retrieval.errors import ModelError
from retrieval.opinions.aspects import Aspect, find, load_vocabulary, sentences
from retrieval.opinions.summary import LEAST_SURE, OpinionBook, summarise, with_stars
from retrieval.types import Product, Review, Variant

DOCTESTS = ("aspects", "chinese", "english", "grams", "summary")
WEIGHTS = Path(str(opinions.__path__[0])) / "weights"

BOOT = Product(
    "b1", "Trail Boot", "USD", (Variant("v", 9900),), category="hiking boots", department="shoes",
    attributes={"feature": ("waterproof", "wide fit"), "material": ("wool",)},
)  # fmt: skip
REVIEWS = (
    Review("r1", "b1", "Very comfortable from the first mile. The stitching came apart after a week.", 3),
    Review("r2", "b1", "So comfortable, I love them! My feet stayed dry.", 5),
    Review("r3", "b1", "穿着很舒服。鞋底开胶了,很失望。", None, "zh"),
    Review("r4", "b1", "The sound of the box was nice.", 5),
    Review("x1", "other", "Awful quality, uncomfortable.", 1),
)


@pytest.fixture(scope="module")
def model():
    from retrieval.opinions.model import shipped

    return shipped()


@pytest.fixture(scope="module")
def read(model):
    return summarise(BOOT, REVIEWS, model)


@pytest.mark.parametrize("name", DOCTESTS)
def test_the_examples_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(f"retrieval.opinions.{name}")).failed == 0


def names(sentence: str, product: Product | None = None) -> list[tuple[str, str]]:
    return [(spoken.aspect.name, sentence[spoken.start : spoken.end]) for spoken in find(sentence, product)]


@pytest.mark.parametrize(
    ("sentence", "found"),
    [
        ("Battery life is superb but it's too heavy.", [("battery", "Battery life"), ("weight", "heavy")]),
        ("音质很好,就是磨脚。", [("sound", "音质"), ("comfort", "磨脚")]),
        ("性价比高,面料舒服", [("price", "性价比"), ("material", "面料"), ("comfort", "舒服")]),
        ("Bought one, then four more.", []),
    ],
)
def test_aspects_are_found_where_they_stand(sentence: str, found: list[tuple[str, str]]) -> None:
    assert names(sentence) == found


def test_what_the_catalog_states_is_an_aspect_too() -> None:
    lamp = replace(BOOT, attributes={"feature": ("dimmable",)}, category="desk lamps", department="home")
    assert [spoken.aspect for spoken in find("Dimmable down to nothing.", lamp)] == [Aspect("dimmable", "feature")]


def test_an_aspect_of_other_kinds_of_products_is_not_looked_for() -> None:
    assert names("The bed is fine.", BOOT) == []
    assert names("The bed is fine.", replace(BOOT, category="hotels", department="travel")) == [("room", "bed")]
    assert names("The bed is fine.") == [("room", "bed")]


def test_every_aspect_has_words_in_both_languages() -> None:
    assert all(entry["en"] and entry["zh"] for entry in load_vocabulary().values())


@given(st.text(alphabet="aб 很好吃.!?。！\nbattery屏幕", max_size=60))
def test_sentences_are_substrings_and_aspects_lie_inside_them(text: str) -> None:
    for sentence in sentences(text):
        assert sentence in text
        for spoken in find(sentence):
            assert 0 <= spoken.start < spoken.end <= len(sentence)


@given(st.lists(st.floats(0, 1), min_size=3, max_size=3).filter(lambda row: sum(row) > 0.01), st.integers(1, 4))
def test_more_stars_never_speak_for_a_complaint(row: list[float], stars: int) -> None:
    row = [part / sum(row) for part in row]
    (more, less), (complaint, praise) = with_stars(row, stars), with_stars(row, stars + 1)
    assert complaint <= more + 1e-9
    assert praise >= less - 1e-9
    assert with_stars(row, None) == pytest.approx((row[0], row[2]))


def test_praise_and_complaints_are_counted_by_review(read) -> None:
    comfort, durability = read.of(Aspect("comfort")), read.of(Aspect("durability"))
    assert {mention.review_id for mention in comfort.praise} == {"r1", "r2", "r3"}
    assert comfort.complaints == ()
    assert [mention.review_id for mention in durability.complaints] == ["r3"]
    assert read.n_reviews == 4
    assert read.praised()[0].aspect == Aspect("comfort")
    assert Aspect("comfort") not in [opinion.aspect for opinion in read.criticised()]


def test_sentences_stand_in_the_reviews_word_for_word(read) -> None:
    texts = {review.id: review.text for review in REVIEWS}
    mentions = [mention for opinion in read.aspects for mention in (*opinion.praise, *opinion.complaints)]
    assert mentions
    assert all(mention.sentence in texts[mention.review_id] for mention in mentions)
    assert all(max(mention.praise, mention.complaint) >= LEAST_SURE for mention in mentions)


def test_no_review_no_opinion(model) -> None:
    assert summarise(BOOT, (), model).aspects == ()
    assert summarise(BOOT, (REVIEWS[4],), model).n_reviews == 0


def test_a_product_is_read_anew_when_its_reviews_change(model) -> None:
    book = OpinionBook(model)
    first = book.of(BOOT, REVIEWS[:1])
    assert book.of(BOOT, list(REVIEWS[:1])) is first
    assert book.of(BOOT, REVIEWS).n_reviews == 4
    changed = replace(REVIEWS[0], text="Horribly uncomfortable, they rub my heels raw.", rating=1)
    assert [mention.review_id for mention in book.of(BOOT, (changed,)).of(Aspect("comfort")).complaints] == ["r1"]


@pytest.mark.parametrize(
    ("language", "content", "discontent"),
    [
        (
            "en",
            "Excellent product, works perfectly and I love it.",
            "Terrible waste of money, it broke and I returned it.",
        ),
        ("zh", "味道很好,送得很快,下次还来", "太难吃了,等了两个小时,再也不来了"),
    ],
)
def test_content_and_discontent_buyers_are_told_apart(model, language: str, content: str, discontent: str) -> None:
    above, below = model.review_logits([content, discontent], language)
    assert above > 1
    assert below < -1


def test_what_is_said_of_one_text_does_not_depend_on_the_others(model) -> None:
    texts = ["Great.", "The worst thing I ever bought, and I have bought many things in many shops." * 3, "ok"]
    together = model.review_logits(texts, "en")
    assert np.allclose(together, [model.review_logits([text], "en")[0] for text in texts], atol=1e-3)


def test_damaged_weights_are_named(tmp_path: Path) -> None:
    from retrieval.opinions.model import load_model

    folder = shutil.copytree(WEIGHTS, tmp_path / "weights")
    content = bytearray((folder / "zh.safetensors").read_bytes())
    content[-5] ^= 1
    (folder / "zh.safetensors").write_bytes(bytes(content))
    with pytest.raises(ModelError, match=r"zh\.safetensors is not the file"):
        load_model(folder)
    (folder / "meta.json").unlink()
    with pytest.raises(ModelError, match="install the package anew"):
        load_model(folder)


def test_the_weights_are_small_and_the_card_lies_beside_them() -> None:
    files = list(WEIGHTS.glob("*.safetensors"))
    assert sorted(file.name for file in files) == sorted(json.loads((WEIGHTS / "meta.json").read_text())["files"])
    assert sum(file.stat().st_size for file in files) < 20_000_000
    assert (WEIGHTS / "MODEL_CARD.md").is_file()
