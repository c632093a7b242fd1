"""What buyers say of each product, as its reviews were read.

Revision: 0006, after 0005.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "opinions",
        sa.Column("product_id", sa.String(), nullable=False),
        sa.Column("fingerprint", sa.String(64), nullable=False),
        sa.Column("aspects", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name="fk_opinions_product_id_products", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("product_id", name="pk_opinions"),
    )


def downgrade() -> None:
    """Back."""
    op.drop_table("opinions")
