"""What the built-in model is told, and what its reply may go on with."""

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.builtin.brief import (
    END,
    GROUPS,
    MAX_PRODUCTS,
    PRODUCT_FACTS,
    SAY,
    Brief,
    Part,
    atoms,
    groups_of,
    read_brief,
)
from assistant.builtin.constraints import MUST_TELL, Progress, faults
from benchmarks.writing_corpus.briefs import a_brief

BOOTS = Brief(
    "en", "search_many", ("wish", "n_matched"), (("title", "price", "rating", "n_reviews"), ("title", "price", "less")),
    "plain", "short", "sorry",
)  # fmt: skip


def test_a_brief_is_read_part_by_part():
    assert BOOTS.head() == "<|en|><|search_many|><|plain|><|short|><|sorry|><|n2|>"
    assert [part.text() for part in BOOTS.parts()] == [
        "<|open|>{wish}{n_matched}<|say|>",
        "<|first|>{title}{price}{rating}{n_reviews}<|say|>",
        "<|next|><|n1|>{title}{price}{less}<|say|>",
        "<|close|><|say|>",
    ]
    assert [part.place for part in BOOTS.parts()] == [0, 1, 2, 0]
    assert BOOTS.parts()[2].named("{title}, {less} less") == "{p2.title}, {p2.less} less"
    assert read_brief(BOOTS.text()) == BOOTS


def test_what_ends_a_reply_is_told_in_its_close():
    parts = Brief("zh", "more", ("wish", "question"), (("title", "price"),)).parts()
    assert [(part.kind, part.facts) for part in parts] == [
        ("open", ("wish",)), ("first", ("title", "price")), ("close", ("question",)),
    ]  # fmt: skip


def test_a_comparison_has_a_part_only_for_what_something_speaks_for():
    parts = Brief("en", "compare", ("table",), (("title",), ("title", "top"))).parts()
    assert [(part.kind, part.place) for part in parts] == [("open", 0), ("next", 2), ("close", 0)]


def test_one_product_that_is_judged_is_named_in_the_opening():
    parts = Brief("en", "liked", (), (("title",),)).parts()
    assert [(part.kind, part.facts, part.place) for part in parts] == [("open", ("title",), 1), ("close", (), 0)]


@given(st.integers(0, 10_000))
def test_every_brief_can_be_read_back(seed):
    brief = a_brief(random.Random(seed))
    assert read_brief(brief.text()) == brief


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"language": "de"}, "'de' is none of en, zh"),
        ({"move": "sing"}, "'sing' is none of"),
        ({"shared": ("secret",)}, "'secret' is none of"),
        ({"products": (("title", "colour"),)}, "'colour' is none of"),
        ({"products": (("title",),) * (MAX_PRODUCTS + 1)}, "at most 8 products, not 9"),
    ],
)
def test_an_unknown_name_is_refused_by_name(changed, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Brief(**{"language": "en", "move": "more", **changed})


@pytest.mark.parametrize(
    "text", ["", "Hello, who are you?", "<|en|><|more|>", BOOTS.head(), BOOTS.text().replace("{wish}", "{zzz}")]
)
def test_what_is_no_brief_is_refused(text):
    with pytest.raises(ValueError, match=r"a brief has six marks|is none of"):
        read_brief(text)


def test_no_atom_is_part_of_another_and_none_stands_twice():
    found = list(atoms())
    assert len(found) == len(set(found))
    assert not [(a, b) for a in found for b in found if a != b and a in b]


def test_every_fact_of_a_product_is_said_by_some_group():
    assert set(PRODUCT_FACTS) - {"title", "price"} == {name for names in GROUPS.values() for name in names}


def test_facts_that_belong_together_are_one_group():
    assert groups_of(("title", "price", "under", "budget", "rating")) == ["under", "rating_alone"]
    assert groups_of(("title", "budget", "praised", "n_praised", "rating", "n_reviews")) == [
        "within",
        "praised",
        "rating",
    ]


PART = Part("next", ("title", "price", "rating", "n_reviews"), 2)


def test_a_sound_part_breaks_no_rule():
    assert faults(PART, " Then {title} at {price}: rated {rating} by {n_reviews}.") == []
    assert faults(PART, " For {price}, {title}.") == []
    assert faults(Part("close"), "") == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("{title}, {stock}.", ["{stock}"]),
        ("{title} at {price}, {price}.", ["{price}"]),
        ("{title}, {p1.price}.", []),
        ("{price} only. That is {title}.", [" only. That is "]),
        ("At {price}? {title}.", []),
        ("{title}, {title}.", ["{title}"]),
        ("A fine one.", [END]),
        ("", [END]),
    ],
)
def test_what_breaks_a_rule_is_named(text, wrong):
    assert faults(PART, text) == wrong


def test_marks_are_no_text():
    assert not Progress(PART).allows("<|en|>")
    assert not Progress(PART).allows(SAY)


@pytest.mark.parametrize("fact", sorted(MUST_TELL))
def test_what_would_be_lost_must_be_told(fact):
    part = Part("open", ("wish", fact))
    assert faults(part, "For {wish}") == [END]
    assert faults(part, f"{{{fact}}} for {{wish}}.") == []


@given(st.integers(0, 10_000), st.lists(st.integers(0, 400), max_size=40))
def test_whatever_is_allowed_breaks_no_rule(seed, picks):
    for part in a_brief(random.Random(seed)).parts():
        progress, written = Progress(part), ""
        offered = [*(f"{{{name}}}" for name in part.facts), " and ", "{stock}", "{shop}", "<|en|>"]
        for pick in picks:
            piece = offered[pick % len(offered)]
            if progress.allows(piece):
                progress.add(piece)
                written += piece
        assert set(faults(part, written)) <= {END}
        facts = re.findall(r"\{([a-z_]+)\}", written)
        assert len(facts) == len(set(facts))
        assert set(facts) <= set(part.facts)
