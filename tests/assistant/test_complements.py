"""What goes with a product: other kinds of things, by what buyers took as well and by kind, within the money left."""

from datetime import UTC, datetime, timedelta

import pytest

from assistant.app import ShoppingAssistant
from assistant.complements import kinds_beside
from ranking.events import EventStore, Together
from ranking.types import Event
from retrieval.database import metadata, open_engine
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
CARRIED = Vocabulary.from_products([BOOTS, PACK, LAMP, SOCKS])


def test_what_buyers_took_together_goes_before_what_goes_by_kind() -> None:
    products = {"lamp": LAMP, "boots-2": product("boots-2", "hiking boots")}
    assert kinds_beside(BOOTS, Together(), {}, CARRIED) == ["backpacks", "socks"]
    often = Together(20, 1000, {"lamp": 12, "boots-2": 19}, {"lamp": 100, "boots-2": 40})
    assert kinds_beside(BOOTS, often, products, CARRIED) == ["desk lamps", "backpacks", "socks"]
    by_chance = Together(20, 1000, {"lamp": 3}, {"lamp": 100})
    assert kinds_beside(BOOTS, by_chance, products, CARRIED) == ["backpacks", "socks"]


def test_who_bought_both_is_counted_once(tmp_path) -> None:
    engine = open_engine(tmp_path / "shop.db")
    metadata.create_all(engine)
    log, day = EventStore(engine), datetime(2026, 11, 1, tzinfo=UTC)
    bought = [("ann", "boots"), ("ann", "pack"), ("ann", "pack"), ("bob", "boots"), ("bob", "lamp"), ("eve", "lamp")]
    log.add(Event(who, what, "purchase", day + timedelta(hours=n)) for n, (who, what) in enumerate(bought))
    log.add([Event("bob", "pack", "view", day)])
    together = log.bought_together("boots")
    assert (together.n_buyers, together.n_all, together.both) == (2, 3, {"pack": 1, "lamp": 1})
    assert together.anyone == {"boots": 2, "pack": 1, "lamp": 2}
    assert log.bought_together("unknown") == Together()


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


def test_an_amount_for_all_of_it_is_lessened_by_what_the_first_thing_costs(demo: ShoppingAssistant) -> None:
    first = demo.ask("hiking boots under 150")
    anchor = first.products[0].ranked.product
    reply = demo.respond("what goes with the first one, 200 dollars for everything?", first.session)
    assert reply.products
    assert all(item.ranked.variant.price_minor <= 20_000 - anchor.price_minor for item in reply.products)


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
