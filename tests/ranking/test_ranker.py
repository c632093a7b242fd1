from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_shop import WordSource, towers, toy_products

from ranking.matcher import HEAD, RelevanceMatcher, TwoTowerMatcher
from ranking.profile import with_feedback, with_stated
from ranking.ranker import Ranker
from ranking.types import Preference, ShopperProfile
from retrieval.errors import ModelError
from retrieval.types import Candidate, Filters, Product, Query, Retrieved, Variant

QUERY = Query("red kettle")
EMPTY = ShopperProfile()


@pytest.fixture
def ranker(toy_source, make_matcher):
    return Ranker(make_matcher(0), toy_source.vectors)


def ids(ranked):
    return [item.product.id for item in ranked]


def test_the_best_k_in_order_each_with_contributions_that_add_up(ranker, toy_source):
    profile = ShopperProfile({"teas-02": 3.0}, 0.4, (Preference("color", "blue", 1.0, "blue, please"),))
    ranked = ranker.rank(QUERY, toy_source.retrieve(QUERY), profile, k=7)
    assert len(ranked) == 7
    assert [item.score for item in ranked] == sorted((item.score for item in ranked), reverse=True)
    for item in ranked:
        assert item.score == pytest.approx(sum(item.contributions.values()), abs=1e-5)
    assert ranker.model_version == "random-0"


def test_equal_scores_come_in_order_of_product_id(make_product, make_candidate):
    candidates = tuple(make_candidate(make_product(id_), relevance=0.5) for id_ in "cabd")
    ranker = Ranker(RelevanceMatcher(), lambda wanted: np.zeros((len(wanted), 2), np.float32))
    assert ids(ranker.rank(QUERY, Retrieved(candidates, 4), EMPTY, k=3)) == ["a", "b", "c"]


def test_a_wanted_sort_is_kept_but_scored(ranker, toy_source):
    query = replace(QUERY, filters=Filters(sort="price_desc"))
    found = toy_source.retrieve(query)
    by_price = tuple(sorted(found.candidates, key=lambda candidate: -candidate.variant.price_minor))
    ranked = ranker.rank(query, replace(found, candidates=by_price), EMPTY, k=5)
    assert ids(ranked) == [candidate.product.id for candidate in by_price[:5]]
    scored = {item.product.id: item.score for item in ranker.rank(QUERY, found, EMPTY, k=99)}
    assert [item.score for item in ranked] == [scored[item.product.id] for item in ranked]


@given(st.integers(0, 2**31))
def test_the_order_of_the_candidates_does_not_matter(seed):
    rng = np.random.default_rng(seed)
    names = ("query_down", "query_up", "product_down", "product_up")
    tensors = {name: rng.normal(size=(4, 2)).astype(np.float32) for name in names}
    matcher = TwoTowerMatcher(tensors | {"head": rng.normal(size=len(HEAD)).astype(np.float32)}, "random")
    candidates = [
        Candidate(
            Product(f"p{row}", "t", "USD", (Variant(f"p{row}", int(rng.integers(1, 999))),), rating=float(row % 5) + 1),
            Variant(f"p{row}", int(rng.integers(1, 999))), float(rng.random()), 0.0, 0.0,
            rng.normal(size=4).astype(np.float32),
        )
        for row in range(9)
    ]  # fmt: skip
    ranker = Ranker(matcher, lambda wanted: np.ones((len(wanted), 4), np.float32))
    profile = ShopperProfile({"p3": 2.0, "p4": -1.0}, 0.3)
    vector = rng.normal(size=4).astype(np.float32)
    there = ranker.rank(QUERY, Retrieved(tuple(candidates), 9, vector), profile, k=9)
    shuffled = tuple(candidates[row] for row in rng.permutation(9))
    assert ranker.rank(QUERY, Retrieved(shuffled, 9, vector), profile, k=9) == there


def test_an_empty_profile_ranks_as_if_nobody_had_asked(ranker, toy_source):
    found = toy_source.retrieve(QUERY)
    for item in ranker.rank(QUERY, found, EMPTY, k=36):
        assert item.contributions["profile_match"] == 0
        assert item.contributions["stated_like"] == 0
        assert item.contributions["stated_dislike"] == 0
        assert item.contributions["price_fit"] == 0
    # Products that have left the index say nothing either.
    assert ranker.rank(QUERY, found, ShopperProfile({"gone": 5.0}), k=36) == ranker.rank(QUERY, found, EMPTY, k=36)


def test_what_a_shopper_bought_pulls_similar_products_up(toy_source, make_tensors):
    tensors = make_tensors(24, 2)
    tensors["head"][HEAD.index("profile_match")] = 20.0
    ranker = Ranker(TwoTowerMatcher(tensors, "profile only"), toy_source.vectors)
    found = toy_source.retrieve(Query("kitchen"))
    bought = ShopperProfile({"kettles-00": 4.0})
    assert ranker.rank(QUERY, found, bought, k=1)[0].product.id == "kettles-00"
    acme_red = {item.product.brand for item in ranker.rank(QUERY, found, bought, k=3)}
    assert "acme" in acme_red


@given(st.integers(0, 50), st.integers(0, 35), st.floats(-1, -0.01))
def test_stating_a_dislike_never_raises_a_product_that_has_it(seed, row, weight):
    source = WordSource(toy_products())
    product = source.products[row]
    ranker = Ranker(TwoTowerMatcher(towers(24, 3, seed), "random"), source.vectors)
    start = ShopperProfile({"teas-02": 2.0, product.id: 1.0}, 0.5, (Preference("color", "red", 0.5, "red"),))
    found = source.retrieve(QUERY)

    def score(profile):
        return {item.product.id: item.score for item in ranker.rank(QUERY, found, profile, k=99)}[product.id]

    before = score(start)
    assert score(with_feedback(start, product, False, "not that one")) <= before + 1e-6
    for color in product.values("color"):
        assert score(with_stated(start, Preference("color", color, weight, "not that colour"))) <= before + 1e-6


def test_matched_holds_the_wished_values_that_the_variant_or_product_states(make_product):
    product = make_product("a", brand="Acme", attributes={"feature": ("waterproof", "wide fit"), "color": ("red",)})
    variant = Variant("a-m", 100, attributes={"size": ("m",)})
    candidate = Candidate(product, variant, 0.5, 0.0, 0.0, np.ones(2, np.float32))
    wished = {
        "feature": ("waterproof",),
        "color": ("blue", "red"),
        "size": ("m", "l"),
        "brand": ("acme",),
        "season": ("w",),
    }
    query = Query("x", Filters(include=wished))
    ranker = Ranker(RelevanceMatcher(), lambda wanted: np.zeros((len(wanted), 2), np.float32))
    [item] = ranker.rank(query, Retrieved((candidate,), 1), EMPTY)
    assert item.variant is variant
    assert item.matched == {"feature": ("waterproof",), "color": ("red",), "size": ("m",), "brand": ("acme",)}


def test_nothing_found_is_nothing_ranked(ranker):
    assert ranker.rank(QUERY, Retrieved((), 0), EMPTY) == []


@pytest.mark.parametrize(
    ("fields", "relevance", "embedding", "message"),
    [
        ({}, float("nan"), (1.0, 0.0), "feature relevance of product bad"),
        ({"rating": float("inf"), "n_reviews": 3}, 0.5, (1.0, 0.0), "feature quality of product"),
        ({}, 0.5, (float("nan"), 0.0), "embedding of product bad"),
    ],
)
def test_what_is_not_a_number_is_refused_by_name(make_product, make_candidate, fields, relevance, embedding, message):
    good = make_candidate(make_product("good", rating=4.0, n_reviews=2))
    bad = make_candidate(make_product("bad", **fields), relevance, embedding)
    ranker = Ranker(RelevanceMatcher(), lambda wanted: np.zeros((len(wanted), 2), np.float32))
    with pytest.raises(ModelError, match=message):
        ranker.rank(QUERY, Retrieved((good, bad), 2), EMPTY)


def test_a_profile_weight_that_is_not_a_number_is_refused(ranker, toy_source):
    with pytest.raises(ModelError, match="product weight"):
        ranker.rank(QUERY, toy_source.retrieve(QUERY), ShopperProfile({"teas-02": float("inf")}))
