"""One record to one product: exact values, and every refusal with its field and reason."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from retrieval.feed.cells import clean_text
from retrieval.feed.mapping import canonical_mapping, parse_mapping
from retrieval.feed.rows import Fault, RowParser
from retrieval.types import Product, Review, Translation, Variant

GOOD: dict[str, Any] = {"id": "b1", "title": "Ridge boots", "price": Decimal("19.99")}


def parse(**cells: Any) -> Product:
    row = RowParser(canonical_mapping()).parse({**GOOD, **cells})
    assert row.faults == ()
    assert row.product is not None
    return row.product


def faults(**cells: Any) -> list[Fault]:
    row = RowParser(canonical_mapping()).parse({**GOOD, **cells})
    assert row.product is None
    return list(row.faults)


def test_the_least_that_a_product_needs() -> None:
    assert parse() == Product("b1", "Ridge boots", "USD", (Variant("b1", 1999),))


def test_a_product_with_everything() -> None:
    product = parse(
        title_zh="山脊登山靴",
        description="Warm &amp; <b>dry</b>.",
        description_zh="防水。",
        brand="Ridge",
        category="Hiking Boots",
        department="Shoes",
        price="150.00",
        sale_price="99",
        stock=3,
        rating="4.4",
        n_reviews="1,212",
        image="pictures/b1.svg",
        url="https://shop.example/b1",
        date_added="2026-03-01T10:00:00Z",
        color=["Grey", "grey", " Black "],
        feature="Waterproof|windproof",
        condition="new",
    )
    assert product == Product(
        id="b1",
        title="Ridge boots",
        currency="USD",
        variants=(Variant("b1", 9900, 15000, 3),),
        description="Warm & dry .",
        brand="Ridge",
        category="hiking boots",
        department="shoes",
        attributes={"color": ("grey", "black"), "feature": ("waterproof", "windproof"), "condition": ("new",)},
        translations={"zh": Translation("山脊登山靴", "防水。")},
        rating=4.4,
        n_reviews=1212,
        image="pictures/b1.svg",
        url="https://shop.example/b1",
        date_added=date(2026, 3, 1),
    )


def test_variants_take_what_they_do_not_state_from_the_product() -> None:
    product = parse(
        price=45,
        sale_price=36,
        stock=7,
        variants=[
            {"id": "b1-s", "size": "S"},
            {"id": "b1-m", "size": "M", "price": 45, "stock": 0},
            {"id": "b1-xl", "size": "XL", "price": 48},
            {"id": "b1-xxl", "size": "XXL", "price": 50, "sale_price": 40},
        ],
    )
    assert product.variants == (
        Variant("b1-s", 3600, 4500, 7, {"size": ("s",)}),
        Variant("b1-m", 3600, 4500, 0, {"size": ("m",)}),
        Variant("b1-xl", 4800, None, 7, {"size": ("xl",)}),
        Variant("b1-xxl", 4000, 5000, 7, {"size": ("xxl",)}),
    )


def test_a_variant_may_have_a_picture_of_its_own() -> None:
    product = parse(
        image="pictures/b1.svg",
        variants=[
            {"id": "grey", "color": "grey", "image": " pictures/b1-grey.svg "},
            {"id": "black", "color": "black", "image": "https://cdn.example/b.png", "price": 25},
            {"id": "red", "color": "red", "image": ""},
        ],
    )
    assert product.variants == (
        Variant("grey", 1999, attributes={"color": ("grey",)}, image="pictures/b1-grey.svg"),
        Variant("black", 2500, attributes={"color": ("black",)}, image="https://cdn.example/b.png"),
        Variant("red", 1999, attributes={"color": ("red",)}),
    )
    shown = ["pictures/b1-grey.svg", "https://cdn.example/b.png", "pictures/b1.svg"]
    assert [product.image_of(variant) for variant in product.variants] == shown
    assert product.image_of(None) == "pictures/b1.svg"
    (fault,) = faults(variants=[{"id": "grey", "color": "grey", "image": "javascript:alert(1)"}])
    assert (fault.field, fault.reason) == ("variants.0.image", "is neither an http(s) address nor a path")


def test_an_attribute_that_variants_differ_in_is_not_the_products_own() -> None:
    product = parse(
        color=["red", "black"],
        material="cotton",
        variants=[{"id": "r", "color": "red"}, {"id": "b", "color": "black"}, {"id": "any", "size": "m"}],
    )
    assert product.attributes == {"material": ("cotton",)}
    assert [variant.attributes for variant in product.variants] == [
        {"color": ("red",)},
        {"color": ("black",)},
        {"color": ("red", "black"), "size": ("m",)},
    ]


def test_prices_of_all_variants_make_the_products_own_needless() -> None:
    assert parse(price="", variants='[{"id": "v", "price": "5.00", "color": "red|blue", "title": "x"}]').variants == (
        Variant("v", 500, None, None, {"color": ("red", "blue")}),
    )
    assert faults(price=None, variants=[{"id": "v", "price": 5}, {"id": "w"}]) == [Fault("price", None, "is missing")]


@pytest.mark.parametrize(
    ("cell", "stock"),
    [
        (5, 5),
        ("12", 12),
        (-3, 0),
        (Decimal("4.0"), 4),
        (True, None),
        (False, 0),
        ("In stock", None),
        ("缺货", 0),
        ("", None),
    ],
)
def test_stock(cell: object, stock: int | None) -> None:
    assert parse(stock=cell).variants[0].stock == stock


@pytest.mark.parametrize(
    ("cells", "price", "list_price"),
    [
        ({"sale_price": ""}, 1999, None),
        ({"sale_price": 0}, 1999, None),
        ({"sale_price": "19.99"}, 1999, None),
        ({"sale_price": 10}, 1000, 1999),
    ],
)
def test_sales(cells: dict[str, Any], price: int, list_price: int | None) -> None:
    assert (parse(**cells).price_minor, parse(**cells).list_price_minor) == (price, list_price)


@pytest.mark.parametrize(
    ("cells", "field", "reason"),
    [
        ({"id": None}, "id", "is missing"),
        ({"id": "  "}, "id", "is missing"),
        ({"id": "a\nb"}, "id", "control characters"),
        ({"id": True}, "id", "is not text"),
        ({"title": ""}, "title", "is missing"),
        ({"title": "<br>"}, "title", "at least 1 character"),
        ({"title": ["a"]}, "title", "is not text"),
        ({"title": "x" * 1_001}, "title", "at most 1000 characters"),
        ({"title": "half \ud83d"}, "title", "unicode"),
        ({"price": None}, "price", "is missing"),
        ({"price": "19,99"}, "price", "is not a number"),
        ({"price": 0}, "price", "a price of 0"),
        ({"sale_price": 25}, "sale_price", "above the ordinary price of 1999"),
        ({"currency": "EUR"}, "currency", "the mapping says USD"),
        ({"stock": "a few"}, "stock", "is not a number"),
        ({"stock": "1.5"}, "stock", "whole number"),
        ({"rating": 5.5}, "rating", "less than or equal to 5"),
        ({"rating": Decimal("Infinity")}, "rating", "finite"),
        ({"n_reviews": -1}, "n_reviews", "greater than or equal to 0"),
        ({"date_added": "01/03/2026"}, "date_added", "is not a date"),
        ({"image": "javascript:alert(1)"}, "image", "neither"),
        ({"url": "data:text/html,x"}, "url", "neither"),
        ({"description": "x" * 20_001}, "description", "at most 20000"),
        ({"color": "x" * 201}, "attributes.color.0", "at most 200"),
        ({"color": [f"c{n}" for n in range(101)]}, "attributes", "more than 100 values"),
        ({"variants": "red"}, "variants", "list of objects"),
        ({"variants": [1]}, "variants", "list of objects"),
        ({"variants": [{"color": "red"}]}, "variants.0.id", "is missing"),
        ({"variants": [{"id": "a"}, {"id": "a"}]}, "variants.1.id", "repeats"),
        ({"variants": [{"id": "a", "price": "x"}]}, "variants.0.price", "is not a number"),
        ({"variants": [{"id": "a", "price": 5, "sale_price": 6}]}, "variants.0.sale_price", "above"),
        ({"reviews": 5}, "reviews", "list of objects"),
    ],
)
def test_what_is_refused(cells: dict[str, Any], field: str, reason: str) -> None:
    (fault,) = faults(**cells)
    assert fault.field == field
    assert reason in fault.reason


def test_every_fault_of_a_row_is_told() -> None:
    assert [fault.field for fault in faults(id="", price="x", rating="good")] == ["id", "price", "rating"]


def test_a_bad_review_costs_only_itself() -> None:
    row = RowParser(canonical_mapping()).parse(
        {
            **GOOD,
            "reviews": [
                {"id": "r1", "rating": 5, "text": "Dry feet."},
                {"id": 2, "language": "zh", "title": "好", "text": "不错"},
                {"id": "r3", "rating": 6, "text": "!"},
                {"id": "r4", "text": ""},
                {"id": "r1", "text": "again"},
                {"id": "r5", "text": "bon", "language": "fr"},
            ],
        }
    )
    assert row.reviews == (Review("r1", "b1", "Dry feet.", 5), Review("2", "b1", "不错", None, "zh", "好"))
    assert [(fault.field, fault.value) for fault in row.faults] == [
        ("reviews.2.rating", 6),
        ("reviews.3.text", None),
        ("reviews.4.id", "r1"),
        ("reviews.5.language", "fr"),
    ]


def test_attributes_and_details_by_mapping() -> None:
    mapping = parse_mapping(
        'currency = "CNY"\nprice_unit = "minor"\nlanguage = "zh"\n'
        '[fields]\nid = "sku"\ntitle = "name"\nprice = "cents"\n'
        '[attributes.color]\ncolumns = ["attr_t_colour", "attr_t_print"]\nsplit = [",", "/"]\n'
        '[details]\ncolumns = "attr_*"\nstrip_prefix = ["attr_t_", "attr_n_", "attr_b_"]\n'
    )
    product = (
        RowParser(mapping)
        .parse(
            {
                "sku": 7,
                "name": "碳粉",
                "cents": 4995,
                "attr_t_colour": "Black,Cyan",
                "attr_t_print": "Cyan/Light magenta",
                "attr_n_page__yield": Decimal("23000.0"),
                "attr_b_box": False,
                "attr_t_page__yield": "<i>about</i>",
                "attr_t_ports": ["USB", None, "VGA"],
                "attr_t_none": None,
                "other": "x",
            }
        )
        .product
    )
    assert product is not None
    assert (product.id, product.currency, product.price_minor) == ("7", "CNY", 4995)
    assert product.attributes == {"color": ("black", "cyan", "light magenta")}
    assert product.details == {"page yield": "23000; about", "box": "no", "ports": "USB, VGA"}


def test_clean_text_keeps_what_is_no_markup() -> None:
    assert clean_text("size < 5 & a<b>c</b>\x00 &lt;3\r\n\r\n  next ") == "size < 5 & a c <3\nnext"
