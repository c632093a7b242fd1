from dataclasses import replace

from parsed_html import Elements
from scripted_shop import HOSTILE, HOSTILE_PRODUCT, PRODUCTS, TWO_COLORS, product

from assistant.types import Reason, Recommendation
from assistant.web.cards import Card, cards_html, product_card, recommendation_card
from ranking.types import RankedProduct
from retrieval.types import Attributes, Product, Variant


def no_picture(product: Product, variant: Variant) -> str | None:
    return None


def own_picture(product: Product, variant: Variant) -> str | None:
    return product.image_of(variant)


def card(item: Product, language: str = "en", **parts: float) -> Card:
    ranked = RankedProduct(item, item.offer, sum(parts.values()), parts)
    reasons = tuple(Reason(text, "relevance") for text in ("one", "two", "three", "four"))
    return recommendation_card(Recommendation(ranked, reasons), language, no_picture)


def test_a_sale_shows_the_price_to_pay_and_strikes_the_old_one_through() -> None:
    html = cards_html([card(PRODUCTS[0])], "en")
    assert "<strong>&#36;99.00</strong>" in html
    assert "<s>&#36;129.00</s>" in html
    assert "−23%" in html
    assert card(product("p", "P", price=2700, old=3400)).saving == "−20%"


def test_without_a_sale_nothing_is_struck_through() -> None:
    for old in (None, 9900, 5000):
        html = cards_html([card(product("p", "P", price=9900, old=old))], "en")
        assert "<s>" not in html
        assert "card-saving" not in html


def test_a_card_speaks_the_readers_language() -> None:
    english, chinese = card(PRODUCTS[1]), card(PRODUCTS[1], "zh")
    assert (english.title, english.price, english.stock) == (
        "Fjell mid boots with arch support",
        "$115.00",
        "Only 3 left",
    )
    assert (chinese.title, chinese.price, chinese.stock) == ("峡谷中帮登山靴", "US$115.00", "仅剩 3 件")
    assert "★ 4.6 of 5 stars (213 reviews)" in Elements(cards_html([english], "en")).text
    assert "★ 4.6 分,满分 5 分 (213 条评价)" in Elements(cards_html([chinese], "zh")).text


def test_stock_is_said_as_it_is() -> None:
    said = {stock: card(product("p", "P", stock=stock)).stock for stock in (0, 1, 5, 6, None)}
    assert said == {0: "Out of stock", 1: "Only 1 left", 5: "Only 5 left", 6: "In stock", None: "In stock"}
    assert 'class="card card-out"' in cards_html([card(product("p", "P", stock=0))], "en")


def test_the_variant_that_meets_the_filters_is_priced_not_the_cheapest() -> None:
    small, large = Variant("s", 5000), Variant("l", 8000, 9000)
    item = Product("p", "P", "USD", (small, large))
    chosen = recommendation_card(Recommendation(RankedProduct(item, large, 0.0, {})), "en", no_picture)
    assert (chosen.price, chosen.list_price) == ("$80.00", "$90.00")
    assert product_card(item, "en", no_picture).price == "$50.00"


def chosen(variant: Variant, language: str, wished: Attributes) -> Card:
    ranked = RankedProduct(TWO_COLORS, variant, 0.0, {}, wished)
    return recommendation_card(Recommendation(ranked), language, own_picture)


def test_words_picture_price_and_stock_are_of_the_same_variant() -> None:
    brown, black = TWO_COLORS.variants
    first, second = chosen(brown, "en", {}), chosen(black, "en", {})
    assert (first.variant, first.picture, first.price, first.stock) == (
        "Brown",
        "boot-6-brown.svg",
        "$99.00",
        "In stock",
    )
    assert (second.variant, second.picture, second.price, second.stock) == (
        "Black",
        "boot-6-black.svg",
        "$109.00",
        "Only 4 left",
    )
    html = cards_html([second], "en")
    assert '<img src="boot-6-black.svg" alt="Saddle boots, black"' in html
    assert '<p class="card-variant">Black</p>' in html


def test_the_variant_is_named_in_the_readers_language_with_the_size_that_was_wished() -> None:
    black = TWO_COLORS.variants[1]
    assert chosen(black, "en", {"size": ("42",)}).variant == "Black, size 42"
    assert chosen(black, "zh", {}).variant == "黑色"
    assert chosen(black, "zh", {"size": ("42",)}).variant == "黑色，42码"
    assert 'alt="鞍部登山靴，黑色"' in cards_html([chosen(black, "zh", {})], "zh")
    large = replace(black, attributes={"size": ("1.5 l",)})
    kettle = replace(TWO_COLORS, variants=(replace(large, id="s", attributes={"size": ("1 l",)}), large))
    assert [product_card(kettle, language, own_picture, large, sized=True).variant for language in ("en", "zh")] == [
        "1.5 l",
        "1.5升",
    ]


def test_a_color_is_not_said_where_there_is_no_other_nor_of_a_picture_that_is_the_products() -> None:
    single = replace(TWO_COLORS, variants=TWO_COLORS.variants[:1])
    assert product_card(single, "en", own_picture).variant == ""
    assert "card-variant" not in cards_html([product_card(single, "en", own_picture)], "en")
    bare = replace(TWO_COLORS, variants=tuple(replace(variant, image=None) for variant in TWO_COLORS.variants))
    card = product_card(bare, "en", own_picture, bare.variants[1])
    assert (card.variant, card.picture, card.alt) == ("Black", "boot-6.svg", "Saddle boots")


def test_hostile_words_stay_words() -> None:
    html = cards_html([card(HOSTILE_PRODUCT)], "en")
    parsed = Elements(html)
    assert HOSTILE in parsed.text
    assert not {"script", "img", "a", "b"} & set(parsed.tags())
    others = {name for name in parsed.attributes() if not name.startswith("data-")}
    assert others <= {"class", "role", "type", "aria-label", "aria-pressed"}
    assert not any(character in html for character in "${`\n")


def test_a_link_to_buy_is_only_made_of_web_addresses() -> None:
    assert card(product("p", "P", url="https://shop.example/p")).url == "https://shop.example/p"
    assert card(product("p", "P", url="javascript:x()")).url is None
    assert 'rel="noopener noreferrer nofollow"' in cards_html(
        [card(product("p", "P", url="https://shop.example/p"))], "en"
    )


def test_three_reasons_at_most_and_the_parts_of_the_score_largest_first() -> None:
    shown = card(PRODUCTS[0], relevance=0.5, price_fit=-1.0, quality=0.001, new_thing=0.25)
    assert shown.reasons == ("one", "two", "three")
    assert [(part.name, part.value, part.tenths) for part in shown.contributions] == [
        ("how its price fits", -1.0, 10),
        ("fits the wish", 0.5, 5),
        ("new thing", 0.25, 2),
    ]
    html = cards_html([shown], "en")
    assert "-1.00" in html
    assert "bar-down" in html
    assert "score -0.25" in html


def test_a_restored_card_claims_no_reasons() -> None:
    html = cards_html([product_card(PRODUCTS[0], "en", lambda item, variant: f"images/{item.id}")], "en")
    assert '<img src="images/boot-1" alt="Ridgeline waterproof hiking boots"' in html
    assert "card-reasons" not in html
    assert "<details" not in html


def test_no_cards_no_html() -> None:
    assert cards_html([], "en") == ""


def test_a_card_says_how_many_other_versions_there_are_and_what_moved_it() -> None:
    parts = {"relevance": 1.0, "diversity": -0.25}
    ranked = RankedProduct(PRODUCTS[0], PRODUCTS[0].offer, 0.75, parts, alternatives=("a", "b"))
    for language, versions, moved in (
        ("en", "Other versions: 2", "much like one above"),
        ("zh", "另有 2 个款式", "与上面的商品相近"),
    ):
        html = cards_html([recommendation_card(Recommendation(ranked), language, no_picture)], language)
        assert versions in html
        assert moved in html
        assert versions not in cards_html([card(PRODUCTS[0], language)], language)
