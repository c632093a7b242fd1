"""Partial rows: what they state changes, what they don't state stays, and what they cannot mean is told."""

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from catalog_examples import BOOTS, LAMP, REVIEWS
from hypothesis import given, settings
from hypothesis import strategies as st

from retrieval.catalog import Catalog
from retrieval.changes import Applied
from retrieval.database import metadata, open_engine
from retrieval.errors import FeedError
from retrieval.feed import FeedFiles, canonical_mapping, load_mapping, merge_rows, stage_feed
from retrieval.feed.importer import FeedResult, with_derived
from retrieval.feed.mapping import parse_mapping
from retrieval.types import Product, Review, Translation, Variant

SMALL, LARGE = Variant("mug-s", 700, 900, 5, {"size": ("s",)}), Variant("mug-l", 900, 1200, 0, {"size": ("l",)})
MUG = Product("mug", "Mug", "USD", (SMALL, LARGE))
PLATE = replace(MUG, id="plate", variants=(Variant("plate-s", 700, None, 2), Variant("plate-l", 700, None, 2)))
EVERY_PRICE = canonical_mapping().model_copy(
    update={"fields": canonical_mapping().fields | {"list_price": "list_price", "discount_percent": "discount_percent"}}
)
BAG = Product("bag", "Red leather bag", "USD", (Variant("bag", 8000, 10000, 4),))


@pytest.fixture
def catalog(tmp_path: Path) -> Catalog:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    catalog.replace_all([LAMP, BOOTS, MUG, PLATE, with_derived(BAG)], REVIEWS)
    return catalog


def merged(catalog: Catalog, *rows: dict[str, Any]) -> Product:
    result = merge_rows(catalog, rows)
    assert result.rejected == ()
    (product,) = result.products
    return product


def refused(catalog: Catalog, row: dict[str, Any]) -> list[tuple[str, str]]:
    result: FeedResult = merge_rows(catalog, [row])
    assert (result.products, result.n_rejected) == ((), 1)
    return [(fault.field, fault.reason) for fault in result.rejected]


def test_what_is_not_stated_stays(catalog: Catalog) -> None:
    for product in (LAMP, MUG, PLATE, with_derived(BAG)):
        assert merged(catalog, {"id": product.id}) == product
        empty = {"id": product.id, "title": "", "price": None, "stock": " ", "brand": "", "variants": [], "color": ""}
        assert merged(catalog, empty) == product


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ({"price": "25.00"}, (2500, None, None)),
        ({"price": 25, "sale_price": "20"}, (2000, 2500, None)),
        ({"sale_price": 15}, (1500, 1999, None)),
        ({"sale_price": 15, "stock": 3}, (1500, 1999, 3)),
        ({"stock": "sold out"}, (1999, None, 0)),
        ({"stock": "in stock"}, (1999, None, None)),
        ({"discount_percent": 10}, (1799, 1999, None)),
        ({"list_price": 30}, (1999, 3000, None)),
    ],
)
def test_prices_and_stock(catalog: Catalog, stated: dict[str, Any], wanted: tuple[int, int | None, int | None]) -> None:
    (product,) = merge_rows(catalog, [{"id": "a-lamp", **stated}], EVERY_PRICE).products
    offer = product.variants[0]
    assert (offer.price_minor, offer.list_price_minor, offer.stock) == wanted


@pytest.mark.parametrize(
    ("stated", "wanted"),
    [
        ({"price": 120}, (8000, 12000)),
        ({"price": 70}, (7000, None)),
        ({"sale_price": 0}, (10000, None)),
        ({"sale_price": 60}, (6000, 10000)),
        ({"price": 90, "sale_price": 0}, (9000, None)),
    ],
)
def test_a_sale_that_runs(catalog: Catalog, stated: dict[str, Any], wanted: tuple[int, int | None]) -> None:
    offer = merged(catalog, {"id": "bag", **stated}).variants[0]
    assert (offer.price_minor, offer.list_price_minor) == wanted


def test_a_feed_whose_price_is_the_effective_one(catalog: Catalog) -> None:
    mapping = parse_mapping(
        'currency = "USD"\nprice_unit = "major"\n[fields]\nid = "id"\ntitle = "t"\nprice = "now"\nlist_price = "was"\n'
    )
    for row, wanted in [
        ({"now": 70}, (7000, 10000)),
        ({"now": 100}, (10000, None)),
        ({"now": 70, "was": 90}, (7000, 9000)),
        ({"was": 200}, (8000, 20000)),
    ]:
        (product,) = merge_rows(catalog, [{"id": "bag", **row}], mapping).products
        assert (product.variants[0].price_minor, product.variants[0].list_price_minor) == wanted


def test_words_and_facts(catalog: Catalog) -> None:
    product = merged(
        catalog,
        {"id": "boots-1", "title": "Crag boots", "rating": 5, "title_zh": "岩靴", "description_en": "Dry.",
         "category": "Boots", "feature": "light", "date_added": "2026-04-01"},
    )  # fmt: skip
    assert product == replace(
        BOOTS,
        title="Crag boots",
        rating=5.0,
        category="boots",
        date_added=date(2026, 4, 1),
        translations={"zh": Translation("岩靴", "防水。"), "en": Translation("Crag boots", "Dry.")},
        attributes={"feature": ("light",)},
        attribute_sources={},
    )


def test_what_was_read_off_the_title_is_read_again(catalog: Catalog) -> None:
    product = merged(catalog, {"id": "bag", "title": "Black wool bag"})
    assert product.attributes == {"color": ("black",), "material": ("wool",)}
    assert merged(catalog, {"id": "bag", "material": "suede"}).attributes == {"color": ("red",), "material": ("suede",)}


def test_details_are_added_to(tmp_path: Path, catalog: Catalog) -> None:
    (tmp_path / "m.toml").write_text(
        'currency = "USD"\nprice_unit = "major"\nmissing_columns = "ignore"\n[fields]\nid = "id"\ntitle = "title"\n'
        'price = "price"\n[details]\ncolumns = ["*"]\n[defaults]\nbrand = "House"\n'
    )
    row = {"id": "boots-1", "weight": "1.3 kg", "sole": "rubber"}
    result = merge_rows(catalog, [row, {"id": "new", "title": "New", "price": 3}], load_mapping(tmp_path / "m.toml"))
    first, second = result.products
    assert first.details == {"weight": "1.3 kg", "sole": "rubber"}
    assert (first.brand, second.brand) == ("Ridge", "House")


def test_a_row_of_a_variants_id_changes_that_variant(catalog: Catalog) -> None:
    product = merged(catalog, {"id": "mug-l", "title": "Not the product's", "stock": 8, "sale_price": 10})
    assert product == replace(MUG, variants=(MUG.variants[0], replace(MUG.variants[1], stock=8, price_minor=1000)))


def test_rows_of_several_variants_of_one_product_add_up(catalog: Catalog) -> None:
    rows = ({"id": "mug-l", "stock": 8}, {"id": "mug-s", "stock": 9}, {"id": "mug", "title": "Cup"})
    product = merged(catalog, *rows)
    assert (product.title, [variant.stock for variant in product.variants]) == ("Cup", [9, 8])
    assert merge_rows(catalog, [rows[0], rows[0]]).rejected[0].reason == "repeats the id of rows line 1"


def test_a_price_for_all_variants_where_all_have_the_same(catalog: Catalog) -> None:
    product = merged(catalog, {"id": "plate", "price": 8, "stock": 0})
    assert [(variant.price_minor, variant.stock) for variant in product.variants] == [(800, 0), (800, 0)]


def test_what_the_mapping_leaves_out_stays_as_it_is(catalog: Catalog) -> None:
    mapping = canonical_mapping().model_copy(update={"only_if": {"status": ("active",)}})
    rows = [{"id": "bag", "stock": 1}, {"id": "mug", "status": "draft", "title": "x"}]
    result = merge_rows(catalog, rows, mapping)
    assert [product.id for product in result.products] == ["bag"]
    assert [fault.field for fault in result.rejected] == ["status"]


def test_what_a_row_cannot_mean(catalog: Catalog) -> None:
    assert refused(catalog, {"id": "mug", "price": 5}) == [
        (
            "price",
            "cannot be told of the whole product, its 2 variants differ in it: give the id of the variant, such as "
            "'mug-s'",
        )
    ]
    assert refused(catalog, {"id": "bag", "sale_price": 101}) == [
        ("sale_price", "is above the ordinary price of 10000 minor units")
    ]
    assert refused(catalog, {"id": "mug-s", "sale_price": 10}) == [
        ("sale_price", "is above the ordinary price of 900 minor units")
    ]
    assert refused(catalog, {"id": "bag", "price": "cheap", "rating": 9}) == [
        ("price", "is not a number such as 1299, 1299.00 or 1,299.00"),
        ("rating", "input should be less than or equal to 5"),
    ]
    assert refused(catalog, {"id": "bag", "currency": "EUR"}) == [
        ("currency", "the mapping says USD; import one currency only")
    ]
    assert refused(catalog, {"price": 5}) == [("id", "is missing"), ("title", "is missing")]


def test_an_unknown_id_is_a_new_product(catalog: Catalog) -> None:
    product = merged(catalog, {"id": "new", "title": "Green vase", "price": 12})
    assert (product.variants, product.attributes) == ((Variant("new", 1200),), {"color": ("green",)})
    assert refused(catalog, {"id": "new", "price": 12, "rating": 9}) == [
        ("id", "is no product or variant on sale; a new product needs title as well"),
        ("rating", "input should be less than or equal to 5"),
    ]
    catalog.delete(["a-lamp"])
    assert refused(catalog, {"id": "a-lamp", "price": 3})[0][0] == "id"
    assert merged(catalog, {"id": "a-lamp", "title": "Lamp", "price": 3}).price_minor == 300


def test_a_variant_of_several_products_is_ambiguous(catalog: Catalog) -> None:
    catalog.upsert([Product("set", "Set", "USD", (Variant("mug-s", 5), Variant("set-2", 6)))])
    assert refused(catalog, {"id": "mug-s", "stock": 1}) == [("id", "is a variant of several products: 'mug', 'set'")]


def test_variants_are_changed_and_added(catalog: Catalog) -> None:
    product = merged(
        catalog,
        {"id": "mug", "variants": [{"id": "mug-l", "stock": 2}, {"id": "mug-xl", "price": 15, "size": "xl"}]},
    )
    assert product.variants == (
        MUG.variants[0],
        replace(MUG.variants[1], stock=2),
        Variant("mug-xl", 1500, attributes={"size": ("xl",)}),
    )
    assert refused(catalog, {"id": "mug", "variants": [{"id": "mug-xl", "size": "xl"}]}) == [
        ("variants.0.price", "is missing")
    ]
    first_variants = merged(catalog, {"id": "a-lamp", "variants": [{"id": "a-lamp-e27", "socket": "e27"}]})
    assert first_variants.variants == (Variant("a-lamp-e27", 1999, attributes={"socket": ("e27",)}),)


def test_reviews_are_added(catalog: Catalog) -> None:
    result = merge_rows(catalog, [{"id": "a-lamp", "reviews": [{"id": "r9", "text": "Bright."}, {"rating": 3}]}])
    assert (result.reviews, result.n_rejected) == ((Review("r9", "a-lamp", "Bright."),), 0)
    assert [fault.field for fault in result.rejected] == ["reviews.1.text"]


def test_a_partial_feed_is_staged_and_applied(tmp_path: Path, catalog: Catalog) -> None:
    feed = tmp_path / "stock.csv"
    feed.write_text("id,stock,price,title\nmug-l,7,,\nbag,0,,\nnew,,5,Tray\nmug-s,6,,\nghost,1,,\nbag,3,,\n", "utf-8")
    staged = stage_feed(tmp_path, FeedFiles([feed], canonical_mapping()), partial_of=catalog)
    report = staged.report
    assert (staged.whole, report.n_rows, report.n_products, report.n_rejected) == (False, 6, 3, 2)
    assert [fault.line for fault in report.rejected] == [6, 7]
    applied = catalog.apply(staged.path, whole=False)
    assert applied == Applied(added=1, changed=2, version=catalog.version(), revision=2)
    assert [variant.stock for variant in catalog.get_many(["mug"])["mug"].variants] == [6, 7]
    assert (catalog.get_many(["bag"])["bag"].in_stock, catalog.n_products()) == (False, 6)


def test_a_partial_feed_needs_only_an_id_column(tmp_path: Path, catalog: Catalog) -> None:
    feed = tmp_path / "stock.csv"
    feed.write_text("sku,stock\nbag,1\n", "utf-8")
    with pytest.raises(FeedError, match="columns that no row of the feed has: 'id'"):
        stage_feed(tmp_path, FeedFiles([feed], canonical_mapping()), partial_of=catalog)


def test_changes_come_in_the_catalogs_currency(tmp_path: Path, catalog: Catalog) -> None:
    in_euro = canonical_mapping().model_copy(update={"currency": "EUR"})
    feed = tmp_path / "stock.csv"
    feed.write_text("id,price\nbag,1\n", "utf-8")
    with pytest.raises(FeedError, match="the feed's prices are in EUR, the catalog's in USD"):
        stage_feed(tmp_path, FeedFiles([feed], in_euro), partial_of=catalog)


words = st.sampled_from(["Red lamp", "Green lamp", "Lamp"])
amounts = st.integers(1, 99)
stated_rows = st.fixed_dictionaries(
    {"id": st.just("p")},
    optional={
        "title": words,
        "price": amounts,
        "stock": amounts,
        "brand": words,
        "size": words,
        "rating": st.integers(0, 5),
    },
)


@given(stated_rows, stated_rows, stated_rows)
@settings(max_examples=60, deadline=None)
def test_partial_rows_one_after_another_are_one_row_with_the_last_word(
    tmp_path_factory: pytest.TempPathFactory, first: dict[str, Any], second: dict[str, Any], start: dict[str, Any]
) -> None:
    engine = open_engine(tmp_path_factory.mktemp("merging") / "shop.db")
    metadata.create_all(engine)
    catalog = Catalog(engine)
    catalog.upsert(merge_rows(catalog, [{"title": "Blue lamp", "price": 50, **start}]).products)
    at_once = merged(catalog, first | second)
    one_by_one = []
    for row in (first, second, second):
        catalog.upsert([merged(catalog, row)])
        one_by_one.append(catalog.get("p"))
    assert one_by_one[1] == one_by_one[2] == at_once
    whole = merge_rows(catalog, [{"title": "Blue lamp", "price": 50, **start} | first | second | {"id": "q"}])
    assert replace(whole.products[0], id="p", variants=(replace(whole.products[0].variants[0], id="p"),)) == at_once
