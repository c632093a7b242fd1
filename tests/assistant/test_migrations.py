"""The schema through time: migrating ends at the tables in the code, and other versions' databases are refused."""

import subprocess
import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Engine, inspect, text

from assistant.migrations import ALL_TABLES, check_revision, migrate
from retrieval.catalog import Catalog
from retrieval.database import metadata, open_engine, write_transaction
from retrieval.errors import CatalogError
from retrieval.types import Product, Variant

LAMP = Product("lamp", "Lamp", "USD", (Variant("lamp", 1999),))


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return open_engine(tmp_path / "shop.db")


def set_revision(engine: Engine, revision: str) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = :revision"), {"revision": revision})


def test_a_migrated_database_has_exactly_the_tables_in_the_code(engine: Engine) -> None:
    migrate(engine)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": True})
        assert compare_metadata(context, ALL_TABLES) == []
    assert set(inspect(engine).get_table_names()) == {
        "alembic_version", "products", "variants", "reviews", "policies", "catalog_meta", "events", "sessions", "turns",
        "shown_lists", "shown_products",
    }  # fmt: skip


def test_the_comparison_would_see_a_difference(engine: Engine) -> None:
    migrate(engine)
    with write_transaction(engine) as connection:
        connection.execute(text("ALTER TABLE products DROP COLUMN brand"))
        connection.execute(text("DROP INDEX ix_events_time"))
    with engine.connect() as connection:
        found = compare_metadata(MigrationContext.configure(connection), ALL_TABLES)
    assert sorted(difference[0] for difference in found) == ["add_column", "add_index"]


def test_migrated_and_created_schemas_are_the_same_statements(engine: Engine, tmp_path: Path) -> None:
    migrate(engine)
    created = open_engine(tmp_path / "created.db")
    metadata.create_all(created)
    for table in metadata.tables:
        ours, theirs = inspect(engine), inspect(created)
        assert ours.get_foreign_keys(table) == theirs.get_foreign_keys(table)
        assert ours.get_pk_constraint(table) == theirs.get_pk_constraint(table)
        assert ours.get_unique_constraints(table) == theirs.get_unique_constraints(table)


def test_every_constraint_has_a_name() -> None:
    assert ALL_TABLES is metadata
    assert None not in [constraint.name for table in metadata.tables.values() for constraint in table.constraints]


def test_migrating_again_changes_nothing(engine: Engine) -> None:
    migrate(engine)
    version = Catalog(engine).replace_all([LAMP])
    migrate(engine)
    check_revision(engine)
    assert Catalog(engine).version() == version
    assert list(Catalog(engine).products()) == [LAMP]


def test_a_database_of_a_newer_version_is_refused(engine: Engine) -> None:
    migrate(engine)
    set_revision(engine, "9999")
    for opening in (migrate, check_revision):
        with pytest.raises(CatalogError, match=r"newer version of this program \(revision 9999\): update"):
            opening(engine)


def test_an_unmigrated_database_is_refused_by_readers(tmp_path: Path, engine: Engine) -> None:
    with pytest.raises(CatalogError, match=r"revision none, this version needs \d+: open it once for writing"):
        check_revision(engine)
    migrate(engine)
    check_revision(open_engine(tmp_path / "shop.db", readonly=True))


def test_tables_that_no_revision_made_are_refused_whole(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        connection.execute(text("CREATE TABLE reviews (note TEXT)"))
    with pytest.raises(CatalogError, match="already exists"):
        migrate(engine)
    assert inspect(engine).get_table_names() == ["reviews"]


def test_two_processes_may_migrate_at_once(tmp_path: Path) -> None:
    script = (
        "import sys; from pathlib import Path; from assistant.migrations import migrate; "
        "from retrieval.database import open_engine; migrate(open_engine(Path(sys.argv[1])))"
    )
    processes = [
        subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "new.db")], stderr=subprocess.PIPE, text=True)
        for _ in range(4)
    ]
    assert [process.communicate(timeout=60)[1] for process in processes] == [""] * 4
    check_revision(open_engine(tmp_path / "new.db"))
