"""CSV and TSV to records.

In: text, the delimiter being whichever of comma, semicolon, tab and bar the header uses most. Out: one record a row; a
row that cannot be read (a quote that never closes, cells too many or too few) costs only itself, and the lines after it
are read as rows again. Quotes inside quoted cells are doubled or escaped by a backslash: what the file does is
seen in its beginning, and a row that fits only the other way is read that way. Knows no mapping.
"""

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from typing import IO, Any

from retrieval.errors import FeedError
from retrieval.feed.readers.decoding import lines, open_text
from retrieval.feed.readers.opening import Source
from retrieval.feed.readers.records import MAX_COLUMNS, MAX_ROW_CHARACTERS, Escape, Reading, Record, named_twice

DELIMITERS = (",", ";", "\t", "|")
MAX_LINES = 1_000
"""How many lines a quoted cell may run over before its quote counts as one that never closes."""

SAMPLE_LINES = 2_000
ESCAPED_INSIDE = re.compile(r'\\"(?=[^,;\t|\r\n])')
DOUBLED_INSIDE = re.compile(r'[^,;\t|"\r\n]""[^"]')


@dataclass(frozen=True, slots=True)
class Dialect:
    """How the rows of a file are cut into cells."""

    delimiter: str
    escape: Escape

    def first_row(self, given: Iterable[str]) -> list[str]:
        """The cells of the row that starts in the first of some lines; takes no more of them than it needs.

        Raises:
            csv.Error: a quote is open or stands in the wrong place.
        """
        escapechar = "\\" if self.escape == "backslash" else None
        spaced = self.delimiter != "\t"
        rows = csv.reader(given, delimiter=self.delimiter, escapechar=escapechar, strict=True, skipinitialspace=spaced)
        return next(rows, [])


def read_delimited(source: Source, reading: Reading) -> Iterator[Record]:
    """Every row of a CSV or TSV file.

    Raises:
        FeedError: there is no usable header, or the file is in no known encoding.
    """
    with open_text(source, reading) as text:
        physical = _Lines(text)
        columns, delimiter = _header(physical, source.name)
        escape = reading.escape or _escape(physical.ahead(SAMPLE_LINES))
        dialects = [Dialect(delimiter, escape)]
        if reading.escape is None:
            dialects.append(replace(dialects[0], escape="doubled" if escape == "backslash" else "backslash"))
        yield from _Rows(physical, columns, dialects, source.name)


class _Lines:
    """The lines of a text, of which some may be looked at or put back. None stands for a line that is too long."""

    def __init__(self, text: IO[str]) -> None:
        self._rest = lines(text, MAX_ROW_CHARACTERS)
        self._ahead: deque[str | None] = deque()

    def next(self) -> str | None:
        """The next line.

        Raises:
            StopIteration: there is none.
        """
        return self._ahead.popleft() if self._ahead else next(self._rest)

    def put_back(self, given: list[str | None]) -> None:
        self._ahead.extendleft(reversed(given))

    def ahead(self, n: int) -> list[str]:
        """Up to `n` of the coming lines, without taking them."""
        n_characters = 0
        while len(self._ahead) < n and n_characters < MAX_ROW_CHARACTERS:
            try:
                line = next(self._rest)
            except StopIteration:
                break
            n_characters += len(line or "")
            self._ahead.append(line)
        return [line for line in self._ahead if line is not None]


class _Rows:
    """The records after the header."""

    def __init__(self, physical: _Lines, columns: list[str], dialects: list[Dialect], name: str) -> None:
        self._lines = physical
        self._columns = columns
        self._dialects = dialects
        self._name = name

    def __iter__(self) -> Iterator[Record]:
        line = 1
        while True:
            try:
                first = self._lines.next()
            except StopIteration:
                return
            line += 1
            if first is None:
                yield Record(self._name, line, {}, f"is longer than {MAX_ROW_CHARACTERS:,} characters")
            elif first.strip():
                cells, problem = self._row(first)
                if problem is not None or any(cell.strip() for cell in cells):
                    yield self._record(line, cells, problem)

    def _row(self, first: str) -> tuple[list[str], str | None]:
        """The cells of the row that starts with a line, or what is wrong with it."""
        main = self._dialects[0]
        if '"' not in first and main.escape == "doubled":
            return first.rstrip("\r\n").split(main.delimiter), None
        taken: list[str | None] = []
        problem = "has a quotation mark too many, or one that never closes"
        try:
            cells = main.first_row(self._from(first, taken))
        except csv.Error as error:
            if "field larger" in str(error):
                problem = f"has a cell of more than {csv.field_size_limit():,} characters"
        else:
            if not taken or (len(cells) == len(self._columns) and not self._swallowed(first, taken)):
                return cells, None
        self._lines.put_back(taken)
        return self._alone(first, problem)

    def _from(self, first: str, taken: list[str | None]) -> Iterator[str]:
        """A line and those after it, as far as one row may reach; what follows the first is noted in `taken`."""
        yield first
        n_characters = len(first)
        while len(taken) < MAX_LINES and n_characters < MAX_ROW_CHARACTERS:
            try:
                line = self._lines.next()
            except StopIteration:
                return
            taken.append(line)
            if line is None:
                return
            n_characters += len(line)
            yield line

    def _swallowed(self, first: str, taken: list[str | None]) -> bool:
        """Whether each line that a row ran over is a row itself: then it was a stray quote that joined them."""
        n_columns = len(self._columns)
        if len(taken) < 2 or n_columns < 3:
            return False
        separators = (line.count(self._dialects[0].delimiter) for line in (first, *taken) if line is not None)
        return all(n == n_columns - 1 for n in separators) and all(self._is_row(line) for line in taken[:-1])

    def _is_row(self, line: str | None) -> bool:
        try:
            return line is not None and len(self._dialects[0].first_row([line])) == len(self._columns)
        except csv.Error:
            return False

    def _alone(self, first: str, problem: str) -> tuple[list[str], str | None]:
        """One line read by itself: the other way of escaping, and in a TSV quotes as plain characters."""
        for dialect in self._dialects:
            try:
                cells = dialect.first_row([first])
            except csv.Error:
                continue
            if len(cells) == len(self._columns):
                return cells, None
        plain = first.rstrip("\r\n").split("\t")
        if self._dialects[0].delimiter == "\t" and len(plain) == len(self._columns):
            return plain, None
        return [], problem

    def _record(self, line: int, cells: list[str], problem: str | None) -> Record:
        n_columns = len(self._columns)
        if problem is None and any(cell.strip() for cell in cells[n_columns:]):
            problem = f"has more cells than the header's {n_columns}; quote cells that hold the separator"
        if problem is None and len(cells) < n_columns:
            problem = f"has {len(cells)} cells, fewer than the header's {n_columns}; quote cells that hold line ends"
        if problem is None and any(
            cell.strip() for cell, column in zip(cells, self._columns, strict=False) if not column
        ):
            problem = "has something in a column that the header leaves unnamed"
        if problem is not None:
            return Record(self._name, line, {}, problem)
        values: dict[str, Any] = {column: cell for column, cell in zip(self._columns, cells, strict=False) if column}
        return Record(self._name, line, values)


def _header(physical: _Lines, name: str) -> tuple[list[str], str]:
    try:
        first = physical.next()
    except StopIteration:
        first = ""
    if first is None:
        raise FeedError(f"the header of {name} is longer than {MAX_ROW_CHARACTERS:,} characters")
    if first.count('"') % 2:
        raise FeedError(f"the header of {name} has a line break inside quotation marks: keep it on one line")
    first = first.removeprefix("\ufeff")
    delimiter = max(DELIMITERS, key=first.count)
    try:
        columns = [" ".join(column.split()) for column in Dialect(delimiter, "doubled").first_row([first])]
    except csv.Error as error:
        raise FeedError(f"the header of {name} cannot be read: {error}") from error
    if not any(columns):
        raise FeedError(f"{name} has no header line")
    if len(columns) > MAX_COLUMNS:
        raise FeedError(f"{name} has {len(columns):,} columns, more than the {MAX_COLUMNS:,} that are read")
    if repeated := named_twice(filter(None, columns)):
        raise FeedError(f"{name} has several columns called {repeated}: name each only once")
    return columns, delimiter


def _escape(sample: list[str]) -> Escape:
    """Which way quotes inside cells are written, going by the first lines."""
    escaped = sum(len(ESCAPED_INSIDE.findall(line)) for line in sample)
    doubled = sum(len(DOUBLED_INSIDE.findall(line)) for line in sample)
    return "backslash" if escaped > doubled else "doubled"
