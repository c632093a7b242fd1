"""A linear model over hashed n-grams: what a text's wording alone says.

In: a text. Out: a logit, positive for a content buyer. Knows no training: `benchmarks.train_opinions` fits the numbers.

Words need no list: an n-gram's place is its CRC-32 modulo the number of places, the same on every machine.
Source: Weinberger et al. 2009, Feature hashing for large scale multitask learning.
"""

import re
import unicodedata
import zlib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

N_PLACES = 2**18
MAX_N = 2
_WORD = re.compile(r"\b\w\w+\b")

Figures = NDArray[np.float32]


@dataclass(frozen=True)
class LinearModel:
    """`idf` and `weights`: ``(N_PLACES,)`` float32. `unit`: "word" or "character"."""

    unit: str
    idf: Figures
    weights: Figures
    bias: float

    def logit(self, text: str) -> float:
        """How much more likely a content buyer wrote `text` than a discontent one, in natural logarithms."""
        places, values = features(text, self.unit, self.idf)
        return float(self.weights[places] @ values) + self.bias


def features(text: str, unit: str, idf: Figures) -> tuple[NDArray[np.int64], Figures]:
    """The places of a text's n-grams and their weights, a vector of length 1: (1 + log count) times `idf`."""
    counts = counted(text, unit)
    places = np.fromiter(counts, dtype=np.int64, count=len(counts))
    numbers = np.fromiter(counts.values(), dtype=np.float32, count=len(counts))
    values = (1.0 + np.log(numbers)) * idf[places] if counts else numbers
    return places, np.asarray(values / max(float(np.linalg.norm(values)), 1e-9), dtype=np.float32)


def counted(text: str, unit: str) -> Mapping[int, int]:
    """How often each place is hit by the n-grams of 1 to `MAX_N` words or characters.

    >>> sum(counted("Good sound, good price", "word").values()), sum(counted("很好", "character").values())
    (7, 3)
    """
    return Counter(zlib.crc32(gram.encode()) % N_PLACES for gram in _grams(plain(text), unit))


def plain(text: str) -> str:
    """Lower case and the plain form of full-width characters.

    >>> plain("ＧＯＯＤ！")
    'good!'
    """
    return unicodedata.normalize("NFKC", text).lower()


def _grams(text: str, unit: str) -> list[str]:
    parts = _WORD.findall(text) if unit == "word" else list(text)
    glue = " " if unit == "word" else ""
    return [glue.join(parts[at : at + n]) for n in range(1, MAX_N + 1) for at in range(len(parts) - n + 1)]
