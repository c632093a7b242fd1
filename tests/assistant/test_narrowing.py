"""What candidates could be narrowed down by: the same as by going through them one by one."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assistant.narrowing import CATEGORY, PRICE, possible_answers
from benchmarks.parsing import demo_products
from ranking.types import Preference, ShopperProfile
from retrieval.filters import attributes_of, passing_variant, passing_variants
from retrieval.types import Candidate, Filters

PRODUCTS = demo_products()
FILTERS = [
    Filters(),
    Filters(category="shoes"),
    Filters(category="sandals", include={"size": ("40",)}),
    Filters(include={"feature": ("waterproof",)}, exclude={"color": ("black",)}, price_max_minor=9000),
]


def found(filters, rows):
    products = [PRODUCTS[row] for row in rows]
    pairs = [(product, passing_variant(product, filters)) for product in products]
    vector = np.zeros(1, dtype=np.float32)
    return [Candidate(product, variant, 0.0, 0.0, 0.0, vector) for product, variant in pairs if variant]


def one_by_one(candidates, chances, filters, about):
    """The answers about one attribute, the likeliest first, with the candidates that each leaves."""
    leaves = {}
    for row, candidate in enumerate(candidates):
        product = candidate.product
        for variant in passing_variants(product, filters):
            values = attributes_of(product, variant).get(about, ())
            if about == CATEGORY:
                values = (product.category,) if product.category != filters.category else ()
            for value in values:
                leaves.setdefault(value, set()).add(row)
    if about == "audience":
        both = leaves.pop("unisex", set())
        leaves = {who: rows | both if who in ("men", "women") else rows for who, rows in leaves.items()}
    likelihood = {value: sum(chances[row] for row in sorted(rows)) for value, rows in leaves.items()}
    return leaves, likelihood


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(FILTERS),
    st.lists(st.integers(0, len(PRODUCTS) - 1), min_size=1, max_size=60, unique=True),
    st.integers(0, 1000),
)
def test_answers_leave_what_states_them_and_come_in_the_order_of_their_likelihood(filters, rows, seed):
    candidates = found(filters, rows)
    chances = np.random.default_rng(seed).dirichlet(np.ones(len(candidates))) if candidates else np.zeros(0)
    if not candidates:
        return
    answers = possible_answers(candidates, chances, filters, ShopperProfile(), lambda about: about == "brand")
    assert "brand" not in answers
    for about in (CATEGORY, "audience", "color", "feature", "material", "size", "season"):
        leaves, likelihood = one_by_one(candidates, chances, filters, about)
        offered = answers.get(about, ())
        assert {answer.value: set(np.flatnonzero(answer.leaves)) for answer in offered} == leaves
        order = [likelihood[answer.value] for answer in offered]
        assert order == pytest.approx(sorted(order, reverse=True))
    prices = answers[PRICE]
    assert prices[0].low_minor is None
    assert prices[-1].high_minor is None
    for row, candidate in enumerate(candidates):
        price = candidate.variant.price_minor
        inside = [(a.low_minor or 0) <= price and (a.high_minor is None or price <= a.high_minor) for a in prices]
        assert [bool(answer.leaves[row]) for answer in prices] == inside


def test_what_is_liked_is_not_asked_for_and_what_is_disliked_not_offered():
    candidates = found(Filters(), range(len(PRODUCTS)))
    chances = np.full(len(candidates), 1 / len(candidates))
    said = (Preference("color", "blue", 1.0, ""), Preference("material", "wool", -1.0, ""))
    answers = possible_answers(candidates, chances, Filters(), ShopperProfile(stated=said), lambda about: False)
    assert "color" not in answers
    assert "wool" not in {answer.value for answer in answers["material"]}
    assert "cotton" in {answer.value for answer in answers["material"]}
