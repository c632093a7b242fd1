"""What is known of shoppers and of products, as columns of numbers.

In: a file with an id column and any others. Out: ``(n_ids, f)`` float64, a column for each common value, word or range.
Knows neither clicks nor models, and no column by name but the id.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranking.columns import PRODUCT, SHOPPER
from ranking.text_tables import TextTable, read_table
from retrieval.errors import ModelError

Columns = NDArray[np.float64]

MOST_VALUES = 50
"""Of one column, the commonest first."""

LEAST_SHARE = 0.005
LEAST_COUNT = 5
"""A value that describes fewer says nothing that could be learned."""

N_RANGES = 8
"""Into how many ranges of equal count a column of numbers is cut that has more than twice as many values."""


def read_shoppers(path: Path, ids: Sequence[str]) -> Columns:
    """As `traits_of`, of a file of shoppers."""
    return _read(path, ids, SHOPPER, "shopper")


def read_products(path: Path, ids: Sequence[str]) -> Columns:
    """As `traits_of`, of a file of products."""
    return _read(path, ids, PRODUCT, "product")


def _read(path: Path, ids: Sequence[str], names: frozenset[str], role: str) -> Columns:
    table = read_table(path)
    known = table.required(names | {"id"}, role)
    frame = table.frame.assign(**{known: table.frame[known].str.strip()}).drop_duplicates(known).set_index(known)
    if not frame.index.isin(ids).any():
        raise ModelError(
            f"{path}: none of its {len(frame)} {role}s occurs among the interactions: compare the ids' form"
        )
    return traits_of(TextTable(path, frame.reindex(list(ids), fill_value=""), table.types))


def traits_of(table: TextTable) -> Columns:
    """``(rows, f)``: 1 where a value applies, else 0; a row of which nothing is stated is all 0.

    Numbers with many values are cut into ranges; columns of type `token_seq` are split at spaces, others at `|`.
    """
    parts = [_column(table.frame[name], table.types.get(name, "")) for name in table.frame.columns]
    return np.concatenate([np.zeros((len(table.frame), 0)), *parts], axis=1)


def _column(values: "pd.Series[str]", type_: str) -> Columns:
    stated = values[values.str.strip() != ""]
    numbers = pd.to_numeric(stated, errors="coerce").dropna()
    if type_ != "token_seq" and len(numbers) > 0.95 * len(stated) and numbers.nunique() > 2 * N_RANGES:
        ranges = pd.qcut(numbers, N_RANGES, labels=False, duplicates="drop")
        rows = values.index.get_indexer(numbers.index)
        return _flags(len(values), rows, ranges.astype(str).tolist())
    words = values.str.split(
        None if type_ == "token_seq" else r"\s*\|\s*", regex=None if type_ == "token_seq" else True
    )
    pairs = [(row, word) for row, some in enumerate(words) for word in dict.fromkeys(some) if word]
    return _flags(len(values), [row for row, _ in pairs], [word for _, word in pairs])


def _flags(n_rows: int, rows: Iterable[int], words: Sequence[str]) -> Columns:
    """A column for each of the commonest words, the commonest first.

    >>> _flags(7, [0, 1, 2, 3, 4, 5], ["a"] * 5 + ["b"]).ravel().tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0, 0.0, 0.0]
    """
    counts = pd.Series(list(words), dtype=object).value_counts()
    counts = counts[counts >= max(LEAST_COUNT, LEAST_SHARE * n_rows)].head(MOST_VALUES)
    places = {word: place for place, word in enumerate(counts.index)}
    flags = np.zeros((n_rows, len(places)))
    for row, word in zip(rows, words, strict=True):
        if word in places:
            flags[row, places[word]] = 1.0
    return flags
