"""A shop that lists things in several colours, all the way through: each once, and all of them when asked for more."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assistant import ShoppingAssistant
from assistant.doctor import examine
from assistant.shop import Shop
from retrieval.types import Product, Translation, Variant

COLORS = ("red", "blue", "green", "black")
THINGS = (("ceramic mug", "陶瓷马克杯"), ("travel mug", "旅行马克杯"), ("camping mug", "露营马克杯"))
SHADES = {"red": "红色", "blue": "蓝色", "green": "绿色", "black": "黑色"}


def mugs() -> list[Product]:
    return [
        Product(
            f"{thing.split()[0]}-{color}",
            f"Acme {thing}, {color}",
            "USD",
            (Variant(f"{thing.split()[0]}-{color}", 1000),),
            brand="Acme",
            category="mugs",
            attributes={"color": (color,)},
            translations={"zh": Translation(f"{SHADES[color]}{chinese}")},
        )
        for thing, chinese in THINGS
        for color in COLORS
    ]


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShoppingAssistant]:
    folder = tmp_path_factory.mktemp("mugs")
    with Shop(folder, must_own=True) as empty:
        empty.catalog.replace_all(mugs())
    with ShoppingAssistant.open(folder) as assistant:
        yield assistant


@pytest.mark.parametrize(("wish", "more"), [("a mug", "show me more"), ("马克杯", "还有吗")])
def test_each_thing_stands_first_and_more_brings_everything_once(shop: ShoppingAssistant, wish: str, more: str) -> None:
    reply = shop.ask(wish)
    first = [item.ranked for item in reply.products]
    assert {item.product.id.split("-")[0] for item in first[:3]} == {"ceramic", "travel", "camping"}
    shown = [item.product.id for item in first]
    standing_for = [other for item in first for other in item.alternatives]
    assert sorted([*shown, *standing_for]) == sorted(product.id for product in mugs())
    assert reply.to_dict()["products"][0]["alternatives"] == list(first[0].alternatives)
    while reply.n_left:
        reply = shop.respond(more, reply.session)
        assert reply.products
        shown += [item.ranked.product.id for item in reply.products]
    assert sorted(shown) == sorted(product.id for product in mugs())


@pytest.mark.parametrize("wish", ["a red or blue mug", "红色或者蓝色的马克杯"])
def test_colors_that_were_asked_for_stay_apart(shop: ShoppingAssistant, wish: str) -> None:
    reply = shop.ask(wish)
    assert reply.session.filters.include == {"color": ("red", "blue")}
    assert reply.n_matched == 6
    assert len(reply.products) == 5
    assert all(not item.ranked.alternatives for item in reply.products)


def test_who_was_seen_is_told_to_the_merchant(shop: ShoppingAssistant) -> None:
    shop.ask("a mug")
    frame = shop.exposure()
    assert (list(frame["brand"]), list(frame["exposure"])) == (["Acme"], [1.0])
    (finding,) = [finding for finding in examine(shop.shop.paths.root) if finding.part == "lists"]
    assert finding.level == "ok"
    assert "of what was seen: Acme 100%" in finding.text


@pytest.mark.parametrize("knob", [0.0, 0.2])
def test_the_knob_of_the_shop_is_the_rankers(tmp_path: Path, knob: float) -> None:
    (tmp_path / "shop.toml").write_text(f"[ranking]\ndiversity = {knob}\ncollapse = false\n", "utf-8")
    with Shop(tmp_path, must_own=True) as empty:
        empty.catalog.replace_all(mugs())
    with ShoppingAssistant.open(tmp_path) as shop:
        items = [item.ranked for item in shop.ask("a mug").products]
    assert all(not item.alternatives for item in items)
    assert any("diversity" in item.contributions for item in items) == (knob > 0)


def test_without_a_word_of_the_shop_things_stand_once_and_by_score_alone(shop: ShoppingAssistant) -> None:
    items = [item.ranked for item in shop.ask("a mug").products]
    assert any(item.alternatives for item in items)
    # Three things are there; what fills the other places is a repeat, which is what its line says.
    assert ["diversity" in item.contributions for item in items] == [False, False, False, True, True]
