"""A whole feed into values, one row at a time.

In: feed files and their `Mapping`. Out: a `FeedRow` for each product, with its reviews or with why it could not be
taken. Memory stays bounded. Knows no database: `retrieval.feed.staging` puts the rows down.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from retrieval.errors import FeedError
from retrieval.feed.cells import pick
from retrieval.feed.grouping import read_grouped
from retrieval.feed.mapping import Mapping
from retrieval.feed.reader import Record, find_sources
from retrieval.feed.report import RejectedRow, rejected
from retrieval.feed.rows import Row, RowParser
from retrieval.lexicon import derive_attributes
from retrieval.types import Product, Review

OnProgress = Callable[[int, int | None], None]
"""Called with how many rows are done, and of how many (None while unknown)."""

OnNote = Callable[[str], None]
"""Called with what was decided on the way, such as an encoding that nobody named, or a file in a zip left unread."""

PROGRESS_ROWS = 200
NAMED_COLUMNS = 40
MAX_COLUMNS = 100_000
MAX_NAME_CHARACTERS = 1_000


@dataclass(frozen=True, slots=True)
class FeedRow:
    """What one row of a feed is, or several that make one product (`n_rows`, the first of them at `line`).

    `product` is None where it could not be taken. Faults beside a product concern its reviews, or those of its rows
    that were left out. `is_left_out` says that the mapping wants nothing of it. `stated_id` is the id as it is written.
    """

    file: str
    line: int
    n_rows: int
    product: Product | None
    reviews: tuple[Review, ...] = ()
    faults: tuple[RejectedRow, ...] = ()
    is_left_out: bool = False
    stated_id: object = None

    @property
    def n_rejected(self) -> int:
        """How many of its rows were left out."""
        if self.product is None:
            return self.n_rows
        return len({(fault.file, fault.line) for fault in self.faults if fault.costs_row})


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What a small feed holds: every row is either one of `products` or named in `rejected`."""

    products: tuple[Product, ...]
    reviews: tuple[Review, ...]
    rejected: tuple[RejectedRow, ...]
    n_rows: int
    n_rejected: int


def read_rows(
    paths: Sequence[Path],
    mapping: Mapping,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
) -> Iterator[FeedRow]:
    """Every row of a feed, validated; attributes that it does not state are read off titles and descriptions.

    Ids may repeat: whoever collects the rows notices.

    Raises:
        FeedError: a file cannot be read, no row was found, or the mapping names columns that no row has (found out
            when all rows are read).
    """
    parser = RowParser(mapping)
    for record in read_feed_records(paths, mapping, on_progress, on_note):
        yield feed_row(record, parser.parse(record.values) if record.problem is None else Row(None), mapping)


def read_feed(paths: Sequence[Path], mapping: Mapping, on_progress: OnProgress | None = None) -> FeedResult:
    """All of a small feed at once; of rows with one id the first counts.

    Raises:
        FeedError: as `read_rows`.
    """
    taken: dict[str, FeedRow] = {}
    faults: list[RejectedRow] = []
    n_rows = n_rejected = 0
    for row in read_rows(paths, mapping, on_progress):
        n_rows += row.n_rows
        first = taken.get(row.product.id) if row.product else None
        if first is not None and row.product is not None:
            faults.append(repeated_id(row, first.file, first.line))
            n_rejected += row.n_rows
            continue
        faults.extend(row.faults)
        n_rejected += row.n_rejected
        if row.product is not None:
            taken[row.product.id] = row
    products = tuple(row.product for row in taken.values() if row.product is not None)
    reviews = tuple(review for row in taken.values() for review in row.reviews)
    return FeedResult(products, reviews, tuple(faults), n_rows, n_rejected)


def read_feed_records(
    paths: Sequence[Path],
    mapping: Mapping,
    on_progress: OnProgress | None = None,
    on_note: OnNote | None = None,
    *,
    is_partial: bool = False,
) -> Iterator[Record]:
    """The records of a feed, variants grouped under their product, and at the end a check of the feed's columns: the
    mapping's must be there, of a partial feed only the id's.

    Raises:
        FeedError: as `read_rows`.
    """
    sources = find_sources(paths, on_note)
    columns: dict[str, None] = {}
    n_rows = told = 0
    for record in read_grouped(sources, mapping, on_note):
        n_rows += record.n_rows
        if len(columns) < MAX_COLUMNS:
            columns.update(dict.fromkeys(name for name in record.values if len(name) <= MAX_NAME_CHARACTERS))
        yield record
        if on_progress and n_rows - told >= PROGRESS_ROWS:
            on_progress(n_rows, record.n_in_file if len(sources) == 1 else None)
            told = n_rows
    if not n_rows:
        raise FeedError("the feed holds no rows")
    _check_columns(mapping, columns, is_partial=is_partial)
    if on_progress:
        on_progress(n_rows, n_rows)


def feed_row(record: Record, row: Row, mapping: Mapping) -> FeedRow:
    """What became of a record, as a row of the feed."""
    faults = [rejected(*fault) for fault in record.faults]
    if record.problem is not None:
        faults.append(rejected(record.file, record.line, "", None, record.problem))
    faults.extend(rejected(record.file, record.line, *fault) for fault in row.faults)
    product = with_derived(row.product) if row.product else None
    return FeedRow(
        record.file,
        record.line,
        record.n_rows,
        product,
        row.reviews,
        tuple(faults),
        row.is_left_out,
        pick(record.values, mapping.fields["id"]),
    )


def repeated_id(row: FeedRow, file: str, line: int) -> RejectedRow:
    """The fault of a row whose id an earlier one, in `file` at `line`, has."""
    return rejected(row.file, row.line, "id", row.stated_id, f"repeats the id of {file} line {line}")


def with_derived(product: Product) -> Product:
    """The product with the attributes that its words show and nobody stated."""
    names = dict.fromkeys([*product.attributes, *(name for variant in product.variants for name in variant.attributes)])
    stated = {name: product.values(name) for name in names}
    found, sources = derive_attributes(product.title, product.description, stated, product.attributes)
    if not sources:
        return product
    derived = {name: values for name, values in found.items() if name not in stated}
    return replace(product, attributes={**product.attributes, **derived}, attribute_sources=sources)


def without_derived(product: Product) -> Product:
    """The product as it was stated: what `with_derived` adds, taken away.

    >>> from retrieval.types import Variant
    >>> lamp = Product("1", "Red lamp", "USD", (Variant("1", 5),))
    >>> with_derived(lamp).attributes, without_derived(with_derived(lamp)) == lamp
    ({'color': ('red',)}, True)
    """
    derived = {key.partition("=")[0] for key in product.attribute_sources}
    stated = {name: values for name, values in product.attributes.items() if name not in derived}
    return replace(product, attributes=stated, attribute_sources={})


def _check_columns(mapping: Mapping, existing: Iterable[str], *, is_partial: bool) -> None:
    columns = list(existing)
    if not columns:
        return
    required = [mapping.fields[name] for name in (("id",) if is_partial else ("id", "title"))]
    named = mapping.columns() if mapping.missing_columns == "error" and not is_partial else required
    if missing := [name for name in named if not mapping.is_in(name, columns)]:
        near = [match for name in missing for match in get_close_matches(name, columns, n=1)]
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        shown = ", ".join(columns[:NAMED_COLUMNS])
        rest = f" and {len(columns) - NAMED_COLUMNS} more" if len(columns) > NAMED_COLUMNS else ""
        raise FeedError(
            f"the mapping names columns that no row of the feed has: {', '.join(map(repr, missing))}.{hint} "
            f"The feed's columns are: {shown}{rest}"
        )
