import json
import re
import shutil
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from retrieval.demo import (
    DEMO_FOLDER,
    MAPPING_FILE,
    POLICIES_FILE,
    PRODUCTS_FILE,
    REVIEWS_FILE,
    SHOP_FILE,
    SIZE_CHARTS_FILE,
)
from retrieval.demo.drawings.shapes import COLORS, look
from retrieval.demo.pictures import DRAWINGS, designs, draw, draw_all
from retrieval.demo.problems import Problem
from retrieval.demo.schema import ATTRIBUTES, CATEGORIES, DEPARTMENTS
from retrieval.demo.validator import validate
from retrieval.types import Product, Variant, freeze

SVG = "{http://www.w3.org/2000/svg}"
Row = dict[str, Any]


def rows_of(name: str) -> list[Row]:
    return [json.loads(line) for line in (DEMO_FOLDER / name).read_text("utf-8").splitlines()]


def variant_of(row: Row) -> Variant:
    own = freeze({name: [row[name]] for name in ("color", "size") if isinstance(row.get(name), str)})
    price = round(100 * row.get("sale_price", row["price"]))
    image = None if "title" in row else row.get("image")
    return Variant(row["id"], price, stock=row["stock"], attributes=own, image=image)


def product_of(row: Row) -> Product:
    return Product(
        row["id"],
        row["title"],
        "USD",
        tuple(variant_of(stated) for stated in row.get("variants", [row])),
        category=row["category"],
        department=row["department"],
        attributes=freeze({name: row[name] for name in ("size", *ATTRIBUTES) if name in row}),
        image=row["image"],
    )


PRODUCTS = [product_of(row) for row in rows_of(PRODUCTS_FILE)]
CATEGORY = {product.id: product.category or "" for product in PRODUCTS}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    copy = tmp_path / "demo"
    copy.mkdir()
    for name in (PRODUCTS_FILE, REVIEWS_FILE, POLICIES_FILE, SIZE_CHARTS_FILE, MAPPING_FILE, SHOP_FILE):
        shutil.copy(DEMO_FOLDER / name, copy / name)
    return copy


def change(folder: Path, name: str, line: int, edit: Callable[[Row], object]) -> None:
    """Apply `edit` to the row on `line` (from 1) of a copied file."""
    path = folder / name
    lines = path.read_text("utf-8").splitlines()
    row = json.loads(lines[line - 1])
    edit(row)
    lines[line - 1] = json.dumps(row, ensure_ascii=False)
    path.write_text("\n".join(lines) + "\n", "utf-8")


def set_to(**values: object) -> Callable[[Row], object]:
    return lambda row: row.update(values)


def set_variant(index: int, **values: object) -> Callable[[Row], object]:
    return lambda row: row["variants"][index].update(values)


def test_shipped_files_are_as_the_schema_says() -> None:
    assert validate(DEMO_FOLDER) == []


def test_command_says_so_and_fails_on_a_broken_copy(folder: Path) -> None:
    command = [sys.executable, "-m", "retrieval.demo.validator"]
    good = subprocess.run(command, capture_output=True, text=True, check=False, encoding="utf-8")
    assert (good.returncode, good.stdout) == (0, "the demo shop is as its schema says\n")
    change(folder, PRODUCTS_FILE, 1, set_to(rating=6))
    bad = subprocess.run([*command, str(folder)], capture_output=True, text=True, check=False, encoding="utf-8")
    assert bad.returncode == 1
    assert bad.stdout == "products.jsonl:1: rating = '6': not from 1 to 5\n1 problems\n"


def test_extent() -> None:
    products = rows_of(PRODUCTS_FILE)
    assert len(products) == 270
    assert {row["category"] for row in products} == set(CATEGORIES) == set(DRAWINGS)
    assert len(CATEGORIES) == 27
    assert len(DEPARTMENTS) == 9
    assert len({row["brand"] for row in products}) == 40
    assert sum("sale_price" in row for row in products) == 65
    assert {row["condition"][0] for row in products if "condition" in row} == {"new", "refurbished", "used"}
    assert (
        {color for product in PRODUCTS for color in product.values("color")} == set(COLORS) == set(ATTRIBUTES["color"])
    )
    assert any(row["stock"] == 0 for row in products)


LINE = {row["id"]: number for number, row in enumerate(rows_of(PRODUCTS_FILE), start=1)}

BROKEN_PRODUCTS = [
    ("teas-01", set_to(id="teas-1", image="pictures/teas-1.svg"), "id", "teas-1",
     "not the category with dashes and two digits"),
    ("teas-01", set_to(title="洋甘菊 tea"), "title", "洋甘菊 tea", "not in the language en"),
    ("teas-01", set_to(title_zh="Chamomile tea"), "title_zh", "Chamomile tea", "not in the language zh"),
    ("teas-01", set_to(description="One. "), "description", "One. ", "not two to four sentences"),
    ("teas-01", set_to(description_zh="一句。"), "description_zh", "一句。", "not two to four sentences"),
    ("teas-01", set_to(description_zh="Two. Words."), "description_zh", "Two. Words.", "not in the language zh"),
    ("teas-01", set_to(brand=" "), "brand", " ", "empty"),
    ("teas-01", lambda row: row.pop("rating"), "rating", "", "missing"),
    ("teas-01", set_to(flavour="mint"), "flavour", "mint", "not a field of the schema"),
    ("teas-01", set_to(department="home"), "department", "home", "teas belong to food"),
    ("teas-01", set_to(image="tea.png"), "image", "tea.png", "not pictures/teas-01.svg"),
    ("teas-01", set_to(price=-1), "price", "-1", "not a positive amount in dollars and cents"),
    ("teas-01", set_to(price=8.123), "price", "8.123", "not a positive amount in dollars and cents"),
    ("teas-01", set_to(price="8"), "price", "8", "not a positive amount in dollars and cents"),
    ("teas-01", set_to(sale_price=8), "sale_price", "8", "not below the price"),
    ("teas-01", set_to(stock=-1), "stock", "-1", "not a whole number from 0"),
    ("teas-01", set_to(stock=1.5), "stock", "1.5", "not a whole number from 0"),
    ("teas-01", set_to(rating=5.5), "rating", "5.5", "not from 1 to 5"),
    ("teas-01", set_to(n_reviews=2), "n_reviews", "2", "not a whole number from 3"),
    ("teas-01", set_to(date_added="2024-12-31"), "date_added", "2024-12-31", "not a date from 2025 to 2026"),
    ("teas-01", set_to(date_added="May"), "date_added", "May", "not a date from 2025 to 2026"),
    ("teas-01", set_to(color=["amber"]), "color", "amber", "not a canonical value"),
    ("teas-01", set_to(color="yellow"), "color", "yellow", "not a list of different values"),
    ("teas-01", set_to(feature=["vegan", "vegan", "caffeine free"]), "feature",
     "['vegan', 'vegan', 'caffeine free']", "not a list of different values"),
    ("teas-01", lambda row: row.pop("color"), "color", "", "neither the product nor each variant has a colour"),
    ("teas-01", set_to(size=["1 l"]), "size", "1 l", "teas have no sizes"),
    ("teas-01", set_to(condition=["used"]), "condition", "['used']", "only electronics have one"),
    ("teas-01", set_to(title="Organic Tea"), "title", "Organic Tea", "claims organic, which the product does not have"),
    ("teas-01", set_to(title_zh="有机茶"), "title_zh", "有机茶", "claims organic, which the product does not have"),
    ("coffee-makers-01", set_to(size=["750 ml"]), "size", "750 ml", "not a size in litres"),
    ("perfumes-01", lambda row: row.pop("audience"), "audience", "", "perfumes say for whom they are"),
    ("coffee-makers-01", set_to(variants=[]), "variants", "[]", "not a list of objects"),
    ("kettles-01", set_variant(0, color="amber"), "variants[0].color", "amber", "not a canonical value"),
    ("kettles-01", set_variant(0, size="2 l"), "variants[0].size", "2 l", "the product states it as well"),
    ("kettles-01", set_variant(0, weight=3), "variants[0].weight", "3", "not a field of a variant"),
    ("kettles-01", set_variant(0, sale_price=99), "variants[0].sale_price", "99", "not below the price"),
    ("kettles-01", lambda row: row["variants"][0].pop("stock"), "variants[0].stock", "", "missing"),
    ("kettles-01", set_variant(0, stock=True), "variants[0].stock", "True", "not a whole number from 0"),
    ("kettles-01", set_to(stock=999), "stock", "999", "the variants have 51"),
    ("kettles-01", set_to(price=27), "price", "27", "the cheapest variant in stock has 28"),
    ("kettles-01", set_variant(1, color="red"), "variants", "1", "two variants are alike"),
    ("kettles-01", set_variant(0, image="pictures/kettles-01.svg"), "variants[0].image", "pictures/kettles-01.svg",
     "not pictures/kettles-01-red.svg"),
    ("kettles-01", lambda row: row["variants"][1].pop("image"), "variants[1].image", "",
     "not pictures/kettles-01-white.svg"),
    ("laptops-02", set_variant(0, image="pictures/laptops-02-grey.svg"), "variants[0].image",
     "pictures/laptops-02-grey.svg", "the variants do not differ in colour"),
    ("running-shoes-02", set_variant(0, size="47"), "variants[0].size", "47", "not a size in eu"),
    ("shirts-01", set_variant(0, size="medium"), "variants[0].size", "medium", "not a size in letter"),
]  # fmt: skip


@pytest.mark.parametrize(("product_id", "edit", "field", "value", "reason"), BROKEN_PRODUCTS)
def test_broken_product_is_found(
    folder: Path, product_id: str, edit: Callable[[Row], object], field: str, value: str, reason: str
) -> None:
    change(folder, PRODUCTS_FILE, LINE[product_id], edit)
    own = [problem for problem in validate(folder) if problem.line == LINE[product_id]]
    assert own == [Problem(PRODUCTS_FILE, LINE[product_id], field, value, reason)]


def test_unknown_category_is_found_with_what_follows_from_it(folder: Path) -> None:
    change(folder, PRODUCTS_FILE, LINE["teas-01"], set_to(category="tea"))
    problems = validate(folder)
    assert Problem(PRODUCTS_FILE, LINE["teas-01"], "category", "tea", "not a canonical category") in problems
    assert Problem(PRODUCTS_FILE, 0, "category", "teas", "9 products, not 10") in problems
    assert len(problems) == 2


def test_repeated_ids_are_found_in_every_file(folder: Path) -> None:
    change(folder, PRODUCTS_FILE, LINE["teas-02"], set_to(id="teas-01", image="pictures/teas-01.svg"))
    change(folder, PRODUCTS_FILE, LINE["kettles-01"], set_variant(1, id="kettles-01-red"))
    change(folder, REVIEWS_FILE, 2, set_to(id="dresses-01-r1"))
    change(folder, POLICIES_FILE, 3, set_to(id="policy-shipping-en"))
    problems = validate(folder)
    reason = "an earlier row has this id"
    assert Problem(PRODUCTS_FILE, LINE["teas-02"], "id", "teas-01", reason) in problems
    assert Problem(PRODUCTS_FILE, 0, "variants", "kettles-01-red", "several variants have this id") in problems
    assert Problem(REVIEWS_FILE, 2, "id", "dresses-01-r1", reason) in problems
    assert Problem(POLICIES_FILE, 3, "id", "policy-shipping-en", reason) in problems


def test_category_out_of_stock_or_of_one_price_is_found(folder: Path) -> None:
    for product_id, line in LINE.items():
        if product_id.startswith("teas-"):
            change(folder, PRODUCTS_FILE, line, set_to(stock=0))
        if product_id.startswith("snacks-"):
            change(
                folder,
                PRODUCTS_FILE,
                line,
                lambda row: row.update({"price": 18} | dict.fromkeys(row.keys() & {"sale_price"}, 17)),
            )
    assert validate(folder) == [
        Problem(PRODUCTS_FILE, 0, "stock", "teas", "all of the category is out of stock"),
        Problem(PRODUCTS_FILE, 0, "price", "snacks", "no cheap and dear product in the category"),
    ]


def test_too_few_on_sale_is_found(folder: Path) -> None:
    without_variants = [row["id"] for row in rows_of(PRODUCTS_FILE) if "sale_price" in row and "variants" not in row]
    for product_id in without_variants[:12]:
        change(folder, PRODUCTS_FILE, LINE[product_id], lambda row: row.pop("sale_price"))
    assert validate(folder) == [Problem(PRODUCTS_FILE, 0, "sale_price", "53", "fewer than a fifth are on sale")]


BROKEN_REVIEWS = [
    (set_to(rating=0.5), "rating", "0.5", "not a whole number from 1 to 5"),
    (set_to(rating=6), "rating", "6", "not a whole number from 1 to 5"),
    (set_to(language="fr"), "language", "fr", "neither en nor zh"),
    (set_to(language="zh"), "title", "Pockets!", "not in the language zh"),
    (set_to(text=""), "text", "", "missing"),
]


@pytest.mark.parametrize(("edit", "field", "value", "reason"), BROKEN_REVIEWS)
def test_broken_review_is_found(
    folder: Path, edit: Callable[[Row], object], field: str, value: str, reason: str
) -> None:
    change(folder, REVIEWS_FILE, 1, edit)
    assert validate(folder)[0] == Problem(REVIEWS_FILE, 1, field, value, reason)


def test_review_of_no_product_is_found_and_missed_by_its_own(folder: Path) -> None:
    change(folder, REVIEWS_FILE, 1, set_to(product_id="hats-01"))
    assert validate(folder) == [
        Problem(REVIEWS_FILE, 1, "product_id", "hats-01", "no product has this id"),
        Problem(REVIEWS_FILE, 0, "product_id", "dresses-01", "has 2 reviews, not three"),
    ]


BROKEN_POLICIES = [
    (1, set_to(kind="rule"), Problem(POLICIES_FILE, 1, "kind", "rule", "neither policy nor faq")),
    (1, set_to(topic="orders"), Problem(POLICIES_FILE, 1, "topic", "orders", "not a topic of a policy")),
    (13, set_to(topic="love"), Problem(POLICIES_FILE, 13, "topic", "love", "not a topic of a faq")),
    (2, set_to(text="Soon."), Problem(POLICIES_FILE, 2, "text", "Soon.", "not in the language zh")),
    (13, set_to(title=""), Problem(POLICIES_FILE, 13, "title", "", "missing")),
    (1, set_to(topic="returns"), Problem(POLICIES_FILE, 0, "topic", "shipping", "no passage in the language en")),
    (13, set_to(kind="policy"), Problem(POLICIES_FILE, 0, "kind", "39", "fewer than 40 questions in en")),
    (14, set_to(id="faq-99-zh"), Problem(
        POLICIES_FILE, 13, "id", "faq-01-en", "ends in another language than its row's, or faq-01-zh is missing")),
]  # fmt: skip


@pytest.mark.parametrize(("line", "edit", "problem"), BROKEN_POLICIES)
def test_broken_policy_is_found(folder: Path, line: int, edit: Callable[[Row], object], problem: Problem) -> None:
    change(folder, POLICIES_FILE, line, edit)
    assert problem in validate(folder)


def rewrite(path: Path, old: str, new: str) -> None:
    text = path.read_text("utf-8")
    assert text.count(old) >= 1, old
    path.write_text(text.replace(old, new, 1), "utf-8")


BROKEN_DOCUMENTS = [
    (SHOP_FILE, 'zh = "灯巷小铺"', 'zh = "Shop"', "shop.name.zh", "Shop", "not in the language zh"),
    (SHOP_FILE, 'base = "USD"', 'base = "EUR"', "exchange_rates.base", "EUR", "not USD, the currency of the products"),
    (SHOP_FILE, "as_of = 2026-11-20", 'as_of = "today"', "exchange_rates.as_of", "today", "not a date"),
    (SHOP_FILE, "CNY = 7.2", "CNY = -7.2", "exchange_rates.rates.CNY", "-7.2", "not a positive rate"),
    (SHOP_FILE, "TWD = 32", "", "exchange_rates.rates.TWD", "None", "not a positive rate"),
    (MAPPING_FILE, '"major"', '"minor"', "currency", "USD", "not USD in major units"),
    (MAPPING_FILE, 'title_zh = "title_zh"', "", "fields.title_zh", "None", "not mapped to itself"),
    (MAPPING_FILE, '["color"]', '["colour"]', "attributes.color", "['colour']", "not mapped to itself"),
]


@pytest.mark.parametrize(("name", "old", "new", "field", "value", "reason"), BROKEN_DOCUMENTS)
def test_broken_settings_are_found(
    folder: Path, name: str, old: str, new: str, field: str, value: str, reason: str
) -> None:
    rewrite(folder / name, old, new)
    assert validate(folder) == [Problem(name, 0, field, value, reason)]


def test_size_charts_with_a_gap_or_without_a_size_are_found(folder: Path) -> None:
    rewrite(folder / SIZE_CHARTS_FILE, "[212, 219]", "[212, 218]")
    rewrite(folder / SIZE_CHARTS_FILE, '"size": "xs"', '"size": "xxs"')
    gap, size = reversed(validate(folder))
    assert (gap.field, gap.reason) == ("shoes.foot_length_mm", "sizes leave a gap or overlap")
    assert (size.field, size.value, size.reason) == (
        "apparel.women",
        "['xxs', 's', 'm', 'l', 'xl', 'xxl']",
        "not every size in order",
    )


@pytest.mark.parametrize(
    "name", [PRODUCTS_FILE, REVIEWS_FILE, POLICIES_FILE, SIZE_CHARTS_FILE, MAPPING_FILE, SHOP_FILE]
)
def test_missing_file_is_found(folder: Path, name: str) -> None:
    (folder / name).unlink()
    assert Problem(name, 0, "", "", "the file is missing") in validate(folder)


def test_unreadable_lines_and_files_are_found(folder: Path) -> None:
    with (folder / REVIEWS_FILE).open("a", encoding="utf-8") as file:
        file.write("[1]\n{\n")
    (folder / SHOP_FILE).write_text("shop = [", "utf-8")
    problems = validate(folder)
    assert problems[:2] == [
        Problem(REVIEWS_FILE, 811, "", "[1]", "not a JSON object"),
        Problem(REVIEWS_FILE, 812, "", "{", "not a JSON object"),
    ]
    assert [(problem.file, problem.reason[:14]) for problem in problems[2:]] == [(SHOP_FILE, "cannot be read")]


def shown(node: ElementTree.Element) -> Iterator[str]:
    for child in node.iter():
        yield from (child.get(name, "") for name in ("fill", "stroke"))


@pytest.mark.parametrize("product", PRODUCTS, ids=lambda product: product.id)
def test_picture_is_xml_in_the_products_colour_without_words(product: Product) -> None:
    root = ElementTree.fromstring(draw(product))
    assert root.tag == f"{SVG}svg"
    assert root.get("viewBox") == "0 0 400 400"
    assert COLORS[product.values("color")[0]] in set(shown(root))
    assert [child.text for child in root.iter(f"{SVG}title")] == [product.title]
    assert not list(root.iter(f"{SVG}text"))
    assert {child.tag.removeprefix(SVG) for child in root.iter()} <= {
        "svg", "title", "g", "path", "rect", "ellipse"
    }  # fmt: skip


def test_every_variant_is_drawn_in_its_own_colour() -> None:
    n_pictures = 0
    for product in PRODUCTS:
        drawn = draw_all(product)
        assert drawn[f"pictures/{product.id}.svg"] == draw(product)
        n_pictures += len(drawn)
        for variant in product.variants:
            picture = drawn[product.image_of(variant) or ""]
            (color,) = variant.attributes.get("color", product.values("color")[:1])
            assert COLORS[color] in set(shown(ElementTree.fromstring(picture))), variant.id
    assert n_pictures == 618


def test_two_colours_of_a_product_differ_in_nothing_but_colour() -> None:
    boots = next(product for product in PRODUCTS if product.id == "hiking-boots-02")
    brown, black = (draw(boots, variant) for variant in (boots.variants[0], boots.variants[-1]))
    assert "<title>Tarnock Highmoor Leather Hiking Boots (black)</title>" in black
    assert COLORS["brown"] in set(shown(ElementTree.fromstring(brown)))
    assert COLORS["brown"] not in set(shown(ElementTree.fromstring(black)))
    assert shape_of(brown) == shape_of(black)


def shape_of(picture: str) -> str:
    return re.sub(r"<title>.*</title>|#[0-9a-f]{6}", "", picture)


def test_pictures_are_the_same_each_time_and_small() -> None:
    for product in PRODUCTS:
        drawn = draw_all(product)
        assert drawn == draw_all(product)
        assert all(len(picture.encode()) < 6000 for picture in drawn.values()), product.id


def test_every_product_is_given_a_design_of_its_category_and_no_design_is_idle() -> None:
    assert set(designs()) == set(CATEGORY)
    used = defaultdict(set)
    for product_id, design in designs().items():
        used[CATEGORY[product_id]].add(design)
    assert used == {category: set(of_category) for category, of_category in DRAWINGS.items()}


def test_each_category_has_at_least_five_designs_that_differ_in_shape() -> None:
    blue = look("#2f6fc4")
    for category, of_category in DRAWINGS.items():
        shapes = {shape_of(drawing(blue)) for drawing in of_category.values()}
        assert len(shapes) == len(of_category) >= 5, category


def test_at_most_three_products_of_a_category_look_alike_but_for_colour() -> None:
    # The stage's light moves with the number, so the shapes are compared by design.
    alike = Counter((product.category, designs()[product.id]) for product in PRODUCTS)
    assert max(alike.values()) == 3
    assert sum(n > 1 for n in alike.values()) == 7


def test_design_of_a_product_that_is_not_listed_goes_by_its_number() -> None:
    pan, casserole, eleventh = (
        draw(Product(f"cookware-{number}", "Pot", "USD", (Variant("v", 100),), category="cookware"))
        for number in ("01", "02", "11")
    )
    assert eleventh == pan != casserole


def test_picture_of_an_unknown_category_and_colour_is_a_parcel_with_an_escaped_title() -> None:
    product = Product("x", "Tom & <Jerry>", "USD", (Variant("v", 100),), category="toys")
    root = ElementTree.fromstring(draw(product))
    assert root[0].text == "Tom & <Jerry>"
    assert "#b98d5e" in set(shown(root))


def test_two_promised_wishes_have_an_answer() -> None:
    by_id = {product.id: product for product in PRODUCTS}
    boots = by_id["hiking-boots-01"]
    assert (boots.price_minor, boots.in_stock, boots.values("color")) == (9900, True, ("grey",))
    assert "waterproof" in boots.values("feature")
    shoes = [
        variant
        for variant in by_id["running-shoes-01"].variants
        if variant.in_stock and variant.price_minor <= 4167 and "black" not in variant.attributes["color"]
    ]
    assert {variant.attributes["color"] for variant in shoes} == {("blue",), ("grey",)}
