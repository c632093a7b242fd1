"""How a wish is said, word for word."""

import pytest
from writing_examples import a_step, recommended, the_evidence

from assistant.builtin.brief import read_brief
from assistant.writer import Writer
from assistant.writing.briefing import briefed
from assistant.writing.plain import turn_of
from assistant.writing.wishes import wish_phrase
from retrieval.types import Filters, Product, Variant


def wished(category, language="en", *, counted=False, **include):
    included = {name: tuple(values) for name, values in include.items()}
    return wish_phrase(Filters(category, include=included), "", "USD", language, counted=counted)


@pytest.mark.parametrize(
    ("category", "alone", "after_a_number"),
    [
        ("luggage", "blue luggage", "blue luggage options"),
        ("cookware", "blue cookware", "blue cookware options"),
        ("swimwear", "blue swimwear", "blue swimwear options"),
        ("camping gear", "blue camping gear", "blue camping gear options"),
        ("pet food", "blue pet food", "blue pet food options"),
        ("jewellery", "blue jewellery", "blue jewellery options"),
        ("hiking boots", "blue hiking boots", "blue hiking boots"),
        ("teas", "blue teas", "blue teas"),
    ],
)
def test_what_is_not_counted_in_english_has_a_word_that_is(category, alone, after_a_number):
    assert wished(category, color=["blue"]) == alone
    assert wished(category, color=["blue"], counted=True) == after_a_number


def test_the_word_stands_before_what_follows_the_noun():
    said = wished("luggage", feature=["carry-on", "hard shell"], size=["40 l"], counted=True)
    assert said == "carry-on luggage options (40 l) with hard shell"
    assert wished("luggage", "zh", color=["blue"], counted=True) == "蓝色行李箱"


def cases(n):
    return [Product(f"c{n}", f"Case {n}", "USD", (Variant(f"c{n}", 9900),), category="luggage") for n in range(n)]


def luggage(n, n_matched, language="en"):
    """A turn with so many of what was found."""
    step = a_step(language=language, filters=Filters("luggage", include={"color": ("blue",)}))
    return step, recommended(step, *cases(n)), the_evidence(step, n_matched=n_matched)


@pytest.mark.parametrize(
    ("n", "n_matched", "said"),
    [
        (2, 3, "3 blue luggage options"),
        (2, 2, "2 blue luggage options"),
        (1, 1, "blue luggage"),
        (0, 0, "blue luggage"),
    ],
)
def test_both_writers_count_options(n, n_matched, said):
    step, shown, evidence = luggage(n, n_matched)
    opening = "".join(Writer().write(step, shown, evidence)).partition("\n")[0]
    assert f"{said} " in opening.replace(".", " ").replace(",", " ")
    assert ("options" in opening) == ("options" in said)
    brief, facts = briefed(turn_of(step, shown, evidence))
    assert read_brief(brief.text()) == brief
    assert facts.values["wish"] == said.lstrip("0123456789 ")


@pytest.mark.parametrize(
    ("category", "features", "said"),
    [
        ("luggage", ["carry-on", "hard shell"], "硬壳登机箱"),
        ("luggage", ["hard shell", "carry-on"], "硬壳登机箱"),
        ("luggage", ["carry-on"], "登机箱"),
        ("luggage", ["hard shell"], "硬壳行李箱"),
        ("keyboards", ["机械键盘", "wireless"], "无线机械键盘"),
        ("hiking boots", ["waterproof"], "防水登山靴"),
        # It ends as 香水 does, and is no kind of it.
        ("perfumes", ["waterproof"], "防水香水"),
        ("backpacks", ["waterproof", "lightweight"], "防水轻便背包"),
    ],
)
def test_a_feature_that_is_the_thing_itself_is_its_noun(category, features, said):
    assert wished(category, "zh", feature=features) == said


def test_the_noun_of_a_feature_stands_after_everything_else():
    assert wished("luggage", "zh", feature=["carry-on", "hard shell"], color=["blue"]) == "蓝色硬壳登机箱"
    assert wished("luggage", "zh", feature=["carry-on"], size=["40 l"]) == "40升登机箱"
