"""What is sold out is hidden unless asked for, and then labelled; in both languages, from the message to the card."""

import pytest

from assistant import ShoppingAssistant
from assistant.parsing.stock import find_stock
from assistant.web.cards import recommendation_card


def sold_out(shop: ShoppingAssistant, category: str) -> set[str]:
    return {p.id for p in shop.shop.catalog.products() if p.category == category and not p.in_stock}


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("show sold out too", True),
        ("headphones, including sold out ones", True),
        ("include what's out of stock", True),
        ("also show out-of-stock items", True),
        ("sofas, sold out is fine", True),
        ("show me the sold out ones as well", True),
        ("包括缺货的", True),
        ("耳机，包括缺货的", True),
        ("缺货的也显示", True),
        ("把缺货的也算上", True),
        ("售罄的也可以", True),
        ("only what's in stock", False),
        ("hide sold out", False),
        ("只看有货的", False),
        ("不要缺货的", False),
        ("is it sold out?", None),
        ("is the first one out of stock?", None),
        ("when will it be back in stock", None),
        ("第一个缺货吗", None),
        ("有货吗", None),
        ("headphones", None),
    ],
)
def test_what_a_message_says_of_sold_out_products(text, wanted):
    assert find_stock(text).sold_out is wanted


@pytest.mark.parametrize(
    ("wish", "ask", "back", "label"),
    [
        ("sofas", "show sold out ones, too", "only show what's in stock", "out of stock"),
        ("沙发", "包括缺货的", "只看有货的", "暂时缺货"),
    ],
)
def test_sold_out_is_hidden_until_asked_for_and_then_labelled(demo, wish, ask, back, label):
    gone = sold_out(demo, "sofas")
    assert gone
    hidden = demo.ask(wish)
    assert not gone & seen(demo, hidden)
    shown = demo.respond(ask, hidden.session)
    assert shown.n_matched == hidden.n_matched + len(gone)
    assert shown.session.filters.category == "sofas"
    assert gone <= seen(demo, shown)
    assert [item.key for item in demo.constraints(shown.session)] == ["category", "stock"]
    hidden_again = demo.respond(back, shown.session)
    assert hidden_again.n_matched == hidden.n_matched
    taken_away = demo.remove_constraint(shown.session, "stock")
    assert taken_away.n_matched == hidden.n_matched
    page = next(reply for reply in pages(demo, shown) if gone & ids(reply))
    item = next(item for item in page.products if item.ranked.product.id in gone)
    line = next(line for line in page.text.splitlines() if item.ranked.product.title_in(page.language) in line)
    assert label in line
    assert [each["in_stock"] for each in page.to_dict()["products"] if each["id"] in gone] == [False]
    card = recommendation_card(item, page.language, lambda product, variant: None)
    assert card.stock.lower() == label


def ids(reply) -> set[str]:
    return {item.ranked.product.id for item in reply.products}


def pages(shop: ShoppingAssistant, reply) -> list:
    """A reply and 'show more' after it."""
    return [reply, shop.respond("show more" if reply.language == "en" else "还有吗", reply.session)]


def seen(shop: ShoppingAssistant, reply) -> set[str]:
    return set().union(*(ids(page) for page in pages(shop, reply)))


@pytest.mark.parametrize("text", ["sofas, including sold out ones", "沙发，包括缺货的"])
def test_it_can_be_asked_for_in_the_first_message(demo, text):
    reply = demo.ask(text)
    assert reply.n_matched == 10
    assert not reply.session.filters.in_stock_only
    assert "sold" not in reply.session.wish
    assert "缺货" not in reply.session.wish


def test_a_new_wish_hides_them_again(demo):
    reply = demo.ask("sofas, including sold out ones")
    assert demo.respond("now a tent", reply.session).session.filters.in_stock_only
