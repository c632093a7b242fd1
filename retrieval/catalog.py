"""The catalog in SQL: products with their variants, reviews and the shop's policies.

In: staged rows, or validated products, reviews, policies. Out: the same values again, whole or by id, a version that
changes when any of them does, and what changed since a revision. Knows no feed format, no index and no shopper.

A product that a merchant no longer sells is retired: it stays in SQL, since events and old conversations refer to it,
but nothing here returns it unless asked to.
"""

import sqlite3
import weakref
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, cast

from sqlalchemy import BindParameter, ColumnElement, Connection, Engine, bindparam, func, select, true
from sqlalchemy.exc import DatabaseError

from retrieval import changes
from retrieval.batches import batches
from retrieval.changes import Applied
from retrieval.database import IN_MEMORY, attached, write_transaction
from retrieval.errors import CatalogError
from retrieval.parsed import ParsedProducts
from retrieval.records import STORED_PRODUCT, STORED_VARIANT, policy_of, products_of, review_of
from retrieval.staging import Place, StagedRows
from retrieval.tables import (
    catalog_meta_table,
    policies_table,
    products_table,
    removed_products_table,
    reviews_table,
    variants_table,
)
from retrieval.types import Policy, Product, Review

OWN, DEMO = "own", changes.DEMO
"""The origins of a catalog: the merchant's feed, or the demo shop."""

MAX_RETIRED_SHARE = 0.3
"""An import that would retire a greater share of the catalog is refused unless it is insisted on."""

_IDS: BindParameter[Any] = bindparam("ids", expanding=True)
_BRANDS = select(products_table.c.id, products_table.c.brand).where(products_table.c.id.in_(_IDS))
"""Asked in every turn, so made once."""


@dataclass(frozen=True, slots=True)
class CatalogChanges:
    """What changed up to `revision`: ids of products that are new or other than before, and of those no longer sold."""

    revision: int
    changed: tuple[str, ...]
    removed: tuple[str, ...]


class CatalogSnapshot:
    """The products on sale as they were at one moment, to be read as often as needed and never held in memory.

    It keeps SQLite from trimming its write-ahead log: let go of it, or close it, when all is read.
    """

    def __init__(self, engine: Engine) -> None:
        connection = engine.connect()
        self._connection = connection
        self.close = weakref.finalize(self, connection.close)
        self.revision = int(connection.scalar(_meta_value("revision")) or 0)
        self._n = connection.scalar(select(func.count()).select_from(products_table).where(_on_sale())) or 0

    def __len__(self) -> int:
        return self._n

    def __iter__(self) -> Iterator[Product]:
        """In order of id."""
        return _read_products(self._connection, _on_sale())

    def text_digests(self) -> dict[str, str]:
        """See `Catalog.text_digests`."""
        return _text_digests(self._connection)


class Catalog:
    """What the shop sells, in the database of `engine`. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._parsed = ParsedProducts()

    def apply(
        self,
        staged: Path,
        *,
        whole: bool,
        max_retired_share: float | None = MAX_RETIRED_SHARE,
        origin: str | None = None,
    ) -> Applied:
        """Take in what `retrieval.staging.Staging` wrote, in one transaction: readers see the old catalog until it
        commits, and so does the next start when the process dies in between. What is the same already is not touched.

        Args:
            staged: a finished and closed staging file; it is left where it is.
            whole: the products take the place of all others: those that are not among them are retired. Their reviews
                take the place of the reviews of the same products (of all live products where all reviews were
                staged), and the policies that of all policies, where any were staged. Otherwise everything is added,
                or changes what has its id.
            max_retired_share: refuse to retire a greater share of the live products, in [0, 1]; None: retire any.
                The demo shop's products do not count.
            origin: noted as where the catalog comes from; None leaves it as noted.

        Raises:
            CatalogChanged: the rows were merged with products that changed since; stage them again.
            CatalogError: nothing to take in, too many would be retired, another currency, a review of no product, or
                the database refused; the catalog stays as it was.
        """
        with self._changing(staged) as connection:
            return changes.take_in(connection, whole=whole, max_retired_share=max_retired_share, origin=origin)

    def preview(self, staged: Path, *, whole: bool) -> Applied:
        """What `apply` would do; nothing is written.

        Raises:
            CatalogError: the file cannot be read.
        """
        with self._engine.connect() as connection, attached(connection, staged), connection.begin():
            return changes.count_changes(connection, whole=whole)

    def upsert(self, products: Iterable[Product], reviews: Iterable[Review] = ()) -> Applied:
        """Add these products and reviews, or change those that have their ids, in one transaction.

        Raises:
            CatalogError: as `apply`.
        """
        with self._changing(IN_MEMORY) as connection:
            _stage(connection, products, reviews).finish()
            return changes.take_in(connection, whole=False, max_retired_share=None, origin=None)

    def delete(self, ids: Iterable[str]) -> Applied:
        """Retire the products with these ids, in one transaction; ids that are not on sale are left out."""
        with self._changing() as connection:
            return changes.retire(connection, ids)

    def forget(self, ids: Iterable[str], policy_digests: Iterable[str] = ()) -> Applied:
        """Delete for good those of these products that are retired, with their reviews, and the policies with these
        digests (`retrieval.records.policy_row`)."""
        with self._changing() as connection:
            return changes.forget(connection, ids, policy_digests)

    def replace_all(
        self, products: Iterable[Product], reviews: Iterable[Review] = (), policies: Iterable[Policy] = ()
    ) -> str:
        """Put these few contents, all of them, in the place of the former ones, however many are retired by that.

        Returns:
            The new `version()`.

        Raises:
            CatalogError: as `apply`, or an id repeats.
        """
        with self._changing(IN_MEMORY) as connection:
            _stage(connection, products, reviews, policies).finish(all_reviews=True, all_policies=True)
            return changes.take_in(connection, whole=True, max_retired_share=None, origin=OWN).version

    def version(self) -> str:
        """The sum of the SHA-256 digests of all contents on sale (hex), whatever order they came in; "" when empty."""
        return self._meta("version")

    def revision(self) -> int:
        """How many changes of the contents were committed; 0 for a catalog that never held anything."""
        return int(self._meta("revision") or 0)

    def currency(self) -> str:
        """The one ISO 4217 currency of all prices; "" for an empty catalog."""
        return self._meta("currency")

    def origin(self) -> str:
        """Where the contents come from, as the last import that said so noted it; "" where none did."""
        return self._meta("origin")

    def imported_at(self) -> datetime | None:
        """When something was last taken in (UTC), the same as before included; None for an empty catalog."""
        stated = self._meta("imported_at")
        return datetime.fromisoformat(stated) if stated else None

    def changes_since(self, revision: int) -> CatalogChanges:
        """The products that changed after `revision`, each list in order of id, from one snapshot."""
        after = products_table.c.revision > revision
        on_sale = products_table.c.retired_at.is_(None)
        gone = (
            select(products_table.c.id)
            .where(after, ~on_sale)
            .union_all(select(removed_products_table.c.id).where(removed_products_table.c.revision > revision))
        )
        with self._engine.connect() as connection:
            now = connection.scalar(_meta_value("revision"))
            changed = connection.scalars(
                select(products_table.c.id).where(after, on_sale).order_by(products_table.c.id)
            )
            return CatalogChanges(int(now or 0), tuple(changed), tuple(sorted(connection.scalars(gone))))

    def text_digests(self) -> dict[str, str]:
        """Of every product on sale what its search texts are made of, as a digest; in order of id."""
        with self._engine.connect() as connection:
            return _text_digests(connection)

    def each_text_digest(self) -> Iterator[tuple[str, str]]:
        """What `text_digests` tells, pair by pair in any order, so that a large catalog need not be held."""
        statement = select(products_table.c.id, products_table.c.text_digest).where(_on_sale())
        with self._engine.connect() as connection:
            for row in connection.execute(statement):
                yield row.id, row.text_digest

    def snapshot(self) -> CatalogSnapshot:
        """All products as they are now."""
        return CatalogSnapshot(self._engine)

    def n_products(self, *, include_retired: bool = False) -> int:
        """How many products there are, sold out or not."""
        statement = select(func.count()).select_from(products_table).where(_on_sale(include_retired))
        with self._engine.connect() as connection:
            return connection.scalar(statement) or 0

    def products(self, *, include_retired: bool = False) -> Iterator[Product]:
        """Every product, in order of id, from one snapshot: an import meanwhile changes nothing here."""
        with self._engine.connect() as connection:
            yield from _read_products(connection, _on_sale(include_retired))

    def get(self, product_id: str, *, include_retired: bool = False) -> Product | None:
        """The product with that id, or None."""
        return self.get_many([product_id], include_retired=include_retired).get(product_id)

    def get_many(self, ids: Iterable[str], *, include_retired: bool = False) -> dict[str, Product]:
        """The products with those ids as they are now, in the order asked for; ids that it lacks are left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Product] = {}
        with self._engine.connect() as connection:
            for batch in batches(wanted):
                found.update(self._parsed.read(connection, batch, include_retired=include_retired))
        return {product_id: found[product_id] for product_id in wanted if product_id in found}

    def brands_of(self, ids: Sequence[str]) -> list[str | None]:
        """The brand of each of those products, on sale or not, in their order; None without one or where unknown."""
        found: dict[str, str | None] = {}
        with self._engine.connect() as connection:
            for batch in batches(list(ids)):
                found.update((row[0], row[1]) for row in connection.execute(_BRANDS, {"ids": batch}).all())
        return [found.get(product_id) for product_id in ids]

    def products_with_variants(self, variant_ids: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The ids of the products on sale that have these variants, by variant id; unknown ids are left out."""
        found: dict[str, tuple[str, ...]] = {}
        joined = select(variants_table.c.id, variants_table.c.product_id).join(products_table)
        with self._engine.connect() as connection:
            for batch in batches(variant_ids):
                statement = joined.where(variants_table.c.id.in_(batch), _on_sale())
                for row in connection.execute(statement.order_by(variants_table.c.product_id)):
                    found[row.id] = (*found.get(row.id, ()), row.product_id)
        return found

    def reviews_of(self, product_id: str, limit: int = 20) -> list[Review]:
        """At most `limit` reviews of a product on sale, in order of id."""
        statement = (
            select(reviews_table)
            .join(products_table)
            .where(reviews_table.c.product_id == product_id, _on_sale())
            .order_by(reviews_table.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [review_of(row) for row in connection.execute(statement)]

    def reviews(self) -> Iterator[Review]:
        """Every review of the products on sale, in order of product and id, from one snapshot."""
        statement = select(reviews_table).join(products_table).where(_on_sale())
        with self._engine.connect() as connection:
            for row in connection.execute(statement.order_by(reviews_table.c.product_id, reviews_table.c.id)):
                yield review_of(row)

    def policies(self, language: str | None = None) -> list[Policy]:
        """The shop's policies and questions, in order of id; only those in `language` where it is given."""
        statement = select(policies_table).order_by(policies_table.c.id, policies_table.c.language)
        if language is not None:
            statement = statement.where(policies_table.c.language == language)
        with self._engine.connect() as connection:
            return [policy_of(row) for row in connection.execute(statement)]

    @contextmanager
    def _changing(self, staged: Path | None = None) -> Iterator[Connection]:
        try:
            with write_transaction(self._engine, attach=staged) as connection:
                yield connection
        except DatabaseError as error:
            raise CatalogError(
                f"the catalog was left as it was, the new contents cannot be stored: {error.orig}"
            ) from error

    def _meta(self, key: str) -> str:
        try:
            with self._engine.connect() as connection:
                return connection.scalar(_meta_value(key)) or ""
        except DatabaseError as error:
            raise CatalogError(
                f"{self._engine.url.database} holds no readable catalog: {error.orig}; run `shopping-assistant import`"
            ) from error


def _text_digests(connection: Connection) -> dict[str, str]:
    statement = select(products_table.c.id, products_table.c.text_digest).where(_on_sale())
    return {row.id: row.text_digest for row in connection.execute(statement.order_by(products_table.c.id))}


def _meta_value(key: str) -> Any:
    return select(catalog_meta_table.c.value).where(catalog_meta_table.c.key == key)


def _on_sale(include_retired: bool = False) -> ColumnElement[bool]:
    return true() if include_retired else products_table.c.retired_at.is_(None)


def _read_products(connection: Connection, which: ColumnElement[bool]) -> Iterator[Product]:
    rows = connection.execute(select(*STORED_PRODUCT).where(which).order_by(products_table.c.id))
    variants = connection.execute(
        select(*STORED_VARIANT)
        .join(products_table)
        .where(which)
        .order_by(variants_table.c.product_id, variants_table.c.position)
    )
    return products_of(rows, variants)


def _stage(
    connection: Connection, products: Iterable[Product], reviews: Iterable[Review], policies: Iterable[Policy] = ()
) -> StagedRows:
    rows = StagedRows(cast(sqlite3.Connection, connection.connection.driver_connection))
    for product in products:
        if rows.claim(product.id, Place("", 0)):
            raise CatalogError(f"two products have the id {product.id!r}: ids must be unique")
        rows.put_product(product)
    for review in reviews:
        if not rows.add_review(review):
            raise CatalogError(f"two reviews of product {review.product_id!r} have the id {review.id!r}")
    for policy in policies:
        if not rows.add_policy(policy):
            raise CatalogError(f"two policies have the id {policy.id!r} in the language {policy.language!r}")
    return rows
