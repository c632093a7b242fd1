"""Files of interactions and of items, as recommender benchmarks publish them.

In: a path. Out: `Interactions` and `Items`. Knows no model. Forms, told apart by how the first line looks:

- a line per shopper: ``shopper item item …``, oldest first (S3Rec, SASRec preprocessing);
- a table with a header, separated by tabs or commas: a shopper, an item, and where there are a rating and a timestamp;
  RecBole's atomic files (``user_id:token``) are such tables.

Items come as JSON lines with an id and any texts and lists, as a RecBole ``.item`` table, or as one JSON object of id
-> list of attributes.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from ranking.columns import PRODUCT, RATING, SHOPPER, TIME, ids_in, numbers_in, seconds_in
from ranking.interactions import Interactions, Items, from_sequences
from ranking.text_tables import TextTable, plain, read_table
from retrieval.errors import ModelError
from retrieval.types import Matrix

TITLE = frozenset({"title", "name", "movietitle", "productname", "itemtitle"})
DESCRIPTION = frozenset({"description", "text", "shortdescription", "features"})
ITEM = PRODUCT | {"id"}

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


def read_interactions(path: Path, items: Items | None = None) -> Interactions:
    """The interactions in a file, each shopper's oldest first (equal times keep the order of the file).

    Raises:
        ModelError: the file cannot be read, a line is not of its form (which line, and what was expected), or there is
            nothing to learn from in it.
    """
    if is_table(path):
        return _of_rows(read_table(path), items)
    return from_sequences(dict(_lines(path)), items)


def is_table(path: Path) -> bool:
    """Whether the first line names a shopper and an item, as a header does."""
    names = {plain(cell.partition(":")[0]) for cell in re.split(r"[\t,;]", next(_numbered(path), (1, ""))[1])}
    return bool(names & SHOPPER and names & PRODUCT)


def _of_rows(table: TextTable, items: Items | None) -> Interactions:
    shopper = ids_in(table, table.required(SHOPPER, "shopper"))
    item = ids_in(table, table.required(PRODUCT, "item"))
    rating, time = table.column(RATING), table.column(TIME)
    if rating is not None:
        numbers_in(table, rating)
    seconds = None if time is None else seconds_in(table, time)
    order = np.arange(len(shopper)) if seconds is None else np.argsort(seconds, kind="stable")
    shoppers, taken = shopper.tolist(), item.tolist()
    rows: dict[str, list[int]] = {str(one): [] for one in pd.unique(shopper)}
    for row in order.tolist():
        rows[shoppers[row]].append(row)
    made = from_sequences({one: [taken[row] for row in own] for one, own in rows.items()}, items)
    if seconds is None:
        return made
    return replace(made, time=seconds[[row for own in rows.values() for row in own]].astype(np.float64))


def _lines(path: Path) -> Iterator[tuple[str, list[str]]]:
    seen: set[str] = set()
    for number, line in _numbered(path):
        cells = line.split()
        if len(cells) < 2:
            raise ModelError(
                f"{path}, line {number}: {line.strip()[:60]!r} names no item; expected 'shopper item item …', "
                "or a table whose header names a shopper and an item"
            )
        if cells[0] in seen:
            raise ModelError(f"{path}, line {number}: shopper {cells[0]!r} again: expected one line each")
        seen.add(cells[0])
        yield cells[0], cells[1:]


def read_item_texts(path: Path) -> list[ItemText]:
    """What a file says of items.

    Raises:
        ModelError: the file is of no known form, or an item has no id: which line.
    """
    if not next(_numbered(path), (1, ""))[1].startswith("{"):
        return list(_of_table(read_table(path)))
    whole = _whole_object(path)
    if whole is not None:
        return [_of_attributes(str(key), values) for key, values in whole.items()]
    return list(_of_json_lines(path))


def _whole_object(path: Path) -> dict[str, Any] | None:
    """The file as one object of id -> attributes; None where it is lines of objects."""
    try:
        whole = json.loads(path.read_text("utf-8-sig"))
    except ValueError:
        return None
    return whole if isinstance(whole, dict) and not any(plain(name) in ITEM for name in whole) else None


def _of_attributes(item_id: str, values: Any) -> ItemText:
    listed = values if isinstance(values, list) else [values]
    tags = tuple(("attribute", str(value).lower()) for value in listed)
    return ItemText(item_id, "", "", tags)


def _of_json_lines(path: Path) -> Iterator[ItemText]:
    for number, line in _numbered(path):
        try:
            record = json.loads(line)
        except ValueError as error:
            raise ModelError(f"{path}, line {number} is not JSON ({error}): expected one object a line") from error
        if not isinstance(record, dict):
            raise ModelError(f"{path}, line {number}: expected an object with an id, not {line[:60]!r}")
        yield _item(path, number, record)


def _of_table(table: TextTable) -> Iterator[ItemText]:
    table.required(ITEM, "item")
    lists = {name for name, type_ in table.types.items() if type_ == "token_seq" and plain(name) not in TITLE}
    for place, row in enumerate(table.frame.to_dict("records")):
        cells = {str(name): cell.split(" ") if name in lists else cell for name, cell in row.items()}
        yield _item(table.path, table.line(place), cells)


def _item(path: Path, number: int, record: Mapping[str, Any]) -> ItemText:
    item_id = next((value for name, value in record.items() if plain(name) in ITEM and value not in (None, "")), None)
    if item_id is None:
        raise ModelError(f"{path}, line {number} has no id: expected one of {', '.join(sorted(ITEM))}")
    title = next((str(value) for name, value in record.items() if plain(name) in TITLE and value), "")
    described = " ".join(_flat(value) for name, value in record.items() if plain(name) in DESCRIPTION and value)
    skipped = ITEM | TITLE | DESCRIPTION
    tags = tuple(
        dict.fromkeys(
            (name.lower(), value.lower())
            for name, cell in record.items()
            if plain(name) not in skipped
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


def _numbered(path: Path) -> Iterator[tuple[int, str]]:
    """The lines that are not empty, with their numbers from 1.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, line.strip()
    except OSError as error:
        raise ModelError(f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise ModelError(f"{path} is not UTF-8 text: save it as UTF-8 first") from error
