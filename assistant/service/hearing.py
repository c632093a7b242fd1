"""What a message means to customer service: agreement, anger, an order's matter, the answer to what was asked.

In: a message, and what the last reply asked for. Out: small readings, and the parsed message with the intent that the
conversation calls for. Knows no backend and no wording.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from importlib import resources
from typing import Any

from rapidfuzz import fuzz

from assistant.service.identity import read_claim
from assistant.types import ParsedMessage, Session
from retrieval.lexicon.matching import fold
from retrieval.text import has_cjk
from retrieval.types import Filters

SAME_QUESTION = 75.0
"""Per cent of words that two messages share which ask the same thing."""

_GOES_ON = frozenset({"ask_product", "faq", "smalltalk", "feedback"})
_IN_GENERAL = re.compile(r"\b(?:how|policy|rules?|usually|generally)\b|怎么|如何|政策|规则|一般")
_NO_WORDS = re.compile(r"[\w.+%-]+@[\w.-]+|(?a:\b[\w-]*\d[\w-]*)")
_WEAK = frozenset({"search", "refine", "out_of_scope", "smalltalk", "faq", "feedback"})
_PUNCTUATION = re.compile(r"[^\w\s']+|_")
_MOST_SPECIFIC_FIRST = ("refund", "cancel", "return", "parcel")


@lru_cache
def _words() -> Mapping[str, Any]:
    return tomllib.loads(resources.files("assistant.service").joinpath("words.toml").read_text(encoding="utf-8"))


def agreement(text: str) -> bool | None:
    """Whether a message clearly says yes or no, and nothing else; None where it says anything else.

    >>> agreement("Yes, please!"), agreement("不用了谢谢"), agreement("yes but only if it is free")
    (True, False, None)
    """
    said = " ".join(_PUNCTUATION.sub(" ", fold(text)).split())
    for answer, name in ((False, "no"), (True, "yes")):
        for word in sorted(_words()[name], key=len, reverse=True):
            if _begins(said, word) and _is_politeness(said[len(word) :]):
                return answer
    return None


def _begins(said: str, word: str) -> bool:
    return said == word or (said.startswith(word) and (has_cjk(word) or said[len(word)] == " "))


def _is_politeness(rest: str) -> bool:
    refusing = {"no", "not"}
    for part in rest.split():
        if not has_cjk(part):
            if part not in _words()["beside"] or part in refusing:
                return False
            continue
        for word in sorted(_words()["beside"], key=len, reverse=True):
            part = part.replace(word, "")  # noqa: PLW2901 what is left of it
        if part:
            return False
    return True


def is_angry(text: str) -> bool:
    """Whether somebody has lost patience.

    >>> is_angry("This is ridiculous"), is_angry("你们根本没人理我"), is_angry("has my refund been paid?")
    (True, True, False)
    """
    folded = fold(text)
    return any(_holds(folded, word) for word in _words()["anger"])


def topic_of(text: str) -> str | None:
    """What of an order a message asks about, one of `TOPICS`; None where it says only that there is one.

    >>> topic_of("has my refund arrived"), topic_of("能取消订单吗"), topic_of("order 12345")
    ('refund', 'cancel', None)
    """
    folded = fold(text)
    for topic in _MOST_SPECIFIC_FIRST:
        if any(_holds(folded, word, prefix=True) for word in _words()["topics"][topic]):
            return topic
    return None


def _holds(folded: str, word: str, *, prefix: bool = False) -> bool:
    if has_cjk(word) or not word[0].isalnum():
        return word in folded
    end = "" if prefix else r"\b"
    return re.search(rf"\b{re.escape(word)}{end}", folded) is not None


def is_asked_again(text: str, before: str) -> bool:
    """Whether a message asks what one before it asked.

    >>> is_asked_again("do you price match", "Do you price match??"), is_asked_again("red shoes", "blue hats")
    (True, False)
    """
    one, other = (" ".join(_PUNCTUATION.sub(" ", fold(said)).split()) for said in (text, before))
    if not one or not other:
        return False
    if has_cjk(one):
        return fuzz.ratio(one, other) >= SAME_QUESTION
    return fuzz.token_sort_ratio(one, other) >= SAME_QUESTION


def heard(parsed: ParsedMessage, session: Session) -> ParsedMessage:
    """The message with the intent that it has in this conversation: the answer to a question of customer service is
    about that, whatever its words alone would mean; so is what names an order by its number."""
    awaiting = session.service.awaiting
    parsed = replace(parsed, language=_language(parsed, session))
    if awaiting == "consent" and agreement(parsed.text) is not None:
        return _as("handoff", parsed)
    if awaiting == "order" and _asks_more(parsed):
        return _as("order", parsed)
    if parsed.intent not in _WEAK:
        return parsed
    known = session.service.order_number is not None
    claim = read_claim(parsed.text, number_known=known)
    if awaiting == "identity" and not claim.is_empty:
        return _as("order", parsed)
    if claim.number is not None and _names_an_order(parsed, claim.number, session.service.verified):
        return _as("order", parsed)
    return parsed


def _language(parsed: ParsedMessage, session: Session) -> str:
    """The language of what is left without addresses and numbers, which belong to none."""
    if not _NO_WORDS.search(parsed.text):
        return parsed.language
    rest = _NO_WORDS.sub(" ", parsed.text)
    if has_cjk(rest):
        return "zh"
    return parsed.language if any(char.isalpha() for char in rest) else session.language


def _asks_more(parsed: ParsedMessage) -> bool:
    """Whether it goes on about the order just told of ("can it still be cancelled?"), not about rules in general."""
    is_about = parsed.intent in _GOES_ON and topic_of(parsed.text) is not None
    return is_about and not parsed.references.product_ids and not _IN_GENERAL.search(fold(parsed.text))


def _names_an_order(parsed: ParsedMessage, number: str, verified: Sequence[str]) -> bool:
    """Whether it says that the number is an order's, is one that was spoken of, or stands in a question of service."""
    folded = fold(parsed.text)
    is_said = "order" in folded.split() or "订单" in folded or "单号" in folded
    return is_said or number in verified or (parsed.intent == "faq" and number[0].isalpha())


def _as(intent: str, parsed: ParsedMessage) -> ParsedMessage:
    return ParsedMessage(parsed.text, intent, parsed.sentiment, parsed.language, Filters())
