"""Which row of a fitted matcher an item of today's catalog has."""

import numpy as np

from ranking.interactions import Integers, Items


def aligned_rows(fitted: Items, now: Items) -> Integers:
    """``(len(now),)``: the row of each item among the fitted ones, -1 for a new one.

    >>> aligned_rows(Items(("a", "b")), Items(("b", "c"))).tolist()
    [1, -1]
    """
    rows = fitted.rows()
    return np.array([rows.get(item_id, -1) for item_id in now.ids], dtype=np.int64)
