"""What is about to enter the catalog, written to a SQLite file beside the shop before the catalog is touched.

In: products, reviews and policies, one at a time. Out: a file that `Catalog.apply` takes in, in one transaction. Memory
stays bounded however many there are, and a repeated id is found by the primary key. Knows neither what the catalog
holds nor any feed format.

A staging file is worth nothing once its process has ended: there is no journal, and `remove_leftovers` deletes those
that no process is writing any more.
"""

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

from retrieval.errors import CatalogError
from retrieval.records import (
    POLICY_COLUMNS,
    PRODUCT_COLUMNS,
    REVIEW_COLUMNS,
    VARIANT_COLUMNS,
    policy_row,
    product_of_rows,
    product_rows,
    review_row,
)
from retrieval.types import Policy, Product, Review

PREFIX, SUFFIX = "import-", ".staging"
CACHE_KIB = 65_536

TABLES = (
    f"CREATE TABLE staged.products ({', '.join(PRODUCT_COLUMNS)}, PRIMARY KEY (id))",
    f"CREATE TABLE staged.variants ({', '.join(VARIANT_COLUMNS)}, PRIMARY KEY (product_id, position)) WITHOUT ROWID",
    f"CREATE TABLE staged.reviews ({', '.join(REVIEW_COLUMNS)}, PRIMARY KEY (product_id, id))",
    f"CREATE TABLE staged.policies ({', '.join(POLICY_COLUMNS)}, PRIMARY KEY (id, language))",
    "CREATE TABLE staged.places (id PRIMARY KEY, file, line) WITHOUT ROWID",
    "CREATE TABLE staged.meta (key PRIMARY KEY, value)",
)


def _insert(table: str, columns: tuple[str, ...], verb: str = "INSERT OR IGNORE") -> str:
    return f"{verb} INTO staged.{table} VALUES ({', '.join('?' for _ in columns)})"


INSERT_PRODUCT = _insert("products", PRODUCT_COLUMNS, "INSERT OR REPLACE")
INSERT_VARIANT = _insert("variants", VARIANT_COLUMNS)
INSERT_REVIEW = _insert("reviews", REVIEW_COLUMNS)
INSERT_POLICY = _insert("policies", POLICY_COLUMNS)


class Place(NamedTuple):
    """Where in a feed something stands: `line` as reports count it."""

    file: str
    line: int


class StagedRows:
    """Writes rows into the database that `connection` has attached as `staged`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self.currency = ""
        self.n_products = self.n_reviews = self.n_policies = 0
        self._connection = connection
        for statement in TABLES:
            connection.execute(statement)

    def claim(self, product_id: str, place: Place) -> Place | None:
        """Take an id for the row at `place`; where one before has it, that one's place is returned."""
        claimed = self._connection.execute(
            "INSERT OR IGNORE INTO staged.places VALUES (?, ?, ?)", (product_id, *place)
        ).rowcount
        if claimed:
            return None
        found = self._connection.execute("SELECT file, line FROM staged.places WHERE id = ?", (product_id,))
        return Place(*found.fetchone())

    def put_product(self, product: Product) -> None:
        """Stage a product; one with its id that was staged before is replaced.

        Raises:
            CatalogError: another currency than the ones before, no variant, or something that cannot be stored.
        """
        if self.currency not in ("", product.currency):
            raise CatalogError(
                f"product {product.id!r} is priced in {product.currency}, the ones before in {self.currency}: "
                "a catalog has one currency"
            )
        row, variants = product_rows(product)
        self.currency = product.currency
        removed = self._execute("DELETE FROM staged.variants WHERE product_id = ?", [(product.id,)], product.id)
        self._execute(INSERT_PRODUCT, [row], product.id)
        self._execute(INSERT_VARIANT, variants, product.id)
        self.n_products += not removed

    def has_product(self, product_id: str) -> bool:
        """Whether a product with that id was staged."""
        return (
            self._connection.execute("SELECT 1 FROM staged.products WHERE id = ?", (product_id,)).fetchone() is not None
        )

    def product(self, product_id: str) -> Product | None:
        """The product with that id as it was staged, or None."""
        row = self._connection.execute("SELECT * FROM staged.products WHERE id = ?", (product_id,)).fetchone()
        if row is None:
            return None
        variants = self._connection.execute(
            "SELECT * FROM staged.variants WHERE product_id = ? ORDER BY position", (product_id,)
        )
        return product_of_rows(row, variants)

    def review_number(self, review: Review) -> int:
        """Which of all staged reviews, counted from 1 in the order of staging, has this one's product and id.

        Raises:
            CatalogError: none was.
        """
        key = (review.product_id, review.id)
        found = self._connection.execute("SELECT rowid FROM staged.reviews WHERE product_id = ? AND id = ?", key)
        number = found.fetchone()
        if number is None:
            raise CatalogError(f"review {review.id!r} of product {review.product_id!r} was not staged")
        return int(number[0])

    def add_review(self, review: Review) -> bool:
        """Stage a review, unless one with its product and id is there; whether it was taken.

        Raises:
            CatalogError: it holds something that cannot be stored.
        """
        taken = self._execute(INSERT_REVIEW, [review_row(review)], review.id) == 1
        self.n_reviews += taken
        return taken

    def add_policy(self, policy: Policy) -> bool:
        """Stage a policy, unless one with its id and language is there; whether it was taken.

        Raises:
            CatalogError: it holds something that cannot be stored.
        """
        taken = self._execute(INSERT_POLICY, [policy_row(policy)], policy.id) == 1
        self.n_policies += taken
        return taken

    def finish(self, *, all_reviews: bool = False, all_policies: bool = False, revision: int | None = None) -> None:
        """Say what the rows are.

        Args:
            all_reviews: they hold all reviews of the shop, so that a whole import removes the others.
            all_policies: they hold all policies of the shop.
            revision: the catalog's when rows were merged with what it held; None: they stand for themselves.
        """
        meta = {
            "currency": self.currency,
            "all_reviews": "1" if all_reviews else "",
            "all_policies": "1" if all_policies else "",
            "revision": "" if revision is None else str(revision),
        }
        self._connection.executemany("INSERT INTO staged.meta VALUES (?, ?)", meta.items())

    def _execute(self, statement: str, rows: Iterable[tuple[Any, ...]], which: str) -> int:
        try:
            return self._connection.executemany(statement, rows).rowcount
        except (OverflowError, UnicodeEncodeError, sqlite3.IntegrityError) as error:
            raise CatalogError(f"{which!r} cannot be stored: {error}") from error
        except sqlite3.OperationalError as error:
            raise CatalogError(f"cannot stage what is to be imported: {error}; is the disk full?") from error


class Staging(StagedRows):
    """A staging file in `folder`, open for writing; leaving the `with` block closes it, and deletes it on an error.

    Whoever has it in the end deletes it: `path.unlink()` after it was applied.
    """

    def __init__(self, folder: Path) -> None:
        """Make the file.

        Raises:
            CatalogError: the folder cannot be written to.
        """
        self.path = folder / f"{PREFIX}{uuid4().hex}{SUFFIX}"
        self._own = sqlite3.connect(":memory:", isolation_level=None, check_same_thread=False)
        try:
            self._own.execute("ATTACH DATABASE ? AS staged", (str(self.path),))
            for pragma in ("journal_mode = OFF", "synchronous = OFF", f"cache_size = -{CACHE_KIB}"):
                self._own.execute(f"PRAGMA staged.{pragma}")
            # Held until the file is closed: `remove_leftovers` sees by it that somebody is writing.
            self._own.execute("PRAGMA staged.locking_mode = EXCLUSIVE")
            self._own.execute("BEGIN EXCLUSIVE")
            super().__init__(self._own)
        except sqlite3.OperationalError as error:
            self._own.close()
            raise CatalogError(
                f"cannot write a staging file into {folder}: {error}; check the directory's rights and free space"
            ) from error

    def __enter__(self) -> "Staging":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.close()
        if kind is not None:
            self.path.unlink(missing_ok=True)

    def finish(self, *, all_reviews: bool = False, all_policies: bool = False, revision: int | None = None) -> None:
        """As `StagedRows.finish`; nothing can be staged after it."""
        super().finish(all_reviews=all_reviews, all_policies=all_policies, revision=revision)
        try:
            self._own.execute("COMMIT")
        except sqlite3.OperationalError as error:
            raise CatalogError(f"cannot stage what is to be imported: {error}; is the disk full?") from error

    def close(self) -> None:
        """Close the file; one that was not finished is of no use."""
        self._own.close()


def remove_leftovers(folder: Path) -> int:
    """Delete the staging files in `folder` that no process is writing; how many there were."""
    leftovers = [path for path in folder.glob(f"{PREFIX}*{SUFFIX}") if not _is_being_written(path)]
    for path in leftovers:
        path.unlink(missing_ok=True)
    return len(leftovers)


def _is_being_written(path: Path) -> bool:
    connection = sqlite3.connect(path, timeout=0, isolation_level=None)
    try:
        connection.execute("BEGIN EXCLUSIVE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
    except sqlite3.DatabaseError:
        return False
    finally:
        connection.close()
    return False
