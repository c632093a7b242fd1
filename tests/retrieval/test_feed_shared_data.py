"""Real feeds beside the checkout, read with at most a mapping file: every row is taken or told."""

import json
from collections import Counter
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path

import pytest

from retrieval.feed.grouping import read_grouped
from retrieval.feed.mapping import load_mapping
from retrieval.feed.reader import find_sources, read_records
from retrieval.feed.row_models import PolicyRow
from retrieval.feed.rows import RowParser, validate
from retrieval.types import Product, Review

DATA = Path(__file__).parents[3] / "shared" / "data"
MAPPINGS = Path(__file__).parents[2] / "benchmarks" / "mappings"

pytestmark = [
    pytest.mark.shared_data,
    pytest.mark.skipif(not DATA.is_dir(), reason="the real data is not beside the checkout"),
]


def read(name: str, file: str) -> tuple[list[Product], list[Review], Counter[str]]:
    mapping = load_mapping(MAPPINGS / f"{name}.toml")
    parser = RowParser(mapping)
    products, reviews, faults = [], [], Counter[str]()
    for record in read_grouped(find_sources([DATA / name / file]), mapping):
        row = parser.parse(record.values)
        faults.update(f"{fault.field}: {fault.reason}" for fault in row.faults)
        faults.update([record.problem] if record.problem else [])
        reviews.extend(row.reviews)
        products.extend([row.product] if row.product else [])
    return products, reviews, faults


def test_retrotech_comes_out_whole() -> None:
    products, _, faults = read("retrotech", "products.csv.gz")
    assert (len(products), faults) == (48_194, {})
    assert len({product.id for product in products}) == 46_156
    fan = next(product for product in products if product.id == "761345750011")
    assert (fan.title, fan.brand, fan.price_minor) == ('Antec - 3.125" Case Cooling Fan', "Antec", 999)
    assert fan.details["short description"].startswith('3.125" (80mm) plastic DC ball-bearing case cooling fan')
    assert not [product for product in products if '\\"' in product.title]


def test_the_retail_demo_store_comes_out_whole() -> None:
    products, _, faults = read("retail_demo_store", "products.yaml")
    assert (len(products), faults) == (2_465, {})
    first = products[0]
    assert (first.title, first.price_minor, first.category, first.department, first.attributes) == (
        "Adventure-Ready Expedition Backpack",
        12999,
        "backpack",
        "accessories",
        {"audience": ("women",)},
    )


def test_dummyjson_costs_what_the_discount_leaves() -> None:
    products, reviews, faults = read("dummyjson", "products.json")
    assert (len(products), len(reviews), faults) == (194, 582, {})
    raw = json.loads((DATA / "dummyjson" / "products.json").read_text("utf-8"), parse_float=Decimal)
    expected = {
        str(item["id"]): (100 * item["price"] * (100 - item["discountPercentage"]) / 100).quantize(1, ROUND_HALF_UP)
        for item in raw
    }
    assert {product.id: Decimal(product.price_minor) for product in products} == expected
    assert (products[0].price_minor, products[0].list_price_minor, str(products[0].date_added)) == (
        894,
        999,
        "2025-04-30",
    )
    assert products[0].details["returnPolicy"] == "No return policy"


def test_the_shop_questions_are_read_as_they_are() -> None:
    (source,) = find_sources([DATA / "ecommerce_faq" / "Ecommerce_FAQ_Chatbot_dataset.json"])
    rows = [validate(PolicyRow, {"language": "en"} | record.values, None) for record in read_records(source)]
    assert [faults for _, faults in rows if faults] == []
    assert (len(rows), {row.kind for row, _ in rows if row}) == (79, {"faq"})
