"""The behaviour log in SQL: who did what with which product, and when.

In: `Event`s, or a staged import. Out: the same events, oldest first, as values or as a data frame. Knows no catalog: an
event outlives its product.

Each event has a key, a digest of who did what with which product when (or of the id that its tracker gave it). What is
added again under the same key changes nothing, so that an export may be imported every night, and overlap.

An act that was done while the shopper looked for something for someone else has a recipient: it tells of that person.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import (
    Column,
    Connection,
    Engine,
    Float,
    Index,
    Integer,
    String,
    Table,
    Text,
    bindparam,
    delete,
    func,
    select,
    update,
)
from sqlalchemy.dialects.sqlite import insert

from ranking.types import EVENT_TYPES, Event
from retrieval.batches import batches
from retrieval.database import UtcDateTime, metadata, write_transaction
from retrieval.errors import CatalogError

if TYPE_CHECKING:
    import pandas as pd

BATCH = 2_000
PURCHASE = "purchase"
MERGE_CACHE_KIB = 65_536
COLUMNS = tuple(field.name for field in fields(Event) if field.name != "recipient")
"""What an export can tell of an event, as columns. Whom it was for is only known to the chat."""

_FIELDS = tuple(field.name for field in fields(Event))
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

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
    Column("rating", Float),
    Column("quantity", Integer),
    Column("key", String, nullable=False),
    Column("recipient", String),
    Index(None, "shopper_id", "time"),
    Index(None, "time"),
    Index(None, "key", unique=True),
)


def microseconds(time: datetime) -> int:
    """Whole microseconds from 1970 in UTC to an aware time.

    >>> microseconds(datetime(1970, 1, 1, 0, 0, 2, 5, tzinfo=UTC))
    2000005
    """
    return (time - EPOCH) // timedelta(microseconds=1)


def key_of(*parts: object) -> str:
    """A digest (32 hexadecimal digits) of what tells one event from all others.

    >>> key_of("act", "ann", "p1", "view", 0) == key_of("act", "ann", "p1", "view", 1)
    False
    """
    text = "\x1f".join(map(str, parts))
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def act_key(shopper_id: str, product_id: str, type_: str, time_us: int) -> str:
    """The key of an act that no tracker gave an id: who, what, which product, and when (microseconds from 1970)."""
    return key_of("act", shopper_id, product_id, type_, time_us)


@dataclass(frozen=True, slots=True)
class LoggedEvent:
    """An event with its place in the log, which grows with each one added."""

    place: int
    event: Event

    @property
    def recipient(self) -> str | None:
        """Whom it was for; None: the shopper."""
        return self.event.recipient


class EventStore:
    """The events in the database of `engine`. Safe to share between threads; writers wait in turn."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine

    def add(self, events: Iterable[Event]) -> int:
        """Add events, all or none. One that is there already (same shopper, product, type and time) is left as it is.

        Returns:
            How many were new.

        Raises:
            CatalogError: an unknown type, or a time without a zone.
        """
        rows = map(_row, events)
        n_new = 0
        with write_transaction(self._engine) as connection:
            for batch in batches(rows, BATCH):
                before = _changes(connection)
                connection.execute(insert(events_table).on_conflict_do_nothing(index_elements=["key"]), batch)
                n_new += _changes(connection) - before
        return n_new

    def merge(self, staged: Path) -> int:
        """Add what an import staged in the table `ready` of another SQLite file, in one transaction.

        Its columns are those of the events, `time` in microseconds from 1970; what is there already is left as it is.

        Returns:
            How many were new.

        Raises:
            CatalogError: the database refused.
        """
        names = ", ".join(name for name in (*COLUMNS, "key") if name != "time")
        # The very text that UtcDateTime writes, six digits after the point; datetime() alone would drop them.
        time = "strftime('%Y-%m-%d %H:%M:%S', time / 1000000, 'unixepoch') || printf('.%06d', time % 1000000)"
        with write_transaction(self._engine, attach=staged) as connection:
            # Keys come in no order: in SQLite's own small cache their index would be written many times over.
            connection.exec_driver_sql(f"PRAGMA main.cache_size = -{MERGE_CACHE_KIB}")
            before = _changes(connection)
            connection.exec_driver_sql(
                f"INSERT OR IGNORE INTO main.events ({names}, time) "  # noqa: S608  (names of our own columns)
                f"SELECT {names}, {time} FROM staged.ready ORDER BY time, rowid"
            )
            return _changes(connection) - before

    def events(self, shopper_id: str | None = None, limit: int | None = None) -> list[Event]:
        """Events in order of time, of one shopper where given; `limit` keeps the newest.

        Those that were for somebody else are among them, with their `recipient`; who learns tastes leaves them out.
        """
        return [Event(*row) for row in self._rows(shopper_id, limit)]

    def since(self, shopper_id: str, place: int = 0) -> list[LoggedEvent]:
        """One shopper's events that were added after that place of the log, in order of time.

        Late ones are among them, whatever time they bear. Only the shopper's part of an index is looked at.
        """
        columns = [events_table.c[name] for name in ("id", *_FIELDS)]
        statement = (
            select(*columns)
            .where(events_table.c.shopper_id == shopper_id, events_table.c.id > place)
            .order_by(events_table.c.time, events_table.c.id)
        )
        with self._engine.connect() as connection:
            return [LoggedEvent(row[0], Event(*row[1:])) for row in connection.execute(statement)]

    def place(self, event: Event) -> int | None:
        """Where an event stands in the log, if it came without an id of its own."""
        key = act_key(event.shopper_id, event.product_id, event.type, microseconds(event.time))
        with self._engine.connect() as connection:
            return connection.scalar(select(events_table.c.id).where(events_table.c.key == key))

    def was_for(self, places: Iterable[int], recipient: str) -> None:
        """Note of events, by their places in the log, that they were for somebody else."""
        statement = update(events_table).where(events_table.c.id == bindparam("place")).values(recipient=recipient)
        with write_transaction(self._engine) as connection:
            connection.execute(statement, [{"place": place} for place in places])

    def forget(self, shopper_id: str) -> int:
        """Forget what one shopper did; how many events there were."""
        with write_transaction(self._engine) as connection:
            return connection.execute(delete(events_table).where(events_table.c.shopper_id == shopper_id)).rowcount

    def frame(self) -> "pd.DataFrame":
        """All events in order of time: a column per field of `Event`, `time` as UTC timestamps."""
        # Importing pandas takes half a second, which those who only log events should not wait for.
        import pandas as pd

        frame = pd.DataFrame.from_records(list(self._rows(None, None)), columns=list(_FIELDS))
        whole = {name: frame[name].astype("Int64") for name in ("position", "quantity")}
        return frame.assign(
            time=pd.to_datetime(frame["time"], utc=True), rating=frame["rating"].astype("float64"), **whole
        )

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
        newest_first = select(*(events_table.c[name] for name in _FIELDS)).order_by(
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
    key = act_key(event.shopper_id, event.product_id, event.type, microseconds(event.time))
    return {**asdict(event), "key": key}


def _changes(connection: Connection) -> int:
    """How many rows this connection has changed so far: SQLite counts neither what it ignores nor whole batches."""
    return connection.exec_driver_sql("SELECT total_changes()").scalar_one()  # type: ignore[no-any-return]
