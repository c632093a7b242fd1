"""Which generation of the index serves: the one that is there, with what changed since beside it, or a new one.

In: the catalog's contents and a folder. Out: an open index, and the view of those contents over it. Knows no thread
and no query.
"""

import logging
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from retrieval.answerability.background import BackgroundOf
from retrieval.building import build
from retrieval.canaries import check_vectors
from retrieval.catalog import Catalog
from retrieval.chroma import ChromaServer
from retrieval.embedder import Embedder, Progress
from retrieval.errors import ChromaUnavailable, IndexDamaged
from retrieval.filters import FilterTable
from retrieval.index import ProductIndex, kept_vectors, open_current
from retrieval.records import product_digests
from retrieval.text import embedding_text
from retrieval.types import Product, Products, Vector
from retrieval.vectors import Known, text_key
from retrieval.view import SearchView

logger = logging.getLogger(__name__)

REBUILD_ROWS, REBUILD_SHARE = 100, 0.05
"""A new generation is due when more than so many rows, and more than this share of the index, are stale."""

N_CHECKED = 200
"""Of so many products some are embedded when an index opens, to see that its vectors are this embedder's."""

READER_BEHIND = 2000
"""So many products may differ between catalog and index for a process that cannot rebuild it."""


@dataclass(frozen=True, slots=True)
class Contents:
    """The whole catalog as it was at `revision`; the products are read anew each time, so let go of it soon."""

    revision: int
    text_digests: Mapping[str, str]
    products: Products

    @classmethod
    def of(cls, catalog: Catalog) -> "Contents":
        """What the catalog holds now."""
        snapshot = catalog.snapshot()
        return cls(snapshot.revision, snapshot.text_digests(), snapshot)


def view_of(catalog: Catalog, embedder: Embedder, index: ProductIndex, contents: Contents, known: Known) -> SearchView:
    """A view of `contents` over an index that may be behind it; texts that `known` lacks are not embedded yet."""
    others: dict[str, Product] = {}
    told = BackgroundOf(len(index))

    def unchanged() -> Iterator[tuple[int, Product]]:
        for product in contents.products:
            row = index.row_of.get(product.id)
            if row is not None and contents.text_digests[product.id] == index.text_digests[row]:
                told.add(row, product)
                yield row, product
            else:
                others[product.id] = product

    table = FilterTable.of_rows(len(index), unchanged())
    background = told.background(index.vectors, embedder, lambda stem: index.lexical.title_use(stem).n_titles > 0)
    view = SearchView.over(catalog, embedder, contents.revision, index, table, background)
    return view.with_changes(contents.revision, others, known)


def is_outgrown(n_stale: int, n_indexed: int) -> bool:
    """Whether an index of `n_indexed` products is so stale that the next one is due.

    >>> is_outgrown(90, 500), is_outgrown(101, 500), is_outgrown(101, 20_000), is_outgrown(4, 3)
    (False, True, False, True)
    """
    return n_stale > min(n_indexed, max(REBUILD_ROWS, REBUILD_SHARE * n_indexed))


def open_generation(
    index_dir: Path, embedder: Embedder, contents: Contents, *, owner: bool, server: ChromaServer | None = None
) -> tuple[ProductIndex | None, bool]:
    """The current generation, and whether it can serve; where it cannot, it is closed but what it embedded is known.

    It can serve without Chroma: then every search is exact, and its `chroma_fault` says why.

    Args:
        index_dir: where the generations lie.
        embedder: what it must have been built with.
        contents: what it must not be too far behind.
        owner: whether this process could build another one, and may open Chroma.
        server: where the collections are, if not in the generations.
    """
    index = None
    try:
        index = open_current(index_dir, use_chroma=owner, server=server)
        if index is not None and index.fits(embedder):
            n_behind = index.n_behind(contents.text_digests)
            if not is_outgrown(n_behind, len(index)) or (not owner and n_behind <= READER_BEHIND):
                check_vectors(index, list(islice(contents.products, N_CHECKED)), embedder)
                _check_chroma(index)
                return index, True
    except IndexDamaged as damage:
        logger.warning("%s", str(damage))
    if index is not None:
        index.close()
    return index, False


def _check_chroma(index: ProductIndex) -> None:
    try:
        index.check()
    except ChromaUnavailable as reason:
        logger.warning("%s", str(reason))
    except IndexDamaged as damage:
        index.give_up_chroma(damage)


def known_vectors(
    index: ProductIndex | None, index_dir: Path, recent: Mapping[str, Vector], embedder: Embedder
) -> Known:
    """What was embedded before, by that embedder: `recent`, and what an index holds, or (None) what is left of any."""
    if index is None:
        return {**kept_vectors(index_dir, embedder), **recent}.get
    if (index.meta.embedder_fingerprint, index.meta.dimension) != (embedder.fingerprint, embedder.dimension):
        return recent.get
    former = index

    def known(key: str) -> Vector | None:
        vector = recent.get(key)
        return former.vector_of_text(key) if vector is None else vector

    return known


def vectors_in_memory(view: SearchView, products: Products) -> Known:
    """The vectors of these products' texts that a view searches, whatever has become of its index on the disk."""
    rows = {}
    for product in products:
        row = view.base.row_of.get(product.id)
        if row is not None and view.base.text_digests[row] == product_digests(product)[1]:
            rows[text_key(embedding_text(product, view.embedder.languages))] = row

    def known(key: str) -> Vector | None:
        row = rows.get(key)
        return view.vector_of_text(key) if row is None else view.base.vector_of_row(row)

    return known


def build_generation(
    index_dir: Path,
    products: Products,
    embedder: Embedder,
    known: Known,
    on_progress: Progress,
    is_called_off: Callable[[], bool] = lambda: False,
    server: ChromaServer | None = None,
) -> ProductIndex | None:
    """The next generation, open and checked; None where it was called off. See `retrieval.building.build`.

    A server that does not take the collection now gets it later (see `retrieval.watching`).

    Raises:
        IndexDamaged: Chroma failed, or does not find what it holds.
    """
    folder = build(index_dir, products, embedder, known, on_progress, is_called_off, with_chroma=server is None)
    if folder is None:
        return None
    index = ProductIndex(folder, use_chroma=server is None, server=server)
    try:
        if server is None:
            index.check()
        elif index.ids:
            fill_collection(index, is_called_off)
    except IndexDamaged as damage:
        if server is None:
            index.close()
            raise
        index.give_up_chroma(damage)
    return index


def fill_collection(index: ProductIndex, is_called_off: Callable[[], bool]) -> None:
    """Give the server the collection of a generation, and use it.

    Raises:
        IndexDamaged: it did not take it, or does not find what it holds.
    """

    def check() -> None:
        if is_called_off():
            raise ChromaUnavailable("filling the collection on the Chroma server was called off")

    index.chroma.fill(index.ids, index.vectors, check)
    index.open_chroma()
    index.check()
