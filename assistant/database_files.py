"""The database as a file: copied while others use it, examined, counted, without knowing what its tables mean.

In: the path of a SQLite file. Out: a copy that is whole, or what is wrong with the file. Knows no schema.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

PAGES_A_STEP = 2048
"""Pages of 4 KiB that are copied at once; other threads run in between."""

MAX_PROBLEMS = 10
SIDECARS = ("-wal", "-shm", "-journal")
"""What SQLite keeps beside a database that is in use; they belong to it, and move with it."""


@contextmanager
def reading(path: Path, *, damaged: bool = False) -> Iterator[sqlite3.Connection]:
    """One snapshot of the database at `path`, whatever others write meanwhile.

    Args:
        path: a SQLite file; it is not changed.
        damaged: read on where SQLite would refuse the whole file, as when its end is cut off.
    """
    with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True, isolation_level=None)) as connection:
        connection.execute("PRAGMA busy_timeout = 30000")
        if damaged:
            connection.execute("PRAGMA writable_schema = ON")
        connection.execute("BEGIN")
        connection.execute("SELECT count(*) FROM sqlite_schema")
        yield connection


def copy_database(source: Path, target: Path) -> None:
    """Write a consistent copy of `source` to the new file `target`, as one file without a log beside it.

    SQLite starts a copy again whenever another process writes in between; a read transaction held over all of it
    prevents that, and writers don't wait for it.

    Raises:
        sqlite3.DatabaseError: the source cannot be read, or the disk is full.
    """
    with reading(source) as connection, closing(sqlite3.connect(target, isolation_level=None)) as copy:
        connection.backup(copy, pages=PAGES_A_STEP)
        copy.execute("PRAGMA journal_mode = DELETE")


def as_one_file(database: Path) -> None:
    """Bring a database that nobody has open into one file without a log beside it.

    Raises:
        sqlite3.DatabaseError: it is damaged, or open elsewhere.
    """
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = DELETE")


def faults(path: Path, *, quick: bool = False) -> list[str]:
    """What SQLite finds wrong with the file at `path`, at most `MAX_PROBLEMS`; an empty list for a whole one.

    Args:
        path: a database; it is not changed.
        quick: leave out whether indexes agree with their tables.
    """
    check = "quick_check" if quick else "integrity_check"
    try:
        with reading(path) as connection:
            rows = [str(row[0]) for row in connection.execute(f"PRAGMA {check}({MAX_PROBLEMS})")]
    except (sqlite3.DatabaseError, OSError) as error:
        return [str(error)]
    return [] if rows == ["ok"] else rows


def orphans(path: Path) -> dict[str, int]:
    """How many rows of each table refer to a row that is not there."""
    with reading(path) as connection:
        found: dict[str, int] = {}
        for row in connection.execute("PRAGMA foreign_key_check"):
            found[row[0]] = found.get(row[0], 0) + 1
    return found


def revision_of(path: Path, *, damaged: bool = False) -> str | None:
    """The revision of the schema that the database states; None where it states none. `damaged` as for `reading`."""
    with reading(path, damaged=damaged) as connection:
        if not connection.execute("SELECT count(*) FROM sqlite_schema WHERE name = 'alembic_version'").fetchone()[0]:
            return None
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        return str(row[0]) if row else None


def row_counts(path: Path) -> dict[str, int]:
    """How many rows each table has, Alembic's own left out."""
    with reading(path) as connection:
        tables = connection.execute(
            "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name"
        )
        names = [name for (name,) in tables.fetchall() if name != "alembic_version"]
        return {name: connection.execute(f"SELECT count(*) FROM {quoted(name)}").fetchone()[0] for name in names}  # noqa: S608


def is_open_elsewhere(path: Path) -> bool:
    """Whether another connection, of this process or any other, has the database open. The file is not changed."""
    with closing(sqlite3.connect(path, isolation_level=None, timeout=1.0)) as connection:
        try:
            connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute("ROLLBACK")
        except sqlite3.OperationalError as error:
            return error.sqlite_errorcode == sqlite3.SQLITE_BUSY
        except sqlite3.DatabaseError:
            return False
    return False


def quoted(name: str) -> str:
    """A name as SQL takes it.

    >>> quoted('a"b')
    '"a""b"'
    """
    return '"' + name.replace('"', '""') + '"'


def with_sidecars(path: Path) -> list[Path]:
    """The database file and what lies beside it, as far as it is there."""
    return [file for file in (path, *(path.with_name(path.name + end) for end in SIDECARS)) if file.exists()]
