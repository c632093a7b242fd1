"""Model numbers and specifications: letters and digits written together, which are one word (K72334US, WH-1000XM5).

In: tokens and where known surfaces stand in them. Out: the tokens with each such run made one, and the places of runs
that begin with letters. Knows no vocabulary and no meaning.
"""

import re
from collections.abc import Sequence

from retrieval.lexicon.matching import Token

Span = tuple[int, int]

_NAMED_LETTERS = 4
"""So many letters of a known surface inside a run are that surface (iphone15), not part of a number."""
_MODEL = re.compile(r"(?<![a-z\d])[a-z]+-?\d+-?[a-z][a-z\d-]*(?![a-z])")
_REFUSING = frozenset({"no", "non", "not"})


def join_codes(tokens: Sequence[Token], text: str, known: Sequence[tuple[int, int, bool]]) -> list[Token]:
    """The tokens with every run of joined letters and digits as one word.

    Args:
        tokens: the tokens of `text`.
        text: the message.
        known: (first, last, whether it names something wanted) of the known surfaces in `tokens`.

    >>> from retrieval.lexicon.matching import tokenize
    >>> [token.norm for token in join_codes(tokenize("HP 123A, LC-51C"), "HP 123A, LC-51C", [])]
    ['hp', '123a', ',', 'lc-51c']
    """
    joined: list[Token] = []
    position = 0
    while position < len(tokens):
        last = _run_end(tokens, position, text)
        if last - position > 1 and not _is_named(tokens, position, last, known):
            start, end = tokens[position].start, tokens[last - 1].end
            joined.append(Token(text[start:end].lower(), start, end, "word"))
            position = last
        else:
            joined += tokens[position : max(last, position + 1)]
            position = max(last, position + 1)
    return joined


def model_spans(text: str) -> tuple[Span, ...]:
    """Where folded text has letters, digits and letters in one word: no amount, size or count is inside.

    >>> model_spans("lc-51l ink, 40l backpack")
    ((0, 6),)
    """
    return tuple(found.span() for found in _MODEL.finditer(text))


def _run_end(tokens: Sequence[Token], first: int, text: str) -> int:
    """The end of the run of letters with digits that begins at `first`; `first` itself where none does."""
    if not _is_ascii(tokens[first]):
        return first
    last = _touching(tokens, first)
    while last < len(tokens) and _hyphen_joins(tokens, first, last, text):
        last = _touching(tokens, last)
    kinds = {token.kind for token in tokens[first:last]}
    return last if kinds == {"word", "number"} else _touching(tokens, first)


def _touching(tokens: Sequence[Token], first: int) -> int:
    last = first + 1
    while last < len(tokens) and tokens[last].start == tokens[last - 1].end and _is_ascii(tokens[last]):
        last += 1
    return last


def _is_ascii(token: Token) -> bool:
    return token.norm.isascii() and token.kind in ("word", "number")


def _hyphen_joins(tokens: Sequence[Token], first: int, last: int, text: str) -> bool:
    """Whether a hyphen goes on with a code; 15-inch and 6-year-old are measures, non-3d a refusal."""
    if text[tokens[last - 1].end : tokens[last].start] != "-" or not _is_ascii(tokens[last]):
        return False
    mixed = last - first > 1
    return mixed or (tokens[first].kind == "word" and tokens[first].norm not in _REFUSING)


def _is_named(tokens: Sequence[Token], first: int, last: int, known: Sequence[tuple[int, int, bool]]) -> bool:
    """Whether known surfaces say what the run is: all of it (mp3), more than it (spf50 cream), or a name in it."""
    if {token.kind for token in tokens[first:last]} != {"word", "number"}:
        return True
    for begin, end, names in known:
        if end <= first or begin >= last:
            continue
        letters = sum(len(token.norm) for token in tokens[begin:end] if token.kind == "word")
        if names and (letters >= _NAMED_LETTERS or begin < first or end > last or (begin, end) == (first, last)):
            return True
    return False
