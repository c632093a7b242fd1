"""More or less of something than a product that was shown: lighter than the first, 比第二个大的, anything roomier?

In: folded text. Out: what is compared, in which direction, and where it was said. Knows no session and no catalog; the
price has moves of its own (`moves`), and a superlative is no comparison.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from assistant.parsing.data import load_grammar
from assistant.types import Comparison

Span = tuple[int, int]

_LONG = 3
"""Characters from which on a Chinese word is a noun with its adjective (评分高)."""

_ASKS_OF_SHOWN = re.compile(
    r"^\W*(?:(?:is|are)(?! there)|does|do(?! you (?:have|sell|carry|stock))|will|which|what|how much|why|who)\b"
    r"|哪[个款一只双件条]|第.{1,3}比|是不是.*比|为什么"
)


@dataclass(frozen=True, slots=True)
class ComparisonSaid:
    """The comparison, None where none is made, and where it was said."""

    comparison: Comparison | None = None
    spans: tuple[Span, ...] = ()


def find_comparison(text: str) -> ComparisonSaid:
    """What folded text wants more or less of.

    A question about the products shown (is the first lighter?) wishes for nothing.

    >>> find_comparison("something lighter than the first").comparison
    Comparison(attribute='weight', sign=-1)
    >>> find_comparison("有没有比第二个大一点的").comparison
    Comparison(attribute='size', sign=1)
    >>> bool(find_comparison("is the first one lighter?").spans), bool(find_comparison("is there a lighter one?").spans)
    (False, True)
    """
    if _ASKS_OF_SHOWN.search(text):
        return ComparisonSaid()
    for attribute, sign, pattern in _patterns():
        found = pattern.search(text)
        if found is not None:
            return ComparisonSaid(Comparison(attribute, sign), (found.span(),))
    return ComparisonSaid()


def asked_comparison(text: str) -> Comparison | None:
    """What folded text asks of the products shown: which has more, or most, of something; None where it doesn't.

    >>> asked_comparison("which one is the lightest?"), asked_comparison("第一个比第二个大吗")
    (Comparison(attribute='weight', sign=-1), Comparison(attribute='size', sign=1))
    >>> asked_comparison("a lighter one") is None
    True
    """
    if _ASKS_OF_SHOWN.search(text) is None:
        return None
    for attribute, sign, pattern in (*_superlatives(), *_patterns(), *_plain()):
        if pattern.search(text):
            return Comparison(attribute, sign)
    return None


@lru_cache
def _superlatives() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    return tuple(
        (attribute, sign, re.compile("|".join(forms)))
        for attribute, table in load_grammar()["comparatives"].items()
        for sign, most, words in ((1, table["most"], table["more"]), (-1, table["least"], table["less"]))
        if (forms := [*(rf"(?<![a-z]){word}(?![a-z])" for word in most), *(f"最{w}" for w in words if not w.isascii())])
    )


@lru_cache
def _plain() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    """哪个轻, 第一个和第二个谁大: adjectives that a question about two of them makes comparisons of."""
    return tuple(
        (attribute, sign, re.compile(rf"(?:哪[个款一只双件条]|谁)(?:比较|最|更)?(?:{chinese})"))
        for attribute, table in load_grammar()["comparatives"].items()
        for sign, words in ((1, table["more"]), (-1, table["less"]))
        if (chinese := _chinese(words))
    )


@lru_cache
def _patterns() -> tuple[tuple[str, int, re.Pattern[str]], ...]:
    return tuple(
        (attribute, sign, _pattern(words))
        for attribute, table in load_grammar()["comparatives"].items()
        for sign, words in ((1, table["more"]), (-1, table["less"]))
    )


def _chinese(words: Sequence[str]) -> str:
    """The Chinese words as alternatives; 更 and 最 may stand inside of a longer one (评分更高)."""
    return "|".join(
        word if len(word) < _LONG else f"{word[:-1]}(?:更|最|比较)?{word[-1]}" for word in words if not word.isascii()
    )


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """English comparatives; Chinese adjectives, which have none, as 比…轻, 更轻 or 轻一点."""
    english = "|".join(re.escape(word) for word in words if word.isascii())
    chinese = _chinese(words)
    a_bit = r"(?:(?:a (?:bit|little|lot)|slightly|much|even|somewhat|way)\s+)?"
    forms = [rf"(?<![a-z]){a_bit}(?:{english})(?![a-z])(?:\s+than(?= ))?"] if english else []
    if chinese:
        forms += [
            rf"比[^,。?!]{{1,8}}?(?:更|还|要|再)?(?:{chinese})(?:一?[点些])?的?",
            rf"(?:更|再|稍微|还要)(?:{chinese})(?:一?[点些])?的?",
            rf"(?:{chinese})一?[点些]的?",
        ]
    return re.compile("|".join(forms))
