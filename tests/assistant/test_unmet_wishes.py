"""Which words of a message a reply tells as what no product shown mentions, and which it never does."""

import json
import re
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assistant.writing.wished import wished_properties, wished_properties_zh

CASES = [
    json.loads(line)
    for line in (Path(__file__).parent / "cases/unmet_wishes.jsonl").read_text("utf-8").split("\n")
    if line
]
READ_OTHERWISE = ("含姜黄的茶", "记忆棉的凉鞋")
"""The parser takes 黄 for a colour and 棉 for a material, and the wish is another."""
NOTE = re.compile(r"(?:mentions?|I see no) “(.+?)”|没有提到“(.+?)”|“(.+?)”在(?:这几款|它)的介绍里")
IDLE = ("poss", "obvs, tbh", "eh", "lol", "my flatmate Gareth swears by them", "it shows every stain", "I decided so")
IDLE_ZH = ("急需", "拜托拜托", "我室友小王说的", "好家伙", "不要带拉链的", "给老公带去工地的", "貌似旧的坏了")


def noted(text: str) -> str:
    return " ".join(word for found in NOTE.findall(text) for word in found if word)


def case(one):
    marks = [pytest.mark.xfail(strict=True)] if one["message"] in READ_OTHERWISE else []
    return pytest.param(one, id=one["message"], marks=marks)


@pytest.mark.parametrize("one", [case(one) for one in CASES])
def test_what_no_product_mentions_is_told_and_idle_words_never_are(demo, one):
    said = noted(demo.ask(one["message"], demo.new_session(one["language"])).text)
    assert one["unmet"] in said
    rest = said
    for word in (one["unmet"], *one["may_say"].split()):
        rest = rest.replace(word, "") if word else rest
    assert not rest.strip()


@given(st.lists(st.sampled_from(IDLE), max_size=3), st.lists(st.sampled_from(IDLE), max_size=3))
def test_talk_around_a_wish_names_no_property(before, after):
    said = ", ".join([*before, "a tent with a skylight", *after])
    assert wished_properties(said, "tents") == ("skylight",)
    assert wished_properties(", ".join([*before, "a tent", *after]), "tents") == ()


@given(st.lists(st.sampled_from(IDLE_ZH), max_size=3), st.lists(st.sampled_from(IDLE_ZH), max_size=3))
def test_chinese_talk_around_a_wish_names_no_property(before, after):
    assert wished_properties_zh("，".join([*before, "带天窗的帐篷", *after]), "tents") == ("天窗",)
    assert wished_properties_zh("，".join([*before, "来顶帐篷", *after]), "tents") == ()


@given(st.text(max_size=60))
def test_any_message_is_read(message):
    for phrase in (*wished_properties(message, "tents"), *wished_properties_zh(message, "tents")):
        assert all(word in message for word in phrase.split())


@pytest.mark.parametrize(
    ("message", "category", "named"),
    [
        ("hotel in Paris, with a sauna", "hotels", ("Paris", "sauna")),
        ("a jacket without a hood, no logos", "jackets", ()),
        ("hotel, my mum is staying with us", "hotels", ()),
        ("laptop w/ 16GB RAM", "laptops", ("RAM",)),
        ("scrap breakfast, we'll eat out", "hotels", ()),
        ("desk lamp, brass or gold looking, dimmable", "desk lamps", ("brass", "gold", "dimmable")),
        ("one made of bamboo", "desk lamps", ("bamboo",)),
    ],
)
def test_a_property_stands_where_a_wish_for_one_does(message, category, named):
    assert wished_properties(message, category) == named


def test_what_was_told_once_is_not_told_with_every_later_message(demo):
    first = demo.ask("hiking boots with a compass, brown leather", demo.new_session("en"))
    assert noted(first.text) == "compass"
    assert noted(demo.ask("under 230 dollars poss", first.session).text) == ""
