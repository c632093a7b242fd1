import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.features import (
    SCALARS,
    describe,
    dislike_similarity,
    personalise,
    popularity_effect,
    rating_effect,
    stated_matches,
    states,
)
from ranking.types import Preference, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Filters, Product, Query, Variant


def no_vectors(ids):
    return np.zeros((len(ids), 2), dtype=np.float32)


def test_the_scalars_of_a_shopper_and_three_candidates_by_hand(make_product, make_candidate):
    candidates = [
        make_candidate(make_product("a", 99, category="teas", rating=5.0, n_reviews=20), 0.9, (1, 0)),
        make_candidate(make_product("b", 999, category="teas", rating=3.0, n_reviews=60), 0.4, (0, 1)),
        make_candidate(make_product("c", 300, category="tents", brand="Acme"), 0.1, (0.6, 0.8)),
    ]
    profile = ShopperProfile(
        {"liked": 2.0, "gone": 3.0, "turned down": -0.5},
        price_level=0.25,
        stated=(Preference("brand", "acme", 0.5, "likes Acme"), Preference("category", "teas", -1.0, "no tea")),
    )
    known = {"liked": (0.0, 1.0), "turned down": (1.0, 0.0), "gone": (0.0, 0.0)}
    query = Query("tea", Filters(price_max_minor=200))
    listing = describe(query, candidates, np.array([1.0, 0.0], dtype=np.float32))
    features = personalise(
        listing, [c.product for c in candidates], profile, lambda ids: np.array([known[i] for i in ids], np.float32)
    )
    columns = dict(zip(SCALARS, features.scalars.T, strict=True))
    assert columns["relevance"] == pytest.approx([0.9, 0.4, 0.1])
    assert columns["budget_fit"] == pytest.approx([0, -1, -0.5])
    assert columns["level_fit"] == pytest.approx([-0.25, -0.75, -0.25])
    assert columns["quality"] == pytest.approx([1 * 20 / 40, -1 * 60 / 80, 0])
    assert columns["popularity"] == pytest.approx([np.log(21 / 61) / 2, np.log(61 / 21) / 2, 0])
    assert columns["stated_like"] == pytest.approx([0, 0, 0.5])
    # c: cosine 0.6 with the product turned down, 0.2 of the way from 0.5 to 1, times the weight 0.5.
    assert columns["stated_dislike"] == pytest.approx([1 + 0.5, 1, 0.1], abs=1e-6)
    assert features.history.tolist() == [[0.0, 1.0]]
    assert features.history_weights.tolist() == [2.0]


def test_an_empty_profile_leaves_every_personal_column_at_zero(make_product, make_candidate):
    candidates = [make_candidate(make_product("a", 5)), make_candidate(make_product("b", 50))]
    features = personalise(
        describe(Query("x"), candidates, None), [c.product for c in candidates], ShopperProfile(), no_vectors
    )
    columns = dict(zip(SCALARS, features.scalars.T, strict=True))
    for name in (
        "taste",
        "level_fit",
        "brand_fit",
        "size_fit",
        "stated_like",
        "stated_dislike",
        "budget_fit",
        "novelty",
    ):
        assert columns[name].tolist() == [0.0, 0.0]
    assert features.history.shape == (0, 2)
    assert features.query.tolist() == [0.0, 0.0]


def test_states_covers_category_department_product_and_brand():
    product = Product(
        "id-1", "t", "USD", (Variant("v", 1, attributes={"size": ("m",)}),), brand="Acme", category="Tents"
    )
    assert states(product, "category", "tents")
    assert states(product, "brand", "ACME")
    assert states(product, "size", "m")
    assert states(product, "product", "id-1")
    assert not states(product, "department", "outdoor")
    assert not states(product, "product", "id-2")


def test_candidates_of_two_embedders_are_refused(make_product, make_candidate):
    mixed = [make_candidate(make_product("a")), make_candidate(make_product("b"), embedding=(1, 0, 0))]
    with pytest.raises(ModelError, match="different lengths"):
        describe(Query("x"), mixed, None)
    with pytest.raises(ModelError, match="different lengths"):
        describe(Query("x"), mixed[:1], np.ones(3, dtype=np.float32))
    with pytest.raises(ModelError, match="nothing to rank"):
        describe(Query("x"), [], None)


def test_vectors_of_the_wrong_shape_are_refused(make_product, make_candidate):
    candidate = make_candidate(make_product("a"))
    with pytest.raises(ModelError, match="rebuild the index"):
        personalise(
            describe(Query("x"), [candidate], None),
            [candidate.product],
            ShopperProfile({"b": 1.0}),
            lambda ids: np.zeros((1, 7), np.float32),
        )


maybe_stars = st.one_of(st.none(), st.floats(1, 5))
maybe_counts = st.one_of(st.none(), st.integers(0, 10**7))


@given(st.lists(st.tuples(maybe_stars, maybe_counts), min_size=1, max_size=12))
def test_what_is_not_known_has_no_effect(pairs):
    ratings, counts = [pair[0] for pair in pairs], [pair[1] for pair in pairs]
    effect, popularity = rating_effect(ratings, counts), popularity_effect(counts)
    assert np.isfinite(effect).all()
    assert np.isfinite(popularity).all()
    assert all(value == 0 for value, rating in zip(effect, ratings, strict=True) if rating is None)
    assert all(value == 0 for value, count in zip(popularity, counts, strict=True) if count is None)


def test_more_reviews_of_a_good_rating_help_more():
    effect = rating_effect([4.5, 4.5, 3.0], [5, 500, 50])
    assert 0 < effect[0] < effect[1]


preferences = st.builds(
    Preference, st.just("color"), st.sampled_from(["red", "blue"]), st.floats(-1, 1), st.just("said so")
)


@given(st.lists(preferences, max_size=6), st.floats(-1, 0, exclude_max=True))
def test_one_more_dislike_never_lowers_the_dislike_column(stated, weight):
    product = Product("a", "a", "USD", (Variant("a", 1),), attributes={"color": ("red",)})
    before_like, before = stated_matches([product], stated)
    after_like, after = stated_matches([product], [*stated, Preference("color", "red", weight, "no red")])
    assert after[0] >= before[0]
    assert after_like[0] == before_like[0]


@given(st.integers(0, 2**31), st.integers(1, 6))
def test_turning_down_one_more_product_never_lowers_the_similarity_to_the_disliked(seed, n):
    rng = np.random.default_rng(seed)
    rows = rng.normal(size=(n + 5, 4)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    weights = rng.random(n).astype(np.float32)
    fewer = dislike_similarity(rows[n:], rows[: n - 1], weights[: n - 1])
    assert (dislike_similarity(rows[n:], rows[:n], weights) >= fewer - 1e-6).all()
