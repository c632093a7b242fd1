"""Text folded to comparable tokens, and longest matches of many surfaces in one pass.

In: text in any mixture of Chinese and English. Out: tokens with their place in the original, and matches.
Knows no category, colour or brand: what a surface means is the caller's payload.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Generic, TypeVar

from retrieval.lexicon.data import load_spelling, load_traditional, simplified

T = TypeVar("T")

_TOKEN = re.compile(r"[a-z]+(?:'[a-z]+)*|\d+(?:[.,]\d+)*|[\u3400-\u9fff〇]|[^\s\w]|_|\w")
_HYPHENS = "-‐‑–—'`´\"“”‘’«»*_·®™"


@dataclass(frozen=True, slots=True)
class Token:
    """One word, number, Chinese character or punctuation mark. `norm` is what is compared; `start`, `end` its place."""

    norm: str
    start: int
    end: int
    kind: str

    @property
    def is_cjk(self) -> bool:
        return self.kind == "cjk"


@dataclass(frozen=True, slots=True)
class Match(Generic[T]):
    """A surface found over the tokens `first` (inclusive) to `last` (exclusive), with everything it may mean."""

    first: int
    last: int
    payloads: tuple[T, ...]


def fold(text: str) -> str:
    """`text` in lower case, half width, without accents and in Simplified characters; of the same length.

    >>> fold("ＣＡＦÉ 紅色")
    'cafe 红色'
    """
    if text.isascii():
        return text.lower().replace("`", "'")
    return "".join(map(_fold_char, text))


@lru_cache(maxsize=16384)
def _fold_char(char: str) -> str:
    if char in "’‘`´":
        return "'"
    plain = unicodedata.normalize("NFKD", char) if not "\uac00" <= char <= "\ud7a3" else char
    letters = [part for part in plain if not unicodedata.combining(part)]
    folded = letters[0] if len(letters) == 1 else char
    lower = folded.lower()
    single = lower if len(lower) == 1 else folded
    return load_traditional().get(single) or simplified(single)


@lru_cache(maxsize=65536)
def stem(word: str) -> str:
    """An English word without plural and possessive endings, in one spelling.

    >>> [stem(word) for word in ("dresses", "colours", "women's", "batteries")]
    ['dress', 'color', 'women', 'battery']
    """
    same, keep = load_spelling()
    bare = word.removesuffix("'s").replace("'", "")
    if bare in keep:
        return bare
    bare = same.get(bare, bare)
    singular = _singular(bare)
    return same.get(singular, singular)


def _singular(word: str) -> str:
    if len(word) <= 3:
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ie") and len(word) > 4:
        return word[:-2] + "y"
    if word.endswith(("sses", "shes", "ches", "xes")):
        return word[:-2]
    if word.endswith(("ss", "us", "is")) or not word.endswith("s"):
        return word
    return word[:-1]


def tokenize(text: str) -> list[Token]:
    """The tokens of `text`; hyphens and quotation marks join nothing and are left out.

    >>> [token.norm for token in tokenize("Noise-cancelling 耳机, S!")]
    ['noise', 'canceling', '耳', '机', ',', 's', '!']
    """
    return list(_tokens(text) if len(text) <= _KEPT else _tokens.__wrapped__(text))


_KEPT = 200
"""The tokens of so short a text are kept: while a message is read, the same pieces of it are looked at many times."""


@lru_cache(maxsize=4096)
def _tokens(text: str) -> tuple[Token, ...]:
    tokens = []
    for found in _TOKEN.finditer(fold(text)):
        raw = found.group()
        if raw in _HYPHENS:
            continue
        kind = _kind(raw)
        tokens.append(Token(stem(raw) if kind == "word" else raw, found.start(), found.end(), kind))
    return tuple(tokens)


def _kind(raw: str) -> str:
    first = raw[0]
    if first.isdigit() and first.isascii():
        return "number"
    if "a" <= first <= "z":
        return "word"
    if "\u3400" <= first <= "\u9fff" or first == "〇":
        return "cjk"
    return "word" if first.isalnum() else "punctuation"


def norms(surface: str) -> tuple[str, ...]:
    """The token norms of a surface.

    >>> norms("Auto shut-offs")
    ('auto', 'shut', 'off')
    """
    return tuple(token.norm for token in tokenize(surface))


@dataclass(slots=True)
class _Node(Generic[T]):
    children: "dict[str, _Node[T]]" = field(default_factory=dict)
    payloads: list[T] = field(default_factory=list)


class SurfaceIndex(Generic[T]):
    """A trie over token norms. Matches are the longest from the left and do not overlap.

    >>> index = SurfaceIndex[str]()
    >>> index.add("green tea", "tea"); index.add("green", "color")
    >>> [match.payloads for match in index.find_all(tokenize("green green teas"))]
    [('color',), ('tea',)]
    """

    def __init__(self) -> None:
        self._root: _Node[T] = _Node()

    def add(self, surface: str, payload: T) -> None:
        """Let `surface` mean `payload`, beside whatever it means already."""
        words = norms(surface)
        self._add(words, payload)
        joined = "".join(words)
        if len(words) == 2 and len(joined) >= 8 and joined.isascii() and joined.isalpha():
            self._add((joined,), payload)

    def _add(self, words: Sequence[str], payload: T) -> None:
        if not words:
            return
        node = self._root
        for word in words:
            node = node.children.setdefault(word, _Node())
        if payload not in node.payloads:
            node.payloads.append(payload)

    def longest(self, tokens: Sequence[Token], start: int) -> Match[T] | None:
        """The longest surface that begins at token `start`, or None."""
        node = self._root
        best: Match[T] | None = None
        for position in range(start, len(tokens)):
            following = node.children.get(tokens[position].norm)
            if following is None:
                break
            node = following
            if node.payloads:
                best = Match(start, position + 1, tuple(node.payloads))
        return best

    def find_all(self, tokens: Sequence[Token]) -> Iterator[Match[T]]:
        """All matches, longest first from the left."""
        position = 0
        while position < len(tokens):
            match = self.longest(tokens, position)
            if match is None:
                position += 1
            else:
                yield match
                position = match.last
