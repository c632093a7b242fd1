"""The behaviour log in SQL: who did what with which product, and when.

In: `Event`s. Out: the same events, oldest first, as values or as a data frame. Knows no catalog: an event outlives its
product.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, fields
from itertools import islice
from typing import TYPE_CHECKING, Any

from sqlalchemy import Column, Engine, Index, Integer, String, Table, Text, delete, func, insert, select

from ranking.types import EVENT_TYPES, Event
from retrieval.database import UtcDateTime, metadata, write_transaction
from retrieval.errors import CatalogError

if TYPE_CHECKING:
    import pandas as pd

BATCH = 2_000
COLUMNS = tuple(field.name for field in fields(Event))

events_table = Table(
    "events",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("shopper_id", String, nullable=False),
    Column("product_id", String, nullable=False),
    Column("type", String, nullable=False),
    Column("time", UtcDateTime, nullable=False),
    Column("session_id", String),
    Column("query", Text),
    Column("list_id", String),
    Column("position", Integer),
    Index(None, "shopper_id", "time"),
    Index(None, "time"),
)


class EventStore:
    """The events in the database of `engine`. Safe to share between threads; writers wait in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, events: Iterable[Event]) -> int:
        """Append events, all or none.

        Returns:
            How many were added.

        Raises:
            CatalogError: an unknown type, or a time without a zone.
        """
        rows = map(_row, events)
        n_added = 0
        with write_transaction(self._engine) as connection:
            while batch := list(islice(rows, BATCH)):
                connection.execute(insert(events_table), batch)
                n_added += len(batch)
        return n_added

    def events(self, shopper_id: str | None = None, limit: int | None = None) -> list[Event]:
        """Events in order of time, of one shopper where given; `limit` keeps the newest."""
        return [Event(*row) for row in self._rows(shopper_id, limit)]

    def frame(self) -> "pd.DataFrame":
        """All events in order of time: a column per field of `Event`, `time` as UTC timestamps."""
        # Importing pandas takes half a second, which those who only log events should not wait for.
        import pandas as pd

        frame = pd.DataFrame.from_records(list(self._rows(None, None)), columns=list(COLUMNS))
        return frame.assign(time=pd.to_datetime(frame["time"], utc=True), position=frame["position"].astype("Int64"))

    def clear(self) -> int:
        """Forget every event.

        Returns:
            How many there were.
        """
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(events_table)).rowcount

    def count(self) -> int:
        """How many events there are."""
        with self._engine.connect() as connection:
            return connection.scalar(select(func.count()).select_from(events_table)) or 0

    def _rows(self, shopper_id: str | None, limit: int | None) -> Iterator[tuple[Any, ...]]:
        newest_first = select(*(events_table.c[name] for name in COLUMNS)).order_by(
            events_table.c.time.desc(), events_table.c.id.desc()
        )
        if shopper_id is not None:
            newest_first = newest_first.where(events_table.c.shopper_id == shopper_id)
        with self._engine.connect() as connection:
            rows = connection.execute(newest_first.limit(limit)).all()
        return (tuple(row) for row in reversed(rows))


def _row(event: Event) -> dict[str, Any]:
    if event.type not in EVENT_TYPES:
        raise CatalogError(f"{event.type!r} is no type of event; the types are {', '.join(EVENT_TYPES)}")
    if event.time.tzinfo is None:
        raise CatalogError(f"the event time {event.time} has no time zone: give it as UTC, e.g. datetime.now(UTC)")
    return asdict(event)
