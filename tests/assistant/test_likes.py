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
from test_preferences import MOVIES
from understanding import CASES, new_session, parser

from assistant.parser import Parser
from assistant.parsing.preferences import titles_of
from assistant.types import ParsedMessage
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
    ("en", True, False): 0.0,
}


@pytest.mark.parametrize(("language", "states", "kept_out"), FLOORS)
def test_as_many_are_heard_as_were(language: str, states: bool, kept_out: bool) -> None:
    chosen = [c for c in cases() if (c.language, bool(c.says), c.kept_out) == (language, states, kept_out)]
    assert share(chosen) >= FLOORS[language, states, kept_out]
