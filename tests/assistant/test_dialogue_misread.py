"""Messages that simulated shoppers sent and that were once misread."""

import pytest
from understanding import say

from assistant.writing.mentions import names, terms
from retrieval.types import Filters


@pytest.mark.parametrize(
    "message", ["too expensive. $80 max", "that's over my budget, at most $80", "太贵了，最多80美元"]
)
def test_too_dear_beside_a_limit_is_a_wish(message):
    step = say("running shoes", message, shown=["running-shoes-01"])
    assert step.parsed.intent == "refine"
    assert step.session.filters.price_max_minor == 8000


@pytest.mark.parametrize("message", ["that's too expensive", "太贵了"])
def test_too_dear_alone_is_a_judgement(message):
    step = say("running shoes", message, shown=["running-shoes-01"])
    assert step.parsed.intent == "feedback"
    assert step.session.filters.price_max_minor is None


def test_a_color_can_be_given_up_again():
    step = say("running shoes in grey", "any color is fine after all")
    assert step.parsed.intent == "refine"
    assert "color" not in step.session.filters.include


def test_american_money_is_not_golden():
    step = say("给孩子的东西", "不超过30美金的")
    assert (step.session.filters.price_max_minor, step.session.filters.currency) == (3000, "USD")
    assert "color" not in step.session.filters.include


def test_more_of_them_can_be_asked_for_politely():
    assert say("shoes", "can I see some more").parsed.move == "more"


@pytest.mark.parametrize("message", ["beauty stuff", "travel things", "home goods"])
def test_a_department_and_its_goods_are_a_department(message):
    assert say(message).session.filters.category == message.split()[0]


@pytest.mark.parametrize("wish", ["gift men", "present wife", "男朋友", "老婆 礼物"])
def test_whom_it_is_for_and_that_it_is_a_gift_name_no_thing(wish):
    assert names(terms(wish, Filters(include={"audience": ("men", "unisex")}))) == ()


@pytest.mark.parametrize(
    ("messages", "category"),
    [
        (("shoes", "sandals", "any type is fine after all"), "shoes"),
        (("厨房用品", "看看咖啡机", "品类不限了"), "kitchen"),
        (("a gift for women", "dresses", "any type is fine after all"), None),
        (("shoes", "a kettle", "any type is fine after all"), None),
    ],
)
def test_a_category_given_up_goes_back_to_the_department_that_it_narrowed(messages, category):
    assert say(*messages).session.filters.category == category


@pytest.mark.parametrize(
    ("message", "wished"),
    [
        ("what something that's induction ready do you have", ("feature", "induction ready")),
        ("what something for women do you have", ("audience", "women")),
        ("what boots in brown do you have", ("color", "brown")),
        ("有什么好的防水的东西推荐", ("feature", "waterproof")),
    ],
)
def test_what_do_you_have_around_a_wish_is_that_wish(message, wished):
    for before in ((), ("I really like red",), ("我特别喜欢红色",)):
        step = say(*before, message)
        assert step.parsed.intent == "search"
        assert wished[1] in step.session.filters.include[wished[0]]


@pytest.mark.parametrize(
    ("message", "category"),
    [("我要沙发", "sofas"), ("我要耳机", "headphones"), ("请给我看看沙发吧", "sofas"), ("I want shoes", "shoes")],
)
def test_words_that_ask_for_a_kind_of_thing_and_no_other_are_a_wish(message, category):
    step = say(message)
    assert (step.parsed.intent, step.session.filters.category) == ("search", category)


@pytest.mark.parametrize("message", ["我要退鞋", "我的鞋呢", "shoes arrived broken"])
def test_an_unknown_word_beside_a_kind_of_thing_may_ask_for_something_else(message):
    assert say(message).parsed.intent == "order"


@pytest.mark.parametrize(
    ("message", "size"),
    [
        ("do you have it in 45? I mean size 45", "45"),
        ("有45码的吗？我是说要45码", "45"),
    ],
)
def test_what_is_meant_is_a_condition_though_a_question_came_before(message, size):
    step = say("shoes for men", message, shown=["running-shoes-01", "running-shoes-02"])
    assert step.parsed.intent == "refine"
    assert step.session.filters.include["size"] == (size,)


def test_meant_is_no_word_of_the_wish():
    assert "meant" not in say("shoes", "I meant for men").session.wish
