"""Rows of one product become one record, wherever they lie; what cannot be taken is told with its line."""

import json
import tracemalloc
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from retrieval.feed.grouping import common_title, read_grouped
from retrieval.feed.mapping import Mapping, parse_mapping
from retrieval.feed.reader import Record, RecordFault, find_sources
from retrieval.feed.rows import RowParser
from retrieval.types import Product, Variant

OWN = parse_mapping(
    'currency = "USD"\nprice_unit = "major"\nmissing_columns = "ignore"\n'
    '[fields]\nid = "sku"\ntitle = "name"\nprice = "price"\nsale_price = "sale"\nstock = "stock"\ncurrency = "cur"\n'
    'brand = "brand"\nimage = "photo"\n'
    '[attributes]\ncolor = "color"\nsize = "size"\n[details]\ncolumns = "ean"\n[variants]\ngroup = "parent"\n'
)


def write(path: Path, rows: list[Any]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    return path


def grouped(tmp_path: Path, rows: list[Any], mapping: Mapping = OWN) -> list[Record]:
    return list(read_grouped(find_sources([write(tmp_path / "feed.jsonl", rows)]), mapping))


def product(record: Record, mapping: Mapping = OWN) -> Product | None:
    return RowParser(mapping).parse(record.values).product


def test_rows_with_one_parent_are_variants_of_a_product(tmp_path: Path) -> None:
    rows = [
        {"sku": "a", "parent": "P", "name": "Boots grey 42", "price": "20", "color": "grey", "size": "42", "ean": "1"},
        {"sku": "solo", "name": "Mug", "price": Decimal("5.00").__str__(), "color": "white"},
        {"sku": "b", "parent": "P", "name": "Boots grey 43", "price": 20, "stock": 0, "color": "grey", "size": "43"},
        {"sku": "c", "parent": "P", "name": "Boots red 42", "price": "25", "sale": "20", "color": "red", "size": "42"},
        {"sku": "d", "parent": "P", "name": "Boots red 43", "price": "25", "brand": "Ridge", "size": "43", "ean": "2"},
    ]
    boots, mug = grouped(tmp_path, rows)
    assert (boots.line, boots.n_rows, boots.faults, mug.line, mug.n_rows) == (1, 4, (), 2, 1)
    assert product(boots) == Product(
        "P",
        "Boots",
        "USD",
        (
            Variant("a", 2000, attributes={"color": ("grey",), "size": ("42",)}),
            Variant("b", 2000, stock=0, attributes={"color": ("grey",), "size": ("43",)}),
            Variant("c", 2000, 2500, attributes={"color": ("red",), "size": ("42",)}),
            Variant("d", 2500, attributes={"size": ("43",)}),
        ),
        brand="Ridge",
        details={"ean": "1, 2"},
    )
    assert product(mug) == Product("solo", "Mug", "USD", (Variant("solo", 500),), attributes={"color": ("white",)})


def test_a_row_that_others_name_is_the_product_itself(tmp_path: Path) -> None:
    rows = [
        {"sku": "a", "parent": "P", "name": "Boots 42", "size": "42", "photo": "42.jpg"},
        {"sku": "P", "name": "Ridge boots", "price": "30", "stock": 4, "color": "grey", "photo": "boots.jpg"},
        {"sku": "b", "parent": "P", "name": "Boots 43", "size": "43", "price": "35", "photo": "boots.jpg"},
    ]
    (boots,) = grouped(tmp_path, rows)
    assert product(boots) == Product(
        "P",
        "Ridge boots",
        "USD",
        (
            Variant("a", 3000, stock=4, attributes={"size": ("42",)}, image="42.jpg"),
            Variant("b", 3500, stock=4, attributes={"size": ("43",)}),
        ),
        attributes={"color": ("grey",)},
        image="boots.jpg",
    )


def test_a_row_that_names_itself_is_a_variant(tmp_path: Path) -> None:
    rows = [{"sku": sku, "parent": "P", "name": "Mug", "price": "5", "size": sku} for sku in ("P", "Q")]
    (mug,) = grouped(tmp_path, rows)
    assert [variant.id for variant in getattr(product(mug), "variants", ())] == ["P", "Q"]


def test_a_bad_row_costs_only_its_variant(tmp_path: Path) -> None:
    rows = [
        {"sku": "a", "parent": "P", "name": "Boots", "price": "twenty", "size": "42"},
        "no object",
        {"sku": "b", "parent": "P", "name": "Boots", "price": "20", "size": "43"},
        {"sku": "b", "parent": "P", "name": "Boots", "price": "20", "size": "44"},
        {"sku": "../c", "parent": "P", "name": "Boots", "size": "45"},
        {"sku": "d", "parent": "P", "name": "Boots", "size": "46", "stock": "some"},
        {"sku": "e", "parent": "P", "name": "Boots", "price": "20", "sale": "25"},
        {"sku": "f", "parent": "P", "name": "Boots", "price": "20", "cur": "EUR"},
        {"sku": "g", "parent": "P", "name": "Boots", "size": "47"},
    ]
    boots, broken = grouped(tmp_path, rows)
    assert broken == Record("feed.jsonl", 2, {}, "is not an object")
    assert [variant.id for variant in getattr(product(boots), "variants", ())] == ["b"]
    assert (boots.line, boots.n_rows) == (1, 8)
    assert [(fault.line, fault.field, fault.reason) for fault in boots.faults] == [
        (1, "price", "is not a number such as 1299, 1299.00 or 1,299.00"),
        (4, "id", "repeats the id of line 3"),
        (5, "id", "looks like a path out of a folder, which an id must not"),
        (6, "stock", "is not a number such as 1299, 1299.00 or 1,299.00"),
        (7, "sale_price", "is above the ordinary price of 2000 minor units"),
        (8, "currency", "the mapping says USD; import one currency only"),
        (9, "price", "is missing"),
    ]


def test_a_product_without_one_good_variant_is_told_whole(tmp_path: Path) -> None:
    rows = [{"sku": sku, "parent": "P", "name": "Boots", "price": "?"} for sku in ("a", "b")]
    reason = "is not a number such as 1299, 1299.00 or 1,299.00"
    assert grouped(tmp_path, rows) == [
        Record(
            "feed.jsonl",
            1,
            {},
            "none of the 2 variants of this product could be taken",
            n_rows=2,
            faults=tuple(RecordFault("feed.jsonl", line, "price", "?", reason) for line in (1, 2)),
        )
    ]


def test_too_many_rows_of_one_product_are_left_out_one_by_one(tmp_path: Path) -> None:
    rows = [{"sku": str(n), "parent": "0", "name": "Boots", "price": "5"} for n in range(1, 5_004)]
    boots, *rest = grouped(tmp_path, rows)
    assert (boots.n_rows, len(boots.faults), len(getattr(product(boots), "variants", ()))) == (5_000, 4_000, 1_000)
    assert boots.faults[0].reason == "its product has more than 1,000 variants"
    assert [(record.line, record.problem) for record in rest] == [
        (line, "its product has more than 5,000 rows") for line in (5_001, 5_002, 5_003)
    ]


def test_variants_may_lie_in_several_files(tmp_path: Path) -> None:
    paths = [
        write(tmp_path / f"{sku}.jsonl", [{"sku": sku, "parent": "P", "name": "Mug", "price": 5, "size": sku}])
        for sku in ("a", "b")
    ]
    (mug,) = read_grouped(find_sources(paths), OWN)
    assert (mug.file, mug.n_rows) == ("a.jsonl", 2)


@pytest.mark.parametrize(
    ("titles", "values", "common"),
    [
        (["Trail shoes – grey, size 42", "Trail shoes – red, size 43"], {"grey", "red", "size"}, "Trail shoes"),
        (["Lamp (black)", "Lamp (brass)"], set(), "Lamp"),
        (["Red mug", "Blue mug"], {"red", "blue"}, "Red mug"),
        (["Mug", "Mug large"], {"large"}, "Mug"),
        (["42 boots", "42 socks"], {"42"}, "42 boots"),
        (["云上 衬衫 蓝色 M", "云上 衬衫 蓝色 L"], {"蓝色", "m", "l"}, "云上 衬衫"),
    ],
)
def test_what_titles_of_variants_have_in_common(titles: list[str], values: set[str], common: str) -> None:
    assert common_title(titles, values) == common


cells = (
    st.none()
    | st.integers(-3, 3)
    | st.text("ab \x00\ud800\"'é灯", max_size=3)
    | st.lists(st.text(max_size=2), max_size=2)
)
members = st.fixed_dictionaries(
    {},
    optional={
        "sku": st.sampled_from(["1", "2", "3", "4"]) | cells,
        "parent": st.sampled_from(["1", "2", "P"]) | cells,
        "name": st.just("Mug") | cells,
        "price": st.sampled_from(["5", "6.50", 7]) | cells,
        "stock": cells,
        "color": cells,
        "size": cells,
        "ean": cells,
        "cur": st.sampled_from(["USD", "EUR"]),
    },
)


@given(st.lists(members, max_size=10))
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_row_is_in_a_product_or_told(tmp_path: Path, rows: list[dict[str, Any]]) -> None:
    records = grouped(tmp_path, rows)
    assert sum(record.n_rows for record in records) == len(rows)
    for record in records:
        lost = {fault.line for fault in record.faults}
        found = product(record) if record.problem is None else None
        n_variants = len(found.variants) if found else 0
        assert n_variants <= record.n_rows - len(lost)
        # Beside the variants there is at most the row that describes the product.
        assert found is None or record.n_rows - len(lost) - n_variants <= 1


def test_memory_stays_bounded(tmp_path: Path) -> None:
    rows = [
        {"sku": str(n), "parent": f"P{n % 1_500}", "name": "Mug", "price": "5", "size": str(n), "text": "x" * 500}
        for n in range(6_000)
    ]
    sources = find_sources([write(tmp_path / "feed.jsonl", rows)])
    del rows
    tracemalloc.start()
    assert sum(record.n_rows for record in read_grouped(sources, OWN)) == 6_000
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 5_000_000
