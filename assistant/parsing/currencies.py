"""Currencies as people write them: ISO 4217 codes, signs and names in both languages.

In: the grammar's names and Babel's list of currencies. Out: spelling -> code, and patterns before and after an amount.
Knows no amount and no exchange rate.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from babel.core import get_global
from babel.numbers import get_territory_currencies

from assistant.parsing.data import load_grammar


@dataclass(frozen=True, slots=True)
class CurrencyPatterns:
    """`before` ends at an amount's beginning, `after` begins at its end; both have the group `currency`."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    codes: Mapping[str, str]


@lru_cache
def currency_patterns() -> CurrencyPatterns:
    """The spellings of all currencies.

    >>> found = currency_patterns().after.match("500 sek", 3)
    >>> currency_patterns().codes[found["currency"]]
    'SEK'
    """
    names = load_grammar()["money"]["currencies"]
    codes = {_spelt(code): code for code in _in_use()}
    spellings = codes | {word: code for code, words in names.items() for word in words}
    shorts = [word for word in spellings if not word.isalpha() or not word.isascii()] + [
        *codes,
        "rmb",
        "kr",
        "rs",
        "rp",
    ]
    before = alternatives([word for word in shorts if not _is_chinese(word)])
    return CurrencyPatterns(
        re.compile(rf"(?P<currency>{before})(?:(?<=[A-Za-z])\s?\$)?\s?$"),
        re.compile(
            rf"(?:\s?(?:来|多|几)(?=块|元))?(?:\s|-(?=[a-z]))?(?P<currency>{alternatives(spellings)})"
            r"(?:钱|人民币|rmb)?(?![A-Za-z])"
        ),
        spellings,
    )


def with_codes(text: str, folded: str) -> str:
    """`folded` with those codes in capitals that are words when they are not (TRY, ALL), if `text` has them so.

    >>> with_codes("tent under 500 TRY", "tent under 500 try"), with_codes("ALL TENTS", "all tents")
    ('tent under 500 TRY', 'all tents')
    """
    if not re.search(r"[a-z\u3400-\u9fff]", text):
        return folded
    words = "|".join(word.upper() for word in load_grammar()["money"]["code_words"])
    for found in re.finditer(rf"(?<![A-Za-z])(?:{words})(?![A-Za-z])", text):
        folded = folded[: found.start()] + found.group() + folded[found.end() :]
    return folded


def alternatives(words: Iterable[str]) -> str:
    """A pattern for any of the words, the longest first; Latin letters next to them make them another word."""
    ordered = sorted(words, key=len, reverse=True)
    return "|".join(
        (r"(?<![A-Za-z])" if word[0].isascii() and word[0].isalpha() else "")
        + re.escape(word)
        + (r"(?![A-Za-z])" if word[-1].isascii() and word[-1].isalpha() else "")
        for word in ordered
    )


def _in_use() -> set[str]:
    """The ISO 4217 codes that are legal tender somewhere."""
    return {code for territory in get_global("territory_currencies") for code in get_territory_currencies(territory)}


def _spelt(code: str) -> str:
    return code if code.lower() in load_grammar()["money"]["code_words"] else code.lower()


def _is_chinese(word: str) -> bool:
    return "\u3400" <= word[0] <= "\u9fff"
