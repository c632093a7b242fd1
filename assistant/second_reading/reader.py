"""The parser with a second reader behind it: a language model that is asked only where the parser is unsure.

In: a message, a session, the parser of the moment. Out: a `ParsedMessage`, always, and within the deadline. The model
adds to what the rules read and takes nothing away; whatever goes wrong with it, what the rules read stands.
"""

import logging
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol, TypeVar

from pydantic import BaseModel

from assistant.parser import Parser
from assistant.parsing.doubts import Doubts
from assistant.parsing.hints import Hints, SpanHint
from assistant.second_reading.checking import checked
from assistant.second_reading.claims import Claims
from assistant.second_reading.prompting import system_message, user_message
from assistant.state import WISH_WORD
from assistant.types import ParsedMessage, Session
from retrieval.errors import LanguageModelError, TokensSpent
from retrieval.vocabulary import Vocabulary

log = logging.getLogger(__name__)

Form = TypeVar("Form", bound=BaseModel)

FAULTS, REST_S = 2, 30.0
"""After so many faults in a row the model is left alone for so long: shoppers need not wait for what is broken."""

_NOT_HINTED = ("price_min_minor", "price_max_minor", "around_minor", "currency", "sort", "quantity")
"""What is read by the rules alone."""


class FormModel(Protocol):
    """What is needed of a language model; `assistant.llm.LanguageModel` is one."""

    def fill_in(self, system: str, user: str, form: type[Form], session_id: str = "") -> Form:
        """Answer the two messages by a form; every failure is a `LanguageModelError`."""
        ...


class SecondReader:
    """Reads messages with a parser and, where that is unsure, a language model. Safe to share between threads."""

    def __init__(self, model: FormModel, currency: str = "USD") -> None:
        self._model = model
        self._currency = currency
        self._lock = threading.Lock()
        self._faults = 0
        self._rests_until = 0.0
        self._told: tuple[Vocabulary, str] | None = None

    def parse(self, message: str, session: Session, parser: Parser) -> ParsedMessage:
        """What `message` says; `read_by` tells whether the model was asked, and whether its answer counts."""
        first = parser.parse(message, session)
        doubts = parser.doubts(message, session)
        if doubts.is_empty or first.indifferent or not self._is_awake():
            return first
        claims = self._asked(message, session, doubts, parser.vocabulary)
        if claims is None:
            return replace(first, read_by="model_failed")
        hints = checked(claims, message, doubts, parser)
        second = _second(message, session, first, hints, parser)
        return replace(second, read_by="model_unused" if second == first else "model")

    def _is_awake(self) -> bool:
        with self._lock:
            return time.monotonic() >= self._rests_until

    def _asked(self, message: str, session: Session, doubts: Doubts, vocabulary: Vocabulary) -> Claims | None:
        user = user_message(message, session, doubts, self._currency)
        try:
            claims = self._model.fill_in(self._system(vocabulary), user, Claims, session.id)
        except TokensSpent:
            # It was logged when they were; there is nothing wrong with the model.
            return None
        except LanguageModelError as error:
            log.warning("%s; what the rules read stands", error)
            self._note(failed=True)
            return None
        self._note(failed=False)
        return claims

    def _note(self, *, failed: bool) -> None:
        with self._lock:
            self._faults = self._faults + 1 if failed else 0
            if self._faults >= FAULTS:
                self._faults, self._rests_until = 0, time.monotonic() + REST_S

    def _system(self, vocabulary: Vocabulary) -> str:
        told = self._told
        if told is None or told[0] is not vocabulary:
            told = self._told = (vocabulary, system_message(vocabulary))
        return told[1]


def _second(message: str, session: Session, first: ParsedMessage, hints: Hints, parser: Parser) -> ParsedMessage:
    """The message read with the hints, or with fewer of them where they would change more than they say."""
    intent, base = None, first
    if hints.intent is not None:
        moved = parser.parse(message, session, Hints(intent=hints.intent))
        if keeps(first, moved):
            intent, base = hints.intent, moved
    for spans in (hints.spans, ()):
        second = parser.parse(message, session, Hints(spans, intent, hints.glosses))
        if keeps(base, second) and adds_only(base, second, spans):
            return second
    return base


def keeps(first: ParsedMessage, second: ParsedMessage) -> bool:
    """Whether all conditions and moves that the first reading found stand in the second too."""
    old, new = first.filters, second.filters
    moved = (first.move, first.comparison) == (second.move, second.comparison)
    # A word that was refused without being known may turn out to be a value that is refused.
    dropped = {key for key in first.dropped if not key.startswith(f"{WISH_WORD}=")}
    return (
        moved
        and all(getattr(old, name) in (None, getattr(new, name)) for name in ("category", *_NOT_HINTED))
        and old.in_stock_only == new.in_stock_only
        and dropped <= set(second.dropped)
        and _holds(new.include, old.include)
        and _holds(new.exclude, old.exclude)
        and _holds(second.lifted, first.lifted)
        and set(first.preferences) <= set(second.preferences)
    )


def adds_only(first: ParsedMessage, second: ParsedMessage, hints: Sequence[SpanHint]) -> bool:
    """Whether what the second reading has more is what the hints say, or a size that belongs to a kind they name."""
    old, new = first.filters, second.filters
    hinted = {(hint.sense.name, value) for hint in hints for value in hint.sense.values}
    kinds = {hint.sense.values[0] for hint in hints if hint.sense.name in ("category", "department")}
    added = {
        (name, value)
        for before, after in ((old.include, new.include), (old.exclude, new.exclude), (first.lifted, second.lifted))
        for name, values in after.items()
        for value in values
        if value not in before.get(name, ()) and not (name == "size" and kinds)
    }
    return (
        all(getattr(old, name) == getattr(new, name) for name in _NOT_HINTED)
        and added <= hinted
        and new.category in {old.category, *kinds}
    )


def _holds(more: Mapping[str, tuple[str, ...]], less: Mapping[str, tuple[str, ...]]) -> bool:
    return all(set(values) <= set(more.get(name, ())) for name, values in less.items())
