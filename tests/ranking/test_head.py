"""What no weights, profile or candidates may break, through the ranker that serves."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from toy_shop import WordSource, towers, toy_products
from toy_taste import Contrary, CoOccurrence

from ranking.features import states
from ranking.matcher import CONTRIBUTIONS, HEAD, TwoTowerMatcher
from ranking.profile import with_feedback, with_stated
from ranking.ranker import Ranker
from ranking.simulator import simulate
from ranking.types import Preference, ShopperProfile
from retrieval.types import Candidate, Filters, Query, Retrieved, Variant

SOURCE = WordSource(toy_products())
IDS = [product.id for product in SOURCE.products]
TASTE = CoOccurrence(simulate(SOURCE.products, seed=3, n_shoppers=60, n_events=1500).events)
LEEWAY = 1e-5
"""Sums of 14 float32 columns times coefficients of up to a few dozen."""

ids = st.sampled_from(IDS)
values = st.one_of(
    st.tuples(st.just("color"), st.sampled_from(["red", "blue", "green", "black"])),
    st.tuples(st.just("brand"), st.sampled_from(["acme", "borea", "corvo"])),
    st.tuples(st.just("category"), st.sampled_from(["kettles", "tents", "teas"])),
    st.tuples(st.just("size"), st.sampled_from(["s", "m", "l"])),
    st.tuples(st.just("product"), ids),
)
weights = st.one_of(st.floats(-1, -0.01), st.floats(0.01, 1))
preferences = st.builds(lambda value, weight: Preference(*value, weight, "said so"), values, weights)
profiles = st.builds(
    ShopperProfile,
    st.dictionaries(ids, st.floats(-5, 9), max_size=6),
    st.one_of(st.none(), st.floats(0, 1)),
    st.lists(preferences, max_size=4, unique_by=lambda stated: (stated.attribute, stated.value)).map(tuple),
    st.booleans(),
)
factors = st.dictionaries(st.sampled_from(CONTRIBUTIONS), st.floats(0, 5), max_size=4)
seeds = st.integers(0, 2**31)
queries = st.sampled_from(["red kettles", "tents", "acme", "blue teas food"])


def ranker(seed, taste=TASTE):
    rng = np.random.default_rng(seed)
    tensors = towers(24, 3, seed % 1000) | {"head": (3 * rng.normal(size=len(HEAD))).astype(np.float32)}
    brands = {product.id: product.brand for product in SOURCE.products}
    return Ranker(
        TwoTowerMatcher(tensors, "random"),
        SOURCE.vectors,
        taste=taste,
        brands=lambda wanted: [brands[i] for i in wanted],
    )


def found(query, seed):
    """Some candidates with random sizes, stock and prices."""
    rng = np.random.default_rng(seed)
    retrieved = SOURCE.retrieve(Query(query))
    candidates = []
    for candidate in retrieved.candidates[: int(rng.integers(1, 37))]:
        sizes = [size for size in ("s", "m", "l") if rng.random() < 0.5]
        made = tuple(
            Variant(f"{candidate.product.id}-{size}", int(rng.integers(1, 9000)), stock=int(rng.integers(0, 8)),
                    attributes={"size": (size,)} if size else {})
            for size in sizes or [""]
        )  # fmt: skip
        product = replace(candidate.product, variants=made)
        candidates.append(replace(candidate, product=product, variant=made[int(rng.integers(len(made)))]))
    return Retrieved(tuple(candidates), len(candidates), retrieved.query_vector)


def scores(ranked):
    return {item.product.id: item.score for item in ranked}


@given(seeds, queries, profiles, values, st.floats(-1, -0.01), factors)
def test_a_stated_dislike_never_raises_what_it_is_of(seed, query, profile, value, weight, moved):
    attribute, said = value
    # Of a like that turns into a dislike the like goes too, which is another matter for a model of tastes.
    profile = replace(
        profile, stated=tuple(stated for stated in profile.stated if (stated.attribute, stated.value) != value)
    )
    candidates, after = found(query, seed), with_stated(profile, Preference(attribute, said, weight, "none of that"))
    for taste in (None, TASTE, Contrary()):
        made = ranker(seed, taste)
        old = scores(made.rank(Query(query), candidates, profile, 99, weights=moved))
        new = scores(made.rank(Query(query), candidates, after, 99, weights=moved))
        for candidate in candidates.candidates:
            if states(candidate.product, attribute, said):
                assert new[candidate.product.id] <= old[candidate.product.id] + LEEWAY


@given(seeds, queries, profiles, values, st.floats(-1, -0.01))
def test_a_like_that_turns_into_a_dislike_never_raises_it_either(seed, query, profile, value, weight):
    attribute, said = value
    before = with_stated(profile, Preference(attribute, said, -weight, "lovely"))
    after = with_stated(profile, Preference(attribute, said, weight, "none of that"))
    candidates, made = found(query, seed), ranker(seed)
    old = scores(made.rank(Query(query), candidates, before, 99))
    new = scores(made.rank(Query(query), candidates, after, 99))
    for candidate in candidates.candidates:
        if states(candidate.product, attribute, said):
            assert new[candidate.product.id] <= old[candidate.product.id] + LEEWAY


@given(seeds, queries, profiles, st.integers(0, 99), factors)
def test_turning_a_product_down_never_raises_it(seed, query, profile, place, moved):
    candidates = found(query, seed)
    product = candidates.candidates[place % len(candidates.candidates)].product
    after = with_feedback(profile, product, False, "not that one")
    for taste in (None, TASTE, Contrary()):
        made = ranker(seed, taste)
        old = scores(made.rank(Query(query), candidates, profile, 99, weights=moved))
        new = scores(made.rank(Query(query), candidates, after, 99, weights=moved))
        assert new[product.id] <= old[product.id] + LEEWAY


@given(seeds, queries, profiles, st.integers(1, 9000), st.integers(0, 9000), factors)
def test_a_lower_budget_never_raises_what_is_above_it(seed, query, profile, budget, less, moved):
    candidates, made = found(query, seed), ranker(seed)
    lower = max(budget - less, 0)
    wide, narrow = (Query(query, Filters(price_max_minor=amount)) for amount in (budget, lower))
    old = scores(made.rank(wide, candidates, profile, 99, weights=moved))
    new = scores(made.rank(narrow, candidates, profile, 99, weights=moved))
    for candidate in candidates.candidates:
        if candidate.variant.price_minor > lower:
            assert new[candidate.product.id] <= old[candidate.product.id] + LEEWAY
    no_limit = scores(made.rank(Query(query), candidates, profile, 99, weights=moved))
    assert all(new[id_] <= no_limit[id_] + LEEWAY for id_ in new)


def with_candidate(retrieved, place, change):
    changed = list(retrieved.candidates)
    place %= len(changed)
    changed[place] = change(changed[place])
    return replace(retrieved, candidates=tuple(changed)), changed[place].product.id


def a_better(candidate: Candidate, name: str, by: float) -> Candidate:
    if name == "relevance":
        return replace(candidate, relevance=candidate.relevance + by)
    if name == "quality":
        return replace(
            candidate, product=replace(candidate.product, rating=min(5.0, candidate.product.rating + 4 * by))
        )
    more = candidate.variant.stock + int(10 * by) + 1
    return replace(candidate, variant=replace(candidate.variant, stock=more))


@pytest.mark.parametrize("name", ["relevance", "quality", "stock"])
@given(seeds, queries, profiles, st.integers(0, 99), st.floats(0, 1), factors)
def test_more_relevance_quality_or_stock_never_lowers_a_product(name, seed, query, profile, place, by, moved):
    before, made = found(query, seed), ranker(seed)
    after, id_ = with_candidate(before, place, lambda candidate: a_better(candidate, name, by))
    old = scores(made.rank(Query(query), before, profile, 99, weights=moved))
    new = scores(made.rank(Query(query), after, profile, 99, weights=moved))
    assert new[id_] >= old[id_] - LEEWAY


@given(seeds, queries, profiles)
def test_the_parts_add_up_and_an_empty_profile_has_none_that_are_about_the_shopper(seed, query, profile):
    candidates, made = found(query, seed), ranker(seed)
    for item in made.rank(Query(query), candidates, profile, 99):
        assert item.score == pytest.approx(sum(item.contributions.values()), abs=1e-9)
        assert tuple(item.contributions) == CONTRIBUTIONS
    for item in made.rank(Query(query), candidates, ShopperProfile(), 99):
        for name in ("profile_match", "taste", "brand_fit", "size_fit", "stated_like", "stated_dislike"):
            assert item.contributions[name] == 0
