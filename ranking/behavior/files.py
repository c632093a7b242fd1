"""Files of events to records: what `retrieval.feed` reads, JSON lines under any name, rating files without a header.

In: paths. Out: `Record`s, one by one. Knows no format of events beyond how its rows are told apart.
"""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from ranking.behavior.mapping import plain
from retrieval.errors import FeedError
from retrieval.feed.reader import read_records
from retrieval.feed.readers.decoding import open_text
from retrieval.feed.readers.json_rows import read_jsonl
from retrieval.feed.readers.opening import Source, find_sources
from retrieval.feed.readers.records import Reading, Record

SUFFIXES = (".csv", ".tsv", ".txt", ".json", ".jsonl", ".ndjson", ".yaml", ".yml", ".parquet")
BARE_SUFFIXES = (".data", ".dat", ".inter", ".item", ".base", ".test")
"""Names of rating and item files in the wild; their rows are cut at the separator, nothing is quoted."""

BARE_SEPARATORS = ("::", "\t", "|", ",", ";", " ")
RATING_COLUMNS = ("userid", "itemid", "rating", "timestamp")
"""What the columns of a rating file without a header are: those of MovieLens' u.data and ratings.dat."""

ITEM_COLUMNS = ("itemid", "title")
FIRST_LINE_CHARACTERS = 2**22

ITEM_WORDS = ("movieid", "itemid", "item", "id", "商品编号")
PRODUCT_WORDS = ("productid", "sku", "product", "商品id")
TITLE_WORDS = ("title", "movietitle", "name", "itemname", "productname", "商品名称", "标题", "名称")


def event_sources(paths: Sequence[Path]) -> list[Source]:
    """The files that `paths` name, zips opened up.

    Raises:
        FeedError: a path is missing, is of a kind that is not read, is too large, or is a damaged zip.
    """
    return find_sources(paths, (*SUFFIXES, *BARE_SUFFIXES))


def event_records(source: Source, encoding: str | None = None) -> Iterator[Record]:
    """Every record of one file.

    Raises:
        FeedError: the file is not what its name says.
    """
    reading = Reading(encoding=encoding)
    if source.suffix == ".json" and _starts_with_a_whole_object(source, reading):
        yield from read_jsonl(source, reading)
    elif source.suffix in BARE_SUFFIXES or _is_headless(source, reading):
        yield from _bare_records(source, reading, RATING_COLUMNS)
    else:
        yield from read_records(source, encoding)


def item_rows(paths: Sequence[Path]) -> Iterator[tuple[str, str | None, str | None]]:
    """(Item, product or None, title or None) of each row of the item files that come with ratings.

    Raises:
        FeedError: a file cannot be read, or does not say which item is what.
    """
    for source in event_sources(paths):
        bare = source.suffix in BARE_SUFFIXES
        reading = Reading()
        for record in _bare_records(source, reading, ITEM_COLUMNS) if bare else read_records(source):
            if record.problem is None:
                yield _item(record)


def _item(record: Record) -> tuple[str, str | None, str | None]:
    cells = {plain(column): str(cell).strip() for column, cell in record.values.items() if cell is not None}
    item = next((word for word in ITEM_WORDS if word in cells), None)
    product = next((word for word in PRODUCT_WORDS if word in cells), None)
    title = next((word for word in TITLE_WORDS if word in cells), None)
    if item is None or (product is None and title is None):
        raise FeedError(
            f"{record.file} does not say which item is which product: it needs a column for the item's id (item_id) "
            f"and one for the product's (product_id) or its title; its columns are {', '.join(record.values)}"
        )
    return cells[item], cells.get(product or "") or None, cells.get(title or "") or None


def _starts_with_a_whole_object(source: Source, reading: Reading) -> bool:
    """Whether a .json file holds an object per line: what BigQuery and many others call JSON."""
    with open_text(source, reading) as text:
        first = text.readline(FIRST_LINE_CHARACTERS).strip()
        try:
            return first.startswith("{") and isinstance(json.loads(first), dict) and bool(text.readline().strip())
        except (ValueError, RecursionError):
            return False


def _is_headless(source: Source, reading: Reading) -> bool:
    if source.suffix not in (".csv", ".tsv", ".txt"):
        return False
    with open_text(source, reading) as text:
        cells = _cut(text.readline(FIRST_LINE_CHARACTERS))
    return len(cells) == len(RATING_COLUMNS) and all(_is_number(cell) for cell in cells)


def _bare_records(source: Source, reading: Reading, columns: Sequence[str]) -> Iterator[Record]:
    """Rows that are cut at their separator; the first one names the columns where it does not begin with a number."""
    with open_text(source, reading) as text:
        names: Sequence[str] | None = None
        separator = ""
        for line, row in enumerate(text, start=1):
            if not row.strip():
                continue
            if names is None:
                separator = _separator(row)
                cells = _cut(row, separator)
                names = columns if _is_number(cells[0]) else cells
                if names is cells:
                    continue
            cells = _cut(row, separator)
            if len(cells) < len(names):
                yield Record(source.name, line, {}, f"has {len(cells)} cells, fewer than the {len(names)} expected")
            else:
                yield Record(source.name, line, dict(zip(names, cells, strict=False)))


def _separator(row: str) -> str:
    return next((separator for separator in BARE_SEPARATORS if separator in row), "\t")


def _cut(row: str, separator: str | None = None) -> list[str]:
    return [cell.strip() for cell in row.rstrip("\r\n").split(separator or _separator(row))]


def _is_number(cell: str) -> bool:
    return cell.replace(".", "", 1).isascii() and cell.replace(".", "", 1).isdigit()
