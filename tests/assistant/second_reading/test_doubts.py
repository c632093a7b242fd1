"""What the parser says that it is unsure of."""

import doctest
import importlib
from pathlib import Path

import pytest
from understanding import CASES, after, bench, new_session, parser

from assistant.parsing.choosing import OUTSIDE
from assistant.parsing.doubts import Doubts
from benchmarks.parsing import read_cases

MODULES = ("assistant.parsing.choosing", "assistant.parsing.hints", *(
    f"assistant.second_reading.{name}" for name in ("naming", "checking", "prompting")
))  # fmt: skip


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_in_the_docstrings_hold(name):
    result = doctest.testmod(importlib.import_module(name))
    assert (result.failed, result.attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        ("waterproof hiking boots under $120", ()),
        ("wellies for the garden", ("wellies",)),
        ("a jacket, but no leatger please", ("leatger",)),
        ("三百块以内的跑步鞋，不要黑色", ()),
        ("有没有冲浪板", ("冲浪板",)),
        ("登山鞋，我穿39码，要宽楦的", ()),
    ],
)
def test_words_that_nobody_knows_are_told(message, words):
    assert parser().doubts(message, new_session()).words == words


def test_an_intent_in_doubt_comes_with_what_it_may_be_instead_the_chosen_one_first():
    for message in ("I keep dithering over it all", "唉，选择困难"):
        intents = parser().doubts(message, new_session()).intents
        chosen = parser().parse(message, new_session()).intent
        assert intents[0] == ("wish" if chosen in ("search", "refine") else chosen)
        assert len(set(intents)) == len(intents) > 1


def test_what_names_the_catalog_is_in_no_doubt_to_be_a_shops_business():
    for message in ("my sister bought a tent and she is over the moon", "帐篷怎么了"):
        assert OUTSIDE not in parser().doubts(message, new_session()).intents


def test_what_goes_on_with_a_wish_is_in_no_doubt():
    session = after(new_session(), "hiking boots", shown=("hiking-boots-01",)).session
    assert [parser().doubts(message, session) for message in ("under 100", "不要黑色的", "show me more")] == [
        Doubts()
    ] * 3


@pytest.mark.slow
def test_intents_in_doubt_are_wrong_more_often_and_few():
    outcomes: dict[bool, list[bool]] = {True: [], False: []}
    for case in read_cases(Path(CASES) / "shoppers_utterances.jsonl"):
        if "intent" in case.expect and len(case.turns) == 1:
            doubtful = bool(parser().doubts(case.turns[0], new_session()).intents)
            outcomes[doubtful].append(bench().run(case).parsed.intent in case.expect["intent"])
    sure, doubted = (sum(outcomes[key]) / max(1, len(outcomes[key])) for key in (False, True))
    assert sure > doubted
    assert len(outcomes[True]) < 0.2 * len(outcomes[False])
