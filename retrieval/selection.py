"""The first of a great many rows, without sorting them all.

In: figures, row by row. Out: positions. Knows no product.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Scores = NDArray[np.float32]
Positions = NDArray[np.int64]

STEP = 64
"""Of every so many scores one is looked at to guess how great the first ones are."""


def first_of(keys: Sequence[NDArray[Any]], k: int) -> Positions:
    """The positions of the first `k` in ascending order of the first key, then of the next; equal ones as they stand.

    >>> first_of([np.array([2, 1, 2, 1]), np.array([0, 1, -1, 1])], 3).tolist()
    [1, 3, 2]
    """
    left = np.arange(len(keys[0]))
    chosen, n_missing = [left[:0]], k
    for key in keys:
        if len(left) <= 4 * k or k == 0:
            break
        values = key[left]
        last = np.partition(values, n_missing - 1)[n_missing - 1]
        chosen.append(left[values < last])
        n_missing -= len(chosen[-1])
        left = left[values == last]
    some = np.sort(np.concatenate([*chosen, left]))
    order = np.lexsort([key[some] for key in reversed(keys)])
    return np.asarray(some[order][:k])


def reached_by(scores: Scores, k: int) -> np.float32:
    """A score that at least `k` of them reach, and not many more; 1 <= `k` <= `len(scores)`.

    >>> bool((np.arange(9, dtype=np.float32) >= reached_by(np.arange(9, dtype=np.float32), 3)).sum() >= 3)
    True
    """
    sample = scores[::STEP]
    n = k * 3 // (2 * STEP) + 16
    if n < len(sample):
        guess = _kth_greatest(sample, n)
        if np.count_nonzero(scores >= guess) >= k:
            return guess
    return _kth_greatest(scores, k)


def greatest(scores: Scores, k: int) -> Positions:
    """The positions of the `k` greatest, in no order; of equal ones at the end any. 1 <= `k` <= `len(scores)`.

    >>> sorted(greatest(np.array([0.5, 0.25, 1.0], dtype=np.float32), 2).tolist())
    [0, 2]
    """
    some = np.flatnonzero(scores >= reached_by(scores, k))
    return some[np.argpartition(-scores[some], k - 1)[:k]]


def _kth_greatest(scores: Scores, k: int) -> np.float32:
    return np.float32(np.partition(scores, len(scores) - k)[len(scores) - k])
