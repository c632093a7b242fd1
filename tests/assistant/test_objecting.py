"""What is held against a product acts at once: others that differ in that, for this reply; the wish stays as it was."""

import pytest

from assistant.app import ShoppingAssistant
from assistant.beyond import measured
from assistant.parsing.objections import find_objection
from assistant.types import Objection, Reply, Session
from retrieval.filters import attributes_of


@pytest.mark.parametrize(
    ("text", "matter", "sign"),
    [
        ("i don't like it, too big", "size", -1), ("a bit too small for us", "size", 1), ("太小了", "size", 1),
        ("不喜欢，太大了", "size", -1), ("way too heavy", "weight", -1), ("有点重", "weight", -1),
        ("that's too expensive", "price", -1), ("太贵了", "price", -1), ("超预算了", "price", -1),
        ("too flashy", "flashy", 0), ("太花了", "flashy", 0), ("颜色太艳", "flashy", 0),
        ("the colour's ugly", "color", 0), ("i don't like the color", "color", 0), ("颜色难看", "color", 0),
        ("the material feels cheap", "material", 0), ("材质不好", "material", 0), ("不喜欢这个牌子", "brand", 0),
        ("the battery is too small", "battery", 1), ("续航太短", "battery", 1), ("评价太差了", "rating", 1),
    ],
)  # fmt: skip
def test_what_is_held_against_a_thing_is_heard(text: str, matter: str, sign: int) -> None:
    assert find_objection(text) == Objection(matter, sign)


@pytest.mark.parametrize(
    "text",
    [
        "it's not too big", "不太大", "太大声了", "太大方了", "it is so cute", "i don't like it", "太丑了", "别太重",
        "too early", "i love the colour", "颜色好看", "the first one is lovely",
    ],
)  # fmt: skip
def test_what_is_no_objection_is_none(text: str) -> None:
    assert find_objection(text) is None


def wish_of(session: Session) -> tuple[object, ...]:
    return session.filters, session.wish, session.cheaper_than_minor, session.beyond


def objected(demo: ShoppingAssistant, wish: str, message: str) -> tuple[Reply, Reply]:
    """The list that is judged, and the reply; the wish must be as it was."""
    first = demo.ask(wish)
    reply = demo.respond(message, first.session)
    assert (reply.parsed.intent, reply.parsed.sentiment) == ("feedback", "negative")
    assert wish_of(reply.session) == wish_of(first.session)
    return first, reply


@pytest.mark.parametrize(
    ("wish", "message", "sign", "words"),
    [
        ("tents", "I don't like the first one, it's too big", -1, "something smaller"),
        ("背包", "第一个不喜欢，太大了", -1, "小一点的"),
        ("hotels", "the first one is too small", 1, "something bigger"),
    ],
)
def test_smaller_or_bigger_ones_are_shown_at_once(
    demo: ShoppingAssistant, wish: str, message: str, sign: int, words: str
) -> None:
    first, reply = objected(demo, wish, message)
    bad = first.products[0].ranked.product
    assert words in reply.text.lower()
    assert bad.title_in(reply.language) in reply.text
    limit = max(sign * one.amount for one in measured(bad, "size"))
    assert reply.products
    for item in reply.products:
        assert item.ranked.product.id != bad.id
        assert max(sign * one.amount for one in measured(item.ranked.product, "size")) > limit


@pytest.mark.parametrize(("wish", "message"), [("tents", "the second one is too expensive"), ("帐篷", "第二个太贵了")])
def test_cheaper_ones_are_shown_at_once_and_the_reply_names_no_limit(
    demo: ShoppingAssistant, wish: str, message: str
) -> None:
    first, reply = objected(demo, wish, message)
    dear = first.products[1].ranked.variant.price_minor
    assert reply.products
    assert all(item.ranked.variant.price_minor < dear for item in reply.products)
    assert not any(
        "limit" in reason.text or "预算" in reason.text for item in reply.products for reason in item.reasons
    )
    # What was said of one tent bounds no further list.
    more = demo.respond("show more" if reply.language == "en" else "还有吗", reply.session)
    assert wish_of(more.session) == wish_of(first.session)


@pytest.mark.parametrize(("wish", "message"), [("backpacks", "too expensive"), ("背包", "太贵了")])
def test_where_no_thing_is_named_the_dearer_half_goes_and_none_is_disliked(
    demo: ShoppingAssistant, wish: str, message: str
) -> None:
    first, reply = objected(demo, wish, message)
    prices = sorted(item.ranked.variant.price_minor for item in first.products)
    assert reply.products
    assert max(item.ranked.variant.price_minor for item in reply.products) < prices[len(prices) // 2]
    assert not [said for said in reply.session.profile.stated if said.attribute == "product"]


@pytest.mark.parametrize(
    ("wish", "message"),
    [("backpacks", "the colour of the second one is ugly"), ("背包", "第二个的颜色难看"), ("背包", "第二个颜色太艳")],
)
def test_another_colour_is_shown_and_the_dislike_noted_as_a_guess(
    demo: ShoppingAssistant, wish: str, message: str
) -> None:
    first, reply = objected(demo, wish, message)
    bad = first.products[1].ranked
    colours = set(attributes_of(bad.product, bad.variant)["color"])
    assert reply.products
    for item in reply.products:
        assert not colours & set(attributes_of(item.ranked.product, item.ranked.variant).get("color", ()))
    noted = {(said.attribute, said.value): said for said in reply.session.profile.stated}
    assert noted["product", bad.product.id].source == message
    for colour in colours:
        guess = noted["color", colour]
        assert (guess.weight, guess.inferred, guess.source) == (-1.0, True, message)
        assert 0 < guess.confidence < 1
        assert guess.expires is not None


@pytest.mark.parametrize(
    ("wish", "message", "words"),
    [("headphones", "the first one is too heavy", "calls lightweight"), ("耳机", "第一个太重了", "轻便")],
)
def test_where_no_weight_is_stated_what_is_called_light_is_shown_and_that_is_said(
    demo: ShoppingAssistant, wish: str, message: str, words: str
) -> None:
    _, reply = objected(demo, wish, message)
    assert words in reply.text
    assert reply.products
    assert all("lightweight" in item.ranked.product.values("feature") for item in reply.products)


@pytest.mark.parametrize(
    ("wish", "message", "words"),
    [
        ("city tours", "the material of the first one is awful", "doesn't state what it is made of"),
        ("一日游", "第一个材质不好", "没有写明它的材质"),
    ],
)
def test_what_the_shop_does_not_state_is_said(demo: ShoppingAssistant, wish: str, message: str, words: str) -> None:
    first, reply = objected(demo, wish, message)
    assert not first.products[0].ranked.product.values("material")
    assert words in reply.text


@pytest.mark.parametrize(("wish", "message"), [("dresses", "the first one is too big"), ("跑步鞋", "第一个太大")])
def test_a_thing_with_sizes_to_wear_is_not_exchanged_but_its_sizes_told(
    demo: ShoppingAssistant, wish: str, message: str
) -> None:
    first, reply = objected(demo, wish, message)
    product = first.products[0].ranked.product
    sizes = {size for variant in product.variants if variant.in_stock for size in variant.attributes["size"]}
    assert not reply.products
    assert all(size in reply.text for size in sizes)
    assert not [said for said in reply.session.profile.stated if said.attribute == "product"]


@pytest.mark.parametrize(
    ("wish", "message"),
    [("tents", "I love the second one but it's too expensive"), ("背包", "第二个很好看，就是太贵了")],
)
def test_what_is_liked_but_for_one_thing_is_not_disliked(demo: ShoppingAssistant, wish: str, message: str) -> None:
    first = demo.ask(wish)
    reply = demo.respond(message, first.session)
    dear = first.products[1].ranked
    assert wish_of(reply.session) == wish_of(first.session)
    assert reply.products
    assert all(item.ranked.variant.price_minor < dear.variant.price_minor for item in reply.products)
    assert not [said for said in reply.session.profile.stated if said.attribute == "product"]
    assert dear.product.title_in(reply.language) not in reply.text


@pytest.mark.parametrize(("wish", "message"), [("tents", "these are all too expensive"), ("背包", "这几款都太贵了")])
def test_of_a_whole_list_what_costs_less_than_all_of_it_is_shown_and_none_is_disliked(
    demo: ShoppingAssistant, wish: str, message: str
) -> None:
    first, reply = objected(demo, wish, message)
    least = min(item.ranked.variant.price_minor for item in first.products)
    assert reply.products
    assert all(item.ranked.variant.price_minor < least for item in reply.products)
    assert not [said for said in reply.session.profile.stated if said.attribute == "product"]


def test_where_nothing_is_better_in_that_it_is_said(demo: ShoppingAssistant) -> None:
    _, reply = objected(demo, "tents for 1 person", "these are all too big")
    assert not reply.products
    assert "maller" in reply.text
    assert "fraid" in reply.text
