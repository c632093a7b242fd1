"""A report shows what the feed says, however it was read: exact cells in, exact values out."""

import json
from pathlib import Path
from typing import Any

import pytest
from bad_feeds import attempt, bad, lines, open_catalog

from retrieval.feed.mapping import parse_mapping
from retrieval.feed.partial import merge_rows
from retrieval.feed.report import rejected
from retrieval.types import Product, Variant

CELLS: list[tuple[dict[str, Any], str, str]] = [
    ({"sale_price": 7}, "sale_price", "7"),
    ({"sale_price": "$7.00"}, "sale_price", "$7.00"),
    ({"variants": [{"id": "a", "sale_price": "US$ 6"}]}, "variants.0.sale_price", "US$ 6"),
    ({"variants": '[{"id": "a", "sale_price": 6.50}]'}, "variants.0.sale_price", "6.50"),
    ({"currency": " eur "}, "currency", " eur "),
    ({"rating": "７"}, "rating", "７"),
    ({"rating": "5.10"}, "rating", "5.10"),
    ({"n_reviews": "-1.0"}, "n_reviews", "-1.0"),
    ({"title": "<b> </b>"}, "title", "<b> </b>"),
    ({"variants": [{"id": " a"}, {"id": "a "}]}, "variants.1.id", "a "),
    ({"price": True}, "price", "true"),
    ({"price": [5, "é", None]}, "price", '[5, "é", null]'),
    ({"price": {"amount": 5.10}}, "price", '{"amount": 5.1}'),
    ({"variants": [{"id": "a", "price": "-1 USD"}]}, "variants.0.price", "-1 USD"),
]


@pytest.mark.parametrize(("cells", "field", "value"), CELLS)
def test_a_bad_cell_is_shown_as_it_is_written(tmp_path: Path, cells: dict[str, Any], field: str, value: str) -> None:
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(**cells))})
    assert [(row.field, row.value) for row in outcome.rejected] == [(field, value)]


@pytest.mark.parametrize(
    ("row", "field", "value"),
    [
        ({"id": "before", "sale_price": "$10"}, "sale_price", "$10"),
        ({"id": "before", "currency": " EUR"}, "currency", " EUR"),
        ({"id": " new ", "title": "New"}, "id", " new "),
        ({"id": "two", "price": "$ 8"}, "price", "$ 8"),
        ({"id": "two", "stock": "in stock"}, "stock", "in stock"),
        ({"id": "two", "discount_percent": "20 %"}, "discount_percent", "20 %"),
        ({"id": "two", "variants": [{"id": "v1", "sale_price": "9.0"}]}, "variants.0.sale_price", "9.0"),
    ],
)
def test_a_bad_change_is_shown_as_it_is_written(tmp_path: Path, row: dict[str, Any], field: str, value: str) -> None:
    variants = [{"id": "v1", "price": 5, "stock": 0}, {"id": "v2", "price": 6, "stock": 1}]
    two = {"id": "two", "title": "Two", "variants": variants}
    mapping = parse_mapping(
        'currency = "USD"\nprice_unit = "major"\nmissing_columns = "ignore"\n[fields]\n'
        + "".join(f'{name} = "{name}"\n' for name in ("id", "title", "price", "sale_price", "currency", "stock"))
        + 'discount_percent = "discount_percent"\nvariants = "variants"\n'
    )
    outcome = attempt(tmp_path, {"a.jsonl": json.dumps(two), "b.jsonl": json.dumps(row)}, mapping=mapping, partial=True)
    assert outcome.error is None
    assert [(fault.file, fault.field, fault.value) for fault in outcome.rejected] == [("b.jsonl", field, value)]


def test_a_bad_change_of_one_variant_is_shown_as_it_is_written(tmp_path: Path) -> None:
    with open_catalog(tmp_path) as catalog:
        catalog.replace_all([Product("two", "Two", "USD", (Variant("v1", 500), Variant("v2", 600)))])
        (fault,) = merge_rows(catalog, [{"id": "v1", "sale_price": "10.00 USD"}]).rejected
    assert (fault.field, fault.value) == ("sale_price", "10.00 USD")


def test_repeated_ids_are_shown_as_they_are_written(tmp_path: Path) -> None:
    rows = '{"id": 6.0, "title": "Lamp", "price": 5}\n{"id": " 6 ", "title": "Lamp", "price": 5}\n'
    outcome = attempt(tmp_path, {"feed.jsonl": rows})
    assert [(row.field, row.value) for row in outcome.rejected] == [("id", " 6 ")]


def test_a_repeated_variant_of_a_grouped_feed_is_shown_as_it_is_written(tmp_path: Path) -> None:
    feed = 'sku,name,price,sale,parent\na,Lamp,5,"$6.00",L\n b,Lamp,5,,L\nb ,Lamp,5,,L\n'
    mapping = parse_mapping(
        'currency = "USD"\nprice_unit = "major"\n[fields]\nid = "sku"\ntitle = "name"\nprice = "price"\n'
        'sale_price = "sale"\n[variants]\ngroup = "parent"\n'
    )
    outcome = attempt(tmp_path, {"feed.csv": feed}, mapping=mapping)
    assert [(row.line, row.field, row.value) for row in outcome.rejected] == [
        (2, "sale_price", "$6.00"),
        (4, "id", "b "),
    ]


def test_reviews_and_policies_are_shown_as_they_are_written(tmp_path: Path) -> None:
    reviews = [
        {"sku": "good", "review_id": 1.0, "text": "x"},
        {"sku": "good", "review_id": " 1", "text": "y"},
        {"sku": "good ", "text": "z", "stars": "６"},
        {"sku": " nobody", "text": "z"},
        {"sku": "good", "text": "same"},
        {"sku": "good", "text": "same"},
    ]
    policies = [{"id": id_, "topic": "a", "language": "en", "title": "T", "text": "x"} for id_ in ("p", " p")]
    outcome = attempt(
        tmp_path,
        {"feed.jsonl": lines(bad(id="other"))},
        reviews={"reviews.jsonl": "".join(json.dumps(review) + "\n" for review in reviews)},
        policies={"policies.jsonl": "".join(json.dumps(policy) + "\n" for policy in policies)},
    )
    assert [(row.file, row.line, row.field, row.value) for row in outcome.rejected] == [
        ("reviews.jsonl", 2, "reviews.id", " 1"),
        ("reviews.jsonl", 3, "reviews.rating", "６"),
        ("reviews.jsonl", 4, "reviews.product_id", " nobody"),
        ("reviews.jsonl", 6, "reviews.id", ""),
        ("policies.jsonl", 2, "policies.id", " p"),
    ]


def test_nested_reviews_are_shown_as_they_are_written(tmp_path: Path) -> None:
    reviews = [{"id": "r", "text": "x"}, {"id": "r ", "text": "y"}, {"text": "z", "stars": "9.0"}]
    outcome = attempt(tmp_path, {"feed.jsonl": lines(bad(reviews=reviews))})
    assert [(row.field, row.value) for row in outcome.rejected] == [
        ("reviews.1.id", "r "),
        ("reviews.2.rating", "9.0"),
    ]


def test_what_the_mapping_leaves_out_is_shown_as_it_is_written(tmp_path: Path) -> None:
    mapping = parse_mapping(
        'currency = "USD"\nprice_unit = "major"\n[fields]\nid = "id"\ntitle = "title"\nprice = "price"\n'
        '[only_if]\nstate = "live"\n'
    )
    feed = "id,title,price,state\n1,Lamp,5,live\n2,Lamp,5,<i>Draft</i> \n"
    outcome = attempt(tmp_path, {"feed.csv": feed}, mapping=mapping)
    assert outcome.report_csv.splitlines()[1].split(",")[:4] == ["feed.csv", "3", "state", "<i>Draft</i> "]


def test_a_long_or_broken_value_stays_fit_to_be_shown() -> None:
    assert rejected("f", 1, "a", ["\ud800"], "r").value == '["?"]'
    assert rejected("f", 1, "a", ["x" * 300], "r").value == f'["{"x" * 198}… (304 characters)'
