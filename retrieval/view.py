"""One state of the catalog, searchable: hard filters first, then dense and lexical search over what is left, fused.

In: a `Query` with prices in the shop's currency. Out: `Retrieved`, best first. Knows no shopper and no conversation,
and not how a view comes to be (see `retrieval.retriever`). A view never changes.

Its rows are those of the index, then those of the overlay; a row in which no product stands (it was removed, or its
text is newer than the index, so that the overlay has it) passes no filter. Every product that comes back was read from
SQL in this call and checked against the filters once more, so a price that changed a moment ago is never shown as the
old one, and a filter is never violated by a stale index.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from retrieval.catalog import Catalog
from retrieval.embedder import Embedder
from retrieval.errors import IndexDamaged
from retrieval.filters import FilterTable, Mask, Rows, passing_variant
from retrieval.index import ProductIndex
from retrieval.lexical import words_of
from retrieval.overlay import Overlay, RecentText
from retrieval.records import product_digests
from retrieval.text import embedding_text, lexical_text, without_cjk
from retrieval.types import Candidate, Filters, Matrix, Product, Query, Retrieved, Vector
from retrieval.vectors import text_key

EXACT_BELOW = 10_000
"""Survivors of the filters up to which exact search is at least as fast as Chroma's HNSW (2 ms at 10,000 x 384)."""

OVERFETCH = 3
DENSE_WEIGHT = 0.5
SORT_RELEVANCE = 0.6
"""Where the shopper wants an order by price or the like and names no category, only products at least this relevant
take part, so that 'cheapest usb mouse' is not the cheapest cable."""

Scores = NDArray[np.float32]


class Ranked(NamedTuple):
    """Scores of some rows, row by row."""

    rows: Rows
    relevance: Scores
    similarity: Scores
    lexical: Scores


@dataclass(frozen=True, slots=True)
class SearchView:
    """Hybrid search over the catalog as it was at `revision`. Safe to share between threads.

    `table` holds the filters of all rows.
    """

    catalog: Catalog
    embedder: Embedder
    revision: int
    base: ProductIndex
    overlay: Overlay
    table: FilterTable

    @classmethod
    def over(
        cls, catalog: Catalog, embedder: Embedder, revision: int, base: ProductIndex, products: Sequence[Product | None]
    ) -> "SearchView":
        """An index with nothing beside it; `products[row]` is what its row stands for, None where that is gone."""
        overlay = Overlay.over(base.lexical, base.meta.dimension)
        return cls(catalog, embedder, revision, base, overlay, FilterTable(products))

    @property
    def n_stale(self) -> int:
        """How much is not in the index as it should be: rows of the overlay, and rows of the index that are empty."""
        return len(self.overlay) + int((~self.table.occupied()[: len(self.base)]).sum())

    def pending(self) -> list[str]:
        """The products that are found by their words and filters, but whose texts are not embedded yet."""
        occupied = self.table.occupied()[len(self.base) :]
        return [self.overlay.ids[row] for row in np.flatnonzero(occupied) if not self.overlay.texts[row].key]

    def row_of(self, product_id: str) -> int | None:
        """The row in which a product stands, or stood before it was removed."""
        recent = self.overlay.row_of.get(product_id)
        return self.base.row_of.get(product_id) if recent is None else len(self.base) + recent

    def vector_of_text(self, key: str) -> Vector | None:
        """The vector of the text with that key (see `retrieval.vectors.text_key`), where it is known here."""
        row = self.overlay.row_of_key.get(key)
        return self.base.vector_of_text(key) if row is None else self.overlay.vectors[row]

    def vectors_of(self, ids: Sequence[str]) -> Matrix:
        """`(len(ids), d)`: the products' embeddings; zeros for an id that was never searched here."""
        vectors = np.zeros((len(ids), self.base.meta.dimension), dtype=np.float32)
        for i, product_id in enumerate(ids):
            row = self.row_of(product_id)
            if row is not None:
                vectors[i] = self._vector(row)
        return vectors

    def with_changes(
        self, revision: int, products: Mapping[str, Product | None], known: Callable[[str], Vector | None] | None = None
    ) -> "SearchView":
        """The view in which these products are as given (None: gone).

        One whose text is still the one that is searched only gets other filters. Another one goes to the overlay, with
        its vector where `known` has it (by default this view), or else without one, to be embedded by and by.
        """
        rows: dict[int, Product | None] = {}
        texts: dict[str, RecentText] = {}
        returned = []
        for product_id, product in products.items():
            row = self.row_of(product_id)
            digest = product_digests(product)[1] if product else None
            if row is not None and digest in (None, self._text_digest(row)):
                rows[row] = product
                continue
            if row is not None:
                rows[row] = None
            in_base = self.base.row_of.get(product_id)
            if in_base is not None and digest == self.base.text_digests[in_base]:
                rows[in_base] = product
                returned.append(product_id)
            elif product is not None and digest is not None:
                texts[product_id] = self._recent(product, digest, known or self.vector_of_text)
        overlay = self.overlay.without(returned).with_texts(texts)
        for product_id in texts:
            rows[len(self.base) + overlay.row_of[product_id]] = products[product_id]
        return replace(self, revision=revision, overlay=overlay, table=self.table.replaced(rows))

    def with_vectors(self, vectors: Mapping[str, tuple[str, Vector]]) -> "SearchView":
        """The view in which these products of the overlay are embedded; id -> key of the text, vector."""
        texts = {}
        for product_id, (key, vector) in vectors.items():
            text = self.overlay.texts[self.overlay.row_of[product_id]]
            texts[product_id] = replace(text, key=key, vector=vector)
        return replace(self, overlay=self.overlay.with_texts(texts))

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        """The `k` best products among those that meet the query's filters, fewer only where fewer take part.

        They come in order of relevance, or of `query.filters.sort`; without words, of their number of reviews. All that
        meet the filters take part, except where words and a sort come without a category: then only the relevant ones
        (see `SORT_RELEVANCE`). `n_matched` counts those that take part, so a large enough `k` reaches them all.
        """
        passing = self._passing(query)
        vector = self.encode(query.semantic_text or query.text)
        ranked, n_matched = self._ranked(query, vector, passing, k)
        return Retrieved(tuple(self._candidates(ranked, query.filters)), n_matched, vector)

    def count(self, filters: Filters) -> int:
        """How many products meet `filters`."""
        return int(self.table.matching(filters).sum())

    def count_and_cheapest(self, filters: Filters) -> tuple[int, int | None]:
        """How many products meet `filters`, and the lowest price among them in minor units."""
        prices = self.table.sort_keys(filters, "price_asc")[self.table.matching(filters)]
        return len(prices), int(prices.min()) if len(prices) else None

    def encode(self, text: str) -> Vector | None:
        """The query's `(d,)` vector; None where nothing is left that the embedder could read."""
        readable = text if "zh" in self.embedder.languages else without_cjk(text)
        return self.embedder.encode([readable])[0] if readable.strip() else None

    def _recent(self, product: Product, digest: str, known: Callable[[str], Vector | None]) -> RecentText:
        key = text_key(embedding_text(product, self.embedder.languages))
        vector = known(key)
        words = words_of(lexical_text(product))
        if vector is None:
            return RecentText(digest, words, np.zeros(self.base.meta.dimension, dtype=np.float32))
        return RecentText(digest, words, vector, key)

    def _text_digest(self, row: int) -> str:
        n = len(self.base)
        return self.base.text_digests[row] if row < n else self.overlay.texts[row - n].text_digest

    def _vector(self, row: int) -> Vector:
        n = len(self.base)
        return np.asarray(self.base.vectors[row] if row < n else self.overlay.vectors[row - n])

    def _passing(self, query: Query) -> Mask:
        passing = self.table.matching(query.filters)
        excluded = [self.row_of(product_id) for product_id in query.exclude_ids]
        passing[[row for row in excluded if row is not None]] = False
        return passing

    def _ranked(self, query: Query, vector: Vector | None, passing: Mask, k: int) -> tuple[Ranked, int]:
        text, sort = query.text.strip(), query.filters.sort
        lexical = self._lexical(text) if text else np.zeros(len(passing), dtype=np.float32)
        rows = self._shortlist(vector, lexical, passing, len(passing) if sort else k)
        similarity = self._similarities(vector, rows) if vector is not None else np.zeros(len(rows), dtype=np.float32)
        relevance = fuse(similarity, lexical[rows])
        keys: list[NDArray[Any]] = [rows, -relevance]
        if sort or not text:
            keys.append(self.table.sort_keys(query.filters, sort or "popular")[rows])
        order = np.lexsort(keys)
        if sort and text and query.filters.category is None:
            order = order[relevance[order] >= SORT_RELEVANCE * relevance.max(initial=0.0)]
        n_matched = len(order) if sort else int(passing.sum())
        order = order[:k]
        return Ranked(rows[order], relevance[order], similarity[order], lexical[rows][order]), n_matched

    def _lexical(self, text: str) -> Scores:
        scores = self.base.lexical.scores(text)
        return np.concatenate([scores, self.overlay.lexical.scores(text)]) if len(self.overlay) else scores

    def _similarities(self, vector: Vector, rows: Rows) -> Scores:
        recent = rows >= len(self.base)
        if not recent.any():
            return self.base.similarities(vector, rows)
        similarities = np.empty(len(rows), dtype=np.float32)
        similarities[~recent] = self.base.similarities(vector, rows[~recent])
        similarities[recent] = self.overlay.vectors[rows[recent] - len(self.base)] @ vector
        return similarities

    def _shortlist(self, vector: Vector | None, lexical: Scores, passing: Mask, k: int) -> Rows:
        survivors = np.flatnonzero(passing)
        if vector is None or len(survivors) <= max(EXACT_BELOW, k) or not self.base.has_chroma:
            return survivors
        in_base = passing[: len(self.base)]
        n_fetched = int(k * OVERFETCH * len(in_base) / max(in_base.sum(), 1))
        if n_fetched >= len(self.base):
            return survivors
        try:
            dense = self.base.nearest(vector, n_fetched)
        except IndexDamaged:
            # The index has said so, and searches exactly from now on.
            return survivors
        dense = dense[passing[dense]]
        if len(dense) < k:
            return survivors
        best_lexical = survivors[np.argsort(-lexical[survivors], kind="stable")[:k]]
        recent = survivors[survivors >= len(self.base)]
        return np.union1d(np.union1d(dense, recent), best_lexical)

    def _candidates(self, ranked: Ranked, filters: Filters) -> list[Candidate]:
        n = len(self.base)
        ids = [self.base.ids[row] if row < n else self.overlay.ids[row - n] for row in ranked.rows]
        products = self.catalog.get_many(ids)
        found = []
        for i, product_id in enumerate(ids):
            product = products.get(product_id)
            variant = passing_variant(product, filters) if product else None
            if product and variant:
                scores = (float(ranked.relevance[i]), float(ranked.similarity[i]), float(ranked.lexical[i]))
                found.append(Candidate(product, variant, *scores, self._vector(ranked.rows[i])))
        return found


def fuse(similarity: Scores, lexical: Scores) -> Scores:
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
    fused: Scores = (DENSE_WEIGHT * parts[0] + (1 - DENSE_WEIGHT) * parts[1]).astype(np.float32)
    return fused
