"""What an attacker on the understanding found: each rule by several messages, in both languages."""

import pytest
from understanding import new_session, parser, say

from assistant.dialogue import Constraint, constraints, remove_constraint
from assistant.parsing.money import find_price
from retrieval.lexicon.matching import fold
from retrieval.types import Filters

SHOWN = ("hiking-boots-01", "hiking-boots-02")


@pytest.mark.parametrize(
    ("message", "wish"),
    [
        ("K72334US", "K72334US"),
        ("HP 123A", "HP 123A"),
        ("P2421D monitor", "P2421D monitor"),
        ("16GB DDR4 RAM", "16GB DDR4 RAM"),
        ("128GB microSD card", "128GB microSD card"),
        ("128 GB memory card", "128 GB memory card"),
        ("12V battery", "12V battery"),
        ("WH-1000XM5 headphones", "WH-1000XM5 headphones"),
        ("LC-51C ink", "LC-51C ink"),
        ("我要买K72334US", "K72334US"),
    ],
)
def test_letters_and_digits_written_together_are_one_word_and_count_nothing(message: str, wish: str) -> None:
    parsed = parser().parse(message, new_session())
    assert (parsed.intent, parsed.query_text) == ("search", wish)
    assert parsed.semantic_text == wish
    assert (parsed.filters.quantity, parsed.filters.price_max_minor, parsed.filters.include.get("size")) == (None,) * 3


@pytest.mark.parametrize(
    ("message", "quantity", "size"),
    [
        ("5pcs of tea", 5, None),
        ("2 tents", 2, None),
        ("40l backpack", None, ("40 l",)),
        ("a 15-inch laptop backpack", None, ("15 inch",)),
        ("SPF50 sunscreen", None, None),
    ],
)
def test_measures_and_counts_stay_what_they_are(message: str, quantity: int | None, size: tuple[str] | None) -> None:
    filters = parser().parse(message, new_session()).filters
    assert (filters.quantity, filters.include.get("size")) == (quantity, size)


@pytest.mark.parametrize(
    ("text", "amount", "currency"),
    [
        ("under chf 500", 500, "CHF"),
        ("under 3000 SEK", 3000, "SEK"),
        ("3000泰铢以内", 3000, "THB"),
        ("under A$300", 300, "AUD"),
        ("under CAD $300", 300, "CAD"),
        ("500 CAD", 500, "CAD"),
        ("R$ 500", 500, "BRL"),
        ("under 300 NT$", 300, "TWD"),
        ("HK$800以内", 800, "HKD"),
        ("S$50", 50, "SGD"),
        ("US$200", 200, "USD"),
        ("under 50 pounds", 50, "GBP"),
        ("under 5000 yen", 5000, "JPY"),
        ("2 million won", 2_000_000, "KRW"),
        ("30万韩元以内", 300_000, "KRW"),
        ("under 500 kroner", 500, "NOK"),
        ("under 2000 rupees", 2000, "INR"),
        ("500加元以内", 500, "CAD"),
        ("200澳元以内", 200, "AUD"),
        ("5000卢布以内", 5000, "RUB"),
        ("80英镑以内", 80, "GBP"),
        ("9000日元以内", 9000, "JPY"),
    ],
)
def test_currencies(text: str, amount: int, currency: str) -> None:
    said = find_price(fold(text))
    assert (said.maximum, said.currency) == (amount, currency)


@pytest.mark.parametrize("message", ["sofa under CHF 500", "耳机 3000泰铢以内", "tent under 500 TRY", "500 CAD"])
def test_a_currency_without_a_rate_is_asked_for(message: str) -> None:
    assert say(message).action == "ask_rate"


def test_a_currency_said_replaces_the_one_before() -> None:
    step = say("tents under 300 dollars", "under 500 kroner")
    assert (step.action, step.session.filters.currency) == ("ask_rate", "NOK")


def test_words_that_are_also_codes_of_currencies_stay_words() -> None:
    filters = say("I want to try all tents under 500").session.filters
    assert (filters.price_max_minor, filters.currency) == (50000, None)


@pytest.mark.parametrize(
    ("message", "move"),
    [
        ("more than $100", None),
        ("no more than $30", None),
        ("cheaper than $100", None),
        ("I need them for next Friday", None),
        ("最便宜的", None),
        ("more comfortable ones", None),
        ("show me more", "more"),
        ("more red ones", "more"),
        ("next", "more"),
        ("anything cheaper?", "cheaper"),
        ("便宜的有吗", "cheaper"),
    ],
)
def test_a_fragment_of_something_else_is_no_move(message: str, move: str | None) -> None:
    assert say("hiking boots", message, shown=SHOWN).parsed.move == move


@pytest.mark.parametrize(
    ("message", "sort"),
    [
        ("the cheapest you have", "price_asc"),
        ("cheapest one", "price_asc"),
        ("show me the cheapest one", "price_asc"),
        ("the most expensive one", "price_desc"),
        ("最便宜的那双", "price_asc"),
        ("最贵的", "price_desc"),
    ],
)
def test_a_superlative_alone_sorts(message: str, sort: str) -> None:
    step = say("hiking boots", message, shown=SHOWN)
    assert (step.parsed.intent, step.session.filters.sort) == ("refine", sort)


@pytest.mark.parametrize(
    ("message", "action"),
    [("is the cheapest one waterproof?", "ask_product"), ("I love the cheapest one", "feedback")],
)
def test_a_superlative_that_is_spoken_of_points_at_one_of_those_shown(message: str, action: str) -> None:
    step = say("hiking boots", message, shown=SHOWN)
    assert (step.action, len(step.product_ids), step.session.filters.sort) == (action, 1, None)


@pytest.mark.parametrize(
    ("wish", "over"),
    [("red hiking boots under 100", "start over"), ("红色登山靴,预算500", "重新开始"), ("red tents", "reset")],
)
def test_starting_over_empties_the_wish_and_can_be_undone(wish: str, over: str) -> None:
    step = say(wish, "anything cheaper?", over, shown=SHOWN)
    session = step.session
    assert (step.action, step.query, session.filters, session.wish) == ("smalltalk", None, Filters(), "")
    assert (session.semantic_wish, session.cheaper_than_minor, session.unknown_wishes) == ("", None, ())
    assert say(wish, over, "undo").session.filters == say(wish).session.filters


@pytest.mark.parametrize("message", ["start over, show me tents", "重新开始，我要帐篷"])
def test_starting_over_with_a_wish_searches_for_it(message: str) -> None:
    step = say("red hiking boots under 100", message)
    assert (step.action, step.session.filters) == ("recommend", Filters(category="tents"))
    assert step.query.semantic_text == "tents"


@pytest.mark.parametrize(
    "message",
    [
        "is the fifth waterproof?",
        "is the seventh one waterproof?",
        "第七个防水吗",
        "compare the first and the fifth",
        "what goes with the fifth one?",
        "I love the fifth one",
        "show me the fifth one",
        "why the third?",
    ],
)
@pytest.mark.parametrize("shown", [SHOWN[:1], SHOWN])
def test_a_place_that_the_list_does_not_have_is_never_another_product(message: str, shown: tuple[str, ...]) -> None:
    step = say("hiking boots", message, shown=shown)
    assert (step.action, step.product_ids) == ("nothing_to_refer_to", ())


@pytest.mark.parametrize(
    ("messages", "category", "exclude", "wish"),
    [
        (["shoes but no hiking boots"], "shoes", {"category": ("hiking boots",)}, "shoes"),
        (["鞋子，不要登山靴"], "shoes", {"category": ("hiking boots",)}, "鞋子"),
        (["a gift, nothing electronic"], None, {"department": ("electronics",)}, "gift"),
        (["a gift, not food"], None, {"department": ("food",)}, "gift"),
        (["礼物，不要食品"], None, {"department": ("food",)}, "礼物"),
        (["tea, not oolong"], "teas", {}, "tea"),
        (["茶，不要乌龙"], "teas", {}, "茶"),
        (["oolong tea", "not oolong"], "teas", {}, "tea"),
        (["a jacket without zippers"], "jackets", {}, "jacket"),
        (["jacket with zippers", "without zippers"], "jackets", {}, "jacket"),
        (["not a heavy jacket"], "jackets", {}, "jacket"),
        (["不要带拉链的外套"], "jackets", {}, "外套"),
        (["a dress without sleeves in red"], "dresses", {}, "dress red"),
        (["shoes but no hiking boots", "show me hiking boots"], "hiking boots", {}, "shoes hiking boots"),
        (["hiking boots", "no hiking boots"], None, {"category": ("hiking boots",)}, ""),
    ],
)
def test_what_is_refused_is_excluded_or_leaves_the_words(
    messages: list[str], category: str | None, exclude: dict[str, tuple[str, ...]], wish: str
) -> None:
    session = say(*messages).session
    assert (session.filters.category, session.filters.exclude, session.wish) == (category, exclude, wish)


def test_a_refused_category_is_a_constraint_that_can_be_taken_away() -> None:
    session = say("shoes but no hiking boots").session
    assert constraints(session)[-1] == Constraint("not:category", "hiking boots", "not hiking boots", "不要登山靴")
    assert remove_constraint(session, "not:category", "hiking boots").filters == Filters(category="shoes")


@pytest.mark.parametrize(
    ("messages", "bounds"),
    [
        (["不超过500块的耳机", "500元以上"], (50000, None)),
        (["headphones under 500", "over 500"], (50000, None)),
        (["headphones over 300", "under 200"], (None, 20000)),
        (["headphones over 100", "under 300"], (10000, 30000)),
    ],
)
def test_a_bound_that_contradicts_the_other_replaces_it(
    messages: list[str], bounds: tuple[int | None, int | None]
) -> None:
    filters = say(*messages).session.filters
    assert (filters.price_min_minor, filters.price_max_minor) == bounds


@pytest.mark.parametrize(
    ("messages", "category", "wish"),
    [
        (["给老婆买个包"], None, "老婆 包"),
        (["a bag for my wife"], None, "bag wife"),
        (["hiking boots", "给老婆买个包"], None, "老婆 包"),
        (["backpack", "a waterproof bag"], "backpacks", "backpack waterproof bag"),
        (["a bag of coffee beans"], "coffee beans", "bag of coffee beans"),
        (["适合夏天穿的鞋"], "shoes", "夏天 鞋"),
        (["适合跑步穿的鞋"], "running shoes", "跑步穿的鞋"),
        (["凉鞋", "给孩子穿的"], "sandals", "凉鞋 孩子"),
        (["有什么穿的"], "apparel", "穿的"),
    ],
)
def test_general_words_neither_get_lost_nor_beat_exact_ones(
    messages: list[str], category: str | None, wish: str
) -> None:
    session = say(*messages).session
    assert (session.filters.category, session.wish) == (category, wish)
