"""`backup`, `restore` and `doctor --repair` as a user runs them."""

import json
import os
import shutil
from pathlib import Path

import pytest
from toy_shops import contents, make_shop
from typer.testing import CliRunner

from assistant.cli import app
from assistant.shop import Shop

pytestmark = pytest.mark.slow


def cli(*arguments: str, code: int = 0) -> str:
    done = CliRunner().invoke(app, arguments)
    assert done.exit_code == code, done.output
    assert "Traceback" not in done.output
    return done.output


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    root = make_shop(tmp_path / "shop", "oak")
    shutil.rmtree(root / "models")
    return root


def test_a_backup_goes_out_while_the_shop_is_open_and_comes_back(shop: Path, tmp_path: Path) -> None:
    before = contents(shop)
    archive = tmp_path / "far" / "oak.zip"
    with Shop(shop):
        said = cli("backup", "--to", str(archive), "--shop", str(shop))
        assert f"3 products, 0 events, 0 sessions; 6 files, 0.0 MiB: {archive}" in said
        assert "keep it as safe as the shop" in said
        said = cli("restore", str(archive), "--yes", "--shop", str(shop), code=1)
        assert f"error: another process owns the shop in {shop}: process {os.getpid()}" in said
    assert "replace it with --yes" in cli("restore", str(archive), "--shop", str(shop), code=1)
    (shop / "pictures" / "oak.svg").unlink()
    said = cli("restore", str(archive), "--yes", "--shop", str(shop))
    assert "3 products, 0 events, 0 sessions, as of 20" in said
    assert f"What was there before is in {shop / 'backups' / 'replaced'} until the next restore." in said
    assert contents(shop) == before


def test_a_backup_without_a_place_lies_in_the_shop(shop: Path) -> None:
    said = cli("backup", "--shop", str(shop))
    (archive,) = (shop / "backups").iterdir()
    assert str(archive) in said
    assert "It lies beside the shop: copy it to another disk" in said
    assert "there is no shop in" in cli("backup", "--shop", str(shop / "nowhere"), code=1)


def test_the_doctor_mends_and_says_so(shop: Path) -> None:
    content = bytearray((shop / "shop.db").read_bytes())
    content[4096:12288] = bytes(8192)
    (shop / "shop.db").write_bytes(content)
    said = " ".join(cli("doctor", "--shop", str(shop), code=1).split())
    assert "error database" in said
    assert "run `shopping-assistant doctor --repair`" in said
    findings = json.loads(cli("doctor", "--repair", "--json", "--shop", str(shop)))
    repaired = [finding["text"] for finding in findings if finding["part"] == "repair of database"]
    assert "it is kept in" in repaired[0]
    assert repaired[1].startswith("brought over into a new one: ")
    assert {finding["level"] for finding in findings} <= {"ok", "note"}
    cli("doctor", "--shop", str(shop))
    with Shop(shop):
        said = cli("doctor", "--repair", "--shop", str(shop), code=1)
        assert "a shop can't be mended while it is served" in said
