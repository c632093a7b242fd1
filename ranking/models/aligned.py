"""Which row of a fitted matcher an item of today's catalog has."""

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Integers, Items


def aligned_rows(fitted: Items, now: Items) -> Integers:
    """``(len(now),)``: the row of each item among the fitted ones, -1 for a new one.

    >>> aligned_rows(Items(("a", "b")), Items(("b", "c"))).tolist()
    [1, -1]
    """
    rows = fitted.rows()
    return np.array([rows.get(item_id, -1) for item_id in now.ids], dtype=np.int64)


def moved(fitted: NDArray[np.float32], rows: Integers, new: float = 0.0) -> NDArray[np.float32]:
    """What was learned of each item, ``(len(rows), ...)``, with `new` for an item that is new (row -1).

    >>> moved(np.array([1.0, 2.0], dtype=np.float32), np.array([1, -1])).tolist()
    [2.0, 0.0]
    """
    found = fitted[rows]
    found[rows < 0] = new
    return found
