"""The SQLite file: how it is opened, and that readers and writers never trip over one another."""

import threading
from pathlib import Path

import pytest
from sqlalchemy import Column, Engine, ForeignKey, Integer, MetaData, Table, insert, select, text
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from retrieval.database import open_engine, write_transaction
from retrieval.errors import CatalogError

tables = MetaData()
parents = Table("parents", tables, Column("id", Integer, primary_key=True))
children = Table(
    "children",
    tables,
    Column("id", Integer, primary_key=True),
    Column("parent_id", ForeignKey("parents.id", ondelete="CASCADE")),
)


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = open_engine(tmp_path / "shop #1 100%.db")
    tables.create_all(engine)
    return engine


def pragma(engine: Engine, name: str) -> object:
    with engine.connect() as connection:
        return connection.exec_driver_sql(f"PRAGMA {name}").scalar()


def test_settings_of_the_file(engine: Engine) -> None:
    assert pragma(engine, "journal_mode") == "wal"
    assert pragma(engine, "synchronous") == 1
    assert pragma(engine, "foreign_keys") == 1
    assert pragma(engine, "busy_timeout") == 30_000


def test_odd_paths_are_taken_literally(tmp_path: Path) -> None:
    open_engine(tmp_path / "a?b#c%20d" / "shop.db").dispose()
    assert (tmp_path / "a?b#c%20d" / "shop.db").is_file()


def test_a_missing_file_is_not_created_by_a_reader(tmp_path: Path) -> None:
    with pytest.raises(CatalogError, match="no shop database at"):
        open_engine(tmp_path / "shop.db", readonly=True)
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_no_database_is_refused_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    path.write_text("these are my notes, not a database " * 50)
    with pytest.raises(CatalogError, match="not a database"):
        open_engine(path)
    assert path.read_text().startswith("these are my notes")


def test_reading_only_refuses_writes(tmp_path: Path) -> None:
    path = tmp_path / "shop.db"
    writable = open_engine(path)
    tables.create_all(writable)
    readonly = open_engine(path, readonly=True)
    with pytest.raises(CatalogError, match="readonly"), write_transaction(readonly) as connection:
        connection.execute(insert(parents), [{"id": 1}])
    with writable.connect() as connection:
        assert connection.execute(select(parents)).all() == []


def test_writing_outside_a_write_transaction_is_refused(engine: Engine) -> None:
    with engine.connect() as connection, pytest.raises(CatalogError, match="write_transaction"):
        connection.execute(insert(parents), [{"id": 1}])


def test_a_failed_transaction_leaves_nothing(engine: Engine) -> None:
    with pytest.raises(IntegrityError), write_transaction(engine) as connection:
        connection.execute(insert(parents), [{"id": 1}, {"id": 2}, {"id": 1}])
    with engine.connect() as connection:
        assert connection.execute(select(parents)).all() == []


def test_a_reader_keeps_its_snapshot_while_a_writer_commits(engine: Engine) -> None:
    with engine.connect() as reader:
        assert reader.execute(select(parents)).all() == []
        with write_transaction(engine) as connection:
            connection.execute(insert(parents), [{"id": 1}])
        assert reader.execute(select(parents)).all() == []
    with engine.connect() as reader:
        assert reader.execute(select(parents.c.id)).scalars().all() == [1]


def test_read_then_write_in_turn_by_many_threads_loses_nothing(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        connection.execute(insert(parents), [{"id": 0}])
    failures: list[BaseException] = []

    def count_up() -> None:
        try:
            for _ in range(25):
                with write_transaction(engine) as connection:
                    newest = max(connection.execute(select(parents.c.id)).scalars())
                    connection.execute(insert(parents), [{"id": newest + 1}])
        except (CatalogError, SQLAlchemyError) as error:
            failures.append(error)

    threads = [threading.Thread(target=count_up) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    with engine.connect() as connection:
        assert sorted(connection.execute(select(parents.c.id)).scalars()) == list(range(201))


def test_foreign_keys_hold_unless_a_migration_rebuilds_a_table(engine: Engine) -> None:
    with write_transaction(engine) as connection:
        connection.execute(insert(parents), [{"id": 1}])
        connection.execute(insert(children), [{"id": 7, "parent_id": 1}])
    with write_transaction(engine, enforce_foreign_keys=False) as connection:
        for statement in ("CREATE TABLE new (id INTEGER PRIMARY KEY)", "INSERT INTO new SELECT id FROM parents"):
            connection.execute(text(statement))
        for statement in ("DROP TABLE parents", "ALTER TABLE new RENAME TO parents"):
            connection.execute(text(statement))
    with engine.connect() as connection:
        assert connection.execute(select(children.c.id)).scalars().all() == [7]
    assert pragma(engine, "foreign_keys") == 1
