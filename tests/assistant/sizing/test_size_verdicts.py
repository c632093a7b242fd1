"""What a chart says of a body, without any shop."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.sizing.advice import advise
from assistant.sizing.charts import SizeChart, default_charts
from assistant.sizing.values import BodyMeasure

LETTERS = ["s", "m", "l", "xl"]


def men() -> SizeChart:
    chart = default_charts().for_product("jackets", None, None, "men")
    assert chart is not None
    return chart


def shoes() -> SizeChart:
    chart = default_charts().for_product("shoes", None, None, None)
    assert chart is not None
    return chart


def body(**amounts: float | str) -> dict[str, BodyMeasure]:
    return {kind: BodyMeasure(kind, Decimal(str(amount))) for kind, amount in amounts.items()}


@pytest.mark.parametrize(
    ("measures", "verdict", "sizes"),
    [
        ({"height": 172, "weight": 65}, "fits", ["m"]),
        ({"height": 172, "weight": 75}, "between", ["m", "l"]),
        ({"height": 165, "weight": 95}, "apart", ["s", "xxl"]),
        ({"height": 174.8}, "between", ["m", "l"]),
        ({"height": 175.2}, "between", ["m", "l"]),
        ({"height": 174.8, "weight": 65}, "fits", ["m"]),
        ({"weight": 55, "foot": 26}, "between", ["xs", "s"]),
        ({"height": 210, "weight": 80}, "beyond", []),
        ({"height": 172, "weight": 40}, "beyond", []),
        ({"foot": 26}, "untold", []),
        ({}, "untold", []),
    ],
)
def test_the_verdict(measures: dict[str, float], verdict: str, sizes: list[str]) -> None:
    advice = advise(men(), body(**measures), LETTERS, LETTERS)
    assert (advice.verdict, [offer.size for offer in advice.offers]) == (verdict, sizes)


def test_only_what_is_listed_and_in_stock_is_advised() -> None:
    measures = body(height=172, weight=65)
    assert advise(men(), measures, LETTERS, LETTERS).advised == advise(men(), measures, LETTERS, ["m"]).advised
    sold_out = advise(men(), measures, LETTERS, ["l"])
    assert (sold_out.advised, sold_out.offers[0].listed, sold_out.offers[0].in_stock) == (None, "m", False)
    unlisted = advise(men(), measures, ["s", "l"], ["s", "l"])
    assert (unlisted.advised, unlisted.offers[0].listed, unlisted.other_sizes) == (None, None, ())
    assert advise(men(), measures, ["48", "50"], ["48", "50"]).other_sizes == ("48", "50")
    assert advise(men(), measures, None, ()).advised is None


def test_between_two_the_larger_one_in_stock_is_advised() -> None:
    measures = body(height=172, weight=75)
    for in_stock, size in ((["m", "l"], "l"), (["m"], "m"), (["l"], "l")):
        advised = advise(men(), measures, LETTERS, in_stock).advised
        assert advised is not None
        assert advised.size == size


@pytest.mark.parametrize("listed", ["42", "EU 42", "UK 8", "US 9", "260", "42.0"])
def test_a_shoe_size_is_known_in_every_system(listed: str) -> None:
    advised = advise(shoes(), body(foot=26), [listed], [listed]).advised
    assert advised is not None
    assert (advised.size, advised.listed, advised.others) == ("42", listed, ("UK 8", "US 9", "CN 260"))


def test_a_measure_outside_says_how_far_the_chart_reaches() -> None:
    beyond = advise(shoes(), body(foot="33.5"), ["42"], ["42"]).beyond
    assert beyond is not None
    assert (beyond.measure.text, beyond.low, beyond.high) == ("33.5 cm", Decimal("20.6"), Decimal("31.9"))


@given(st.decimals(min_value=12, max_value=36, places=1), st.decimals(min_value=0, max_value=3, places=1))
def test_a_longer_foot_never_takes_a_smaller_size(foot: Decimal, more: Decimal) -> None:
    sizes = [row.size for row in shoes().rows]
    small, large = (advise(shoes(), body(foot=str(length)), sizes, sizes) for length in (foot, foot + more))
    if small.offers and large.offers:
        assert int(small.offers[0].size) <= int(large.offers[0].size)
        assert int(small.offers[-1].size) <= int(large.offers[-1].size)


@given(
    st.dictionaries(
        st.sampled_from(["height", "weight", "chest", "waist"]),
        st.decimals(min_value=40, max_value=200, places=1),
        min_size=1,
    ),
    st.sets(st.sampled_from(LETTERS)),
)
def test_whatever_the_body_nothing_out_of_stock_is_advised(measures: dict[str, Decimal], in_stock: set[str]) -> None:
    advice = advise(men(), body(**{kind: str(amount) for kind, amount in measures.items()}), LETTERS, in_stock)
    assert advice.verdict in ("fits", "between", "apart", "beyond")
    assert (advice.verdict == "beyond") == (not advice.offers)
    if advice.advised is not None:
        assert advice.advised.listed in in_stock
