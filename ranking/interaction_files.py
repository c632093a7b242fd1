"""Files of interactions and of items, as recommender benchmarks publish them.

In: a path. Out: `Interactions` and `Items`. Knows no model. Forms, told apart by how the first line looks:

- a line per shopper: ``shopper item item …``, oldest first (S3Rec, SASRec preprocessing);
- a table with a header, separated by tabs or commas: a shopper, an item, and where there are a rating and a timestamp;
  RecBole's atomic files (``user_id:token``) are such tables.

Items come as JSON lines with an id and any texts and lists, as a RecBole ``.item`` table, or as one JSON object of id
-> list of attributes.
"""

import json
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ranking.interactions import Interactions, Items, check, from_sequences
from retrieval.errors import FeedError
from retrieval.types import Matrix

SHOPPER = ("user_id", "shopper_id", "shopper", "user", "customer_id", "visitorid", "userid")
ITEM = ("item_id", "product_id", "item", "product", "sku", "itemid", "parent_asin", "asin", "movie_id", "movieid", "id")
TIME = ("timestamp", "time", "ts", "date", "datetime", "event_time")
RATING = ("rating", "stars", "score")
TITLE = ("title", "name", "movie_title", "product_name", "item_title")
DESCRIPTION = ("description", "text", "short_description", "features")

MAX_TAG = 40
"""A value longer than so many characters is a text, not something that shoppers say of an item."""

Encode = Callable[[Sequence[str]], Matrix]


@dataclass(frozen=True, slots=True)
class ItemText:
    """What an item file says of one item."""

    id: str
    title: str
    text: str
    tags: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table of interactions. `rating` and `time` are None where the file has no such column."""

    shopper: str
    item: str
    rating: float | None
    time: float | None
    line: int


def read_interactions(path: Path, items: Items | None = None) -> Interactions:
    """The interactions in a file, each shopper's oldest first (equal times keep the order of the file).

    Raises:
        FeedError: the file cannot be read, or a line is not of its form: which line, and what was expected.
        ModelError: there is nothing to learn from in it.
    """
    if is_table(path):
        return _from_rows(list(read_rows(path)), items)
    return from_sequences(dict(_lines(path)), items)


def is_table(path: Path) -> bool:
    """Whether the file has a header that names a shopper and an item."""
    with _opened(path) as lines:
        header = next(lines, "")
    names = _names(header)
    return any(name in names for name in SHOPPER) and any(name in names for name in ITEM)


def read_rows(path: Path) -> Iterator[Row]:
    """The rows of a table.

    Raises:
        FeedError: a column is missing, or a cell is not what it should be: line, column and value.
    """
    with _opened(path) as lines:
        header = next(lines, "")
        cut, names = _separator(header), _names(header)
        shopper, item = _column(path, names, SHOPPER, "shopper"), _column(path, names, ITEM, "item")
        rating, time = _place(names, RATING), _place(names, TIME)
        for number, line in enumerate(lines, start=2):
            if not line.strip():
                continue
            cells = [cell.strip().strip('"') for cell in line.rstrip("\r\n").split(cut)]
            if len(cells) < len(names):
                raise FeedError(f"{path.name}, line {number}: {len(cells)} cells, the header names {len(names)}")
            yield Row(
                cells[shopper],
                cells[item],
                None if rating is None else _number(path, number, names[rating], cells[rating]),
                None if time is None else _number(path, number, names[time], cells[time]),
                number,
            )


def _from_rows(rows: list[Row], items: Items | None) -> Interactions:
    grouped: dict[str, list[Row]] = {}
    for row in rows:
        grouped.setdefault(row.shopper, []).append(row)
    for own in grouped.values():
        own.sort(key=lambda row: row.time or 0.0)
    made = from_sequences({shopper: [row.item for row in own] for shopper, own in grouped.items()}, items)
    if rows and rows[0].time is not None:
        times = np.array([row.time for own in grouped.values() for row in own], dtype=np.float64)
        made = Interactions(made.items, made.shoppers, made.starts, made.item, times, made.weight)
        check(made)
    return made


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    seen: set[str] = set()
    with _opened(path) as lines:
        for number, line in enumerate(lines, start=1):
            cells = line.split()
            if not cells:
                continue
            if len(cells) < 2:
                raise FeedError(
                    f"{path.name}, line {number}: {line.strip()[:60]!r} names no item; expected 'shopper item item …', "
                    "or a table whose header names a shopper and an item"
                )
            if cells[0] in seen:
                raise FeedError(f"{path.name}, line {number}: shopper {cells[0]!r} again: expected one line each")
            seen.add(cells[0])
            yield cells[0], cells[1:]


def read_item_texts(path: Path) -> list[ItemText]:
    """What a file says of items.

    Raises:
        FeedError: the file is of no known form, or an item has no id: which line.
    """
    with _opened(path) as lines:
        first = next(lines, "").strip()
    if first.startswith("{"):
        try:
            whole = json.loads(path.read_text("utf-8"))
            if isinstance(whole, dict) and not any(name in whole for name in ITEM):
                return [_of_attributes(str(key), values) for key, values in whole.items()]
        except ValueError:
            pass
        return list(_of_json_lines(path))
    return list(_of_table(path))


def _of_attributes(item_id: str, values: Any) -> ItemText:
    listed = values if isinstance(values, list) else [values]
    tags = tuple(("attribute", str(value).lower()) for value in listed)
    return ItemText(item_id, "", "", tags)


def _of_json_lines(path: Path) -> Iterator[ItemText]:
    with _opened(path) as lines:
        for number, line in enumerate(lines, start=1):
            if not line.strip():
                continue
            try:
                record = json.loads(line)
            except ValueError as error:
                raise FeedError(
                    f"{path.name}, line {number} is not JSON ({error}): expected one object a line"
                ) from error
            if not isinstance(record, dict):
                raise FeedError(f"{path.name}, line {number}: expected an object with an id, not {line.strip()[:60]!r}")
            yield _item(path, number, record)


def _of_table(path: Path) -> Iterator[ItemText]:
    with _opened(path) as lines:
        header = next(lines, "")
        cut, names = _separator(header), _names(header)
        _column(path, names, ITEM, "item")
        listed = {
            name for name, stated in zip(names, header.strip().split(cut), strict=True) if stated.endswith("token_seq")
        }
        for number, line in enumerate(lines, start=2):
            if line.strip():
                cells = dict(zip(names, line.rstrip("\r\n").split(cut), strict=False))
                record = {
                    name: cell.split(" ") if name in listed and name not in TITLE else cell
                    for name, cell in cells.items()
                }
                yield _item(path, number, record)


def _item(path: Path, number: int, record: Mapping[str, Any]) -> ItemText:
    known = {key.lower(): value for key, value in record.items()}
    item_id = next((known[name] for name in ITEM if known.get(name) not in (None, "")), None)
    if item_id is None:
        raise FeedError(f"{path.name}, line {number} has no id: expected one of {', '.join(ITEM)}")
    title = next((str(known[name]) for name in TITLE if known.get(name)), "")
    described = " ".join(_flat(known[name]) for name in DESCRIPTION if known.get(name))
    skipped = {*ITEM, *TITLE, *DESCRIPTION}
    tags = tuple(
        dict.fromkeys(
            (name, value.lower())
            for name, cell in known.items()
            if name not in skipped
            for value in _values(cell)
            if value and len(value) <= MAX_TAG
        )
    )
    words = " ".join(dict.fromkeys(value for _, value in tags))
    return ItemText(str(item_id), title, ". ".join(part for part in (title, words, described) if part), tags)


def _values(cell: Any) -> list[str]:
    if isinstance(cell, list):
        return [value for part in cell for value in _values(part)]
    if isinstance(cell, Mapping) or cell is None or isinstance(cell, (bool, float)):
        return []
    return [str(cell).strip()]


def _flat(cell: Any) -> str:
    return " ".join(_values(cell)) if isinstance(cell, list) else str(cell)


def with_texts(told: Sequence[ItemText], encode: Encode | None) -> Items:
    """Items with their embeddings and tags.

    Args:
        told: what is known of each; the first of an id counts.
        encode: texts -> unit vectors; None: the items get none.
    """
    distinct = list({item.id: item for item in reversed(told)}.values())[::-1]
    tags: dict[tuple[str, str], list[int]] = {}
    for row, item in enumerate(distinct):
        for tag in item.tags:
            tags.setdefault(tag, []).append(row)
    kept = {tag: np.array(rows, dtype=np.int64) for tag, rows in tags.items() if len(rows) > 1}
    vectors = None
    texts = [item.text for item in distinct]
    if encode is not None and any(texts):
        vectors = np.array(encode([text or "-" for text in texts]), dtype=np.float32)
        vectors[[not text for text in texts]] = 0.0
    return Items(tuple(item.id for item in distinct), vectors, kept, tuple(item.title or item.id for item in distinct))


def _opened(path: Path) -> Any:
    """The file's lines; a missing or undecodable one is told by name."""
    return _Lines(path)


class _Lines:
    def __init__(self, path: Path) -> None:
        self._path = path

    def __enter__(self) -> Iterator[str]:
        try:
            self._file = self._path.open(encoding="utf-8-sig")
        except OSError as error:
            raise FeedError(f"{self._path} cannot be read: {error.strerror}") from error
        return self._decoded()

    def __exit__(self, *_: object) -> None:
        self._file.close()

    def _decoded(self) -> Iterator[str]:
        try:
            yield from self._file
        except UnicodeDecodeError as error:
            raise FeedError(f"{self._path} is not UTF-8 ({error.reason} at byte {error.start}): convert it") from error


def _separator(header: str) -> str:
    return "\t" if "\t" in header else ","


def _names(header: str) -> list[str]:
    return [cell.strip().strip('"').split(":")[0].lower() for cell in header.strip().split(_separator(header))]


def _place(names: Sequence[str], wanted: Sequence[str]) -> int | None:
    return next((names.index(name) for name in wanted if name in names), None)


def _column(path: Path, names: Sequence[str], wanted: Sequence[str], what: str) -> int:
    place = _place(names, wanted)
    if place is None:
        raise FeedError(
            f"{path.name} has no column for the {what}: its header names {', '.join(names)}; expected one of "
            f"{', '.join(wanted)}"
        )
    return place


def _number(path: Path, number: int, column: str, cell: str) -> float:
    try:
        value = float(cell)
    except ValueError:
        value = math.nan
    if not math.isfinite(value):
        raise FeedError(f"{path.name}, line {number}: {column} is {cell!r}, expected a number")
    return value
