"""The special requests inside an intent: more, cheaper, similar, undo, why, why not, start over; and questions.

In: tokens, items and folded text. Out: a move's name or None, and where it starts over. Knows no session.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.parsing.data import load_grammar
from assistant.parsing.senses import Item
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import Match, SurfaceIndex, Token, norms

Span = tuple[int, int]

_FIRST = ("restart", "undo", "why_not", "why", "similar", "cheaper", "more")
"""Which move it is where several are named."""


@lru_cache
def _index() -> SurfaceIndex[str]:
    index: SurfaceIndex[str] = SurfaceIndex()
    for move, surfaces in load_grammar()["moves"]["phrases"].items():
        for surface in surfaces:
            index.add(surface, move)
    for surface in load_grammar()["heads"]["start"]:
        index.add(surface, "restart")
    for surface in load_grammar()["moves"]["names"]["none"]:
        index.add(surface, "")
    return index


@dataclass(frozen=True, slots=True)
class MoveSaid:
    """A move's name, or None, and where the message says to start over."""

    name: str | None
    restarts: tuple[Span, ...] = ()


def find_move(tokens: Sequence[Token], items: Sequence[Item] = (), taken: Sequence[Span] = ()) -> MoveSaid:
    """The move that the tokens name.

    Args:
        tokens: the tokens of a message.
        items: its items; a known surface that is longer than a move's words hides them (最便宜的 is no 便宜的).
        taken: places that say something else (a price, an order of results), where no move is looked for.

    >>> from retrieval.lexicon.matching import tokenize
    >>> find_move(tokenize("还有吗")).name, find_move(tokenize("anything cheaper?")).name
    ('more', 'cheaper')
    >>> find_move(tokenize("a dress for next Friday")).name is None
    True
    """
    longest = {item.start: item.end for item in items if item.senses}
    named: set[str] = set()
    restarts: list[Span] = []
    position = 0
    while position < len(tokens):
        start = tokens[position].start
        match = _index().longest(tokens, position)
        end = tokens[match.last - 1].end if match else start
        hidden = next((stop for begin, stop in taken if begin < max(end, start + 1) and start < stop), 0)
        if match and not hidden and longest.get(start, 0) <= end:
            if not _compares(tokens, match):
                named.update(match.payloads)
            if "restart" in match.payloads:
                restarts.append((start, end))
            position = match.last
            continue
        beyond = max(longest.get(start, 0), hidden, start + 1)
        position = next((i for i in range(position + 1, len(tokens)) if tokens[i].start >= beyond), len(tokens))
    return MoveSaid(next((move for move in _FIRST if move in named), None), tuple(restarts))


def _compares(tokens: Sequence[Token], match: Match[str]) -> bool:
    """Whether 'more' belongs to an adjective (more comfortable) instead of asking for more."""
    if tokens[match.last - 1].norm != "more" or match.last - match.first > 1 or match.last == len(tokens):
        return False
    after = tokens[match.last]
    return after.kind == "word" and after.norm.isascii() and after.norm not in _goes_on() and not _is_named(after.norm)


@lru_cache
def _goes_on() -> frozenset[str]:
    return frozenset(norm for word in load_grammar()["moves"]["names"]["more_of"] for norm in norms(word))


@lru_cache(maxsize=4096)
def _is_named(norm: str) -> bool:
    lexicon = load_lexicon()
    return any(lexicon.canonical(kind, norm) for kind in ("category", "department", "brand")) or any(
        lexicon.canonical("attribute", norm, name) for name in ("color", "material", "audience", "season")
    )


@lru_cache
def _low_price() -> SurfaceIndex[bool]:
    index: SurfaceIndex[bool] = SurfaceIndex()
    for surface in load_grammar()["moves"]["low_price"]:
        index.add(surface, True)
    return index


def wants_low_price(tokens: Sequence[Token]) -> bool:
    """Whether the tokens call for something cheap without naming an amount.

    >>> from retrieval.lexicon.matching import tokenize
    >>> wants_low_price(tokenize("cheap headphones")), wants_low_price(tokenize("耳机，不要太贵"))
    (True, True)
    """
    return any(_low_price().longest(tokens, position) for position in range(len(tokens)))


def is_dear(folded: str) -> bool:
    """Whether a message says that something costs too much.

    >>> is_dear("that is too expensive"), is_dear("an inexpensive one")
    (True, False)
    """
    words = load_grammar()["moves"]["dear"]["words"]
    return any(word in folded and re.search(rf"(?<![a-z]){re.escape(word)}", folded) for word in words)


def is_in_all(folded: str) -> bool:
    """Whether an amount that a message names is for all things together.

    >>> is_in_all("what goes with it, 200 for everything"), is_in_all("what goes with it for 20 or less")
    (True, False)
    """
    words = load_grammar()["moves"]["in_all"]["words"]
    return any(re.search(rf"(?<![a-z]){re.escape(word)}(?![a-z])", folded) for word in words)


def is_question(tokens: Sequence[Token], folded: str) -> bool:
    """Whether a message asks something.

    >>> from retrieval.lexicon.matching import tokenize
    >>> [is_question(tokenize(said), said) for said in ("does it leak", "could do without red")]
    [True, False]
    """
    table = load_grammar()["questions"]
    if folded.rstrip().endswith("?"):
        return True
    words = [folded[token.start : token.end] for token in tokens if token.kind == "word"][:2]
    opening = bool(words) and words[0] in table["en"] and not (words[1:] and words[1] in table["no_subject"])
    return opening or any(word in folded for word in table["zh"])
