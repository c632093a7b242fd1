"""Vectors in few bytes: as signed ones, to look through them all, and in half precision, to compare the best exactly.

In: a matrix of unit rows. Out: similarities of all or some rows, and the rows again. Knows no product. The one door to
numkong, whose kernels use the instructions of whatever processor this runs on.

Source: scalar quantisation; Jégou, Douze & Schmid 2011, Product Quantization for Nearest Neighbor Search, section 2.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from retrieval.types import Matrix, Vector

LEVELS = 127

Rows = NDArray[np.integer]
Scores = NDArray[np.float32]

BLOCK = 65_536
"""Rows that are converted, or compared, at once."""

GATHERED = 8_192
"""Rows that are brought together at once: three megabytes at d = 384."""


@dataclass(frozen=True, slots=True, eq=False)
class HalfMatrix:
    """Unit rows held in half precision, read as float32. `halves` is `(n, d)` float16.

    With d = 384 a cosine is off by a standard deviation of .00001.
    """

    halves: NDArray[np.float16]

    @classmethod
    def of(cls, vectors: Matrix) -> "HalfMatrix":
        """`(n, d)` vectors, each figure rounded to the nearest half."""
        import numkong

        halves = np.empty(vectors.shape, dtype=np.float16)
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            numkong.astype(np.ascontiguousarray(vectors[rows], dtype=np.float32), "float16", out=halves[rows])
        return cls(halves)

    def __len__(self) -> int:
        return len(self.halves)

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and dimension."""
        n, d = self.halves.shape
        return n, d

    def __getitem__(self, rows: int | np.integer | slice | Rows | list[int]) -> Matrix:
        """`(len(rows), d)` float32, or `(d,)` for a single row."""
        import numkong

        chosen = np.ascontiguousarray(self.halves[rows])
        read: Matrix = np.empty(chosen.shape, dtype=np.float32)
        if chosen.size:
            numkong.astype(chosen, "float32", out=read)
        return read

    def without(self, rows: Rows) -> "HalfMatrix":
        """Another one with zeros in these rows."""
        halves = self.halves.copy()
        halves[rows] = 0.0
        return HalfMatrix(halves)


@dataclass(frozen=True, slots=True, eq=False)
class QuantizedMatrix:
    """`codes[row] * scales[row]` is about the vector in `row`; `codes` is `(n, d)` int8, `scales` `(n,)` float32.

    With d = 384 the cosine of two unit vectors is off by a standard deviation of about .001.
    """

    codes: NDArray[np.int8]
    scales: NDArray[np.float32]

    @classmethod
    def of(cls, vectors: Matrix | HalfMatrix) -> "QuantizedMatrix":
        """The codes of `(n, d)` vectors."""
        codes = np.empty(vectors.shape, dtype=np.int8)
        scales = np.empty(len(vectors), dtype=np.float32)
        for start in range(0, len(vectors), BLOCK):
            rows = slice(start, start + BLOCK)
            codes[rows], scales[rows] = _quantized(vectors[rows])
        return cls(codes, scales)

    def __len__(self) -> int:
        return len(self.scales)

    def similarities(self, query: Vector, rows: Rows | None = None) -> Scores:
        """`(len(rows),)`: about the cosine of the query with each of `rows`, or with every row."""
        asked, scale = _quantized(np.asarray(query, dtype=np.float32)[None])
        found = np.empty(len(self) if rows is None else len(rows), dtype=np.float32)
        n_bytes = self.codes.shape[1]
        # In words of eight bytes, where the length allows, rows are brought together faster.
        words = self.codes.view(np.int64) if n_bytes % 8 == 0 else self.codes
        # In blocks that stay in the processor's cache; numkong lets no other thread run meanwhile.
        at_once = BLOCK if rows is None else GATHERED
        for start in range(0, len(found), at_once):
            here = slice(start, start + at_once)
            if rows is None:
                codes, scales = self.codes[here], self.scales[here]
            else:
                codes = np.take(words, rows[here], axis=0).view(np.int8)
                scales = self.scales[rows[here]]
            _dot(asked, codes, found[here])
            found[here] *= scales * scale[0]
        return found


def _dot(asked: NDArray[np.int8], codes: NDArray[np.int8], out: Scores) -> None:
    import numkong

    numkong.cdist(asked, codes, "dot", out=out[None])


def _quantized(vectors: Matrix) -> tuple[NDArray[np.int8], NDArray[np.float32]]:
    greatest = np.abs(vectors).max(axis=1, initial=0.0)
    scales = np.where(greatest > 0, greatest / LEVELS, 1.0).astype(np.float32)
    return np.rint(vectors / scales[:, None]).astype(np.int8), scales
