"""The catalog in SQL: products with their variants, reviews and the shop's policies.

In: validated products, reviews, policies. Out: the same values again, whole or by id, and a version that changes when
any of them does. Knows no feed format, no index and no shopper.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, date, datetime
from itertools import groupby, islice
from operator import attrgetter
from typing import Any, TypeVar

from sqlalchemy import (
    JSON,
    Column,
    Connection,
    Date,
    Engine,
    Float,
    ForeignKey,
    Integer,
    Row,
    String,
    Table,
    Text,
    UniqueConstraint,
    delete,
    func,
    insert,
    select,
)
from sqlalchemy.exc import DatabaseError

from retrieval.database import metadata, write_transaction
from retrieval.errors import CatalogError
from retrieval.types import Attributes, Policy, Product, Review, Translation, Variant

Item = TypeVar("Item")

BATCH = 500
"""Rows per INSERT, and ids per SELECT."""

products_table = Table(
    "products",
    metadata,
    Column("id", String, primary_key=True),
    Column("title", Text, nullable=False),
    Column("description", Text, nullable=False),
    Column("brand", String),
    Column("category", String),
    Column("department", String),
    Column("currency", String(3), nullable=False),
    Column("attributes", JSON, nullable=False),
    Column("attribute_sources", JSON, nullable=False),
    Column("details", JSON, nullable=False),
    Column("translations", JSON, nullable=False),
    Column("rating", Float),
    Column("n_reviews", Integer),
    Column("image", String),
    Column("url", String),
    Column("date_added", Date),
)

variants_table = Table(
    "variants",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("id", String, nullable=False, index=True),
    Column("price_minor", Integer, nullable=False),
    Column("list_price_minor", Integer),
    Column("stock", Integer),
    Column("attributes", JSON, nullable=False),
    Column("image", String),
    UniqueConstraint("product_id", "id"),
)

reviews_table = Table(
    "reviews",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    Column("id", String, primary_key=True),
    Column("text", Text, nullable=False),
    Column("rating", Integer),
    Column("language", String, nullable=False),
    Column("title", Text, nullable=False),
)

policies_table = Table(
    "policies",
    metadata,
    Column("id", String, primary_key=True),
    Column("language", String, primary_key=True),
    Column("topic", String, nullable=False),
    Column("title", Text, nullable=False),
    Column("text", Text, nullable=False),
    Column("kind", String, nullable=False),
)

catalog_meta_table = Table(
    "catalog_meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)


class Catalog:
    """What the shop sells, in the database of `engine`. Safe to share between threads."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def replace_all(
        self, products: Iterable[Product], reviews: Iterable[Review] = (), policies: Iterable[Policy] = ()
    ) -> str:
        """Put these contents in the place of all former ones, in one transaction: readers see the old catalog whole
        until it commits, and so does the next start when the process dies in between.

        Returns:
            The new `version()`.

        Raises:
            CatalogError: a repeated id, a product without a variant, two currencies, or a review of no product; the
                old catalog stays.
        """
        contents = _Contents()
        try:
            with write_transaction(self._engine) as connection:
                for table in (reviews_table, variants_table, products_table, policies_table, catalog_meta_table):
                    connection.execute(delete(table))
                _insert_products(connection, contents, products)
                _insert(connection, reviews_table, map(contents.add_review, reviews))
                _insert(connection, policies_table, map(contents.add_policy, policies))
                version = contents.version()
                meta = {"version": version, "currency": contents.currency, "imported_at": datetime.now(UTC).isoformat()}
                connection.execute(insert(catalog_meta_table), [{"key": k, "value": v} for k, v in meta.items()])
        except (DatabaseError, OverflowError, UnicodeEncodeError) as error:
            reason = getattr(error, "orig", error)
            raise CatalogError(
                f"the catalog was left as it was, the new contents cannot be stored: {reason}"
            ) from error
        return version

    def version(self) -> str:
        """SHA-256 (hex) over the contents, whatever order they came in; "" for an empty catalog."""
        return self._meta("version")

    def currency(self) -> str:
        """The one ISO 4217 currency of all prices; "" for an empty catalog."""
        return self._meta("currency")

    def imported_at(self) -> datetime | None:
        """When the contents were last replaced (UTC); None for an empty catalog."""
        stated = self._meta("imported_at")
        return datetime.fromisoformat(stated) if stated else None

    def n_products(self) -> int:
        """How many products there are, sold out or not."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(products_table)) or 0

    def products(self) -> Iterator[Product]:
        """Every product, in order of id, from one snapshot: an import meanwhile changes nothing here."""
        with self._engine.connect() as connection:
            rows = connection.execute(select(products_table).order_by(products_table.c.id))
            variants = connection.execute(
                select(variants_table).order_by(variants_table.c.product_id, variants_table.c.position)
            )
            yield from _products(rows, variants)

    def get(self, product_id: str) -> Product | None:
        """The product with that id, or None."""
        return self.get_many([product_id]).get(product_id)

    def get_many(self, ids: Iterable[str]) -> dict[str, Product]:
        """The products with those ids, in the order asked for; ids that the catalog lacks are left out."""
        wanted = list(dict.fromkeys(ids))
        found: dict[str, Product] = {}
        with self._engine.connect() as connection:
            for batch in _batches(wanted):
                found.update((product.id, product) for product in _some_products(connection, batch))
        return {product_id: found[product_id] for product_id in wanted if product_id in found}

    def reviews_of(self, product_id: str, limit: int = 20) -> list[Review]:
        """At most `limit` reviews of a product, in order of id."""
        statement = (
            select(reviews_table)
            .where(reviews_table.c.product_id == product_id)
            .order_by(reviews_table.c.id)
            .limit(limit)
        )
        with self._engine.connect() as connection:
            return [Review(**row._mapping) for row in connection.execute(statement)]

    def reviews(self) -> Iterator[Review]:
        """Every review, in order of product and id, from one snapshot."""
        statement = select(reviews_table).order_by(reviews_table.c.product_id, reviews_table.c.id)
        with self._engine.connect() as connection:
            for row in connection.execute(statement):
                yield Review(**row._mapping)

    def policies(self, language: str | None = None) -> list[Policy]:
        """The shop's policies and questions, in order of id; only those in `language` where it is given."""
        statement = select(policies_table).order_by(policies_table.c.id, policies_table.c.language)
        if language is not None:
            statement = statement.where(policies_table.c.language == language)
        with self._engine.connect() as connection:
            return [Policy(**row._mapping) for row in connection.execute(statement)]

    def _meta(self, key: str) -> str:
        statement = select(catalog_meta_table.c.value).where(catalog_meta_table.c.key == key)
        try:
            with self._engine.connect() as connection:
                return connection.scalar(statement) or ""
        except DatabaseError as error:
            raise CatalogError(
                f"{self._engine.url.database} holds no readable catalog: {error.orig}; run `shopping-assistant import`"
            ) from error


class _Contents:
    """Turns values into rows, and keeps what the version is made of: a digest per record."""

    def __init__(self) -> None:
        self.currency = ""
        self._digests: dict[tuple[str, str, str], bytes] = {}

    def add_product(self, product: Product) -> tuple[dict[str, Any], list[dict[str, Any]]]:
        if not product.variants:
            raise CatalogError(f"product {product.id!r} has no variant: give it at least one with a price")
        if self.currency not in ("", product.currency):
            raise CatalogError(
                f"product {product.id!r} is priced in {product.currency}, the ones before in {self.currency}: "
                "a catalog has one currency"
            )
        self.currency = product.currency
        row, variants = _product_row(product), [_variant_row(product, n) for n in range(len(product.variants))]
        self._add("product", product.id, "", (row, variants))
        return row, variants

    def add_review(self, review: Review) -> dict[str, Any]:
        row = asdict(review)
        self._add("review", review.product_id, review.id, row)
        return row

    def add_policy(self, policy: Policy) -> dict[str, Any]:
        row = asdict(policy)
        self._add("policy", policy.id, policy.language, row)
        return row

    def version(self) -> str:
        if not self._digests:
            return ""
        return hashlib.sha256(b"".join(digest for _, digest in sorted(self._digests.items()))).hexdigest()

    def _add(self, kind: str, first: str, second: str, row: object) -> None:
        canonical = json.dumps([kind, row], sort_keys=True, separators=(",", ":"), default=date.isoformat)
        key = (kind, first, second)
        if key in self._digests:
            raise CatalogError(
                f"two records of kind {kind!r} have the id {' '.join(key[1:]).strip()!r}: ids must be unique"
            )
        self._digests[key] = hashlib.sha256(canonical.encode()).digest()


def _insert_products(connection: Connection, contents: _Contents, products: Iterable[Product]) -> None:
    for batch in _batches(map(contents.add_product, products)):
        connection.execute(insert(products_table), [row for row, _ in batch])
        connection.execute(insert(variants_table), [variant for _, variants in batch for variant in variants])


def _insert(connection: Connection, table: Table, rows: Iterable[dict[str, Any]]) -> None:
    for batch in _batches(rows):
        connection.execute(insert(table), batch)


def _some_products(connection: Connection, ids: Sequence[str]) -> Iterator[Product]:
    rows = connection.execute(select(products_table).where(products_table.c.id.in_(ids)).order_by(products_table.c.id))
    variants = connection.execute(
        select(variants_table)
        .where(variants_table.c.product_id.in_(ids))
        .order_by(variants_table.c.product_id, variants_table.c.position)
    )
    return _products(rows, variants)


def _products(rows: Iterable[Row[Any]], variants: Iterable[Row[Any]]) -> Iterator[Product]:
    """Join product rows with their variants; both come in order of product id, and no product lacks variants."""
    for row, (_, group) in zip(rows, groupby(variants, attrgetter("product_id")), strict=True):
        yield _product(row._mapping, tuple(_variant(variant) for variant in group))


def _product_row(product: Product) -> dict[str, Any]:
    return {
        "id": product.id,
        "title": product.title,
        "description": product.description,
        "brand": product.brand,
        "category": product.category,
        "department": product.department,
        "currency": product.currency,
        "attributes": dict(product.attributes),
        "attribute_sources": dict(product.attribute_sources),
        "details": dict(product.details),
        "translations": {code: [words.title, words.description] for code, words in product.translations.items()},
        "rating": product.rating,
        "n_reviews": product.n_reviews,
        "image": product.image,
        "url": product.url,
        "date_added": product.date_added,
    }


def _variant_row(product: Product, position: int) -> dict[str, Any]:
    variant = product.variants[position]
    return {
        "product_id": product.id,
        "position": position,
        "id": variant.id,
        "price_minor": variant.price_minor,
        "list_price_minor": variant.list_price_minor,
        "stock": variant.stock,
        "attributes": dict(variant.attributes),
        "image": variant.image,
    }


def _product(row: Mapping[Any, Any], variants: tuple[Variant, ...]) -> Product:
    stored = dict(row)
    stored["attributes"] = _attributes(stored["attributes"])
    stored["translations"] = {code: Translation(*words) for code, words in stored["translations"].items()}
    return Product(variants=variants, **stored)


def _variant(row: Row[Any]) -> Variant:
    return Variant(row.id, row.price_minor, row.list_price_minor, row.stock, _attributes(row.attributes), row.image)


def _attributes(stored: Mapping[str, list[str]]) -> Attributes:
    return {name: tuple(values) for name, values in stored.items()}


def _batches(items: Iterable[Item]) -> Iterator[list[Item]]:
    remaining = iter(items)
    while batch := list(islice(remaining, BATCH)):
        yield batch
