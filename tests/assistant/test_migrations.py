"""The schema through time: migrating ends at the tables in the code, and other versions' databases are refused."""

import subprocess
import sys
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import Connection, Engine, inspect, text

from assistant.migrations import ALL_TABLES, check_revision, migrate
from assistant.preference_store import PreferenceStore
from assistant.session_json import session_to_json
from assistant.sessions import SessionStore
from assistant.types import Session
from ranking.events import EventStore
from retrieval.catalog import Catalog, CatalogChanges
from retrieval.database import metadata, open_engine, write_transaction
from retrieval.errors import CatalogError
from retrieval.types import Policy, Product, Review, Translation, Variant

LAMP = Product("lamp", "Lamp", "USD", (Variant("lamp", 1999),))
BOOTS = Product(
    id="boots",
    title="Ridge boots",
    currency="USD",
    variants=(
        Variant("boots-42", 9900, 15000, 3, {"size": ("42",)}, "pictures/boots.svg"),
        Variant("boots-41", 9900, None, 0, {"size": ("41",)}),
    ),
    description="Waterproof. 防水",
    brand="Ridge",
    attributes={"feature": ("waterproof",)},
    attribute_sources={"feature=waterproof": "description"},
    details={"weight": "1.2 kg", "cap": "none"},
    translations={"zh": Translation("登山靴", "防水。")},
    rating=4.0,
    n_reviews=12,
    date_added=date(2026, 3, 1),
)
REVIEW = Review("r1", "boots", "不错", None, "zh")
POLICY = Policy("returns", "returns", "en", "Returns", "30 days")
NOTHING = {"attributes": "{}", "attribute_sources": "{}", "details": "{}", "translations": "{}", "description": ""}
FIRST_REVISION: dict[str, list[dict[str, Any]]] = {
    "products": [
        {"id": "lamp", "title": "Lamp", "currency": "USD", **NOTHING},
        {
            "id": "boots", "title": "Ridge boots", "currency": "USD", "description": "Waterproof. 防水",
            "brand": "Ridge", "attributes": '{"feature":["waterproof"]}',
            "attribute_sources": '{"feature=waterproof":"description"}',
            "details": '{"weight":"1.2 kg","cap":"none"}', "translations": '{"zh":["登山靴","防水。"]}',
            "rating": 4.0, "n_reviews": 12, "date_added": "2026-03-01",
        },
    ],
    "variants": [
        {"product_id": "lamp", "position": 0, "id": "lamp", "price_minor": 1999, "attributes": "{}"},
        {
            "product_id": "boots", "position": 0, "id": "boots-42", "price_minor": 9900, "list_price_minor": 15000,
            "stock": 3, "attributes": '{"size":["42"]}', "image": "pictures/boots.svg",
        },
        {
            "product_id": "boots", "position": 1, "id": "boots-41", "price_minor": 9900, "stock": 0,
            "attributes": '{"size":["41"]}',
        },
    ],
    "reviews": [{"product_id": "boots", "id": "r1", "text": "不错", "language": "zh", "title": ""}],
    "policies": [
        {"id": "returns", "language": "en", "topic": "returns", "title": "Returns", "text": "30 days",
         "kind": "policy"},
    ],
    "catalog_meta": [{"key": "version", "value": "old"}, {"key": "currency", "value": "USD"}],
}  # fmt: skip


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
        "shown_lists", "shown_products", "removed_products", "preferences", "handoffs", "opinions", "feedback",
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


def fill_first_revision(engine: Engine) -> None:
    """A catalog as the program at revision 0001 wrote it."""
    with write_transaction(engine) as connection:
        for table, rows in FIRST_REVISION.items():
            for row in rows:
                insert(connection, table, row)


def insert(connection: Connection, table: str, row: dict[str, Any]) -> None:
    names, values = ", ".join(row), ", ".join(f":{name}" for name in row)
    connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({values})"), row)


def test_a_shop_of_the_first_revision_comes_along_with_its_products(engine: Engine) -> None:
    migrate(engine, "0001")
    fill_first_revision(engine)
    migrate(engine)
    catalog = Catalog(engine)
    assert list(catalog.products()) == [BOOTS, LAMP]
    assert (list(catalog.reviews()), catalog.policies()) == ([REVIEW], [POLICY])
    assert (catalog.revision(), catalog.currency(), catalog.origin()) == (1, "USD", "")
    assert catalog.changes_since(0) == CatalogChanges(1, ("boots", "lamp"), ())
    version, digests = catalog.version(), catalog.text_digests()
    assert catalog.replace_all([LAMP, BOOTS], [REVIEW], [POLICY]) == version
    assert (catalog.revision(), catalog.text_digests()) == (1, digests)
    assert catalog.upsert([LAMP, BOOTS]).unchanged == 2


def test_an_empty_shop_of_the_first_revision_stays_empty(engine: Engine) -> None:
    migrate(engine, "0001")
    migrate(engine)
    assert (Catalog(engine).revision(), Catalog(engine).version()) == (0, "")


def test_many_products_come_along(engine: Engine) -> None:
    migrate(engine, "0001")
    with write_transaction(engine) as connection:
        product, variant = FIRST_REVISION["products"][0], FIRST_REVISION["variants"][0]
        for n in range(1_203):
            insert(connection, "products", product | {"id": f"p{n:04}"})
            insert(connection, "variants", variant | {"product_id": f"p{n:04}"})
    migrate(engine)
    assert len(set(Catalog(engine).text_digests().values())) == 1
    assert len(Catalog(engine).changes_since(0).changed) == 1_203


def test_events_and_conversations_of_the_third_revision_belong_to_the_shoppers_themselves(engine: Engine) -> None:
    migrate(engine, "0003")
    time = "2026-11-01 10:00:00.000000"
    with write_transaction(engine) as connection:
        insert(connection, "events", {
            "shopper_id": "ann", "product_id": "lamp", "type": "view", "time": time, "key": "k1",
        })  # fmt: skip
        insert(connection, "sessions", {
            "id": "s1", "shopper_id": "ann", "language": "en", "turn": 1, "created_at": time, "updated_at": time,
            "state": session_to_json(Session("s1", "ann")),
        })  # fmt: skip
    migrate(engine)
    (logged,) = EventStore(engine).since("ann")
    assert (logged.event.product_id, logged.recipient) == ("lamp", None)
    assert SessionStore(engine).recipient("ann", datetime(2026, 1, 1, tzinfo=UTC)) is None
    assert SessionStore(engine).load("s1") == Session("s1", "ann")
    assert PreferenceStore(engine).load("ann") == ()


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
