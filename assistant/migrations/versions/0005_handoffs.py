"""Conversations that a person shall take over: requests are kept until they have arrived.

Revision: 0005, after 0004.
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Forward."""
    op.create_table(
        "handoffs",
        sa.Column("reference", sa.String(), nullable=False),
        sa.Column("session_id", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("n_attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["sessions.id"], name="fk_handoffs_session_id_sessions", ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("reference", name="pk_handoffs"),
    )
    op.create_index("ix_handoffs_session_id", "handoffs", ["session_id"])


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_handoffs_session_id", "handoffs")
    op.drop_table("handoffs")
