"""Behaviour into a real shop: the command as a user runs it, live acts, the migration of an older log."""

import os
import shutil
import stat
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import text

from assistant import ShoppingAssistant
from assistant.config import PSEUDONYM_KEY_VARIABLE, read_settings
from assistant.migrations import _config, migrate
from assistant.shop import Shop
from ranking.events import EventStore
from ranking.types import Event
from retrieval.database import open_engine, write_transaction
from retrieval.errors import CatalogError
from retrieval.types import Product, Variant

FILES = Path(__file__).parents[1] / "ranking" / "event_files"
PRODUCTS = [
    Product("SKU_1", "Red tea", "USD", (Variant("SKU_1", 1900),)),
    Product("SKU_2", "Blue bag", "USD", (Variant("SKU_2-S", 4000), Variant("SKU_2-M", 4000))),
]


@pytest.fixture
def shop_dir(tmp_path: Path) -> Path:
    with Shop(tmp_path / "shop") as shop:
        shop.catalog.replace_all(PRODUCTS)
    return tmp_path / "shop"


def run(*arguments: object, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", "import-events", *map(str, arguments)],
        capture_output=True, text=True, timeout=120, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def test_the_command_tells_what_was_taken_and_what_was_not(shop_dir: Path, tmp_path: Path) -> None:
    report = tmp_path / "left-out.csv"
    done = run(FILES / "segment.jsonl", "--report", report, "--shop", shop_dir, code=3)
    assert "segment.jsonl: read as segment" in done.stdout
    assert "12 events added of 20 records, 0 were there already, 6 left out; 2 shoppers" in done.stdout
    assert "taken: impression 3, purchase 2, add_to_cart 1" in done.stdout
    assert "left out: invalid 3, bot 1, duplicate 1, impossible time 1" in done.stdout
    assert "no product events: Checkout Started 1, identify call 1, page call 1" in done.stdout
    assert report.read_text("utf-8").startswith("file,line,field,value,reason\n")
    with Shop(shop_dir, own=False) as shop:
        assert len(shop.events()) == 12
        assert stat.S_IMODE(shop.paths.pseudonym_key.stat().st_mode) == 0o600
    done = run(FILES / "rudderstack.jsonl", "--shop", shop_dir)
    assert "6 events added of 6 records" in done.stdout
    done = run(FILES / "rudderstack.jsonl", "--shop", shop_dir)
    assert "0 events added of 6 records, 6 were there already, 0 left out" in done.stdout


def test_options_of_the_command(shop_dir: Path, tmp_path: Path) -> None:
    done = run(FILES / "posthog.jsonl", "--dry-run", "--shop", shop_dir)
    assert "6 events would be added" in done.stdout
    done = run(FILES / "u.data", "--items", FILES / "u.item", "--format", "ratings", "--shop", shop_dir, code=3)
    assert "2 events added of 4 records" in done.stdout
    done = run(FILES / "u.data", "--keep-unknown", "--shop", shop_dir, code=3)
    assert "3 events added of 4 records" in done.stdout
    (tmp_path / "orders.csv").write_text("who,what,when,mail\nann,SKU_1,2026-05-01,x\n")
    (tmp_path / "orders.toml").write_text(
        'type = "purchase"\n[fields]\nshopper = "who"\nproduct = "what"\ntime = "when"\n'
    )
    orders = (tmp_path / "orders.csv", "--mapping", tmp_path / "orders.toml", "--shop", shop_dir)
    done = run(*orders, code=1)
    assert "has what looks personal: 'mail'. Nothing was imported" in done.stderr
    assert "1 events added" in run(*orders, "--allow-column", "mail").stdout
    (tmp_path / "orders.toml").write_text('[fields]\nshoper = "who"')
    assert "shoper: no field of ours" in run(*orders, code=1).stderr


def test_nothing_imported_is_exit_code_1(shop_dir: Path, tmp_path: Path) -> None:
    (tmp_path / "x.csv").write_text("user_id,item_id,type,time\na,SKU_9,view,2026-05-01\n")
    done = run(tmp_path / "x.csv", "--shop", shop_dir, code=1)
    assert "0 events added of 1 records" in done.stdout
    assert "unknown product 1" in done.stdout


def test_events_come_in_while_another_process_owns_the_shop(shop_dir: Path) -> None:
    with Shop(shop_dir, must_own=True) as owner:
        run(FILES / "rudderstack.jsonl", "--shop", shop_dir)
        owner.recorder().record("like", "SKU_1", "buyer@example.com")
        assert [event.type for event in owner.event_log.events(owner.pseudonym("buyer@example.com"))] == [
            "purchase", "refund", "like",
        ]  # fmt: skip


def test_the_key_of_the_environment_goes_before_the_shops_own(shop_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Shop(shop_dir) as shop:
        own = shop.pseudonym("ann")
    monkeypatch.setenv(PSEUDONYM_KEY_VARIABLE, "a key from the environment")
    with Shop(shop_dir) as shop:
        assert shop.pseudonym("ann") != own
        assert shop.pseudonym(own) == own
    assert "a key from the environment" not in repr(read_settings(shop_dir))


@pytest.mark.slow
def test_a_logged_in_shopper_has_the_profile_of_their_imported_and_live_events(demo_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_dir, tmp_path / "shop")
    with ShoppingAssistant.open(tmp_path / "shop") as assistant:
        first, second = [product.id for product in assistant.shop.catalog.products()][:2]
        now = datetime.now(UTC).isoformat()
        (tmp_path / "x.csv").write_text(f"user_id,item_id,type,time\nann@example.com,{first},purchase,{now}\n")
        assert assistant.shop.import_events([tmp_path / "x.csv"]).n_new == 1
        assistant.record("not_interested", second, "ann@example.com", session_id="visit")
        session = assistant.new_session(shopper_id="ann@example.com")
        assert session.shopper_id == assistant.pseudonym("ann@example.com")
        assert session.profile.product_weights == pytest.approx({first: 4.0, second: -3.0}, rel=1e-3)
        assert assistant.new_session(shopper_id=session.shopper_id).shopper_id == session.shopper_id
        guest = assistant.new_session()
        assistant.record("like", first, guest.shopper_id)
        assert assistant.new_session(shopper_id=guest.shopper_id).profile.product_weights[first] > 2.9
        with pytest.raises(CatalogError, match="the catalog has no product 'nothing'"):
            assistant.record("view", "nothing", "ann@example.com")


def test_an_older_log_is_given_keys_and_loses_nothing(tmp_path: Path) -> None:
    engine = open_engine(tmp_path / "shop.db")
    with write_transaction(engine, enforce_foreign_keys=False) as connection:
        command.upgrade(_config(connection), "0002")
    at = datetime(2026, 5, 1, 10, 0, 0, 123, tzinfo=UTC)
    rows = [
        {
            "shopper": "ann",
            "product": "p",
            "type": "view",
            "time": (at + timedelta(seconds=n // 2)).replace(tzinfo=None),
        }
        for n in range(6)
    ]
    with write_transaction(engine) as connection:
        connection.execute(
            text("INSERT INTO events (shopper_id, product_id, type, time) VALUES (:shopper, :product, :type, :time)"),
            [{**row, "time": f"{row['time']:%Y-%m-%d %H:%M:%S.%f}"} for row in rows],
        )
    migrate(engine)
    log = EventStore(engine)
    assert [(event.time - at).seconds for event in log.events()] == [0, 0, 1, 1, 2, 2]
    assert log.add([Event("ann", "p", "view", at), Event("ann", "p", "view", at + timedelta(seconds=9))]) == 1
