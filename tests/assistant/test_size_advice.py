"""Which size to take, through the real assistant on the demo shop, in both languages."""

from pathlib import Path

import pytest

from assistant import ShoppingAssistant
from assistant.types import Reply, Session
from ranking.types import Preference

HALVORN = """
[[chart]]
name = { en = "Halvorn's own jacket chart", zh = "Halvorn夹克尺码表" }
categories = ["jackets"]
brand = "halvorn"
sizes = [
    { size = "m", height = [150, 160] },
    { size = "l", height = [160, 190] },
]
"""


def talk(shop: ShoppingAssistant, *messages: str, session: Session | None = None) -> Reply:
    session = session or shop.new_session()
    for message in messages:
        reply = shop.respond(message, session)
        session = reply.session
    return reply


def stated(session: Session) -> dict[str, Preference]:
    return {item.key: item for item in session.profile.stated}


@pytest.mark.parametrize(
    ("message", "said"),
    [
        ("I'm 172 cm and 65 kg, which size for the first?", ["general chart for", "172 cm tall and 65 kg", "size"]),
        ("身高172体重130斤，第一件穿多大", ["通用尺码表", "身高172厘米、体重65公斤", "码"]),
    ],
)
def test_a_body_and_a_product_make_a_size(demo: ShoppingAssistant, message: str, said: list[str]) -> None:
    shown = talk(demo, "men's jackets")
    reply = talk(demo, message, session=shown.session)
    assert (reply.parsed.intent, reply.session.filters) == ("ask_product", shown.session.filters)
    assert all(part in reply.text for part in said)
    first = shown.products[0].ranked.product
    assert first.title_in(reply.language) in reply.text
    in_stock = {s for v in first.variants if v.in_stock for s in v.attributes["size"]}
    assert ("in stock in M" in reply.text or "M码有货" in reply.text) == ("m" in in_stock)
    size = stated(reply.session)["size=m"]
    assert (size.source, size.inferred, size.confidence) == (f"size chart: {message}", True, 0.8)
    assert size.expires is not None
    assert {"body height=172 cm", "body weight=65 kg"} <= stated(reply.session).keys()


def test_a_sold_out_size_is_said_and_not_advised(demo: ShoppingAssistant) -> None:
    """hiking-boots-01 has no 40 left."""
    shown = talk(demo, "waterproof hiking boots under 120 dollars, not brown")
    assert shown.products[0].ranked.product.id == "hiking-boots-01"
    english = talk(demo, "my feet are 24.9 cm, which size for the first one?", session=shown.session)
    assert "size 40 for feet of 24.9 cm" in english.text
    assert "is sold out in 40" in english.text
    assert "in stock in" not in english.text
    chinese = talk(demo, "脚长24.9厘米，第一双穿几码", session=shown.session)
    assert "40码目前缺货" in chinese.text


def test_foot_lengths_without_a_product(demo: ShoppingAssistant) -> None:
    english, chinese = talk(demo, "my feet are 26 cm"), talk(demo, "脚长26厘米")
    assert "general shoe chart" in english.text
    assert "UK 8, US 9 and CN 260" in english.text
    assert "鞋类通用尺码表" in chinese.text
    assert "42码" in chinese.text
    for reply in (english, chinese):
        assert reply.session.filters.is_empty
        assert "size=42" in stated(reply.session)


def test_feet_among_jackets_speak_of_shoes(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "jackets", "my feet are 26 cm")
    assert "shoe chart" in reply.text
    assert "jackets in 42" not in reply.text


def test_outside_of_the_chart_no_size_is_named(demo: ShoppingAssistant) -> None:
    english = talk(demo, "jackets", "I'm 210 cm and 100 kg, which size?")
    assert "152 cm to 193 cm" in english.text
    assert "rather not name a size" in english.text
    chinese = talk(demo, "夹克", "身高210体重200斤，穿多大")
    assert "不在范围内" in chinese.text
    for reply in (english, chinese):
        assert not [key for key in stated(reply.session) if key.startswith("size=")]


def test_without_measures_they_are_asked_for_and_then_known(demo: ShoppingAssistant) -> None:
    asked = talk(demo, "hiking boots", "which size should I take?")
    assert "your foot length in centimetres" in asked.text
    told = talk(demo, "26 cm feet, my feet", "脚长26厘米", session=asked.session)
    again = talk(demo, "running shoes", "which size for the first?", session=told.session)
    assert "what I know of you: feet of 26 cm" in again.text
    assert "noted your measures" not in again.text


def test_between_two_sizes_is_said(demo: ShoppingAssistant) -> None:
    english = talk(demo, "men's jackets", "I'm 172 cm and 75 kg, which size?")
    assert "between M and L: M sits closer, L looser" in english.text
    chinese = talk(demo, "男款夹克", "身高172，体重75公斤，穿什么码")
    assert "M码和L码之间" in chinese.text
    assert stated(english.session)["size=l"].confidence == 0.5


def test_somebody_elses_body_never_goes_to_the_own_profile(demo: ShoppingAssistant) -> None:
    for messages in (
        ["my son is 120 cm tall, which size?"],
        ["我儿子身高120，穿多大"],
        ["a shirt for my son", "he is 120 cm, what size?"],
        ["给儿子买件衬衫", "他身高120，穿多大"],
    ):
        reply = talk(demo, *messages)
        assert reply.session.profile.stated == ()
        assert "children's clothes" in reply.text or "童装" in reply.text
    gift = talk(demo, "a shirt for my son", "he is 120 cm, what size?", "I'm 180 cm and 75 kg myself")
    assert {item.key for item in gift.session.recipient_profile.stated} >= {"body height=120 cm", "size=m"}
    assert {"body height=180 cm", "body weight=75 kg"} <= stated(gift.session).keys()


def test_a_wish_with_a_body_is_a_wish_and_tells_the_size(demo: ShoppingAssistant) -> None:
    english = talk(demo, "I'm 172 cm and 65 kg, looking for a men's jacket")
    assert english.parsed.intent == "search"
    assert english.session.filters.include == {"audience": ("men",)}
    assert english.text.endswith("The general chart for men's tops gives size M for 172 cm tall and 65 kg.")
    chinese = talk(demo, "我身高1米72，体重65公斤，想买件男款夹克")
    assert chinese.parsed.intent == "search"
    assert "男装上衣通用尺码表" in chinese.text
    for reply in (english, chinese):
        assert reply.products
        assert "size=m" in stated(reply.session)


def test_a_new_weight_takes_the_old_ones_and_its_sizes_place(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "men's jackets", "I'm 172 cm and 65 kg, which size?", "now I weigh 75 kg, which size?")
    kept = stated(reply.session)
    assert "body weight=75 kg" in kept
    assert not {"body weight=65 kg", "size=m"} & kept.keys()
    assert "size=l" in kept


def test_a_size_said_in_so_many_words_stays(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "my size is M", "men's jackets", "I'm 172 cm and 65 kg, which size?")
    size = stated(reply.session)["size=m"]
    assert (size.source, size.inferred) == ("my size is M", False)


def test_the_profile_shows_exports_and_forgets_it(own_demo: Path) -> None:
    with ShoppingAssistant.open(own_demo) as shop:
        session = shop.new_session(shopper_id="ann")
        session = talk(shop, "I'm 172 cm and 65 kg, which size?", session=session).session
        known = {item.key: item for item in shop.profile(session)}
        assert known["body height=172 cm"].text == "172 cm tall"
        assert known["size=m"].origin == "read off a size chart: “I'm 172 cm and 65 kg, which size?”"
        exported = {item["attribute"]: item["value"] for item in shop.export_profile(session)["preferences"]}
        assert exported == {"body height": "172 cm", "body weight": "65 kg", "size": "m"}
        again = shop.new_session("zh", shopper_id="ann")
        assert [item.text for item in shop.profile(again)][:2] == ["身高172厘米", "体重65公斤"]
        again = shop.forget_preference(again, "body weight=65 kg")
        assert "体重65公斤" not in [item.text for item in shop.profile(again)]
        off = shop.personalise(again, on=False)
        reply = shop.respond("我体重70公斤，身高172，穿什么码", off)
        assert "M码" in reply.text
        assert reply.session.profile.stated == off.profile.stated


def test_the_merchants_chart_goes_before_the_general_one(own_demo: Path) -> None:
    (own_demo / "size_charts.toml").write_text(HALVORN, "utf-8")
    with ShoppingAssistant.open(own_demo) as shop:
        shown = talk(shop, "halvorn jackets for men")
        reply = talk(shop, "I'm 172 cm, which size for the first?", session=shown.session)
        assert "Halvorn's own jacket chart" in reply.text
        assert "size L for 172 cm tall" in reply.text
        assert "Halvorn夹克尺码表" in talk(shop, "身高172，第一件穿多大", session=shown.session).text


def test_a_thing_beside_a_body_is_a_wish_for_it(demo: ShoppingAssistant) -> None:
    gift = talk(demo, "给我老婆买连衣裙，她身高165，体重55公斤")
    assert (gift.parsed.intent, gift.session.filters.category) == ("search", "dresses")
    assert "女装上衣通用尺码表" in gift.text
    assert gift.session.profile.stated == ()
    asked = talk(demo, "她穿多大码合适", session=gift.session)
    assert "对方的身高165厘米、体重55公斤" in asked.text
    assert "M码" in asked.text
    english = talk(demo, "women's dress, 165cm 55kg")
    assert english.parsed.intent == "search"
    assert "general chart for women's tops" in english.text


def test_a_body_that_asks_for_no_size_gets_none(demo: ShoppingAssistant) -> None:
    for messages in (
        ["sofas", "I'm 190 cm tall, is the first one long enough?"],
        ["tents", "我身高190，第一个帐篷够长吗"],
        ["a tent for my son, he is 120 cm"],
        ["luggage", "which size should I take for a week?"],
    ):
        text = talk(demo, *messages).text
        assert "chart" not in text
        assert "尺码表" not in text


def test_what_the_shop_does_not_sell_has_no_stock(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "我的腰围是80厘米，穿什么码的裤子")
    assert "裤装通用尺码表" in reply.text
    assert "没有M码的现货" in reply.text


def test_nothing_is_said_of_sizes_where_there_are_none(demo: ShoppingAssistant) -> None:
    reply = talk(demo, "kettles", "which size should I take for the first?")
    assert "chart" not in reply.text
    told = talk(demo, "kettles", "I'm 172 cm and 65 kg, which size for the first?")
    assert "no size chart" in told.text
    assert "size M" not in told.text
