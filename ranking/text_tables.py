"""Reads a table whatever its dialect: comma, semicolon or tab, headers with or without types.

In: a file with a header (`name` or, as in RecBole's atomic files, `name:type`), or one JSON object a line. Out: a
frame of strings and the types that the header states. Knows no column.

Source of the typed headers: RecBole's documentation, Atomic Files.
"""

import csv
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

import orjson
import pandas as pd

from retrieval.errors import ModelError

SEPARATORS = "\t,;"


@dataclass(frozen=True, slots=True)
class TextTable:
    """`frame` holds strings, empty where nothing is stated, and its index counts the file's lines from 0; `types` says
    what the header says of a column (`token`, `token_seq`, `float`), if anything."""

    path: Path
    frame: pd.DataFrame
    types: dict[str, str]

    def column(self, names: Collection[str]) -> str | None:
        """The first column that bears one of these names; case and all but letters and digits don't matter."""
        return next((column for column in self.frame.columns if plain(column) in names), None)

    def required(self, names: Collection[str], role: str) -> str:
        """As `column`.

        Raises:
            ModelError: there is none.
        """
        found = self.column(names)
        if found is None:
            raise ModelError(
                f"{self.path} has no column for the {role}: its columns are {', '.join(self.frame.columns)}; "
                f"name one of them {' or '.join(sorted(names))}"
            )
        return found

    def line(self, row: int) -> int:
        """The line in the file, counted from 1, of the row at this position."""
        return int(self.frame.index[row]) + 1


def plain(name: str) -> str:
    """A column's name without what writers differ in.

    >>> plain("Item_ID"), plain("userId")
    ('itemid', 'userid')
    """
    return "".join(letter for letter in name.casefold() if letter.isalnum())


def read_table(path: Path) -> TextTable:
    """Read the whole file.

    Raises:
        ModelError: it cannot be read, is empty, or has lines of different lengths.
    """
    try:
        frame = _json_lines(path) if ".jsonl" in path.suffixes else _separated(path)
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{path} is not UTF-8 text: save it as UTF-8 first") from error
    except pd.errors.EmptyDataError as error:
        raise ModelError(f"{path} is empty: a line of column names and at least one row are needed") from error
    except pd.errors.ParserError as error:
        raise ModelError(f"{path} has lines of different lengths ({error}): repair or drop them") from error
    headers = [str(header).strip().partition(":") for header in frame.columns]
    frame.columns = pd.Index([name for name, _, _ in headers])
    if len(set(frame.columns)) < len(frame.columns):
        raise ModelError(f"{path} has two columns of the same name: {', '.join(frame.columns)}")
    frame = frame[(frame != "").any(axis=1)]
    if frame.empty:
        raise ModelError(f"{path} has column names and no row below them")
    return TextTable(path, frame, {name: type_ for name, _, type_ in headers if type_})


def _separated(path: Path) -> pd.DataFrame:
    first = pd.read_csv(path, sep="\0", header=None, nrows=1, dtype=str, engine="c", encoding="utf-8-sig").iat[0, 0]
    separator = max(SEPARATORS, key=str(first).count)
    # Titles in tab-separated files hold bare quotation marks.
    is_plain = separator == "\t"
    # Without a header the first line says how many cells a line has, and a longer one is an error.
    lines = pd.read_csv(
        path, sep=separator, header=None, dtype=str, keep_default_na=False, skip_blank_lines=False,
        quoting=csv.QUOTE_NONE if is_plain else csv.QUOTE_MINIMAL, encoding="utf-8-sig",
    ).fillna("")  # fmt: skip
    return lines.iloc[1:].set_axis(lines.iloc[0].astype(str).tolist(), axis=1)


def _json_lines(path: Path) -> pd.DataFrame:
    rows = []
    with path.open("rb") as file:
        for number, line in enumerate(file, start=1):
            try:
                row = orjson.loads(line) if line.strip() else {}
            except orjson.JSONDecodeError as error:
                raise ModelError(f"{path}, line {number} is not JSON: {error}") from error
            if not isinstance(row, dict):
                raise ModelError(f"{path}, line {number} is not a JSON object")
            rows.append({name: _as_text(value) for name, value in row.items()})
    if not rows:
        raise pd.errors.EmptyDataError
    return pd.DataFrame(rows).fillna("")


def _as_text(value: object) -> str:
    if isinstance(value, list):
        return "|".join(str(part) for part in value)
    return "" if value is None else str(value)
