"""The commands as a user runs them: real processes, real shop."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from assistant import ShoppingAssistant
from assistant.shop import Shop
from retrieval.types import Product, Variant

FEED = [
    {"id": "m1", "title": "Wireless travel mouse", "price": "19.90", "brand": "Klik", "color": "black"},
    {"id": "m2", "title": "Wired desk mouse", "price": "9.90", "brand": "Klik", "color": "white"},
    {"id": "m3", "title": "Mouse without a price", "brand": "Klik"},
]
MAPPING = """
currency = "USD"
price_unit = "major"
[fields]
id = "id"
title = "title"
price = "price"
brand = "brand"
[attributes]
color = ["color"]
"""


def run(*arguments: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "assistant.cli", *arguments]
    environment = {**os.environ, "COLUMNS": "200", "NO_COLOR": "1"}
    done = subprocess.run(command, capture_output=True, text=True, timeout=240, env=environment, check=False)
    assert done.returncode == code, done.stdout + done.stderr
    return done


@pytest.fixture
def feed(tmp_path: Path) -> tuple[Path, Path]:
    (tmp_path / "feed.json").write_text(json.dumps(FEED), "utf-8")
    (tmp_path / "mapping.toml").write_text(MAPPING, "utf-8")
    return tmp_path / "feed.json", tmp_path / "mapping.toml"


@pytest.mark.slow
def test_import_then_ask(tmp_path: Path, feed: tuple[Path, Path]) -> None:
    shop, report = tmp_path / "shop", tmp_path / "rejected.csv"
    done = run("import", str(feed[0]), "--mapping", str(feed[1]), "--shop", str(shop), "--report", str(report), code=3)
    assert "2 of 3 rows taken, 1 rejected" in done.stdout
    assert "price" in report.read_text("utf-8")
    reply = json.loads(run("ask", "wireless mouse under 30", "--shop", str(shop), "--json").stdout)
    assert [product["id"] for product in reply["products"]] == ["m1"]
    assert reply["filters"]["price_max"] == 30


@pytest.mark.slow
def test_a_real_catalog_replaces_the_demo_as_a_whole(own_demo: Path, feed: tuple[Path, Path]) -> None:
    shop = own_demo
    with Shop(shop) as opened:
        assert (opened.catalog.n_products(), opened.is_demo, opened.event_log.count()) == (270, True, 60_000)
    own_picture = shop / "pictures" / "own.svg"
    own_picture.write_text("<svg/>", "utf-8")
    run("ask", "hiking boots", "--shop", str(shop))
    run("import", str(feed[0]), "--mapping", str(feed[1]), "--shop", str(shop), code=3)
    with Shop(shop) as opened:
        assert (opened.catalog.n_products(), opened.is_demo, opened.event_log.count()) == (2, False, 0)
        assert opened.settings.name["en"] != "Lantern Lane"
        with opened.engine.connect() as connection:
            for table in ("sessions", "turns", "shown_lists", "shown_products"):
                assert connection.exec_driver_sql(f"select count(*) from {table}").scalar_one() == 0
    assert [path.name for path in (shop / "pictures").iterdir()] == ["own.svg"]


def test_a_demo_left_behind_by_a_killed_import_goes_when_the_shop_opens(own_demo: Path) -> None:
    with Shop(own_demo) as shop:
        shop.catalog.replace_all([Product("x", "Mouse", "USD", (Variant("x", 100),))])
        assert not shop.is_demo
        assert shop.event_log.count() == 60_000
    with Shop(own_demo) as shop:
        assert shop.event_log.count() == 0
        assert not (own_demo / "pictures" / "hiking-boots-01.svg").exists()


@pytest.mark.slow
def test_parse_prints_what_was_understood(demo_dir: Path) -> None:
    parsed = json.loads(run("parse", "三百块以内的跑步鞋,不要黑色", "--shop", str(demo_dir), "--json").stdout)
    assert parsed["filters"] == {
        "category": "running shoes",
        "price_max": 300,
        "currency": "CNY",
        "exclude": {"color": ["black"]},
    }


@pytest.mark.slow
def test_doctor_says_which_model_serves(demo_dir: Path) -> None:
    findings = {
        finding["part"]: finding for finding in json.loads(run("doctor", "--shop", str(demo_dir), "--json").stdout)
    }
    assert "270 products in USD" in findings["catalog"]["text"]
    assert "the shipped model" in findings["matcher"]["text"]
    assert {finding["level"] for finding in findings.values()} <= {"ok", "note"}


@pytest.mark.slow
def test_an_embedder_tuned_to_the_shops_queries_serves(untouched_demo: Path, tmp_path: Path) -> None:
    shop = shutil.copytree(untouched_demo, tmp_path / "shop")
    done = run("train", "--embedder", "--always", "--shop", str(shop))
    assert "by what shoppers chose" in " ".join(done.stdout.split())
    assert "Queries are read by it from the next start" in done.stdout
    assert [path.name for path in (shop / "models").iterdir()] == ["embedder"]
    findings = json.loads(run("doctor", "--shop", str(shop), "--json").stdout)
    told = [finding["text"] for finding in findings if finding["part"] == "embedder"]
    assert "queries are read as `train --embedder` has taught it" in told
    assert "the shipped model" in next(finding["text"] for finding in findings if finding["part"] == "matcher")
    for question, wanted in (("waterproof hiking boots", "boots"), ("防水登山靴", "靴")):
        reply = json.loads(run("ask", question, "--shop", str(shop), "--json").stdout)
        assert wanted in reply["products"][0]["title"].lower()


@pytest.mark.slow
def test_training_without_events_says_what_is_missing(tmp_path: Path, feed: tuple[Path, Path]) -> None:
    shop = str(tmp_path / "shop")
    run("import", str(feed[0]), "--mapping", str(feed[1]), "--shop", shop, code=3)
    done = run("train", "--shop", shop, code=1)
    assert "error:" in done.stderr
    assert "events" in done.stderr


@pytest.mark.slow
def test_chat_in_the_terminal(demo_dir: Path) -> None:
    said = "waterproof hiking boots\n第二个多少钱\n\n"
    command = [sys.executable, "-m", "assistant.cli", "chat", "--shop", str(demo_dir)]
    done = subprocess.run(command, input=said, capture_output=True, text=True, timeout=240, check=True)
    asked = json.loads(run("ask", "waterproof hiking boots", "--shop", str(demo_dir), "--json").stdout)
    assert asked["products"][0]["title"].removesuffix(" Hiking Boots") in done.stdout
    assert f"US${asked['products'][1]['price_minor'] / 100:.2f}" in done.stdout


@pytest.mark.slow
def test_asking_on_a_products_and_a_categorys_page(demo_dir: Path) -> None:
    page = ["--product", "hiking-boots-01", "--cart", "jackets-01, nothing-such"]
    done = run("ask", "is it waterproof?", *page, "--shop", str(demo_dir), "--json")
    reply = json.loads(done.stdout)
    assert reply["intent"] == "ask_product"
    assert "Tarnock Fellside" in reply["text"]
    assert "nothing-such" in done.stderr
    kettles = json.loads(run("ask", "五百块以内", "--category", "电热水壶", "--shop", str(demo_dir), "--json").stdout)
    assert kettles["filters"]["category"] == "kettles"


@pytest.mark.slow
def test_a_second_owner_gets_a_clear_message(tmp_path: Path, feed: tuple[Path, Path]) -> None:
    with Shop(tmp_path / "shop"):
        done = run("import", str(feed[0]), "--shop", str(tmp_path / "shop"), code=1)
    assert "another process owns the shop" in done.stderr


@pytest.mark.slow
def test_an_error_is_printed_as_it_is_brackets_included(tmp_path: Path) -> None:
    (tmp_path / "shop.toml").write_text('[llm]\nmodle = "x"', "utf-8")
    assert "[llm]: unknown setting 'modle'" in run("doctor", "--shop", str(tmp_path), code=1).stdout.replace("\n", " ")
    assert "[llm]: unknown setting 'modle'" in run("ask", "x", "--shop", str(tmp_path), code=1).stderr


@pytest.mark.slow
def test_errors_are_one_line_that_says_what_to_do(tmp_path: Path, feed: tuple[Path, Path]) -> None:
    (tmp_path / "bad.toml").write_text("currency = ", "utf-8")
    done = run("import", str(feed[0]), "--mapping", str(tmp_path / "bad.toml"), "--shop", str(tmp_path / "s"), code=1)
    assert "bad.toml" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.slow
def test_a_profile_is_shown_exported_and_erased(own_demo: Path, tmp_path: Path) -> None:
    with ShoppingAssistant.open(own_demo) as shop:
        shop.respond("I love wool", shop.new_session(shopper_id="ann"))
        shop.record("purchase", "kettles-03", "ann")
        pseudonym = shop.pseudonym("ann")
    about = ("profile", "--shopper", "ann", "--shop", str(own_demo))
    shown = run(*about).stdout
    assert "likes wool" in shown
    assert "key material=wool · you said: “I love wool” · confidence 1.00 · for good" in shown
    assert "interested in kettles" in shown
    assert "喜欢羊毛" in run(*about, "--language", "zh").stdout
    exported = tmp_path / "ann.json"
    run(*about, "--export", str(exported))
    kept = json.loads(exported.read_text("utf-8"))
    assert (kept["shopper_id"], len(kept["events"]), len(kept["conversations"])) == (pseudonym, 1, 1)
    assert "likes wool" not in run(*about, "--forget", "material=wool").stdout
    assert json.loads(run(*about, "--json").stdout)["preferences"] == []
    assert "nothing is known under 'material=wool'" in run(*about, "--forget", "material=wool", code=1).stderr
    assert run(*about, "--erase").stdout == "Erased: 1 events, 1 sessions, 0 preferences, 0 shown lists\n"
    assert run(*about).stdout == "Nothing is known of this shopper.\n"
    missing = run("profile", "--shopper", "ann", "--shop", str(tmp_path / "nowhere"), code=1)
    assert "there is no shop in" in missing.stderr
    assert not (tmp_path / "nowhere").exists()
