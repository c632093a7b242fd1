"""The shop's SQL database: one `MetaData` for every table, and how its SQLite file is opened.

In: a path. Out: an `Engine`, and transactions on it. Knows no table: each package defines its own on `metadata`; the
migrations live in `assistant.migrations`.

SQLite lets one writer in at a time. A transaction that starts by reading and wants to write later may find that
another writer was there first, and no waiting helps it then ("database is locked"). So a transaction says at its
start which of the two it is: `engine.connect()` reads one snapshot, `write_transaction(engine)` takes the writer's
place at once and waits for it. Writing inside a reading transaction is refused.
"""

import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import URL, Connection, DateTime, Dialect, Engine, MetaData, TypeDecorator, create_engine, event
from sqlalchemy.exc import DatabaseError, OperationalError

from retrieval.errors import CatalogError

BUSY_TIMEOUT_S = 30.0
"""How long a writer waits for another before it gives up."""

WRITES = "writes"
"""The execution option that marks a writing transaction."""

IN_MEMORY = Path(":memory:")
"""What to attach for an empty database that lives as long as the block."""

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class UtcDateTime(TypeDecorator[datetime]):
    """A point in time, stored in UTC; what comes back is aware, and a naive time is refused."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC without the zone, as SQLite stores it."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"the time {value} has no time zone: give it as UTC, e.g. datetime.now(UTC)")
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """The stored time, aware again."""
        return None if value is None else value.replace(tzinfo=UTC)


def open_engine(path: Path, *, readonly: bool = False) -> Engine:
    """Open (and unless `readonly` create) the SQLite file at `path`; tables are made by `assistant.migrations.migrate`.

    Write-ahead log, synchronous NORMAL, foreign keys on, writers wait up to `BUSY_TIMEOUT_S`. With `readonly` the file
    is never changed, and a statement that tries fails.

    Raises:
        CatalogError: the file is missing (`readonly`), cannot be opened, or is not a SQLite database.
    """
    if readonly and not path.is_file():
        raise CatalogError(
            f"there is no shop database at {path}: import a catalog first, or name another --shop directory"
        )
    if not readonly:
        path.parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        URL.create("sqlite", database=str(path)),
        creator=lambda: _connect(path.absolute(), readonly),
        hide_parameters=True,
        json_serializer=_dump_json,
        json_deserializer=orjson.loads,
    )
    event.listen(engine, "begin", _begin)
    event.listen(engine, "before_cursor_execute", _refuse_unannounced_write)
    try:
        engine.connect().close()
    except DatabaseError as error:
        engine.dispose()
        raise CatalogError(
            f"cannot open the shop database {path}: {error.orig}; check the path and its rights"
        ) from error
    return engine


@contextmanager
def write_transaction(
    engine: Engine, *, enforce_foreign_keys: bool = True, attach: Path | None = None
) -> Iterator[Connection]:
    """One transaction that may write: committed at the end of the block, rolled back when the block raises.

    Migrations that rebuild a table switch `enforce_foreign_keys` off: dropping the old one would take all rows that
    refer to it along. With `attach` the block also sees that SQLite file, as the schema `staged`; `IN_MEMORY` makes an
    empty one for the block.

    Raises:
        CatalogError: another writer held the database for longer than `BUSY_TIMEOUT_S`, or the database is open for
            reading only, or the disk is full, or the file to attach is missing or damaged.
    """
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        try:
            with (
                _foreign_keys(connection, enforce_foreign_keys),
                attached(connection, attach) if attach else nullcontext(),
                connection.begin(),
            ):
                yield connection
        except OperationalError as error:
            raise CatalogError(
                f"cannot write to {engine.url.database}: {error.orig}; is another import running, or the disk full?"
            ) from error


def _connect(path: Path, readonly: bool) -> sqlite3.Connection:
    mode = "ro" if readonly else "rwc"
    connection = sqlite3.connect(
        f"{path.as_uri()}?mode={mode}",
        uri=True,
        timeout=BUSY_TIMEOUT_S,
        isolation_level=None,
        check_same_thread=False,
    )
    try:
        if not readonly:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        connection.execute("SELECT count(*) FROM sqlite_schema")
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


@contextmanager
def attached(connection: Connection, path: Path) -> Iterator[None]:
    """Let `connection` see the SQLite file at `path`, or an empty `IN_MEMORY` one, as the schema `staged`.

    SQLite attaches only between transactions: open one inside the block.

    Raises:
        CatalogError: the file is missing, or no SQLite database.
    """
    driver: Any = connection.connection.driver_connection
    address = str(path) if path == IN_MEMORY else f"{path.absolute().as_uri()}?mode=rw"
    try:
        driver.execute("ATTACH DATABASE ? AS staged", (address,))
        driver.execute("SELECT count(*) FROM staged.sqlite_schema")
    except sqlite3.DatabaseError as error:
        with suppress(sqlite3.DatabaseError):
            driver.execute("DETACH DATABASE staged")
        raise CatalogError(f"cannot read what was staged in {path}: {error}; import again") from error
    try:
        yield
    finally:
        driver.execute("DETACH DATABASE staged")


@contextmanager
def _foreign_keys(connection: Connection, enforced: bool) -> Iterator[None]:
    """SQLite heeds this setting only between transactions, so it goes past SQLAlchemy, which would begin one."""
    driver: Any = connection.connection.driver_connection
    if not enforced:
        driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        if not enforced:
            driver.execute("PRAGMA foreign_keys = ON")


def _begin(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITES, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _refuse_unannounced_write(
    connection: Connection, _cursor: Any, statement: str, _parameters: Any, context: Any, _many: bool
) -> None:
    writes = context is not None and (context.isinsert or context.isupdate or context.isdelete)
    if writes and not connection.get_execution_options().get(WRITES, False):
        raise CatalogError(
            f"write inside `with write_transaction(engine)`, so that writers wait in turn: {statement[:60]}"
        )


def _dump_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
