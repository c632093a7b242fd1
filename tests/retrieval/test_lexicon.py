import re
from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

from retrieval.lexicon import derive_attributes, load_lexicon
from retrieval.lexicon.matching import fold, norms, stem, tokenize
from retrieval.types import Product, Variant
from retrieval.vocabulary import Vocabulary, is_distinctive

CATEGORIES = {
    "dresses": "连衣裙",
    "shirts": "衬衫",
    "jackets": "夹克",
    "running shoes": "跑步鞋",
    "hiking boots": "登山靴",
    "sandals": "凉鞋",
    "headphones": "耳机",
    "smartphones": "智能手机",
    "laptops": "笔记本电脑",
    "sofas": "沙发",
    "desk lamps": "台灯",
    "bedding": "床上用品",
    "kettles": "电热水壶",
    "coffee makers": "咖啡机",
    "cookware": "锅具",
    "backpacks": "背包",
    "tents": "帐篷",
    "water bottles": "水杯",
    "moisturisers": "面霜",
    "sunscreens": "防晒霜",
    "perfumes": "香水",
    "teas": "茶叶",
    "coffee beans": "咖啡豆",
    "snacks": "零食",
    "hotels": "酒店",
    "city tours": "一日游",
    "luggage": "行李箱",
}
VALUES = {
    "color": "black 黑色, white 白色, grey 灰色, red 红色, blue 蓝色, green 绿色, yellow 黄色, orange 橙色, pink 粉色, "
    "purple 紫色, brown 棕色, beige 米色, silver 银色, gold 金色",
    "material": "cotton 棉, linen 亚麻, wool 羊毛, silk 丝绸, leather 皮革, polyester 涤纶, denim 牛仔布, "
    "stainless steel 不锈钢, aluminium 铝, glass 玻璃, ceramic 陶瓷, plastic 塑料, wood 木, cast iron 铸铁",
    "audience": "women 女, men 男, kids 儿童",
    "season": "spring 春, summer 夏, autumn 秋, winter 冬",
    "feature": "waterproof 防水, breathable 透气, lightweight 轻便, windproof 防风, wireless 无线, "
    "noise cancelling 降噪, fast charging 快充, long battery life 长续航, "
    "foldable 可折叠, adjustable 可调节, dimmable 可调光, temperature control 控温, "
    "auto shut-off 自动断电, non-stick 不粘, dishwasher safe 可机洗, "
    "induction ready 适用电磁炉, insulated 保温, leak-proof 防漏, "
    "quick-dry 速干, wide fit 宽楦, arch support 足弓支撑, non-slip 防滑, organic 有机, vegan 纯素, sugar free 无糖, "
    "gluten free 无麸质, caffeine free 无咖啡因, "
    "single origin 单一产地, fragrance free 无香, sensitive skin 敏感肌, "
    "spf 50 防晒指数50, long-lasting 持久, breakfast included 含早餐, "
    "pet friendly 可带宠物, free cancellation 免费取消, "
    "pool 泳池, family friendly 适合家庭, small group 小团, hard shell 硬壳, carry-on 登机箱, "
    "laptop compartment 电脑隔层, machine washable 可水洗",
}


def demo_values() -> list[tuple[str, str, str]]:
    found = []
    for attribute, listing in VALUES.items():
        for entry in listing.split(", "):
            english, chinese = re.fullmatch(r"(.+?) (\S+)", entry).groups()
            found.append((attribute, english, chinese))
    return found


@pytest.mark.parametrize(("english", "chinese"), CATEGORIES.items())
def test_every_demo_category_is_known_in_both_languages(english: str, chinese: str) -> None:
    assert load_lexicon().canonical("category", english.upper()) == english
    assert load_lexicon().canonical("category", chinese) == english


@pytest.mark.parametrize(("attribute", "english", "chinese"), demo_values())
def test_every_demo_value_is_known_in_both_languages(attribute: str, english: str, chinese: str) -> None:
    assert load_lexicon().canonical("attribute", english, attribute) == english
    assert load_lexicon().canonical("attribute", chinese, attribute) == english


def test_no_surface_means_two_colours_but_the_mixed_ones() -> None:
    surfaces = sorted(
        (norms(surface), concept.value)
        for concept in load_lexicon().concepts
        if concept.attribute == "color"
        for surface in concept.surfaces
    )
    twice = {
        key for key, group in groupby(surfaces, key=lambda pair: pair[0]) if len({value for _, value in group}) > 1
    }
    assert twice == {("teal",), ("turquoise",)}


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("索尼降噪耳机", "sony noise cancelling headphones"),
        ("惠普硒鼓", "hp toner cartridges"),
        ("出差用的充电宝", "business travel power banks"),
        ("紅色連衣裙", "red dresses"),
        ("红茶", "black tea"),
        ("plain English stays", "plain English stays"),
        ("", ""),
    ],
)
def test_translate(text: str, english: str) -> None:
    assert load_lexicon().translate(text) == english


@pytest.mark.parametrize(
    ("title", "description", "stated", "attributes", "sources"),
    [
        ("Grey boots", "", {}, {"color": ("grey",)}, {"color=grey": "title"}),
        ("Gray boots", "", {"color": ("anthracite",)}, {"color": ("anthracite",)}, {}),
        ("Faux leather sofa", "", {}, {}, {}),
        ("Leather-free belt", "", {}, {}, {}),
        (
            "Men's cotton shirt",
            "",
            {},
            {"material": ("cotton",), "audience": ("men",)},
            {"material=cotton": "title", "audience=men": "title"},
        ),
        (
            "Jacket",
            "It is not waterproof, only windproof.",
            {},
            {"feature": ("windproof",)},
            {"feature=windproof": "description"},
        ),
        (
            "Waterproof jacket",
            "Windproof, too.",
            {},
            {"feature": ("waterproof", "windproof")},
            {"feature=waterproof": "title", "feature=windproof": "description"},
        ),
        (
            "Mouse",
            "",
            {"connectivity": ("bluetooth",)},
            {"connectivity": ("bluetooth",), "feature": ("wireless",)},
            {"feature=wireless": "attribute:connectivity"},
        ),
        ("Mouse", "A black mouse.", {}, {}, {}),
        ("Green tea 50 g", "", {}, {}, {}),
        (
            "黑色防水背包",
            "",
            {},
            {"color": ("black",), "feature": ("waterproof",)},
            {"color=black": "title", "feature=waterproof": "title"},
        ),
        ("红茶 250克", "", {}, {}, {}),
        ("夹克", "不防水,但防风。", {}, {"feature": ("windproof",)}, {"feature=windproof": "description"}),
        ("夹克", "面料不是防水的", {}, {}, {}),
        ("Hotel by the sea", "Our breakfast room opens at seven.", {}, {}, {}),
    ],
)
def test_derive_attributes(title, description, stated, attributes, sources) -> None:
    assert derive_attributes(title, description, stated) == (attributes, sources)


@given(st.text(max_size=200))
def test_folding_keeps_the_length_and_tokens_keep_their_place(text: str) -> None:
    assert len(fold(text)) == len(text)
    for token in tokenize(text):
        assert 0 <= token.start < token.end <= len(text)


@given(st.text(alphabet="abcdefghijklmnopqrstuvwxyz'", max_size=12))
def test_a_stem_is_its_own_stem_but_for_inner_plurals(word: str) -> None:
    assert "'" not in stem(word)


def product(number: int, **fields) -> Product:
    return Product(id=str(number), title="x", currency="USD", variants=(Variant(str(number), 100),), **fields)


def test_a_category_that_few_products_carry_is_no_filter() -> None:
    products = [product(i, category="Mice" if i < 8 else None) for i in range(10)]
    assert Vocabulary.from_products(products).category_for("mice") is None
    products = [product(i, category="Mice" if i < 9 else None) for i in range(10)]
    assert Vocabulary.from_products(products).category_for("mice") == "Mice"


def test_a_category_is_known_by_its_alias_and_in_the_catalogs_spelling() -> None:
    vocabulary = Vocabulary.from_products([product(1, category="Headphones & Headsets"), product(2, category="鼠标")])
    assert vocabulary.category_for("headphones") == "Headphones & Headsets"
    assert vocabulary.category_for("mice") == "鼠标"
    assert vocabulary.category_for("tents") is None


def test_a_meaning_spread_over_categories_is_no_filter() -> None:
    vocabulary = Vocabulary.from_products([product(1, category="Laptops"), product(2, category="Notebook computers")])
    assert vocabulary.category_for("laptops") is None


def test_a_kind_of_thing_that_the_shop_has_as_a_department_is_that_department() -> None:
    novel, tent = product(1, category="hardcover", department="books"), product(2, category="tents", department="home")
    vocabulary = Vocabulary.from_products([novel, tent])
    assert vocabulary.category_for("books") == "books"
    assert vocabulary.category_for("tents") == "tents"
    assert vocabulary.category_for("sofas") is None


def test_values_come_back_in_the_catalogs_spelling() -> None:
    vocabulary = Vocabulary.from_products(
        [
            product(1, attributes={"color": ("anthracite",), "connectivity": ("bluetooth",)}),
            product(2, attributes={"color": ("grey",)}),
        ]
    )
    assert vocabulary.values_for("color", "grey") == ("color", ("grey", "anthracite"))
    assert vocabulary.values_for("color", "red") == ("color", ("red",))
    assert vocabulary.values_for("feature", "wireless") == ("connectivity", ("bluetooth",))
    assert vocabulary.values_for("season", "winter") is None


@pytest.mark.parametrize("value", ["yes", "new", "home", "5", "10 m", "3.5 mm", "xl", "a", "", "黑", "other"])
def test_common_words_and_measures_are_not_distinctive(value: str) -> None:
    assert not is_distinctive(value)


def test_counts() -> None:
    vocabulary = Vocabulary.from_products(
        [product(1, brand="Acme", department="x"), product(2, brand="ACME"), product(3)]
    )
    assert (vocabulary.n_products, vocabulary.brands, vocabulary.departments) == (3, {"acme": 2}, {"x": 1})
