"""What a question or a passage of the shop's rules says, in words.

In: text in Chinese, English or both. Out: its sentences, clauses, telling words, characters, and the matters it speaks
of. Knows no passage and no encoder.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from retrieval.lexicon.matching import fold
from retrieval.text import has_cjk, tokens

_IDLE = frozenset(
    """does did do can could your you my me how what when where which who why it is are there any if about get have
    has use please tell know much many like don t s go after be am still also until doesn isn want i im let may might
    would should will thing someth now then just us our we so no one ever realli too veri re ve ll d m or""".split()
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[。；！？]\s*")
_CLAUSE = re.compile(r"[，。；！？、,;!?]\s*|(?<=\.)\s+|\s+(?:and|but|or)\s+")
_PART = re.compile(r"[，。；！？,;!?…]+\s*|(?<=\.)\s+|(?<=[\u4e00-\u9fff])\s+")
_WORD = re.compile(r"[A-Za-z]+|\d+")


def telling_words(text: str) -> frozenset[str]:
    """The stems of the English words and the numbers that say something.

    >>> sorted(telling_words("How long do refunds take?"))
    ['long', 'refund', 'take']
    """
    return frozenset(stem for word in _WORD.findall(text) for stem in tokens(word)) - _IDLE


def characters(text: str) -> frozenset[str]:
    """The Chinese characters, in simplified form.

    >>> sorted(characters("退貨 OK")) == sorted("退货")
    True
    """
    return frozenset(char for char in fold(text) if has_cjk(char))


def sentences(text: str) -> list[str]:
    """The sentences of a passage; the text itself where it has but one.

    >>> sentences("Two years. One for used goods!"), sentences("保修两年。二手一年")
    (['Two years.', 'One for used goods!'], ['保修两年', '二手一年'])
    """
    return _parts(_SENTENCE, text, 1)


def clauses(text: str) -> list[str]:
    """The clauses of a passage, at each comma and conjunction.

    >>> clauses("Free over $50, else $5 and two days."), clauses("三楼以下免费，四楼起每层20元")
    (['Free over $50', 'else $5', 'two days.'], ['三楼以下免费', '四楼起每层20元'])
    """
    return _parts(_CLAUSE, text, 2)


def asked_parts(question: str) -> list[str]:
    """What a question is made of: what happened, and what is asked of it.

    >>> asked_parts("买大了想退，运费谁出"), asked_parts("箱子没拆 不想要了")
    (['买大了想退', '运费谁出'], ['箱子没拆', '不想要了'])
    """
    return _parts(_PART, question, 2)


def _parts(separator: re.Pattern[str], text: str, least: int) -> list[str]:
    return [part.strip() for part in separator.split(text) if len(part.strip()) >= least] or [text]


@lru_cache
def _matters() -> tuple[Mapping[str, re.Pattern[str]], frozenset[str]]:
    table = tomllib.loads(resources.files("assistant.policies").joinpath("concepts.toml").read_text(encoding="utf-8"))
    patterns = {
        name: re.compile("|".join(_pattern(str(word)) for word in words))
        for kind in ("matters", "asking")
        for name, words in table[kind].items()
    }
    return patterns, frozenset(table["asking"])


def _pattern(word: str) -> str:
    if has_cjk(word):
        return ".{0,6}".join(re.escape(part.strip()) for part in word.split("*"))
    parts = [re.escape(part.strip()) for part in word.rstrip("~").split("*")]
    return r"\b" + r"\w*(?:\W+\w+){0,3}?\W+".join(parts) + (r"\b" if word.endswith("~") else "")


@lru_cache(maxsize=4096)
def matters_of(text: str) -> frozenset[str]:
    """The matters of customer service that a text speaks of, and what it asks of them.

    >>> sorted(matters_of("Is sending things back free?")), sorted(matters_of("运费多少钱"))
    (['cost', 'returning'], ['cost', 'delivery'])
    """
    folded = fold(text)
    return frozenset(name for name, pattern in _matters()[0].items() if pattern.search(folded))


def asking() -> frozenset[str]:
    """Those matters that say what is asked of another one ("when", "cost")."""
    return _matters()[1]
