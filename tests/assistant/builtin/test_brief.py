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
    REPLY,
    Brief,
    atoms,
    groups_of,
    read_brief,
)
from assistant.builtin.constraints import Progress, faults
from benchmarks.writing_corpus.briefs import a_brief

BOOTS = Brief(
    "en", "search_many", ("wish", "n_matched"), (("title", "price", "rating", "n_reviews"), ("title", "price", "less")),
    "plain", "short", "sorry",
)  # fmt: skip


def pieces_of(text):
    return [piece for piece in re.split(r"(\{[a-z0-9_.]+\})", text) if piece]


def test_a_brief_is_one_text():
    assert BOOTS.text() == (
        "<|en|><|search_many|><|plain|><|short|><|sorry|>\n"
        "{wish}{n_matched}\n"
        "{p1.title}{p1.price}{p1.rating}{p1.n_reviews}\n"
        "<|last|>{p2.title}{p2.price}{p2.less}\n"
        "<|reply|>"
    )
    assert read_brief(BOOTS.text()) == BOOTS


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


@pytest.mark.parametrize("text", ["", "Hello, who are you?", "<|en|><|more|>", BOOTS.text().replace("{wish}", "{x}")])
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


GOOD = (
    "I found {n_matched} {wish}. I'd start with {p1.title} at {p1.price}: rated {p1.rating} by {p1.n_reviews} buyers. "
    "For {p2.less} less there's {p2.title}, {p2.price}."
)


def test_a_sound_reply_breaks_no_rule():
    assert faults(BOOTS, [*pieces_of(GOOD), END]) == []


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        (GOOD.replace("{p1.rating}", "{p1.stock}"), ["{p1.stock}"]),
        (GOOD.replace("{wish}", "{shop}"), ["{shop}"]),
        (GOOD + " {p2.price}", ["{p2.price}"]),
        (GOOD + " {p3.title}", ["{p3.title}", END]),
        ("{p2.title} at {p2.price}, {p1.title}.", ["{p2.title}", "{p1.title}", END]),
        ("{p1.title}. For {p2.less} less at {p1.price}, {p2.title}.", ["{p1.price}"]),
        ("{p1.title}. {p2.less} less. That is {p2.title}.", [" less. That is "]),
        ("{p1.title} only.", [END]),
        ("{p1.title}, <|en|> {p2.title}.", []),
        ("", [END]),
    ],
)
def test_what_breaks_a_rule_is_named(text, wrong):
    assert faults(BOOTS, [*pieces_of(text), END]) == wrong


def test_marks_are_no_text():
    assert faults(BOOTS, ["<|en|>", REPLY]) == ["<|en|>", REPLY]


def test_what_would_be_lost_must_be_told():
    brief = Brief("en", "nothing", ("wish", "steps", "question"))
    assert faults(brief, ["Sorry, no ", "{wish}", ". ", "{steps}", END]) == [END]
    assert faults(brief, ["Sorry. ", "{steps}", ". ", "{question}", END]) == []


def test_a_comparison_may_leave_products_to_its_table():
    brief = Brief("en", "compare", ("table",), (("title",), ("title", "top"), ("title", "liked")))
    assert faults(brief, ["{table}", "\n", "{p2.title}", " is ", "{p2.top}", ".", END]) == []
    assert faults(brief, ["{p1.title}", ".", END]) == [END]


@given(st.integers(0, 10_000), st.lists(st.integers(0, 400), max_size=60))
def test_whatever_is_allowed_breaks_no_rule(seed, picks):
    brief = a_brief(random.Random(seed))
    progress, written = Progress(brief), []
    offered = [*(f"{{{name}}}" for name in brief.facts()), " and ", ". ", "{p7.stock}", "{shop}", "<|en|>"]
    for pick in picks:
        piece = offered[pick % len(offered)]
        if progress.allows(piece):
            progress.add(piece)
            written.append(piece)
    assert faults(brief, written) == []
    facts = [piece for piece in written if piece.startswith("{")]
    assert len(facts) == len(set(facts))
    assert {fact[1:-1] for fact in facts} <= set(brief.facts())
