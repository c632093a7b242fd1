"""Simulated shoppers: drawn the same each time, truthful, and measured by what they were shown."""

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from assistant import ShoppingAssistant
from assistant.parsing.data import load_grammar
from benchmarks.courses import TURNS, Course, paired, row, wilson
from benchmarks.dialogue import OURS, WITHOUT, converse, record_acts
from benchmarks.parsing import demo_products
from benchmarks.persona_words import Voice, n_phrasings
from benchmarks.personas import Crowd, Hard
from retrieval.types import Product, Variant


@pytest.fixture(scope="module")
def crowd() -> Crowd:
    return Crowd(demo_products(), seed=3)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShoppingAssistant]:
    path: Path = tmp_path_factory.mktemp("dialogue") / "shop"
    with ShoppingAssistant.open(path) as assistant:
        yield assistant


def test_the_same_seed_draws_the_same_shoppers(crowd):
    again = Crowd(demo_products()[::-1], seed=3)
    assert [crowd.persona(number) for number in range(20)] == [again.persona(number) for number in range(20)]
    assert crowd.persona(1) != Crowd(demo_products(), seed=4).persona(1)


def test_what_satisfies_meets_every_condition_and_is_among_the_best(crowd):
    products = {product.id: product for product in demo_products()}
    for persona in map(crowd.persona, range(60)):
        assert persona.best
        for product in map(products.__getitem__, persona.best):
            assert any(v.in_stock and persona.hard.holds(product, v) for v in product.variants)
        assert not set(persona.acts) & persona.best
        assert not any(Hard((persona.scope,)).holds(products[key], products[key].offer) for key in persona.acts)


def test_conditions_hold_of_one_variant():
    boots = Product("b", "Boots", "USD", (Variant("v", 9000, attributes={"color": ("red",)}),), category="boots",
                    attributes={"audience": ("unisex",), "feature": ("vegan",)})  # fmt: skip
    holding = [
        Hard((("color", "red"), ("color", "blue"))),
        Hard((("audience", "men"),)),
        Hard(refused=(("color", "blue"),)),
        Hard(price_max_minor=9000),
        Hard((("audience", "kids"),), for_everyone=frozenset({"boots"})),
    ]
    breaking = [
        Hard((("feature", "vegan"), ("feature", "warm"))),
        Hard((("audience", "kids"),)),
        Hard(refused=(("color", "red"),)),
        Hard(price_max_minor=8999),
    ]
    assert [hard.holds(boots, boots.offer) for hard in holding] == [True] * len(holding)
    assert [hard.holds(boots, boots.offer) for hard in breaking] == [False] * len(breaking)


def test_a_dialogue_is_the_same_again_and_breaks_nothing_that_was_said(demo, crowd):
    personas = [crowd.persona(number) for number in range(8)]
    record_acts(demo, personas)
    courses = [converse(demo, crowd, persona, 3, personal=True) for persona in personas]
    assert courses[0] == converse(demo, crowd, personas[0], 3, personal=True)
    assert all(course.violations == 0 and course.asked_again == 0 for course in courses)
    assert all(course.turns is None or course.turns == len(course.messages) for course in courses)
    assert all(len(course.messages) <= TURNS for course in courses)


def test_the_figures_of_known_courses(crowd):
    personas = [crowd.persona(number) for number in range(4)]
    courses = [Course(1, 0, 0, 1, 0), Course(None, 2, 1, 1, 0), Course(3, 0, 0, 0, 1), Course(4, 0, 0, 0, 0)]
    figures = row(OURS, courses, personas)
    assert figures["satisfied"] == 0.75
    assert [figures[f"within_{k}"] for k in range(1, TURNS)] == [0.25, 0.25, 0.5]
    assert (figures["mean_turns"], figures["violations"], figures["asked_again"]) == (3.25, 2, 1)
    assert row(WITHOUT, courses, personas) == figures | {"system": WITHOUT}
    gains = paired(courses, [Course(None, 0, 0, 0, 0), *courses[1:]])
    assert gains["gain"] == 0.25
    assert gains["gain_high"] - gains["gain"] == pytest.approx(1.96 * 0.5 / math.sqrt(4), abs=0.001)


def test_intervals_hold_the_share_and_stay_inside():
    assert wilson(0, 20)[0] == pytest.approx(0.0, abs=1e-12)
    assert wilson(20, 20)[1] == pytest.approx(1.0, abs=1e-12)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_they_speak_in_phrasings_of_their_own(language):
    assert n_phrasings(language) >= 100
    voice = Voice(language, np.random.default_rng(0))
    said = {voice.say("more") for _ in range(200)}
    assert len(said) >= 8
    assert not said <= set(load_grammar()["moves"]["phrases"]["more"])
    opening = voice.opening(("department", "shoes"), [("max", voice.amount(8050)), ("color", "blue")])
    assert "80.5" in opening
    assert "blue" in opening


def gadget(number: int, title: str, **fields) -> Product:
    return Product(f"g{number:02}", title, "EUR", (Variant(f"g{number:02}", 1000 + 100 * number),), **fields)


GADGETS = [
    gadget(n, f"Wired Mouse {n}" if n % 2 else f"Keyboards, set {n}", brand=("Acme", "Bolt")[n % 3 == 0],
           attributes={"connectivity": (("wired", "wireless")[n % 4 == 0],), "size": ("m",)})
    for n in range(20)
]  # fmt: skip


def test_a_catalog_of_its_own_attributes_and_no_categories_has_its_own_shoppers():
    crowd = Crowd(GADGETS, 0, wishes=["mouse", "keyboard", "violin"])
    personas = [crowd.persona(number) for number in range(12)]
    assert crowd.kinds == ("brand", "connectivity")
    assert {persona.scope for persona in personas} == {("words", "mouse"), ("words", "keyboard")}
    for persona in personas:
        titles = {product.title for product in GADGETS if product.id in persona.regrets}
        assert titles
        assert all(persona.scope[1] in title.lower() for title in titles)
        assert min(persona.regrets.values()) == 0.0
        assert persona.best == {key for key, regret in persona.regrets.items() if regret <= 0.5}
    strict = Crowd(GADGETS, 0, wishes=["mouse", "keyboard"], margin=0.0)
    assert all(strict.persona(number).best <= crowd.persona(number).best for number in range(12))


@pytest.mark.parametrize("language", ["en", "zh"])
def test_of_what_has_no_phrasings_of_its_own_they_speak_all_the_same(language):
    voice = Voice(language, np.random.default_rng(0), "EUR")
    assert "wireless" in voice.say("answer_connectivity", voice.word(("connectivity", "wireless")))
    assert "mouse" in voice.opening(("words", "mouse"), [("max", voice.amount(1550))])
    assert voice.amount(1550) == "15.5 EUR"
