"""Changes that one process hands to another which serves the shop: real processes, the real assistant."""

import json
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from assistant import ShoppingAssistant
from assistant.cli import app
from assistant.door import DOOR_FILE, ServerGone, ask, is_door_open
from assistant.handover import hand_over_feed, hand_over_ids
from assistant.shop import Shop
from retrieval.errors import CatalogError, ShopLocked
from retrieval.staging import Staging
from retrieval.types import Product, Variant

pytestmark = pytest.mark.slow

SERVE = """
import json, sys
from assistant import ShoppingAssistant
from assistant.handover import open_door
with ShoppingAssistant.open(sys.argv[1], must_own=True) as shop, open_door(shop):
    print("open", flush=True)
    for line in sys.stdin:
        found = shop.ask(line.strip()).products
        print(json.dumps({item.ranked.product.id: item.ranked.variant.price_minor for item in found}), flush=True)
"""
LAMP = {"id": "lamp-new", "title": "Brass lantern with a green shade", "price": "31.50"}


class Server:
    """A process that serves a shop and answers one message a line."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.process = subprocess.Popen(
            [sys.executable, "-c", SERVE, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "open\n"

    def ask(self, message: str) -> dict[str, int]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(message + "\n")
        self.process.stdin.flush()
        found: dict[str, int] = json.loads(self.process.stdout.readline())
        return found

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self) -> None:
        self.process.communicate("", timeout=60)
        assert self.process.returncode == 0


@pytest.fixture
def root(own_demo: Path) -> Path:
    return own_demo


@pytest.fixture(scope="module")
def server(untouched_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it serving: to start takes it longer than to answer them."""
    server = Server(shutil.copytree(untouched_demo, tmp_path_factory.mktemp("served") / "shop"))
    yield server
    server.close()


def cli_here(*arguments: str) -> None:
    """A command of this process, which is another than the server's as well."""
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == 0, done.output


def cli(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "assistant.cli", *arguments],
        capture_output=True, text=True, timeout=240, env=environment, check=False,
    )  # fmt: skip
    assert done.returncode == code, done.stdout + done.stderr
    return done


def feed(folder: Path, name: str, *rows: dict[str, Any]) -> str:
    path = folder / name
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return str(path)


def staged(root: Path, n: int, name: str) -> Path:
    """A staging file of `n` products, as an import leaves it for the owner."""
    with Staging(root) as staging:
        for i in range(n):
            staging.put_product(Product(f"{name}-{i}", f"{name} number {i}", "USD", (Variant(f"{name}-{i}", 500 + i),)))
        staging.finish()
    return staging.path


def test_a_running_server_takes_in_a_partial_and_a_whole_import(root: Path, tmp_path: Path) -> None:
    server = Server(root)
    shop = ("--shop", str(server.root))
    boots = next(iter(server.ask("hiking boots")))
    cli("import", feed(tmp_path, "new.jsonl", LAMP), "--partial", *shop)
    assert server.ask("brass lantern with a green shade")["lamp-new"] == 3150
    cli_here("import", feed(tmp_path, "price.jsonl", {"id": "lamp-new", "price": "29.00"}), "--partial", *shop)
    assert server.ask("brass lantern with a green shade")["lamp-new"] == 2900
    assert boots in server.ask("hiking boots")
    cli_here("import", feed(tmp_path, "whole.jsonl", {**LAMP, "price": "10.00", "currency": "USD"}), *shop)
    assert server.ask("brass lantern with a green shade") == {"lamp-new": 1000}
    assert server.ask("hiking boots").keys() <= {"lamp-new"}
    assert list(server.root.glob("*.staging")) == []
    server.close()
    assert not (server.root / DOOR_FILE).exists()
    with Shop(server.root) as opened:
        assert (opened.catalog.n_products(), opened.is_demo) == (1, False)


def test_what_the_server_refuses_is_said_to_whoever_asked(server: Server, tmp_path: Path) -> None:
    before = server.ask("hiking boots")
    with Shop(server.root) as beside:
        assert not beside.owner
        path = staged(server.root, 1, "euro")
        for name in ("../shop.db", "shop.db", "import-x.staging", "/etc/passwd", 7, None):
            with pytest.raises(CatalogError, match="is no staging file in"):
                ask(server.root, {"kind": "apply", "file": name, "whole": True})
        (server.root / "import-link.staging").symlink_to(path)
        with pytest.raises(CatalogError, match="is no staging file in"):
            ask(server.root, {"kind": "apply", "file": "import-link.staging", "whole": True})
        with pytest.raises(CatalogError, match="ids must be a list of texts"):
            ask(server.root, {"kind": "delete", "ids": [1]})
    assert server.ask("hiking boots") == before


def test_a_second_process_reads_and_hands_over_rows_and_ids(server: Server) -> None:
    boots = server.ask("hiking boots")
    with ShoppingAssistant.open(server.root) as beside:
        assert not beside.shop.owner
        assert {i.ranked.product.id: i.ranked.variant.price_minor for i in beside.ask("hiking boots").products} == boots
        applied = beside.upsert([LAMP])
        assert (applied.added, applied.changed) == (1, 0)
        assert server.ask("brass lantern with a green shade")["lamp-new"] == 3150
        found = {i.ranked.product.id: i.ranked.variant.price_minor for i in beside.ask("brass lantern green").products}
        assert found["lamp-new"] == 3150
        assert beside.upsert([{"id": "lamp-new", "price": "28.00"}]).changed == 1
        assert beside.product("lamp-new").price_minor == 2800  # type: ignore[union-attr]
        assert beside.delete(["lamp-new"]).retired == 1
        assert "lamp-new" not in server.ask("brass lantern with a green shade")
    applied = hand_over_ids(server.root, ["lamp-new"])  # type: ignore[assignment]
    assert applied.retired == 0


def test_two_writers_at_once_both_get_through(server: Server, tmp_path: Path) -> None:
    files = [
        feed(tmp_path, f"{n}.jsonl", *({**LAMP, "id": f"w{n}-{i}", "title": "Milking stool"} for i in range(50)))
        for n in range(3)
    ]
    writers = [threading.Thread(target=cli, args=("import", f, "--partial", "--shop", str(server.root))) for f in files]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join(200)
    with Shop(server.root) as beside:
        assert len(beside.catalog.get_many(f"w{n}-{i}" for n in range(3) for i in range(50))) == 150


def test_a_server_killed_while_it_applies_leaves_one_whole_catalog(root: Path) -> None:
    with Shop(root) as shop:
        old = (shop.catalog.version(), shop.catalog.n_products())
    outcomes = []
    for moment in (0.0, 0.05, 0.3):
        server = Server(root)
        path = staged(root, 8000, f"new{len(outcomes)}")

        def kill(_: object, server: Server = server, moment: float = moment) -> None:
            time.sleep(moment)
            server.kill()

        with pytest.raises(ServerGone, match=rf"\({server.process.pid}\) went away before it had answered"):
            hand_over_feed(root, path, whole=False, max_retired_share=None, on_progress=kill)
        server.process.stdin.close()  # type: ignore[union-attr]
        server.process.stdout.close()  # type: ignore[union-attr]
        with Shop(root) as shop:
            version, n = shop.catalog.version(), shop.catalog.n_products()
            assert (version, n) == old or n == old[1] + 8000
            outcomes.append(n == old[1])
            assert list(root.glob("*.staging")) == []
            old = (version, n)
    assert outcomes[0], "killed as the first bytes were applied"


def test_a_client_killed_in_the_middle_leaves_the_server_to_finish(server: Server) -> None:
    path = staged(server.root, 300, "orphan")
    code = (
        "import os, sys; from pathlib import Path; from assistant.handover import hand_over_feed\n"
        "hand_over_feed(Path(sys.argv[1]), Path(sys.argv[2]), whole=False, max_retired_share=None,"
        " on_progress=lambda _: os.kill(os.getpid(), 9))"
    )
    done = subprocess.run([sys.executable, "-c", code, str(server.root), str(path)], check=False, timeout=60)
    assert done.returncode == -signal.SIGKILL
    assert ask(server.root, {"kind": "delete", "ids": []}) is not None, "it waited for its turn"
    assert all(product_id.startswith("orphan-") for product_id in server.ask("orphan number 7"))
    with Shop(server.root) as beside:
        assert len(beside.catalog.get_many(f"orphan-{i}" for i in range(300))) == 300


def test_without_a_door_a_second_writer_is_told_who_owns_the_shop(root: Path, tmp_path: Path) -> None:
    with Shop(root):
        done = cli("import", feed(tmp_path, "new.jsonl", LAMP), "--partial", "--shop", str(root), code=1)
        assert f"another process owns the shop in {root}: process {os.getpid()} (" in done.stderr
        assert "stop it first, or wait until it has finished" in done.stderr
        code = (
            "import sys; from assistant.shop import Shop; Shop(__import__('pathlib').Path(sys.argv[1]), must_own=True)"
        )
        done = subprocess.run([sys.executable, "-c", code, str(root)], capture_output=True, text=True, check=False)
        assert "ShopLocked: another process owns the shop" in done.stderr
    with pytest.raises(ShopLocked), Shop(root, own=False) as shop:
        shop.apply(staged(root, 1, "x"), whole=False)


@pytest.mark.parametrize("ending", [signal.SIGINT, signal.SIGTERM])
def test_serve_opens_the_door_and_closes_it(root: Path, ending: signal.Signals) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assistant.cli", "serve", "--port", "0", "--shop", str(root)],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout is not None
    assert "The shop is open at" in process.stdout.readline()
    assert is_door_open(root)
    if ending == signal.SIGINT:
        assert json.loads(cli("ask", "hiking boots", "--shop", str(root), "--json").stdout)["products"]
    process.send_signal(ending)
    process.communicate(timeout=60)
    assert not (root / DOOR_FILE).exists()
    assert not is_door_open(root)
