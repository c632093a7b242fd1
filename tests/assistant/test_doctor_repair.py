"""What breaks on real disks, the doctor's words about it, and what comes back; nothing goes that was not kept."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from toy_shops import contents, products, talk

from assistant.backup import backup
from assistant.database_files import faults
from assistant.doctor import Finding, examine, mended
from assistant.door import DOOR_FILE
from assistant.repair import Step, repair
from assistant.shop import Shop
from retrieval.crashes import MARK_FILE
from retrieval.errors import BackupError, ShopLocked
from retrieval.retriever import open_retriever
from retrieval.staging import Staging

PAGE = 4096
N = 400


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An indexed shop of 400 products and 50 logged lists."""
    root = tmp_path_factory.mktemp("made") / "shop"
    with Shop(root) as shop:
        shop.catalog.replace_all(products("oak", N))
        for _ in range(50):
            talk(shop, "oak")
        open_retriever(shop.catalog, shop.embedder(), shop.paths.index).close()
    (root / "pictures").mkdir()
    (root / "pseudonym.key").write_text("0123456789abcdef0123456789abcdef", "utf-8")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "shop")
    return tmp_path / "shop"


def levels(findings: list[Finding]) -> dict[str, str]:
    return {finding.part: finding.level for finding in findings}


def flip(path: Path, start: int, n: int) -> None:
    content = bytearray(path.read_bytes())
    content[start : start + n] = bytes(byte ^ 0xFF for byte in content[start : start + n])
    path.write_bytes(content)


def pages_of(root: Path, table: str) -> list[int]:
    """The leaf pages of a table, counted from 1, in order."""
    with closing(sqlite3.connect(root / "shop.db", isolation_level=None)) as connection:
        rows = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = ? AND pagetype = 'leaf' ORDER BY path", (table,)
        ).fetchall()
    return [row[0] for row in rows]


def test_a_whole_shop_is_left_alone(root: Path) -> None:
    before = contents(root)
    assert repair(root) == []
    assert mended(root) == [Finding("repair", "ok", "nothing is broken that could be mended")]
    found = examine(root)
    assert {finding.level for finding in found} <= {"ok", "note"}
    texts = {finding.part: finding.text for finding in found}
    assert texts["index"] == f"{N} products, up to date with the catalog"
    assert texts["database"].startswith("whole, ")
    assert texts["backup"].startswith("none yet: run `shopping-assistant backup --to FILE`")
    assert contents(root) == before
    assert {path.name for path in root.iterdir()} == {
        "shop.db", "shop.lock", "index", "pictures", "pseudonym.key",
    }  # fmt: skip


def test_the_doctor_knows_how_old_the_backup_is(root: Path, tmp_path: Path) -> None:
    done = backup(root, tmp_path / "oak.zip")
    assert [f.text for f in examine(root) if f.part == "backup"] == [f"0 day(s) old, in {done.path}"]
    done.path.unlink()
    (finding,) = [finding for finding in examine(root) if finding.part == "backup"]
    assert (finding.level, "which is not there any more" in finding.text) == ("note", True)


@pytest.mark.parametrize(
    ("damage", "why"),
    [
        (lambda folder: (folder / "vectors.npy").write_bytes(b""), "cannot be read"),
        (lambda folder: flip(folder / "ids.json", 100, 1), "is not the file that was written"),
        (lambda folder: (folder / "meta.json").unlink(), "No such file"),
        (lambda folder: shutil.rmtree(folder / "bm25"), "No such file"),
        (lambda folder: (folder.parent / "current").write_text("nowhere", "utf-8"), "names no index"),
        (lambda folder: shutil.rmtree(folder.parent), "there was none"),
    ],
    ids=["truncated", "flipped", "no meta", "no bm25", "pointer", "gone"],
)
def test_a_damaged_index_is_built_again_from_the_database(
    root: Path, damage: Callable[[Path], object], why: str
) -> None:
    damage(root / "index" / (root / "index" / "current").read_text("utf-8").strip())
    (step,) = repair(root)
    assert (step.part, step.done) == ("index", True)
    assert why in step.text
    assert step.text.endswith(f"built again from the database, {N} products")
    assert levels(examine(root))["index"] == "ok"


def test_leftovers_of_killed_processes_go_and_a_half_promoted_model_serves(root: Path) -> None:
    (root / "models" / "matcher.new").mkdir(parents=True)
    (root / "models" / "matcher.new" / "weights").write_text("w", "utf-8")
    (root / "models" / "embedder.training").mkdir()
    staging = Staging(root)
    staging.finish()
    staging.close()
    (root / "owner.json.abcd.part").write_text("{", "utf-8")
    (root / "restore.part").mkdir()
    (root / DOOR_FILE).write_text(json.dumps({"address": "/tmp/shop-door-gone/door", "key": "00"}), "utf-8")
    steps = repair(root)
    assert [step.part for step in steps[:6]] == ["door", "leftovers", "matcher", "leftovers", "leftovers", "leftovers"]
    left = {path.name for path in root.iterdir()}
    assert left == {"shop.db", "shop.lock", "index", "pictures", "pseudonym.key", "models"}
    (model,) = (root / "models").iterdir()
    assert (model.name, (model / "weights").read_text("utf-8")) == ("matcher", "w")


def test_a_query_encoder_that_was_being_replaced_comes_back(root: Path) -> None:
    (root / "models" / "embedder.new").mkdir(parents=True)
    assert "embedder" in [step.part for step in repair(root)]
    # It holds nothing, so it is set aside in the same repair.
    (aside,) = (root / "models").iterdir()
    assert aside.name.startswith("set-aside-embedder-")


def test_a_query_encoder_that_does_not_load_is_not_used_and_set_aside(
    root: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (root / "models" / "embedder").mkdir(parents=True)
    (root / "models" / "embedder" / "meta.json").write_text('{"format": 1', "utf-8")
    findings = [finding for finding in examine(root) if finding.part == "embedder"]
    assert [finding.level for finding in findings][:2] == ["ok", "note"]
    assert "is not used: run `shopping-assistant train --embedder`, or delete it" in findings[1].text
    assert "queries are read by all-MiniLM-L6-v2 as it came" in caplog.text
    (step,) = repair(root)
    assert (step.part, step.done) == ("embedder", True)
    assert "is set aside as" in step.text
    assert not (root / "models" / "embedder").exists()
    assert repair(root) == []


def test_a_model_that_does_not_load_is_set_aside(root: Path) -> None:
    (root / "models" / "matcher").mkdir(parents=True)
    (root / "models" / "matcher" / "meta.json").write_text('{"format": 1', "utf-8")
    assert levels(examine(root))["matcher"] == "error"
    (step,) = repair(root)
    assert "it is set aside as" in step.text
    (aside,) = (root / "models").iterdir()
    assert (aside / "meta.json").read_text("utf-8") == '{"format": 1'
    assert levels(examine(root))["matcher"] == "note"


def test_missing_pictures_of_the_demo_are_drawn_again(demo_dir: Path, tmp_path: Path) -> None:
    shutil.copytree(demo_dir, tmp_path / "demo")
    pictures = sorted((tmp_path / "demo" / "pictures").iterdir())
    before = {picture.name: picture.read_bytes() for picture in pictures}
    pictures[0].unlink()
    pictures[1].write_bytes(before[pictures[1].name][:100])
    (tmp_path / "demo" / "pictures" / "own.svg").write_text("<svg/>", "utf-8")
    steps = [step for step in repair(tmp_path / "demo") if step.part == "pictures"]
    assert steps == [Step("pictures", "drew 2 missing or broken picture(s) of the demo shop again")]
    after = {picture.name: picture.read_bytes() for picture in (tmp_path / "demo" / "pictures").iterdir()}
    assert after == before | {"own.svg": b"<svg/>"}


def test_a_damaged_index_of_the_database_costs_no_row(root: Path) -> None:
    before = contents(root)
    with closing(sqlite3.connect(root / "shop.db", isolation_level=None)) as connection:
        (page,) = connection.execute(
            "SELECT pageno FROM dbstat WHERE name = 'ix_variants_id' AND pagetype = 'leaf' ORDER BY path LIMIT 1"
        ).fetchone()
    flip(root / "shop.db", (page - 1) * PAGE, PAGE)
    damaged = (root / "shop.db").read_bytes()
    steps = repair(root)
    assert steps[1] == Step("database", "brought over into a new one: no row is lost")
    assert contents(root) == before
    (kept,) = (root / "backups").iterdir()
    assert (kept / "shop.db").read_bytes() == damaged


@pytest.mark.parametrize("place", [0, 5, -1])
def test_what_can_be_read_of_a_damaged_table_is_brought_over(root: Path, place: int) -> None:
    before = contents(root)
    flip(root / "shop.db", (pages_of(root, "products")[place] - 1) * PAGE, PAGE)
    damaged = (root / "shop.db").read_bytes()
    assert levels(examine(root))["database"] == "error"
    assert (root / "shop.db").read_bytes() == damaged
    steps = repair(root)
    assert [step.part for step in steps] == ["database", "database", "index"] or len(steps) == 2
    assert "was damaged" in steps[0].text
    after = contents(root)
    saved, former = after["products"], before["products"]
    assert isinstance(saved, list)
    assert isinstance(former, list)
    assert [product for product in former if product in saved] == saved
    assert N - 40 < len(saved) < N, "one page holds some ten products"
    assert f"products: {len(saved):,} of {N} rows" in steps[1].text
    assert "There is no whole backup; products come back with `shopping-assistant import`" in steps[1].text
    assert after["lists"] == before["lists"]
    assert after["version"] != before["version"]
    (kept,) = (root / "backups").iterdir()
    assert (kept / "shop.db").read_bytes() == damaged
    assert faults(root / "shop.db") == []
    assert {finding.level for finding in examine(root)} <= {"ok", "note"}
    with Shop(root) as shop:
        assert shop.catalog.replace_all(products("oak", N)) == before["version"]


def test_a_changed_text_in_a_row_that_can_be_read_is_not_trusted(root: Path) -> None:
    content = (root / "shop.db").read_bytes()
    assert content.count(b"oak lamp number 250") >= 1
    (root / "shop.db").write_bytes(content.replace(b"oak lamp number 250", b"oak lamb number 250"))
    flip(root / "shop.db", (pages_of(root, "products")[0] - 1) * PAGE, PAGE)
    repair(root)
    with Shop(root) as shop:
        found = {product.id for product in shop.catalog.products()}
    assert "oak-250" not in found
    assert {"oak-249", "oak-251"} <= found


def test_the_newest_whole_backup_is_named(root: Path, tmp_path: Path) -> None:
    done = backup(root, tmp_path / "good.zip")
    (root / "backups").mkdir()
    (root / "backups" / "shop-20991231T000000.zip").write_bytes(b"PK damaged")
    flip(root / "shop.db", (pages_of(root, "products")[3] - 1) * PAGE, PAGE)
    text = repair(root)[1].text
    assert f"`shopping-assistant restore {done.path} --yes` brings the newest backup back instead" in text


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: flip(path, 0, 100),
        lambda path: path.write_bytes(b""),
        lambda path: path.write_bytes(path.read_bytes()[:1000]),
    ],
    ids=["header", "emptied", "cut"],
)
def test_a_database_of_which_nothing_can_be_read_stays_where_it_is(
    root: Path, damage: Callable[[Path], object]
) -> None:
    damage(root / "shop.db")
    before = (root / "shop.db").read_bytes()
    if not before:
        # SQLite takes an empty file for a new database: nothing tells that it was ever more.
        return
    (step,) = repair(root)
    assert not step.done
    assert "Nothing was changed. There is no whole backup" in step.text
    assert (root / "shop.db").read_bytes() == before
    assert levels(mended(root)) == {"repair of database": "error"}
    assert levels(examine(root))["shop"] == "error"


def test_a_cut_database_gives_back_what_is_left(root: Path) -> None:
    size = (root / "shop.db").stat().st_size
    with (root / "shop.db").open("rb+") as file:
        file.truncate(size - size // PAGE // 8 * PAGE)
    steps = repair(root)
    assert steps[0].part == "database"
    assert faults(root / "shop.db") == []
    assert {finding.level for finding in examine(root)} <= {"ok", "note"}


def test_rows_that_refer_to_nothing_are_kept_in_a_copy_and_go(root: Path) -> None:
    with closing(sqlite3.connect(root / "shop.db", isolation_level=None)) as connection:
        connection.execute("DELETE FROM products WHERE id = 'oak-7'")
    assert [finding.text for finding in examine(root) if finding.part == "database"] == [
        "1 rows of variants refer to a row that is not there: stop whatever uses the shop and run `shopping-assistant "
        "doctor --repair`"
    ]
    (step, *_) = repair(root)
    assert step.text.startswith("removed rows that refer to nothing (1 of variants); the database as it was is ")
    (kept,) = (root / "backups").iterdir()
    with closing(sqlite3.connect(kept, isolation_level=None)) as connection:
        assert connection.execute("SELECT count(*) FROM variants").fetchone() == (N,)
    with Shop(root) as shop:
        assert shop.catalog.n_products() == N - 1
        version = shop.catalog.version()
        assert shop.catalog.replace_all([product for product in products("oak", N) if product.id != "oak-7"]) == version


def test_a_shop_in_use_is_not_mended(root: Path) -> None:
    with Shop(root), pytest.raises(ShopLocked, match="a shop can't be mended while it is served"):
        repair(root)
    with pytest.raises(BackupError, match="there is no shop in"):
        repair(root / "nowhere")


def test_the_doctor_says_since_when_search_is_exact_because_of_damage(root: Path) -> None:
    with Shop(root, must_own=True) as shop:
        retriever = open_retriever(shop.catalog, shop.embedder(), shop.paths.index, watch_s=0.05)
        # Nothing can be built while a folder stands in the way, so the damage stays.
        (shop.paths.index / "current.part").mkdir()
        (retriever.index.folder / "ids.json").unlink()
        assert retriever.watch.wait_until(lambda watch: watch.damage is not None, 60)
        (found,) = (finding for finding in examine(root) if finding.part == "index")
        assert found.level == "note"
        assert "search is exact because of damage" in found.text
        assert "ids.json cannot be read any more" in found.text
        assert "(since 20" in found.text
        (shop.paths.index / "current.part").rmdir()
        assert retriever.watch.wait_until(lambda watch: watch.damage is None, 60)
        retriever.close()
    assert levels(examine(root))["index"] == "ok"


def test_a_process_that_ended_while_it_used_chroma_is_told_and_repaired(root: Path) -> None:
    with Shop(root, must_own=True) as shop:
        folder = open_retriever(shop.catalog, shop.embedder(), shop.paths.index).index.folder
    (folder / MARK_FILE).write_text('{"process": "another", "pid": 4711, "since": "2026-11-21T04:12:00+00:00"}')
    told = [finding.text for finding in examine(root) if finding.part == "index"]
    assert "process 4711 ended while it used Chroma" in told[0]
    (step,) = repair(root)
    assert (step.part, step.done) == ("index", True)
    assert levels(examine(root))["index"] == "ok"
