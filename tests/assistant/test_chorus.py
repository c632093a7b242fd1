"""A real feed of 19,406 products that nobody cleaned, all the way through: import, then what a shopper asks."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import ShoppingAssistant
from assistant.shop import Shop

ROOT = Path(__file__).parents[2]
CHORUS = ROOT.parent / "shared" / "data" / "chorus"

pytestmark = [
    pytest.mark.slow,
    pytest.mark.shared_data,
    pytest.mark.skipif(not CHORUS.is_dir(), reason="the Chorus feed is not beside the checkout"),
]


@pytest.fixture(scope="module")
def chorus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShoppingAssistant]:
    folder = tmp_path_factory.mktemp("chorus")
    with Shop(folder, must_own=True) as shop:
        done = shop.import_feed(sorted(CHORUS.glob("*.zip")), ROOT / "benchmarks" / "mappings" / "chorus.toml")
    assert (done.n_rows, done.n_products, done.n_rejected) == (19_406, 19_406, 0)
    with ShoppingAssistant.open(folder) as assistant:
        yield assistant


def titles(assistant: ShoppingAssistant, message: str) -> list[str]:
    return [item.ranked.product.title.lower() for item in assistant.ask(message).products]


def test_a_wireless_mouse_under_thirty(chorus: ShoppingAssistant) -> None:
    reply = chorus.ask("wireless mouse for travel under 30")
    assert len(reply.products) == 5
    for item in reply.products:
        assert item.ranked.variant.price_minor <= 3000
        assert "wireless" in item.ranked.product.values("feature")
    assert sum("mouse" in title for title in titles(chorus, "wireless mouse for travel under 30")) >= 4


def test_an_original_cyan_toner_by_hp(chorus: ShoppingAssistant) -> None:
    reply = chorus.ask("HP toner cartridge, original, cyan")
    assert len(reply.products) == 5
    for item in reply.products:
        assert item.ranked.product.brand == "HP"
        assert "cyan" in item.ranked.product.values("color")
        assert "original" in item.ranked.product.title.lower()


def test_a_chinese_wish_finds_english_products(chorus: ShoppingAssistant) -> None:
    reply = chorus.ask("索尼耳机")
    assert reply.language == "zh"
    assert {item.ranked.product.brand for item in reply.products} == {"Sony"}
    assert "headphone" in titles(chorus, "索尼耳机")[0]


def test_what_is_not_there_is_said_and_nothing_else_is_passed_off_as_it(chorus: ShoppingAssistant) -> None:
    reply = chorus.ask("索尼降噪耳机")
    assert reply.products == ()
    assert "Sony" in reply.text or "索尼" in reply.text
    assert "降噪" in reply.text
    by_sony = [product for product in chorus.shop.catalog.products() if product.brand == "Sony"]
    assert len(by_sony) > 100
    assert not any("noise cancelling" in product.values("feature") for product in by_sony)


def test_a_brand_that_only_stands_in_texts_is_searched_as_a_word(chorus: ShoppingAssistant) -> None:
    reply = chorus.ask("apple")
    assert len(reply.products) == 5
    for item in reply.products:
        product = item.ranked.product
        said = " ".join([product.title, product.description, *product.details.values()]).lower()
        assert any(name in said for name in ("apple", "ipad", "iphone", "ipod")), product.title
