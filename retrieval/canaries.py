"""Finds out what happened to a generation of the index while it serves: on the disk, in memory, and in Chroma.

In: an open index and the view that searches it. Out: nothing, or `IndexDamaged`. Repairs nothing; a vector that is not
to be trusted is taken out of the search by meaning.

What is cheap is looked at as a whole each time; what grows with the catalog goes round and round, each time as far as
`BUDGET_S` reaches.
"""

import os
import time
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import cycle
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from retrieval.chroma import FOLDER
from retrieval.embedder import Embedder
from retrieval.errors import IndexDamaged
from retrieval.index import META_FILE, ProductIndex, current_folder, file_digest
from retrieval.records import product_digests
from retrieval.text import embedding_text
from retrieval.types import Product
from retrieval.view import SearchView

BUDGET_S = 0.5
"""How long a check that goes round may take each time: 20,000 products are seen as a whole within a minute."""

REST = 50.0
"""A check that cannot be divided is left out for so many times as long as it took."""

BLOCK_ROWS = 1024
"""Rows of vectors under one checksum."""

N_SELF_QUERIES = 50
N_EMBEDDED = 4
CHROMA_ROWS = 100
"""Rows that Chroma is asked for at once, in some 2 ms."""

SAME_TEXT = 0.9
"""The least cosine of two vectors that one embedder makes of one text; other models' have about 0."""


class Canaries:
    """The checks of one generation. They begin with what is there now; used by one thread at a time.

    Making them raises `IndexDamaged` where the vectors have been overwritten since they were read, beyond repair.
    """

    def __init__(self, index: ProductIndex) -> None:
        self.index = index
        if not index.holds_what_was_read() and not index.read_vectors_again():
            index.distrust(np.arange(len(index)))
            raise IndexDamaged("vectors in memory are not those that were read")
        self._digests = _digests(index)
        self._stated = {path: _stat(path) for path in self._digests}
        self._blocks = [_checksum(block) for block in _blocks(index.vectors.halves)]
        self._arrays = [(array, _checksum(array)) for array in arrays_in(index.lexical)]
        self._codes = self._code_checksum()
        self._lists = self._list_checksum()
        self._reading = cycle(list(self._digests))
        self._rows = _rows_in_turn(len(index))
        self._asking = _rows_in_turn(len(index))
        self._embedding = _rows_in_turn(len(index))
        self._rests_until = 0.0

    def check(self, view: SearchView) -> None:
        """Raise `IndexDamaged` unless files, memory and SQL agree with what was opened."""
        self._check_files()
        self._check_memory()
        self._check_catalog(view)
        self._check_meaning(view)

    def check_chroma(self) -> None:
        """Raise `IndexDamaged` unless Chroma holds all products with their vectors, and they find themselves."""
        index = self.index
        if not index.has_chroma:
            return
        if (n := index.chroma.count()) != len(index):
            raise IndexDamaged(f"Chroma holds {n} of {len(index)} products")
        index.check_canaries(_next(self._asking, min(N_SELF_QUERIES, len(index))))
        self._within_budget(len(index), CHROMA_ROWS, self._check_chroma_rows)

    def _check_files(self) -> None:
        for path, stated in self._stated.items():
            if (now := _stat(path)) != stated:
                self._check_file(path)
                self._stated[path] = now
        self._within_budget(len(self._stated), 1, lambda n: self._check_file(next(self._reading)))

    def _check_file(self, path: Path) -> None:
        try:
            if file_digest(path) == self._digests[path]:
                return
        except OSError as error:
            raise IndexDamaged(f"{path} cannot be read any more ({error.strerror})") from error
        raise IndexDamaged(f"{path} is not the file any more that was opened")

    def _check_memory(self) -> None:
        checksums = [_checksum(block) for block in _blocks(self.index.vectors.halves)]
        bad = [number for number, checksum in enumerate(checksums) if checksum != self._blocks[number]]
        if bad:
            rows = np.concatenate([np.arange(n * BLOCK_ROWS, (n + 1) * BLOCK_ROWS) for n in bad])
            if not self.index.read_vectors_again():
                self.index.distrust(rows[rows < len(self.index)])
            self._blocks = [_checksum(block) for block in _blocks(self.index.vectors.halves)]
            self._codes = self._code_checksum()
            raise IndexDamaged(f"vectors in memory are not those that were read (rows {rows[0]} ff.)")
        if self._codes != self._code_checksum():
            self.index.quantise_again()
            self._codes = self._code_checksum()
            raise IndexDamaged("the codes of vectors in memory are not those that were made")
        is_same = all(_checksum(array) == checksum for array, checksum in self._arrays)
        if not is_same or self._lists != self._list_checksum():
            raise IndexDamaged("the words or ids in memory are not those that were read")

    def _code_checksum(self) -> tuple[int, int]:
        return _checksum(self.index.quantized.codes), _checksum(self.index.quantized.scales)

    def _list_checksum(self) -> int:
        checksum = zlib.crc32("\0".join(self.index.lexical.numbers).encode())
        for packed in (self.index.ids, self.index.text_digests, self.index.row_of):
            for array in packed.arrays():
                checksum = zlib.crc32(array.data, checksum)
        return checksum

    def _check_catalog(self, view: SearchView) -> None:
        """Every product with the digest of its text, as SQL has them and as they are searched."""
        if time.monotonic() < self._rests_until or view.base is not self.index:
            return
        started = time.monotonic()
        revision = view.catalog.revision()
        stated = checksum_of(view.catalog.each_text_digest())
        # Where the catalog changes meanwhile, the view may rightly be behind.
        if revision == view.revision == view.catalog.revision() and stated != checksum_of(searched(view)):
            raise IndexDamaged("what is searched is not what the catalog holds")
        self._rests_until = time.monotonic() + REST * (time.monotonic() - started)

    def _check_meaning(self, view: SearchView) -> None:
        rows = _next(self._embedding, min(N_EMBEDDED, len(self.index)))
        products = view.catalog.get_many([self.index.ids[row] for row in rows])
        check_vectors(self.index, list(products.values()), view.embedder)

    def _check_chroma_rows(self, n: int) -> None:
        rows = _next(self._rows, n)
        held = self.index.chroma.vectors_of([self.index.ids[row] for row in rows])
        for row in rows:
            vector = held.get(self.index.ids[row])
            if vector is None:
                raise IndexDamaged(f"Chroma has lost product {self.index.ids[row]!r}")
            if not self.index.is_same_vector(row, vector):
                raise IndexDamaged(f"Chroma holds another vector of product {self.index.ids[row]!r} than the index")

    @staticmethod
    def _within_budget(n_all: int, n_at_once: int, check: Callable[[int], None]) -> None:
        ends = time.monotonic() + BUDGET_S
        for start in range(0, n_all, n_at_once):
            check(min(n_at_once, n_all - start))
            if time.monotonic() > ends:
                break


def check_vectors(index: ProductIndex, products: Sequence[Product], embedder: Embedder) -> None:
    """Raise `IndexDamaged` unless vectors of the index are what the embedder makes of these products' texts today.

    A few of the products are embedded, spread over all. Where one is not, all vectors of the index are distrusted.
    """
    same = [p for p in products if (row := index.row_of.get(p.id)) is not None and index.vector_of_row(row) is not None]
    chosen = [same[n] for n in np.linspace(0, len(same) - 1, min(N_EMBEDDED, len(same))).astype(np.int64)]
    chosen = [p for p in chosen if product_digests(p)[1] == index.text_digests[index.row_of[p.id]]]
    if not chosen:
        return
    vectors = embedder.encode([embedding_text(product, embedder.languages) for product in chosen])
    held = index.vectors[[index.row_of[product.id] for product in chosen]]
    cosines = np.sum(vectors * held, axis=1)
    empty = ~vectors.any(axis=1) & ~held.any(axis=1)
    if not ((cosines >= SAME_TEXT) | empty).all():
        index.distrust(np.arange(len(index)))
        raise IndexDamaged(
            f"the vector of product {chosen[int(cosines.argmin())].id!r} is not what {embedder.name} makes of its text"
        )


def searched(view: SearchView) -> Iterator[tuple[str, str]]:
    """Every product's id with the digest of the text that is searched of it, as a view has them, in any order."""
    occupied, n = view.table.occupied(), len(view.base)
    for row in np.flatnonzero(occupied[:n]).tolist():
        yield view.base.ids.at(row), view.base.text_digests.at(row)
    for row in np.flatnonzero(occupied[n:]).tolist():
        yield view.overlay.ids[row], view.overlay.texts[row].text_digest


def checksum_of(pairs: Iterable[tuple[str, str]]) -> tuple[int, int]:
    """How many pairs there are, and a figure that is the same for the same ones in any order, in this process.

    >>> pairs = [("a", "1"), ("b", "2")]
    >>> checksum_of(pairs) == checksum_of(pairs[::-1]), checksum_of(pairs) == checksum_of([("a", "2"), ("b", "1")])
    (True, False)
    """
    n = total = 0
    for pair in pairs:
        # The hash of a tuple is so plain a sum that exchanged digests would not show; that of a text is not.
        n, total = n + 1, (total + hash("".join(pair))) & _64_BITS
    return n, total


_64_BITS = (1 << 64) - 1


def points_elsewhere(index: ProductIndex) -> bool:
    """Whether the file `current` does not name this generation."""
    try:
        return current_folder(index.folder.parent) != index.folder
    except IndexDamaged:
        return True


def arrays_in(value: object) -> Iterator[NDArray[np.generic]]:
    """Every array that is reachable through attributes, mappings and sequences of plain Python objects."""
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, dict):
        for inner in value.values():
            yield from arrays_in(inner)
    elif isinstance(value, (list, tuple)):
        for inner in value if value and not isinstance(value[0], (str, int, float)) else ():
            yield from arrays_in(inner)
    elif hasattr(value, "__dict__") and not isinstance(value, type) and not callable(value):
        yield from arrays_in(vars(value))


def _checksum(array: NDArray[np.generic]) -> int:
    return zlib.crc32(np.ascontiguousarray(array).data.cast("B")) if array.size else 0


def _blocks(vectors: NDArray[np.float16]) -> Iterator[NDArray[np.float16]]:
    return (vectors[start : start + BLOCK_ROWS] for start in range(0, len(vectors), BLOCK_ROWS))


def _rows_in_turn(n: int) -> Iterator[int]:
    """Rows of an index, in an order that is spread over it, for ever."""
    order = np.random.default_rng(n).permutation(n)
    while n:
        yield from order.tolist()


def _next(rows: Iterator[int], n: int) -> NDArray[np.int64]:
    return np.fromiter((next(rows) for _ in range(n)), dtype=np.int64, count=n)


def _digests(index: ProductIndex) -> dict[Path, str]:
    """Of the files that don't change while a generation serves; Chroma writes nothing once it is open."""
    digests = {index.folder / name: digest for name, digest in index.meta.files.items()}
    others = [index.folder / META_FILE, *sorted((index.folder / FOLDER).glob("*.sqlite3"))]
    try:
        return {**digests, **{path: file_digest(path) for path in others}}
    except OSError as error:
        raise IndexDamaged(f"a file of the index cannot be read any more ({error})") from error


def _stat(path: Path) -> tuple[int, int, int] | None:
    try:
        stated = os.stat(path)
    except OSError:
        return None
    return stated.st_size, stated.st_mtime_ns, stated.st_ino
