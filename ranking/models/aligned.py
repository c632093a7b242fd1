"""Which row of a fitted matcher an item of today's catalog has."""

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Integers, Interactions, Items


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


def taken_up(data: Interactions) -> NDArray[np.bool_]:
    """``(I,)``: whether anybody took the item up."""
    known: NDArray[np.bool_] = data.counts() > 0
    return known


def only(items: Items, mask: NDArray[np.bool_]) -> Items:
    """The items where `mask` is true, in their order.

    >>> only(Items(("a", "b")), np.array([False, True])).ids
    ('b',)
    """
    place = np.cumsum(mask) - 1
    tags = {tag: place[rows[mask[rows]]] for tag, rows in items.tags.items()}
    return Items(
        tuple(item_id for item_id, is_in in zip(items.ids, mask.tolist(), strict=True) if is_in),
        None if items.vectors is None else items.vectors[mask],
        {tag: rows for tag, rows in tags.items() if len(rows)},
        tuple(title for title, is_in in zip(items.titles, mask.tolist(), strict=False) if is_in),
    )


def compact(data: Interactions) -> Interactions:
    """The same acts over those items alone that somebody took up: an item without an act is no example of dislike."""
    mask = taken_up(data)
    place = np.cumsum(mask) - 1
    return replace(data, items=only(data.items, mask), item=place[data.item])
