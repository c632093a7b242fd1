"""An embedder without a network: a text's vector is the normalised sum of its words' pseudo-random vectors.

It stands in where a test needs thousands of vectors and not their meaning; it passes the same contract test as the real
one.
"""

import hashlib
from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from retrieval.embedder import Progress
from retrieval.types import Matrix


class HashedEmbedder:
    """Deterministic; texts that share words are similar."""

    name = "hashed"
    dimension = 32
    fingerprint = "hashed-32"
    languages = frozenset({"en", "zh"})

    def __init__(self) -> None:
        self.n_encoded = 0

    def encode(self, texts: Sequence[str], on_progress: Progress | None = None) -> Matrix:
        self.n_encoded += len(texts)
        vectors = np.stack([self._vector(text) for text in texts]).astype(np.float32)
        if on_progress:
            on_progress(len(texts), len(texts))
        return vectors

    def encode_queries(self, texts: Sequence[str]) -> Matrix:
        return self.encode(texts)

    @property
    def query_fingerprint(self) -> str:
        return self.fingerprint

    def _vector(self, text: str) -> Matrix:
        total = sum((_word(word) for word in text.lower().split() or [" "]), np.zeros(self.dimension))
        return np.asarray(total / np.linalg.norm(total), dtype=np.float32)


@lru_cache(2**16)
def _word(word: str) -> Matrix:
    seed = int.from_bytes(hashlib.sha256(word.encode()).digest()[:8], "big")
    return np.random.default_rng(seed).standard_normal(HashedEmbedder.dimension).astype(np.float32)
