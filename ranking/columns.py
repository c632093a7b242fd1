"""The columns of files of interactions: how they may be called, and what their cells must be.

In: a `TextTable`. Out: ids, numbers and times, or an error that names line, column and value. Knows no model.
"""

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranking.text_tables import TextTable
from retrieval.errors import ModelError

SHOPPER = frozenset(
    {"userid", "user", "shopperid", "shopper", "customerid", "customer", "visitorid", "uid", "reviewerid"}
)
PRODUCT = frozenset({"itemid", "item", "productid", "product", "movieid", "bookid", "asin", "parentasin", "iid", "sku"})
LABEL = frozenset({"label", "click", "clicked", "isclick"})
RATING = frozenset({"rating", "ratings", "score", "stars", "overall"})
TIME = frozenset({"timestamp", "time", "date", "datetime", "unixreviewtime", "ts"})
"""Each as `ranking.text_tables.plain` writes it."""

UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which size on a time is counted in ns, us, ms, and how many of them make a second."""


def ids_in(table: TextTable, column: str) -> "pd.Series[str]":
    """The column's ids.

    Raises:
        ModelError: a cell is empty.
    """
    values = table.frame[column].str.strip()
    require(table, column, (values != "").to_numpy(), "an id")
    return values


def numbers_in(table: TextTable, column: str) -> NDArray[np.float64]:
    """The column's numbers.

    Raises:
        ModelError: a cell is none, or not finite.
    """
    values = pd.to_numeric(table.frame[column].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    require(table, column, np.isfinite(values), "a number")
    return values


def seconds_in(table: TextTable, column: str) -> NDArray[np.int64]:
    """The column's times in whole seconds, whether they are numbers (of s, ms, us or ns) or ISO 8601.

    Raises:
        ModelError: a cell is none.
    """
    values = pd.to_numeric(table.frame[column].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    if np.isfinite(values).any():
        require(table, column, np.isfinite(values), "a time in seconds")
        size = np.abs(values).max()
        return np.floor(values / next((per_s for bound, per_s in UNITS if size > bound), 1.0)).astype(np.int64)
    times = pd.to_datetime(table.frame[column], errors="coerce", utc=True, format="ISO8601")
    require(table, column, times.notna().to_numpy(), "a time (a number of seconds, or as in 2026-11-29T08:30:00)")
    return np.asarray(times.dt.as_unit("s").astype("int64"), dtype=np.int64)


def require(table: TextTable, column: str, holds: NDArray[np.bool_], what: str) -> None:
    """Check that something holds of every row.

    Raises:
        ModelError: it does not: the first such line, its value, and how many there are.
    """
    if not holds.all():
        row = int(np.argmin(holds))
        raise ModelError(
            f"{table.path}, line {table.line(row)}: {column} is {table.frame[column].iloc[row]!r}, not {what} "
            f"({int((~holds).sum())} such line(s)): correct or drop them"
        )
