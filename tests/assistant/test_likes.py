"""Whether stated likes and dislikes are heard however people say them, and nothing else is: shares with floors.

`cases/likes.jsonl` holds what shoppers might say, with the preferences that are in it, or none. Half of the texts,
drawn by a hash, were never looked at one by one while the parser was worked on: `kept_out`.
"""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_preferences import MOVIES
from understanding import CASES, new_session, parser, say

from assistant.parser import Parser
from assistant.parsing.marks import Thing
from assistant.parsing.preferences import titles_of
from assistant.parsing.stances import find_stances
from assistant.types import ParsedMessage
from retrieval.lexicon.matching import fold
from retrieval.vocabulary import Vocabulary


@dataclass(frozen=True, slots=True)
class Case:
    """A message and what it says: key -> 1 or -1."""

    text: str
    language: str
    shop: str
    says: dict[str, int]

    @property
    def kept_out(self) -> bool:
        return hashlib.sha256(self.text.encode()).digest()[0] % 2 == 1


@cache
def cases() -> tuple[Case, ...]:
    lines = (CASES / "likes.jsonl").read_text("utf-8").splitlines()
    return tuple(Case(**json.loads(line)) for line in lines)


@cache
def movies() -> Parser:
    return Parser(Vocabulary.from_products(MOVIES), lambda ids: {}, "USD", titles_of(MOVIES))


def parsed(case: Case) -> ParsedMessage:
    return (movies() if case.shop == "films" else parser()).parse(case.text, new_session())


def is_heard(case: Case) -> bool:
    """As meant, setting no condition; the kind of thing that is named beside may be liked, too. Of what says nothing
    lasting, nothing is to be noted."""
    message = parsed(case)
    read = {item.key: int(item.weight) for item in message.preferences}
    if not case.says:
        return not read
    beside = {
        key for key, weight in read.items() if key not in case.says and not (key[:9] == "category=" and weight > 0)
    }
    return {**read, **case.says} == read and not beside and message.intent == "feedback" and message.filters.is_empty


def share(chosen: Sequence[Case]) -> float:
    return sum(map(is_heard, chosen)) / len(chosen)


FLOORS = {
    ("en", True, False): 0.98,
    ("en", True, True): 0.90,
    ("en", False, False): 0.99,
    ("en", False, True): 0.98,
    ("zh", True, False): 0.95,
    ("zh", True, True): 0.88,
    ("zh", False, False): 0.99,
    ("zh", False, True): 0.96,
}
"""(language, whether something is stated, whether it was kept out) -> a share just below the one measured."""


@pytest.mark.parametrize(("language", "states", "kept_out"), FLOORS)
def test_as_many_are_heard_as_were(language: str, states: bool, kept_out: bool) -> None:
    chosen = [c for c in cases() if (c.language, bool(c.says), c.kept_out) == (language, states, kept_out)]
    assert len(chosen) >= 49
    assert share(chosen) >= FLOORS[language, states, kept_out]


@pytest.mark.parametrize(
    ("message", "expected"),
    [
        ("wool is my thing, but leather isn't", {"material=wool": 1, "material=leather": -1}),
        ("I love wool and hate leather", {"material=wool": 1, "material=leather": -1}),
        ("wool and linen are my go-tos", {"material=wool": 1, "material=linen": 1}),
        ("leather? no thanks, never", {"material=leather": -1}),
        ("I can't imagine life without wool", {"material=wool": 1}),
        ("im obsesed with wool", {"material=wool": 1}),
        ("羊毛我爱不释手,皮革我碰都不碰", {"material=wool": 1, "material=leather": -1}),
        ("爱纯棉,恨涤纶", {"material=cotton": 1, "material=polyester": -1}),
        ("Tarnock在我这儿进黑名单了", {"brand=tarnock": -1}),
    ],
)
def test_each_thing_has_the_stance_of_its_clause(message: str, expected: dict[str, int]) -> None:
    said = parser().parse(message, new_session())
    assert ({item.key: item.weight for item in said.preferences}, said.intent) == (expected, "feedback")


@pytest.mark.parametrize(
    ("message", "filters"),
    [
        ("wool is my thing, show me jackets", {}),
        ("羊毛是我的心头好,给我看看外套", {}),
        ("show me red jackets. Can't go wrong with wool", {"color": ("red",)}),
    ],
)
def test_a_stance_beside_a_wish_is_no_condition_of_it(message: str, filters: dict[str, tuple[str, ...]]) -> None:
    step = say(message)
    assert step.query is not None
    assert (step.query.filters.category, dict(step.query.filters.include)) == ("jackets", filters)
    assert [item.key for item in step.session.profile.stated] == ["material=wool"]


def test_in_the_middle_of_a_wish_a_stance_refines_it_as_before() -> None:
    step = say("show me jackets", "I won't touch leather")
    assert (step.action, step.session.filters.category) == ("recommend", "jackets")
    assert [item.key for item in step.session.profile.stated] == ["material=leather"]


@pytest.mark.parametrize("message", ["violins are my thing", "I can't get enough of vinyl", "复古风我最爱"])
def test_a_taste_for_what_the_shop_does_not_know_leaves_no_wish(message: str) -> None:
    assert (say(message).action, say(message).session.wish) == ("feedback", "")
    later = say("show me jackets", message)
    assert (later.action, later.session.wish) == ("feedback", say("show me jackets").session.wish)


def test_beside_a_wish_what_is_preferred_or_refused_in_other_words_is_part_of_it() -> None:
    assert say("show me dresses", "I prefer long sleeves").action == "recommend"
    assert say("show me dresses", "I can't stand ruffles").action == "recommend"


@given(st.text(max_size=60), st.sampled_from(["wool", "皮革", "Tarnock"]), st.text(max_size=60))
def test_whatever_is_said_around_a_thing_stances_lie_within_the_text(before: str, thing: str, behind: str) -> None:
    text = fold(f"{before} {thing} {behind}")
    place = Thing(len(before) + 1, len(before) + 1 + len(thing))
    for stance in find_stances(text, [place]):
        assert set(stance.things) <= {place}
        assert 0 <= stance.start <= stance.end <= len(text)


ONE_SENTENCE = [case.text for case in cases() if case.says and case.shop == "demo" and not set(case.text) & set(".?!;")]


@given(st.sampled_from(ONE_SENTENCE), st.sampled_from(["She said: ", "he told me, ", "听说"]))
def test_what_others_say_is_nobodys_stance(text: str, opening: str) -> None:
    assert parser().parse(opening + text, new_session()).preferences == ()
