"""Values of the catalog as rows of its tables and back, and the digests that say whether two of them are the same.

In: products, reviews, policies, or rows. Out: tuples in the order of the columns, or the values again. Knows no
connection.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import JSON, ColumnElement, Date, Row, Table, Text, type_coerce

from retrieval.errors import CatalogError
from retrieval.tables import policies_table, products_table, reviews_table, variants_table
from retrieval.types import Attributes, Policy, Product, Review, Translation, Variant

PRODUCT_COLUMNS = tuple(
    column.name for column in products_table.columns if column.name not in ("revision", "retired_at")
)
VARIANT_COLUMNS = tuple(column.name for column in variants_table.columns)
REVIEW_COLUMNS = tuple(column.name for column in reviews_table.columns)
POLICY_COLUMNS = tuple(column.name for column in policies_table.columns)


def _as_stored(table: Table, names: Sequence[str]) -> tuple[ColumnElement[Any], ...]:
    """The columns, as text where SQLAlchemy would read an object."""
    columns = (table.c[name] for name in names)
    return tuple(type_coerce(column, Text) if isinstance(column.type, (JSON, Date)) else column for column in columns)


STORED_PRODUCT = _as_stored(products_table, PRODUCT_COLUMNS)
STORED_VARIANT = _as_stored(variants_table, VARIANT_COLUMNS)
"""What `products_of` and `product_of_rows` take."""


def product_rows(product: Product) -> tuple[tuple[Any, ...], list[tuple[Any, ...]]]:
    """A product's row (`PRODUCT_COLUMNS`) and those of its variants (`VARIANT_COLUMNS`), JSON as text.

    Raises:
        CatalogError: it has no variant, repeats the id of one, or holds what no database can store.
    """
    _check_variants(product)
    translations = {code: [words.title, words.description] for code, words in product.translations.items()}
    try:
        digest, text_digest = product_digests(product)
        row = (
            product.id, product.title, product.description, product.brand, product.category, product.department,
            product.currency, _json(product.attributes), _json(product.attribute_sources), _json(product.details),
            _json(translations), product.rating, product.n_reviews, product.image, product.url,
            product.date_added.isoformat() if product.date_added else None, digest, text_digest,
        )  # fmt: skip
        variants = [
            (product.id, position, variant.id, variant.price_minor, variant.list_price_minor, variant.stock,
             _json(variant.attributes), variant.image)
            for position, variant in enumerate(product.variants)
        ]  # fmt: skip
    except orjson.JSONEncodeError as error:
        raise CatalogError(f"product {product.id!r} cannot be stored: {error}") from error
    return row, variants


def review_row(review: Review) -> tuple[Any, ...]:
    """A review's row (`REVIEW_COLUMNS`).

    Raises:
        CatalogError: it holds what no database can store.
    """
    values = (review.product_id, review.id, review.text, review.rating, review.language, review.title)
    return *values, _record_digest("review", values, f"review {review.id!r} of product {review.product_id!r}")


def policy_row(policy: Policy) -> tuple[Any, ...]:
    """A policy's row (`POLICY_COLUMNS`).

    Raises:
        CatalogError: it holds what no database can store.
    """
    values = (policy.id, policy.language, policy.topic, policy.title, policy.text, policy.kind)
    return *values, _record_digest("policy", values, f"policy {policy.id!r}")


def product_digests(product: Product) -> tuple[str, str]:
    """SHA-256 (hex) of everything that a product states, and of what its search texts are made of.

    The second says nothing of price, stock, rating, counts, addresses and dates. The order of the keys of attributes,
    details and translations counts for neither.

    >>> lamp = Product("1", "Lamp", "USD", (Variant("1", 500),))
    >>> cheaper = Product("1", "Lamp", "USD", (Variant("1", 400),))
    >>> [a == b for a, b in zip(product_digests(lamp), product_digests(cheaper))]
    [False, True]
    """
    rating = None if product.rating is None else float(product.rating)
    translations = {code: (words.title, words.description) for code, words in product.translations.items()}
    words = (
        product.title, product.description, product.brand, product.category, product.department,
        dict(product.attributes), dict(product.details), translations,
        [dict(variant.attributes) for variant in product.variants],
    )  # fmt: skip
    rest = (
        product.id, product.currency, dict(product.attribute_sources), rating, product.n_reviews, product.image,
        product.url, product.date_added,
        [
            (variant.id, variant.price_minor, variant.list_price_minor, variant.stock, variant.image)
            for variant in product.variants
        ],
    )  # fmt: skip
    text_digest = _digest(("text", words))
    return _digest(("product", text_digest, rest)), text_digest


def products_of(rows: Iterable[Sequence[Any]], variants: Iterable[Sequence[Any]]) -> Iterator[Product]:
    """Join product rows with their variants; both come in order of product id, and no product lacks variants."""
    for row, (_, group) in zip(rows, groupby(variants, itemgetter(0)), strict=True):
        yield product_of_rows(row, group)


def product_of_rows(row: Sequence[Any], variants: Iterable[Sequence[Any]]) -> Product:
    """What `product_rows` made rows of."""
    (
        id_, title, description, brand, category, department, currency, attributes, attribute_sources, details,
        translations, rating, n_reviews, image, url, date_added, _, _,
    ) = row  # fmt: skip
    return Product(
        id=id_,
        title=title,
        currency=currency,
        variants=tuple(_variant(variant) for variant in variants),
        description=description,
        brand=brand,
        category=category,
        department=department,
        attributes=_attributes(attributes),
        attribute_sources=_mapping(attribute_sources),
        details=_mapping(details),
        translations={code: Translation(*words) for code, words in _mapping(translations).items()},
        rating=rating,
        n_reviews=n_reviews,
        image=image,
        url=url,
        date_added=date.fromisoformat(date_added) if date_added else None,
    )


def review_of(row: Row[Any]) -> Review:
    """The review that a row holds."""
    return Review(row.id, row.product_id, row.text, row.rating, row.language, row.title)


def policy_of(row: Row[Any]) -> Policy:
    """The policy that a row holds."""
    return Policy(row.id, row.topic, row.language, row.title, row.text, row.kind)


def _check_variants(product: Product) -> None:
    if not product.variants:
        raise CatalogError(f"product {product.id!r} has no variant: give it at least one with a price")
    ids = [variant.id for variant in product.variants]
    if len(set(ids)) < len(ids):
        repeated = next(variant_id for n, variant_id in enumerate(ids) if variant_id in ids[:n])
        raise CatalogError(f"product {product.id!r} has two variants with the id {repeated!r}: ids must be unique")


def _record_digest(kind: str, values: tuple[Any, ...], name: str) -> str:
    try:
        return _digest((kind, *values))
    except orjson.JSONEncodeError as error:
        raise CatalogError(f"{name} cannot be stored: {error}") from error


def _digest(value: object) -> str:
    return hashlib.sha256(orjson.dumps(value, option=orjson.OPT_SORT_KEYS)).hexdigest()


def _json(value: Mapping[str, Any]) -> str:
    return orjson.dumps(dict(value)).decode()


def _variant(row: Sequence[Any]) -> Variant:
    _, _, id_, price_minor, list_price_minor, stock, attributes, image = row
    return Variant(id_, price_minor, list_price_minor, stock, _attributes(attributes), image)


def _attributes(stored: str) -> Attributes:
    return {name: tuple(values) for name, values in _mapping(stored).items()}


def _mapping(stored: str) -> dict[str, Any]:
    return orjson.loads(stored) if stored != "{}" else {}
