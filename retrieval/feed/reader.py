"""Feed files to records: CSV, TSV, JSON and JSONL, plain or inside a zip.

In: paths. Out: one `Record` per row, in order, with the place it came from; rows that are no record say why. Knows no
mapping: a record has the feed's own columns. Numbers of JSON are exact (`int` or `Decimal`), cells of CSV are text.
"""

import csv
import io
import json
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path, PurePosixPath
from typing import IO, Any

import pandas as pd

from retrieval.errors import FeedError

SUFFIXES = (".csv", ".tsv", ".json", ".jsonl", ".ndjson")
MAX_FILE_BYTES = 2**30
"""Files and zip entries above this are refused: JSON lists are read whole."""

CHUNK_ROWS = 2_000
SPARE_CELLS = 16
"""How many cells a CSV row may have beyond the header's and cost only itself; one with more makes the file
unreadable."""

DELIMITERS = (",", ";", "\t")


@dataclass(frozen=True, slots=True)
class Record:
    """One row of a feed. `line` counts as in `RejectedRow`. `problem` says why `values` is empty where it is no record.

    `n_in_file` is how many records its file holds, where that is known beforehand.
    """

    file: str
    line: int
    values: dict[str, Any]
    problem: str | None = None
    n_in_file: int | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """One readable file: on disk, or an entry of a zip. `name` is what reports call it."""

    path: Path
    entry: str | None = None

    @property
    def name(self) -> str:
        return self.path.name if self.entry is None else f"{self.path.name}/{self.entry}"

    @property
    def suffix(self) -> str:
        return PurePosixPath(self.entry or self.path.name).suffix.lower()


def find_sources(paths: Sequence[Path]) -> list[Source]:
    """The feed files that `paths` name, zips opened up, in the order given.

    Raises:
        FeedError: a path is missing, is of a kind that is not read, is too large, or is a damaged zip.
    """
    if not paths:
        raise FeedError("no feed was named")
    return [source for path in paths for source in _sources_in(path)]


def read_records(source: Source, encoding: str = "utf-8") -> Iterator[Record]:
    """Every record of one file.

    Raises:
        FeedError: the file is not what its name says (JSON errors, an open quote, another encoding).
    """
    readers = {".csv": _read_csv, ".tsv": _read_csv, ".json": _read_json}
    try:
        with _opened(source) as file:
            yield from readers.get(source.suffix, _read_jsonl)(file, source.name, encoding)
    except UnicodeDecodeError as error:
        raise FeedError(
            f"{source.name} is not {encoding} (byte {error.start}): save it as UTF-8, or set `encoding` in the mapping"
        ) from error
    except (OSError, RuntimeError, zipfile.BadZipFile) as error:
        raise FeedError(f"cannot read {source.name}: {error}") from error


def _sources_in(path: Path) -> list[Source]:
    if not path.is_file():
        raise FeedError(f"there is no file {path}")
    if path.suffix.lower() == ".zip":
        return _zip_sources(path)
    if path.suffix.lower() not in SUFFIXES:
        raise FeedError(f"{path.name} is of no kind that is read; give {', '.join(SUFFIXES)} or a .zip of these")
    _check_size(path.name, path.stat().st_size)
    return [Source(path)]


def _zip_sources(path: Path) -> list[Source]:
    try:
        with zipfile.ZipFile(path) as archive:
            entries = [info for info in archive.infolist() if _is_feed(info)]
    except (zipfile.BadZipFile, OSError) as error:
        raise FeedError(f"{path.name} is not a readable zip: {error}") from error
    if not entries:
        raise FeedError(f"{path.name} holds no {', '.join(SUFFIXES)} file")
    for info in entries:
        _check_size(f"{path.name}/{info.filename}", info.file_size)
    return [Source(path, info.filename) for info in entries]


def _is_feed(info: zipfile.ZipInfo) -> bool:
    inside = PurePosixPath(info.filename)
    return not info.is_dir() and inside.suffix.lower() in SUFFIXES and not inside.name.startswith((".", "__MACOSX"))


def _check_size(name: str, n_bytes: int) -> None:
    if n_bytes > MAX_FILE_BYTES:
        raise FeedError(f"{name} has {n_bytes:,} bytes, more than the {MAX_FILE_BYTES:,} that are read: split it")


@contextmanager
def _opened(source: Source) -> Iterator[IO[bytes]]:
    if source.entry is None:
        with source.path.open("rb") as file:
            yield file
    else:
        with zipfile.ZipFile(source.path) as archive, archive.open(source.entry) as entry:
            yield entry


def _without_bom(encoding: str) -> str:
    return "utf-8-sig" if encoding == "utf-8" else encoding


def _parse_json(text: str) -> Any:
    return json.loads(text, parse_float=Decimal, parse_constant=_constant)


def _constant(name: str) -> Decimal | None:
    return None if name == "NaN" else Decimal(name)


def _read_json(file: IO[bytes], name: str, encoding: str) -> Iterator[Record]:
    try:
        rows = _parse_json(file.read().decode(_without_bom(encoding)))
    except UnicodeDecodeError:
        raise
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise FeedError(f"{name} is not JSON: {error}; one object per line belongs into a .jsonl file") from error
    if isinstance(rows, dict):
        rows = rows.get("products", rows)
    if not isinstance(rows, list):
        raise FeedError(f'{name} must hold a list of objects, or an object with such a list under "products"')
    for line, row in enumerate(rows, start=1):
        if isinstance(row, dict):
            yield Record(name, line, row, n_in_file=len(rows))
        else:
            yield Record(name, line, {}, "is not an object", len(rows))


def _read_jsonl(file: IO[bytes], name: str, encoding: str) -> Iterator[Record]:
    for line, text in enumerate(io.TextIOWrapper(file, encoding=_without_bom(encoding), newline="\n"), start=1):
        if not text.strip():
            continue
        try:
            row = _parse_json(text)
        except (ValueError, ArithmeticError, RecursionError) as error:
            yield Record(name, line, {}, f"is not JSON: {error}")
            continue
        if isinstance(row, dict):
            yield Record(name, line, row)
        else:
            yield Record(name, line, {}, "is not an object")


def _read_csv(file: IO[bytes], name: str, encoding: str) -> Iterator[Record]:
    text = io.TextIOWrapper(file, encoding=_without_bom(encoding), newline="")
    first = text.readline()
    delimiter = max(DELIMITERS, key=first.count)
    header = _header(first, delimiter, name)
    try:
        chunks = pd.read_csv(
            text,
            sep=delimiter,
            header=None,
            names=range(len(header) + SPARE_CELLS),
            dtype=str,
            keep_default_na=False,
            skip_blank_lines=False,
            chunksize=CHUNK_ROWS,
        )
        line = 1
        for chunk in chunks:
            if not isinstance(chunk.index, pd.RangeIndex):
                raise FeedError(f"{name} has far more cells in its first row than in its header: {first.strip()[:200]}")
            for cells in chunk.itertuples(index=False, name=None):
                line += 1
                if any(cell.strip() for cell in cells):
                    yield _csv_record(name, line, header, cells)
    except pd.errors.EmptyDataError:
        return
    except pd.errors.ParserError as error:
        raise FeedError(
            f"{name} cannot be read as CSV, rows counted after the header: {error}; "
            "look there for a quotation mark too many or one that never closes"
        ) from error


def _header(first: str, delimiter: str, name: str) -> list[str]:
    if first.count('"') % 2:
        raise FeedError(f"the header of {name} has a line break inside quotation marks: keep it on one line")
    header = [column.strip() for column in next(csv.reader([first], delimiter=delimiter), [])]
    if not any(header):
        raise FeedError(f"{name} has no header line")
    if repeated := sorted({column for column in header if header.count(column) > 1}):
        raise FeedError(f"{name} has several columns called {', '.join(map(repr, repeated))}: name each only once")
    return header


def _csv_record(name: str, line: int, header: list[str], cells: tuple[str, ...]) -> Record:
    if any(cells[len(header) :]):
        return Record(
            name, line, {}, f"has more cells than the header's {len(header)}; quote cells that hold the separator"
        )
    return Record(name, line, dict(zip(header, cells, strict=False)))
