"""Preferences of known shoppers, and for whom a wish is: events and sessions can belong to a gift for someone else.

Revision: 0004, after 0003. What is there belongs to the shoppers themselves.
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "preferences",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("shopper_id", sa.String(), nullable=False),
        sa.Column("attribute", sa.String(), nullable=False),
        sa.Column("value", sa.String(), nullable=False),
        sa.Column("weight", sa.Float(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("expires", sa.DateTime(), nullable=True),
        sa.Column("inferred", sa.Boolean(), nullable=False),
        sa.Column("since", sa.DateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_preferences"),
    )
    op.create_index(
        "ix_preferences_shopper_id_attribute_value",
        "preferences",
        ["shopper_id", "attribute", "value"],
        unique=True,
    )
    op.add_column("events", sa.Column("recipient", sa.String(), nullable=True))
    op.add_column("sessions", sa.Column("recipient", sa.String(), nullable=True))


def downgrade() -> None:
    """Back."""
    for table in ("sessions", "events"):
        with op.batch_alter_table(table) as changed:
            changed.drop_column("recipient")
    op.drop_index("ix_preferences_shopper_id_attribute_value", "preferences")
    op.drop_table("preferences")
