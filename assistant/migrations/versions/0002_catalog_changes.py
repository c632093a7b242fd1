"""What a catalog needs to change row by row: digests, the revision of the last change, retired products.

Revision: 0002, after 0001. The digests of what the catalog holds are computed here.
"""

from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from alembic import op

from retrieval.batches import batches
from retrieval.changes import MODULUS, sum_of
from retrieval.records import (
    PRODUCT_COLUMNS,
    VARIANT_COLUMNS,
    policy_of,
    policy_row,
    product_digests,
    products_of,
    review_of,
    review_row,
)

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

FIRST_REVISION = 1
IDS: sa.BindParameter[Any] = sa.bindparam("ids", expanding=True)
Filled = dict[str, Any]


def upgrade() -> None:
    """Forward."""
    digest = ("digest", "text_digest")
    for table, columns in {"products": digest, "reviews": digest[:1], "policies": digest[:1]}.items():
        for name in columns:
            op.add_column(table, sa.Column(name, sa.String(length=64), nullable=False, server_default=""))
    op.add_column("products", sa.Column("revision", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("products", sa.Column("retired_at", sa.DateTime(), nullable=True))
    op.create_index("ix_products_revision", "products", ["revision"])
    op.create_table(
        "removed_products",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_removed_products"),
    )
    op.create_index("ix_removed_products_revision", "removed_products", ["revision"])
    _fill(op.get_bind())


def downgrade() -> None:
    """Back. Products that were retired are deleted: revision 0001 would sell them."""
    op.execute("DELETE FROM variants WHERE product_id IN (SELECT id FROM products WHERE retired_at IS NOT NULL)")
    op.execute("DELETE FROM reviews WHERE product_id IN (SELECT id FROM products WHERE retired_at IS NOT NULL)")
    op.execute("DELETE FROM products WHERE retired_at IS NOT NULL")
    op.drop_table("removed_products")
    op.drop_index("ix_products_revision", "products")
    for name in ("digest", "text_digest", "revision", "retired_at"):
        op.drop_column("products", name)
    op.drop_column("reviews", "digest")
    op.drop_column("policies", "digest")


def _fill(connection: sa.Connection) -> None:
    total = 0
    for statement, rows in (
        (
            "UPDATE products SET digest = :digest, text_digest = :text_digest, revision = :revision WHERE id = :id_",
            _products(connection),
        ),
        ("UPDATE reviews SET digest = :digest WHERE product_id = :product_id_ AND id = :id_", _reviews(connection)),
        ("UPDATE policies SET digest = :digest WHERE id = :id_ AND language = :language_", _policies(connection)),
    ):
        for batch in batches(rows):
            connection.execute(sa.text(statement), batch)
            total += sum_of(row["digest"] for row in batch)
    if total:
        meta = {"version": f"{total % MODULUS:064x}", "revision": str(FIRST_REVISION)}
        connection.execute(
            sa.text("INSERT OR REPLACE INTO catalog_meta (key, value) VALUES (:key, :value)"),
            [{"key": key, "value": value} for key, value in meta.items()],
        )


def _products(connection: sa.Connection) -> Iterator[Filled]:
    rows = sa.text(f"SELECT {', '.join(PRODUCT_COLUMNS)} FROM products WHERE id IN :ids ORDER BY id")  # noqa: S608
    variants = sa.text(
        f"SELECT {', '.join(VARIANT_COLUMNS)} FROM variants WHERE product_id IN :ids "  # noqa: S608
        "ORDER BY product_id, position"
    )
    rows, variants = rows.bindparams(IDS), variants.bindparams(IDS)
    for batch in batches(connection.execute(sa.text("SELECT id FROM products ORDER BY id")).scalars().all()):
        ids = {"ids": batch}
        for product in products_of(connection.execute(rows, ids), connection.execute(variants, ids)):
            digest, text_digest = product_digests(product)
            yield {"id_": product.id, "digest": digest, "text_digest": text_digest, "revision": FIRST_REVISION}


def _reviews(connection: sa.Connection) -> Iterator[Filled]:
    for row in connection.execute(sa.text("SELECT * FROM reviews")).all():
        digest = review_row(review_of(row))[-1]
        yield {"product_id_": row.product_id, "id_": row.id, "digest": digest}


def _policies(connection: sa.Connection) -> Iterator[Filled]:
    for row in connection.execute(sa.text("SELECT * FROM policies")).all():
        yield {"id_": row.id, "language_": row.language, "digest": policy_row(policy_of(row))[-1]}
