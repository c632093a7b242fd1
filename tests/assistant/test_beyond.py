"""Comparisons with a product that was shown: lighter than the first, 比第二个大的."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.beyond import measured, narrowed, with_beyond
from assistant.parsing.comparatives import asked_comparison, find_comparison
from assistant.session_json import session_from_json, session_to_json
from assistant.state import constraints
from assistant.types import Comparison, ParsedMessage, Session, Step
from retrieval.quantities import Quantity, quantity_of
from retrieval.types import Candidate, Filters, Product, Query, Retrieved, Variant

LIGHTER, BIGGER, BETTER = Comparison("weight", -1), Comparison("size", 1), Comparison("rating", 1)


def product(name: str, rating: float | None = None, **attributes: str) -> Product:
    stated = {key: (value,) for key, value in attributes.items()}
    return Product(name, name, "USD", (Variant(name, 100),), attributes=stated, rating=rating)


def found(*products: Product) -> Retrieved:
    import numpy as np

    vector = np.zeros(2, dtype=np.float32)
    return Retrieved(tuple(Candidate(one, one.variants[0], 0.5, 0.5, 1.0, vector) for one in products), len(products))


def step_beyond(comparison: Comparison, anchor: str) -> Step:
    session = with_beyond(Session("s", "ann"), comparison, anchor)
    return Step("recommend", session, ParsedMessage("", "refine", "neutral", "en", Filters()), Query("tent"))


def ids(retrieved: Retrieved) -> list[str]:
    return [candidate.product.id for candidate in retrieved.candidates]


@pytest.mark.parametrize(
    ("said", "comparison"),
    [
        ("something lighter than the first", LIGHTER),
        ("a bit lighter please", LIGHTER),
        ("有没有比第一个轻的", LIGHTER),
        ("再轻一点", LIGHTER),
        ("bigger than the second one", BIGGER),
        ("大一点的", BIGGER),
        ("比这个更宽敞的", BIGGER),
        ("smaller", Comparison("size", -1)),
        ("小巧一点的有吗", Comparison("size", -1)),
        ("better rated ones", BETTER),
        ("评分高一点的", BETTER),
        ("longer battery life than that", Comparison("battery", 1)),
        ("便宜点", None),
        ("a light tent", None),
        ("is the first lighter than the second?", None),
        ("哪个更轻", None),
    ],
)
def test_what_is_compared(said: str, comparison: Comparison | None) -> None:
    assert find_comparison(said).comparison == comparison


@pytest.mark.parametrize("said", ["which one is the lightest?", "哪个更轻", "哪款最大", "第一个比第二个大吗"])
def test_a_question_about_what_was_shown_is_no_wish(said: str) -> None:
    assert asked_comparison(said) is not None
    assert find_comparison(said).comparison is None


def test_only_what_goes_beyond_the_product_is_left() -> None:
    tents = [product("a", weight="2.1 kg"), product("b", weight="1900 g"), product("c", weight="2.4kg"), product("d")]
    step, left = narrowed(step_beyond(LIGHTER, "a"), found(*tents), lambda wanted: {"a": tents[0]})
    assert (ids(left), left.n_matched) == (["b"], 1)
    assert step.notes == ()


def test_units_of_another_kind_are_not_compared() -> None:
    tents = [product("a", size="2 persons"), product("b", size="4 persons"), product("c", size="40 l")]
    _, left = narrowed(step_beyond(BIGGER, "a"), found(*tents), lambda wanted: {"a": tents[0]})
    assert ids(left) == ["b"]


def test_ratings_are_compared() -> None:
    shoes = [product("a", 4.2), product("b", 4.6), product("c")]
    _, left = narrowed(step_beyond(BETTER, "a"), found(*shoes), lambda wanted: {"a": shoes[0]})
    assert ids(left) == ["b"]


@pytest.mark.parametrize("stated", [{"a": "", "b": "1 kg"}, {"a": "1 kg", "b": ""}])
def test_what_the_shop_does_not_state_is_said_and_is_no_condition(stated: dict[str, str]) -> None:
    packs = [product(name, **({"weight": weight} if weight else {})) for name, weight in stated.items()]
    anchors = {one.id: one for one in packs if one.id == "a"}
    others = [one for one in packs if one.id != "a"]
    step, left = narrowed(step_beyond(LIGHTER, "a"), found(*others), lambda wanted: anchors)
    assert step.notes == (("uncompared", {"attribute": "weight"}),)
    assert (ids(left), step.session.beyond) == (["b"], ())


def test_a_comparison_is_a_condition_that_is_shown_and_survives_a_restart() -> None:
    session = with_beyond(Session("s", "ann"), BIGGER, "a")
    assert [(one.key, one.label_en, one.label_zh) for one in constraints(session)] == [
        ("beyond:size", "bigger than that one", "比那款大")
    ]
    assert session_from_json(session_to_json(session)) == session
    again = with_beyond(session, replace(BIGGER, sign=-1), "b")
    assert [(one.comparison.sign, one.product_id) for one in again.beyond] == [(-1, "b")]


@pytest.mark.parametrize(
    ("value", "quantity"),
    [
        ("0.5 l", Quantity("[length] ** 3", 0.0005)),
        ("500毫升", Quantity("[length] ** 3", 0.0005)),
        ("3斤", Quantity("[mass]", 1.5)),
        ("13 inch", Quantity("[length]", 0.3302)),
        ("42", Quantity("", 42.0)),
        ("xl", None),
        ("9**9**9 l", None),
    ],
)
def test_what_a_value_measures(value: str, quantity: Quantity | None) -> None:
    assert quantity_of(value) == quantity


@given(st.text(max_size=20))
def test_any_value_measures_something_or_nothing(value: str) -> None:
    quantity_of(value)
    measured(product("a", weight=value), "weight")


@given(st.lists(st.integers(1, 9000), min_size=1, max_size=8), st.integers(1, 9000), st.sampled_from([-1, 1]))
def test_nothing_that_is_left_breaks_the_comparison(grams: list[int], limit: int, sign: int) -> None:
    packs = [product(f"p{place}", weight=f"{amount} g") for place, amount in enumerate(grams)]
    anchor = product("anchor", weight=f"{limit} g")
    _, left = narrowed(step_beyond(Comparison("weight", sign), "anchor"), found(*packs), lambda _: {"anchor": anchor})
    wanted = [f"p{place}" for place, amount in enumerate(grams) if sign * (amount - limit) > 0]
    assert ids(left) == wanted


@pytest.mark.parametrize(
    ("wish", "question", "answer"),
    [
        ("tents", "which one is the biggest?", "Number 3 is the biggest of these."),
        ("tents", "is the first lighter than the second?", "The shop doesn't state what these weigh"),
        ("帐篷", "第一个和第二个哪个评分更高", "其中第2款评分最高。"),
        ("帐篷", "哪个最轻", "店里没有写明重量"),
    ],
)
def test_which_has_most_of_it_is_answered_from_what_is_stated(demo, wish: str, question: str, answer: str) -> None:
    reply = demo.ask(wish)
    assert answer in demo.respond(question, reply.session).text


@pytest.mark.parametrize(
    ("wish", "question", "lost"),
    [
        ("hiking boots under 150", "why not the second one?", "falls behind the first one on"),
        ("登山靴，200以内", "为什么不推荐第三个", "上输给第一款"),
    ],
)
def test_why_not_says_on_what_it_lost(demo, wish: str, question: str, lost: str) -> None:
    reply = demo.ask(wish)
    assert lost in demo.respond(question, reply.session).text
