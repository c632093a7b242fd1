"""A whole feed into values, and into the catalog.

In: feed files, their `Mapping`, and a catalog to fill. Out: products and reviews with a report of every row that could
not be taken; the catalog changes in one transaction or not at all. Knows no index: whoever imports rebuilds it after.
"""

import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path

from retrieval.catalog import Catalog
from retrieval.errors import FeedError
from retrieval.feed.mapping import Mapping
from retrieval.feed.passages import read_policies, read_reviews
from retrieval.feed.reader import Record, find_sources, read_records
from retrieval.feed.report import RejectedRow, rejected, write_report
from retrieval.feed.rows import RowParser
from retrieval.lexicon import derive_attributes
from retrieval.types import Product, Review

OnProgress = Callable[[int, int | None], None]
"""Called with how many rows are done, and of how many (None while unknown)."""

PROGRESS_ROWS = 200
NAMED_COLUMNS = 40


@dataclass(frozen=True, slots=True)
class FeedResult:
    """What a feed holds: every row is either one of `products` or named in `rejected`."""

    products: tuple[Product, ...]
    reviews: tuple[Review, ...]
    rejected: tuple[RejectedRow, ...]
    n_rows: int

    @property
    def n_rejected(self) -> int:
        """How many rows gave no product."""
        return self.n_rows - len(self.products)


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did. `version` is the catalog's; `report_path` where `rejected` was written, if anywhere."""

    version: str
    n_rows: int
    n_products: int
    n_reviews: int
    n_policies: int
    rejected: tuple[RejectedRow, ...]
    seconds: float
    report_path: Path | None = None

    @property
    def n_rejected(self) -> int:
        """How many product rows were left out."""
        return self.n_rows - self.n_products


def read_feed(paths: Sequence[Path], mapping: Mapping, on_progress: OnProgress | None = None) -> FeedResult:
    """Read and validate every row of a feed; attributes that it does not state are read off titles and descriptions.

    Raises:
        FeedError: a file cannot be read, no row was found, or the mapping names columns that no row has.
    """
    sources = find_sources(paths)
    reading = _Reading(mapping)
    for source in sources:
        n_before = reading.n_rows
        for record in read_records(source, mapping.encoding):
            reading.take(record)
            if on_progress and reading.n_rows % PROGRESS_ROWS == 0:
                known = source is sources[-1] and record.n_in_file is not None
                on_progress(reading.n_rows, n_before + (record.n_in_file or 0) if known else None)
    result = reading.result()
    if on_progress:
        on_progress(result.n_rows, result.n_rows)
    return result


def import_feed(
    catalog: Catalog,
    paths: Sequence[Path],
    mapping: Mapping,
    report_path: Path | None = None,
    on_progress: OnProgress | None = None,
    *,
    review_paths: Sequence[Path] = (),
    policy_paths: Sequence[Path] = (),
) -> ImportReport:
    """Put a feed in the place of the catalog's contents, all of them: products, reviews and policies.

    Rows that cannot be taken go to `report_path` (CSV), also when the import fails afterwards.

    Raises:
        FeedError: as `read_feed`, or not one row could be taken; the catalog stays as it was.
        CatalogError: the database refused; the catalog stays as it was.
    """
    started = time.perf_counter()
    feed = read_feed(paths, mapping, on_progress)
    separate, wrong_reviews = read_reviews(review_paths, mapping, feed.products) if review_paths else ((), ())
    policies, wrong_policies = read_policies(policy_paths, mapping) if policy_paths else ((), ())
    faults = (*feed.rejected, *wrong_reviews, *wrong_policies)
    if report_path is not None:
        write_report(faults, report_path)
    if not feed.products:
        raise FeedError(f"none of {feed.n_rows} rows could be taken; the first fault: {_told(faults[0])}")
    reviews = _once((*feed.reviews, *separate))
    version = catalog.replace_all(feed.products, reviews, policies)
    counts = (feed.n_rows, len(feed.products), len(reviews), len(policies))
    return ImportReport(version, *counts, faults, time.perf_counter() - started, report_path)


class _Reading:
    """The rows read so far."""

    def __init__(self, mapping: Mapping) -> None:
        self.n_rows = 0
        self._mapping = mapping
        self._parser = RowParser(mapping)
        self._products: dict[str, Product] = {}
        self._places: dict[str, Record] = {}
        self._reviews: list[Review] = []
        self._rejected: list[RejectedRow] = []
        self._columns: dict[str, None] = {}

    def take(self, record: Record) -> None:
        self.n_rows += 1
        if record.problem is not None:
            self._rejected.append(rejected(record.file, record.line, "", None, record.problem))
            return
        self._columns.update(dict.fromkeys(record.values))
        row = self._parser.parse(record.values)
        self._rejected.extend(rejected(record.file, record.line, *fault) for fault in row.faults)
        if row.product is None:
            return
        if first := self._places.get(row.product.id):
            reason = f"repeats the id of {first.file} line {first.line}"
            self._rejected.append(rejected(record.file, record.line, "id", row.product.id, reason))
            return
        self._places[row.product.id] = replace(record, values={})
        self._products[row.product.id] = _with_derived(row.product)
        self._reviews.extend(row.reviews)

    def result(self) -> FeedResult:
        if not self.n_rows:
            raise FeedError("the feed holds no rows")
        _check_columns(self._mapping, self._columns)
        return FeedResult(tuple(self._products.values()), tuple(self._reviews), tuple(self._rejected), self.n_rows)


def _check_columns(mapping: Mapping, existing: Iterable[str]) -> None:
    columns = list(existing)
    if not columns:
        return
    required = (mapping.fields["id"], mapping.fields["title"])
    named = mapping.columns() if mapping.missing_columns == "error" else required
    if missing := [name for name in named if not mapping.is_in(name, columns)]:
        near = [match for name in missing for match in get_close_matches(name, columns, n=1)]
        hint = f" Did you mean {', '.join(map(repr, near))}?" if near else ""
        shown = ", ".join(columns[:NAMED_COLUMNS])
        rest = f" and {len(columns) - NAMED_COLUMNS} more" if len(columns) > NAMED_COLUMNS else ""
        raise FeedError(
            f"the mapping names columns that no row of the feed has: {', '.join(map(repr, missing))}.{hint} "
            f"The feed's columns are: {shown}{rest}"
        )


def _with_derived(product: Product) -> Product:
    names = dict.fromkeys([*product.attributes, *(name for variant in product.variants for name in variant.attributes)])
    stated = {name: product.values(name) for name in names}
    found, sources = derive_attributes(product.title, product.description, stated, product.attributes)
    if not sources:
        return product
    derived = {name: values for name, values in found.items() if name not in stated}
    return replace(product, attributes={**product.attributes, **derived}, attribute_sources=sources)


def _once(reviews: Iterable[Review]) -> list[Review]:
    """Reviews without repeats: one that a separate file states again counts once, as its product states it."""
    first: dict[tuple[str, str], Review] = {}
    for review in reviews:
        first.setdefault((review.product_id, review.id), review)
    return list(first.values())


def _told(fault: RejectedRow) -> str:
    return f"{fault.file} line {fault.line}: {fault.field} {fault.value!r} {fault.reason}"
