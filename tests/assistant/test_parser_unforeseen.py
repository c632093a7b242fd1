"""Messages read against catalogs that nobody foresaw: what may rule products out, and what stays a word."""

import pytest

from assistant.parser import Parser
from assistant.types import ParsedMessage, Session
from retrieval.types import Product, Variant
from retrieval.vocabulary import Vocabulary


def product(number: int, title: str, brand: str, **attributes: str) -> Product:
    values = {name: (value,) for name, value in attributes.items()}
    return Product(str(number), title, "USD", (Variant(str(number), 1000),), brand=brand, attributes=values)


CATALOG = [
    product(1, "Charging cable for Apple iPhone", "Belkin"),
    product(2, "Wireless mouse", "Klik", connectivity="wireless", feature="wireless"),
    product(3, "Wireless keyboard", "Klik", feature="wireless"),
    product(4, "AAA battery, 4 pieces", "Volta"),
    product(5, "AAA rechargeable battery", "Volta"),
    product(6, "AAA charger", "Volta", type="aaa"),
    product(7, "Stapler, ambidextrous", "Klik", form_factor="ambidextrous"),
    product(8, "Network switch, 8 ports", "Netto"),
]


def read(message: str) -> ParsedMessage:
    products = {item.id: item for item in CATALOG}
    parser = Parser(Vocabulary.from_products(CATALOG), lambda ids: {i: products[i] for i in ids if i in products})
    return parser.parse(message, Session("s", "g"))


@pytest.mark.parametrize(
    ("message", "include", "words"),
    [
        ("klik mouse", {"brand": ("klik",)}, "mouse"),
        # The shop has nothing by Apple, but things for it: a word, not a condition that nothing meets.
        ("apple", {}, "apple"),
        # Neither by Sony nor a word of Sony: the honest answer is that there is none.
        ("sony headphones", {"brand": ("sony",)}, "headphones"),
        # Only one of the three products that say AAA states it as its type.
        ("aaa", {}, "aaa"),
        ("an ambidextrous stapler", {"form_factor": ("ambidextrous",)}, "stapler"),
        # A feature is asked for once, wherever the catalog keeps it.
        ("wireless mouse", {"feature": ("wireless",)}, "mouse"),
        ("无线鼠标", {"feature": ("wireless",)}, "鼠标"),
        # A filler elsewhere, the whole wish here.
        ("switch", {}, "switch"),
    ],
)
def test_what_may_rule_products_out(message: str, include: dict[str, tuple[str, ...]], words: str) -> None:
    parsed = read(message)
    assert parsed.intent == "search"
    assert dict(parsed.filters.include) == include
    assert words in parsed.query_text


@pytest.mark.parametrize(
    ("message", "low"),
    [("cheap mouse", True), ("便宜点的鼠标", True), ("鼠标，不要太贵", True), ("a mouse", False), ("无线鼠标", False)],
)
def test_a_call_for_something_cheap_is_no_amount(message: str, low: bool) -> None:
    parsed = read(message)
    assert parsed.wants_low_price is low
    assert (parsed.filters.price_max_minor, parsed.filters.sort) == (None, None)
