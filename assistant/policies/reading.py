"""The encoders that read rules: the shop's English one, and the one of both languages.

In: texts. Out: rows of unit length. Knows no rule.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from retrieval.bilingual import BilingualReader
from retrieval.embedder import BULK_TEXTS, Embedder
from retrieval.types import Matrix

PIECE = BULK_TEXTS // 2


@dataclass(frozen=True, eq=False)
class Readers:
    """`both` reads Chinese and English, `english` English only, but better."""

    both: BilingualReader
    english: Embedder

    def encode_english(self, texts: Sequence[str]) -> Matrix:
        """`(len(texts), d)`, in pieces too small for the encoder of many texts, which takes seconds to load."""
        pieces = [self.english.encode(texts[first : first + PIECE]) for first in range(0, len(texts), PIECE)]
        return np.concatenate(pieces)
