"""One state of the catalog, searchable: hard filters first, then dense and lexical search over what is left, fused.

In: a `Query` with prices in the shop's currency. Out: `Retrieved`, best first. Knows no shopper and no conversation,
and not how a view comes to be (see `retrieval.retriever`). A view never changes.

Its rows are those of the index, then those of the overlay; a row in which no product stands (it was removed, or its
text is newer than the index, so that the overlay has it) passes no filter. Every product that comes back was read from
SQL in this call and checked against the filters once more, so a price that changed a moment ago is never shown as the
old one, and a filter is never violated by a stale index.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.answerability.background import DEPTH, Background
from retrieval.answerability.features import Found
from retrieval.answerability.model import fit
from retrieval.catalog import Catalog
from retrieval.dense import N_REFINED, DenseSearch
from retrieval.embedder import Embedder
from retrieval.facets import Facets, facets_of
from retrieval.filters import FilterTable, Mask, Rows, passing_variant
from retrieval.fusion import SHIPPED, Evidence, Fusion, Ranked, Said, foremost, fuse
from retrieval.index import ProductIndex
from retrieval.lately import Lately
from retrieval.lexical import add_up
from retrieval.overlay import Overlay, RecentText
from retrieval.query_terms import NO_SYNONYMS, QueryReader, QueryTerms, Synonyms, in_words_of
from retrieval.records import product_digests
from retrieval.selection import Scores, first_of, reached_by
from retrieval.terms import document_terms
from retrieval.text import embedding_text, readable_part
from retrieval.types import Candidate, Filters, Matrix, Product, Query, Retrieved, Vector
from retrieval.vectors import text_key

SORT_RELEVANCE = 0.6
"""Where the shopper wants an order by price or the like and names no category, only products at least this relevant
take part, so that 'cheapest usb mouse' is not the cheapest cable."""

UNSURE = 0.01
"""By more than ten times what quantised vectors may be off, in units of relevance."""


@dataclass(frozen=True, slots=True)
class SearchView:
    """Hybrid search over the catalog as it was at `revision`. Safe to share between threads.

    `table` holds the filters of all rows, `background` what the indexed products say of the catalog,
    `synonyms` what shoppers call things that the catalog calls otherwise, `fusion` how words and meaning are weighed.
    """

    catalog: Catalog
    embedder: Embedder
    revision: int
    base: ProductIndex
    dense: DenseSearch
    overlay: Overlay
    table: FilterTable
    background: Background
    synonyms: Synonyms = field(default_factory=lambda: NO_SYNONYMS)
    fusion: Fusion = SHIPPED
    _worded: Lately[tuple[QueryTerms, Scores]] = field(init=False, repr=False, compare=False, default_factory=Lately)

    @classmethod
    def over(
        cls,
        catalog: Catalog,
        embedder: Embedder,
        revision: int,
        base: ProductIndex,
        table: FilterTable,
        background: Background,
    ) -> "SearchView":
        """An index with nothing beside it; `table` has its rows, empty where what a row stands for is gone.

        `background`: what the products that stand there say of the catalog.
        """
        overlay = Overlay.over(base.lexical, base.meta.dimension)
        return cls(catalog, embedder, revision, base, DenseSearch(base), overlay, table, background)

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
        rows = [self.row_of(product_id) for product_id in ids]
        known = [place for place, row in enumerate(rows) if row is not None]
        vectors[known] = self._vectors(np.array([rows[place] for place in known], dtype=np.int64))
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
        new = [product for product_id in texts if (product := products[product_id])]
        background = self.background.with_products(new) if new else self.background
        table = self.table.replaced(rows)
        return replace(self, revision=revision, overlay=overlay, table=table, background=background)

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

        What is excluded is left out of the order that there would be without: page after page, each with what the
        former ones held excluded, shows every product that takes part once.
        """
        passing = self.table.matching(query.filters)
        excluded = self._excluded(query, passing)
        vector = self.encode(query.semantic_text or query.text)
        ranked, n_matched = self._ranked(query, vector, passing, excluded, k)
        return Retrieved(tuple(self._candidates(ranked, vector, query.filters)), n_matched, vector)

    def evidence(self, query: Query) -> Evidence:
        """What the relevance of all products that meet a query's filters is made of, exactly."""
        passing = self.table.matching(query.filters)
        rows, (asked, lexical) = np.flatnonzero(passing), self._words(query)
        lexical, vector = lexical[rows], self.encode(query.semantic_text or query.text)
        similarity = np.zeros(len(rows), np.float32) if vector is None else self._vectors(rows) @ vector
        return Evidence(rows, similarity, lexical, Said.of(lexical, asked), self._accessories(rows))

    def nearest(self, vector: Vector, filters: Filters, k: int) -> list[str]:
        """The ids of the `k` products nearest to a vector among those that meet `filters`, nearest first."""
        passing = self.table.matching(filters)
        rows, _ = self._nearest(vector, passing, k)
        return self._ids(rows)

    def _nearest(self, vector: Vector, passing: Mask, k: int) -> tuple[Rows, Scores]:
        """The rows nearest to a vector among those that pass, nearest first, with their cosines."""
        rows = self.dense.nearest(vector, passing[: len(self.base)], k)
        if rows is not None:
            rows = np.union1d(rows, len(self.base) + np.flatnonzero(passing[len(self.base) :]))
            similarities = self._similarities(vector, rows, N_REFINED * k)
        else:
            rows, similarities = self._similar(vector, passing, N_REFINED * k)
        best = (
            np.flatnonzero(similarities >= reached_by(similarities, k)) if 0 < k < len(rows) else np.arange(len(rows))
        )
        best = best[first_of([-similarities[best], rows[best]], k)]
        return rows[best], similarities[best]

    def fit(self, query: Query, vector: Vector | None) -> float | None:
        """The probability in [0, 1] that the catalog has something that fits a query, filters aside.

        Args:
            query: a wish; without words it has no fit.
            vector: that of the query, as `retrieve` tells it.
        """
        if not query.text.strip():
            return None
        text = in_words_of(self.base.lexical, query.text, self.synonyms)
        return fit(text, self.background, self.found(query, vector))

    def found(self, query: Query, vector: Vector | None, among: Mask | None = None) -> Found:
        """What comes first by words and by meaning in the whole catalog (or `among` some rows), filters aside."""
        passing = self.table.occupied() if among is None else among & self.table.occupied()
        _, lexical = self._words(query)
        said = np.flatnonzero(passing & (lexical > 0))
        by_words = said[first_of([-lexical[said], said], DEPTH)]
        nearest, similarities = np.zeros(0, dtype=np.int64), np.zeros(0, dtype=np.float32)
        if vector is not None:
            nearest, similarities = self._nearest(vector, passing, DEPTH)
        products = self.catalog.get_many(self._ids(np.concatenate([by_words, nearest])))
        on_sale = np.array([product_id in products for product_id in self._ids(nearest)], dtype=np.bool_)
        return Found(
            [products[product_id] for product_id in self._ids(by_words) if product_id in products],
            [products[product_id] for product_id in self._ids(nearest[on_sale])],
            similarities[on_sale],
            self._vectors(nearest[on_sale]),
        )

    def is_near(self, retrieved: Retrieved) -> bool:
        """Whether the nearest of what was found is nearer than wishes that have nothing to do with the catalog come."""
        nearest = max((found.similarity for found in retrieved.candidates), default=0.0)
        return nearest > self.background.nearest[0] + self.background.nearest[1]

    def count(self, filters: Filters) -> int:
        """How many products meet `filters`."""
        return int(self.table.matching(filters).sum())

    def count_and_cheapest(self, filters: Filters) -> tuple[int, int | None]:
        """How many products meet `filters`, and the lowest price among them in minor units."""
        prices = self.table.sort_keys(filters, "price_asc")[self.table.matching(filters)]
        return len(prices), int(prices.min()) if len(prices) else None

    def facets(self, filters: Filters) -> Facets:
        """What the products that meet `filters` could be narrowed down by, with counts."""
        return facets_of(self.table, filters)

    def encode(self, text: str) -> Vector | None:
        """The query's `(d,)` vector; None where nothing is left that the embedder could read."""
        readable = readable_part(text, self.embedder.languages)
        return self.embedder.encode_queries([readable])[0] if readable else None

    def _recent(self, product: Product, digest: str, known: Callable[[str], Vector | None]) -> RecentText:
        key = text_key(embedding_text(product, self.embedder.languages))
        vector = known(key)
        words = document_terms(product)
        if vector is None:
            return RecentText(digest, words, np.zeros(self.base.meta.dimension, dtype=np.float32))
        return RecentText(digest, words, vector, key)

    def _text_digest(self, row: int) -> str:
        n = len(self.base)
        return self.base.text_digests[row] if row < n else self.overlay.texts[row - n].text_digest

    def product_id(self, row: int) -> str:
        """The product that stands, or stood, in a row."""
        n = len(self.base)
        return self.base.ids[row] if row < n else self.overlay.ids[row - n]

    def _excluded(self, query: Query, passing: Mask) -> Rows:
        """The rows that pass and are not to be shown again."""
        rows = (self.row_of(product_id) for product_id in query.exclude_ids)
        return np.array([row for row in rows if row is not None and passing[row]], dtype=np.int64)

    def _ranked(self, query: Query, vector: Vector | None, passing: Mask, excluded: Rows, k: int) -> tuple[Ranked, int]:
        """The first `k` of the rows that pass and are not excluded, and how many of these take part."""
        text, sort = query.text.strip(), query.filters.sort
        n_ranked, n_matched = k + len(excluded), int(np.count_nonzero(passing)) - len(excluded)
        asked, lexical = self._words(query)
        if len(excluded) + n_matched < len(passing):
            lexical = np.where(passing, lexical, np.float32(0.0))
        said = Said.of(lexical, asked)
        if sort or not text or vector is None:
            ranked = self._scored(np.flatnonzero(passing), vector, lexical, said, N_REFINED * n_ranked)
        else:
            ranked = self._foremost(vector, lexical, said, passing, n_ranked)
        if sort and text and query.filters.category is None:
            ranked = self._relevant(ranked, vector, said)
            n_matched = len(ranked.rows) - int(np.isin(excluded, ranked.rows).sum())
        keys: list[NDArray[Any]] = [-ranked.relevance, ranked.rows]
        if sort or not text:
            keys.insert(0, self.table.sort_keys(query.filters, sort or "popular")[ranked.rows])
        ranked = ranked.at(first_of(keys, n_ranked))
        return ranked.at(np.flatnonzero(~np.isin(ranked.rows, excluded))[:k]), n_matched

    def _relevant(self, ranked: Ranked, vector: Vector | None, said: Said) -> Ranked:
        """Those that take part in an order by price or the like; where a thousandth could decide, it is computed."""
        relevance, similarity = ranked.relevance, ranked.similarity
        if vector is not None:
            top = relevance.max(initial=0.0)
            unsure = np.flatnonzero((abs(relevance - SORT_RELEVANCE * top) < UNSURE) | (relevance > top - UNSURE))
            similarity = similarity.copy()
            similarity[unsure] = self._similarities(vector, ranked.rows[unsure], len(unsure))
            relevance = fuse(similarity, ranked.lexical, said, self._accessories(ranked.rows), self.fusion)
        least = SORT_RELEVANCE * relevance.max(initial=0.0)
        exact = Ranked(ranked.rows, relevance, similarity, ranked.lexical)
        return exact.at(np.flatnonzero(relevance >= least))

    def _scored(self, rows: Rows, vector: Vector | None, lexical: Scores, said: Said, n_exact: int) -> Ranked:
        similarity = np.zeros(len(rows), dtype=np.float32)
        if vector is not None:
            similarity = self._similarities(vector, rows, n_exact)
        relevance = fuse(similarity, lexical[rows], said, self._accessories(rows), self.fusion)
        return Ranked(rows, relevance, similarity, lexical[rows])

    def _foremost(self, vector: Vector, lexical: Scores, said: Said, passing: Mask, k: int) -> Ranked:
        """Rows that hold the `k` most relevant ones; `lexical` is 0 where a row does not pass."""
        rows = self._shortlist(vector, lexical, passing, k)
        if rows is not None:
            return self._scored(rows, vector, lexical, said, N_REFINED * k)
        rows, similarity = self._similar(vector, passing, N_REFINED * k)
        lexical = lexical if len(rows) == len(passing) else lexical[rows]
        at, relevance = foremost(similarity, lexical, said, lambda at: self._accessories(rows[at]), k, self.fusion)
        return Ranked(rows[at], relevance, similarity[at], lexical[at])

    def _similar(self, vector: Vector, passing: Mask, n_exact: int) -> tuple[Rows, Scores]:
        """Rows with their cosines, those of the nearest `n_exact` exact: all that pass, and -inf for what does not."""
        n = len(self.base)
        if not self.dense.prefers_scan(int(np.count_nonzero(passing[:n])), n_exact):
            rows = np.flatnonzero(passing)
            return rows, self._similarities(vector, rows, n_exact)
        similarities = self.dense.of_all(vector, passing[:n], n_exact)
        if len(self.overlay):
            recent = np.where(passing[n:], self.overlay.vectors @ vector, np.float32(-np.inf))
            similarities = np.concatenate([similarities, recent])
        return np.arange(len(passing)), similarities

    def _shortlist(self, vector: Vector, lexical: Scores, passing: Mask, k: int) -> Rows | None:
        """The nearest and those that say the words best, where finding these is cheaper than ranking all that pass."""
        n = len(self.base)
        nearest = self.dense.nearest(vector, passing[:n], k)
        if nearest is None:
            return None
        said = np.flatnonzero(passing & (lexical > 0))
        best = said[first_of([-lexical[said]], k)]
        recent = n + np.flatnonzero(passing[n:])
        return np.union1d(np.union1d(nearest, recent), best)

    def terms(self, query: Query) -> QueryTerms:
        """How the words of a query are looked for."""
        reader = QueryReader(self.base.lexical, self.overlay.lexical, self.synonyms)
        return reader.read(query.text, query.semantic_text) if query.text.strip() else QueryTerms()

    def _words(self, query: Query) -> tuple[QueryTerms, Scores]:
        """How a query's words are looked for, and what each row scores by them."""

        def make() -> tuple[QueryTerms, Scores]:
            asked = self.terms(query)
            return asked, self._lexical(asked)

        return self._worded.get((query.text, query.semantic_text), make)

    def _lexical(self, asked: QueryTerms) -> Scores:
        scores = add_up(asked.slots, self.base.lexical.posting, len(self.base))
        if not len(self.overlay):
            return scores
        return np.concatenate([scores, add_up(asked.slots, self.overlay.lexical.posting, len(self.overlay))])

    def _accessories(self, rows: Rows) -> Mask:
        flags: Mask = self.base.lexical.accessories
        if len(self.overlay):
            flags = np.concatenate([flags, self.overlay.lexical.accessories])
        return np.asarray(flags[rows])

    def _similarities(self, vector: Vector, rows: Rows, n_exact: int) -> Scores:
        """Those of the nearest `n_exact` rows of the index exact. `rows` ascend, so those of the overlay come last."""
        n = int(np.searchsorted(rows, len(self.base)))
        similarities = self.dense.similarities(vector, rows[:n], n_exact)
        if n == len(rows):
            return similarities
        return np.concatenate([similarities, self.overlay.vectors[rows[n:] - len(self.base)] @ vector])

    def _ids(self, rows: Rows) -> list[str]:
        n = len(self.base)
        return [self.base.ids[row] if row < n else self.overlay.ids[row - n] for row in rows.tolist()]

    def _vectors(self, rows: Rows) -> Matrix:
        """`(len(rows), d)`."""
        recent = rows >= len(self.base)
        vectors = np.empty((len(rows), self.base.meta.dimension), dtype=np.float32)
        vectors[~recent] = self.base.vectors[rows[~recent]]
        vectors[recent] = self.overlay.vectors[rows[recent] - len(self.base)]
        return vectors

    def _candidates(self, ranked: Ranked, vector: Vector | None, filters: Filters) -> list[Candidate]:
        ids = self._ids(ranked.rows)
        products = self.catalog.get_many(ids)
        vectors = self._vectors(ranked.rows)
        similarity = ranked.similarity if vector is None else np.vecdot(vectors, vector)
        scores = zip(ranked.relevance.tolist(), similarity.tolist(), ranked.lexical.tolist(), strict=True)
        found = []
        for product_id, embedding, of_product in zip(ids, vectors, scores, strict=True):
            product = products.get(product_id)
            variant = passing_variant(product, filters) if product else None
            if product and variant:
                found.append(Candidate(product, variant, *of_product, embedding))
        return found
