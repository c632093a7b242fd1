"""The data of the checks, read once.

In: the TOML files beside this module. Out: compiled patterns and sets of words. Knows no sentence.
"""

import re
import tomllib
from collections.abc import Mapping, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from retrieval.lexicon import load_lexicon
from retrieval.text import has_cjk
from retrieval.vocabulary import ordinary_words

_NEVER = re.compile(r"(?!)")


@lru_cache
def _table(name: str) -> Mapping[str, Any]:
    return tomllib.loads(resources.files("assistant.writing.checks").joinpath(name).read_text(encoding="utf-8"))


@lru_cache
def untyped_patterns(when: str) -> Mapping[str, re.Pattern[str]]:
    """For each class what may not be typed: "always", where "stated" or where "unsupported"."""
    return {
        name: compiled(of.get("en", {}).get(when, ()), of.get("zh", {}).get(when, ()))
        for name, of in _table("untyped.toml").items()
    }


def relation_rows() -> Sequence[Mapping[str, Any]]:
    """How comparisons are said, as in relations.toml."""
    rows: Sequence[Mapping[str, Any]] = _table("relations.toml")["relation"]
    return rows


def compiled(english: Sequence[str], chinese: Sequence[str]) -> re.Pattern[str]:
    """One pattern of many, the English ones between word boundaries; of none, one that is never found.

    >>> compiled(["free"], ["包邮"]).findall("Freedom, free, 包邮")
    ['free', '包邮']
    """
    parts = [rf"(?<![a-z])(?:{'|'.join(english)})(?![a-z])"] if english else []
    parts += chinese
    return re.compile("|".join(parts), re.IGNORECASE) if parts else _NEVER


@lru_cache
def prose() -> frozenset[str]:
    """English words that state nothing of a product."""
    own = frozenset(_table("words.toml")["en"]["prose"].split())
    return (ordinary_words() - things()) | own | concrete()


@lru_cache
def things() -> frozenset[str]:
    """English words for materials, parts, techniques and abilities."""
    words = _table("words.toml")["en"]
    return frozenset(words["things"].split()) - frozenset(words["prose"].split())


@lru_cache
def concrete() -> frozenset[str]:
    """English words for things that are prose unless a product is said to have them."""
    return frozenset(_table("words.toml")["en"]["concrete"].split())


@lru_cache
def having() -> frozenset[str]:
    """English words after which a product is said to have something."""
    return frozenset(_table("words.toml")["en"]["having"].split())


@lru_cache
def capitals() -> frozenset[str]:
    """English words that may have a capital letter anywhere."""
    return frozenset(_table("words.toml")["en"]["capitals"].split())


@lru_cache
def chinese_prose() -> frozenset[str]:
    """Chinese words that state nothing of a product, single characters among them."""
    return frozenset(_table("words.toml")["zh"]["prose"].split())


@lru_cache
def chinese_characters() -> frozenset[str]:
    """Chinese characters that name something even alone."""
    return frozenset(_table("words.toml")["zh"]["characters"].replace("\n", ""))


@lru_cache
def chinese_things() -> re.Pattern[str]:
    """Chinese words for materials, parts, techniques and abilities, and names of makers."""
    words = _table("words.toml")["zh"]
    brands = [concept.surfaces for concept in load_lexicon().concepts if concept.kind == "brand"]
    makers = {surface for surfaces in brands for surface in surfaces if has_cjk(surface)}
    every = {*words["things"].split(), *words["makers"].split(), *makers}
    return re.compile("|".join(sorted(map(re.escape, every), key=len, reverse=True)))


@lru_cache
def latin() -> frozenset[str]:
    """Words in Latin letters that a Chinese sentence may hold."""
    return frozenset(_table("words.toml")["zh"]["latin"].split())
