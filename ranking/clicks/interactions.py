"""Reads who was shown what, and whether they clicked.

In: a file with a column each for the shopper, the product, and a label (0 or 1) or a rating; perhaps a time. Out:
`Interactions`, numbered. Knows no model.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranking.clicks.tables import TextTable, read_table
from retrieval.errors import ModelError

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

SHOPPER = frozenset(
    {"userid", "user", "shopperid", "shopper", "customerid", "customer", "visitorid", "uid", "reviewerid"}
)
PRODUCT = frozenset({"itemid", "item", "productid", "product", "movieid", "bookid", "asin", "parentasin", "iid", "sku"})
LABEL = frozenset({"label", "click", "clicked", "isclick"})
RATING = frozenset({"rating", "ratings", "score", "stars", "overall"})
TIME = frozenset({"timestamp", "time", "date", "datetime", "unixreviewtime", "ts"})

CLICK_AT = 4.0
LABELS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}
UNITS = ((1e17, 1e9), (1e14, 1e6), (1e11, 1e3))
"""From which size on a time is counted in ns, us, ms, and how many of them make a second."""


@dataclass(frozen=True, slots=True)
class Interactions:
    """`n` rows: the shopper and the product of each by their place in `shopper_ids` and `product_ids`, whether it was
    clicked, and when (whole seconds), if the file says so."""

    shopper_ids: tuple[str, ...]
    product_ids: tuple[str, ...]
    shopper: Codes
    product: Codes
    clicked: Flags
    second: Codes | None = None

    def __len__(self) -> int:
        return len(self.clicked)

    def rows(self, rows: Codes) -> "Interactions":
        """These rows alone, under the same numbers."""
        second = None if self.second is None else self.second[rows]
        return Interactions(
            self.shopper_ids, self.product_ids, self.shopper[rows], self.product[rows], self.clicked[rows], second
        )


def read_interactions(path: Path, click_at: float = CLICK_AT) -> Interactions:
    """Read a file of interactions.

    Args:
        path: comma-, semicolon- or tab-separated with a header, or JSON lines.
        click_at: a rating counts as a click from here on. Not used where there are labels, or ratings of 0 and 1 alone.

    Raises:
        ModelError: a column is missing, or a row has no shopper, no product, or a label, rating or time that is none.
    """
    table = read_table(path)
    shopper_ids, shopper = _coded(table, table.required(SHOPPER, "shopper"))
    product_ids, product = _coded(table, table.required(PRODUCT, "product"))
    label, time = table.column(LABEL), table.column(TIME)
    if label is not None:
        clicked = _labels(table, label)
    else:
        rating = table.required(RATING | LABEL, "rating or label")
        clicked = _clicks(_numbers(table, rating), click_at)
    second = None if time is None else _seconds(table, time)
    return Interactions(shopper_ids, product_ids, shopper, product, clicked, second)


def require_contrast(interactions: Interactions) -> None:
    """Check that there is something to learn.

    Raises:
        ModelError: all or none were clicked, or there is but one shopper or one product.
    """
    if interactions.clicked.all():
        raise ModelError(
            "every row is a click: rows without one are needed too (ratings: raise what counts as a click)"
        )
    if not interactions.clicked.any():
        raise ModelError("no row is a click: at least some are needed (ratings: lower what counts as a click)")
    for codes, ids, what in (
        (interactions.shopper, interactions.shopper_ids, "shopper"),
        (interactions.product, interactions.product_ids, "product"),
    ):
        if (codes == codes[0]).all():
            raise ModelError(f"all rows are of one {what} ({ids[codes[0]]}): there is nothing to tell apart")


def _coded(table: TextTable, column: str) -> tuple[tuple[str, ...], Codes]:
    values = table.frame[column].str.strip()
    _require(table, column, (values != "").to_numpy(), "an id")
    codes, ids = pd.factorize(values)
    return tuple(ids), codes.astype(np.int64)


def _labels(table: TextTable, column: str) -> Flags:
    values = table.frame[column].str.strip().str.lower().map(LABELS)
    _require(table, column, values.notna().to_numpy(), "0 or 1")
    return values.to_numpy(dtype=np.bool_)


def _numbers(table: TextTable, column: str) -> NDArray[np.float64]:
    values = pd.to_numeric(table.frame[column].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    _require(table, column, np.isfinite(values), "a number")
    return values


def _clicks(ratings: NDArray[np.float64], click_at: float) -> Flags:
    """Ratings of 0 and 1 alone are labels.

    >>> _clicks(np.array([3.0, 4.0]), 4.0).tolist(), _clicks(np.array([0.0, 1.0]), 4.0).tolist()
    ([False, True], [False, True])
    """
    clicked: Flags = ratings >= (1.0 if np.isin(ratings, (0.0, 1.0)).all() else click_at)
    return clicked


def _seconds(table: TextTable, column: str) -> Codes:
    values = pd.to_numeric(table.frame[column].str.strip(), errors="coerce").to_numpy(dtype=np.float64)
    if np.isfinite(values).any():
        _require(table, column, np.isfinite(values), "a time in seconds")
        size = np.abs(values).max()
        return np.floor(values / next((per_s for bound, per_s in UNITS if size > bound), 1.0)).astype(np.int64)
    times = pd.to_datetime(table.frame[column], errors="coerce", utc=True, format="ISO8601")
    _require(table, column, times.notna().to_numpy(), "a time (a number of seconds, or as in 2026-11-29T08:30:00)")
    return np.asarray(times.dt.as_unit("s").astype("int64"), dtype=np.int64)


def _require(table: TextTable, column: str, holds: Flags, what: str) -> None:
    if not holds.all():
        row = int(np.argmin(holds))
        raise ModelError(
            f"{table.path}, line {table.line(row)}: {column} is {table.frame[column].iloc[row]!r}, not {what} "
            f"({int((~holds).sum())} such line(s)): correct or drop them"
        )
