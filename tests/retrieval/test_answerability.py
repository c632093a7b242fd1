"""What tells that a shop has nothing for a wish; the model itself is measured by `benchmarks.emptiness`."""

import doctest
import importlib

import numpy as np
import pytest
from hashed_embedder import HashedEmbedder

from retrieval.answerability.background import Background
from retrieval.answerability.features import NAMES, Found, features
from retrieval.answerability.model import Model, expanded, shipped
from retrieval.answerability.words import head_of, words_of_wish
from retrieval.types import Product, Translation, Variant

DOCTESTS = (
    "retrieval.answerability.words", "retrieval.relaxation", "retrieval.lexicon", "benchmarks.calibration",
    "assistant.parsing.stock", "prompts.phrases",
)  # fmt: skip

EMBEDDER = HashedEmbedder()


def product(name: str, title: str, category: str | None = None, **fields: object) -> Product:
    return Product(name, title, "USD", (Variant(name, 1000),), category=category, **fields)  # type: ignore[arg-type]


SOFA = product("s", "Nook fabric sofa in red", "sofas", translations={"zh": Translation("小窝红色沙发")})
FILTER = product("f", "Water filter for refrigerator AB-12", "filters", description="Fits most models.")
KETTLE = product("k", "Steel kettle", "kettles", description="Boils a litre; keep it off the sofa.")
CATALOG = [SOFA, FILTER, KETTLE]
VECTORS = EMBEDDER.encode([each.title for each in CATALOG])
BACKGROUND = Background.of(enumerate(CATALOG), VECTORS, EMBEDDER)


def figures(wish: str, lexical: list[Product], dense: list[Product]) -> dict[str, float]:
    vectors = EMBEDDER.encode([each.title for each in dense])
    similarities = np.array([0.9 - 0.1 * i for i in range(len(dense))], dtype=np.float32)
    found = Found(lexical, dense, similarities, vectors)
    return dict(zip(NAMES, features(words_of_wish(wish), BACKGROUND, found), strict=True))


@pytest.mark.parametrize(
    ("wish", "head", "describing"),
    [
        ("red leather couch", "couch", ["red", "leather"]),
        ("Sony refrigerator", "refrigerator", []),
        ("黑色的猫爬架", "猫爬架", ["黑色"]),
        ("真皮沙发", "沙发", ["真皮"]),
        ("hp 743TQ-865B monitor", "monitor", []),
        ("UE200E", "UE200E", []),
    ],
)
def test_what_is_wanted_is_the_last_word_that_does_not_describe(wish, head, describing):
    words = words_of_wish(wish)
    assert head_of(words).said == head
    assert [word.said for word in words if word.describes] == describing


def test_words_without_content_are_no_wish():
    assert words_of_wish("the of  , !") == ()
    assert head_of(()) is None


def test_an_untranslatable_word_is_unknown_and_one_in_the_titles_is_not():
    assert figures("猫爬架", [], CATALOG)["unknown_share"] == 1.0
    assert figures("小窝", [SOFA], CATALOG)["unknown_share"] == 0.0
    assert figures("沙发", [SOFA], CATALOG)["head_unknown"] == 0.0


def test_another_name_of_a_kind_counts_as_the_kind():
    couch = figures("couch", [], [SOFA])
    assert (couch["head_category"], couch["kind_missing"], couch["head_dense"]) == (1.0, 0.0, 1.0)
    mattress = figures("mattress", [], [SOFA])
    assert (mattress["head_category"], mattress["kind_missing"], mattress["head_dense"]) == (0.0, 1.0, 0.0)


def test_a_slip_of_the_pen_is_mended_but_a_word_of_its_own_is_not():
    slip = figures("ketle", [KETTLE], CATALOG)
    assert (slip["corrected_share"], slip["unknown_share"], slip["title_best"]) == (1.0, 0.0, 1.0)
    assert BACKGROUND.corrected(words_of_wish("settle")[0]) is None


def test_a_shared_attribute_or_brand_is_not_the_thing():
    sofa, guitar = figures("red sofa", [SOFA], [SOFA]), figures("red guitar", [SOFA], [SOFA])
    assert sofa["compound_best"] == sofa["title_best"] == 1.0
    assert guitar["compound_best"] == 0.0
    assert guitar["title_best"] < 0.5
    assert guitar["noun_unknown"] == 1.0


def test_what_a_title_is_for_is_not_what_it_is():
    assert figures("refrigerator", [FILTER], [FILTER])["head_ends_title"] == 0.0
    assert figures("water filter", [FILTER], [FILTER])["head_ends_title"] == 1.0


def test_a_model_number_is_looked_for_as_it_stands():
    assert figures("AB-12", [FILTER], [FILTER])["codes_found"] == 1.0
    assert figures("AB-13", [FILTER], [FILTER])["codes_found"] == 0.0


def test_a_wish_that_nothing_answers_has_finite_figures():
    found = Found((), (), np.zeros(0, dtype=np.float32), np.zeros((0, 32), dtype=np.float32))
    vector = features(words_of_wish("猫粮"), BACKGROUND, found)
    assert np.isfinite(vector).all()
    assert dict(zip(NAMES, vector, strict=True))["no_vector"] == 1.0
    assert 0.0 <= float(shipped().probability(vector[None, :])[0]) <= 1.0


@pytest.mark.parametrize("name", DOCTESTS)
def test_examples_in_docstrings_hold(name):
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0


def test_an_empty_catalog_has_a_background():
    assert Background.of([], np.zeros((1, 32), dtype=np.float32), EMBEDDER).n == 0


def test_the_model_comes_back_as_it_was_saved(tmp_path):
    rng = np.random.default_rng(3)
    n = len(NAMES)
    model = Model(rng.random(n), rng.random(n) + 1, rng.random(expanded(np.zeros((1, n))).shape[1]), 0.25, 0.4)
    model.save(tmp_path / "weights.json", made="here")
    again = Model.load((tmp_path / "weights.json").read_text("utf-8"))
    some = rng.random((5, n))
    np.testing.assert_allclose(again.probability(some), model.probability(some), atol=1e-3)
    assert again.threshold == 0.4
    with pytest.raises(ValueError, match="train them anew"):
        Model.load((tmp_path / "weights.json").read_text("utf-8").replace("nearest", "farthest"))


def test_the_shipped_model_knows_more_and_less():
    sofa = shipped().probability(features_of("red sofa", [SOFA], [SOFA, KETTLE, FILTER]))
    guitar = shipped().probability(features_of("red guitar", [SOFA], [SOFA, KETTLE, FILTER]))
    assert sofa[0] > guitar[0]
    assert 0.02 < shipped().threshold < 0.98


def features_of(wish: str, lexical: list[Product], dense: list[Product]) -> np.ndarray:
    found = figures(wish, lexical, dense)
    return np.array([[found[name] for name in NAMES]])
