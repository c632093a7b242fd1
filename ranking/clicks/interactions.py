"""Reads who was shown what, and whether they clicked.

In: a file with a column each for the shopper, the product, and a label (0 or 1) or a rating; perhaps a time. Out:
`Interactions`, numbered. Knows no model.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from ranking.columns import LABEL, PRODUCT, RATING, SHOPPER, TIME, ids_in, numbers_in, require, seconds_in
from ranking.text_tables import TextTable, read_table
from retrieval.errors import ModelError

Codes = NDArray[np.int64]
Flags = NDArray[np.bool_]

CLICK_AT = 4.0
LABELS = {"1": True, "1.0": True, "true": True, "0": False, "0.0": False, "false": False}


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
        clicked = _clicks(numbers_in(table, rating), click_at)
    second = None if time is None else seconds_in(table, time)
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
    codes, ids = pd.factorize(ids_in(table, column))
    return tuple(ids), codes.astype(np.int64)


def _labels(table: TextTable, column: str) -> Flags:
    values = table.frame[column].str.strip().str.lower().map(LABELS)
    require(table, column, values.notna().to_numpy(), "0 or 1")
    return values.to_numpy(dtype=np.bool_)


def _clicks(ratings: NDArray[np.float64], click_at: float) -> Flags:
    """Ratings of 0 and 1 alone are labels.

    >>> _clicks(np.array([3.0, 4.0]), 4.0).tolist(), _clicks(np.array([0.0, 1.0]), 4.0).tolist()
    ([False, True], [False, True])
    """
    clicked: Flags = ratings >= (1.0 if np.isin(ratings, (0.0, 1.0)).all() else click_at)
    return clicked
