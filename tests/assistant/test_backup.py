"""Backups are whole, readable for their owner only, and come back as what was backed up, or not at all."""

import json
import os
import random
import signal
import sqlite3
import stat
import subprocess
import sys
import time
import zipfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from toy_shops import contents, make_shop, talk

from assistant.backup import PARTS, backup, last_backup, newest_whole
from assistant.database_files import faults
from assistant.exchange import READY, finish_exchange
from assistant.migrations import check_revision, migrate
from assistant.restore import REPLACED, restore
from assistant.shop import Shop
from retrieval.database import open_engine, write_transaction
from retrieval.errors import BackupError, CatalogError, ShopLocked

SCRIPT = "import sys; sys.path.insert(0, {tests!r}); from pathlib import Path\n{body}"


def child(body: str, *arguments: object) -> "subprocess.Popen[str]":
    code = SCRIPT.format(tests=str(Path(__file__).parent), body=body)
    return subprocess.Popen(
        [sys.executable, "-c", code, *map(str, arguments)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.PIPE, text=True,
    )  # fmt: skip


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    return make_shop(tmp_path / "shop", "oak")


@pytest.fixture
def archive(shop: Path, tmp_path: Path) -> Path:
    return backup(shop, tmp_path / "oak.zip").path


def names(path: Path) -> set[str]:
    return {entry.name for entry in path.iterdir()}


def test_what_was_backed_up_comes_back(shop: Path, archive: Path, tmp_path: Path) -> None:
    done = restore(archive, tmp_path / "copy")
    assert contents(tmp_path / "copy") == contents(shop)
    assert (done.counts["products"], done.counts["reviews"], done.counts["shown_lists"]) == (3, 1, 1)
    assert (done.migrated_from, done.replaced) == (None, None)
    assert names(tmp_path / "copy") - {"shop.lock"} == PARTS - {"demo-shop.json"}
    assert stat.S_IMODE((tmp_path / "copy" / "pseudonym.key").stat().st_mode) == 0o600


def test_the_archive_is_private_names_every_digest_and_leaves_out_what_can_be_rebuilt(shop: Path) -> None:
    (shop / "index" / "x").mkdir(parents=True)
    (shop / "index" / "x" / "vectors.npy").write_bytes(b"0" * 1000)
    for half in ("matcher.training", "matcher.checkpoints", "embedder.new"):
        (shop / "models" / half).mkdir()
        (shop / "models" / half / "half").write_text("half", "utf-8")
    done = backup(shop, shop.parent / "oak.zip")
    assert stat.S_IMODE(done.path.stat().st_mode) == 0o600
    with zipfile.ZipFile(done.path) as file:
        assert set(file.namelist()) == {
            "manifest.json", "shop.toml", "size_charts.toml", "shop.db", "pseudonym.key", "models/matcher/meta.json",
            "pictures/oak.svg", "prompts/house_rules_extra.md",
        }  # fmt: skip
        manifest = json.loads(file.read("manifest.json"))
    assert set(manifest["files"]) == set(done.manifest.files)
    assert (manifest["program"], manifest["counts"]["products"]) == ("0.1.0", 3)
    assert names(shop.parent) == {"shop", "oak.zip"}
    noted = last_backup(shop)
    assert noted is not None
    assert noted.path == done.path


def test_a_backup_while_the_shop_is_written_to_is_one_moment_of_it(shop: Path, tmp_path: Path) -> None:
    writer = child(
        "from assistant.shop import Shop; from toy_shops import talk\n"
        "with Shop(Path(sys.argv[1])) as shop:\n"
        "    print('go', flush=True)\n"
        "    while True: talk(shop, 'oak')",
        shop,
    )
    assert writer.stdout is not None
    assert writer.stdout.readline() == "go\n"
    counts = []
    for n in range(3):
        done = backup(shop, tmp_path / f"{n}.zip")
        counts.append(restore(done.path, tmp_path / str(n)).counts["shown_lists"])
        assert counts[-1] == done.manifest.counts["shown_lists"]
        lists = contents(tmp_path / str(n))["lists"]
        assert lists == sorted(f"oak-{i}" for i in range(counts[-1])), "no row is missing in between"
    writer.kill()
    writer.communicate()
    assert counts == sorted(counts)
    assert counts[0] < counts[-1]


def test_an_older_backup_is_replaced_and_anything_else_is_not(shop: Path, tmp_path: Path) -> None:
    first = backup(shop, tmp_path / "oak.zip")
    with Shop(shop) as opened:
        talk(opened, "oak")
    again = backup(shop, tmp_path / "oak.zip")
    assert again.manifest.counts["shown_lists"] == first.manifest.counts["shown_lists"] + 1
    (tmp_path / "feed.csv").write_text("id,title", "utf-8")
    for other in (tmp_path / "feed.csv", tmp_path, shop / "shop.toml"):
        with pytest.raises(BackupError, match=r"is there already and is no backup of a shop: name another file"):
            backup(shop, other)
    with pytest.raises(BackupError, match="lies within what is backed up"):
        backup(shop, shop / "pictures" / "new.zip")
    with pytest.raises(BackupError, match="there is no shop in"):
        backup(tmp_path / "nowhere", tmp_path / "x.zip")


def test_a_damaged_database_is_not_backed_up(shop: Path, archive: Path) -> None:
    before = archive.read_bytes()
    _flip(shop / "shop.db", 4096 * 3, 4096)
    with pytest.raises(BackupError, match=r"is damaged \(.*so it was not backed up: run `shopping-assistant doctor"):
        backup(shop, archive)
    assert archive.read_bytes() == before
    assert names(archive.parent) == {"shop", "oak.zip"}


def test_a_full_disk_leaves_no_half_backup(shop: Path) -> None:
    tiny = child(
        "import resource\n"
        "from assistant.backup import backup\n"
        "import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000))\n"
        "backup(Path(sys.argv[1]), Path(sys.argv[1]).with_name('oak.zip'))",
        shop,
    )
    _, said = tiny.communicate(timeout=60)
    assert "the backup could not be made: " in said
    assert names(shop.parent) == {"shop"}


def test_an_existing_shop_is_replaced_only_when_asked_and_kept(archive: Path, tmp_path: Path) -> None:
    elm = make_shop(tmp_path / "elm", "elm", 5)
    (elm / "mapping.toml").write_text("mine", "utf-8")
    before = contents(elm)
    with pytest.raises(BackupError, match=r"holds a shop already \(models, pictures, prompts, pseudonym.key, shop.db"):
        restore(archive, elm)
    assert contents(elm) == before
    done = restore(archive, elm, replace=True)
    assert contents(elm) == contents(tmp_path / "shop")
    assert (elm / "mapping.toml").read_text("utf-8") == "mine"
    assert done.replaced == elm / "backups" / REPLACED
    for part in ("shop.db", "shop.toml", "size_charts.toml", "pseudonym.key", "pictures", "models", "prompts"):
        (elm / part).rename(elm / f"new-{part}")
        (done.replaced / part).rename(elm / part)
    assert contents(elm) == before


def test_what_a_backup_lacks_goes_as_well(archive: Path, tmp_path: Path) -> None:
    elm = make_shop(tmp_path / "elm", "elm")
    (elm / "demo-shop.json").write_text('{"products": ["elm-0", "elm-1", "elm-2"]}', "utf-8")
    restore(archive, elm, replace=True)
    assert not (elm / "demo-shop.json").exists()


@pytest.mark.parametrize("own", [True, False])
def test_a_shop_in_use_is_not_replaced(archive: Path, tmp_path: Path, own: bool) -> None:
    elm = make_shop(tmp_path / "elm", "elm")
    other = child(
        "from assistant.shop import Shop\n"
        "with Shop(Path(sys.argv[1]), own=sys.argv[2] == 'True') as shop:\n"
        "    shop.catalog.version(); print('open', flush=True); sys.stdin.read()",
        elm, own,
    )  # fmt: skip
    assert other.stdout is not None
    assert other.stdout.readline() == "open\n"
    reason = rf"process {other.pid} \(-c .*since .* UTC\); stop it first" if own else "another process reads the shop"
    with pytest.raises(ShopLocked, match=reason):
        restore(archive, elm, replace=True)
    other.communicate("")
    assert contents(elm)["name"] == "elm"
    restore(archive, elm, replace=True)
    assert contents(elm)["name"] == "oak"


def test_a_restore_that_is_killed_leaves_one_whole_shop(tmp_path: Path) -> None:
    made = {name: make_shop(tmp_path / name, name, 200) for name in ("oak", "elm")}
    archives = {name: backup(made[name], tmp_path / f"{name}.zip").path for name in made}
    wanted = {name: contents(made[name]) for name in made}
    target = tmp_path / "target"
    restore(archives["elm"], target)
    rng, delay_s, kills = random.Random(0), 0.05, Counter[bool]()
    while len(kills) < 2 or kills.total() < 12:
        assert kills.total() < 60, f"always killed on the same side of the exchange: {kills}"
        name = "oak" if contents(target)["name"] == "elm" else "elm"
        worker = child(
            "from assistant.restore import restore; print('go', flush=True)\n"
            "restore(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)",
            archives[name], target,
        )  # fmt: skip
        assert worker.stdout is not None
        worker.stdout.readline()
        time.sleep(delay_s * rng.uniform(0.5, 1.5))
        worker.send_signal(signal.SIGKILL)
        worker.communicate()
        found = contents(target)
        assert found == wanted[str(found["name"])]
        assert not (target / READY).exists()
        was_exchanged = found["name"] == name
        kills[was_exchanged] += 1
        delay_s *= 0.6 if was_exchanged else 1.5  # homes in on the exchange, however fast the machine is


@pytest.mark.parametrize("n_moved", range(9))
def test_the_exchange_goes_on_wherever_it_was_left_off(archive: Path, tmp_path: Path, n_moved: int) -> None:
    elm = make_shop(tmp_path / "elm", "elm")
    worker = child(
        "import os\n"
        "from assistant.restore import restore\n"
        "left, rename = [int(sys.argv[3])], os.rename\n"
        "def audit(event, arguments):\n"
        "    own = [word in str(arguments[0]) for word in ('restore.part', 'owner')] if event == 'os.rename' else [1]\n"
        "    if not any(own):\n"
        "        left[0] -= 1\n"
        "        if left[0] < 0: os._exit(9)\n"
        "sys.addaudithook(audit)\n"
        "restore(Path(sys.argv[1]), Path(sys.argv[2]), replace=True)",
        archive, elm, n_moved,
    )  # fmt: skip
    _, said = worker.communicate(timeout=60)
    assert worker.returncode == 9, said
    with pytest.raises(ShopLocked, match="another process owns the shop"):
        Shop(elm, own=False)
    with pytest.raises(BackupError, match=r"a restore of .* was cut off"):
        backup(elm, tmp_path / "mixed.zip")
    assert contents(elm) == contents(tmp_path / "shop")
    assert not finish_exchange(elm)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_flipped_byte_is_noticed_or_harmless(archive: Path, tmp_path: Path, data: st.DataObject) -> None:
    whole = archive.read_bytes()
    place = data.draw(st.integers(0, len(whole) - 1))
    damaged = tmp_path / "damaged.zip"
    damaged.write_bytes(whole[:place] + bytes([whole[place] ^ data.draw(st.integers(1, 255))]) + whole[place + 1 :])
    target = tmp_path / f"flipped-{time.monotonic_ns()}"
    try:
        restore(damaged, target)
    except BackupError:
        assert not target.exists()
    else:
        assert contents(target) == contents(tmp_path / "shop")


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_cut_archive_is_refused(archive: Path, tmp_path: Path, share: float) -> None:
    whole = archive.read_bytes()
    (tmp_path / "cut.zip").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(BackupError, match=r"is damaged|is not a backup"):
        restore(tmp_path / "cut.zip", tmp_path / "new")
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize(
    "name", ["../shop.db", "/etc/cron.d/x", "pictures/../../x", "pictures\\..\\x", "other/x", "C:x"]
)
def test_names_that_lead_elsewhere_are_refused(archive: Path, tmp_path: Path, name: str) -> None:
    def lead(manifest: dict[str, dict[str, object]]) -> None:
        manifest["files"][name] = manifest["files"].pop("pictures/oak.svg")

    bad = _rewritten(archive, lead, {"pictures/oak.svg": name})
    with pytest.raises(BackupError, match="which is no part of a shop: it is refused as a whole"):
        restore(bad, tmp_path / "new")
    assert names(tmp_path) == {"shop", "oak.zip", "bad.zip"}


def test_archives_of_others_and_of_the_future_are_refused(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "foreign.zip", "w") as file:
        file.writestr("shop.db", b"x")
    (tmp_path / "text").write_text("hello", "utf-8")
    for path, why in (
        (tmp_path / "foreign.zip", r"it has no manifest\.json"),
        (tmp_path / "text", "is damaged: File is not a zip file"),
        (tmp_path / "nowhere.zip", r"cannot read the backup .* \(No such file"),
    ):
        with pytest.raises(BackupError, match=why):
            restore(path, tmp_path / "new")
    for change, why in (
        (lambda manifest: manifest.update(kind="other"), "is another program's"),
        (lambda manifest: manifest.update(format=2, program="9.0"), r"newer version .*\(9\.0\)"),
        (lambda manifest: manifest.update(revision="9999"), r"newer version .*\(revision 9999\)"),
        (lambda manifest: manifest["files"].pop("shop.toml"), "not those that its manifest names"),
        (lambda manifest: manifest["files"]["shop.toml"].update(bytes=1), "bytes instead of 1"),
    ):
        with pytest.raises(BackupError, match=why):
            restore(_rewritten(archive, change), tmp_path / "new")
    assert not (tmp_path / "new").exists()


def test_a_manifest_that_fits_a_damaged_database_does_not_help_it(archive: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(archive) as file:
        (tmp_path / "shop.db").write_bytes(file.read("shop.db"))
    _flip(tmp_path / "shop.db", 4096 * 3, 4096)
    from assistant.archive import check_archive, write_archive

    write_archive(tmp_path / "bad.zip", {"shop.db": tmp_path / "shop.db"}, check_archive(archive, PARTS))
    with pytest.raises(BackupError, match=r"the database in .* is damaged"):
        restore(tmp_path / "bad.zip", tmp_path / "new")
    assert names(tmp_path / "new") <= {"shop.lock"}


def _rewritten(archive: Path, change: Callable[[Any], object], renamed: dict[str, str] | None = None) -> Path:
    bad = archive.with_name("bad.zip")
    with zipfile.ZipFile(archive) as file, zipfile.ZipFile(bad, "w") as out:
        for name in file.namelist():
            content = file.read(name)
            if name == "manifest.json":
                manifest = json.loads(content)
                change(manifest)
                content = json.dumps(manifest).encode()
            out.writestr((renamed or {}).get(name, name), content)
    return bad


def _flip(path: Path, start: int, n: int) -> None:
    content = bytearray(path.read_bytes())
    content[start : start + n] = bytes(byte ^ 0xFF for byte in content[start : start + n])
    path.write_bytes(content)


class TestBeforeMigration:
    @pytest.fixture
    def old(self, tmp_path: Path) -> Path:
        """A shop of revision 0001 with one product in it."""
        root = tmp_path / "old"
        root.mkdir()
        engine = open_engine(root / "shop.db")
        migrate(engine, "0001")
        with write_transaction(engine) as connection:
            connection.exec_driver_sql(
                "INSERT INTO products (id, title, description, currency, attributes, attribute_sources, details,"
                " translations) VALUES ('lamp', 'Lamp', '', 'USD', '{}', '{}', '{}', '{}')"
            )
            connection.exec_driver_sql(
                "INSERT INTO variants (product_id, position, id, price_minor, attributes)"
                " VALUES ('lamp', 0, 'lamp', 1999, '{}')"
            )
        engine.dispose()
        return root

    def test_a_copy_is_made_of_what_is_about_to_migrate(self, old: Path, tmp_path: Path) -> None:
        with Shop(old) as shop:
            assert [product.id for product in shop.catalog.products()] == ["lamp"]
            check_revision(shop.engine)
        (copy,) = (old / "backups").iterdir()
        assert copy.name.startswith("before-0007-")
        assert stat.S_IMODE(copy.stat().st_mode) == 0o600
        with sqlite3.connect(copy) as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
            assert connection.execute("SELECT title FROM products").fetchall() == [("Lamp",)]
        assert newest_whole(old) == copy
        done = restore(copy, tmp_path / "again")
        assert done.migrated_from == "0001"
        with Shop(tmp_path / "again") as shop:
            assert [product.id for product in shop.catalog.products()] == ["lamp"]

    def test_nothing_is_copied_where_nothing_migrates_or_nothing_is_there(self, tmp_path: Path) -> None:
        for _ in range(2):
            make_shop(tmp_path / "new", "new")
        assert not (tmp_path / "new" / "backups").exists()
        (tmp_path / "empty").mkdir()
        engine = open_engine(tmp_path / "empty" / "shop.db")
        migrate(engine, "0001")
        engine.dispose()
        with Shop(tmp_path / "empty") as shop:
            check_revision(shop.engine)
        assert not (tmp_path / "empty" / "backups").exists()

    def test_the_last_three_are_kept(self, old: Path) -> None:
        (old / "backups").mkdir()
        for n in range(5):
            (old / "backups" / f"before-000{n % 2}-2026010{n}T000000.db").touch()
        (old / "backups" / "shop-20200101T000000.zip").touch()
        Shop(old).close()
        kept = sorted(names(old / "backups"))
        assert len(kept) == 4
        assert kept[0].startswith("before-0000-20260104T")
        assert kept[1].startswith("before-0001-20260103T")
        assert kept[3] == "shop-20200101T000000.zip"

    def test_without_a_copy_there_is_no_migration(self, old: Path) -> None:
        before = (old / "shop.db").read_bytes()
        (old / "backups").write_text("a file where the folder should be", "utf-8")
        with pytest.raises(BackupError, match=r"must be migrated, but the backup that is made first failed: .*exists"):
            Shop(old)
        assert (old / "shop.db").read_bytes() == before

    def test_a_migration_that_fails_changes_nothing(self, old: Path) -> None:
        with sqlite3.connect(old / "shop.db") as connection:
            connection.execute("ALTER TABLE events ADD COLUMN quantity INTEGER")
        with pytest.raises(
            CatalogError, match=r"could not be brought to revision 0007, and is as it was; a copy of it"
        ):
            Shop(old)
        assert not faults(old / "shop.db")
        with sqlite3.connect(old / "shop.db") as connection:
            assert connection.execute("SELECT version_num FROM alembic_version").fetchall() == [("0001",)]
            columns = {row[1] for row in connection.execute("PRAGMA table_info(products)")}
        assert "digest" not in columns
        assert len(names(old / "backups")) == 1


def test_the_process_id_of_a_killed_owner_does_not_keep_the_next_one_out(shop: Path) -> None:
    child_id = os.fork()
    if child_id == 0:
        Shop(shop)
        os.kill(os.getpid(), signal.SIGKILL)
    os.waitpid(child_id, 0)
    assert json.loads((shop / "owner.json").read_text("utf-8"))["pid"] == child_id
    with Shop(shop) as opened:
        assert opened.owner
        assert json.loads((shop / "owner.json").read_text("utf-8"))["pid"] == os.getpid()
    assert not (shop / "owner.json").exists()
