"""The text never says what the catalog, the cards or the shopper did not: on the real demo shop, in both languages."""

from collections import Counter
from dataclasses import replace

import pytest
from writing_examples import RIDGE, TRAIL, a_step, ranked, recommended, the_evidence

from assistant import ShoppingAssistant
from assistant.evidence import collect
from assistant.reasons import reasons
from assistant.types import Message, Recommendation
from assistant.writer import Writer
from assistant.writing.mentions import Text, particulars, terms
from assistant.writing.versions import asked_sizes, shown_variant, versions
from assistant.writing.wording import display, fragment
from retrieval.types import Filters, Product, Query, Variant


def talk(demo: ShoppingAssistant, *messages: str, language: str = "en"):
    session, reply = demo.new_session(language), None
    for message in messages:
        reply = demo.respond(message, session)
        session = reply.session
    assert reply is not None
    return reply


def about(demo, product_id, question, *, language="en", variant_id=None):
    """The answer to a question about a product whose card showed a variant."""
    product = demo.product(product_id)
    step = a_step("ask_product", language, question, Filters(), product_ids=(product_id,), session_id="a")
    if variant_id:
        shown = Message("assistant", "", (product_id,), (variant_id,))
        step = replace(step, session=replace(step.session, messages=(shown,)))
    return "".join(Writer().write(step, (), the_evidence_of(step, product)))


def the_evidence_of(step, *products, **changes):
    return the_evidence(replace(step, product_ids=()), products=products, reviews={}, **changes)


@pytest.mark.parametrize(
    ("messages", "language", "price"),
    [
        (("leather sofa 3 seats", "how much is it?"), "en", "$2,410.00"),
        (("三人座真皮沙发", "多少钱"), "zh", "US$2,410.00"),
        (("降噪耳机", "有银色的吗", "多少钱"), "zh", "US$289.00"),
        (("noise cancelling headphones in silver", "how much is it?"), "en", "$289.00"),
    ],
)
def test_the_price_said_is_that_of_the_card(demo, messages, language, price):
    assert price in talk(demo, *messages, language=language).text


STOCK = [
    ("jackets-02", "is it in stock in black, size M?", "en", "out of stock", None),
    ("jackets-02", "is it in stock in green, size M?", "en", "(green, size M) is in stock", None),
    ("jackets-02", "is it in stock?", "en", "(black, size L) is in stock", "jackets-02-black-l"),
    ("jackets-02", "is it in stock?", "en", "(black, size M) is out of stock", "jackets-02-black-m"),
    ("jackets-02", "有M码现货吗", "zh", "（M码）」有货的是：绿色；缺货的是：黑色。", None),
    ("jackets-02", "黑色M码有货吗", "zh", "（黑色，M码）", None),
    ("running-shoes-01", "is it in stock in black?", "en", "out of stock in 42", None),
    ("running-shoes-01", "黑色有货吗", "zh", "缺货的是：42码", None),
    ("luggage-02", "is it in stock in black?", "en", "in stock as 90 l, and out of stock as 65 l", None),
    ("shirts-02", "is it in stock in beige, size M?", "en", "out of stock", None),
    ("jackets-02", "is it in stock in red, size M?", "en", "comes in black and green. Red isn't", None),
]


@pytest.mark.parametrize(("product_id", "question", "language", "fragment", "variant_id"), STOCK)
def test_the_stock_said_is_that_of_the_version_asked_for(demo, product_id, question, language, fragment, variant_id):
    assert fragment in about(demo, product_id, question, language=language, variant_id=variant_id)


def test_a_version_that_is_gone_gets_no_yes(demo):
    assert not about(demo, "jackets-02", "is it in stock in black, size M?").startswith(("Yes", "It is"))
    for text in (about(demo, "jackets-02", "黑色M码有货吗", language="zh"),):
        assert "缺货" in text or "没货" in text
    assert about(demo, "sofas-01", "does it come in beige?").endswith("That one is out of stock right now.")
    assert about(demo, "sofas-01", "有米色的吗", language="zh").endswith("不过这一款暂时缺货。")


@pytest.mark.parametrize(
    ("product_id", "question", "language", "fragment"),
    [
        ("shirts-02", "does it come in XS?", "en", "Yes, Linvara Harbour Linen Shirt comes in size XS."),
        ("sofas-01", "does it have 2 seats?", "en", "Yes, Brimwick Nook Fold-Out Sofa is listed with 2 seats."),
        ("sofas-01", "有两人座的吗？", "zh", "是的，「Brimwick 小窝折叠沙发」注明了2座。"),
        ("shirts-02", "有XS码吗", "zh", "有，「"),
        ("shirts-01", "does it come in XS?", "en", "XS isn't"),
        ("shirts-01", "有XS码吗", "zh", "XS"),
        ("running-shoes-01", "does it come in XS?", "en", "36 to 45"),
    ],
)
def test_a_size_is_found_or_said_to_be_missing(demo, product_id, question, language, fragment):
    assert fragment in about(demo, product_id, question, language=language)


def test_several_versions_have_a_range_of_prices(demo):
    assert "$12.00 to $14.00" in about(demo, "water-bottles-01", "how much is it in blue?")
    assert "US$12.00到US$14.00" in about(demo, "water-bottles-01", "蓝色多少钱", language="zh")


def test_the_version_spoken_of():
    boot = Product(
        "p",
        "Boot",
        "USD",
        tuple(
            Variant(f"{color}-{size}", 9900, None, stock, {"color": (color,), "size": (size,)})
            for color, size, stock in (("black", "42", 0), ("black", "43", 4), ("red", "42", 7))
        ),
    )
    session = a_step(filters=Filters(include={"size": ("42",)})).session
    assert shown_variant(session, boot).id == "black-43"
    shown = replace(session, messages=(Message("assistant", "", ("p",), ("red-42",)),))
    assert [v.id for v in versions(shown, boot, {})] == ["red-42"]
    assert [v.id for v in versions(shown, boot, {"color": ("black",)})] == ["black-42"]
    assert [v.id for v in versions(shown, boot, {"color": ("black",), "size": ("43",)})] == ["black-43"]
    assert versions(shown, boot, {"color": ("red",), "size": ("43",)}) == ()
    assert asked_sizes(boot, "is it there in 43?") == ("43",)
    assert asked_sizes(boot, "有43码吗") == ("43",)
    assert asked_sizes(boot, "will a 15 inch laptop fit?") == ()


@pytest.mark.parametrize("wish", ["sony guide", "索尼 guide"])
def test_a_relaxation_counts_what_was_asked_for(demo, wish):
    holders = [p for p in demo.shop.catalog.products() if Text.of(p).holds(terms("guide", Filters())[0]) and p.in_stock]
    brands = Counter(product.brand for product in holders)
    assert 0 < len(holders) < demo.search.count(Filters())
    reply = talk(demo, wish)
    assert not reply.products
    brand, n = min(brands.items(), key=lambda item: (-item[1], item[0].lower()))
    said = (
        {"en": f"{n} by {brand}", "zh": f"换成{brand}有{n}款"} if n > 1 else {"en": f"one by {brand}", "zh": "有一款"}
    )
    assert said[reply.language] in reply.text


@pytest.mark.parametrize(("wish", "language"), [("sony camera", "en"), ("索尼相机", "zh")])
def test_nothing_is_said_of_a_relaxation_that_opens_nothing_asked_for(demo, wish, language):
    text = talk(demo, wish, language=language).text
    assert "by " not in text
    assert "换成" not in text


@pytest.mark.parametrize(
    ("messages", "language", "bound"),
    [
        (("headphones under 25 dollars", "anything cheaper?", "anything cheaper?"), "en", "headphones under $19.89"),
        (("25美元以内的耳机", "有便宜点的吗", "有更便宜的吗"), "zh", "US$19.89以内的耳机"),
    ],
)
def test_a_bound_that_leaves_nothing_is_named(demo, messages, language, bound):
    reply = talk(demo, *messages, language=language)
    assert not reply.products
    assert bound in reply.text


@pytest.mark.parametrize(
    ("messages", "language"),
    [
        (("headphones", "anything cheaper?"), "en"),
        (("耳机", "有便宜点的吗"), "zh"),
        (("cheapest headphones",), "en"),
        (("最便宜的耳机",), "zh"),
        (("trekking backpack", "cheaper than the first"), "en"),
        (("背包", "比第一个便宜的"), "zh"),
    ],
)
def test_no_budget_is_spoken_of_that_nobody_stated(demo, messages, language):
    reply = talk(demo, *messages, language=language)
    assert reply.products
    said = [reason.text for item in reply.products for reason in item.reasons]
    assert not [text for text in (*said, reply.text) if "limit" in text or "预算" in text or "上限" in text]


def test_a_stated_budget_is_spoken_of():
    assert any("limit" in reason.text for reason in reasons(ranked(RIDGE), a_step(), ()))
    assert any("上限" in reason.text for reason in reasons(ranked(RIDGE), a_step(), (), "zh"))


@pytest.mark.parametrize(
    ("wish", "language", "opening"),
    [
        ("umbrella", "en", "I don't see “umbrella” in this shop; the closest are:\n"),
        ("red leather armchair", "en", "I don't see “armchair” in this shop; the closest is:\n"),
        ("雨伞", "zh", "店里没有看到“雨伞”，最接近的是：\n"),
    ],
)
def test_what_the_shop_does_not_sell_is_said_first(demo, wish, language, opening):
    reply = talk(demo, wish, language=language)
    assert reply.text.startswith(opening)
    assert all(item.ranked.product.title_in(language) in reply.text for item in reply.products)


@pytest.mark.parametrize(
    ("wish", "language", "said"),
    [
        ("trampoline", "en", "“trampoline”"),
        ("motor oil", "en", "“motor oil”"),
        ("lego for my son", "en", "“lego”"),
        ("sony camera", "en", "“camera”"),
        ("猫粮", "zh", "“猫粮”"),
        ("牛奶", "zh", "“牛奶”"),
        ("黑色的吉他", "zh", "“吉他”"),
    ],
)
def test_where_nothing_is_near_none_is_shown(demo, wish, language, said):
    reply = talk(demo, wish, language=language)
    assert not reply.products
    assert said in reply.text
    assert any(words in reply.text for words in ("doesn't seem to carry", "I don't think", "好像没有", "应该不卖"))
    assert set(reply.quick_replies) <= set(demo.starters(reply.language))


@pytest.mark.parametrize(
    ("wish", "language", "word"),
    [
        ("iPhone", "en", "“iPhone”"),
        ("green tea", "en", "“green tea”"),
        ("hotel in Paris", "en", "“Paris”"),
        ("绿茶", "zh", "“绿茶”"),
    ],
)
def test_a_name_that_none_of_the_shown_mentions_is_said(demo, wish, language, word):
    reply = talk(demo, wish, language=language)
    assert reply.products
    assert word in reply.text.splitlines()[0]


_ALARMS = (
    "I don't see", "I don't think", "seem to carry", "mentions", "I see no",
    "没有看到", "没有提到", "没有出现", "好像没有", "不卖",
)  # fmt: skip


@pytest.mark.parametrize(
    "wish",
    [
        "warm jacket for winter walks",
        "comfortable running shoes for every day",
        "wireless earbuds for running",
        "birthday gift for mum",
        "something cosy",
        "hotel in Lisbon",
        "hotels in Hangzhou",
        "black headphnes",
        "送妈妈的生日礼物",
        "防水的东西",
        "好看的连衣裙",
    ],
)
def test_ordinary_words_raise_no_alarm(demo, wish):
    text = talk(demo, wish).text
    assert not [words for words in _ALARMS if words in text]


def test_what_a_wish_names():
    assert [term.said for term in terms("索尼 降噪 耳机", Filters(include={"brand": ("sony",)}))] == ["降噪", "耳机"]
    jacket = "waterproof jacket for walking"
    assert particulars(jacket, jacket, Filters(category="jackets")) == ()
    assert [term.said for term in particulars("iPhone", "iPhone", Filters(category="smartphones"))] == ["iPhone"]


@pytest.mark.parametrize(("language", "title"), [("en", "Apple Laptop Sleeve"), ("zh", "苹果电脑包")])
def test_what_a_title_says_is_not_called_unstated(language, title):
    sleeve = replace(TRAIL, title=title, translations={})
    step = a_step(language=language, notes=(("unstated", {"wish": "apple" if language == "en" else "苹果"}),))
    told = Writer().write(step, recommended(step, sleeve, RIDGE), the_evidence(step))
    assert not any(words in "".join(told) for words in ("states apple", "confirm apple", "注明", "没写"))
    other = "".join(Writer().write(step, recommended(step, TRAIL, RIDGE), the_evidence(step)))
    assert ("apple" if language == "en" else "苹果") in other


def test_unisex_is_for_women_and_men():
    assert fragment("audience", ["unisex"], "en") == "for women and men"
    assert "男女通用" in fragment("audience", ["unisex"], "zh")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_brand_is_written_as_the_catalog_writes_it(language):
    step = a_step(language=language, filters=Filters(category="laptops", exclude={"brand": ("hp", "asus")}))
    text = "".join(Writer().write(step, (), the_evidence(step, n_matched=0, brands={"asus": "ASUS"})))
    assert "HP" in text
    assert "ASUS" in text


def test_the_catalogs_spelling_of_a_brand_is_found(demo):
    reply = talk(demo, "headphones not by aurivox")
    assert "Aurivox" in reply.text
    assert display("brand", "hp", "en") == "HP"


@pytest.mark.parametrize(("language", "noun"), [("en", "products in kitchen"), ("zh", "类商品")])
def test_a_department_is_no_noun(language, noun):
    kettle = replace(TRAIL, category="kettles", department="kitchen")
    for turn in range(12):
        step = a_step(language=language, filters=Filters(category="kitchen"), intent="refine", turn=turn)
        item = Recommendation(replace(ranked(kettle, Filters())), ())
        assert noun in "".join(Writer().write(step, [item, item], the_evidence(step, n_matched=2)))


def test_shown_products_are_not_counted_again(demo):
    step = a_step(filters=Filters(category="headphones", price_max_minor=2000))
    shown = frozenset({"headphones-01", "headphones-06"})
    query = Query("headphones", step.session.filters, shown)
    found = collect(replace(step, query=query), (), 0, demo.live.now())
    assert demo.search.count(Filters(category="headphones")) == 9
    assert {product.price_minor for product in demo.shop.catalog.products() if product.category == "headphones"} >= {
        2490
    }
    first = found.relaxations[0]
    assert ([change.kind for change in first.changes], first.n, first.price_from_minor) == (["under"], 1, 2490)


@pytest.mark.parametrize(
    "wish", ["a tent, obviously", "that'll be a tent for his sixtieth", "tent please, I forgot mine"]
)
def test_words_that_name_nothing_are_not_told_as_missing(wish):
    assert particulars(wish, wish, Filters(category="tents")) == ()
    placed = f"{wish}, one in Kyoto"
    assert [term.said for term in particulars(placed, placed, Filters(category="tents"))] == ["Kyoto"]
