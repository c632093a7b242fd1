"""The trained classifier beside the parser's rules; how often it is right is measured by `benchmarks.scope`."""

import doctest
import importlib
import json
import shutil
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from understanding import new_session, parser, say

from assistant.parsing.choosing import EVIDENCE, Heard, IntentChooser, evidence
from assistant.parsing.classifier.features import MAX_CHARACTERS, N_FEATURES, places
from assistant.parsing.classifier.model import (
    FOLDER,
    INTENTS,
    META_FILE,
    SENTIMENTS,
    WEIGHTS_FILE,
    DamagedWeights,
    Judgement,
    MessageClassifier,
    shipped,
)  # fmt: skip
from assistant.parsing.sentiment import EVIDENCE as MOOD_EVIDENCE
from assistant.parsing.sentiment import mood_evidence
from assistant.types import INTENTS as ALL_INTENTS
from retrieval.lexicon.matching import tokenize

DOCTESTS = ("assistant.parsing.classifier.features", "assistant.parsing.classifier.model", "assistant.parsing.intent")
SHOWN = ("hiking-boots-01", "hiking-boots-02")


def intent_of(message: str) -> str:
    return parser().parse(message, new_session()).intent


@pytest.mark.parametrize("name", DOCTESTS)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0


@pytest.mark.parametrize(
    "message",
    [
        "how many people live in lagos", "wake me up at half six", "what's the plot of inception",
        "could you schedule a meeting with tom on friday", "how do I renew my passport",
        "后天气温多少度", "怎么申请公积金贷款", "明早六点半叫我起床", "晚上八点提醒我开会", "最近的医院在哪",
    ],
)  # fmt: skip
def test_what_no_cue_knows_is_still_recognised_as_no_business_of_a_shop(message: str) -> None:
    assert intent_of(message) == "out_of_scope"


@pytest.mark.parametrize(
    "message",
    [
        "theremin",
        "mongoose",
        "any zithers?",
        "do you stock balalaikas",
        "打蛋器",
        "有没有唢呐",
        "我想买个陀螺",
        "a hygrometer for the cellar",
    ],
)
def test_a_wish_in_words_that_nobody_foresaw_stays_a_wish(message: str) -> None:
    assert intent_of(message) == "search"


@pytest.mark.parametrize(
    ("message", "intent"),
    [
        ("who covers the postage if I return it", "faq"), ("新疆发不发", "faq"),
        ("has it left the warehouse", "order"), ("物流从周一就没动过", "order"),
        ("pass me on to a colleague", "handoff"), ("有没有活人", "handoff"),
        ("fair enough", "smalltalk"), ("我再考虑考虑", "smalltalk"),
    ],
)  # fmt: skip
def test_where_the_rules_know_no_cue_the_classifier_decides(message: str, intent: str) -> None:
    assert intent_of(message) == intent


def test_a_strong_cue_of_the_rules_stands_against_the_classifier() -> None:
    rules = IntentChooser(None)
    heard = parser().hear("are you open tomorrow", new_session())
    assert shipped().judge(heard.text).outside > -3.0
    assert (rules.choose(heard), IntentChooser.of_shop().choose(heard)) == ("faq", "faq")


def outside_whatever_is_said() -> IntentChooser:
    """A classifier that takes everything for no business of a shop."""
    n, moods = 1 + len(INTENTS), len(SENTIMENTS)
    weights = np.zeros((N_FEATURES, n + moods), dtype=np.float16)
    bias = np.full(n + moods, -9.0, dtype=np.float32)
    bias[0] = 50.0
    evidence_weights = np.zeros((len(EVIDENCE), n), dtype=np.float32)
    mood = np.zeros((len(MOOD_EVIDENCE), moods), dtype=np.float32)
    idf = np.ones(N_FEATURES, dtype=np.float16)
    return IntentChooser(
        MessageClassifier(idf, weights, bias, evidence_weights, bias[:n], mood, np.zeros(moods, dtype=np.float32))
    )


@pytest.mark.parametrize(
    "message",
    [
        "hiking boots by the sea",
        "something in green for the wall",
        "Tarnock, what of it",
        "水壶怎么样才好",
        "绿色的那种随便什么",
    ],
)
def test_no_classifier_puts_out_of_scope_what_names_something_of_the_catalog(message: str) -> None:
    heard = parser().hear(message, new_session())
    assert heard.names_catalog
    assert outside_whatever_is_said().choose(heard) != "out_of_scope"


def test_the_doubting_classifier_does_put_the_rest_out_of_scope() -> None:
    heard = parser().hear("we talked about the wind and the rain all night", new_session())
    assert outside_whatever_is_said().choose(heard) == "out_of_scope"
    assert outside_whatever_is_said().choose(replace(heard, names_catalog=True)) != "out_of_scope"


def test_a_word_or_two_are_a_search_and_never_out_of_scope_by_the_classifier_alone() -> None:
    assert outside_whatever_is_said().choose(Heard("apple", tokenize("apple"), frozenset())) == "wish"


def test_what_goes_on_with_a_wish_is_not_asked_of_the_classifier() -> None:
    assert say("perfume around 60", "at most 50").session.filters.price_max_minor == 5000
    assert say("hiking boots", "next", shown=SHOWN).parsed.move == "more"
    assert say("kettles", "whats the difference between 1 and 2", shown=SHOWN).parsed.intent == "compare"


def test_the_evidence_has_a_place_for_everything_that_is_weighed() -> None:
    judged = Judgement(2.0, np.arange(len(INTENTS), dtype=np.float32), np.zeros(len(SENTIMENTS), dtype=np.float32))
    heard = parser().hear("where is my order 48213?", new_session())
    found = dict(zip(EVIDENCE, evidence(judged, heard).tolist(), strict=True))
    assert (found["out_of_scope"], found["log p of wish"], found["log p of bundle"]) == (2.0, 0.0, 1.0)
    assert (found["points of order"], found["question"]) == (6.0, 1.0)
    assert len(EVIDENCE) == len(shipped().evidence)


def test_what_a_mood_is_told_by_has_its_place() -> None:
    judged = Judgement(2.0, np.zeros(len(INTENTS), dtype=np.float32), np.array([-3.0, -2.0, -1.0], dtype=np.float32))
    found = dict(zip(MOOD_EVIDENCE, mood_evidence(judged, "negative", "order").tolist(), strict=True))
    assert (found["log p of negative"], found["log p of positive"]) == (-3.0, -1.0)
    assert (found["words say negative"], found["words say neutral"], found["intent is order"]) == (1.0, 0.0, 1.0)
    assert sum(found.values()) == -4.0
    assert len(MOOD_EVIDENCE) == len(shipped().mood)


@pytest.mark.parametrize(
    ("message", "sentiment"),
    [
        ("aww the second one is adorable", "positive"),
        ("第一款我爱了", "positive"),
        ("how long does delivery take", "neutral"),
        ("发货要几天", "neutral"),
        ("waterproof boots, I hate wet feet", "neutral"),
    ],
)
def test_how_a_message_sounds_is_heard_beyond_its_strong_words(message: str, sentiment: str) -> None:
    assert say("boots", message, shown=SHOWN).parsed.sentiment == sentiment


def test_the_weights_are_small_and_belong_to_their_meta_file(tmp_path: Path) -> None:
    assert (FOLDER / WEIGHTS_FILE).stat().st_size < 5_000_000
    for name in (WEIGHTS_FILE, META_FILE):
        shutil.copy(FOLDER / name, tmp_path / name)
    assert MessageClassifier.load(tmp_path).judge("any tents?").outside == shipped().judge("any tents?").outside
    damaged = bytearray((tmp_path / WEIGHTS_FILE).read_bytes())
    damaged[-1] ^= 1
    (tmp_path / WEIGHTS_FILE).write_bytes(damaged)
    with pytest.raises(DamagedWeights, match="install again"):
        MessageClassifier.load(tmp_path)


def test_weights_of_other_labels_are_refused(tmp_path: Path) -> None:
    shutil.copy(FOLDER / WEIGHTS_FILE, tmp_path)
    meta = json.loads((FOLDER / META_FILE).read_text("utf-8")) | {"n_features": 7}
    (tmp_path / META_FILE).write_text(json.dumps(meta), "utf-8")
    with pytest.raises(DamagedWeights, match="train_intents"):
        MessageClassifier.load(tmp_path)


@given(st.text(max_size=3 * MAX_CHARACTERS))
@settings(max_examples=200, deadline=None)
def test_any_text_has_features_and_a_judgement(text: str) -> None:
    found = places(text)
    assert (np.diff(found) > 0).all()
    assert ((found >= 0) & (found < N_FEATURES)).all()
    assert places(text + "\n").tolist() == found.tolist() or len(text) >= MAX_CHARACTERS
    judged = shipped().judge(text)
    assert np.isfinite(judged.outside)
    assert float(np.exp(judged.intents).sum()) == pytest.approx(1.0, abs=1e-4)


@given(st.text(max_size=80))
@settings(max_examples=100, deadline=None)
def test_any_message_gets_one_of_the_intents(text: str) -> None:
    assert intent_of(text) in ALL_INTENTS


def test_a_judgement_takes_less_than_a_millisecond() -> None:
    messages = ["waterproof hiking boots under 120 dollars, not brown", "三百块以内的跑步鞋,不要黑色", "a" * 2000]
    best = []
    for message in messages:
        timed = []
        for _ in range(50):
            started = time.perf_counter()
            shipped().judge(message)
            timed.append(time.perf_counter() - started)
        best.append(min(timed))
    assert max(best) < 0.001
