"""The searchable side of a catalog: embeddings in Chroma, the same rows as a matrix for exact search, and BM25.

In: products and an embedder. Out: row numbers and similarities. Knows no filter, no SQL and no shopper. The one door to
chromadb.

An index is a folder `index/<generation>` that never changes once it is built: a new catalog gets a new generation,
built beside and swapped in by rewriting the file `index/current`, so a crash in between leaves the old one serving.
Its `meta.json` names the digest of every other file, since a damaged HNSW file can take the whole process down. It can
be thrown away at any time; SQL is the truth.
"""

import hashlib
import json
import os
import re
import secrets
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from retrieval.embedder import Embedder, Progress
from retrieval.errors import IndexDamaged
from retrieval.lexical import LexicalIndex
from retrieval.text import embedding_text, lexical_text
from retrieval.types import Matrix, Product, Vector

FORMAT = 2
"""To be raised whenever the same catalog would be indexed otherwise: a change to `embedding_text`, `lexical_text` or
`tokens`, to the files of a generation, or to how Chroma is set up. Older indexes are then rebuilt."""

COLLECTION = "products"
UPSERT_ROWS = 5000
"""Chroma takes at most 5,461 rows a call."""

EF_SEARCH = 400
NEIGHBORS = 48
N_CANARIES = 16
"""Products that must find themselves when an index opens."""

TEXTS_FILE = "texts.json"
"""Digests of the embedded texts, row by row: read only by the next `build`."""

HNSW_FLUSHED = "index_metadata.pickle"
"""Chroma writes it beside an HNSW graph on disk. Below 1,000 rows there is none: the graph is made at every opening."""

Rows = NDArray[np.int64]

_GENERATION = re.compile(r"\d{8}T\d{6}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class IndexMeta:
    """What an index was made of. `files`: path in the folder -> SHA-256, of every file that doesn't change."""

    format: int
    catalog_version: str
    embedder: str
    embedder_fingerprint: str
    dimension: int
    n_products: int
    built_at: str
    files: dict[str, str]


class ProductIndex:
    """One generation, open for search. `ids[row]` is a product's id, `vectors[row]` its `(d,)` embedding."""

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
            self.vectors: Matrix = np.load(folder / "vectors.npy", mmap_mode="r")
            self.lexical = LexicalIndex(folder=folder / "bm25")
        except (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexDamaged(f"the index in {folder} cannot be read ({error}); it will be rebuilt") from error
        self.row_of = {product_id: row for row, product_id in enumerate(self.ids)}
        if self.vectors.shape != (len(self.ids), self.meta.dimension) or self.meta.n_products != len(self.ids):
            raise IndexDamaged(f"the index in {folder} holds {self.vectors.shape} vectors for {len(self.ids)} products")
        self._client: Any = None
        self._collection = self._open_collection() if use_chroma and self.ids else None

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_chroma(self) -> bool:
        """Whether approximate search by Chroma is available."""
        return self._collection is not None

    def is_current(self, catalog_version: str, embedder: Embedder) -> bool:
        """Whether building from that catalog with that embedder would give this index again."""
        made_of = (self.meta.format, self.meta.catalog_version, self.meta.embedder_fingerprint)
        return made_of == (FORMAT, catalog_version, embedder.fingerprint)

    def close(self) -> None:
        """Let go of Chroma's files; approximate search ends."""
        self._collection = None
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def nearest(self, query_vector: Vector, k: int) -> Rows:
        """Rows of the about `k` nearest products by Chroma's HNSW, nearest first.

        Raises:
            IndexDamaged: Chroma failed, or is not open.
        """
        collection = self._collection
        if collection is None:
            raise IndexDamaged("this process opened the index without Chroma: use exact search")
        with _chroma_errors(self.folder / "chroma"):
            found = collection.query(
                query_embeddings=[query_vector], n_results=min(k, len(self.ids)), include=["distances"]
            )
            return np.array([self.row_of[product_id] for product_id in found["ids"][0]], dtype=np.int64)

    def similarities(self, query_vector: Vector, rows: Rows) -> NDArray[np.float32]:
        """Cosine in [-1, 1] of the query with each of `rows`, exact."""
        if len(rows) > len(self.ids) / 8:
            # Reading all rows in a stretch is cheaper than gathering an eighth of them.
            every: NDArray[np.float32] = np.asarray(self.vectors @ query_vector)
            return every[rows]
        gathered: NDArray[np.float32] = self.vectors[rows] @ query_vector
        return gathered

    def vectors_of(self, ids: Sequence[str]) -> Matrix:
        """`(len(ids), d)`: the products' embeddings; zeros for an id that is not in the index."""
        vectors = np.zeros((len(ids), self.meta.dimension), dtype=np.float32)
        known = [(i, self.row_of[product_id]) for i, product_id in enumerate(ids) if product_id in self.row_of]
        if known:
            places, rows = zip(*known, strict=True)
            vectors[list(places)] = self.vectors[list(rows)]
        return vectors

    def check(self) -> None:
        """Raise `IndexDamaged` unless Chroma holds every row and products spread over the index find themselves."""
        collection = self._collection
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

    def _open_collection(self) -> Any:
        try:
            with _chroma_errors(self.folder / "chroma"):
                self._client = _client(self.folder / "chroma")
                return self._client.get_collection(COLLECTION, embedding_function=None)
        except IndexDamaged:
            self.close()
            raise


def open_current(index_dir: Path, *, use_chroma: bool = True) -> ProductIndex | None:
    """The generation that `current` names, or None where nothing was built yet.

    Raises:
        IndexDamaged: there is one, but it cannot be used.
    """
    folder = _current_folder(index_dir)
    return None if folder is None else ProductIndex(folder, use_chroma=use_chroma)


def _current_folder(index_dir: Path) -> Path | None:
    pointer = index_dir / "current"
    try:
        name = pointer.read_text("utf-8").strip()
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise IndexDamaged(f"{pointer} cannot be read ({error}); the index will be rebuilt") from error
    if not _GENERATION.fullmatch(name) or not (index_dir / name).is_dir():
        raise IndexDamaged(f"{pointer} names no index ({name[:40]!r}); it will be rebuilt")
    return index_dir / name


def build(
    index_dir: Path,
    products: Sequence[Product],
    catalog_version: str,
    embedder: Embedder,
    previous: ProductIndex | None = None,
    on_progress: Progress | None = None,
) -> Path:
    """Build a new generation and make it the current one. Texts that `previous` has embedded are not embedded again.

    Args:
        products: the whole catalog; row `i` of the index is `products[i]`.
        on_progress: called with (texts embedded, texts to embed).

    Returns:
        The new generation's folder. Where building fails nothing is left of it.
    """
    folder = index_dir / f"{datetime.now(UTC):%Y%m%dT%H%M%S}-{secrets.token_hex(4)}"
    texts = [embedding_text(product, embedder.languages) for product in products]
    with ExitStack() as on_failure:
        on_failure.callback(shutil.rmtree, folder, ignore_errors=True)
        vectors = _embed(texts, embedder, _known_vectors(previous, embedder), on_progress)
        _write_generation(folder, products, texts, vectors)
        meta = IndexMeta(
            format=FORMAT,
            catalog_version=catalog_version,
            embedder=embedder.name,
            embedder_fingerprint=embedder.fingerprint,
            dimension=embedder.dimension,
            n_products=len(products),
            built_at=datetime.now(UTC).isoformat(timespec="seconds"),
            files=_sealed(folder),
        )
        _write_through(folder / "meta.json", json.dumps(asdict(meta), indent=2))
        on_failure.pop_all()
    part = index_dir / "current.part"
    _write_through(part, folder.name)
    part.replace(index_dir / "current")
    _sync_folder(index_dir)
    return folder


def remove_old(index_dir: Path) -> None:
    """Delete every generation but the current one, and what builds that were killed have left."""
    current = _current_folder(index_dir)
    for folder in index_dir.iterdir():
        if folder != current and _GENERATION.fullmatch(folder.name):
            shutil.rmtree(folder, ignore_errors=True)


def _write_generation(folder: Path, products: Sequence[Product], texts: Sequence[str], vectors: Matrix) -> None:
    (folder / "chroma").mkdir(parents=True)
    ids = [product.id for product in products]
    np.save(folder / "vectors.npy", vectors)
    (folder / "ids.json").write_text(json.dumps(ids), "utf-8")
    (folder / TEXTS_FILE).write_text(json.dumps([_digest(text) for text in texts]), "utf-8")
    LexicalIndex(lexical_text(product) for product in products).save(folder / "bm25")
    _fill_chroma(folder / "chroma", ids, vectors)


def _sealed(folder: Path) -> dict[str, str]:
    """Every file written through to the disk; the digests of those that don't change from here on.

    Chroma goes on writing to its SQLite file, and to the files of a graph that it hasn't flushed.
    """
    digests = {}
    for path in sorted(folder.rglob("*")):
        if path.is_dir():
            _sync_folder(path)
            continue
        with path.open("rb+") as file:
            os.fsync(file.fileno())
        if not path.is_relative_to(folder / "chroma") or (path.parent / HNSW_FLUSHED).is_file():
            digests[path.relative_to(folder).as_posix()] = _file_digest(path)
    return digests


def _verify(folder: Path, meta: IndexMeta, *, with_chroma: bool) -> None:
    for name, digest in meta.files.items():
        if name == TEXTS_FILE or (name.startswith("chroma/") and not with_chroma):
            continue
        if _file_digest(folder / name) != digest:
            raise ValueError(f"{name} is not the file that was written")


def _write_through(file: Path, text: str) -> None:
    with file.open("w", encoding="utf-8") as out:
        out.write(text)
        out.flush()
        os.fsync(out.fileno())
    _sync_folder(file.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _embed(texts: Sequence[str], embedder: Embedder, known: dict[str, Vector], on_progress: Progress | None) -> Matrix:
    digests = [_digest(text) for text in texts]
    vectors = np.zeros((len(texts), embedder.dimension), dtype=np.float32)
    missing = [row for row, digest in enumerate(digests) if digest not in known]
    for row, digest in enumerate(digests):
        if digest in known:
            vectors[row] = known[digest]

    def report(n_done: int, n_total: int) -> None:
        if on_progress:
            on_progress(n_done, n_total)

    if missing:
        vectors[missing] = embedder.encode([texts[row] for row in missing], report)
    return vectors


def _known_vectors(previous: ProductIndex | None, embedder: Embedder) -> dict[str, Vector]:
    if previous is None or previous.meta.embedder_fingerprint != embedder.fingerprint:
        return {}
    file = previous.folder / TEXTS_FILE
    if not file.is_file() or _file_digest(file) != previous.meta.files.get(TEXTS_FILE):
        return {}
    digests: list[str] = json.loads(file.read_text("utf-8"))
    return dict(zip(digests, np.asarray(previous.vectors), strict=True))


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _file_digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _fill_chroma(path: Path, ids: Sequence[str], vectors: Matrix) -> None:
    with _chroma_errors(path), _client(path) as client:
        collection = client.create_collection(
            COLLECTION,
            configuration={"hnsw": {"space": "cosine", "ef_search": EF_SEARCH, "max_neighbors": NEIGHBORS}},
            embedding_function=None,
        )
        for rows in _slices(len(ids), UPSERT_ROWS):
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
