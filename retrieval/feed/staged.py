"""A feed put down in a staging file: read, validated, counted, and ready for `Catalog.apply`.

In: feed files, their `Mapping`, and for a partial feed the catalog that it changes. Out: a `StagedFeed`. The catalog is
not written to, so any process may stage what another one applies.
"""

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from retrieval.catalog import Catalog
from retrieval.errors import FeedError
from retrieval.feed.importer import FeedRow, OnProgress, read_feed_records, read_rows, repeated_id
from retrieval.feed.mapping import Mapping
from retrieval.feed.partial import Merger
from retrieval.feed.passages import read_policies, read_reviews
from retrieval.feed.report import ImportReport, Rejections, rejected
from retrieval.staging import Place, Staging


@dataclass(frozen=True, slots=True)
class FeedFiles:
    """What is imported together, and by which mapping it is read."""

    products: Sequence[Path]
    mapping: Mapping
    reviews: Sequence[Path] = ()
    policies: Sequence[Path] = ()
    notes: tuple[str, ...] = field(default=())


@dataclass(frozen=True, slots=True)
class StagedFeed:
    """A finished staging file, what is in it, and whether it is the whole catalog. Whoever has it deletes the file."""

    path: Path
    whole: bool
    report: ImportReport


def stage_feed(
    folder: Path,
    files: FeedFiles,
    *,
    partial_of: Catalog | None = None,
    report_path: Path | None = None,
    on_progress: OnProgress | None = None,
) -> StagedFeed:
    """Read a feed into a staging file in `folder`.

    Args:
        folder: where the staging file goes; the catalog's own folder, so that they are on one disk.
        files: what to read.
        partial_of: the catalog that the rows change, where they state only changes; None: they are the whole catalog.
        report_path: where what was left out is written as CSV, also when the import fails afterwards.
        on_progress: called with (rows read, rows in all or None).

    Raises:
        FeedError: a file cannot be read, or not one row could be taken.
        CatalogError: the staging file cannot be written.
    """
    started = time.perf_counter()
    _check_currency(files.mapping, partial_of)
    _check_report(report_path, (*files.products, *files.reviews, *files.policies))
    with Rejections(report_path) as faults, Staging(folder) as staging:
        stage = _Stage(files, partial_of, staging, faults)
        stage.take_products(on_progress)
        stage.take_reviews()
        stage.take_policies()
        staging.finish(
            all_reviews=bool(files.reviews), all_policies=bool(files.policies), revision=stage.merged_with_revision
        )
        report = ImportReport(
            n_rows=stage.n_rows,
            n_products=staging.n_products,
            n_rejected=stage.n_rejected,
            n_left_out=stage.n_left_out,
            n_reviews=staging.n_reviews,
            n_policies=staging.n_policies,
            rejected=tuple(faults.first),
            reasons=faults.reasons,
            seconds=time.perf_counter() - started,
            report_path=report_path,
            notes=tuple(stage.notes),
        )
    return StagedFeed(staging.path, partial_of is None, report)


class _Stage:
    """A feed on its way into a staging file."""

    def __init__(self, files: FeedFiles, partial_of: Catalog | None, staging: Staging, faults: Rejections) -> None:
        self.n_rows = self.n_rejected = self.n_left_out = 0
        self.notes = dict.fromkeys(files.notes)
        self.merged_with_revision = None if partial_of is None else partial_of.revision()
        self._files, self._partial_of = files, partial_of
        self._staging, self._faults = staging, faults

    def take_products(self, on_progress: OnProgress | None) -> None:
        for id_, row in self._rows(on_progress):
            self.n_rows += row.n_rows
            for fault in row.faults:
                self._faults.add(fault, is_wanted=row.is_left_out)
            if row.is_left_out:
                self.n_left_out += row.n_rows
            elif row.product is None:
                self.n_rejected += row.n_rows
            elif first := self._staging.claim(id_, Place(row.file, row.line)):
                self._faults.add(repeated_id(row, *first))
                self.n_rejected += row.n_rows
            else:
                self.n_rejected += row.n_rejected
                self._staging.put_product(row.product)
                for review in row.reviews:
                    self._staging.add_review(review)
        if not self._staging.n_products:
            reason = self._faults.first[0] if self._faults.first else "the mapping's [only_if] leaves out every row"
            raise FeedError(f"none of {self.n_rows:,} rows could be taken; the first fault: {reason}")

    def _rows(self, on_progress: OnProgress | None) -> Iterable[tuple[str, FeedRow]]:
        """Every row under the id by which it may not repeat."""
        files = self._files
        if self._partial_of is None:
            for row in read_rows(files.products, files.mapping, on_progress, self._note):
                yield row.product.id if row.product else "", row
            return
        records = read_feed_records(files.products, files.mapping, on_progress, self._note, is_partial=True)
        yield from Merger(self._partial_of, files.mapping, self._staging.product).rows(records)

    def _note(self, note: str) -> None:
        self.notes.setdefault(note)

    def take_reviews(self) -> None:
        """Reviews of files of their own; one that its product states as well counts once, as the product states it."""
        files, n_nested = self._files, self._staging.n_reviews
        for place, review, stated in read_reviews(files.reviews, files.mapping, self._faults.add, self._note):
            if not self._is_known(review.product_id):
                reason = "is no product of this import" if self._partial_of is None else "is no product of the catalog"
                self._faults.add(rejected(*place, "reviews.product_id", stated.get("product_id"), reason))
            elif not self._staging.add_review(review) and self._staging.review_number(review) > n_nested:
                reason = "repeats the id of another review of this product"
                self._faults.add(rejected(*place, "reviews.id", stated.get("id"), reason))

    def take_policies(self) -> None:
        files = self._files
        for place, policy, stated in read_policies(files.policies, files.mapping, self._faults.add, self._note):
            if not self._staging.add_policy(policy):
                reason = "repeats the id of another policy in this language"
                self._faults.add(rejected(*place, "policies.id", stated.get("id"), reason))

    def _is_known(self, product_id: str) -> bool:
        if self._staging.has_product(product_id):
            return True
        return self._partial_of is not None and self._partial_of.get(product_id) is not None


def _check_report(report_path: Path | None, given: Iterable[Path]) -> None:
    if report_path is not None and any(path.resolve() == report_path.resolve() for path in given):
        raise FeedError(f"the report would overwrite {report_path}, which is to be imported: name another place")


def _check_currency(mapping: Mapping, partial_of: Catalog | None) -> None:
    currency = partial_of.currency() if partial_of else ""
    if currency and mapping.currency != currency:
        raise FeedError(
            f"the feed's prices are in {mapping.currency}, the catalog's in {currency}: state the changes in "
            f"{currency}, or import the whole feed"
        )
