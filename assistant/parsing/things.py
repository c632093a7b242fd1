"""The places of a message that name what can be liked: values of the catalog, and products by their titles.

In: folded text, its items, and lookups of what the catalog says of itself. Out: `Thing`s that do not overlap. Knows
nothing of what is said of them.
"""

from collections.abc import Iterable, Sequence
from typing import Protocol

from assistant.parsing.marks import Thing, is_grammar
from assistant.parsing.senses import Item
from retrieval.lexicon.matching import Token, tokenize

Span = tuple[int, int]

MAX_TITLE_TOKENS = 16
"""Longer titles are heard only by the phrases that titles stand behind."""

_SHORT_CHINESE = 3
_TASTES = ("category", "department", "attribute", "brand")
_QUOTES = "\"'“”‘’《》「」"


class Titles(Protocol):
    """What is asked of a shop's titles."""

    def title(self, text: str) -> str | None:
        """The id of the product whose title `text` is."""

    def may_begin_title(self, word: str) -> bool:
        """Whether a title begins with the word."""


def find_things(
    text: str, items: Sequence[Item], values: Iterable[Span], titles: Titles, untold: frozenset[str]
) -> list[Thing]:
    """The things named, in order; where two overlap a title counts, then the longer one.

    Args:
        text: folded.
        items: of the message.
        values: places of values beside those of the items.
        titles: of the shop's products.
        untold: attributes that are no matter of taste.
    """
    named = [Thing(*span, True) for span in _titles(text, titles)]
    named += [Thing(*span) for span in values]
    named += [
        Thing(item.start, item.end)
        for item in items
        if any(sense.values and sense.name not in untold for sense in item.of(*_TASTES))
    ]
    kept: list[Thing] = []
    for thing in sorted(named, key=lambda thing: (not thing.is_title, thing.start - thing.end)):
        if not any(thing.start < other.end and other.start < thing.end for other in kept):
            kept.append(thing)
    return sorted(kept, key=lambda thing: thing.start)


def _titles(text: str, titles: Titles) -> list[Span]:
    """Where titles stand, the longest first."""
    tokens = tokenize(text)
    firsts = [i for i, token in enumerate(tokens) if titles.may_begin_title(text[token.start : token.end])]
    found: list[Span] = []
    for length in range(min(len(tokens), MAX_TITLE_TOKENS), 0, -1):
        for first in firsts:
            if first + length > len(tokens) or not _may_be(text, tokens[first : first + length]):
                continue
            start, end = tokens[first].start, tokens[first + length - 1].end
            taken = any(start < stop and begin < end for begin, stop in found)
            if not taken and titles.title(text[start:end]) is not None:
                found.append((start, end))
    return found


def _may_be(text: str, words: Sequence[Token]) -> bool:
    """Whether words could be a title: in quotation marks, or no mere words of grammar and no short Chinese."""
    start, end = words[0].start, words[-1].end
    if start and text[start - 1] in _QUOTES and text[end : end + 1] in _QUOTES and end < len(text):
        return True
    if words[0].kind == "punctuation" or words[-1].kind == "punctuation":
        return False
    said = [token for token in words if not is_grammar(token.norm)]
    return bool(said) and (len(words) >= _SHORT_CHINESE or not all(token.is_cjk for token in words))
