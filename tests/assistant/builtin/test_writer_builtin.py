"""The writer with a built-in model: whatever that writes, the reply is true and whole."""

import logging
import random
import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from writing_examples import CLOUD, RIDGE, TRAIL, a_step, recommended, the_evidence

from assistant.builtin.brief import read_brief
from assistant.builtin.model import shipped
from assistant.types import Option, Question
from assistant.writer import Writer
from benchmarks.writing_corpus.composing import compose, joined
from retrieval.errors import LanguageModelError

ALL = (TRAIL, RIDGE, CLOUD)
QUESTION = Question("color", (Option("In grey", "grey", 3), Option("In black", "black", 1200)), 0.2, "Whatever")


class Composed:
    """Writes as the training texts do."""

    def __init__(self, seed):
        self.chance = random.Random(seed)

    def stream(self, system, user, seed=""):
        brief = read_brief(user)
        yield from re.split(r"(?<= )", joined(brief, compose(brief, self.chance)))


class Scripted:
    def __init__(self, text, fails=False):
        self.text = text
        self.fails = fails

    def stream(self, system, user, seed=""):
        yield self.text
        if self.fails:
            raise LanguageModelError("the built-in model broke")


def written(model, step=None, products=ALL, voice="warm", **evidence):
    step = step or a_step()
    shown = recommended(step, *products) if step.action in ("recommend", "bundle") else []
    writer = Writer(None, (lambda: model) if model else None, voice)
    return "".join(writer.write(step, shown, the_evidence(step, **evidence)))


def plain(step=None, products=ALL, **evidence):
    return written(None, step, products, **evidence)


def test_facts_are_filled_in_where_the_model_left_their_names():
    text = written(Scripted(
        "I found {n_matched} {wish}. First {p1.title} at {p1.price}, {p1.stock}. Then {p2.title} for {p2.price}. "
        "And {p3.title}, {p3.less} less."
    ))  # fmt: skip
    assert text == (
        "I found 3 waterproof hiking boots under $120, none listed as brown. First Fellside Trail Boot at $99.00, only "
        "4 left. Then Highmoor Leather Boot for $115.00. And Cloud Walker, $18.50 less."
    )


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("seed", range(25))
def test_a_composed_reply_comes_through_whole(language, seed):
    step = a_step(language=language, text="waterproof boots" if language == "en" else "防水登山靴")
    text = written(Composed(seed), step, question=QUESTION)
    assert "{" not in text
    for product in ALL:
        assert text.count(product.title_in(language)) == 1
    asked = {"en": "grey (3) or black (1,200)", "zh": "灰色（3款）"}[language]
    assert text.count(asked) == 1
    allowed = {"99.00", "150.00", "115.00", "80.50", "5", "120", "16", "18.50"}
    assert set(re.findall(r"\$([\d.,]*\d)", text)) <= allowed


@pytest.mark.parametrize(
    "lie",
    [
        "It costs $5.",
        "Only 2 left!",
        "{p1.title} ships free, I promise.",
        "{p4.title} is even better.",
        "See www.cheap.example.",
        "{p1.title} is made of leather.",
        "现在打五折。",
    ],
)
def test_a_lying_model_loses_the_sentence_and_the_products_are_completed(lie):
    text = written(Scripted(f"Take {{p1.title}} at {{p1.price}}. {lie}"))
    assert text.startswith("Take Fellside Trail Boot at $99.00.\n")
    assert not re.search(r"\$5\b(?! under)|2 left|promise|better|www|五折|made of leather\.", text.splitlines()[0])
    assert text.count("Highmoor Leather Boot, $115.00") == 1
    assert text.count("Cloud Walker") == 1


@pytest.mark.parametrize("nothing", ["", "  ", "It is $5.", "{nonsense}"])
def test_where_nothing_of_it_can_be_shown_the_plain_writer_says_it_all(nothing):
    assert written(Scripted(nothing), question=QUESTION) == plain(question=QUESTION)


def test_a_model_that_breaks_is_completed_and_said_once(caplog):
    with caplog.at_level(logging.WARNING):
        text = written(Scripted("Take {p1.title}. And", fails=True))
    assert text.startswith("Take Fellside Trail Boot.\n")
    assert "Cloud Walker" in text
    assert [record.message for record in caplog.records] == [
        "the built-in model broke; the plain writer completes the reply"
    ]


def test_notes_come_first_and_once_whoever_writes():
    notes = (("converted", {"from": "¥300", "to": "$41.67"}), ("unstated", {"wish": "noise cancelling"}))
    text = written(Composed(1), a_step(notes=notes))
    assert text.count("$41.67") == text.count("noise cancelling") == 1
    assert text.index("$41.67") < text.index("noise cancelling") < text.index("Fellside")


def test_a_question_that_the_model_left_out_is_asked():
    text = written(Scripted("{p1.title}, {p2.title}, {p3.title}."), question=QUESTION)
    assert text.splitlines()[0] == "Fellside Trail Boot, Highmoor Leather Boot, Cloud Walker."
    assert "grey (3) or black (1,200)" in text.splitlines()[1]


def test_a_comparison_holds_the_table_whatever_the_model_does():
    step = a_step("compare", text="compare them", intent="compare", product_ids=("b1", "b2"))
    text = written(Scripted("Side by side:\n{table}\nFor {p1.title}: {p1.top}."), step)
    assert text.startswith(
        "Side by side:\n| | 1. Fellside Trail Boot | 2. Highmoor Leather Boot |\n| --- | --- | --- |\n"
        "| Price | $99.00 | $115.00 |"
    )
    assert text.endswith("For Fellside Trail Boot: the cheaper of the two.")
    assert written(Scripted("Little sets them apart."), step).count("1. Fellside Trail Boot") == 1


@pytest.mark.parametrize(
    "action", ["faq", "order", "handoff", "size_advice", "noted", "ask_rate", "nothing_to_refer_to"]
)
def test_what_is_quoted_stays_the_plain_writers(action):
    step = a_step(action)
    assert written(Scripted("I can say what I like."), step) == plain(step)


@settings(max_examples=80)
@given(
    st.integers(0, 10_000),
    st.integers(1, 3),
    st.sampled_from(("en", "zh")),
    st.sampled_from(("warm", "plain", "lively")),
)
def test_any_voice_names_every_product_once(seed, n, language, voice):
    step = a_step(language=language, text="boots" if language == "en" else "靴子")
    text = written(Composed(seed), step, ALL[:n], voice, n_matched=9)
    assert all(text.count(product.title_in(language)) == 1 for product in ALL[:n])


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("model", [shipped, None], ids=["built-in", "plain"])
def test_another_conversation_reads_otherwise_and_a_replay_is_the_same(language, model):
    def texts():
        steps = [a_step(language=language, session_id=f"shopper {n}") for n in range(20)]
        return [written(model and model(), step) for step in steps]

    said = texts()
    assert texts() == said
    assert len(set(said)) >= 8
    for text in said:
        assert [text.count(product.title_in(language)) for product in ALL] == [1, 1, 1]
        allowed = {"99.00", "150.00", "115.00", "80.50", "5", "120", "16", "18.50", "21", "39.50"}
        assert set(re.findall(r"\$([\d.,]*\d)", text)) <= allowed


def test_another_turn_of_a_conversation_reads_otherwise():
    assert len({written(shipped(), a_step(turn=turn)) for turn in range(1, 7)}) >= 4
