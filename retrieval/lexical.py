"""BM25 over the catalog's words.

In: texts of all products, in the index's row order. Out: a score for every row. Knows no product and no filter.

Source: Robertson & Zaragoza 2009, The Probabilistic Relevance Framework; Lù 2024, BM25S (scores computed at indexing).
"""

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.text import tokens


class LexicalIndex:
    """BM25 scores of every row for a query. Safe to share between threads."""

    def __init__(self, texts: Iterable[str] | None = None, *, folder: Path | None = None) -> None:
        """Index `texts`, or read back what `save` wrote to `folder`."""
        import bm25s

        if folder is not None:
            self._bm25 = bm25s.BM25.load(str(folder), load_corpus=False, load_vocab=True)
        else:
            corpus = [tokens(text) or ["\x00"] for text in texts or ()]
            self._bm25 = bm25s.BM25(method="lucene")
            self._bm25.index(corpus, show_progress=False)

    def save(self, folder: Path) -> None:
        """Write the index to `folder`."""
        self._bm25.save(str(folder), show_progress=False)

    def scores(self, query: str) -> NDArray[np.float32]:
        """`(n,)` float32, >= 0; all zero when no word of the query is in the catalog."""
        known = [token for token in tokens(query) if token in self._bm25.vocab_dict]
        if not known:
            return np.zeros(self._bm25.scores["num_docs"], dtype=np.float32)
        return np.asarray(self._bm25.get_scores(known), dtype=np.float32)
