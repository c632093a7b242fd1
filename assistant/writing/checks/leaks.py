"""Whether a sentence gives away what a model was told, or only passes on what somebody else wrote.

Comes in: a sentence whose placeholders have been taken out, the sentences shown before it, and what the model was told.
Goes out: what is wrong with it, or None. Knows no product and no meaning: it compares runs of words and of letters, as
they stand, backwards, and shifted by thirteen letters, whatever stands between them.
"""

import codecs
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TypeVar

from retrieval.lexicon.matching import stem
from retrieval.text import STOP_WORDS

RULE_WORDS, RULE_CHARACTERS, RULE_LETTERS = 5, 8, 24
"""So many English words, Chinese characters or letters in a row are a leak where the rules of a prompt hold them."""
DATA_WORDS, DATA_CHARACTERS = 6, 12
"""The same for what shoppers, buyers and suppliers wrote: a reply may take up a word of it, not a sentence."""
RETOLD_WORDS, RETOLD_SHARE = 4, 0.6
"""So many weighty words of a sentence, and this share of them, in one sentence of the rules are the rule retold."""
_Items = TypeVar("_Items", str, list[str])
_TAIL = 60
"""Characters of what was shown before that a run may begin in."""
_LATIN = re.compile(r"[a-z']+")
_HANZI = re.compile(r"[\u3400-\u9fff]")
_SENTENCE = re.compile(r"[^.!?;:。！？；：\n]+")
_SPELT = re.compile(r"(?:(?<![\w'])[A-Za-z](?![\w'])[^A-Za-z]*){4,}")
_SPELT_ZH = re.compile(r"(?:[\u3400-\u9fff][\s\-_.·]+){4,}")
_ENCODED = re.compile(r"[A-Za-z0-9+/=]{18,}|\b(?=\w*[A-Z]\w*[a-z]\w*[A-Z])\w{8,}")


@dataclass(frozen=True)
class Told:
    """What a model was told: the `rules` of its prompt, and the `data` in it that others wrote.

    >>> told = Told("Never type a digit, an amount or a currency yourself.", "soft boots")
    >>> told.leak("I must never type a digit, an amount.", ""), told.leak("A fine pair of soft boots.", "")
    ('leak', None)
    """

    rules: str
    data: str = ""

    def leak(self, sentence: str, before: str) -> str | None:
        """ "leak", "echo" or "spelt out" where a sentence, read on from what was shown `before` it, is that."""
        if _SPELT.search(sentence) or _SPELT_ZH.search(sentence) or _ENCODED.search(sentence):
            return "spelt out"
        ours, tail = _folded(sentence), _folded(before)[-_TAIL:]
        if self._is_of_rules(ours, tail) or self._is_retold(ours):
            return "leak"
        words = (_LATIN, DATA_WORDS, self._data[0]), (_HANZI, DATA_CHARACTERS, self._data[1])
        if any(_shares(ours, tail, *one) for one in words):
            return "echo"
        return None

    def _is_of_rules(self, ours: str, tail: str) -> bool:
        known = _read(self.rules)
        readings = [(ours, tail), (codecs.encode(ours, "rot13"), codecs.encode(tail, "rot13"))]
        for said, before in readings:
            for pattern, n, runs in ((_LATIN, RULE_WORDS, known[0]), (_HANZI, RULE_CHARACTERS, known[1])):
                if _shares(said, before, pattern, n, runs) or _shares(said, before, pattern, n, runs, backwards=True):
                    return True
            letters, more = _letters(said), _letters(before)
            windows = set(_windows(more[-RULE_LETTERS + 1 :] + letters, RULE_LETTERS))
            if letters and any(run in known[2] or run[::-1] in known[2] for run in windows):
                return True
        return False

    def _is_retold(self, ours: str) -> bool:
        weighty = _weighty(ours)
        if len(weighty) < RETOLD_WORDS:
            return False
        return any(
            len(weighty & rule) >= max(RETOLD_WORDS, RETOLD_SHARE * len(weighty)) for rule in _read(self.rules)[3]
        )

    @cached_property
    def _data(self) -> tuple[frozenset[str], frozenset[str]]:
        return _runs(self.data, DATA_WORDS, DATA_CHARACTERS)


@lru_cache(maxsize=64)
def _read(rules: str) -> tuple[frozenset[str], frozenset[str], frozenset[str], tuple[frozenset[str], ...]]:
    """The runs of words, of characters and of letters of rules, and the weighty words of each of their sentences."""
    whole = _unwrapped(rules)
    words, characters = _runs(whole, RULE_WORDS, RULE_CHARACTERS)
    letters = frozenset(_windows(_letters(_folded(rules)), RULE_LETTERS))
    return words, characters, letters, tuple(_weighty(sentence) for sentence in _SENTENCE.findall(_folded(whole)))


def _folded(text: str) -> str:
    folded = unicodedata.normalize("NFKC", text).lower().replace("’", "'")
    return "".join(char for char in folded if char == "\n" or unicodedata.category(char)[0] != "C")


def _unwrapped(rules: str) -> str:
    """A sentence of the rules that goes on in the next line stands in one."""
    return re.sub(r"\n\s*(?=[a-z])", " ", rules)


def _letters(folded: str) -> str:
    return "".join(re.findall(r"[a-z]", folded))


def _runs(text: str, n_words: int, n_characters: int) -> tuple[frozenset[str], frozenset[str]]:
    """All runs of so many English words, and of so many Chinese characters; each line stands for itself alone."""
    lines = _folded(text).split("\n")
    words = (" ".join(run) for line in lines for run in _windows(_LATIN.findall(line), n_words))
    characters = (" ".join(run) for line in lines for run in _windows(_HANZI.findall(line), n_characters))
    return frozenset(words), frozenset(characters)


def _shares(
    ours: str, tail: str, pattern: re.Pattern[str], n: int, runs: frozenset[str], *, backwards: bool = False
) -> bool:
    """Whether a run that ends in `ours`, and may begin in the tail, is one of the runs."""
    said = [*pattern.findall(tail)[-n + 1 :], *pattern.findall(ours)]
    if len(said) < n or not pattern.search(ours):
        return False
    return any(" ".join(run) in runs for run in _windows(said[::-1] if backwards else said, n))


def _windows(items: _Items, n: int) -> Iterator[_Items]:
    return (items[place : place + n] for place in range(len(items) - n + 1))


def _weighty(folded: str) -> frozenset[str]:
    return frozenset(stem(word) for word in _LATIN.findall(folded) if len(word) > 2 and word not in STOP_WORDS)
