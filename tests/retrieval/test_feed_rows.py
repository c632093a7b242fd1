"""One record to one product: exact values, and every refusal with its field and reason."""

from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest

from retrieval.feed.cells import clean_text
from retrieval.feed.mapping import canonical_mapping, parse_mapping
from retrieval.feed.row_models import PolicyRow, ReviewRow
from retrieval.feed.rows import Fault, RowParser, validate
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
        description="Warm & dry.",
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
        ({"variants": "red"}, "variants", "is not JSON"),
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


@pytest.mark.parametrize(
    ("text", "clean"),
    [
        ("size < 5 & a<b>c</b>\x00 &lt;3\r\n\r\n  next ", "size < 5 & ac <3\nnext"),
        ("<p>One</p><p>Two<br>three</p>", "One\nTwo\nthree"),
        ("<table><tr><td>a</td><td>b</td></tr></table>", "a b"),
        ("a<script>alert(1)</script><style>p {}</style><!-- c -->b", "ab"),
        ("&lt;p&gt;escaped twice&lt;/p&gt;", "escaped twice"),
        ('<img src=x onerror="alert(1)">lamp', "lamp"),
        ("&amp;lt;b", "&lt;b"),
        ("fish &amp; chips", "fish & chips"),
    ],
)
def test_markup_becomes_text(text: str, clean: str) -> None:
    assert clean_text(text) == clean


@pytest.mark.parametrize("bad", ["../x", "a/../b", "..", "a\\..\\b", "./x", "x/.."])
def test_ids_that_lead_out_of_a_folder_are_refused(bad: str) -> None:
    (fault,) = faults(id=bad)
    assert (fault.field, fault.reason) == ("id", "looks like a path out of a folder, which an id must not")
    assert parse(id="a/b..c").id == "a/b..c"


def test_formulas_are_words() -> None:
    product = parse(title="=1+1", brand="@SUM(A1)")
    assert (product.title, product.brand) == ("=1+1", "@SUM(A1)")


def test_variants_may_be_json_text() -> None:
    assert parse(variants='[{"id": "v", "size": "M"}]').variants == (Variant("v", 1999, attributes={"size": ("m",)}),)
    (fault,) = faults(variants="[" * 100_000)
    assert (fault.field, fault.reason) == ("variants", "is nested deeper than 64 levels")


OFFERS = parse_mapping(
    'currency = "USD"\nprice_unit = "major"\n[fields]\nid = "id"\ntitle = "title"\nprice = "price"\n'
    'sale_price = "sale"\nlist_price = "was"\ndiscount_percent = "off"\nsale_from = "from"\nsale_to = "to"\n'
    'category = "path"\ndepartment = "department"\nimage = "images"\n'
    '[attributes.audience]\ncolumns = "for"\nvalues = { F = "women" }\n'
)
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def offer(**cells: Any) -> tuple[int, int | None]:
    product = RowParser(OFFERS, NOW).parse({"id": "1", "title": "Lamp", "price": "20"} | cells).product
    assert product is not None
    return product.price_minor, product.list_price_minor


@pytest.mark.parametrize(
    ("cells", "price", "old"),
    [
        ({"was": "25"}, 2000, 2500),
        ({"was": "15"}, 2000, None),
        ({"was": "0"}, 2000, None),
        ({"was": "25", "sale": "15"}, 1500, 2500),
        ({"off": Decimal("10.48"), "price": Decimal("9.99")}, 894, 999),
        ({"off": "25%"}, 1500, 2000),
        ({"off": 0}, 2000, None),
        ({"sale": "15", "from": "2026-11-22"}, 2000, None),
        ({"sale": "15", "to": "2026-11-21"}, 1500, 2000),
        ({"sale": "15", "to": "2026-11-20"}, 2000, None),
        ({"sale": "15", "from": "2026-11-21T13:00+0200", "to": "2026-11-21T04:01-0800"}, 1500, 2000),
        ({"sale": "15", "to": "2026-11-21T03:59-0800"}, 2000, None),
        ({"sale": "25", "to": "2026-11-20"}, 2000, None),
    ],
)
def test_what_a_product_costs_now(cells: dict[str, Any], price: int, old: int | None) -> None:
    assert offer(**cells) == (price, old)


@pytest.mark.parametrize(
    ("cells", "reason"),
    [
        ({"off": "100"}, "is not a percentage from 0 to below 100"),
        ({"off": "-5"}, "is not a percentage"),
        ({"sale": "5", "from": "soon"}, "is not a date such as 2026-11-21 or"),
    ],
)
def test_offers_that_are_refused(cells: dict[str, Any], reason: str) -> None:
    (fault,) = RowParser(OFFERS, NOW).parse({"id": "1", "title": "Lamp", "price": "20"} | cells).faults
    assert reason in fault.reason


@pytest.mark.parametrize(
    ("cells", "category", "department"),
    [
        ({"path": "Home > Kitchen > Mugs"}, "mugs", "home"),
        ({"path": "Mugs"}, "mugs", None),
        ({"path": ["Home > Mugs", "Sale"]}, "mugs", "home"),
        ({"path": "Home > Mugs", "department": "Shop"}, "mugs", "shop"),
        ({"path": " > "}, None, None),
    ],
)
def test_categories_are_the_ends_of_a_path(cells: dict[str, Any], category: str | None, department: str | None) -> None:
    product = RowParser(OFFERS, NOW).parse({"id": "1", "title": "Lamp", "price": "20"} | cells).product
    assert product is not None
    assert (product.category, product.department) == (category, department)


def test_values_are_translated_and_the_first_picture_counts() -> None:
    cells = {"id": "1", "title": "Coat", "price": "20", "for": "f", "images": [{"src": "https://x.example/1.jpg"}, "2"]}
    product = RowParser(OFFERS, NOW).parse(cells).product
    assert product is not None
    assert (product.attributes, product.image) == ({"audience": ("women",)}, "https://x.example/1.jpg")


def test_only_what_the_mapping_asks_for_is_taken() -> None:
    mapping = OFFERS.model_copy(update={"only_if": {"status": ("active", "")}})
    rows = [{"status": "Active"}, {}, {"status": "draft"}]
    parsed = [RowParser(mapping).parse({"id": "1", "title": "Lamp", "price": "20"} | row) for row in rows]
    assert [row.product is not None for row in parsed] == [True, True, False]
    reason = "is left out: the mapping takes only products where this is 'active'"
    assert parsed[2].faults == (Fault("status", "draft", reason),)


def test_reviews_and_questions_under_their_usual_names() -> None:
    review, _ = validate(ReviewRow, {"product_id": "1", "评论": "很好", "评分": "5", "language": "zh"}, None)
    assert review is not None
    assert (review.text, review.rating, len(review.id)) == ("很好", 5, 16)
    again, _ = validate(ReviewRow, {"product_id": "1", "comment": "很好", "stars": 5, "language": "zh"}, None)
    assert again is not None
    assert again.id == review.id
    question, _ = validate(PolicyRow, {"question": "How long?", "answer": "30 days", "language": "en"}, None)
    assert question is not None
    assert (question.topic, question.title, question.text, question.kind) == ("faq", "How long?", "30 days", "faq")
