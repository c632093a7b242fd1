"""What a question or a passage of the shop's rules says, in words that both languages share.

In: text in Chinese, English or both. Out: its English view, its telling words, and the matters it speaks of. Knows no
passage and no encoder.
"""

import re
import tomllib
from collections.abc import Mapping
from functools import lru_cache
from importlib import resources

from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import SurfaceIndex, fold, tokenize
from retrieval.text import has_cjk, tokens

_IDLE = frozenset(
    """does did do can could you your my me how what when where which who why it is are there any if about get have
    has use please tell know much many like don t s go after be am still also until doesn isn want i im let may might
    would should will thing someth now then just us our we so no one ever realli too veri re ve ll d m or""".split()
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|[。；！？]\s*")
_WORD = re.compile(r"[A-Za-z]+|\d+")


def _table(name: str) -> Mapping[str, Mapping[str, object]]:
    return tomllib.loads(resources.files("assistant.policies").joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def _glossaries() -> tuple[SurfaceIndex[str], SurfaceIndex[str]]:
    """What Chinese words are in English: those of customer service first, then those of the goods."""
    service, goods = SurfaceIndex[str](), SurfaceIndex[str]()
    for words in _table("glossary.toml").values():
        for chinese, english in words.items():
            service.add(chinese, str(english))
    for chinese, english in load_lexicon().glossary.items():
        goods.add(chinese, english)
    return service, goods


def english_view(text: str) -> str:
    """The text in English as far as the glossaries know its words; what they do not know is left out.

    >>> english_view("退货运费谁出"), english_view("Who pays?")
    ('return shipping cost who pays', 'Who pays?')
    """
    if not has_cjk(text):
        return text
    service, goods = _glossaries()
    found, said, position = tokenize(text), [], 0
    while position < len(found):
        match = service.longest(found, position) or goods.longest(found, position)
        token = found[position]
        if match is not None:
            said.append(match.payloads[0])
        elif not token.is_cjk:
            said.append(text[token.start : token.end])
        position = match.last if match is not None else position + 1
    return " ".join(filter(None, said))


def telling_words(english: str) -> dict[str, str]:
    """The stems of the words that say something, each with the word as written, in order.

    >>> telling_words("How long do refunds take?")
    {'long': 'long', 'refund': 'refunds', 'take': 'take'}
    """
    found: dict[str, str] = {}
    for word in _WORD.findall(english):
        for stem in tokens(word):
            if stem not in _IDLE:
                found.setdefault(stem, word.lower())
    return found


def bigrams(text: str) -> frozenset[str]:
    """Each two Chinese characters that stand together.

    >>> sorted(bigrams("退货吗"))
    ['货吗', '退货']
    """
    return frozenset(word for word in tokens(text) if len(word) > 1 and has_cjk(word))


def sentences(text: str) -> list[str]:
    """The sentences of a passage; the text itself where it has but one.

    >>> sentences("Two years. One for used goods!"), sentences("保修两年。二手一年")
    (['Two years.', 'One for used goods!'], ['保修两年', '二手一年'])
    """
    return [part.strip() for part in _SENTENCE.split(text) if part.strip()] or [text]


@lru_cache
def _matters() -> tuple[Mapping[str, re.Pattern[str]], frozenset[str]]:
    table = _table("concepts.toml")
    patterns = {
        name: re.compile("|".join(_pattern(str(word)) for word in words))  # type: ignore[attr-defined]
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
