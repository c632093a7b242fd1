"""The special requests inside an intent: more, cheaper, similar, undo, why, why not, start over; and questions.

In: tokens and folded text. Out: a move's name or None. Knows no session.
"""

from collections.abc import Sequence
from functools import lru_cache

from assistant.parsing.data import load_grammar
from retrieval.lexicon.matching import SurfaceIndex, Token

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
    return index


def find_move(tokens: Sequence[Token]) -> str | None:
    """The move that the tokens name, or None.

    >>> from retrieval.lexicon.matching import tokenize
    >>> find_move(tokenize("还有吗")), find_move(tokenize("anything cheaper?")), find_move(tokenize("a red dress"))
    ('more', 'cheaper', None)
    """
    named: set[str] = set()
    for position in range(len(tokens)):
        match = _index().longest(tokens, position)
        if match:
            named.update(match.payloads)
    return next((move for move in _FIRST if move in named), None)


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


def is_question(tokens: Sequence[Token], folded: str) -> bool:
    """Whether a message asks something.

    >>> from retrieval.lexicon.matching import tokenize
    >>> is_question(tokenize("does it leak"), "does it leak")
    True
    """
    table = load_grammar()["questions"]
    if folded.rstrip().endswith("?"):
        return True
    first = next((token for token in tokens if token.kind == "word"), None)
    opening = first is not None and folded[first.start : first.end] in table["en"]
    return opening or any(word in folded for word in table["zh"])
