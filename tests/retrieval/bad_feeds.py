"""A hostile merchant's workshop: a feed file of any bytes beside one good row, imported over a real database."""

import json
from collections.abc import Iterator
from collections.abc import Mapping as Cells
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine
from retrieval.errors import ShopError
from retrieval.feed import FeedFiles, Mapping, RejectedRow, canonical_mapping, stage_feed
from retrieval.types import Product, Variant

GOOD = {"id": "good", "title": "Good lamp", "price": 5}
GOOD_LINE = json.dumps(GOOD)
BEFORE = Product("before", "Kettle", "USD", (Variant("before", 900),))
"""What the catalog held before each import."""

Fault = tuple[str, int, str, str]
"""File, line, field and reason, as the report has them."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an import: what the catalog holds after it, and what was told."""

    products: dict[str, Product]
    faults: list[Fault]
    n_rows: int
    n_rejected: int
    rejected: tuple[RejectedRow, ...]
    report_csv: str
    error: str | None = None

    @property
    def ids(self) -> list[str]:
        return list(self.products)


def attempt(
    folder: Path,
    files: Cells[str, bytes | str],
    *,
    mapping: Mapping | None = None,
    reviews: Cells[str, bytes | str] | None = None,
    policies: Cells[str, bytes | str] | None = None,
    partial: bool = False,
) -> Outcome:
    """Import files as a whole catalog over one that holds only `BEFORE`, or as changes of it.

    An error of ours is noted; any other goes through.
    """
    with open_catalog(folder) as catalog:
        catalog.replace_all([BEFORE])
        version = catalog.version()
        chosen = FeedFiles(
            _written(folder, files),
            mapping or canonical_mapping(),
            _written(folder, reviews or {}),
            _written(folder, policies or {}),
        )
        report_path = folder / "report.csv"
        try:
            staged = stage_feed(folder, chosen, partial_of=catalog if partial else None, report_path=report_path)
            catalog.apply(staged.path, whole=staged.whole, max_retired_share=None)
        except ShopError as error:
            assert catalog.version() == version
            assert not list(folder.glob("*.staging"))
            return Outcome(_held(catalog), [], 0, 0, (), "", f"{type(error).__name__}: {error}")
        staged.path.unlink()
        report = staged.report
        faults = [(row.file, row.line, row.field, row.reason) for row in report.rejected]
        return Outcome(
            _held(catalog), faults, report.n_rows, report.n_rejected, report.rejected, report_path.read_text("utf-8")
        )


@contextmanager
def open_catalog(folder: Path) -> Iterator[Catalog]:
    """A catalog in a database of its own, closed at the end."""
    engine = open_engine(folder / "shop.db")
    metadata.create_all(engine)
    try:
        yield Catalog(engine)
    finally:
        engine.dispose()


def lines(*rows: dict[str, Any] | str) -> str:
    """The good row and others as JSON lines; a text stands as it is."""
    return "".join(f"{row if isinstance(row, str) else json.dumps(row)}\n" for row in (GOOD, *rows))


def bad(**cells: Any) -> dict[str, Any]:
    """A row that would be good but for these cells."""
    return {"id": "bad", "title": "Bad lamp", "price": 5, **cells}


def _held(catalog: Catalog) -> dict[str, Product]:
    return {product.id: product for product in catalog.products()}


def _written(folder: Path, files: Cells[str, bytes | str]) -> list[Path]:
    paths = [folder / name for name in files]
    for path, data in zip(paths, files.values(), strict=True):
        path.write_bytes(data if isinstance(data, bytes) else data.encode("utf-8"))
    return paths
