"""The tables of the catalog, on the one `MetaData`. Knows no value and no statement."""

from sqlalchemy import JSON, Column, Date, Float, ForeignKey, Integer, String, Table, Text, UniqueConstraint, text

from retrieval.database import UtcDateTime, metadata

NO_DIGEST = text("''")

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
    Column("digest", String(64), nullable=False, server_default=NO_DIGEST),
    Column("text_digest", String(64), nullable=False, server_default=NO_DIGEST),
    Column("revision", Integer, nullable=False, server_default="0", index=True),
    Column("retired_at", UtcDateTime),
)
"""`digest` and `text_digest` as in `retrieval.records`; `revision` is the catalog's at the row's last change;
`retired_at` says since when the product is no longer sold (NULL: it is)."""

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
    Column("digest", String(64), nullable=False, server_default=NO_DIGEST),
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
    Column("digest", String(64), nullable=False, server_default=NO_DIGEST),
)

removed_products_table = Table(
    "removed_products",
    metadata,
    Column("id", String, primary_key=True),
    Column("revision", Integer, nullable=False, index=True),
)
"""Ids of products that were deleted for good, so that an index that knows them can let go of them."""

catalog_meta_table = Table(
    "catalog_meta",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", String, nullable=False),
)

opinions_table = Table(
    "opinions",
    metadata,
    Column("product_id", ForeignKey("products.id", ondelete="CASCADE"), primary_key=True),
    # What was read, and with what: `retrieval.opinions.store.fingerprint`.
    Column("fingerprint", String(64), nullable=False),
    Column("aspects", JSON, nullable=False),
)
