"""Rows of a feed to records of products: rows that are variants of one product become one record.

In: sources and their mapping. Out: one record a product, in the order of the feed, with how many rows it stands for and
the rows among them that had to be left out. Rows of one product may lie anywhere in the feed, so they pass through a
temporary file; in memory there is one product at a time. Where each row is a product, rows are passed on as they come.
"""

import json
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby, islice
from typing import Any, NamedTuple
from uuid import uuid4

from retrieval.feed.cells import is_empty, pick, present, to_text
from retrieval.feed.formats import format_of, read_source
from retrieval.feed.formats.shape import Format, Member, Values
from retrieval.feed.mapping import GROUPED, OWN_IMAGE, STATED, Mapping
from retrieval.feed.reader import Record, RecordFault, Source
from retrieval.feed.rows import Fault, stated_attributes, variant_faults

MAX_VARIANTS = 1_000
OFFER_FIELDS = ("price", "sale_price", "list_price", "discount_percent", "sale_from", "sale_to", "stock")
MAX_ROWS = 5_000
"""How many rows one product may have, those of pictures included."""

BATCH_ROWS = 500
NUMBER = f"number {uuid4().hex}"
"""What marks a `Decimal` inside JSON; no feed can know it."""

BETWEEN_WORDS = " \t,;:/|-\u2013\u2014\u2012()[]\uff0c\uff1a\uff08\uff09\u3001"


class Placed(NamedTuple):
    """A row, and where it stood."""

    file: str
    line: int
    member: Member


def read_grouped(
    sources: Sequence[Source], mapping: Mapping, on_note: Callable[[str], None] | None = None
) -> Iterator[Record]:
    """One record for each product of a feed; `values` are what `RowParser` takes.

    A record's `problem` says why there are no values; `faults` which of its rows were left out, and why. `on_note`
    hears what was decided on the way, such as an encoding that nobody named.

    Raises:
        FeedError: a file cannot be read.
    """
    shape = format_of(mapping)
    if shape is None:
        for source in sources:
            yield from read_source(source, mapping, on_note)
        return
    with closing(_Rows()) as rows:
        rows.add(_placed(source, mapping, shape, on_note) for source in sources)
        for group in rows.groups():
            yield from _records(list(islice(group, MAX_ROWS)), mapping, shape)
            for row in group:
                yield Record(row.file, row.line, {}, f"its product has more than {MAX_ROWS:,} rows")


def _placed(
    source: Source, mapping: Mapping, shape: Format, on_note: Callable[[str], None] | None
) -> Iterator[Placed | Record]:
    for record in read_source(source, mapping, on_note):
        yield record if record.problem else Placed(record.file, record.line, shape.member(record.values))


class _Rows:
    """The rows of a feed in a temporary file of SQLite's, which is gone when it is closed."""

    def __init__(self) -> None:
        self._database = sqlite3.connect("")
        self._n_rows = 0
        self._database.executescript(
            """
            PRAGMA journal_mode = OFF;
            PRAGMA synchronous = OFF;
            CREATE TABLE rows (n INTEGER PRIMARY KEY, file TEXT, line INTEGER, parent BLOB, is_variant INTEGER,
                               problem TEXT, data TEXT, leader INTEGER);
            CREATE TABLE names (name BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID;
            CREATE TABLE children (name BLOB PRIMARY KEY, n INTEGER) WITHOUT ROWID;
            """
        )

    def close(self) -> None:
        self._database.close()

    def add(self, sources: Iterable[Iterable[Placed | Record]]) -> None:
        rows: list[tuple[Any, ...]] = []
        for source in sources:
            for row in source:
                rows.append(self._row(row))
                if len(rows) >= BATCH_ROWS:
                    self._insert(rows)
        self._insert(rows)
        self._join()

    def groups(self) -> Iterator[Iterator[Placed | Record]]:
        """The rows of each product, in the order of the feed. A row that is no record is a group by itself."""
        found = self._database.execute(
            "SELECT leader, file, line, parent, is_variant, problem, data FROM rows ORDER BY leader, n"
        )
        for _, rows in groupby(found, key=lambda row: row[0]):
            yield (_restored(*row[1:]) for row in rows)

    def _row(self, row: Placed | Record) -> tuple[Any, ...]:
        self._n_rows += 1
        if isinstance(row, Record):
            return (self._n_rows, row.file, row.line, None, 0, row.problem, None)
        member = row.member
        insert = "INSERT OR IGNORE INTO {} VALUES (?, ?)"
        for table, names in (("names", member.names), ("children", member.children)):
            if names:
                self._database.executemany(insert.format(table), [(_key(name), self._n_rows) for name in names])
        parent = _key(member.parent) if member.parent else None
        data = json.dumps([member.values, member.names], default=_number)
        return (self._n_rows, row.file, row.line, parent, int(member.is_variant), None, data)

    def _insert(self, rows: list[tuple[Any, ...]]) -> None:
        self._database.executemany("INSERT INTO rows VALUES (?, ?, ?, ?, ?, ?, ?, NULL)", rows)
        rows.clear()

    def _join(self) -> None:
        """Give each row the number of the row that its product starts with."""
        self._database.executescript(
            """
            CREATE INDEX by_parent ON rows (parent, n);
            UPDATE rows SET leader = COALESCE(
                (SELECT names.n FROM names WHERE names.name = rows.parent),
                (SELECT MIN(other.n) FROM rows AS other WHERE other.parent = rows.parent),
                n);
            UPDATE rows SET leader = found.leader
                FROM (SELECT names.n AS n, children.n AS leader FROM children JOIN names USING (name)) AS found
                WHERE found.n = rows.n AND rows.parent IS NULL;
            CREATE INDEX by_leader ON rows (leader, n);
            """
        )


def _key(name: str) -> bytes:
    return name.encode("utf-8", "surrogatepass")


def _number(value: object) -> object:
    if isinstance(value, Decimal):
        return {NUMBER: str(value)}
    raise TypeError(f"{type(value).__name__} is no cell")


def _restored(
    file: str, line: int, parent: bytes | None, is_variant: int, problem: str | None, data: str | None
) -> Placed | Record:
    if data is None:
        return Record(file, line, {}, problem)
    values, names = json.loads(data, object_hook=_exact)
    named = None if parent is None else parent.decode("utf-8", "surrogatepass")
    return Placed(file, line, Member(values, tuple(names), named, is_variant=bool(is_variant)))


def _exact(found: dict[str, Any]) -> Any:
    return Decimal(found[NUMBER]) if found.keys() == {NUMBER} else found


def _records(rows: list[Placed | Record], mapping: Mapping, shape: Format) -> Iterator[Record]:
    """The product of some rows, and those that are no record."""
    placed = [row for row in rows if isinstance(row, Placed)]
    yield from (row for row in rows if isinstance(row, Record))
    if not placed:
        return
    members = shape.complete([row.member for row in placed])
    placed = [row._replace(member=member) for row, member in zip(placed, members, strict=True)]
    first = placed[0]
    if len(placed) == 1 and first.member.parent is None:
        yield Record(first.file, first.line, first.member.values)
    else:
        yield _Product(placed, mapping).record()


class _Product:
    """The rows of one product, to be joined."""

    def __init__(self, rows: list[Placed], mapping: Mapping) -> None:
        self._rows = rows
        self._mapping = mapping
        self._fields = mapping.fields
        named = {row.member.parent for row in rows}
        self._head = next((row for row in rows if _describes(row.member, named)), None)
        self._variants = [row for row in rows if row.member.is_variant and row is not self._head]
        self._attributes = [stated_attributes(row.member.values, mapping) for row in self._variants]

    def record(self) -> Record:
        first = self._rows[0]
        values = self._product_values()
        variants, faults = self._variant_cells(values)
        if self._variants and not variants:
            problem = f"none of the {len(self._variants)} variants of this product could be taken"
            return Record(first.file, first.line, {}, problem, n_rows=len(self._rows), faults=faults)
        if variants:
            values[GROUPED] = variants
        return Record(first.file, first.line, values, n_rows=len(self._rows), faults=faults)

    def _product_values(self) -> Values:
        """What holds for all variants: of each column what the product's own row states, or else the first to do so; of
        details all that is stated."""
        values: Values = {}
        for row in sorted(self._rows, key=lambda row: row is not self._head):
            for column, cell in row.member.values.items():
                if is_empty(values.get(column)):
                    values[column] = cell
                elif cell != values[column] and not is_empty(cell) and self._mapping.detail_name(column):
                    values[column] = _both(values[column], cell)
        own = self._head.member.values if self._head else {}
        # Each row's own currency is held against the mapping's, so no row's may stand for the others.
        for field in (*OFFER_FIELDS, "currency"):
            if offered := self._fields.get(field):
                values[offered] = pick(own, offered)
        self._put_attributes(values)
        if self._head is None:
            values[self._fields["id"]] = self._rows[0].member.parent
            values[self._fields["title"]] = self._title() or pick(values, self._fields["title"])
        return values

    def _put_attributes(self, values: Values) -> None:
        stated = stated_attributes(self._head.member.values, self._mapping) if self._head else self._common()
        used = set(self._fields.values())
        for source in self._mapping.attributes.values():
            for column in source.columns:
                if column not in used:
                    values[column] = ""
        values[STATED] = {name: list(said) for name, said in stated.items()}

    def _common(self) -> dict[str, tuple[str, ...]]:
        """The attributes of which the variants state one value only; an option must be stated by all of them."""
        options = {name for row in self._variants for name in row.member.values.get(STATED) or ()}
        common: dict[str, tuple[str, ...]] = {}
        for name in dict.fromkeys(name for of in self._attributes for name in of):
            stated = [of.get(name) for of in self._attributes]
            said = {values for values in stated if values}
            if len(said) == 1 and (name not in options or all(stated)):
                common[name] = said.pop()
        return common

    def _title(self) -> Any:
        column = self._fields["title"]
        titles = [pick(row.member.values, column) for row in self._variants]
        stated = [title for title in titles if not is_empty(title)]
        if len(set(map(str, stated))) < 2:
            return stated[0] if stated else ""
        words = {word.lower() for said in self._attributes for pair in said.items() for word in (pair[0], *pair[1])}
        return common_title([to_text(title) for title in stated], words)

    def _variant_cells(self, product: Values) -> tuple[list[Values], tuple[RecordFault, ...]]:
        """The variants that can be taken, in our names, and what is wrong with the others."""
        common = self._common() if self._head is None else {}
        price = pick(product, self._fields.get("price", "price")) or self._mapping.defaults.get("price")
        now = datetime.now(UTC)
        taken: dict[str, Placed] = {}
        cells: list[Values] = []
        faults: list[RecordFault] = []
        for row, stated in zip(self._variants, self._attributes, strict=True):
            variant = self._cells(row, stated, product, common)
            wrong = [*variant_faults(variant, price, self._mapping, now), *self._wrong_currency(row)]
            variant_id = to_text(variant.get("id", ""))
            if variant_id in taken:
                wrong.append(Fault("id", variant.get("id"), f"repeats the id of line {taken[variant_id].line}"))
            elif len(cells) >= MAX_VARIANTS:
                wrong.append(Fault("id", variant.get("id"), f"its product has more than {MAX_VARIANTS:,} variants"))
            faults.extend(RecordFault(row.file, row.line, *fault) for fault in wrong)
            if not wrong:
                taken[variant_id] = row
                cells.append(variant)
        return cells, tuple(faults)

    def _wrong_currency(self, row: Placed) -> list[Fault]:
        wanted = self._mapping.currency
        stated = pick(row.member.values, self._fields["currency"]) if "currency" in self._fields else ""
        if is_empty(stated) or to_text(stated).upper() == wanted:
            return []
        return [Fault("currency", stated, f"the mapping says {wanted}; import one currency only")]

    def _cells(self, row: Placed, stated: Any, product: Values, common: dict[str, tuple[str, ...]]) -> Values:
        names = ("id", *OFFER_FIELDS, "image")
        cells = present(
            {field: pick(row.member.values, self._fields[field]) for field in names if field in self._fields}
        )
        if OWN_IMAGE in row.member.values:
            cells["image"] = row.member.values[OWN_IMAGE]
        if is_empty(cells.get("image")) or cells["image"] == pick(product, self._fields.get("image", "image")):
            cells.pop("image", None)
        return cells | {name: list(said) for name, said in stated.items() if name not in common}


def _describes(member: Member, named: set[str | None]) -> bool:
    """Whether a row is the product itself rather than one of its variants."""
    return member.parent is None and (not member.is_variant or bool(named & set(member.names)))


def _both(one: Any, other: Any) -> list[Any]:
    items = one if isinstance(one, list) else [one]
    return items if other in items else [*items, other]


def common_title(titles: Sequence[str], values: set[str]) -> str:
    """What the titles of variants have in common, without what only tells the variants apart; the first where nothing.

    `values` are the names and values of their attributes, in lower case.

    >>> common_title(["Trail shoes - black, size 10", "Trail shoes - black, size 11"], {"color", "black", "size", "10"})
    'Trail shoes'
    """
    kept: list[str] = []
    for words in zip(*(title.split() for title in titles), strict=False):
        if len(set(words)) > 1:
            break
        kept.append(words[0])
    while kept and (kept[-1].strip(BETWEEN_WORDS).lower() in values or not kept[-1].strip(BETWEEN_WORDS)):
        kept.pop()
    return " ".join(kept).rstrip(BETWEEN_WORDS) or titles[0]
