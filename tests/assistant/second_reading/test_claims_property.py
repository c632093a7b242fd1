"""Whatever a model writes, no price and no condition that does not stand in the words of the message."""

from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz.distance import OSA
from understanding import new_session, parser

from assistant.parsing.money import find_price
from assistant.second_reading.reader import SecondReader
from assistant.types import INTENTS
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import fold, norms

MESSAGES = (
    "a jacket of leatger under 90",
    "a jacket, but no leatger please",
    "wellies for the garden, 12 of us are going",
    "hiya, after a kettle in dunkelrot, nothing plastik",
    "any theremins or polyestur tents for 8 at 200?",
    "I keep dithering over it all",
    "my sister bought a tent for 300 and she is over the moon",
    "norbyt laptop, size 14 inch, not refurbisched",
    "帐篷要polyesrer的，300块以内",
    "帐篷，不要polyesrer的",
    "有没有冲浪板，八百左右",
    "唉，选择困难",
    "立个flag今年跑步瘦二十斤，先整双跑鞋，我脚宽，穿43的",
    "外套，酒紅色的唔好，要輕身同埋防水，42碼",
)
NEGATIONS = ("no ", "not", "nothing", "without", "n't", "不", "别", "唔", "莫", "没", "无", "非")


@dataclass(frozen=True)
class Scripted:
    """A language model that writes what the test says: a provider's model would write what it likes."""

    answer: dict

    def fill_in(self, system, user, form, session_id=""):
        return form.model_validate(self.answer)


NEARLY_TRUE = (
    ("leatger", "material", "leather"), ("plastik", "material", "plastic"), ("polyestur", "material", "polyester"),
    ("polyesrer", "material", "polyester"), ("refurbisched", "condition", "refurbished"), ("冲浪板", "word", "board"),
    ("dunkelrot", "color", "red"), ("wellies", "word", "boots"), ("norbyt", "brand", "norbyte"),
)  # fmt: skip


@cache
def values():
    vocabulary = parser().vocabulary
    pairs = [(name, value) for name, counts in vocabulary.attributes.items() for value in counts]
    pairs += [("category", name) for name in vocabulary.categories] + [("brand", name) for name in vocabulary.brands]
    pairs += [("department", name) for name in vocabulary.departments]
    pairs += [("word", word) for word in list(vocabulary.words)[:200]]
    return (
        *pairs,
        ("price", "50"),
        ("price_max", "1"),
        ("sort", "price"),
        ("quantity", "3"),
        ("color", "vibranium"),
        ("", ""),
    )


@cache
def words_of(message):
    said = message.replace("，", " ").replace(",", " ").split()
    return (*said, *parser().doubts(message, new_session()).words, message)


@st.composite
def readings(draw):
    message = draw(st.sampled_from(MESSAGES))
    start = draw(st.integers(0, len(message) - 1))
    part = message[start : draw(st.integers(start + 1, len(message)))]
    quotes = st.one_of(st.sampled_from(words_of(message)), st.just(part), st.text(max_size=8))
    invented = st.tuples(quotes, st.sampled_from(values())).map(lambda pair: (pair[0], *pair[1]))
    nearly = st.sampled_from([claim for claim in NEARLY_TRUE if claim[0] in message] or list(NEARLY_TRUE))
    claims = st.lists(st.tuples(st.one_of(invented, nearly), st.booleans()), max_size=6)
    intents = st.one_of(st.none(), st.sampled_from((*INTENTS, "wish", "root")))
    said = [
        {"quote": quote, "attribute": attribute, "value": value, "refused": refused}
        for (quote, attribute, value), refused in draw(claims)
    ]
    return message, {"intent": draw(intents), "claims": said, "price_max": 1}


def is_in_words(value, message):
    """Whether a word or a run of characters of the message is what the value is called, or nearly."""
    folded = fold(message)
    called = {value, *(s for c in load_lexicon().concepts if c.value == value for s in c.surfaces)}
    called |= {chinese for chinese, english in load_lexicon().glossary.items() if english == value}
    words = norms(message)
    nearly = any(
        OSA.normalized_similarity(word, norm) >= 0.8 for word in words for name in called for norm in norms(name)
    )
    return nearly or any(fold(name) in folded for name in called)


@pytest.fixture(scope="module", autouse=True)
def _read_the_catalog():
    """Before the first example, whose time is measured."""
    values()
    for message in MESSAGES:
        words_of(message)


@pytest.mark.slow
@settings(max_examples=200)
@given(readings())
def test_no_price_and_no_condition_that_is_not_in_the_words(reading):
    message, answer = reading
    session = new_session()
    first = parser().parse(message, session)
    second = SecondReader(Scripted(answer)).parse(message, session, parser())
    old, new = first.filters, second.filters
    for bound in ("price_min_minor", "price_max_minor", "around_minor", "currency"):
        assert getattr(new, bound) == getattr(old, bound) or not find_price(fold(message)).is_empty
    if first.intent in ("search", "refine"):
        assert (new.price_min_minor, new.price_max_minor) == (old.price_min_minor, old.price_max_minor)
        assert (new.sort, new.quantity, second.move, second.references) == (
            old.sort, old.quantity, first.move, first.references,
        )  # fmt: skip
    assert new.category in (None, old.category) or is_in_words(new.category, message)
    for before, after, refused in ((old.include, new.include, False), (old.exclude, new.exclude, True)):
        claimed = {claim["attribute"] for claim in answer["claims"] if claim["refused"] is refused}
        for name, stated in after.items():
            for value in set(stated) - set(before.get(name, ())):
                assert name == "size" or is_in_words(value, message), (name, value)
                assert name in claimed or first.intent not in ("search", "refine"), (name, value)
        assert all(set(stated) <= set(after.get(name, ())) for name, stated in before.items())
    if new.exclude != old.exclude:
        assert any(word in fold(message) for word in NEGATIONS)
