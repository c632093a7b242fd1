"""The searchable side of a catalog: embeddings in Chroma, the same rows as a matrix for exact search, and BM25.

In: products and an embedder. Out: row numbers and similarities. Knows no filter, no SQL and no shopper. The one door to
chromadb.

An index is a folder `index/<generation>` that never changes once it is built: new texts get a new generation, built
beside and swapped in by rewriting the file `index/current`, so a crash in between leaves the old one serving. It says
which text each of its rows was made of, so it stays good whatever happens to prices and stock. Its `meta.json` names
the digest of every other file, since a damaged HNSW file can take the whole process down. It can be thrown away at any
time; SQL is the truth.
"""

import hashlib
import json
import re
import shutil
import weakref
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.embedder import Embedder
from retrieval.errors import IndexDamaged
from retrieval.lexical import LexicalIndex
from retrieval.quantized import QuantizedMatrix
from retrieval.types import Matrix, Vector

FORMAT = 4
"""To be raised whenever the same catalog would be indexed otherwise: a change to `embedding_text`, `document_terms` or
`tokens`, to `product_digests`, to the files of a generation, or to how Chroma is set up. Older indexes are rebuilt."""

COLLECTION = "products"
UPSERT_ROWS = 500
"""Chroma takes at most 5,461 rows a call, and lets no other thread run meanwhile (130 ms for 500 rows)."""

EF_SEARCH = 400
NEIGHBORS = 48
N_CANARIES = 16
"""Products that must find themselves when an index opens."""

TEXTS_FILE = "texts.json"
"""Keys of the embedded texts, row by row: read only where a text is to be embedded that may be known."""

HNSW_FLUSHED = "index_metadata.pickle"
"""Chroma writes it beside an HNSW graph on disk. Below 1,000 rows there is none: the graph is made at every opening."""

Rows = NDArray[np.int64]

GENERATION = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")
"""The names of generations."""


@dataclass(frozen=True, slots=True)
class IndexMeta:
    """What an index was made of. `files`: path in the folder -> SHA-256, of every file that doesn't change."""

    format: int
    embedder: str
    embedder_fingerprint: str
    dimension: int
    n_products: int
    built_at: str
    files: dict[str, str]


class ProductIndex:
    """One generation, open for search. `ids[row]` is a product's id, `vectors[row]` its `(d,)` embedding.

    Chroma's files are let go of with the last reference to it, so a search that still runs on it ends well.
    """

    def __init__(self, folder: Path, *, use_chroma: bool = True) -> None:
        """Open what `build` wrote; without Chroma every search is exact (for a second process beside the owner).

        Raises:
            IndexDamaged: a file is missing or unreadable, or the parts disagree.
        """
        self.folder = folder
        try:
            self.meta = IndexMeta(**json.loads((folder / "meta.json").read_text("utf-8")))
            _verify(folder, self.meta, with_chroma=use_chroma)
            self.ids: list[str] = json.loads((folder / "ids.json").read_text("utf-8"))
            self.text_digests: list[str] = json.loads((folder / "text_digests.json").read_text("utf-8"))
            self.vectors: Matrix = np.load(folder / "vectors.npy", mmap_mode="r").view(np.ndarray)
            self.quantized = QuantizedMatrix.load(folder, self.vectors)
            self.lexical = LexicalIndex.load(folder / "bm25")
        except (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexDamaged(f"the index in {folder} cannot be read ({error}); it will be rebuilt") from error
        self.row_of = {product_id: row for row, product_id in enumerate(self.ids)}
        lengths = {self.meta.n_products, len(self.ids), len(self.text_digests), self.lexical.n_documents}
        lengths.add(len(self.quantized))
        if lengths != {len(self.ids)} or self.vectors.shape != (len(self.ids), self.meta.dimension):
            raise IndexDamaged(f"the index in {folder} holds {self.vectors.shape} vectors for {len(self.ids)} products")
        self._chroma = _OpenChroma(folder)
        weakref.finalize(self, self._chroma.close).atexit = False
        if use_chroma and self.ids:
            self._chroma.open()

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_chroma(self) -> bool:
        """Whether approximate search by Chroma is available."""
        return self._chroma.collection is not None

    def fits(self, embedder: Embedder) -> bool:
        """Whether it was built as this version builds, with that embedder."""
        return (self.meta.format, self.meta.embedder_fingerprint) == (FORMAT, embedder.fingerprint)

    def n_behind(self, text_digests: Mapping[str, str]) -> int:
        """How many products of a catalog (id -> text digest) are new, gone, or say something else than here."""
        same = sum(text_digests.get(name) == digest for name, digest in zip(self.ids, self.text_digests, strict=True))
        return len(self.ids) + len(text_digests) - same - sum(name in text_digests for name in self.ids)

    def close(self) -> None:
        """Let go of Chroma's files; approximate search ends."""
        self._chroma.close()

    def retire(self) -> None:
        """Delete the folder as soon as nothing searches it any more."""
        self._chroma.is_retired = True

    def nearest(self, query_vector: Vector, k: int) -> Rows:
        """Rows of the about `k` nearest products by Chroma's HNSW, nearest first.

        Raises:
            IndexDamaged: Chroma failed, or is not open.
        """
        collection = self._chroma.collection
        if collection is None:
            raise IndexDamaged("this process opened the index without Chroma: use exact search")
        with _chroma_errors(self.folder / "chroma"):
            found = collection.query(
                query_embeddings=[query_vector], n_results=min(k, len(self.ids)), include=["distances"]
            )
            return np.array([self.row_of[product_id] for product_id in found["ids"][0]], dtype=np.int64)

    def similarities(self, query_vector: Vector, rows: Rows) -> NDArray[np.float32]:
        """Cosine in [-1, 1] of the query with each of `rows`, exact."""
        gathered: NDArray[np.float32] = self.vectors[rows] @ query_vector
        return gathered

    def vector_of_text(self, key: str) -> Vector | None:
        """The vector of the text with that key, where a product of this index has it."""
        row = self._row_of_text.get(key)
        return None if row is None else np.asarray(self.vectors[row])

    @cached_property
    def _row_of_text(self) -> Mapping[str, int]:
        file = self.folder / TEXTS_FILE
        try:
            if file_digest(file) != self.meta.files.get(TEXTS_FILE):
                return {}
            keys: list[str] = json.loads(file.read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return {key: row for row, key in enumerate(keys)}

    def check(self) -> None:
        """Raise `IndexDamaged` unless Chroma holds every row and products spread over the index find themselves."""
        collection = self._chroma.collection
        if collection is None:
            return
        with _chroma_errors(self.folder / "chroma"):
            n = collection.count()
        if n != len(self.ids):
            raise IndexDamaged(f"Chroma holds {n} of {len(self.ids)} products")
        for row in np.linspace(0, len(self.ids) - 1, min(N_CANARIES, len(self.ids))).astype(np.int64):
            best = self.nearest(self.vectors[row], 10)
            if not np.isclose(self.similarities(self.vectors[row], best[:1]), 1.0, atol=1e-3).any():
                raise IndexDamaged(f"product {self.ids[row]} does not find itself in Chroma")


class _OpenChroma:
    """What is open of a generation's Chroma, apart from its `ProductIndex`, so that it can be closed after that."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.collection: Any = None
        self.is_retired = False
        self.client: Any = None

    def open(self) -> None:
        path = self.folder / "chroma"
        try:
            with _chroma_errors(path):
                self.client = _client(path)
                self.collection = self.client.get_collection(COLLECTION, embedding_function=None)
        except IndexDamaged:
            self.close()
            raise

    def close(self) -> None:
        self.collection = None
        client, self.client = self.client, None
        if client is not None:
            client.close()
        if self.is_retired:
            shutil.rmtree(self.folder, ignore_errors=True)


def open_current(index_dir: Path, *, use_chroma: bool = True) -> ProductIndex | None:
    """The generation that `current` names, or None where nothing was built yet.

    Raises:
        IndexDamaged: there is one, but it cannot be used.
    """
    folder = current_folder(index_dir)
    return None if folder is None else ProductIndex(folder, use_chroma=use_chroma)


def current_folder(index_dir: Path) -> Path | None:
    """The folder that `current` names, or None where nothing was built yet.

    Raises:
        IndexDamaged: it names none.
    """
    pointer = index_dir / "current"
    try:
        name = pointer.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{pointer} cannot be read ({error}); the index will be rebuilt") from error
    if not GENERATION.fullmatch(name) or not (index_dir / name).is_dir():
        raise IndexDamaged(f"{pointer} names no index ({name[:40]!r}); it will be rebuilt")
    return index_dir / name


def _verify(folder: Path, meta: IndexMeta, *, with_chroma: bool) -> None:
    for name, digest in meta.files.items():
        if name == TEXTS_FILE or (name.startswith("chroma/") and not with_chroma):
            continue
        if file_digest(folder / name) != digest:
            raise ValueError(f"{name} is not the file that was written")


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def fill_chroma(path: Path, ids: Sequence[str], vectors: Matrix, check: Callable[[], None]) -> None:
    """Write a new collection with these rows into the folder `path`; `check` is called now and then.

    Raises:
        IndexDamaged: Chroma failed.
    """
    with _chroma_errors(path), _client(path) as client:
        collection = client.create_collection(
            COLLECTION,
            configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "max_neighbors": NEIGHBORS}},
            embedding_function=None,
        )
        for rows in _slices(len(ids), UPSERT_ROWS):
            check()
            collection.upsert(ids=list(ids[rows]), embeddings=vectors[rows])
        if ids:
            # A query waits until Chroma has flushed what it will flush.
            collection.query(query_embeddings=[vectors[0]], n_results=1, include=["distances"])


def _slices(n: int, size: int) -> Iterator[slice]:
    return (slice(start, start + size) for start in range(0, n, size))


@contextmanager
def _chroma_errors(path: Path) -> Iterator[None]:
    from chromadb.errors import ChromaError

    try:
        yield
    # AttributeError: a client that was closed, or never came up, has lost its bindings.
    except (ChromaError, OSError, ValueError, LookupError, AttributeError) as error:
        raise IndexDamaged(f"Chroma failed in {path}: {error}") from error


def _client(path: Path) -> Any:
    import chromadb
    from chromadb.config import Settings

    return chromadb.PersistentClient(path=str(path), settings=Settings(anonymized_telemetry=False))
