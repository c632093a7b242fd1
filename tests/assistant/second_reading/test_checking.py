"""What of a claim counts, on a small catalog with names that are ordinary words."""

import pytest
from understanding import new_session

from assistant.parser import Parser
from assistant.parsing.doubts import Doubts
from assistant.second_reading.checking import checked
from assistant.second_reading.claims import Claims
from assistant.second_reading.naming import sense_of
from assistant.second_reading.reader import adds_only, keeps
from assistant.types import ParsedMessage
from retrieval.types import Filters, Product, Variant
from retrieval.vocabulary import Vocabulary

PRODUCTS = [
    Product(
        f"p{i}", f"{brand} {kind}", "USD", (Variant(f"p{i}", 1000),), brand=brand, category=kind,
        attributes={"condition": ("new", "used"), "rechargeable": ("yes", "no"), "weave": ("herringbone",)},
    )
    for i, (brand, kind) in enumerate([("Next", "jeans"), ("North Ridge", "parkas"), ("Gap", "jeans")])
]  # fmt: skip
PARSER = Parser(Vocabulary.from_products(PRODUCTS), lambda ids: {})


def hints(message, *claims, intent=None):
    keys = ("quote", "attribute", "value", "refused")
    form = {"intent": intent, "claims": [dict(zip(keys, claim, strict=True)) for claim in claims]}
    return checked(Claims.model_validate(form), message, PARSER.doubts(message, new_session()), PARSER)


def conditions(message, *claims):
    return [
        (hint.sense.name, hint.sense.values, message[hint.start : hint.end]) for hint in hints(message, *claims).spans
    ]


@pytest.mark.parametrize(
    ("message", "claim", "expected"),
    [
        ("blorp jeans from Next", ("Next", "brand", "next", False), [("brand", ("next",), "Next")]),
        ("blorp jeans from next week on", ("next", "brand", "next", False), []),
        ("Next I want blorp jeans", ("Next", "brand", "next", False), []),
        ("要 Gap 的牛仔裤", ("Gap", "brand", "gap", False), [("brand", ("gap",), "Gap")]),
        ("a new blorp parka", ("new", "condition", "new", False), []),
        ("yes a blorp parka", ("yes", "rechargeable", "yes", False), []),
        ("a blorp parka in herringbome", ("herringbome", "weave", "herringbone", False), [
            ("weave", ("herringbone",), "herringbome")
        ]),
        ("a blorp parka in herringbome", ("parka", "weave", "herringbone", False), []),
        ("no herringbome parka", ("herringbome", "weave", "herringbone", False), []),
        ("no herringbome parka", ("herringbome", "weave", "herringbone", True), [
            ("weave", ("herringbone",), "herringbome")
        ]),
        ("不要herringbome的", ("herringbome", "weave", "herringbone", True), [
            ("weave", ("herringbone",), "herringbome")
        ]),
        ("ＨＥＲＲＩＮＧＢＯＭＥ 的大衣", ("herringbome", "weave", "herringbone", False), [
            ("weave", ("herringbone",), "ＨＥＲＲＩＮＧＢＯＭＥ")
        ]),
    ],
)  # fmt: skip
def test_a_condition_must_be_named_by_the_words_quoted(message, claim, expected):
    assert conditions(message, claim) == expected


@pytest.mark.parametrize(
    ("attribute", "value"),
    [
        ("size", "42"),
        ("price", "10"),
        ("quantity", "2"),
        ("rechargeable", "yes"),
        ("brand", "Acme"),
        ("category", "tents"),
    ],
)
def test_what_the_catalog_lacks_or_the_grammar_reads_has_no_sense(attribute, value):
    assert sense_of(attribute, value, PARSER.vocabulary) is None


def test_an_intent_counts_only_where_it_is_in_doubt():
    doubts = Doubts(("wish", "smalltalk"))
    got = [
        checked(Claims(intent=intent), "blorp", doubts, PARSER).intent for intent in ("smalltalk", "faq", "wish", None)
    ]
    assert got == ["smalltalk", None, None, None]


def test_claims_beyond_the_most_and_claims_at_one_place_do_no_harm():
    message = "a blorp parka in herringbome"
    claim = ("herringbome", "weave", "herringbone", False)
    assert conditions(message, *[claim] * 40) == [("weave", ("herringbone",), "herringbome")] * 12


def said(**filters):
    return ParsedMessage("", "search", "neutral", "en", Filters(**filters))


RED = {"color": ("red",)}


@pytest.mark.parametrize(
    ("before", "after", "kept", "only"),
    [
        (said(), said(), True, True),
        (said(), said(include=RED), True, False),
        (said(include=RED), said(), False, True),
        (said(include=RED), said(exclude=RED), False, False),
        (said(exclude=RED), said(exclude=RED), True, True),
        (said(), said(include={"weave": ("herringbone",)}), True, True),
        (said(), said(price_max_minor=100), True, False),
        (said(price_max_minor=200, currency="USD"), said(price_max_minor=100, currency="USD"), False, False),
        (said(), said(sort="cheapest"), True, False),
        (said(), said(quantity=2), True, False),
        (said(), said(category="jeans"), True, False),
        (said(category="parkas"), said(category="jeans"), False, False),
        (said(), said(include={"size": ("m",)}), True, False),
        (said(in_stock_only=False), said(), False, True),
    ],
)
def test_a_second_reading_keeps_what_was_read_and_adds_only_what_was_hinted(before, after, kept, only):
    spans = hints("a blorp parka in herringbome", ("herringbome", "weave", "herringbone", False)).spans
    assert len(spans) == 1
    assert (keeps(before, after), adds_only(before, after, spans)) == (kept, only)
