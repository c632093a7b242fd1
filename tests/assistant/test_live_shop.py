"""The open shop follows its catalog: real embedder, Chroma, SQL, matcher and writer on the demo shop."""

import json
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from assistant import ShoppingAssistant
from assistant.types import ProductsFound
from retrieval.errors import FeedError, ShopLocked
from retrieval.types import Filters, Product, Variant

KITE: dict[str, Any] = {
    "id": "kite-1",
    "title": "Glowmere Swallow Kite",
    "title_zh": "Glowmere 沙燕风筝",
    "description": "It flies in the lightest wind.",
    "description_zh": "微风就能放飞。",
    "brand": "Glowmere",
    "category": "swallow kites",
    "department": "outdoor",
    "price": 31.5,
    "stock": 4,
}


@pytest.fixture
def shop(demo_dir: Path, tmp_path: Path) -> Iterator[ShoppingAssistant]:
    folder = tmp_path / "shop"
    shutil.copytree(demo_dir, folder)
    with ShoppingAssistant.open(folder) as assistant:
        yield assistant


def found(shop: ShoppingAssistant, message: str) -> list[str]:
    return [candidate.product.id for candidate in shop.find(message)[1].candidates]


def shown(shop: ShoppingAssistant, message: str) -> dict[str, int]:
    return {item.ranked.product.id: item.ranked.variant.price_minor for item in shop.ask(message).products}


@pytest.mark.parametrize("message", ["swallow kite", "沙燕风筝", "Glowmere Swallow Kite"])
def test_a_new_product_is_found_by_the_next_message(shop: ShoppingAssistant, message: str) -> None:
    assert "kite-1" not in found(shop, message)
    n_products, n_before = shop.shop.catalog.n_products(), shop.search.n_embedded
    applied = shop.upsert([KITE])
    assert (applied.added, applied.changed, applied.n_products) == (1, 0, 1)
    assert next(iter(shown(shop, message).items())) == ("kite-1", 3150)
    assert shop.search.n_embedded == n_before + 1
    assert len(shop.products()) == n_products + 1


def test_a_new_price_is_said_at_once_and_nothing_is_embedded(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    n_before = shop.search.n_embedded
    for price in (29, 19.99, 45.5):
        applied = shop.upsert([{"id": "kite-1", "price": price}])
        assert (applied.changed, applied.reworded, applied.added) == (1, 0, 0)
        reply = shop.ask("Glowmere swallow kite")
        assert f"${price:.2f}" in reply.text
        assert "kite-1" in shown(shop, f"swallow kite under {price + 1} dollars")
        assert "kite-1" not in shown(shop, f"swallow kite under {price - 1} dollars")
    assert shop.search.n_embedded == n_before


def test_sold_out_and_deleted_are_hidden_at_once_and_come_back(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    shop.upsert([{"id": "kite-1", "stock": 0}])
    assert "kite-1" not in shown(shop, "swallow kite")
    shop.upsert([{"id": "kite-1", "stock": 2}])
    assert "kite-1" in shown(shop, "沙燕风筝")
    assert shop.delete(["kite-1", "no such thing"]).retired == 1
    assert "kite-1" not in found(shop, "swallow kite")
    assert shop.product("kite-1") is None
    assert shop.delete("kite-1").retired == 0
    assert shop.upsert([KITE]).returned == 1
    assert "kite-1" in found(shop, "沙燕风筝")


def test_a_new_brand_category_and_color_are_understood_after_a_refresh(shop: ShoppingAssistant) -> None:
    def filters(message: str) -> Filters:
        return shop.understand(message)[1]

    assert filters("something by glowmere").include.get("brand") is None
    assert filters("swallow kites").category is None
    shop.upsert([KITE, {**KITE, "id": "kite-2", "title": "Glowmere Dragon Kite", "color": ["pewter"]}])
    shop.refresh()
    assert shop.refresh() is False
    assert filters("something by glowmere").include["brand"] == ("glowmere",)
    assert filters("swallow kites").category == "swallow kites"
    assert filters("swallow kites in pewter").include["color"] == ("pewter",)
    assert set(found(shop, "swallow kites")) == {"kite-1", "kite-2"}
    assert shop.digest.price_positions.keys() >= {"hiking-boots-01"}


def test_what_takes_longer_follows_in_the_background(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    waited_until = time.monotonic() + 30
    while shop.understand("swallow kites")[1].category is None:
        assert time.monotonic() < waited_until
        time.sleep(0.02)
    assert shop.live.knowledge.revision == shop.shop.catalog.revision()


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (
            [KITE, {"id": "kite-2", "title": "x", "price": "cheap"}],
            r"item 2: price 'cheap' .*nothing was changed",
        ),
        ([KITE, {"id": "kite-2", "price": 5}], r"item 2: id 'kite-2' is no product .*nothing was changed"),
        ([KITE, {"id": "hiking-boots-01", "stock": "many"}], r"item 2: stock 'many'"),
        ([KITE, KITE], r"item 2: id 'kite-1' repeats the id of item line 1"),
        ([KITE, Product("kite-1", "x", "USD", (Variant("x", 1),))], r"two items are of the product 'kite-1'"),
        ([{**KITE, "currency": "EUR"}], r"item 1: currency 'EUR'"),
    ],
)
def test_one_fault_and_nothing_of_an_upsert_is_taken(shop: ShoppingAssistant, rows: list[Any], said: str) -> None:
    before = (shop.shop.catalog.version(), shop.shop.catalog.revision())
    with pytest.raises(FeedError, match=said):
        shop.upsert(rows)
    assert (shop.shop.catalog.version(), shop.shop.catalog.revision()) == before
    assert "kite-1" not in found(shop, "swallow kite")
    assert [path.name for path in shop.shop.paths.root.iterdir() if path.suffix == ".staging"] == []


def test_products_go_in_as_values_too(shop: ShoppingAssistant) -> None:
    lamp = Product("lamp-9", "Opal orb", "USD", (Variant("lamp-9", 2500, stock=1),), category="orbs")
    shop.upsert([lamp, KITE])
    assert shop.product("lamp-9") == lamp
    assert shown(shop, "opal orb")["lamp-9"] == 2500


def test_one_message_sees_one_catalog_from_its_first_stage_to_its_last(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    stream = shop.stream("swallow kite", shop.new_session())
    first = next(stream)
    assert isinstance(first, ProductsFound)
    shop.delete(["kite-1"])
    shop.refresh()
    list(stream)
    assert next(item.ranked.product.id for item in first.products) == "kite-1"
    assert "kite-1" not in shown(shop, "swallow kite")


def test_a_shop_without_any_product_left_answers(shop: ShoppingAssistant) -> None:
    shop.delete([product.id for product in shop.shop.catalog.products()])
    for message in ("hiking boots", "跑步鞋", "the cheapest one", "", "怎么退货"):
        session = shop.new_session()
        assert shop.respond(message, session).products == ()
    shop.refresh()
    for message in ("hiking boots under 100 dollars", "三百块以内的跑步鞋", "what do you have?"):
        reply = shop.ask(message)
        assert reply.products == ()
        assert reply.text
    assert shop.starters("en") == shop.starters("zh") == ()
    assert len(shop.products()) == 0
    root = shop.shop.paths.root
    shop.close()
    with ShoppingAssistant.open(root) as again:
        assert again.shop.is_empty is False
        assert again.ask("hiking boots").products == ()
        again.upsert([KITE])
        again.refresh()
        assert shown(again, "swallow kites") == {"kite-1": 3150}


def test_messages_and_changes_at_the_same_time(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    told: list[bool] = []

    def talk() -> None:
        for _ in range(15):
            reply = shop.ask("swallow kite")
            prices = [i.ranked.variant.price_minor for i in reply.products if i.ranked.product.id == "kite-1"]
            told.append(len(prices) == 1 and f"${prices[0] / 100:.2f}" in reply.text)

    threads = [threading.Thread(target=talk) for _ in range(3)]
    for thread in threads:
        thread.start()
    for cents in range(2000, 2060):
        shop.upsert([{"id": "kite-1", "price": cents / 100}])
    for thread in threads:
        thread.join()
    assert told == [True] * 45
    assert shown(shop, "swallow kite")["kite-1"] == 2059


READER = """
import json, sys
from assistant import ShoppingAssistant
with ShoppingAssistant.open(sys.argv[1]) as shop:
    print(json.dumps({"owner": shop.shop.owner}), flush=True)
    for line in sys.stdin:
        shown = [item.ranked for item in shop.ask(line.strip()).products]
        print(json.dumps({item.product.id: item.variant.price_minor for item in shown}), flush=True)
"""


def test_another_process_sees_each_change_at_its_next_message(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    command = [sys.executable, "-c", READER, str(shop.shop.paths.root)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as reader:
        assert reader.stdin is not None
        assert reader.stdout is not None

        def answer(message: str) -> dict[str, int]:
            reader.stdin.write(message + "\n")
            reader.stdin.flush()
            return json.loads(reader.stdout.readline())

        assert json.loads(reader.stdout.readline()) == {"owner": False}
        # It was opened while the index was behind, and before anything was closed.
        assert answer("swallow kite")["kite-1"] == 3150
        shop.upsert([{"id": "kite-1", "price": 12.34}])
        assert answer("沙燕风筝")["kite-1"] == 1234
        shop.upsert([{**KITE, "id": "whistle-1", "title": "Penny whistle", "title_zh": "爱尔兰哨笛", "category": None}])
        assert answer("penny whistle")["whistle-1"] == 3150
        assert answer("爱尔兰哨笛")["whistle-1"] == 3150
        shop.delete(["kite-1"])
        assert "kite-1" not in answer("swallow kite")
        reader.stdin.close()
        assert reader.wait(30) == 0


def test_a_reader_is_told_who_may_change_the_catalog(shop: ShoppingAssistant) -> None:
    with ShoppingAssistant.open(shop.shop.paths.root, own=False) as reader:
        with pytest.raises(ShopLocked, match="another process owns the shop"):
            reader.upsert([KITE])
        with pytest.raises(ShopLocked, match="another process owns the shop"):
            reader.delete(["hiking-boots-01"])
        assert "kite-1" not in found(reader, "swallow kite")
        shop.upsert([KITE])
        assert "kite-1" in found(reader, "swallow kite")


def test_frames_of_products_and_events(shop: ShoppingAssistant) -> None:
    shop.upsert([KITE])
    products = shop.products().set_index("id")
    assert products.loc["kite-1", "price_minor"] == 3150
    assert set(shop.events().columns) >= {"type", "product_id", "shopper_id", "time"}
