"""What a shopper is known for, as rows over the items: their newest acts, and the items that have what they like.

In: histories. Out: sparse tables. Knows no model.
"""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from ranking.interactions import Histories, Integers, Items, Stated

if TYPE_CHECKING:
    from scipy import sparse


def newest_acts(shoppers: Histories, length: int, decay: float, n_items: int) -> "sparse.csr_array":
    """``(B, n_items)`` float32: each shopper's newest acts; a row sums to 1, or to 0 where there is no act.

    Args:
        shoppers: their histories.
        length: so many of the newest acts are looked at.
        decay: each older one counts that share of the next, in (0, 1].
        n_items: how many columns there are.

    >>> told = Histories((np.array([0, 2]),), (np.zeros(2),), (np.ones(2),))
    >>> newest_acts(told, 10, 0.5, 3).toarray().round(3).tolist()
    [[0.3330000042915344, 0.0, 0.6669999957084656]]
    """
    rows = [own[-length:] for own in shoppers.items]
    powers = [decay ** np.arange(len(own) - 1, -1, -1) for own in rows]
    return _table(rows, [power / max(power.sum(), 1e-30) for power in powers], n_items)


def distinct_acts(shoppers: Histories, length: int, n_items: int) -> "sparse.csr_array":
    """``(B, n_items)`` float32: 1 for each item among a shopper's newest `length` acts.

    >>> told = Histories((np.array([0, 2, 2]),), (np.zeros(3),), (np.ones(3),))
    >>> distinct_acts(told, 2, 3).toarray().tolist()
    [[0.0, 0.0, 1.0]]
    """
    rows = [np.unique(own[-length:]) for own in shoppers.items]
    return _table(rows, [np.ones(len(own)) for own in rows], n_items)


def liked_items(shoppers: Histories, items: Items) -> "sparse.csr_array":
    """``(B, len(items))`` float32: what a shopper said they like, each tag's weight spread over its items.

    Dislikes and tags that no item has are left out.

    >>> told = Histories((np.zeros(0, int),), (np.zeros(0),), (np.zeros(0),), ((Stated(("color", "red"), 0.5),),))
    >>> liked_items(told, Items(("a", "b"), tags={("color", "red"): np.array([0, 1])})).toarray().tolist()
    [[0.25, 0.25]]
    """
    rows, values = [], []
    for stated in shoppers.stated or ((),) * len(shoppers):
        liked = [(items.tags[said.tag], said.weight) for said in stated if said.weight > 0 and said.tag in items.tags]
        rows.append(np.concatenate([own for own, _ in liked]) if liked else np.zeros(0, dtype=np.int64))
        spread = [np.full(len(own), weight / max(1, len(own))) for own, weight in liked]
        values.append(np.concatenate(spread) if spread else np.zeros(0))
    return _table(rows, values, len(items))


def tags_by_item(items: Items) -> list[list[Integers]]:
    """For each item its tags, each as the rows of all items that have it.

    >>> items = Items(("a", "b"), tags={("color", "red"): np.array([1])})
    >>> [[rows.tolist() for rows in own] for own in tags_by_item(items)]
    [[], [[1]]]
    """
    own: list[list[Integers]] = [[] for _ in items.ids]
    for rows in items.tags.values():
        for row in rows.tolist():
            own[row].append(rows)
    return own


def strongest_likes(stated: Sequence[Stated], n: int) -> list[Stated]:
    """The n strongest of what a shopper said they like, the strongest first."""
    return sorted((said for said in stated if said.weight > 0), key=lambda said: -said.weight)[:n]


def _table(rows: list[Integers], values: list[NDArray[Any]], n_items: int) -> "sparse.csr_array":
    from scipy import sparse

    starts = np.concatenate([[0], np.cumsum([len(own) for own in rows])]).astype(np.int64)
    columns = np.concatenate(rows) if rows else np.zeros(0, dtype=np.int64)
    data = np.concatenate(values).astype(np.float32) if values else np.zeros(0, dtype=np.float32)
    table = sparse.csr_array((data, columns, starts), shape=(len(rows), n_items))
    table.sum_duplicates()
    return table
