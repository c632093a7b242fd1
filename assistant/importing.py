"""How a feed comes into a shop: which mapping it is read by, staged by any process, applied by the one that owns it.

In: files and what was asked for. Out: an `ImportReport`. Knows no index: whoever imports refreshes it after.
"""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from retrieval.catalog import MAX_RETIRED_SHARE, Catalog
from retrieval.errors import CatalogChanged, FeedError
from retrieval.feed import FeedFiles, ImportReport, Mapping, StagedFeed, stage_feed
from retrieval.feed.formats import CANONICAL, LINKED_DATA, SEEN_ROWS, choose_mapping, recognise
from retrieval.feed.formats.schemaorg import SCHEMAORG
from retrieval.feed.importer import OnProgress
from retrieval.feed.mapping import REQUIRED_FIELDS
from retrieval.feed.reader import find_sources, read_records

if TYPE_CHECKING:
    from assistant.shop import Shop

MAX_TRIES = 3
"""How often a partial feed is staged anew because the catalog changed meanwhile."""


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is to be imported, and how.

    `mapping` is a mapping, its file, the name of a ready one, or None where the feed's columns are to say. `currency`
    goes before what mapping and feed say. `partial` adds and changes; otherwise the feed is the whole catalog, and what
    is not in it is retired, up to `max_retired_share` of the catalog (None: all of it). `report` is where to write what
    was left out.
    """

    files: Sequence[Path]
    mapping: Mapping | Path | str | None = None
    currency: str | None = None
    reviews: Sequence[Path] = ()
    policies: Sequence[Path] = ()
    partial: bool = False
    max_retired_share: float | None = MAX_RETIRED_SHARE
    report: Path | None = None


def validate(request: ImportRequest, on_progress: OnProgress | None = None) -> ImportReport:
    """Everything that an import would check of the files, without a shop.

    Raises:
        FeedError: as `stage_feed`.
    """
    with tempfile.TemporaryDirectory() as folder:
        return stage_feed(
            Path(folder), _files(request, None), report_path=request.report, on_progress=on_progress
        ).report


def preview(catalog: Catalog, request: ImportRequest, on_progress: OnProgress | None = None) -> ImportReport:
    """What an import would do; nothing is written but the report.

    Raises:
        FeedError: as `stage_feed`.
    """
    with tempfile.TemporaryDirectory() as folder:
        staged = stage(catalog, Path(folder), request, on_progress)
        applied = catalog.preview(staged.path, whole=staged.whole)
    return replace(staged.report, applied=applied, is_dry=True)


def import_feed(shop: "Shop", request: ImportRequest, on_progress: OnProgress | None = None) -> ImportReport:
    """Import a feed: stage it, and have it applied.

    Raises:
        FeedError: as `stage_feed`; the catalog stays as it was.
        CatalogError: as `Catalog.apply`; the catalog stays as it was.
        ShopLocked: another process owns the shop.
    """
    for is_last in (*(False for _ in range(MAX_TRIES - 1)), True):
        staged = stage(shop.catalog, shop.paths.root, request, on_progress)
        try:
            applied = shop.apply(staged.path, whole=staged.whole, max_retired_share=request.max_retired_share)
            return replace(staged.report, applied=applied)
        except CatalogChanged:
            if is_last:
                raise
        finally:
            staged.path.unlink(missing_ok=True)
    raise AssertionError("the last try returns or raises")


def stage(catalog: Catalog, folder: Path, request: ImportRequest, on_progress: OnProgress | None = None) -> StagedFeed:
    """Put a feed down in a staging file in `folder`, for `Shop.apply`; whoever stages it deletes the file.

    Raises:
        FeedError: as `stage_feed`.
    """
    return stage_feed(
        folder,
        _files(request, catalog),
        partial_of=catalog if request.partial else None,
        report_path=request.report,
        on_progress=on_progress,
    )


def known_format(request: ImportRequest) -> str | None:
    """The ready mapping that the feed's own columns call for, by name; None where they fit none.

    Raises:
        FeedError: the feed cannot be read.
    """
    if find_sources(request.files)[0].suffix in LINKED_DATA:
        return SCHEMAORG.name
    columns = {column for row in sample_rows(request.files) for column in row}
    needed = REQUIRED_FIELDS[:1] if request.partial else REQUIRED_FIELDS
    return recognise(columns) or (CANONICAL if columns.issuperset(needed) else None)


def sample_rows(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Some rows of a feed, as they stand there.

    Raises:
        FeedError: the feed cannot be read, or holds no row.
    """
    records = islice(read_records(find_sources(files)[0]), SEEN_ROWS)
    if rows := [record.values for record in records if record.problem is None]:
        return rows
    raise FeedError(f"{files[0].name} holds no rows that can be read")


def _files(request: ImportRequest, catalog: Catalog | None) -> FeedFiles:
    if isinstance(request.mapping, Mapping):
        return FeedFiles(request.files, request.mapping, request.reviews, request.policies)
    named = known_format(request) if request.mapping is None else str(request.mapping)
    chosen = choose_mapping(named, request.files, request.currency or _currency(request, catalog))
    notes = chosen.notes if request.mapping else (f"read as {chosen.name}", *chosen.notes)
    return FeedFiles(request.files, chosen.mapping, request.reviews, request.policies, notes)


def _currency(request: ImportRequest, catalog: Catalog | None) -> str | None:
    """Changes of a catalog are in its currency, unless a mapping file says otherwise."""
    is_file = request.mapping is not None and Path(str(request.mapping)).is_file()
    return catalog.currency() or None if request.partial and catalog is not None and not is_file else None
