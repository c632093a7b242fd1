"""Mappings guessed from headers and values, in English and Chinese, and what is never guessed."""

from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.errors import FeedError
from retrieval.feed.grouping import read_grouped
from retrieval.feed.guess import Guess, guess_mapping
from retrieval.feed.mapping import parse_mapping
from retrieval.feed.reader import find_sources, read_records
from retrieval.feed.rows import RowParser
from retrieval.types import Product, Variant

OWN = Path(__file__).parent / "feeds" / "own"


def guess_file(path: Path) -> Guess:
    rows = [record.values for record in islice(read_records(find_sources([path])[0]), 50) if record.problem is None]
    return guess_mapping(list(dict.fromkeys(name for row in rows for name in row)), rows)


def test_a_chinese_feed_is_guessed_whole_and_reads_exactly() -> None:
    guess = guess_file(OWN / "yunshang.csv")
    assert guess.doubts == ()
    assert guess.unmapped == ("产地",)
    mapping = parse_mapping(guess.mapping_toml)
    assert (mapping.currency, mapping.language) == ("CNY", "zh")
    assert mapping.fields == {
        "id": "货号",
        "title": "商品名称",
        "description": "描述",
        "brand": "品牌",
        "category": "类目",
        "price": "售价",
        "list_price": "原价",
        "stock": "库存",
        "image": "图片",
        "date_added": "上架时间",
    }
    assert mapping.variants is not None
    assert mapping.variants.group == "款号"
    notes: list[str] = []
    records = list(read_grouped(find_sources([OWN / "yunshang.csv"]), mapping, notes.append))
    assert notes == ["yunshang.csv is not UTF-8 and was read as gb18030"]
    rows = [RowParser(mapping).parse(record.values) for record in records]
    shirt, bag, scarf, mask = rows
    assert isinstance(shirt.product, Product)
    assert (shirt.product.title, shirt.product.category, shirt.product.department) == ("云上 亚麻衬衫", "衬衫", "服装")
    assert shirt.product.description == '透气亚麻,"越洗越软"'
    assert shirt.product.variants == (
        Variant("YS-01-B-M", 19900, 25900, 12, {"color": ("蓝色",), "size": ("m",)}),
        Variant("YS-01-B-L", 19900, 25900, 0, {"color": ("蓝色",), "size": ("l",)}),
        Variant("YS-01-W-M", 20900, None, 0, {"color": ("白色",), "size": ("m",)}, "https://yunshang.example/01w.jpg"),
    )
    assert [(fault.line, fault.field, fault.reason) for fault in records[0].faults] == [
        (7, "id", "repeats the id of line 5")
    ]
    assert bag.product is not None
    assert (bag.product.id, bag.product.price_minor, bag.product.attributes) == ("YS-02", 8900, {"color": ("米色",)})
    assert [(fault.field, fault.value) for fault in scarf.faults] == [("price", "面议")]
    assert mask.product is not None
    assert mask.product.variants == (Variant("YS-04", 6900, stock=0),)


def test_the_names_of_the_brief_are_all_known() -> None:
    columns = "商品名称 标题 价格 原价 促销价 库存 品牌 类目 颜色 尺码 规格 货号 图片 链接 描述 上架时间".split()
    guess = guess_mapping(columns, [])
    assert guess.confidence.keys() == {
        *("id", "title", "description", "brand", "category", "price", "sale_price", "list_price", "stock", "image"),
        *("url", "date_added", "color", "size"),
    }
    assert guess.unmapped == ("标题", "规格")


@pytest.mark.parametrize(
    ("columns", "row", "doubts"),
    [
        (["sku", "id", "name", "price"], {}, ["id: 'id' and 'sku' are as likely; name one under [fields]"]),
        (["sku", "name", "price", "unit price"], {}, ["price: 'price' and 'unit price' are as likely"]),
        (["sku", "name"], {}, ["no column looks like price, which no product can do without"]),
        (["sku", "name", "price"], {"price": "on request"}, ["no column looks like price"]),
        (["a", "b"], {}, ["no column looks like id", "no column looks like title", "no column looks like price"]),
    ],
)
def test_ids_and_prices_are_never_taken_by_chance(columns: list[str], row: dict[str, Any], doubts: list[str]) -> None:
    guess = guess_mapping(columns, [row])
    nothing_says = "nothing says the currency: state it as an ISO code such as USD or CNY"
    assert len(guess.doubts) == len(doubts) + 1
    for told, expected in zip(guess.doubts, [*doubts, nothing_says], strict=True):
        assert told.startswith(expected)
    with pytest.raises(FeedError):
        parse_mapping(guess.mapping_toml)


def test_values_speak_beside_names() -> None:
    rows = [
        {"sku": f"A{n}", "name": "Lamp", "price": f"{n}.50 EUR", "image": "red", "photo": "x/1.jpg"} for n in range(5)
    ]
    guess = guess_mapping(["sku", "name", "price", "image", "photo"], rows)
    mapping = parse_mapping(guess.mapping_toml)
    assert (mapping.currency, mapping.fields["image"]) == ("EUR", "photo")
    assert guess.confidence["id"] == 0.99
    repeated = guess_mapping(["sku", "name", "price"], [{"sku": "A", "name": "Lamp", "price": "5"}] * 9)
    assert "id" not in repeated.confidence


@given(st.lists(st.text(max_size=8), unique=True, max_size=6), st.data())
def test_any_columns_give_toml_that_loads_or_doubts(columns: list[str], data: st.DataObject) -> None:
    rows = data.draw(
        st.lists(st.fixed_dictionaries({name: st.none() | st.text(max_size=4) for name in columns}), max_size=3)
    )
    guess = guess_mapping(["sku", "name", "price", *columns], rows)
    if all(doubt.startswith("nothing says the currency") for doubt in guess.doubts):
        assert parse_mapping(guess.mapping_toml, currency="USD").fields["id"] == "sku"
    else:
        assert any(doubt.startswith(("id", "price", "no column")) for doubt in guess.doubts)
