"""What can still be read of a damaged database, written into a new one that is whole.

In: the path of a damaged SQLite file and of a new file. Out: the new database with this version's schema, and how much
of each table is in it. The damaged file is only read.

Rows are read in order until one cannot be, then from the end backwards, then those in between one by one. What came
through is not yet trusted: rows that refer to nothing go, and so do products, reviews and policies that no longer have
the digest that was stored with them.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import JSON, Connection, Engine, Row, select

from assistant.database_files import orphans, quoted, reading, revision_of
from assistant.migrations import ALL_TABLES, is_known, migrate
from retrieval.changes import sum_of
from retrieval.database import open_engine, write_transaction
from retrieval.errors import BackupError
from retrieval.records import (
    STORED_PRODUCT,
    STORED_VARIANT,
    policy_of,
    policy_row,
    product_digests,
    products_of,
    review_of,
    review_row,
)
from retrieval.tables import policies_table, products_table, reviews_table, variants_table

MAX_PROBED = 200_000
"""Rows in a stretch that cannot be read in order are looked for one by one, up to so many."""

BATCH = 500


@dataclass(frozen=True, slots=True)
class Salvaged:
    """How many rows of a table came through, and how many were there as far as an index tells (None: unknown)."""

    table: str
    n_saved: int
    n_before: int | None

    def __str__(self) -> str:
        """As the doctor says it.

        >>> print(Salvaged("events", 1200, 1300), Salvaged("turns", 3, None), Salvaged("policies", 5, 5), sep="; ")
        events: 1,200 of 1,300 rows; turns: 3 rows, how many there were is unknown; policies: all 5 rows
        """
        if self.n_before is None:
            return f"{self.table}: {self.n_saved:,} rows, how many there were is unknown"
        if self.n_before == self.n_saved:
            return f"{self.table}: all {self.n_saved:,} rows"
        return f"{self.table}: {self.n_saved:,} of {self.n_before:,} rows"


def salvage(damaged: Path, target: Path) -> list[Salvaged]:
    """Write what can be read of `damaged` into the new database `target`.

    Raises:
        BackupError: nothing of it can be read.
    """
    revision = None
    with suppress(sqlite3.DatabaseError):
        revision = revision_of(damaged, damaged=True)
    engine = open_engine(target)
    try:
        migrate(engine, revision if revision and is_known(revision) else "head")
        before = _copy_tables(damaged, target)
        migrate(engine)
        with write_transaction(engine) as connection:
            _drop_what_is_not_as_stored(connection)
        drop_orphans(target)
        note_contents(engine)
        with engine.connect() as connection:
            counts = {name: _count(connection, name) for name in before}
    except sqlite3.DatabaseError as error:
        raise BackupError(f"nothing of {damaged} can be brought over into a new database: {error}") from error
    finally:
        engine.dispose()
    if not any(counts.values()):
        raise BackupError(f"not one row of {damaged} can be read")
    return [Salvaged(name, n, before[name]) for name, n in counts.items()]


def _copy_tables(damaged: Path, target: Path) -> dict[str, int | None]:
    """How many rows each table seemed to have."""
    before: dict[str, int | None] = {}
    with reading(damaged, damaged=True) as source, closing(sqlite3.connect(target, isolation_level=None)) as new:
        tables = new.execute("SELECT name FROM sqlite_schema WHERE type = 'table' AND name <> 'alembic_version'")
        for (name,) in tables.fetchall():
            before[name] = _n_rows(source, name)
            columns = [row[1] for row in new.execute(f"PRAGMA table_info({quoted(name)})")]
            new.execute("BEGIN")
            new.executemany(
                f"INSERT OR IGNORE INTO {quoted(name)} ({', '.join(map(quoted, columns))}) "  # noqa: S608
                f"VALUES ({', '.join('?' for _ in columns)})",
                _rows(source, name, columns),
            )
            new.execute("COMMIT")
    return before


def _n_rows(source: sqlite3.Connection, table: str) -> int | None:
    """As the smallest index has it, or the table itself: whichever can be read."""
    for how in ("", " NOT INDEXED"):
        with suppress(sqlite3.DatabaseError):
            return int(source.execute(f"SELECT count(*) FROM {quoted(table)}{how}").fetchone()[0])  # noqa: S608
    return None


def _rows(source: sqlite3.Connection, table: str, columns: list[str]) -> Iterator[tuple[object, ...]]:
    chosen = f"SELECT rowid, {', '.join(map(quoted, columns))} FROM {quoted(table)}"  # noqa: S608
    last = 0
    try:
        for rowid, *row in source.execute(f"{chosen} ORDER BY rowid"):
            last = rowid
            yield tuple(row)
    except sqlite3.DatabaseError:
        first = last + MAX_PROBED
    else:
        return
    with suppress(sqlite3.DatabaseError):
        for rowid, *row in source.execute(f"{chosen} WHERE rowid > ? ORDER BY rowid DESC", (last,)):
            first = rowid
            yield tuple(row)
    for rowid in range(last + 1, min(first, last + MAX_PROBED)):
        with suppress(sqlite3.DatabaseError):
            for _, *row in source.execute(f"{chosen} WHERE rowid = ?", (rowid,)):
                yield tuple(row)


def _drop_what_is_not_as_stored(connection: Connection) -> None:
    for table in ALL_TABLES.sorted_tables:
        for column in table.columns:
            if isinstance(column.type, JSON):
                connection.exec_driver_sql(
                    f"DELETE FROM {quoted(table.name)} WHERE NOT json_valid({quoted(column.name)})"  # noqa: S608
                )
    connection.exec_driver_sql("DELETE FROM products WHERE id NOT IN (SELECT product_id FROM variants)")
    connection.exec_driver_sql("DELETE FROM variants WHERE product_id NOT IN (SELECT id FROM products)")
    for product_id in _other_products(connection):
        connection.exec_driver_sql("DELETE FROM products WHERE id = ?", (product_id,))
    reviews = [review for review in connection.execute(select(reviews_table)) if _is_other_review(review)]
    for review in reviews:
        key = (review.product_id, review.id)
        connection.exec_driver_sql("DELETE FROM reviews WHERE product_id = ? AND id = ?", key)
    for policy in connection.execute(select(policies_table)).all():
        if policy_row(policy_of(policy))[-1] != policy.digest:
            connection.exec_driver_sql("DELETE FROM policies WHERE digest = ?", (policy.digest,))


def _other_products(connection: Connection) -> list[str]:
    """Ids of products that are not what their digest says."""
    found: list[str] = []
    for batch in _batches(connection, "SELECT id FROM products"):
        rows = connection.execute(
            select(*STORED_PRODUCT).where(products_table.c.id.in_(batch)).order_by(products_table.c.id)
        ).all()
        variants = connection.execute(
            select(*STORED_VARIANT)
            .where(variants_table.c.product_id.in_(batch))
            .order_by(variants_table.c.product_id, variants_table.c.position)
        )
        pairs = zip(products_of(rows, variants), rows, strict=True)
        found += [row.id for product, row in pairs if product_digests(product)[0] != row.digest]
    return found


def _is_other_review(row: Row[Any]) -> bool:
    return bool(review_row(review_of(row))[-1] != row.digest)


def _batches(connection: Connection, ids: str) -> Iterator[list[str]]:
    every = list(connection.exec_driver_sql(ids).scalars())
    return (every[start : start + BATCH] for start in range(0, len(every), BATCH))


def drop_orphans(database: Path) -> None:
    """What refers to a row that is gone goes as well, until nothing does."""
    while orphans(database):
        with closing(sqlite3.connect(database, isolation_level=None)) as connection:
            for table, rowid, *_ in connection.execute("PRAGMA foreign_key_check").fetchall():
                connection.execute(f"DELETE FROM {quoted(table)} WHERE rowid = ?", (rowid,))  # noqa: S608


def note_contents(engine: Engine) -> None:
    """Version and currency of what is there now; the revision moves on, so that whoever has seen more notices."""
    with write_transaction(engine) as connection:
        live = "JOIN products p ON p.id = r.product_id WHERE p.retired_at IS NULL"
        digests = connection.exec_driver_sql(
            "SELECT digest FROM products WHERE retired_at IS NULL UNION ALL "  # noqa: S608
            f"SELECT r.digest FROM reviews r {live} UNION ALL SELECT digest FROM policies"
        )
        version = sum_of(row[0] for row in digests)
        highest = connection.exec_driver_sql("SELECT max(revision) FROM products").scalar() or 0
        noted = {row[0]: row[1] for row in connection.exec_driver_sql("SELECT key, value FROM catalog_meta")}
        revision = max(int(highest), int(noted.get("revision", 0))) + 1
        currency = connection.exec_driver_sql("SELECT currency FROM products LIMIT 1").scalar()
        meta = {"version": f"{version:064x}" if version else "", "revision": str(revision)}
        if currency and "currency" not in noted:
            meta["currency"] = currency
        for item in meta.items():
            connection.exec_driver_sql("INSERT OR REPLACE INTO catalog_meta (key, value) VALUES (?, ?)", item)


def _count(connection: Connection, table: str) -> int:
    return int(connection.exec_driver_sql(f"SELECT count(*) FROM {quoted(table)}").scalar_one())  # noqa: S608
