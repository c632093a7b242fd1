"""Keeps the search in step with the catalog while it is asked: the view that serves, and how the next one comes to be.

In: a catalog, an embedder and a folder for the index. Out: candidates from the view that serves now. Knows no shopper
and no conversation; how a view searches is `retrieval.view`'s.

Another price, stock or attribute only changes the filters. Another text is embedded and searched in an overlay beside
the index. Where that has grown too large, the owner of the shop builds the next generation of the index beside and
swaps it in. Views never change and are swapped by one assignment, so no query waits and each ends on the view it began
with.

While an owner's retriever is open, a thread looks after the index (`retrieval.watching`) and has it rebuilt where it
is damaged.
"""

import logging
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from sqlalchemy.exc import DatabaseError

from retrieval.building import old_generations
from retrieval.catalog import Catalog, CatalogChanges
from retrieval.chroma import ChromaServer, OpenChroma
from retrieval.embedder import Embedder, Progress
from retrieval.errors import IndexDamaged, ShopError
from retrieval.generations import (
    Contents,
    build_generation,
    is_outgrown,
    known_vectors,
    open_generation,
    vectors_in_memory,
    view_of,
)
from retrieval.index import ProductIndex, current_folder, open_current
from retrieval.query_terms import NO_SYNONYMS, Synonyms
from retrieval.text import embedding_text
from retrieval.types import Filters, Matrix, Query, Retrieved, Vector
from retrieval.vectors import Known, embed, load_vectors, save_vectors, text_key
from retrieval.view import SearchView
from retrieval.watching import INTERVAL_S, Damage, Watch, pause_s

logger = logging.getLogger(__name__)

TEXTS_AT_ONCE = 64
"""Texts embedded between two views."""

LEFT_TO_BUILDING = 1000
"""So many new texts are rather embedded by the build of the next generation, where one is due."""

QUICK_CHANGES = 500
"""Changed products that `catch_up` takes in itself."""

PATIENCE_S = 0.05
"""How long `catch_up` waits for another thread's step."""

RECENT_FILE = "recent.npz"
"""Vectors of the overlay, kept between two openings."""


class Retriever:
    """Hybrid search over one catalog, live. Safe to share between threads; `open_retriever` makes one.

    `view` is what serves now: whoever asks several questions that must agree asks them of one view.
    """

    def __init__(
        self,
        view: SearchView,
        index_dir: Path,
        *,
        owner: bool,
        embedded: "_Embedded",
        server: ChromaServer | None = None,
        watch_s: float = INTERVAL_S,
    ) -> None:
        self.view = view
        self.catalog = view.catalog
        self.embedder = view.embedder
        self._index_dir = index_dir
        self._owner = owner
        self._embedded = embedded
        self._advancing = threading.Lock()
        self._starting = threading.Lock()
        self._closing = threading.Event()
        self._builder: threading.Thread | None = None
        self._server = server
        self._watch_s = watch_s
        self._n_failed = 0
        self._rests_until = 0.0
        self._kept: frozenset[str] = frozenset()
        self._watch = Watch(self, index_dir, watch_s) if owner else None

    @property
    def damage(self) -> Damage | None:
        """What is wrong with the index, and since when; None as far as is known."""
        return self._watch.damage if self._watch else None

    @property
    def watch(self) -> Watch | None:
        """What looks after the index; None in a process that does not own the shop."""
        return self._watch

    @property
    def n_failed(self) -> int:
        """How many builds of the index failed in a row."""
        return self._n_failed

    @property
    def is_building(self) -> bool:
        """Whether the next generation is being built."""
        return self._builder is not None and self._builder.is_alive()

    @property
    def n_embedded(self) -> int:
        """How many texts were embedded since (and while) this was opened."""
        return self._embedded.n

    @property
    def index(self) -> ProductIndex:
        """The generation that serves now."""
        return self.view.base

    def retrieve(self, query: Query, k: int = 200) -> Retrieved:
        """See `SearchView.retrieve`."""
        return self.view.retrieve(query, k)

    def count(self, filters: Filters) -> int:
        """How many products meet `filters`."""
        return self.view.count(filters)

    def count_and_cheapest(self, filters: Filters) -> tuple[int, int | None]:
        """How many products meet `filters`, and the lowest price among them in minor units."""
        return self.view.count_and_cheapest(filters)

    def encode(self, text: str) -> Vector | None:
        """The query's `(d,)` vector; None where nothing is left that the embedder could read."""
        return self.view.encode(text)

    def vectors_of(self, ids: Sequence[str]) -> Matrix:
        """`(len(ids), d)`: the products' embeddings; zeros for an id that was never searched here."""
        return self.view.vectors_of(ids)

    def refresh(self) -> bool:
        """Take in all that changed in the catalog since the last time, and embed what is new.

        Where the index has become too stale, the next one is begun in the background. A great many new texts are left
        to it; until it is there their products are found by their words and filters.

        Returns:
            Whether anything changed.
        """
        before = self.view
        while n_left := self._advance():
            if self._closing.is_set() or (n_left > LEFT_TO_BUILDING and self._build_if_outgrown()):
                break
        self._build_if_outgrown()
        return self.view is not before

    def catch_up(self) -> bool:
        """Take in what changed where that is quick, as before each message.

        Returns:
            Whether the view is now that of the catalog; where not, `refresh` has something to do.
        """
        if self.view.revision == self.catalog.revision():
            return True
        if not self._advancing.acquire(timeout=PATIENCE_S):
            return False
        try:
            changes = self.catalog.changes_since(self.view.revision)
            is_quick = len(changes.changed) + len(changes.removed) <= QUICK_CHANGES
            return is_quick and self._take(changes) == 0
        finally:
            self._advancing.release()
            self._build_if_outgrown()

    def settle(self, timeout_s: float | None = None) -> None:
        """Wait until the index that is being built, if any, is ready."""
        builder = self._builder
        if builder is not None:
            builder.join(timeout_s)

    def call_off(self) -> None:
        """Let a build and a long refresh end at their next step, for good."""
        self._closing.set()

    def close(self) -> None:
        """Stop building, keep what was embedded, and let go of the index."""
        self.call_off()
        if self._watch:
            self._watch.end()
        self.settle()
        self.keep_vectors()
        self.view.base.close()

    def keep_vectors(self) -> None:
        """Write the vectors of the overlay down, so that the next opening need not embed its texts again."""
        vectors = {text.key: text.vector for text in self.view.overlay.texts if text.key}
        if self._owner and self._kept != vectors.keys():
            save_vectors(self._index_dir / RECENT_FILE, self.embedder.fingerprint, vectors)
            self._kept = frozenset(vectors)

    def embed_pending(self, on_progress: Progress | None = None) -> None:
        """Embed every text that is not embedded yet, at once."""
        with self._advancing:
            self._embed(self.view.pending(), on_progress)

    def _advance(self) -> int:
        """One step; how many texts are left to embed."""
        with self._advancing:
            if not self._owner:
                self._take_newer_index()
            return self._take(self.catalog.changes_since(self.view.revision))

    def _take(self, changes: CatalogChanges) -> int:
        """A view with these changes, then one in which some of the new texts are embedded; how many are left."""
        self.view = self._changed(self.view, changes)
        # The last ones first: what came just now is asked for soonest.
        pending = self.view.pending()
        self._embed(pending[-TEXTS_AT_ONCE:])
        return max(len(pending) - TEXTS_AT_ONCE, 0)

    def _changed(self, view: SearchView, changes: CatalogChanges, known: Known | None = None) -> SearchView:
        if changes.revision < view.revision:
            # An older catalog was put in place of this one.
            return self._view_of(view.base, Contents.of(self.catalog))
        found = self.catalog.get_many(changes.changed)
        products = {product_id: found.get(product_id) for product_id in (*changes.changed, *changes.removed)}
        if not products and changes.revision == view.revision:
            return view
        return view.with_changes(changes.revision, products, known)

    def _embed(self, ids: Sequence[str], on_progress: Progress | None = None) -> None:
        products = self.catalog.get_many(ids)
        texts = {name: embedding_text(product, self.embedder.languages) for name, product in products.items()}
        vectors = embed(
            list(texts.values()), self.embedder, self.view.vector_of_text, self._embedded.reporting(on_progress)
        )
        embedded = {name: (text_key(text), vectors[i]) for i, (name, text) in enumerate(texts.items())}
        if embedded:
            self.view = self.view.with_vectors(embedded)

    def _take_newer_index(self) -> None:
        """A reader moves over to the index that the owner has built since, where it would have to embed otherwise."""
        view = self.view
        try:
            if not view.n_stale or current_folder(self._index_dir) in (None, view.base.folder):
                return
            index = open_current(self._index_dir, use_chroma=False)
        except IndexDamaged as damage:
            logger.info("%s", damage)
            return
        if index is not None and index.fits(self.embedder):
            self.view = self._view_of(index, Contents.of(self.catalog))

    def rebuild(self, damaged: ProductIndex, why: str) -> bool:
        """Begin to build the next generation in the background, though the catalog doesn't ask for it.

        Args:
            damaged: the index that is to be replaced; where it doesn't serve any more, nothing is to be done.
            why: for the log.

        Returns:
            Whether it is being built; not for a while after one that failed.
        """
        with self._starting:
            if not self.is_building and self._may_build and self.index is damaged:
                logger.warning("the index is rebuilt: %s", why)
                self._start_building()
            return self.is_building

    def _build_if_outgrown(self) -> bool:
        """Whether the next generation is being built."""
        with self._starting:
            view = self.view
            if not self.is_building and self._may_build and is_outgrown(view.n_stale, len(view.base)):
                self._start_building()
            return self.is_building

    @property
    def _may_build(self) -> bool:
        return self._owner and not self._closing.is_set() and time.monotonic() >= self._rests_until

    def _start_building(self) -> None:
        self._builder = threading.Thread(target=self._build, name="index-builder", daemon=True)
        self._builder.start()

    def _build(self) -> None:
        try:
            contents = Contents.of(self.catalog)
            index = build_generation(
                self._index_dir,
                contents.products,
                self.embedder,
                vectors_in_memory(self.view, contents.products),
                self._embedded.reporting(),
                self._closing.is_set,
                self._server,
            )
            if index is None:
                return
            self._swap_in(index, contents)
            # A snapshot keeps SQLite from trimming its log.
            del contents
            self._n_failed = 0
            while self._advance() and not self._closing.is_set():
                pass
        except (ShopError, OSError, DatabaseError) as error:
            self._n_failed += 1
            self._rests_until = time.monotonic() + pause_s(self._n_failed, self._watch_s)
            logger.error(
                "no new index could be built (%s); search stays exact but slows down as changes add up; it is tried "
                "again in %.0f s",
                error,
                pause_s(self._n_failed, self._watch_s),
            )

    def _view_of(self, index: ProductIndex, contents: Contents) -> SearchView:
        former = self.view
        view = view_of(self.catalog, self.embedder, index, contents, former.vector_of_text)
        return replace(view, synonyms=former.synonyms)

    def _swap_in(self, index: ProductIndex, contents: Contents) -> None:
        view = self._view_of(index, contents)
        with self._advancing:
            former = self.view
            changes = self.catalog.changes_since(view.revision)
            self.view = self._changed(view, changes, former.vector_of_text)
        former.base.retire()
        if self._watch:
            self._watch.wake()


def open_retriever(
    catalog: Catalog,
    embedder: Embedder,
    index_dir: Path,
    *,
    owner: bool = True,
    on_progress: Progress | None = None,
    contents: Contents | None = None,
    server: ChromaServer | None = None,
    watch_s: float = INTERVAL_S,
    synonyms: Synonyms = NO_SYNONYMS,
) -> Retriever:
    """A retriever over the catalog as it is now; where the index is too far behind, it is rebuilt beside the old one.

    Args:
        catalog: the truth.
        embedder: embeds what is new, and queries.
        index_dir: where the index lies.
        owner: this process holds the shop's lock. One that does not cannot rebuild, and searches without Chroma.
        on_progress: called with (texts embedded, texts to embed), also where there is none.
        contents: the whole catalog, where that was read already.
        server: the Chroma server that has the collections; None: embedded, in the index.
        watch_s: seconds between two looks at the index while it serves.
        synonyms: what shoppers call things that the catalog calls otherwise.

    Raises:
        IndexDamaged: the index is missing, damaged or too far behind, and this process is not the owner.
    """
    contents = contents or Contents.of(catalog)
    embedded = _Embedded()
    index, is_good = open_generation(index_dir, embedder, contents, owner=owner, server=server)
    known = known_vectors(index, index_dir, load_vectors(index_dir / RECENT_FILE, embedder.fingerprint), embedder)
    if not is_good:
        if not owner:
            raise IndexDamaged(
                "the index is not up to date with the catalog, and another process owns the shop: wait for it to finish"
            )
        index_dir.mkdir(parents=True, exist_ok=True)
        report = embedded.reporting(on_progress)
        index = build_generation(index_dir, contents.products, embedder, known, report, server=server)
    assert index is not None, "a build that nobody calls off ends with an index"
    with ExitStack() as on_failure:
        on_failure.callback(index.close)
        view = replace(view_of(catalog, embedder, index, contents, known), synonyms=synonyms)
        retriever = Retriever(view, index_dir, owner=owner, embedded=embedded, server=server, watch_s=watch_s)
        retriever.embed_pending(on_progress if is_good else None)
        on_failure.pop_all()
    retriever.keep_vectors()
    if owner:
        for folder in old_generations(index_dir, index.folder):
            OpenChroma(folder, server).delete()
    return retriever


class _Embedded:
    """Counts the texts that were embedded."""

    def __init__(self) -> None:
        self.n = 0

    def reporting(self, on_progress: Progress | None = None) -> Progress:
        def report(n_done: int, n_total: int) -> None:
            if n_done == 0:
                self.n += n_total
            if on_progress:
                on_progress(n_done, n_total)

        return report
