"""BM25 over the catalog's words.

In: texts of all products, in the index's row order; later those of a few more. Out: a score for every row. Knows no
product and no filter.

Source: Robertson & Zaragoza 2009, The Probabilistic Relevance Framework; Lù 2024, BM25S (scores computed at indexing).
"""

import json
import math
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.text import tokens

K1, B = 1.5, 0.75
STATISTICS_FILE = "statistics.json"
"""What bm25s does not keep beside its scores."""

NO_WORD = "\x00"
"""Stands in a text without words; bm25s divides by their number."""

Words = Mapping[str, int]
"""How often a text says each of its words."""


class LexicalIndex:
    """BM25 scores of every row for a query. Safe to share between threads."""

    def __init__(self, texts: Iterable[str] | None = None, *, folder: Path | None = None) -> None:
        """Index `texts`, or read back what `save` wrote to `folder`."""
        import bm25s

        self._bm25: Any = None
        if folder is not None:
            statistics = json.loads((folder / STATISTICS_FILE).read_text("utf-8"))
            self.n_documents, self.average_length = int(statistics["n_documents"]), float(statistics["average_length"])
            if self.n_documents:
                self._bm25 = bm25s.BM25.load(str(folder), load_corpus=False, load_vocab=True)
            return
        corpus = [tokens(text) or [NO_WORD] for text in texts or ()]
        self.n_documents = len(corpus)
        self.average_length = sum(map(len, corpus)) / max(len(corpus), 1)
        if corpus:
            self._bm25 = bm25s.BM25(k1=K1, b=B, method="lucene")
            self._bm25.index(corpus, show_progress=False)

    def document_frequency(self, token: str) -> int:
        """In how many texts a token stands."""
        number = self._bm25.vocab_dict.get(token) if self._bm25 else None
        if number is None:
            return 0
        starts = self._bm25.scores["indptr"]
        return int(starts[number + 1] - starts[number])

    def save(self, folder: Path) -> None:
        """Write the index to `folder`."""
        folder.mkdir(parents=True, exist_ok=True)
        if self._bm25:
            self._bm25.save(str(folder), show_progress=False)
        statistics = {"n_documents": self.n_documents, "average_length": self.average_length}
        (folder / STATISTICS_FILE).write_text(json.dumps(statistics), "utf-8")

    def scores(self, query: str) -> NDArray[np.float32]:
        """`(n,)` float32, >= 0; all zero when no word of the query is in the catalog."""
        known = [token for token in tokens(query) if self.document_frequency(token)]
        if not known:
            return np.zeros(self.n_documents, dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)


def words_of(text: str) -> Words:
    """The tokens of a text with their counts.

    >>> words_of("red boots, red laces")
    Counter({'red': 2, 'boot': 1, 'lace': 1})
    """
    return Counter(tokens(text))


@dataclass(frozen=True)
class LexicalOverlay:
    """BM25 scores of a few more texts, by the statistics of an index, so that both can be compared.

    A word that the index lacks is as rare as it is among these texts. Never changes; `replaced` makes another one.
    """

    base: LexicalIndex
    texts: tuple[Words, ...] = ()
    _postings: Mapping[str, Mapping[int, int]] = field(default_factory=dict)

    def replaced(self, texts: Mapping[int, Words]) -> "LexicalOverlay":
        """With the texts of these rows changed; rows beyond the last one are added, without a gap."""
        held, postings = list(self.texts), dict(self._postings)
        own: dict[str, dict[int, int]] = {}

        def posting(word: str) -> dict[int, int]:
            if word not in own:
                postings[word] = own[word] = dict(postings.get(word, {}))
            return own[word]

        for row, words in texts.items():
            for word in held[row] if row < len(held) else ():
                del posting(word)[row]
            held[row : row + 1] = [words]
            for word, count in words.items():
                posting(word)[row] = count
        return LexicalOverlay(self.base, tuple(held), postings)

    def scores(self, query: str) -> NDArray[np.float32]:
        """`(len(texts),)` float32, >= 0."""
        scores = np.zeros(len(self.texts), dtype=np.float32)
        for word in tokens(query):
            if posting := self._postings.get(word):
                rows = np.fromiter(posting.keys(), dtype=np.int64, count=len(posting))
                counts = np.fromiter(posting.values(), dtype=np.float64, count=len(posting))
                scores[rows] += (self._rarity(word) * counts / (self._saturation[rows] + counts)).astype(np.float32)
        return scores

    def _rarity(self, word: str) -> float:
        n_texts = self.base.n_documents or len(self.texts)
        frequency = self.base.document_frequency(word) or min(len(self._postings[word]), n_texts)
        return math.log(1 + (n_texts - frequency + 0.5) / (frequency + 0.5))

    @cached_property
    def _saturation(self) -> NDArray[np.float64]:
        """How often each text must say a word for half of the word's weight: longer ones oftener."""
        lengths = np.array([sum(words.values()) for words in self.texts], dtype=np.float64)
        average = self.base.average_length or lengths.mean() or 1.0
        return np.asarray(K1 * (1 - B + B * lengths / average), dtype=np.float64)
