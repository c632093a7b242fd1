"""What an import took and left out, and why: as values, and as a CSV file that is written while the feed is read.

In: faults, one at a time. Out: counts, the first of them, and a line per fault in the file. Knows no feed and no
catalog.
"""

import csv
import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import astuple, dataclass, field, fields
from pathlib import Path
from types import TracebackType

from retrieval.changes import Applied
from retrieval.errors import FeedError

SHOWN_CHARACTERS, REASON_CHARACTERS = 200, 1_000
MAX_KEPT = 1_000
"""Faults that are kept as values; the file has them all."""

MAX_REASONS = 200
OTHER = "another reason"

PARTICULARS = re.compile(r"'[^']*'|\d+(?:[.,]\d+)*")
"""What of a reason only concerns one row."""


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One thing wrong in a feed. A row with several faults has several of these.

    `line` is the line of a JSONL file, the row of a CSV as a spreadsheet counts it (the header is row 1), and the
    number of the record, from 1, in a JSON list. A `field` that starts with "reviews." cost only that review, any
    other the whole row of a product ("policies." likewise).
    """

    file: str
    line: int
    field: str
    value: str
    reason: str

    @property
    def costs_row(self) -> bool:
        return not self.field.startswith(("reviews.", "policies."))

    def __str__(self) -> str:
        """As a message names it.

        >>> str(RejectedRow("feed.csv", 3, "price", "x", "is not a number"))
        "feed.csv line 3: price 'x' is not a number"
        """
        return f"{self.file} line {self.line}: {self.field} {self.value!r} {self.reason}"


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do (`is_dry`).

    Of `n_rows` rows, `n_rejected` could not be taken and `n_left_out` the mapping did not want; the others make
    `n_products` products (fewer where several rows are one). `rejected` are the first faults, `reasons` how many there
    are of each kind, most frequent first. `applied` says what became of the catalog, `n_embedded` how many texts had to
    be embedded after it (None: nobody indexed yet).
    """

    n_rows: int
    n_products: int
    n_rejected: int
    n_left_out: int
    n_reviews: int
    n_policies: int
    rejected: tuple[RejectedRow, ...]
    reasons: Mapping[str, int]
    seconds: float
    report_path: Path | None = None
    notes: tuple[str, ...] = ()
    applied: Applied = field(default_factory=Applied)
    is_dry: bool = False
    n_embedded: int | None = None

    @property
    def version(self) -> str:
        """The catalog's version after the import."""
        return self.applied.version

    @property
    def exit_code(self) -> int:
        """0 when everything was taken that the mapping wants, 3 when something was rejected."""
        return 3 if self.reasons else 0


class Rejections:
    """Collects faults, with bounded memory. Leaving the `with` block closes the file."""

    def __init__(self, path: Path | None = None) -> None:
        """Begin the report at `path` (CSV, UTF-8), in the place of an older one; None: no file.

        Raises:
            FeedError: the file cannot be written.
        """
        self.path = path
        self.first: list[RejectedRow] = []
        self._counts: Counter[str] = Counter()
        try:
            if path is not None:
                path.parent.mkdir(parents=True, exist_ok=True)
            self._file = path.open("w", encoding="utf-8", newline="") if path else None
            self._writer = csv.writer(self._file) if self._file else None
            self._write(tuple(column.name for column in fields(RejectedRow)))
        except OSError as error:
            raise FeedError(f"cannot write the report {path}: {error}; name another place") from error

    def __enter__(self) -> "Rejections":
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if self._file:
            self._file.close()

    @property
    def reasons(self) -> dict[str, int]:
        """How many faults there are of each kind, most frequent first."""
        return dict(self._counts.most_common())

    def add(self, row: RejectedRow, *, is_wanted: bool = False) -> None:
        """Take one fault; one that `is_wanted` only goes into the file.

        Raises:
            FeedError: the file cannot be written.
        """
        if not is_wanted:
            self._count(row)
        try:
            self._write(tuple(_inert(cell) if isinstance(cell, str) else cell for cell in astuple(row)))
        except OSError as error:
            raise FeedError(f"cannot write the report {self.path}: {error}; name another place") from error

    def _count(self, row: RejectedRow) -> None:
        if len(self.first) < MAX_KEPT:
            self.first.append(row)
        kind = kind_of(row)
        self._counts[kind if kind in self._counts or len(self._counts) < MAX_REASONS else OTHER] += 1

    def _write(self, cells: tuple[object, ...]) -> None:
        if self._writer:
            self._writer.writerow(cells)


FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def _inert(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula: the feed's words may be anybody's.

    >>> _inert("=1+1"), _inert("Lamp")
    ("'=1+1", 'Lamp')
    """
    return f"'{cell}" if cell.startswith(FORMULA_STARTS) else cell


def rejected(file: str, line: int, field: str, value: object, reason: str) -> RejectedRow:
    """A `RejectedRow` with `value` as the feed writes it; all of it cut to what a person reads, and without half
    surrogates."""
    text = "" if value is None else _written(value)
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
    return RejectedRow(file, line, _sound(field[:SHOWN_CHARACTERS]), _sound(shown), _sound(reason[:REASON_CHARACTERS]))


def _written(value: object) -> str:
    """A cell as text: what is no text or number as JSON.

    >>> from decimal import Decimal
    >>> _written({"off": [True, Decimal("7.50"), "a"]}), _written("a")
    ('{"off": [true, 7.50, "a"]}', 'a')
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{_nested(str(name))}: {_nested(cell)}" for name, cell in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(_nested, value)) + "]"
    return json.dumps(value) if isinstance(value, bool) else str(value)


def _nested(value: object) -> str:
    return json.dumps(value, ensure_ascii=False) if value is None or isinstance(value, str) else _written(value)


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode("utf-8")


def kind_of(row: RejectedRow) -> str:
    """What kind of fault it is: its field and reason without numbers and quotations.

    >>> kind_of(RejectedRow("a.csv", 7, "variants.2.id", "x", "repeats the id of a.csv line 3"))
    'variants.N.id repeats the id of a.csv line N'
    """
    return PARTICULARS.sub("N", f"{row.field} {row.reason}".strip())
