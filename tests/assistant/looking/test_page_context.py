"""What the shopper looks at, through the real assistant on the demo shop, in both languages."""

import doctest
import importlib
import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant import PageContext, ShoppingAssistant
from assistant.beyond import measured
from assistant.looking.values import MAX_CART, MAX_ID, is_plain
from assistant.session_json import session_from_json, session_to_json
from assistant.types import Reply, Session

BOOT = PageContext("hiking-boots-01")
BOOT_TITLES = ("Tarnock Fellside Waterproof Hiking Boots in Grey", "Tarnock 山侧防水登山靴 灰色")


def talk(
    shop: ShoppingAssistant, *messages: str, context: PageContext | None = BOOT, session: Session | None = None
) -> Reply:
    session = session or shop.new_session()
    for message in messages:
        reply = shop.respond(message, session, context=context)
        session = reply.session
    return reply


def shown(reply: Reply) -> list[str]:
    return [item.ranked.product.id for item in reply.products]


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("is this good for hiking?", "listed among the hiking boots"),
        ("这双适合登山吗", "登山靴这一类"),
        ("is it waterproof?", "listed as waterproof"),
        ("这个防水吗", "注明了防水"),
        ("防水吗", "注明了防水"),
        ("what material?", "polyester"),
        ("how much is it?", "$99.00"),
        ("这款多少钱", "US$99.00"),
        ("do you have it in red?", "Red isn't"),
        ("do you have size 40?", "out of stock"),
        ("有43码吗", "有43码"),
        ("有没有红色的", "灰色"),
        ("and for hiking?", "listed among the hiking boots"),
        ("那登山呢", "登山靴这一类"),
        ("in a 43?", "size 43"),
        ("what about in red?", "Red isn't"),
        ("有黑色的吗", "灰色"),
        ("which size? my feet are 26 cm", "is in stock in 42"),
        ("我脚长26厘米，穿多大", "42码有货"),
    ],
)
def test_this_is_the_product_whose_page_it_is(demo: ShoppingAssistant, message: str, said: str) -> None:
    reply = talk(demo, message)
    assert reply.parsed.intent == "ask_product"
    assert said in reply.text
    assert any(title in reply.text for title in BOOT_TITLES)
    assert reply.session.filters.is_empty


@pytest.mark.parametrize(
    "message",
    [
        "something like this", "有没有类似的", "Show me similar ones", "type similar to this one", "类似这款的有吗",
        "跟这个差不多的有吗", "is there one similar to this?",
    ],
)  # fmt: skip
def test_something_like_the_pages_product(demo: ShoppingAssistant, message: str) -> None:
    reply = talk(demo, message)
    assert reply.session.filters.category == "hiking boots"
    assert reply.products
    assert "hiking-boots-01" not in shown(reply)
    assert {item.ranked.product.category for item in reply.products} == {"hiking boots"}
    more = talk(demo, "show more", session=reply.session)
    assert not {"hiking-boots-01", *shown(reply)} & set(shown(more))


@pytest.mark.parametrize(
    ("message", "sign"),
    [("is there a smaller one?", -1), ("有小一点的吗", -1), ("do you have a bigger one?", 1), ("有没有大一点的", 1)],
)
def test_a_smaller_one_than_the_pages_product(demo: ShoppingAssistant, message: str, sign: int) -> None:
    page = PageContext("backpacks-08")
    limit = measured(demo.facts.lookup(["backpacks-08"])["backpacks-08"], "size")[0].amount
    reply = talk(demo, message, context=page)
    assert reply.parsed.intent == "refine"
    assert reply.session.filters.category == "backpacks"
    sizes = [measured(item.ranked.product, "size") for item in reply.products]
    assert sizes
    assert all(max(sign * one.amount for one in each) > sign * limit for each in sizes)


@pytest.mark.parametrize("message", ["is there a smaller one?", "有小一点的吗"])
def test_a_smaller_one_of_what_comes_in_sizes_is_another_size(demo: ShoppingAssistant, message: str) -> None:
    reply = talk(demo, message)
    assert not reply.products
    assert "37, 38" in reply.text
    assert reply.session.filters.is_empty


@pytest.mark.parametrize("message", ["and under 50?", "what about tents?", "那帐篷呢"])
def test_what_names_a_price_or_another_kind_is_a_wish(demo: ShoppingAssistant, message: str) -> None:
    reply = talk(demo, message)
    assert reply.parsed.intent in ("search", "refine")
    assert reply.products


@pytest.mark.parametrize("message", ["cheaper than this", "比这个便宜的", "cheaper ones?"])
def test_cheaper_than_the_pages_product(demo: ShoppingAssistant, message: str) -> None:
    reply = talk(demo, message)
    assert reply.products
    assert all(item.ranked.product.price_minor < 9900 for item in reply.products)
    assert {item.key for item in demo.constraints(reply.session)} == {"category", "price"}


def test_like_this_on_another_kinds_page_begins_anew_and_can_be_undone(demo: ShoppingAssistant) -> None:
    jackets = talk(demo, "red jackets", context=None)
    reply = talk(demo, "something like this", session=jackets.session)
    assert (reply.session.filters.category, reply.session.filters.include) == ("hiking boots", {})
    undone = talk(demo, "undo", session=reply.session)
    assert undone.session.filters == jackets.session.filters


def test_what_is_shown_later_goes_before_the_page(demo: ShoppingAssistant) -> None:
    jackets = talk(demo, "jackets")
    first = jackets.products[0].ranked.product
    asked = talk(demo, "is it waterproof?", session=jackets.session)
    assert first.title in asked.text
    other = talk(demo, "is it waterproof?", session=asked.session, context=PageContext("tents-05"))
    assert demo.product("tents-05").title in other.text  # type: ignore[union-attr]
    second = talk(demo, "how much is the second one?", session=jackets.session, context=PageContext("tents-05"))
    assert jackets.products[1].ranked.product.title in second.text


@pytest.mark.parametrize(
    ("message", "category", "context"),
    [
        ("under 50", "kettles", PageContext(category="kettles")),
        ("五百块以内", "kettles", PageContext(category="电热水壶")),
        ("有没有红色的", "jackets", PageContext(category="夹克")),
        ("something for winter", "jackets", PageContext(category="Jackets")),
        ("show me all of them", "tents", PageContext(category="tents")),
        ("under 100", "hiking boots", BOOT),
        ("anything in black?", "hiking boots", BOOT),
        ("还有别的推荐吗", "kettles", PageContext("kettles-01")),
    ],
)
def test_a_wish_that_names_no_category_takes_the_pages(
    demo: ShoppingAssistant, message: str, category: str, context: PageContext
) -> None:
    reply = talk(demo, message, context=context)
    assert reply.session.filters.category == category
    assert shown(reply)
    chip = next(item for item in demo.constraints(reply.session) if item.key == "category")
    freed = demo.remove_constraint(reply.session, chip.key, chip.value)
    assert freed.session.filters.category is None
    again = talk(demo, "at most 200 dollars", context=context, session=freed.session)
    assert again.session.filters.category is None or freed.session.filters.is_empty


@pytest.mark.parametrize(
    ("message", "category"), [("a violin", None), ("red tents", "tents"), ("帐篷", "tents"), ("hello", None)]
)
def test_a_wish_that_names_a_thing_is_left_alone(demo: ShoppingAssistant, message: str, category: str | None) -> None:
    assert talk(demo, message, context=PageContext(category="kettles")).session.filters.category == category


def test_the_conversations_wish_goes_before_the_page(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "kettles", "under 50", context=PageContext(category="tents"))
    assert reply.session.filters.category == "kettles"


def test_the_cart_is_not_recommended_again(demo: ShoppingAssistant) -> None:
    first, second = shown(talk(demo, "hiking boots", context=None))[:2]
    cart = PageContext(cart=(first, second))
    reply = talk(demo, "hiking boots", context=cart)
    assert not {first, second} & set(shown(reply))
    assert not {first, second} & set(shown(talk(demo, "show more", context=cart, session=reply.session)))
    goes = talk(demo, "what goes with it?", context=PageContext(first, cart=(second,)))
    assert goes.parsed.intent == "bundle"
    assert not {first, second} & set(shown(goes))


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            "does it go with what is in my cart?",
            ["In your cart: Halvorn Squall Packable Rain Jacket", "alike in this: spring, autumn", "yours to judge"],
        ),
        ("和我购物车里的搭吗", ["你的购物车里有：Halvorn 骤雨可收纳防水夹克", "共同点：春天、秋天", "还是你来判断"]),
    ],
)
def test_what_is_stated_of_the_product_and_the_cart(demo: ShoppingAssistant, message: str, parts: list[str]) -> None:
    reply = talk(demo, message, context=PageContext("hiking-boots-01", cart=("jackets-01", "jackets-06")))
    assert reply.parsed.intent == "ask_product"
    assert all(part in reply.text for part in parts)
    assert reply.session.filters.is_empty


def test_the_cart_itself_and_a_comparison_with_it(demo: ShoppingAssistant) -> None:
    context = PageContext("hiking-boots-01", cart=("hiking-boots-02",))
    assert (
        "In your cart: Tarnock Highmoor"
        in talk(demo, "what's in my cart?", context=PageContext(cart=context.cart)).text
    )
    compared = talk(demo, "compare this with what's in my cart", context=context)
    assert compared.parsed.intent == "compare"
    assert "| Price | $99.00 | $219.00 |" in compared.text
    kids = talk(demo, "does it go with my cart?", context=PageContext("shirts-06", cart=("shirts-01",)))
    assert "is meant for kids" in kids.text
    assert "are both shirts" in kids.text
    assert "cart" not in talk(demo, "does it go with what is in my cart?").text.lower()


def test_what_the_catalog_does_not_hold_is_left_out_and_logged(
    demo: ShoppingAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING, "assistant.looking"):
        reply = talk(demo, "under 50", context=PageContext("gone", "no such thing", ("gone too", "kettles-01")))
    assert reply.session.page == PageContext(cart=("kettles-01",))
    assert reply.session.filters.category is None
    assert "'gone', 'gone too', 'no such thing'" in caplog.text


def test_the_page_is_of_one_message_and_survives_a_restart(demo: ShoppingAssistant) -> None:
    context = PageContext("hiking-boots-01", "hiking boots", ("jackets-01",))
    session = talk(demo, "is it waterproof?", context=context).session
    assert session.page == context
    assert session_from_json(session_to_json(session)) == session
    assert demo.load_session(session.id) == session
    later = talk(demo, "is it breathable?", session=session, context=None)
    assert later.session.page.is_empty
    assert BOOT_TITLES[0] in later.text


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"product_id": ""}, "product_id must be"),
        ({"product_id": "x" * (MAX_ID + 1)}, "product_id must be"),
        ({"category": "a\nb"}, "category must be"),
        ({"product_id": 7}, "product_id must be"),
        ({"cart": ["a"]}, "cart must be a tuple"),
        ({"cart": ("a", "")}, "cart must be a tuple"),
        ({"cart": tuple(map(str, range(MAX_CART + 1)))}, "pass the newest 100"),
    ],
)
def test_a_context_that_cannot_be_is_refused(values: dict[str, object], message: str) -> None:
    with pytest.raises(ValueError, match=message):
        PageContext(**values)  # type: ignore[arg-type]


@given(
    st.none() | st.text(max_size=300), st.none() | st.text(max_size=300), st.lists(st.text(max_size=300), max_size=150)
)
def test_whatever_an_address_says_makes_a_context(product: str | None, category: str | None, cart: list[str]) -> None:
    context = PageContext.cleaned(product, category, cart)
    assert len(context.cart) <= MAX_CART
    assert all(map(is_plain, filter(None, (context.product_id, context.category, *context.cart))))


@pytest.mark.parametrize(
    "name",
    ["assistant.looking.values", "assistant.looking.applying", "assistant.parsing.cart", "assistant.writing.purpose"],
)
def test_the_examples_in_the_docstrings_hold(name: str) -> None:
    assert doctest.testmod(importlib.import_module(name)).failed == 0
