import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.factors import checked_factors
from ranking.matcher import CONTRIBUTIONS
from ranking.ranker import Ranker
from ranking.types import Preference, ShopperProfile
from retrieval.errors import ConfigError
from retrieval.types import Filters, Query

QUERY = Query("red kettle", Filters(price_max_minor=3000))
PROFILE = ShopperProfile({"teas-02": 3.0}, 0.4, (Preference("color", "blue", 1.0, "blue, please"),))


@given(st.dictionaries(st.sampled_from(CONTRIBUTIONS), st.floats(0, 50), max_size=6))
def test_parts_count_as_often_as_wished_and_still_add_up(factors):
    # Made here: fixtures of one function would be shared by all of Hypothesis's examples.
    from toy_shop import WordSource, towers, toy_products

    from ranking.matcher import TwoTowerMatcher

    source = WordSource(toy_products())
    matcher = TwoTowerMatcher(towers(24, 3, 0), "random")
    found = source.retrieve(QUERY)
    as_trained = {item.product.id: item for item in Ranker(matcher, source.vectors).rank(QUERY, found, PROFILE, 99)}
    by_shop = Ranker(matcher, source.vectors, weights=factors).rank(QUERY, found, PROFILE, 99)
    by_wish = Ranker(matcher, source.vectors).rank(QUERY, found, PROFILE, 99, weights=factors)
    assert by_shop == by_wish
    assert [item.score for item in by_shop] == sorted((item.score for item in by_shop), reverse=True)
    for item in by_shop:
        assert item.score == pytest.approx(sum(item.contributions.values()), abs=1e-9)
        for name, value in item.contributions.items():
            assert value == as_trained[item.product.id].contributions[name] * factors.get(name, 1.0)


def test_the_weights_of_a_shop_and_of_a_wish_multiply(toy_source, make_matcher):
    ranker = Ranker(make_matcher(0), toy_source.vectors, weights={"price_fit": 2.0})
    plain = Ranker(make_matcher(0), toy_source.vectors)
    found = toy_source.retrieve(QUERY)
    both = ranker.rank(QUERY, found, PROFILE, 99, weights={"price_fit": 3.0})
    assert both == plain.rank(QUERY, found, PROFILE, 99, weights={"price_fit": 6.0})


def test_when_the_price_matters_most_what_fits_it_comes_first(toy_source, make_matcher):
    ranker = Ranker(make_matcher(0), toy_source.vectors)
    ranked = ranker.rank(QUERY, toy_source.retrieve(QUERY), ShopperProfile(), 99, weights={"price_fit": 1000.0})
    n_fitting = sum(product.price_minor <= 3000 for product in toy_source.products)
    assert all(item.variant.price_minor <= 3000 for item in ranked[:n_fitting])


@pytest.mark.parametrize(
    ("factors", "message"),
    [
        (
            {"brightness": 1},
            r"here: 'brightness' is no part of a score; the parts are relevance, .*taste.*stated_dislike",
        ),
        ({"novelty": -1}, "here: novelty must be a number, 0 or more"),
        ({"novelty": "much"}, "not 'much'"),
        ({"novelty": True}, "not True"),
        ({"novelty": np.inf}, "not inf"),
        ({"novelty": np.nan}, "not nan"),
    ],
)
def test_a_weight_that_means_nothing_is_named(factors, message):
    with pytest.raises(ConfigError, match=message):
        checked_factors(factors, "here")


def test_a_ranker_refuses_them_as_well(toy_source, make_matcher):
    with pytest.raises(ConfigError, match="the ranker's weights: 'x'"):
        Ranker(make_matcher(0), toy_source.vectors, weights={"x": 1.0})
    with pytest.raises(ConfigError, match="the weights of this wish: 'x'"):
        Ranker(make_matcher(0), toy_source.vectors).rank(QUERY, toy_source.retrieve(QUERY), PROFILE, weights={"x": 1.0})
