"""What prices do to the order: a budget of the wish, a usual budget, and the level that a shopper buys at."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_shop import WordSource, towers, toy_products
from toy_taste import Contrary

from ranking.features import SCALARS, describe, personalise
from ranking.matcher import TwoTowerMatcher
from ranking.prices import USUAL_BUDGET, budget_fit, level_fit, price_positions, usual_budget_fit
from ranking.profile import with_stated
from ranking.ranker import Ranker
from ranking.types import BUDGET, Preference, ShopperProfile
from retrieval.types import Filters, Query

SOURCE = WordSource(toy_products())
PRICES = {product.id: product.price_minor for product in SOURCE.products}
QUERY = Query("red kettles")


def test_a_budget_window_counts_the_distance_from_its_middle():
    filters = Filters(price_min_minor=800, price_max_minor=1200, around_minor=1000)
    assert budget_fit(np.array([1000.0, 900.0, 5000.0]), filters) == pytest.approx([0, -0.1, -1])
    assert budget_fit(np.array([50.0]), Filters(price_min_minor=100)) == pytest.approx([-0.5])


amounts = st.lists(st.integers(0, 10**9), min_size=1, max_size=12)


@given(amounts, st.integers(0, 10**9), st.integers(0, 10**9), st.booleans())
def test_a_budget_never_helps(prices, low, high, around):
    filters = Filters(price_min_minor=low, price_max_minor=high, around_minor=low if around else None)
    fit = budget_fit(np.array(prices, dtype=np.float64), filters)
    assert np.isfinite(fit).all()
    assert (fit <= 0).all()
    assert (fit >= -1).all()


@given(amounts, st.floats(0, 1))
def test_price_positions_lie_in_0_1_and_a_level_never_helps(prices, level):
    positions = price_positions(np.array(prices, dtype=np.float64), ["c"] * len(prices))
    assert ((positions >= 0) & (positions <= 1)).all()
    assert (level_fit(positions, level) <= 0).all()


@given(amounts, st.integers(0, 10**9))
def test_a_usual_budget_never_helps_and_counts_less_than_one_of_the_wish(prices, usual):
    column = np.array(prices, dtype=np.float64)
    fit = usual_budget_fit(column, usual)
    assert (fit <= 0).all()
    assert (fit[column <= usual] == 0).all()
    assert fit == pytest.approx(USUAL_BUDGET * budget_fit(column, Filters(price_max_minor=usual)))


def spends(amount_minor, profile=None):
    said = Preference(BUDGET, str(amount_minor), 1.0, "what I usually spend")
    return with_stated(profile or ShopperProfile(), said)


def budget_column(filters, profile, make_product, make_candidate):
    candidates = [make_candidate(make_product(f"p{price}", price)) for price in (8_000, 10_000, 15_000, 90_000)]
    listing = describe(Query("x", filters), candidates, None)
    features = personalise(
        listing, [item.product for item in candidates], profile, lambda ids: np.zeros((len(ids), 2), np.float32)
    )
    return features.scalars[:, SCALARS.index("budget_fit")].tolist()


def test_a_usual_budget_lowers_what_is_above_it_where_the_wish_names_none(make_product, make_candidate):
    def column(filters, profile):
        return budget_column(filters, profile, make_product, make_candidate)

    wish, usual = Filters(category="teas"), spends(10_000)
    assert column(wish, usual) == [0.0, 0.0, -0.125, -0.25]
    assert column(wish, ShopperProfile()) == [0.0, 0.0, 0.0, 0.0]
    for own in (Filters(price_max_minor=15_000), Filters(price_min_minor=1), Filters(around_minor=15_000)):
        assert column(own, usual) == column(own, ShopperProfile())


@pytest.mark.parametrize(("value", "weight"), [("²", 1.0), ("fifty", 1.0), ("", 1.0), ("10000", -1.0)])
def test_what_is_no_amount_or_is_taken_back_is_no_budget(value, weight, make_product, make_candidate):
    profile = ShopperProfile(stated=(Preference(BUDGET, value, weight, "said so"),))
    assert budget_column(Filters(), profile, make_product, make_candidate) == [0.0] * 4


profiles = st.builds(
    ShopperProfile,
    st.dictionaries(st.sampled_from(sorted(PRICES)), st.floats(-5, 5).filter(bool), max_size=3),
    st.none() | st.floats(0, 1),
    st.sampled_from([(), (Preference("color", "red", 1.0, "red"),), (Preference("color", "red", -1.0, "no red"),)]),
)


@given(st.integers(0, 50), profiles, st.integers(0, 9_000), st.integers(0, 9_000))
def test_a_usual_budget_raises_nothing_and_leaves_the_order_inside_it_alone(seed, profile, one, other):
    # A model of tastes that would answer to whatever is stated: it must not be told.
    ranker = Ranker(TwoTowerMatcher(towers(24, 3, seed), "random"), SOURCE.vectors, taste=Contrary())
    found = SOURCE.retrieve(QUERY)

    def scores(whose):
        return {item.product.id: item.score for item in ranker.rank(QUERY, found, whose, k=99)}

    low, high = sorted((one, other))
    without, loose, strict = scores(profile), scores(spends(high, profile)), scores(spends(low, profile))
    for id_, price in PRICES.items():
        assert strict[id_] <= loose[id_] <= without[id_]
        if price <= high:
            assert loose[id_] == without[id_]
    assert [id_ for id_ in loose if PRICES[id_] <= high] == [id_ for id_ in without if PRICES[id_] <= high]


@given(st.integers(0, 50), st.integers(0, 9_000), st.sampled_from(["price_max_minor", "price_min_minor"]))
def test_a_usual_budget_has_no_say_where_the_wish_names_an_amount(seed, usual, limit):
    ranker = Ranker(TwoTowerMatcher(towers(24, 3, seed), "random"), SOURCE.vectors)
    query = Query(QUERY.text, Filters(**{limit: 3_000}))
    found = SOURCE.retrieve(query)
    assert ranker.rank(query, found, spends(usual), k=9) == ranker.rank(query, found, ShopperProfile(), k=9)
