"""From a query to candidates: hard filters first, then dense and lexical search over what is left, fused.

In: a `Query` with prices in the shop's currency. Out: `Retrieved`, best first. Knows no shopper and no conversation.

Every product that comes back was read from SQL in this call and checked against the filters once more, so a price that
changed a moment ago is never shown as the old one, and a filter is never violated by a stale index.
"""

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog import Catalog
from retrieval.embedder import Embedder, Progress
from retrieval.errors import IndexDamaged
from retrieval.filters import FilterTable, Mask, Rows, passing_variant
from retrieval.index import ProductIndex, build, open_current, remove_old
from retrieval.text import without_cjk
from retrieval.types import Candidate, Filters, Product, Query, Retrieved, Vector

logger = logging.getLogger(__name__)

EXACT_BELOW = 10_000
"""Survivors of the filters up to which exact search is at least as fast as Chroma's HNSW (2 ms at 10,000 x 384)."""

OVERFETCH = 3
DENSE_WEIGHT = 0.5
SORT_RELEVANCE = 0.6
"""Where the shopper wants an order by price or the like and names no category, only products at least this relevant
take part, so that 'cheapest usb mouse' is not the cheapest cable."""


class Scores(NamedTuple):
    """Of some rows, row by row."""

    rows: Rows
    relevance: NDArray[np.float32]
    similarity: NDArray[np.float32]
    lexical: NDArray[np.float32]


class Retriever:
    """Hybrid search over one catalog. Safe to share between threads; `open_retriever` makes one."""

    def __init__(self, catalog: Catalog, embedder: Embedder, index: ProductIndex, products: Sequence[Product]) -> None:
        """`products` are the rows of `index`, in its order."""
        if index.ids != [product.id for product in products]:
            raise IndexDamaged("the index and the catalog disagree about which products there are")
        self.catalog = catalog
        self.embedder = embedder
        self.index = index
        self._table = FilterTable(products)

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        """The `k` best products among those that meet the query's filters, fewer only where fewer take part.

        They come in order of relevance, or of `query.filters.sort`; without words, of their number of reviews. All that
        meet the filters take part, except where words and a sort come without a category: then only the relevant ones
        (see `SORT_RELEVANCE`). `n_matched` counts those that take part, so a large enough `k` reaches them all.
        """
        passing = self._passing(query)
        vector = self.encode(query.semantic_text or query.text)
        scores, n_matched = self._ranked(query, vector, passing, k)
        return Retrieved(tuple(self._candidates(scores, query.filters)), n_matched, vector)

    def count(self, filters: Filters) -> int:
        """How many products meet `filters`."""
        return int(self._table.matching(filters).sum())

    def count_and_cheapest(self, filters: Filters) -> tuple[int, int | None]:
        """How many products meet `filters`, and the lowest price among them in minor units."""
        prices = self._table.sort_keys(filters, "price_asc")[self._table.matching(filters)]
        return len(prices), int(prices.min()) if len(prices) else None

    def encode(self, text: str) -> Vector | None:
        """The query's `(d,)` vector; None where nothing is left that the embedder could read."""
        readable = text if "zh" in self.embedder.languages else without_cjk(text)
        return self.embedder.encode([readable])[0] if readable.strip() else None

    def _passing(self, query: Query) -> Mask:
        passing = self._table.matching(query.filters)
        passing[[self.index.row_of[i] for i in query.exclude_ids if i in self.index.row_of]] = False
        return passing

    def _ranked(self, query: Query, vector: Vector | None, passing: Mask, k: int) -> tuple[Scores, int]:
        text, sort = query.text.strip(), query.filters.sort
        lexical = self.index.lexical.scores(text) if text else np.zeros(len(passing), dtype=np.float32)
        rows = self._shortlist(vector, lexical, passing, len(passing) if sort else k)
        similarity = (
            self.index.similarities(vector, rows) if vector is not None else np.zeros(len(rows), dtype=np.float32)
        )
        relevance = fuse(similarity, lexical[rows])
        keys: list[NDArray[Any]] = [rows, -relevance]
        if sort or not text:
            keys.append(self._table.sort_keys(query.filters, sort or "popular")[rows])
        order = np.lexsort(keys)
        if sort and text and query.filters.category is None:
            order = order[relevance[order] >= SORT_RELEVANCE * relevance.max(initial=0.0)]
        n_matched = len(order) if sort else int(passing.sum())
        order = order[:k]
        return Scores(rows[order], relevance[order], similarity[order], lexical[rows][order]), n_matched

    def _shortlist(self, vector: Vector | None, lexical: NDArray[np.float32], passing: Mask, k: int) -> Rows:
        survivors = np.flatnonzero(passing)
        if vector is None or len(survivors) <= max(EXACT_BELOW, k) or not self.index.has_chroma:
            return survivors
        n_fetched = int(k * OVERFETCH * len(passing) / len(survivors))
        if n_fetched >= len(self.index):
            return survivors
        try:
            dense = self.index.nearest(vector, n_fetched)
        except IndexDamaged as damage:
            self._give_up_chroma(damage)
            return survivors
        dense = dense[passing[dense]]
        if len(dense) < k:
            return survivors
        best_lexical = survivors[np.argsort(-lexical[survivors], kind="stable")[:k]]
        return np.union1d(dense, best_lexical)

    def _give_up_chroma(self, damage: IndexDamaged) -> None:
        if self.index.has_chroma:
            logger.error("%s; until the shop is opened again every search is exact", damage)
            self.index.close()

    def _candidates(self, scores: Scores, filters: Filters) -> list[Candidate]:
        ids = [self.index.ids[row] for row in scores.rows]
        products = self.catalog.get_many(ids)
        found = []
        for i, product_id in enumerate(ids):
            product = products.get(product_id)
            variant = passing_variant(product, filters) if product else None
            if product and variant:
                found.append(
                    Candidate(
                        product,
                        variant,
                        float(scores.relevance[i]),
                        float(scores.similarity[i]),
                        float(scores.lexical[i]),
                        np.asarray(self.index.vectors[scores.rows[i]]),
                    )
                )
        return found


def open_retriever(
    catalog: Catalog,
    embedder: Embedder,
    index_dir: Path,
    *,
    owner: bool = True,
    on_progress: Progress | None = None,
    products: Sequence[Product] | None = None,
) -> Retriever:
    """A retriever over the catalog as it is now; the index is rebuilt beside the old one where it is not current.

    Args:
        owner: this process holds the shop's lock. One that does not cannot rebuild, and searches without Chroma.
        on_progress: called with (texts embedded, texts to embed).
        products: the whole catalog in order of id, where that was read already.

    Raises:
        IndexDamaged: the index is missing or out of date, and this process is not the owner.
    """
    products = list(catalog.products()) if products is None else products
    version = catalog.version()
    previous: ProductIndex | None = None
    try:
        previous = open_current(index_dir, use_chroma=owner)
        if previous is not None and previous.is_current(version, embedder):
            retriever = Retriever(catalog, embedder, previous, products)
            previous.check()
            if owner:
                remove_old(index_dir)
            return retriever
    except IndexDamaged as damage:
        logger.warning("%s", damage)
    if previous is not None:
        previous.close()
    if not owner:
        raise IndexDamaged(
            "the index is not up to date with the catalog, and another process owns the shop: wait for it to finish"
        )
    index_dir.mkdir(parents=True, exist_ok=True)
    index = ProductIndex(build(index_dir, products, version, embedder, previous, on_progress))
    try:
        index.check()
    except IndexDamaged:
        index.close()
        raise
    remove_old(index_dir)
    return Retriever(catalog, embedder, index, products)


def fuse(similarity: NDArray[np.float32], lexical: NDArray[np.float32]) -> NDArray[np.float32]:
    """Relevance in [0, 1]: the weighted sum of both scores, each divided by its maximum over these rows.

    Source: Bruch, Gai & Ingber 2023, An Analysis of Fusion Functions for Hybrid Retrieval (convex combination).

    >>> fuse(np.array([0.5, 0.25], dtype=np.float32), np.array([0.0, 8.0], dtype=np.float32)).tolist()
    [0.5, 0.75]
    """
    parts = []
    for scores in (similarity, lexical):
        clipped = np.clip(scores, 0.0, None)
        top = clipped.max(initial=0.0)
        parts.append(clipped / top if top > 0 else clipped)
    fused: NDArray[np.float32] = (DENSE_WEIGHT * parts[0] + (1 - DENSE_WEIGHT) * parts[1]).astype(np.float32)
    return fused
