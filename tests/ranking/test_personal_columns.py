from datetime import UTC, date, datetime

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_taste import CoOccurrence

from ranking.features import SCALARS, describe, personalise, recency_effect, stated_matches, stock_effect
from ranking.personal import SEEN, asked_taste, brand_fit, brand_worth, size_fit, taste_effect
from ranking.types import Event, Preference, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Product, Query, Variant

NOW = datetime(2026, 1, 1, tzinfo=UTC)
EMPTY = np.zeros((3, 2), dtype=np.float32)


def bought(*baskets):
    return [Event(f"s{place}", id_, "purchase", NOW) for place, basket in enumerate(baskets) for id_ in basket.split()]


def no_vectors(ids):
    return np.zeros((len(ids), 2), dtype=np.float32)


def column(name, candidates, profile=ShopperProfile(), **given):  # noqa: B008  (a frozen value)
    products = [candidate.product for candidate in candidates]
    features = personalise(describe(Query("x"), candidates, None), products, profile, no_vectors, **given)
    return features.scalars[:, SCALARS.index(name)].tolist()


def test_taste_is_the_models_score_beside_that_of_the_other_candidates(make_product, make_candidate):
    taste = CoOccurrence(bought("kettle tea", "kettle tea", "kettle tent"))
    candidates = [make_candidate(make_product(id_)) for id_ in ("boots", "tea", "tent")]
    # Shoppers in common with the kettle's three: none, two of two, one of one.
    scores = np.array([0.0, 2 / np.sqrt(6), 1 / np.sqrt(3)])
    expected = np.tanh((scores - scores.mean()) / scores.std())
    assert column("taste", candidates, ShopperProfile({"kettle": 1.0}), taste=taste) == pytest.approx(expected)
    # How much the shopper did does not matter for a scale that is relative.
    assert column("taste", candidates, ShopperProfile({"kettle": 9.0}), taste=taste) == pytest.approx(expected)


@pytest.mark.parametrize(
    ("profile", "has_model"),
    [
        (ShopperProfile({"kettle": 1.0}), False),
        (ShopperProfile(), True),
        (ShopperProfile({"nobody has heard of it": 1.0}), True),
        (ShopperProfile(stated=(Preference("color", "red", -1.0, "no red"),)), True),
    ],
)
def test_taste_is_zero_where_nothing_is_known(make_product, make_candidate, profile, has_model):
    taste = CoOccurrence(bought("kettle tea", "kettle tent")) if has_model else None
    candidates = [make_candidate(make_product(id_)) for id_ in ("boots", "tea", "tent")]
    assert column("taste", candidates, profile, taste=taste) == [0.0, 0.0, 0.0]


def test_what_was_turned_down_is_least_to_anybodys_taste(make_product, make_candidate):
    taste = CoOccurrence(bought("kettle tea", "kettle tea", "kettle tent"))
    candidates = [make_candidate(make_product(id_)) for id_ in ("boots", "tea", "tent")]
    done = ShopperProfile({"kettle": 1.0, "tea": -3.0})
    said = ShopperProfile({"kettle": 1.0}, stated=(Preference("product", "tea", -1.0, "not that"),))
    for profile in (done, said):
        assert column("taste", candidates, profile, taste=taste)[1] == -1.0


class Answers:
    def __init__(self, scores):
        self.scores = np.array(scores, dtype=np.float32)

    def score(self, profile, product_ids, embeddings):
        return self.scores


def test_a_model_that_answers_badly_is_refused_by_product():
    ids, profile = ["a", "b", "c"], ShopperProfile({"x": 1.0})
    with pytest.raises(ModelError, match="product b no finite score"):
        asked_taste(Answers([1, np.nan, 2]), profile, ids, EMPTY, ())
    with pytest.raises(ModelError, match=r"3 products with an array of shape \(2,\)"):
        asked_taste(Answers([1, 2]), profile, ids, EMPTY, ())


@given(st.lists(st.floats(-1e30, 1e30), min_size=1, max_size=9), st.floats(0.1, 1000))
def test_taste_is_bounded_ordered_as_the_scores_and_does_not_depend_on_their_scale(scores, scale):
    scores, nobody = np.array(scores), np.zeros(len(scores), dtype=np.bool_)
    effect = taste_effect(scores, nobody)
    assert (np.abs(effect) <= 1).all()
    assert (np.diff(effect[np.argsort(scores, kind="stable")]) >= 0).all()
    assert taste_effect(scores * scale, nobody) == pytest.approx(effect, abs=1e-5)


@given(st.floats(0.1, 100), st.integers(1, 9))
def test_rounding_errors_are_no_taste(level, n):
    scores = (level + 1e-8 * np.arange(n)).astype(np.float64)
    assert taste_effect(scores, [False] * n) == pytest.approx(np.zeros(n), abs=1e-3)


def test_brand_by_hand(make_product, make_candidate):
    brands = {"1": "Acme", "2": "acme", "3": "Borea", "4": None, "5": "Acme"}
    weights = {"1": 3.0, "2": 1.0, "3": 2.0, "4": 2.0, "5": -9.0}
    worth = brand_worth(weights, lambda ids: [brands[id_] for id_ in ids])
    assert worth == {"acme": 4.0, "borea": 2.0, "": 2.0}
    candidates = [make_candidate(make_product(b, brand=b)) for b in ("ACME", "borea", "corvo")]
    shares = np.array([4 / 12, 2 / 12, 0])
    found = column("brand_fit", candidates, ShopperProfile(weights), brands=lambda ids: [brands[id_] for id_ in ids])
    assert found == pytest.approx(shares - shares.mean())
    assert column("brand_fit", candidates, ShopperProfile(weights)) == [0, 0, 0]


def test_brands_are_neutral_where_all_are_alike_or_none_is_known():
    assert brand_fit(["acme", "Acme"], {"acme": 5.0}).tolist() == [0.0, 0.0]
    assert brand_fit([None, None], {"acme": 5.0}).tolist() == [0.0, 0.0]
    assert brand_fit(["acme", "borea"], {}).tolist() == [0.0, 0.0]


def sized(id_, **stock):
    variants = tuple(Variant(f"{id_}-{size}", 1, stock=n, attributes={"size": (size,)}) for size, n in stock.items())
    return Product(id_, id_, "USD", variants or (Variant(id_, 1),))


def test_a_size_fits_where_it_is_in_stock_and_only_where_there_are_sizes():
    stated = (Preference("size", "M", 0.8, "I wear M"), Preference("size", "l", 0.3, "or L"))
    products = [
        sized("both", m=3, l=1),
        sized("l left", m=0, l=2),
        sized("small", s=9),
        sized("mug"),
        sized("?", m=None),
    ]
    assert size_fit(products, stated) == pytest.approx([0.8, 0.3, 0.0, 0.0, 0.8])
    assert size_fit(products, (Preference("size", "m", -1.0, "M is too small"),)).tolist() == [0.0] * 5
    # It is no stated like besides; a size that is not wanted is a dislike.
    likes, dislikes = stated_matches(products, (*stated, Preference("size", "s", -0.5, "not S")))
    assert likes.tolist() == [0.0] * 5
    assert dislikes.tolist() == [0.0, 0.0, 0.5, 0.0, 0.0]


def test_a_size_of_the_product_as_a_whole_counts_as_well():
    one_size = Product("hat", "hat", "USD", (Variant("hat", 1, stock=1),), attributes={"size": ("M",)})
    assert size_fit([one_size], (Preference("size", "m", 1.0, "M"),)).tolist() == [1.0]


def test_novelty_is_the_date_beside_the_others_and_what_was_seen_is_less_novel(make_product, make_candidate):
    days = (date(2026, 6, 1), date(2026, 1, 1), None)
    candidates = [make_candidate(make_product(id_, date_added=day)) for id_, day in zip("abc", days, strict=True)]
    later = 0.5 * np.tanh(75.5 / 180)
    assert column("novelty", candidates) == pytest.approx([later, -later, 0.0])
    seen = ShopperProfile({"a": 1.0, "c": -1.0})
    assert column("novelty", candidates, seen) == pytest.approx([later - SEEN, -later, -SEEN])
    liked = ShopperProfile({"a": 1.0}, stated=(Preference("product", "a", 1.0, "that one"),))
    assert column("novelty", candidates, liked) == pytest.approx([later, -later, 0.0])
    assert recency_effect([None, None]).tolist() == [0.0, 0.0]


@given(st.lists(st.one_of(st.none(), st.integers(0, 10**6)), min_size=1, max_size=9))
def test_stock_never_helps_and_more_of_it_never_harms(pieces):
    effect = stock_effect([Variant("v", 1, stock=n) for n in pieces])
    assert ((effect >= -1) & (effect <= 0)).all()
    more = stock_effect([Variant("v", 1, stock=None if n is None else n + 1) for n in pieces])
    assert (more >= effect).all()
    assert all((value == -1) == (n == 0) for value, n in zip(effect, pieces, strict=True))
