"""Which body a message speaks of, in both languages; and the sofas, lamps and weights that are none."""

import doctest
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

import assistant.parsing.body
from assistant.parsing.body import read_body
from retrieval.lexicon.matching import fold

BODIES = [
    ("I'm 172 cm and 65 kg, which size?", {"height": "172 cm", "weight": "65 kg"}, True),
    ("my feet are 26 cm", {"foot": "26 cm"}, True),
    ("foot length 260 mm", {"foot": "26 cm"}, None),
    ("my foot is 10.2 inches long", {"foot": "25.9 cm"}, True),
    ("I've got 27 cm feet", {"foot": "27 cm"}, None),
    ("I'm 5'8\" and 150 lb", {"height": "172.7 cm", "weight": "68 kg"}, True),
    ("I’m 5’8”, 150 pounds", {"height": "172.7 cm", "weight": "68 kg"}, True),
    ("5 foot 8, 150 pounds", {"height": "172.7 cm", "weight": "68 kg"}, None),
    ("height 5'8 weight 150", {"height": "172.7 cm", "weight": "68 kg"}, None),
    ("i am 6 ft tall", {"height": "182.9 cm"}, True),
    ("I weigh 65 kilos and I'm 1.72 m tall", {"height": "172 cm", "weight": "65 kg"}, True),
    ("chest 96 cm waist 80", {"chest": "96 cm", "waist": "80 cm"}, None),
    ("waist 32 inches", {"waist": "81.3 cm"}, None),
    ("what size jacket for 172cm 65kg?", {"height": "172 cm", "weight": "65 kg"}, None),
    ("I'm 5ft 11in, 12 stone", {"height": "180.3 cm", "weight": "76.2 kg"}, True),
    ("我172 130斤", {"height": "172 cm", "weight": "65 kg"}, True),
    ("175/70 which size", {"height": "175 cm", "weight": "70 kg"}, None),
    ("脚长26厘米", {"foot": "26 cm"}, None),
    ("脚长二十六厘米", {"foot": "26 cm"}, None),
    ("脚长260", {"foot": "26 cm"}, None),
    ("我的脚26厘米，穿几码", {"foot": "26 cm"}, True),
    ("身高172体重130斤穿多大", {"height": "172 cm", "weight": "65 kg"}, None),
    ("身高172 体重130，穿什么码", {"height": "172 cm", "weight": "65 kg"}, None),
    ("身高172 体重65，穿什么码", {"height": "172 cm", "weight": "65 kg"}, None),
    ("我身高1米72，体重65公斤", {"height": "172 cm", "weight": "65 kg"}, True),
    ("我一米七五，140斤", {"height": "175 cm", "weight": "70 kg"}, True),
    ("身高一米七体重一百四十斤", {"height": "170 cm", "weight": "70 kg"}, None),
    ("我170，60kg", {"height": "170 cm", "weight": "60 kg"}, True),
    ("身高１７２ｃｍ", {"height": "172 cm"}, None),
    ("腳長26公分", {"foot": "26 cm"}, None),
    ("胸围96cm，腰围二尺四", {"chest": "96 cm", "waist": "80 cm"}, None),
    ("my son is 120 cm tall, which size?", {"height": "120 cm"}, False),
    ("for my son, he is 120 cm", {"height": "120 cm"}, False),
    ("我儿子身高120，穿多大", {"height": "120 cm"}, False),
    ("我老公180，80公斤，穿什么码", {"height": "180 cm", "weight": "80 kg"}, False),
]


@pytest.mark.parametrize(("message", "measures", "own"), BODIES)
def test_a_body(message: str, measures: dict[str, str], own: bool | None) -> None:
    read = read_body(fold(message)).measures
    assert {measure.kind: measure.text for measure in read} == measures
    assert {measure.own for measure in read} == {own}


@pytest.mark.parametrize(
    "message",
    [
        "I want a 15 cm pan", "a sofa 180 cm wide", "a 65 kg kettlebell under $50", "a 6 foot cable", "6 feet long rug",
        "I have a 1.8 m bed", "I'm looking for a lamp 150 cm tall", "I am after a 65 inch tv", "size 42 boots",
        "I'm 28", "I need 5 pounds of coffee", "I weigh my coffee, need a 2 kg scale",
        "I'm buying a 40 cm lamp for my son",
        "under 50 pounds", "I'm 900 cm tall", "我想要一个1.8米的床", "我想买50斤大米", "我要两斤茶叶", "我穿42码",
        "三百块以内的跑步鞋", "高180厘米的书架", "1米8的床",
    ],
)  # fmt: skip
def test_no_body(message: str) -> None:
    assert read_body(fold(message)).measures == ()


def test_two_people_are_kept_apart() -> None:
    read = read_body("my wife is 160 cm and i'm 180 cm").measures
    assert [(measure.text, measure.own) for measure in read] == [("160 cm", False), ("180 cm", True)]
    assert read_body("which size for my wife? she is 160 cm").audience == "women"


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("which size should I take?", True),
        ("what size do I need", True),
        ("what jacket size?", True),
        ("what about size M?", False),
        ("which one is size 42", False),
        ("我穿多大码", True),
        ("尺码怎么选", True),
        ("what sizes does it come in?", False),
        ("what size is it?", False),
        ("which size is in stock?", False),
        ("有几码", False),
        ("show me size 42", False),
    ],
)
def test_asking_for_a_size(message: str, asks: bool) -> None:
    assert read_body(fold(message)).asks == asks


@given(st.decimals(min_value=145, max_value=200, places=0), st.decimals(min_value=45, max_value=110, places=0))
def test_every_way_to_say_one_body_reads_alike(height: Decimal, weight: Decimal) -> None:
    ways = (
        f"i'm {height} cm and {weight} kg",
        f"我身高{height}厘米，体重{weight}公斤",
        f"身高{height}体重{2 * weight}斤",
        f"我{height // 100}米{height % 100:02}，{2 * weight}斤",
        f"i am {height / 100} m tall, i weigh {weight} kilos",
    )
    for way in ways:
        assert {one.kind: one.amount for one in read_body(fold(way)).measures} == {"height": height, "weight": weight}


@given(st.text(max_size=60))
def test_no_text_is_refused(text: str) -> None:
    for measure in read_body(fold(text)).measures:
        assert measure.amount > 0


def test_the_examples_in_the_docstrings_hold() -> None:
    assert doctest.testmod(assistant.parsing.body).failed == 0
