"""The report of what an import left out and why, as values and as a CSV file."""

import csv
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields
from pathlib import Path

from retrieval.errors import FeedError

SHOWN_CHARACTERS = 200


@dataclass(frozen=True, slots=True)
class RejectedRow:
    """One thing wrong in a feed. A row with several faults has several of these.

    `line` is the line of a JSONL file, the row of a CSV as a spreadsheet counts it (the header is row 1), and the
    number of the record, from 1, in a JSON list. A `field` that starts with "reviews" cost only that review, any other
    the whole row of a product ("policies" likewise).
    """

    file: str
    line: int
    field: str
    value: str
    reason: str

    @property
    def costs_row(self) -> bool:
        return not self.field.startswith(("reviews", "policies"))


def rejected(file: str, line: int, field: str, value: object, reason: str) -> RejectedRow:
    """A `RejectedRow` with `value` as text, cut to what a person reads."""
    text = "" if value is None else str(value)
    shown = text if len(text) <= SHOWN_CHARACTERS else f"{text[:SHOWN_CHARACTERS]}… ({len(text)} characters)"
    return RejectedRow(file, line, field, shown.encode("utf-8", "replace").decode("utf-8"), reason)


def write_report(rows: Iterable[RejectedRow], path: Path) -> None:
    """Write the report as CSV (UTF-8), a header and one line per fault; an older report is replaced.

    Raises:
        FeedError: the file cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(field.name for field in fields(RejectedRow))
            writer.writerows(astuple(row) for row in rows)
    except OSError as error:
        raise FeedError(f"cannot write the report {path}: {error}; name another place") from error
