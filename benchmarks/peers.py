"""What retrieval is compared with: Chroma as LangChain sets it up, and bm25s.

In: ids, texts, prices and vectors. Out: ids, best first. Knows no shop. Chroma's collection is made by LangChain's
`Chroma` with its defaults; queries are embedded by sentence-transformers, while the documents' vectors are given, since
embedding 100,000 texts takes it a quarter of an hour.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from retrieval.types import Matrix, Vector

AT_ONCE = 5_000
"""Chroma takes at most 5,461 rows a call."""


class LangChainChroma:
    """LangChain's Chroma vector store as its documentation sets it up, in a folder."""

    def __init__(self, folder: Path, model: str) -> None:
        """`model` is a sentence-transformers model's name or folder."""
        from langchain_chroma import Chroma
        from sentence_transformers import SentenceTransformer

        self._embeddings = _Embeddings(SentenceTransformer(model, device="cpu"))
        embeddings: Any = self._embeddings
        self._store: Any = Chroma("peer", embedding_function=embeddings, persist_directory=str(folder))

    def add(self, ids: Sequence[str], texts: Iterable[str], prices: Sequence[int], vectors: Matrix) -> Iterator[int]:
        """Add documents; yields how many there are so far."""
        remaining = iter(texts)
        for start in range(0, len(ids), AT_ONCE):
            rows = slice(start, start + AT_ONCE)
            self._embeddings.next_vectors = vectors[rows]
            documents = [next(remaining) for _ in ids[rows]]
            metadata = [{"price_minor": price} for price in prices[rows]]
            self._store.add_texts(documents, metadatas=metadata, ids=list(ids[rows]))
            yield min(start + AT_ONCE, len(ids))

    def where(self, vector: Vector, max_price_minor: int | None, k: int) -> list[str]:
        """Chroma's own filter on the same collection, ids only."""
        found = self._store._collection.query(
            query_embeddings=[vector.tolist()], n_results=k, where=_limit(max_price_minor), include=[]
        )
        return list(found["ids"][0])

    def retrieve(self, query: str, max_price_minor: int | None, k: int) -> list[str]:
        """The retriever's documents for a query in words."""
        retriever = self._store.as_retriever(search_kwargs={"k": k, "filter": _limit(max_price_minor)})
        return [document.id for document in retriever.invoke(query)]


class _Embeddings:
    """LangChain's `Embeddings` by sentence-transformers, but for documents whose vectors are known."""

    def __init__(self, model: Any) -> None:
        self._model = model
        self.next_vectors: Matrix = np.zeros((0, 0), dtype=np.float32)

    def embed_documents(self, texts: list[str]) -> list[list[float]]:
        assert len(texts) == len(self.next_vectors)
        return [[float(value) for value in row] for row in self.next_vectors.tolist()]

    def embed_query(self, text: str) -> list[float]:
        return [float(value) for value in self._model.encode(text).tolist()]


def bm25s_search(ids: Sequence[str], texts: Iterable[str]) -> Callable[[str, int], list[str]]:
    """bm25s with its defaults and English stop words, indexed; a query and k -> ids."""
    import bm25s

    index = bm25s.BM25()
    index.index(bm25s.tokenize(list(texts), stopwords="en", show_progress=False), show_progress=False)

    def search(query: str, k: int) -> list[str]:
        words = bm25s.tokenize([query], stopwords="en", show_progress=False)
        rows, _ = index.retrieve(words, k=min(k, len(ids)), show_progress=False)
        return [ids[row] for row in rows[0]]

    return search


def _limit(max_price_minor: int | None) -> dict[str, Any] | None:
    return None if max_price_minor is None else {"price_minor": {"$lte": max_price_minor}}
