"""What goes with a product: other kinds of things, by what buyers took as well and by kind, within the money left."""

import pytest

from assistant.app import ShoppingAssistant
from assistant.complements import complements, kinds_beside
from ranking.together import KindsTogether
from ranking.types import RankedProduct
from retrieval.types import Product, Variant
from retrieval.vocabulary import Vocabulary


def product(name: str, category: str) -> Product:
    return Product(name, name, "USD", (Variant(name, 100),), category=category)


BOOTS, PACK, LAMP, SOCKS = (
    product("boots", "hiking boots"),
    product("pack", "backpacks"),
    product("lamp", "desk lamps"),
    product("s", "socks"),
)  # fmt: skip


def ranked(category: str, price: int) -> RankedProduct:
    thing = Product(f"{category}-{price}", category, "USD", (Variant("v", price),), category=category)
    return RankedProduct(thing, thing.variants[0], 0.0, {})


CARRIED = Vocabulary.from_products([BOOTS, PACK, LAMP, SOCKS])


def test_what_goes_by_kind_is_put_in_order_by_the_log_and_what_is_surely_bought_with_it_is_learnt() -> None:
    assert kinds_beside(BOOTS, KindsTogether(), CARRIED) == ["backpacks", "socks"]
    learnt = {"hiking boots": {"desk lamps": 30}}, {"hiking boots": {"desk lamps": 5.0}}
    assert kinds_beside(BOOTS, KindsTogether(*learnt), CARRIED) == ["desk lamps", "backpacks", "socks"]
    by_chance = {"hiking boots": {"desk lamps": 7, "boats": 90}}, {"hiking boots": {"desk lamps": 4.0, "boats": 2.0}}
    assert kinds_beside(BOOTS, KindsTogether(*by_chance), CARRIED) == ["backpacks", "socks"]
    socks_rather = {"hiking boots": {"socks": 200, "backpacks": 90}}, {"hiking boots": {"socks": 90, "backpacks": 90}}
    assert kinds_beside(BOOTS, KindsTogether(*socks_rather), CARRIED) == ["socks", "backpacks"]


def test_an_amount_for_all_is_shared_and_what_one_kind_leaves_goes_to_the_others() -> None:
    prices = {"backpacks": [90, 40, 20], "socks": [12, 5], "desk lamps": [70]}

    def rank(kind: str, n: int, at_most: int | None) -> list[RankedProduct]:
        fitting = [price for price in prices[kind] if at_most is None or price <= at_most]
        return [ranked(kind, price) for price in fitting[:n]]

    def chosen(in_all: int | None) -> list[tuple[str, int]]:
        kinds = ["backpacks", "socks", "desk lamps"]
        found = complements(kinds, rank, in_all)
        return [(item.product.category or "", item.variant.price_minor) for item in found]

    assert chosen(None)[:3] == [("backpacks", 90), ("socks", 12), ("desk lamps", 70)]
    assert chosen(130) == [("backpacks", 40), ("socks", 12), ("desk lamps", 70)]
    assert chosen(75) == [("backpacks", 20), ("socks", 12)]
    assert chosen(4) == []


@pytest.mark.parametrize(
    ("wish", "question"), [("hiking boots", "what goes with the first one?"), ("登山靴", "第一个搭配什么好")]
)
def test_other_kinds_of_things_are_shown(demo: ShoppingAssistant, wish: str, question: str) -> None:
    first = demo.ask(wish)
    reply = demo.respond(question, first.session)
    assert reply.parsed.intent == "bundle"
    kinds = [item.ranked.product.category for item in reply.products]
    assert "hiking boots" not in kinds
    assert len(set(kinds)) > 1
    assert (reply.n_matched, reply.n_left) == (len(kinds), 0)


@pytest.mark.parametrize(
    ("wish", "question", "in_all", "words"),
    [
        ("hiking boots under 150", "what goes with the first one, 200 dollars for everything?", 20_000, "comes to"),
        ("登山靴 150美元以内", "第一个搭配什么好，一共200美元", 20_000, "一共"),
    ],
)
def test_an_amount_for_all_of_it_is_kept_with_the_first_thing_counted(
    demo: ShoppingAssistant, wish: str, question: str, in_all: int, words: str
) -> None:
    first = demo.ask(wish)
    anchor = first.products[0].ranked.product
    reply = demo.respond(question, first.session)
    kinds = [item.ranked.product.category for item in reply.products]
    assert len(kinds) > 1
    assert len(set(kinds)) == len(kinds)
    total = anchor.price_minor + sum(item.ranked.variant.price_minor for item in reply.products)
    assert total <= in_all
    assert words in reply.text
    assert f"{total / 100:.2f}" in reply.text


@pytest.mark.parametrize(
    ("wish", "question", "words"),
    [
        ("hiking boots over 120", "what goes with the first one? 100 dollars in total", "alone takes"),
        ("120美元以上的登山靴", "第一个搭配什么好，总共100美元", "已经用完"),
    ],
)
def test_where_the_first_thing_takes_it_all_that_is_said(
    demo: ShoppingAssistant, wish: str, question: str, words: str
) -> None:
    reply = demo.respond(question, demo.ask(wish).session)
    assert reply.products
    assert words in reply.text


def test_an_amount_for_each_thing_is_not_lessened(demo: ShoppingAssistant) -> None:
    reply = demo.respond("what goes with the first one under 40?", demo.ask("hiking boots").session)
    assert max(item.ranked.variant.price_minor for item in reply.products) <= 4_000
    assert sum(item.ranked.variant.price_minor for item in reply.products) > 4_000


def test_what_goes_with_a_womans_thing_is_no_mans(demo: ShoppingAssistant) -> None:
    reply = demo.respond("what goes with the first one?", demo.ask("dresses for women").session)
    assert reply.products
    assert all(set(item.ranked.product.values("audience")) != {"men"} for item in reply.products)


def test_every_kind_of_the_demo_goes_with_kinds_that_the_shop_knows_to_go_with_it(demo: ShoppingAssistant) -> None:
    now = demo.live.now()
    together = demo.finder.together.now(now.search.revision)
    for category in now.facts.vocabulary.categories:
        anchor = product("x", category)
        known = kinds_beside(anchor, KindsTogether(), now.facts.vocabulary)
        assert known, category
        # Its simulated shoppers take each thing for itself: nothing is to be learnt from them.
        assert set(kinds_beside(anchor, together, now.facts.vocabulary)) == set(known), category


@pytest.mark.parametrize(
    ("wish", "about", "question"),
    [
        ("hiking boots", "is the second one waterproof?", "what do people complain about?"),
        ("登山靴", "第二个防水吗", "有什么缺点"),
    ],
)
def test_a_question_that_names_nothing_is_about_what_was_spoken_of(
    demo: ShoppingAssistant, wish: str, about: str, question: str
) -> None:
    first = demo.ask(wish)
    second = demo.respond(about, first.session)
    reply = demo.respond(question, second.session)
    assert reply.session.focus_id == first.products[1].ranked.product.id
    assert reply.parsed.intent == "ask_product"
