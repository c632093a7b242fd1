"""Customer service through the whole assistant: the demo shop, a webhook on loopback, both languages."""

import json
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from merchant import merchant, says
from sqlalchemy import select

from assistant import ShoppingAssistant
from assistant.service.handoffs import Handoffs
from assistant.service.settings import HandoffSettings
from assistant.session_json import session_from_json, session_to_json
from assistant.sessions import turns_table


@pytest.fixture(scope="module")
def shop(untouched_demo: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ShoppingAssistant]:
    folder = shutil.copytree(untouched_demo, tmp_path_factory.mktemp("service") / "shop")
    settings = folder / "shop.toml"
    settings.write_text(settings.read_text("utf-8") + '\n[handoff]\nurl = "http://127.0.0.1:9/"\n', "utf-8")
    with ShoppingAssistant.open(folder) as assistant:
        yield assistant


def talk(shop: ShoppingAssistant, *messages: str, language: str = "en", customer_id: str | None = None) -> list:
    session, replies = shop.new_session(language), []
    for message in messages:
        # As a stored session comes back at the next message.
        reply = shop.respond(message, session_from_json(session_to_json(session)), customer_id=customer_id)
        session = reply.session
        replies.append(reply)
    return replies


@pytest.mark.parametrize(
    ("messages", "language", "said"),
    [
        (
            ("where is my order", "LL-10023", "ann@example.com"),
            "en",
            ["order number", "e-mail address", "Order LL-10023: on its way. It travels with Northway"],
        ),
        (
            ("我的订单到哪了", "LL-10024", "13800138000", "能取消吗"),
            "zh",
            ["订单号", "邮箱或手机号", "订单LL-10024：正在打包", "现在还可以取消"],
        ),
        (("has the refund for order LL-10022 been paid? ann@example.com",), "en", ["$44.10"]),
        (("订单LL-10025退款到了吗，li@example.com",), "zh", ["退款正在处理。金额是US$39.00。"]),
        (("order LL-10023 li@example.com",), "en", ["I find no order with that number"]),
        (("订单LL-10023 li@example.com",), "zh", ["没有找到订单号和邮箱或手机号都对得上的订单"]),
    ],
)
def test_orders_in_both_languages(shop, messages, language, said):
    replies = talk(shop, *messages, language=language)
    for reply, words in zip(replies, said, strict=True):
        assert words in reply.text
        assert reply.products == ()


def test_dates_and_amounts_are_the_backends_in_the_shoppers_language(shop):
    (english,) = talk(shop, "where is order LL-10023, ann@example.com")
    (chinese,) = talk(shop, "订单LL-10023到哪了，ann@example.com", language="zh")
    assert "December 1, 2026" in english.text
    assert "2026年12月1日" in chinese.text


def test_a_verified_customer_picks_one_of_their_orders(shop):
    first, second = talk(shop, "where is my order", "Order LL-10021", customer_id="demo-ann")
    assert first.quick_replies[:3] == ("Order LL-10023", "Order LL-10021", "Order LL-10022")
    assert "It was delivered on November 6, 2026." in second.text
    assert "demo-ann" not in session_to_json(second.session)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("language", "messages", "secret", "kept"),
    [
        (
            "en",
            (
                "where is my order",
                "LL-10023",
                "ann@example.com",
                "can it still be cancelled?",
                "I want a person",
                "yes",
            ),
            "ann@example.com",
            "a•••@example.com",
        ),
        (
            "zh",
            ("我的订单到哪了", "LL-10024", "我的手机号是13800138000", "能取消吗", "转人工", "好的"),
            "13800138000",
            "我的手机号是•••00",
        ),
        ("en", ("order LL-10023 eve@example.com", "I want a person", "yes"), "eve@example.com", "e•••@example.com"),
    ],
)
def test_what_proves_an_order_is_kept_masked_and_goes_on_proving(shop, caplog, language, messages, secret, kept):
    caplog.set_level("DEBUG")
    with merchant(says(200)) as hook:
        shop.desk._handoffs = Handoffs(shop.shop.engine, HandoffSettings(hook.url))
        replies = talk(shop, *messages, language=language)
    if len(messages) > 3:
        assert replies[2].parsed.intent == replies[3].parsed.intent == "order"
        assert replies[3].session.service.verified == (messages[1],)
    session = replies[-1].session
    assert any(kept in message.text for message in session.messages)
    stored = json.dumps([shop.export_profile(session), session_to_json(session), *(r.to_dict() for r in replies)])
    with shop.shop.engine.connect() as connection:
        rows = [tuple(row) for row in connection.execute(select(turns_table)) if row.session_id == session.id]
    sent = json.dumps(hook.requests[-1][3], ensure_ascii=False)
    for text in (stored, repr(rows), sent, caplog.text):
        assert secret not in text
    assert kept in sent
    assert kept in repr(rows)


@pytest.mark.enable_socket
@pytest.mark.parametrize(
    ("language", "asks", "yes", "said"),
    [
        ("en", "let me talk to a human", "Yes, pass it on", "Passed on to a person, reference H-"),
        ("zh", "转人工", "好的，转给客服", "已转给人工客服，编号H-"),
    ],
)
def test_a_person_takes_over_in_both_languages(shop, language, asks, yes, said):
    with merchant(says(200)) as hook:
        shop.desk._handoffs = Handoffs(shop.shop.engine, HandoffSettings(hook.url))
        asked, done = talk(shop, asks, yes, language=language)
    assert asked.quick_replies[0] == yes
    assert (asked.handoff.state, done.handoff.state) == ("asked", "sent")
    assert said in done.text
    assert done.to_dict()["handoff"] == {"state": "sent", "reference": hook.requests[0][3]["reference"]}
    assert [line["role"] for line in hook.requests[0][3]["transcript"]] == ["shopper", "assistant", "shopper"]


@pytest.mark.enable_socket
def test_where_the_webhook_fails_the_chat_says_so(shop):
    with merchant(says(503)) as hook:
        shop.desk._handoffs = Handoffs(shop.shop.engine, HandoffSettings(hook.url))
        _, english = talk(shop, "I want to speak to a person", "yes")
        _, chinese = talk(shop, "我要找人工客服", "好的", language="zh")
    assert "kept under the reference" in english.text
    assert "已保存，编号" in chinese.text


def test_what_the_rules_do_not_say_is_admitted_and_a_person_offered(shop):
    shop.desk._handoffs = Handoffs(shop.shop.engine, HandoffSettings("http://127.0.0.1:9/"))
    first, second = talk(shop, "do you offer a student discount", "do you offer student discounts?")
    assert first.text.startswith("I don't know")
    assert "pass this chat to a person" in first.text
    assert (first.handoff.state, second.session.service.reason) == ("offered", "asked_twice")
    (chinese,) = talk(shop, "请问你们的保修可以转让给别人吗", language="zh")
    assert chinese.handoff is None or "转给人工客服" in chinese.text


@pytest.mark.parametrize(
    ("question", "language", "quoted"),
    [
        ("Who pays for sending something back?", "en", "A return label costs $4.90"),
        ("买的东西坏了能保修多久", "zh", "两年"),
        ("可以用支付宝付款吗", "zh", "支付宝"),
    ],
)
def test_a_rule_is_quoted_word_for_word(shop, question, language, quoted):
    (reply,) = talk(shop, question, language=language)
    assert quoted in reply.text
    policies = shop.shop.catalog.policies(language)
    assert any(policy.text in reply.text for policy in policies)


@pytest.mark.parametrize(
    ("annoyed", "calm", "language", "sorry"),
    [
        ("I'm really annoyed, my order never came", "where is my order", "en", "sorry"),
        ("this is ridiculous, how long do refunds take", "how long do refunds take", "en", "sorry"),
        ("你们什么破店，我的包裹呢", "我的包裹呢", "zh", ("抱歉", "不好意思")),
    ],
)
def test_who_sounds_annoyed_hears_an_apology_first(shop, annoyed, calm, language, sorry):
    words = (sorry,) if isinstance(sorry, str) else sorry
    opening = talk(shop, annoyed, language=language)[0].text[:40].lower()
    assert any(word in opening for word in words)
    assert not any(word in talk(shop, calm, language=language)[0].text for word in words)
