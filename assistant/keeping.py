"""What keeps a shop's data when the program gets newer: its database is copied before it migrates.

In: the shop directory and its open database. Out: a database with this version's schema, or the old one as it was.
"""

import sqlite3
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.exc import SQLAlchemyError

from assistant.backup import DATABASE, keep_before_migration
from assistant.database_files import row_counts
from assistant.migrations import migrate, pending
from retrieval.errors import CatalogError


def migrate_with_backup(root: Path, engine: Engine) -> Path | None:
    """Bring the database of the shop in `root` to this version's schema; one that holds anything is copied first.

    Returns:
        The copy, where there was something to migrate.

    Raises:
        BackupError: the copy could not be made; nothing was migrated.
        CatalogError: the database is a newer version's, or the migration failed: it is as it was.
    """
    revision = pending(engine)
    if revision is None:
        migrate(engine)
        return None
    kept = keep_before_migration(root, revision) if _holds_anything(root / DATABASE) else None
    try:
        migrate(engine)
    except (CatalogError, SQLAlchemyError) as error:
        where = f"; a copy of it is {kept}" if kept else ""
        raise CatalogError(
            f"the database in {root} could not be brought to revision {revision}, and is as it was{where}: {error}"
        ) from error
    return kept


def _holds_anything(database: Path) -> bool:
    try:
        return any(row_counts(database).values())
    except sqlite3.DatabaseError:
        # Whether it can be copied is then seen when it is.
        return True
