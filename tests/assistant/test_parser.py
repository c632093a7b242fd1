import copy
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from understanding import after, new_session, parser, say

from assistant.parser import Parser
from assistant.parsing.data import load_grammar
from assistant.parsing.money import find_price
from assistant.parsing.numbers import find_numbers
from assistant.types import INTENTS, LANGUAGES, SENTIMENTS
from retrieval.lexicon.matching import fold, norms
from retrieval.types import Product, Variant
from retrieval.vocabulary import Vocabulary

D = Decimal


@pytest.mark.parametrize(
    ("text", "low", "high", "around", "currency"),
    [
        ("under 120 dollars", None, 120, None, "USD"),
        ("$50-80", 50, 80, None, "USD"),
        ("$50-$80", 50, 80, None, "USD"),
        ("between 50 and 80", 50, 80, None, None),
        ("50 to 80 euros", 50, 80, None, "EUR"),
        ("at least 40 bucks", 40, None, None, "USD"),
        ("more than 100", 100, None, None, None),
        ("not more than 100", None, 100, None, None),
        ("no less than 100", 100, None, None, None),
        ("<= 60", None, 60, None, None),
        ("laptop for 1.5k max", None, 1500, None, None),
        ("a couple hundred bucks", None, 200, None, "USD"),
        ("fifty dollars or less", None, 50, None, "USD"),
        ("$1,299.99 at most", None, D("1299.99"), None, "USD"),
        ("around 50", None, None, 50, None),
        ("50ish", None, None, 50, None),
        ("my budget is 80", None, 80, None, None),
        ("up to seventy", None, 70, None, None),
        ("三百块以内", None, 300, None, "CNY"),
        ("两三百", 200, 300, None, None),
        ("三到五百", 300, 500, None, None),
        ("300左右", None, None, 300, None),
        ("一万二以下", None, 12000, None, None),
        ("一百五以内", None, 150, None, None),
        ("1.5万以内", None, 15000, None, None),
        ("３００元以内", None, 300, None, "CNY"),
        ("不超过500", None, 500, None, None),
        ("不低于500", 500, None, None, None),
        ("200刀以上", 200, None, None, "USD"),
        ("预算500", None, 500, None, None),
        ("千元以内", None, 1000, None, "CNY"),
        ("两百多块", 200, 300, None, "CNY"),
        ("¥200到¥300", 200, 300, None, "CNY"),
    ],
)
def test_prices(text, low, high, around, currency) -> None:
    said = find_price(fold(text))
    assert (said.minimum, said.maximum, said.around, said.currency) == (low, high, around, currency)


@pytest.mark.parametrize(
    "text",
    [
        "SPF 50",
        "16GB of memory",
        "100% cotton",
        "order 48213",
        "size 42",
        "42码",
        "at least 4 stars",
        "within 3 days",
        "my friend paid $80 for hers",
        "朋友花了300买的",
        "3天以内",
        "WH-1000XM5",
        "iphone 15",
        "a 13 inch screen",
        "no numbers here",
        "for 0 dollars",
        "第二个",
        "两个人",
        "2024款",
    ],
)
def test_numbers_that_are_no_price(text: str) -> None:
    assert find_price(fold(text)).is_empty


@pytest.mark.parametrize(
    ("message", "ordinals", "focus"),
    [
        ("the second one", (2,), False),
        ("is the last one waterproof?", (-1,), False),
        ("compare the first two", (1, 2), False),
        ("number 3 please", (3,), False),
        ("第二个防水吗", (2,), False),
        ("最后一个多少钱", (-1,), False),
        ("前两个哪个好", (1, 2), False),
        ("is it waterproof?", (), True),
        ("这个防水吗", (), True),
        ("for the first time in years I need boots", (), False),
        ("boots for a 2 day hike", (), False),
    ],
)
def test_references(message: str, ordinals: tuple[int, ...], focus: bool) -> None:
    found = parser().parse(message, new_session()).references
    assert (found.ordinals, found.focus) == (ordinals, focus)


SHOWN = ("hiking-boots-01", "hiking-boots-02")


@pytest.mark.parametrize(
    ("message", "product_ids"),
    [
        ("is the second one light?", ("hiking-boots-02",)),
        ("what about the last one?", ("hiking-boots-02",)),
        ("compare both", SHOWN),
        ("is the fifth one light?", ()),
    ],
)
def test_references_are_resolved_against_what_was_shown(message: str, product_ids: tuple[str, ...]) -> None:
    session = say("hiking boots", shown=SHOWN).session
    assert parser().parse(message, session).references.product_ids == product_ids


def test_a_shown_product_is_found_by_what_tells_it_from_the_others() -> None:
    session = say("hiking boots", shown=SHOWN).session
    shown = [p for p in _demo_products() if p.id in SHOWN]
    dear = max(shown, key=lambda product: product.price_minor)
    assert parser().parse("tell me more about the most expensive one", session).references.product_ids == (dear.id,)
    colors = [set(product.values("color")) for product in shown]
    own = sorted(colors[1] - colors[0])[0]
    assert parser().parse(f"is the {own} one light?", session).references.product_ids == (shown[1].id,)


def _demo_products() -> list[Product]:
    from understanding import bench

    return list(bench().products)


@pytest.mark.parametrize(
    ("message", "text", "semantic"),
    [
        ("三百块以内的防水登山靴,不要棕色", "防水 登山靴", "waterproof hiking boots"),
        ("waterproof hiking boots under 120 dollars, not brown", "waterproof hiking boots", "waterproof hiking boots"),
        ("索尼降噪耳机", "索尼 降噪 耳机", "sony noise cancelling headphones"),
        ("I am looking for a mouse for travel", "mouse travel", "mouse travel"),
    ],
)
def test_the_words_of_the_wish(message: str, text: str, semantic: str) -> None:
    parsed = parser().parse(message, new_session())
    assert (parsed.query_text, parsed.semantic_text) == (text, semantic)


@pytest.mark.parametrize(
    ("message", "move"),
    [
        ("show more", "more"),
        ("还有吗", "more"),
        ("换一批", "more"),
        ("anything cheaper?", "cheaper"),
        ("便宜点的", "cheaper"),
        ("something similar to the first", "similar"),
        ("undo that", "undo"),
        ("撤销", "undo"),
        ("why this one?", "why"),
        ("为什么推荐第一个", "why"),
        ("why not the second?", "why_not"),
        ("start over", "restart"),
    ],
)
def test_moves(message: str, move: str) -> None:
    session = say("hiking boots", shown=SHOWN).session
    assert parser().parse(message, session).move == move


def _other_shop() -> Parser:
    """A catalog nobody foresaw: no category, few attributes, in its own spelling."""
    mouse = {"connectivity": ("rf wireless", "bluetooth"), "color": ("anthracite",), "form_factor": ("vertical",)}
    toner = {"type": ("original",), "color": ("cyan",), "yes_no": ("yes",), "size_name": ("small",)}
    products = [
        Product("1", "Logitech M185", "USD", (Variant("1", 1000),), brand="Logitech", attributes=mouse),
        Product("2", "HP 305A", "USD", (Variant("2", 9000),), brand="HP", attributes=toner),
    ]
    return Parser(Vocabulary.from_products(products), lambda ids: {})


@pytest.mark.parametrize(
    ("message", "include", "unknown"),
    [
        ("wireless mouse for travel", {"connectivity": ("bluetooth",)}, ()),
        ("anthracite mouse", {"color": ("anthracite",)}, ()),
        ("a grey mouse", {"color": ("anthracite",)}, ()),
        ("灰色的鼠标", {"color": ("anthracite",)}, ()),
        ("HP toner cartridge, original, cyan", {"brand": ("hp",), "type": ("original",), "color": ("cyan",)}, ()),
        ("惠普原装硒鼓", {"brand": ("hp",), "type": ("original",)}, ()),
        ("a vertical mouse", {"form_factor": ("vertical",)}, ()),
        ("yes, a small one", {}, ()),
        ("a winter mouse made of wood", {}, ("winter", "wood")),
        ("red mouse", {"color": ("red",)}, ()),
    ],
)
def test_a_catalog_nobody_foresaw(message: str, include: dict, unknown: tuple[str, ...]) -> None:
    parsed = _other_shop().parse(message, new_session())
    assert (dict(parsed.filters.include), parsed.unknown_wishes) == (include, unknown)
    assert parsed.filters.category is None


def test_a_category_that_the_catalog_does_not_carry_stays_in_the_words() -> None:
    parsed = _other_shop().parse("我想买鼠标", new_session())
    assert (parsed.filters.category, parsed.query_text, parsed.semantic_text) == (None, "鼠标", "mice")


def test_what_is_said_in_another_language_than_the_session_turns_the_language() -> None:
    session = say("hiking boots").session
    assert after(session, "要防水的").session.language == "zh"
    assert after(session, "要防水的", "42").session.language == "zh"


messages = st.one_of(
    st.text(max_size=300),
    st.lists(
        st.sampled_from(
            "not no 不要 red 红色 除了 hiking boots 耳机 under over 以内 $ 块 50 三百 万 , 。 ? the "
            "second 第二个 for my son 给 "
            "老婆 any color "
            "颜色 无所谓 again show more 还有吗 size 42 码 - 到 to XL 1.5k １２ same budget".split()
        ),
        max_size=14,
    ).map(" ".join),
)


@settings(max_examples=300, deadline=None)
@given(messages, messages)
def test_nothing_that_is_said_breaks_it_and_it_changes_no_session(first: str, second: str) -> None:
    session = say(first, shown=SHOWN).session
    before = copy.deepcopy(session)
    parsed = parser().parse(second, session)
    assert session == before
    assert parsed == parser().parse(second, session)
    assert parsed.intent in INTENTS
    assert parsed.sentiment in SENTIMENTS
    assert parsed.language in LANGUAGES
    assert not set(parsed.filters.include.get("color", ())) & set(parsed.filters.exclude.get("color", ()))
    after(session, second)


@settings(max_examples=300, deadline=None)
@given(messages)
def test_no_price_without_a_number_in_the_message(message: str) -> None:
    filters = parser().parse(message, new_session()).filters
    if filters.price_min_minor is not None or filters.price_max_minor is not None:
        assert any(True for _ in find_numbers(fold(message)))


@pytest.mark.parametrize(
    "message", ["a" * 50_000, "红" * 50_000, "9" * 50_000, "not " * 5_000, "(" * 5_000, "$" * 9_000]
)
def test_a_hostile_length_takes_no_time(message: str) -> None:
    assert parser().parse(message, new_session()).text == message


def test_a_number_beyond_all_money_is_no_price() -> None:
    assert parser().parse(f"boots under {'9' * 40}", new_session()).filters.price_max_minor is None


@pytest.mark.parametrize(("name", "surfaces"), load_grammar()["polarity"].items())
def test_no_surface_of_polarity_stands_twice_in_a_list(name: str, surfaces: list[str]) -> None:
    counted = Counter(norms(surface) for surface in surfaces)
    assert {surface for surface in surfaces if counted[norms(surface)] > 1} == set(), name


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("skip", "unneeded"), ("exclude", "exclude_next"), ("exclude_those", "exclude_back"),
        ("lift_back", "unneeded_back"), ("lift_back", "accept"),
    ],
)  # fmt: skip
def test_no_surface_of_polarity_stands_in_a_list_that_another_overrules(first: str, second: str) -> None:
    found = {name: {norms(surface) for surface in surfaces} for name, surfaces in load_grammar()["polarity"].items()}
    assert found[first] & found[second] == set()
