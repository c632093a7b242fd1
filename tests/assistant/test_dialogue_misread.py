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
