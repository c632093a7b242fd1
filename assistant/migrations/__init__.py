"""The database's schema through time: every revision ships with the package and needs no file of Alembic's own.

In: an engine. Out: a database whose tables are those of this version, or a clear refusal. A developer adds a revision
with `revise(engine, message)` on a migrated database, and edits what it wrote.
"""

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

import assistant.feedback
import assistant.preference_store
import assistant.service.handoffs
import assistant.sessions
import assistant.shown_lists
import ranking.events
import retrieval.catalog
from retrieval.database import metadata, write_transaction
from retrieval.errors import CatalogError

TABLE_MODULES = (
    retrieval.catalog, ranking.events, assistant.sessions, assistant.shown_lists, assistant.preference_store,
    assistant.service.handoffs, assistant.feedback,
)  # fmt: skip
"""Where the tables are defined; importing them put the tables on the one MetaData."""

ALL_TABLES = metadata


def migrate(engine: Engine, to: str = "head") -> None:
    """Bring the database to this version's schema, from nothing or from any older revision, in one transaction.

    Args:
        engine: the database.
        to: stop at this revision.

    Raises:
        CatalogError: a newer version of the program wrote it, or tables stand there that no revision made.
    """
    with engine.connect() as connection:
        if _current(connection) == _head():
            return
    with write_transaction(engine, enforce_foreign_keys=False) as connection:
        _refuse_newer(connection)
        command.upgrade(_config(connection), to)


def pending(engine: Engine) -> str | None:
    """The revision that `migrate` would bring a database with an older schema to; None where it has this version's,
    or none yet.

    Raises:
        CatalogError: a newer version of the program wrote it.
    """
    with engine.connect() as connection:
        _refuse_newer(connection)
        return None if _current(connection) in (None, _head()) else _head()


def is_known(revision: str) -> bool:
    """Whether this version can read, and migrate, a database of that revision."""
    return revision in {script.revision for script in _scripts().walk_revisions()}


def check_revision(engine: Engine) -> None:
    """Make sure that the database has this version's schema, changing nothing (for opening it read-only).

    Raises:
        CatalogError: the database is empty, older or newer.
    """
    with engine.connect() as connection:
        _refuse_newer(connection)
        if (current := _current(connection)) != _head():
            raise CatalogError(
                f"{engine.url.database} has the schema of revision {current or 'none'}, this version needs {_head()}: "
                "open it once for writing (`shopping-assistant serve` or `import`) to bring it up to date"
            )


def revise(engine: Engine, message: str) -> None:
    """Write a new revision into this package: the difference between a migrated database and the tables in the code."""
    with write_transaction(engine) as connection:
        command.revision(_config(connection), message, autogenerate=True)


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", "assistant:migrations")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    config = Config()
    config.set_main_option("script_location", "assistant:migrations")
    return ScriptDirectory.from_config(config)


def _head() -> str | None:
    return _scripts().get_current_head()


def _current(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()


def _refuse_newer(connection: Connection) -> None:
    current = _current(connection)
    if current is not None and not is_known(current):
        raise CatalogError(
            f"{connection.engine.url.database} was written by a newer version of this program (revision {current}): "
            "update conversational-shopping-assistant, or name another --shop directory"
        )
