"""Events get a rating, a quantity, and a key under which the same act is stored only once.

Revision: 0003, after 0002. Events of one shopper, product, type and time that are there several times keep being there:
the first one gets the key that importing or recording it again would have, the others get one of their own.
"""

from collections.abc import Iterator
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from ranking.events import act_key, key_of, microseconds

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

BATCH = 5_000


def upgrade() -> None:
    """Forward."""
    op.add_column("events", sa.Column("rating", sa.Float(), nullable=True))
    op.add_column("events", sa.Column("quantity", sa.Integer(), nullable=True))
    op.add_column("events", sa.Column("key", sa.String(), nullable=True))
    for batch in _keys():
        op.get_bind().execute(sa.text("UPDATE events SET key = :key WHERE id = :id"), batch)
    with op.batch_alter_table("events") as events:
        events.alter_column("key", existing_type=sa.String(), nullable=False)
    op.create_index("ix_events_key", "events", ["key"], unique=True)


def downgrade() -> None:
    """Back."""
    op.drop_index("ix_events_key", "events")
    with op.batch_alter_table("events") as events:
        for column in ("key", "quantity", "rating"):
            events.drop_column(column)


def _keys() -> Iterator[list[dict[str, object]]]:
    """The id and key of each event, in batches."""
    repeats = "row_number() OVER (PARTITION BY shopper_id, product_id, type, time ORDER BY id)"
    rows = op.get_bind().execute(
        sa.text(f"SELECT id, shopper_id, product_id, type, time, {repeats} FROM events ORDER BY id")  # noqa: S608
    )
    for part in rows.partitions(BATCH):
        yield [{"id": row[0], "key": _key(row[0], tuple(row[1:4]), row[4], row[5])} for row in part]


def _key(id_: int, act: tuple[str, ...], time: str, nth: int) -> str:
    moment = datetime.fromisoformat(time).replace(tzinfo=UTC)
    key = act_key(act[0], act[1], act[2], microseconds(moment))
    return key if nth == 1 else key_of(key, id_)
