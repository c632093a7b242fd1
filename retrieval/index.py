"""The searchable side of a catalog: embeddings in Chroma, the same rows as a matrix for exact search, and BM25.

In: a folder as `retrieval.building` writes it. Out: rows and similarities. Knows no filter, no SQL and no shopper.

An index is a folder `index/<generation>` that never changes once it is built: new texts get a new generation, built
beside and swapped in by rewriting the file `index/current`, so a crash in between leaves the old one serving. It says
which text each of its rows was made of, so it stays good whatever happens to prices and stock. Its `meta.json` names
the digest of every other file. It can be thrown away at any time; SQL is the truth.

What is read from the files is held in memory of our own, made of the very bytes whose digest was compared: a file that
is cut short under a memory map would kill the process (SIGBUS), and one that is overwritten would change the answers.
What can happen to a generation while it serves is found by `retrieval.canaries`.
"""

import hashlib
import io
import json
import logging
import re
import weakref
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.chroma import FOLDER, ChromaServer, OpenChroma
from retrieval.embedder import Embedder
from retrieval.errors import IndexDamaged
from retrieval.lexical import LexicalIndex
from retrieval.packed import PackedDigests, PackedTexts, Places
from retrieval.quantized import HalfMatrix, QuantizedMatrix
from retrieval.types import Vector

logger = logging.getLogger(__name__)

FORMAT = 8
"""To be raised whenever the same catalog would be indexed otherwise: a change to `embedding_text`, `document_terms` or
`tokens`, to `product_digests`, to the files of a generation, or to how Chroma is set up. Older indexes are rebuilt."""

N_CANARIES = 16
"""Products that must find themselves when an index opens."""

N_ASKED = (10, 1_000)
"""So many nearest a product is looked for among; the more only where the few do not hold it."""

META_FILE = "meta.json"
LEXICAL = "bm25"
"""The folder of the lexical index."""

TEXTS_FILE = "texts.json"
"""Keys of the embedded texts, row by row: read only where a text is to be embedded that may be known."""

AGREES = 1e-2
"""How far the cosine that Chroma says of a row may be from that with the row's own vector."""

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
    """One generation, open for search. `ids[row]` is a product's id, `row_of[id]` its row, `vectors[row]` its `(d,)`
    embedding, read as float32.

    Chroma's files are let go of with the last reference to it, so a search that still runs on it ends well.
    """

    def __init__(self, folder: Path, *, use_chroma: bool = True, server: ChromaServer | None = None) -> None:
        """Open what `build` wrote. Where Chroma cannot be used, every search is exact and `chroma_fault` says why.

        Args:
            folder: the generation.
            use_chroma: False for a second process beside the owner, which searches exactly.
            server: where the collection is, if not in the folder.

        Raises:
            IndexDamaged: a file of ours is missing or unreadable, or the parts disagree.
        """
        self.folder = folder
        try:
            self.meta = IndexMeta(**json.loads((folder / META_FILE).read_text("utf-8")))
            self.ids = PackedTexts(json.loads(self._verified("ids.json")))
            self.text_digests = PackedDigests(json.loads(self._verified("text_digests.json")))
            self._read: bytes = self._verified("vectors.npy")
            self.vectors = _matrix(self._read)
            self.quantized = QuantizedMatrix.of(self.vectors)
            self.lexical = LexicalIndex.load(lambda name: self._verified(f"{LEXICAL}/{name}"))
        except (OSError, EOFError, ValueError, TypeError, LookupError, AttributeError) as error:
            raise IndexDamaged(f"the index in {folder} cannot be read ({error}); it will be rebuilt") from error
        self.row_of = Places(self.ids)
        lengths = {self.meta.n_products, len(self.ids), len(self.text_digests), self.lexical.n_documents}
        if lengths != {len(self.ids)} or self.vectors.shape != (len(self.ids), self.meta.dimension):
            raise IndexDamaged(f"the index in {folder} holds {self.vectors.shape} vectors for {len(self.ids)} products")
        self._distrusted = np.zeros(len(self.ids), dtype=np.bool_)
        self.chroma_fault: IndexDamaged | None = None
        self.on_fault: Callable[[], None] = lambda: None
        self._chroma = OpenChroma(folder, server)
        weakref.finalize(self, self._chroma.close).atexit = False
        if use_chroma and self.ids:
            try:
                self.open_chroma()
            except IndexDamaged as fault:
                self.chroma_fault = _plain(fault)

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def has_chroma(self) -> bool:
        """Whether approximate search by Chroma is available."""
        return self._chroma.is_open

    @property
    def chroma(self) -> OpenChroma:
        """The collection of this generation, open or not."""
        return self._chroma

    def open_chroma(self, *, despite_mark: bool = False, marking: bool = True) -> None:
        """Use approximate search, again or for the first time; see `OpenChroma.open`.

        Raises:
            IndexDamaged: Chroma's files are not those that were written, or it does not hold these products.
            ChromaUnavailable: it cannot be used for the time being.
        """
        if self._chroma.server is None:
            try:
                self._verify(name for name in self.meta.files if name.startswith(f"{FOLDER}/"))
            except (OSError, ValueError) as error:
                raise IndexDamaged(f"Chroma's files in {self.folder} are damaged ({error})") from error
        self._chroma.open(despite_mark=despite_mark, marking=marking)
        self.chroma_fault = None

    def give_up_chroma(self, fault: IndexDamaged) -> None:
        """Search exactly from here on, because of `fault`; `on_fault` is called."""
        self._chroma.give_up()
        self.chroma_fault = _plain(fault)
        logger.error("%s; every search is exact until Chroma can be used again", self.chroma_fault)
        self.on_fault()

    def fits(self, embedder: Embedder) -> bool:
        """Whether it was built as this version builds, with that embedder."""
        made_by = (self.meta.format, self.meta.embedder_fingerprint, self.meta.dimension)
        return made_by == (FORMAT, embedder.fingerprint, embedder.dimension)

    def n_behind(self, text_digests: Mapping[str, str]) -> int:
        """How many products of a catalog (id -> text digest) are new, gone, or say something else than here."""
        same = sum(text_digests.get(name) == digest for name, digest in zip(self.ids, self.text_digests, strict=True))
        return len(self.ids) + len(text_digests) - same - sum(name in text_digests for name in self.ids)

    def close(self) -> None:
        """Let go of Chroma's files; approximate search ends."""
        self._chroma.let_go()

    def retire(self) -> None:
        """Delete the folder, and the collection on a server, as soon as nothing searches it any more."""
        self._chroma.is_retired = True

    def nearest(self, query_vector: Vector, k: int) -> Rows:
        """Rows of the about `k` nearest products by Chroma's HNSW, nearest first.

        What Chroma says of them is compared with their own vectors: it gives up Chroma at the first disagreement.

        Raises:
            IndexDamaged: Chroma failed, is not open, or answered with products or vectors that are not of this index.
        """
        try:
            ids, cosines = self._chroma.nearest(query_vector, min(k, len(self.ids)))
            rows = self.row_of.of(ids)
            if (rows < 0).any():
                raise IndexDamaged(f"Chroma knows a product {ids[int(rows.argmin())]!r} that the index lacks")
            apart = np.abs(self.similarities(query_vector, rows) - cosines)
            if not (apart <= AGREES).all():
                raise IndexDamaged(f"Chroma holds another vector of {ids[int(apart.argmax())]!r} than the index")
        except IndexDamaged as damage:
            if self._chroma.is_open:
                self.give_up_chroma(damage)
            raise
        return rows

    def similarities(self, query_vector: Vector, rows: Rows) -> NDArray[np.float32]:
        """Cosine of the query with each of `rows`, as exact as the vectors are held (see `HalfMatrix`)."""
        # Not by matrix product: its threads wait for one another, longer than this takes, where cores are busy.
        found: NDArray[np.float32] = np.vecdot(self.vectors[rows], query_vector)
        return found

    def vector_of_text(self, key: str) -> Vector | None:
        """The vector of the text with that key, where a product of this index has it and it can be trusted."""
        row = self._row_of_text.get(key)
        return None if row is None else self.vector_of_row(row)

    def vector_of_row(self, row: int) -> Vector | None:
        """The embedding in a row, None where it is not to be trusted."""
        return None if self._distrusted[row] else self.vectors[row]

    def is_same_vector(self, row: int, vector: Vector) -> bool:
        """Whether `vector` is the one in a row, but for rounding."""
        return bool(np.allclose(self.vectors[row], vector, atol=AGREES))

    def read_vectors_again(self) -> bool:
        """Take the vectors from the disk once more; whether they are still there as they were written."""
        try:
            self._read = self._verified("vectors.npy")
        except (OSError, ValueError):
            return False
        self._search(_matrix(self._read))
        return True

    def holds_what_was_read(self) -> bool:
        """Whether the vectors in memory still have the digest of their file; rows that are distrusted aside."""
        is_same = hashlib.sha256(self._read).hexdigest() == self.meta.files["vectors.npy"]
        return is_same or bool(self._distrusted.any())

    def distrust(self, rows: Rows) -> None:
        """Search these rows by their words only: their vectors are not what was embedded."""
        self._distrusted[rows] = True
        self._search(self.vectors.without(rows))

    def quantise_again(self) -> None:
        """Make the codes of the vectors anew."""
        self._search(self.vectors)

    def _search(self, vectors: HalfMatrix) -> None:
        self.vectors, self.quantized = vectors, QuantizedMatrix.of(vectors)

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

    def check(self, n_canaries: int = N_CANARIES) -> None:
        """Raise `IndexDamaged` unless Chroma holds every row and products spread over the index find themselves.

        Where Chroma is not used, that is no damage, unless it was meant to be.
        """
        if self.chroma_fault is not None:
            raise self.chroma_fault
        if not self.has_chroma:
            return
        n = self._chroma.count()
        if n != len(self.ids):
            raise IndexDamaged(f"Chroma holds {n} of {len(self.ids)} products")
        self.check_canaries(np.linspace(0, len(self.ids) - 1, min(n_canaries, len(self.ids))).astype(np.int64))

    def check_canaries(self, rows: Rows) -> None:
        """Raise `IndexDamaged` unless the products in these rows find themselves.

        A graph of a great many products, some much alike, may miss one of them: that is no damage, two in twenty are.
        """
        lost = [row for row in rows if not any(self._finds_itself(int(row), k) for k in N_ASKED)]
        if len(lost) > len(rows) // 20:
            raise IndexDamaged(f"product {self.ids[lost[0]]} does not find itself in Chroma")

    def _finds_itself(self, row: int, k: int) -> bool:
        vector = self.vectors[row]
        best = self.nearest(vector, k)
        return row in best or bool(np.isclose(self.similarities(vector, best[:1]), 1.0, atol=1e-3).any())

    def _verified(self, name: str) -> bytes:
        content = (self.folder / name).read_bytes()
        if hashlib.sha256(content).hexdigest() != self.meta.files[name]:
            raise ValueError(f"{name} is not the file that was written")
        return content

    def _verify(self, names: Iterable[str]) -> None:
        for name in names:
            if file_digest(self.folder / name) != self.meta.files[name]:
                raise ValueError(f"{name} is not the file that was written")


def open_current(
    index_dir: Path, *, use_chroma: bool = True, server: ChromaServer | None = None
) -> ProductIndex | None:
    """The generation that `current` names, or None where nothing was built yet.

    Raises:
        IndexDamaged: there is one, but it cannot be used.
    """
    folder = current_folder(index_dir)
    return None if folder is None else ProductIndex(folder, use_chroma=use_chroma, server=server)


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


def kept_vectors(index_dir: Path, embedder: Embedder) -> dict[str, Vector]:
    """Key of the text -> vector, as that embedder made them, of every generation whose vectors can still be trusted.

    For an index that cannot be opened: what was embedded need not be embedded again because a word is damaged.
    """
    kept: dict[str, Vector] = {}
    for folder in sorted(index_dir.iterdir()) if index_dir.is_dir() else ():
        try:
            meta = IndexMeta(**json.loads((folder / META_FILE).read_text("utf-8")))
            vectors, keys = ((folder / name).read_bytes() for name in ("vectors.npy", TEXTS_FILE))
            digests = [hashlib.sha256(content).hexdigest() for content in (vectors, keys)]
            made_by = (meta.embedder_fingerprint, meta.dimension)
            stated = [meta.files["vectors.npy"], meta.files[TEXTS_FILE]]
            if made_by == (embedder.fingerprint, embedder.dimension) and digests == stated:
                kept.update(zip(json.loads(keys), _matrix(vectors)[:], strict=True))
        except (OSError, ValueError, TypeError, LookupError):
            continue
    return kept


def _plain(fault: IndexDamaged) -> IndexDamaged:
    """Without the frames that it came through: they hold the index, which could then not be let go of."""
    return type(fault)(str(fault))


def _matrix(content: bytes) -> HalfMatrix:
    """What `np.save` wrote, over the same bytes: nothing is copied, and nobody can write to it.

    Before format 7 they were written as float32: an index of that time cannot serve, but its vectors are taken over.
    """
    stream = io.BytesIO(content)
    np.lib.format.read_magic(stream)
    shape, _, dtype = np.lib.format.read_array_header_1_0(stream)
    vectors = np.frombuffer(content, dtype, offset=stream.tell()).reshape(shape)
    return HalfMatrix(vectors) if dtype == np.float16 else HalfMatrix.of(vectors)


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
