"""The first tables: catalog, events, sessions with their turns, and every list that was shown.

Revision: 0001, the first.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

DEPENDENT_TABLES = ("variants", "reviews", "turns", "shown_products")
INDEPENDENT_TABLES = ("products", "policies", "catalog_meta", "events", "sessions", "shown_lists")


def upgrade() -> None:
    """Forward."""
    _create_catalog()
    _create_behaviour()
    _create_conversations()


def downgrade() -> None:
    """Back."""
    for table in DEPENDENT_TABLES + INDEPENDENT_TABLES:
        op.drop_table(table)


def _create_catalog() -> None:
    op.create_table(
        "products",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("brand", sa.String(), nullable=True),
        sa.Column("category", sa.String(), nullable=True),
        sa.Column("department", sa.String(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("attribute_sources", sa.JSON(), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.Column("translations", sa.JSON(), nullable=False),
        sa.Column("rating", sa.Float(), nullable=True),
        sa.Column("n_reviews", sa.Integer(), nullable=True),
        sa.Column("image", sa.String(), nullable=True),
        sa.Column("url", sa.String(), nullable=True),
        sa.Column("date_added", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_products"),
    )
    op.create_table(
        "variants",
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("list_price_minor", sa.Integer(), nullable=True),
        sa.Column("stock", sa.Integer(), nullable=True),
        sa.Column("attributes", sa.JSON(), nullable=False),
        sa.Column("image", sa.String(), nullable=True),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_variants_product_id_products", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "position", name="pk_variants"),
        sa.UniqueConstraint("product_id", "id", name="uq_variants_product_id_id"),
    )
    op.create_index("ix_variants_id", "variants", ["id"])
    op.create_table(
        "reviews",
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=True),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_reviews_product_id_products", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", "id", name="pk_reviews"),
    )
    op.create_table(
        "policies",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("topic", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("id", "language", name="pk_policies"),
    )
    op.create_table(
        "catalog_meta",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.PrimaryKeyConstraint("key", name="pk_catalog_meta"),
    )


def _create_behaviour() -> None:
    op.create_table(
        "events",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("type", sa.String(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=True),
        sa.Column("query", sa.Text(), nullable=True),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_events"),
    )
    op.create_index("ix_events_shopper_id_time", "events", ["shopper_id", "time"])
    op.create_index("ix_events_time", "events", ["time"])
    op.create_table(
        "shown_lists",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.Column("request", sa.JSON(), nullable=False),
        sa.Column("model_versions", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_shown_lists"),
    )
    op.create_index("ix_shown_lists_session_id", "shown_lists", ["session_id"])
    op.create_index("ix_shown_lists_time", "shown_lists", ["time"])
    op.create_table(
        "shown_products",
        sa.Column("list_id", sa.String(), nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("variant_id", sa.String(), nullable=False),
        sa.Column("price_minor", sa.Integer(), nullable=False),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("contributions", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["list_id"], ["shown_lists.id"], name="fk_shown_products_list_id_shown_lists", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("list_id", "position", name="pk_shown_products"),
    )
    op.create_index("ix_shown_products_product_id", "shown_products", ["product_id"])


def _create_conversations() -> None:
    op.create_table(
        "sessions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("updated_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_sessions"),
    )
    op.create_index("ix_sessions_shopper_id", "sessions", ["shopper_id"])
    op.create_table(
        "turns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("list_id", sa.String(), nullable=True),
        sa.Column("shopper_text", sa.Text(), nullable=False),
        sa.Column("reply_text", sa.Text(), nullable=False),
        sa.Column("parsed", sa.JSON(), nullable=False),
        sa.Column("timings_ms", sa.JSON(), nullable=False),
        sa.Column("time", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_turns_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_turns"),
    )
    op.create_index("ix_turns_session_id", "turns", ["session_id"])
