import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ranking.exposure import exposure_by_brand, gini_of

BRANDS = st.sampled_from(("acme", "borea", "corvo", ""))


def test_shares_by_hand():
    second, total = 1 / math.log2(3), 1 + 1 / math.log2(3) + 0.5
    assert exposure_by_brand([["acme", "borea", "acme"]]) == pytest.approx(
        {"acme": 1.5 / total, "borea": second / total}
    )
    assert list(exposure_by_brand([["acme", "borea"]])) == ["acme", "borea"]
    assert exposure_by_brand([]) == {} == exposure_by_brand([[], []])


def test_only_the_first_places_count():
    assert exposure_by_brand([["a"] * 5 + ["b"]]) == {"a": 1.0}
    assert exposure_by_brand([["a", "b"]], n_places=1) == {"a": 1.0}


@given(st.lists(st.lists(BRANDS, max_size=7), max_size=20))
def test_shares_add_up_and_are_in_order(lists):
    shares = exposure_by_brand(lists)
    assert sum(shares.values()) == pytest.approx(1.0 if any(lists) else 0.0)
    assert list(shares.values()) == sorted(shares.values(), reverse=True)
    assert -1e-12 <= gini_of(shares) < 1.0


def test_gini_by_hand():
    assert gini_of({"a": 0.25, "b": 0.75}) == pytest.approx(0.25)
    assert gini_of({"a": 0.25, "b": 0.75}, ("a", "b", "c")) == pytest.approx(0.5)
    assert gini_of({}) == gini_of({}, ("a",)) == 0.0
