"""What relevance counts for where a search says nothing but the kind of thing."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.features import SCALARS, describe
from ranking.kind import KIND_SHARE, names_only_the_kind, relevance_effect
from retrieval.types import Filters, Query
from tests.ranking.toy_shop import a_candidate, a_product

RELEVANCE = st.lists(st.floats(0.0, 1.0, width=32), min_size=1, max_size=20)
SHOES = Filters(category="running shoes")


@pytest.mark.parametrize("text", ["running shoes", "Running Shoe", "跑步鞋"])
def test_a_name_of_the_category_says_nothing_but_the_kind(text: str) -> None:
    assert names_only_the_kind(Query(text, SHOES))


@pytest.mark.parametrize("text", ["", "  ", "red running shoes", "running shoes for trails", "sneakers", "红色跑步鞋"])
def test_whatever_says_more_or_something_narrower_does_not(text: str) -> None:
    assert not names_only_the_kind(Query(text, SHOES))


def test_without_the_category_as_a_filter_the_words_find_the_kind() -> None:
    assert not names_only_the_kind(Query("running shoes"))


def test_a_category_of_the_shops_own_is_known_by_its_own_name() -> None:
    assert names_only_the_kind(Query("Hovercraft spares", Filters(category="hovercraft spares")))


@given(RELEVANCE)
def test_the_order_the_mean_and_the_bounds_stay(relevance: list[float]) -> None:
    effect = relevance_effect(relevance, Query("running shoes", SHOES))
    given_ = np.array(relevance, dtype=np.float32)
    assert effect.mean() == pytest.approx(given_.mean(), abs=1e-6)
    assert ((effect >= 0.0) & (effect <= 1.0)).all()
    assert (np.diff(effect[np.argsort(given_, kind="stable")]) >= 0.0).all()
    assert np.ptp(effect) == pytest.approx(KIND_SHARE * np.ptp(given_), abs=1e-6)


@given(RELEVANCE, st.sampled_from(["trail running shoes", "shoes", ""]))
def test_any_other_search_is_left_alone(relevance: list[float], text: str) -> None:
    assert relevance_effect(relevance, Query(text, SHOES)).tolist() == np.array(relevance, dtype=np.float32).tolist()


def test_the_matcher_sees_it() -> None:
    products = [a_product(id_, category="running shoes") for id_ in ("a", "b")]
    candidates = [a_candidate(product, relevance) for product, relevance in zip(products, (0.2, 0.6), strict=True)]
    assert SCALARS[0] == "relevance"
    assert describe(Query("running shoes", SHOES), candidates, None).relevance == pytest.approx([0.38, 0.42])
    assert describe(Query("light running shoes", SHOES), candidates, None).relevance == pytest.approx([0.2, 0.6])
