"""Feeds into a shop: what an import reports and previews, what a kill leaves behind, and the exit codes."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import CliRunner

from assistant.cli import app
from assistant.importing import ImportRequest, validate
from assistant.shop import Shop
from retrieval.catalog import OWN
from retrieval.changes import Applied
from retrieval.errors import CatalogError, FeedError, ShopLocked
from retrieval.types import Policy

runner = CliRunner()


def jsonl(path: Path, rows: list[dict[str, Any]]) -> Path:
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), "utf-8")
    return path


def lamps(*numbers: int, **cells: Any) -> list[dict[str, Any]]:
    return [{"id": f"lamp-{n:03}", "title": f"Lamp {n}", "price": 10 + n, **cells} for n in numbers]


@pytest.fixture
def feed(tmp_path: Path) -> Path:
    return jsonl(tmp_path / "feed.jsonl", lamps(*range(10)))


def invoke(*arguments: str | Path, code: int) -> str:
    done = runner.invoke(app, [str(argument) for argument in arguments])
    assert done.exit_code == code, done.output
    return " ".join(done.output.split())


def test_an_import_reports_what_became_of_the_catalog(tmp_path: Path, feed: Path) -> None:
    with Shop(tmp_path / "shop") as shop:
        first = shop.import_feed([feed])
        assert first.applied == Applied(added=10, version=shop.catalog.version(), revision=1)
        assert (first.n_rows, first.n_products, first.n_rejected, first.exit_code) == (10, 10, 0, 0)
        assert shop.import_feed([feed]).applied == Applied(unchanged=10, version=first.version, revision=1)
        changed = lamps(*range(8), 11) + lamps(8, stock=0)
        report = shop.import_feed([jsonl(feed, changed)])
        wanted = Applied(added=1, changed=1, unchanged=8, retired=1, version=shop.catalog.version(), revision=2)
        assert report.applied == wanted
        assert not list(shop.paths.root.glob("import-*"))


def test_a_dry_run_says_the_same_and_writes_nothing(tmp_path: Path, feed: Path) -> None:
    with Shop(tmp_path / "shop") as shop:
        version = shop.import_feed([feed]).version
        jsonl(feed, [*lamps(1, 2), *lamps(3, brand="Lux"), {"id": "bad"}])
        dry = shop.import_feed([feed], dry_run=True)
        assert (dry.is_dry, dry.n_rejected, dry.applied.retired, dry.applied.reworded) == (True, 1, 7, 1)
        assert (shop.catalog.version(), shop.catalog.revision()) == (version, 1)
        real = shop.import_feed([feed], max_retired_share=None)
        counts = ("added", "changed", "reworded", "unchanged", "returned", "retired")
        assert [getattr(real.applied, name) for name in counts] == [getattr(dry.applied, name) for name in counts]


def test_a_partial_import_of_a_shop(tmp_path: Path, feed: Path) -> None:
    with Shop(tmp_path / "shop") as shop:
        shop.import_feed([feed], currency="EUR")
        stock = tmp_path / "stock.csv"
        stock.write_text("id,stock\nlamp-001,0\nlamp-002,7\n", "utf-8")
        report = shop.import_feed([stock], partial=True)
        assert (report.applied.changed, report.applied.reworded, shop.catalog.n_products()) == (2, 0, 10)
        assert shop.catalog.currency() == "EUR"
        assert shop.import_feed([stock], partial=True).applied.revision == report.applied.revision == 2


def test_an_import_that_would_empty_the_shop_wants_a_yes(tmp_path: Path, feed: Path) -> None:
    with Shop(tmp_path / "shop") as shop:
        shop.import_feed([feed])
        with pytest.raises(CatalogError, match="9 of 10 products off sale"):
            shop.import_feed([jsonl(feed, lamps(1))])
        assert shop.catalog.n_products() == 10
        assert not list(shop.paths.root.glob("import-*"))


def test_a_process_beside_the_owner_stages_but_does_not_apply(tmp_path: Path, feed: Path) -> None:
    with Shop(tmp_path / "shop") as owner, Shop(tmp_path / "shop") as other:
        assert not other.owner
        with pytest.raises(ShopLocked):
            other.import_feed([feed])
        assert other.import_feed([feed], dry_run=True).applied.added == 10
        assert owner.import_feed([feed]).applied.added == 10
        assert other.catalog.n_products() == 10


def test_leftovers_of_a_killed_import_go_when_the_shop_opens(tmp_path: Path) -> None:
    (tmp_path / "import-0.staging").write_bytes(b"half")
    with Shop(tmp_path):
        assert not list(tmp_path.glob("import-*"))


def test_the_demo_goes_as_a_whole_when_a_real_catalog_comes(own_demo: Path, feed: Path) -> None:
    with Shop(own_demo) as shop:
        n_demo, revision = shop.catalog.n_products(), shop.catalog.revision()
        assert (shop.is_demo, n_demo > 50, bool(shop.catalog.policies())) == (True, True, True)
        report = shop.import_feed([feed])
        assert report.applied.retired == n_demo
        assert (shop.is_demo, shop.catalog.origin(), shop.catalog.policies()) == (False, OWN, [])
        assert shop.catalog.n_products(include_retired=True) == 10
        assert (list(shop.catalog.reviews()), len(shop.events())) == ([], 0)
        assert len(shop.catalog.changes_since(revision).removed) == n_demo
        assert not (shop.paths.root / "demo-shop.json").exists()


def test_a_demo_that_was_changed_is_still_the_demo(own_demo: Path, feed: Path) -> None:
    with Shop(own_demo) as shop:
        shop.import_feed([feed], partial=True)
    with Shop(own_demo) as shop:
        assert (shop.is_demo, shop.catalog.n_products() > 10, len(shop.events())) == (True, True, 60_000)


def test_policies_of_the_import_survive_the_demo(own_demo: Path, tmp_path: Path, feed: Path) -> None:
    policy = {"id": "returns", "topic": "returns", "language": "en", "title": "Returns", "text": "A year."}
    with Shop(own_demo) as shop:
        shop.import_feed([feed], policies=[jsonl(tmp_path / "policies.jsonl", [policy])])
        assert shop.catalog.policies() == [Policy(**policy)]


def test_products_as_a_data_frame(tmp_path: Path) -> None:
    rows = [
        {"id": "b", "title": "Mug", "price": 9, "sale_price": 8, "stock": 2, "rating": 4, "date_added": "2026-01-02",
         "variants": [{"id": "b-s", "size": "s"}, {"id": "b-l", "size": "l", "price": 12, "stock": 0}]},
        {"id": "a", "title": "Red lamp", "price": 5},
    ]  # fmt: skip
    with Shop(tmp_path / "shop") as shop:
        shop.import_feed([jsonl(tmp_path / "feed.jsonl", rows)])
        frame = shop.products()
        assert list(frame["id"]) == ["a", "b"]
        mug = frame.set_index("id").loc["b"]
        assert (mug["price_minor"], mug["list_price_minor"], mug["price_max_minor"], mug["stock"]) == (
            800,
            900,
            1200,
            2,
        )
        assert (mug["n_variants"], mug["variant_ids"], mug["currency"]) == (2, ("b-s", "b-l"), "USD")
        assert mug["attributes"] == {"size": ("s", "l")}
        assert mug["date_added"] == pd.Timestamp("2026-01-02")
        lamp = frame.set_index("id").loc["a"]
        assert (pd.isna(lamp["stock"]), bool(lamp["in_stock"]), lamp["attributes"]) == (True, True, {"color": ("red",)})
        shop.catalog.delete(["b"])
        assert list(shop.products()["id"]) == ["a"]
        assert shop.products(include_retired=True)["is_retired"].tolist() == [False, True]
        shop.catalog.delete(["a"])
        assert (len(shop.products()), list(shop.products().columns)) == (0, list(frame.columns))


def test_validate_needs_no_shop(tmp_path: Path) -> None:
    feed = jsonl(tmp_path / "feed.jsonl", [*lamps(1, 2), {"id": "x"}])
    report = validate(ImportRequest([feed], report=tmp_path / "rejected.csv"))
    assert (report.n_rows, report.n_products, report.n_rejected, report.exit_code) == (3, 2, 1, 3)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["feed.jsonl", "rejected.csv"]
    with pytest.raises(FeedError, match="neither a mapping file nor a ready mapping"):
        validate(ImportRequest([feed], "nothing"))


def test_the_commands_exit_codes(tmp_path: Path, feed: Path) -> None:
    some_bad = jsonl(tmp_path / "some-bad.jsonl", [*lamps(1, 2), {"id": "x"}])
    all_bad = jsonl(tmp_path / "all-bad.jsonl", [{"id": "x", "title": "", "price": ""}])
    assert "10 of 10 rows taken, 0 rejected: 10 products" in invoke("validate", feed, code=0)
    assert "2 of 3 rows taken, 1 rejected" in invoke("validate", some_bad, code=3)
    assert "none of 1 rows could be taken" in invoke("validate", all_bad, code=1)
    shop = tmp_path / "shop"
    assert "would have: 10 added" in invoke("import", feed, "--dry-run", "--shop", shop, code=0)
    assert not shop.exists()
    assert "none of 1 rows" in invoke("import", all_bad, "--shop", shop, code=1)
    with Shop(shop) as opened:
        opened.import_feed([feed])
    output = invoke("import", some_bad, "--dry-run", "--shop", shop, code=3)
    assert "would have: 8 retired, 2 as before" in output
    assert "off sale (80%)" in invoke("import", some_bad, "--shop", shop, code=1)


def test_a_feed_of_no_known_format_is_not_guessed_at_behind_ones_back(tmp_path: Path) -> None:
    feed = tmp_path / "feed.csv"
    feed.write_text("货号,商品名称,价格,库存\nA1,台灯,59.00,3\nA2,水壶,29.00,0\n", "utf-8")
    shop = tmp_path / "shop"
    assert "the guess leaves open: nothing says the currency" in invoke("import", feed, "--shop", shop, code=1)
    output = invoke("import", feed, "--currency", "CNY", "--shop", shop, code=1)
    assert "nobody is there to confirm a guess" in output
    assert 'price = "价格"' in output
    mapping = tmp_path / "mapping.toml"
    invoke("import", feed, "--currency", "CNY", "--save-mapping", mapping, "--shop", shop, code=0)
    assert "2 of 2 rows taken" in invoke("validate", feed, "--mapping", mapping, code=0)
    with Shop(shop) as opened:
        opened.import_feed([feed], mapping)
        lamp = opened.catalog.get("A1")
        assert lamp is not None
        assert (lamp.title, lamp.price_minor, lamp.currency, lamp.variants[0].stock) == ("台灯", 5900, "CNY", 3)


@pytest.mark.slow
def test_the_same_feed_again_and_new_prices_embed_nothing(tmp_path: Path, feed: Path) -> None:
    shop = tmp_path / "shop"
    assert "10 added; 10 texts embedded" in invoke("import", feed, "--shop", shop, code=0)
    assert "10 as before; 0 texts embedded" in invoke("import", feed, "--shop", shop, code=0)
    jsonl(feed, [*lamps(*range(9), stock=3), *lamps(9, title="Brass lantern")])
    output = invoke("import", feed, "--shop", shop, code=0)
    assert "1 changed in their words, 9 changed in price, stock or the like; 1 texts embedded" in output


@pytest.mark.slow
def test_killed_at_any_moment_the_catalog_is_one_feed_or_the_other(tmp_path: Path) -> None:
    """A process that imports two feeds in turn is killed again and again at random moments."""
    feeds = [
        jsonl(tmp_path / "a.jsonl", lamps(*range(1_500), description="bright " * 40)),
        jsonl(tmp_path / "b.jsonl", lamps(*range(100, 1_600), description="warm " * 40)),
    ]
    script = (
        "import sys, itertools; from pathlib import Path; from assistant.shop import Shop\n"
        "with Shop(Path(sys.argv[1])) as shop:\n"
        "    print('open', flush=True)\n"
        "    for feed in itertools.cycle(sys.argv[2:]):\n"
        "        shop.import_feed([Path(feed)])\n"
        "        print(feed, flush=True)\n"
    )
    root = tmp_path / "shop"
    wanted = {}
    for feed in feeds:
        with Shop(root) as shop:
            wanted[shop.import_feed([feed]).version] = {row["id"] for row in map(json.loads, feed.open("rb"))}
    rng, seen = random.Random(7), set()
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(root), *map(str, feeds)], stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == "open\n"
            time.sleep(rng.uniform(0.0, 1.3))
            os.kill(process.pid, signal.SIGKILL)
            process.wait(20)
        with Shop(root) as shop:
            seen.add(version := shop.catalog.version())
            assert {product.id for product in shop.catalog.products()} == wanted[version]
            assert not list(root.glob("import-*"))
    assert seen <= wanted.keys()
