"""What known shoppers said of themselves, in SQL, so that it survives the conversation.

In: the stated preferences of one shopper. Out: the same, oldest first. Knows no conversation, and no guest: a guest's
preferences live and end with their session.
"""

from collections.abc import Iterable

from sqlalchemy import Boolean, Column, Engine, Float, Index, Integer, String, Table, Text, delete, insert, select

from ranking.types import Preference
from retrieval.database import UtcDateTime, metadata, write_transaction

preferences_table = Table(
    "preferences",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shopper_id", String, nullable=False),
    Column("attribute", String, nullable=False),
    Column("value", String, nullable=False),
    Column("weight", Float, nullable=False),
    Column("source", Text, nullable=False),
    Column("confidence", Float, nullable=False),
    Column("expires", UtcDateTime),
    Column("inferred", Boolean, nullable=False),
    Column("since", UtcDateTime),
    Index(None, "shopper_id", "attribute", "value", unique=True),
)
_FIELDS = ("attribute", "value", "weight", "source", "confidence", "expires", "inferred", "since")


class PreferenceStore:
    """The preferences in the database of `engine`. Safe to share between threads; writers wait in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def load(self, shopper_id: str) -> tuple[Preference, ...]:
        """The preferences of one shopper, expired ones included, in the order in which they were said."""
        statement = (
            select(*(preferences_table.c[name] for name in _FIELDS))
            .where(preferences_table.c.shopper_id == shopper_id)
            .order_by(preferences_table.c.id)
        )
        with self._engine.connect() as connection:
            return tuple(Preference(*row) for row in connection.execute(statement))

    def change(self, shopper_id: str, old: Iterable[Preference], new: Iterable[Preference]) -> None:
        """Store the difference between two states of a shopper's preferences, all of it or nothing.

        What another conversation of the same shopper stored meanwhile stays.
        """
        before, after = {item.key: item for item in old}, {item.key: item for item in new}
        gone = [item for key, item in before.items() if after.get(key) != item]
        added = [item for key, item in after.items() if before.get(key) != item]
        if not gone and not added:
            return
        with write_transaction(self._engine) as connection:
            for item in (*gone, *added):
                connection.execute(
                    delete(preferences_table).where(
                        preferences_table.c.shopper_id == shopper_id,
                        preferences_table.c.attribute == item.attribute,
                        preferences_table.c.value == item.value,
                    )
                )
            rows = [{"shopper_id": shopper_id, **{name: getattr(item, name) for name in _FIELDS}} for item in added]
            if rows:
                connection.execute(insert(preferences_table), rows)

    def forget(self, shopper_id: str) -> int:
        """Forget all of one shopper; how many there were."""
        with write_transaction(self._engine) as connection:
            return connection.execute(
                delete(preferences_table).where(preferences_table.c.shopper_id == shopper_id)
            ).rowcount

    def clear(self) -> None:
        """Forget every preference."""
        with write_transaction(self._engine) as connection:
            connection.execute(delete(preferences_table))
