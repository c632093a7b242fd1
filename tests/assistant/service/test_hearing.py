import pytest

from assistant.service.hearing import agreement, heard, is_angry, is_asked_again, topic_of
from assistant.service.types import ServiceState
from assistant.types import ParsedMessage, Session
from retrieval.types import Filters


def parsed(text: str, intent: str) -> ParsedMessage:
    return ParsedMessage(text, intent, "neutral", "en", Filters(category="boots"), query_text="boots")


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("yes", True), ("Yes please!", True), ("ok, do it", True), ("sure, go ahead", True), ("Yes, pass it on", True),
        ("好的", True), ("好的，转给客服", True), ("可以，麻烦你了", True), ("嗯", True), ("行吧", True),
        ("同意", True),
        ("no", False), ("No, thanks", False), ("don't", False), ("please don't", False), ("rather not", False),
        ("不用了", False), ("不要转", False), ("不行", False), ("算了，谢谢", False), ("先不用", False),
        ("yes but not my order", None), ("ok show me boots", None), ("maybe", None), ("is it free?", None),
        ("好看的靴子", None), ("可以退货吗", None), ("好的，那有黑色的吗", None), ("要一双靴子", None),
        ("", None), ("yes no", None),
        ("not sure", None), ("okra", None),
    ],
)  # fmt: skip
def test_only_a_clear_answer_counts(text, answer):
    assert agreement(text) is answer


@pytest.mark.parametrize(
    ("text", "angry"),
    [
        ("This is RIDICULOUS, nobody answers", True),
        ("I'm fed up with you", True),
        ("这是第三次问了", True),
        ("太差了，我要投诉", True),
        ("I don't like the first one", False),
        ("has my refund been paid", False),
        ("想要便宜一点的", False),
    ],
)
def test_anger_is_told_from_dislike(text, angry):
    assert is_angry(text) is angry


@pytest.mark.parametrize(
    ("text", "topic"),
    [
        ("where is my order", "parcel"),
        ("can I cancel it", "cancel"),
        ("when do I get my money back", "refund"),
        ("can I send it back", "return"),
        ("what about order 12345", None),
        ("我的快递到哪了", "parcel"),
        ("退款到账了吗", "refund"),
        ("还能退货吗", "return"),
        ("能取消订单吗", "cancel"),
    ],
)
def test_the_matter_of_an_order(text, topic):
    assert topic_of(text) == topic


def test_the_same_question_in_nearly_the_same_words():
    assert is_asked_again("Can I pay with bitcoin?", "can i pay with bitcoin please")
    assert is_asked_again("可以用比特币付款吗", "可以用比特币付款么")
    assert not is_asked_again("Can I pay with bitcoin?", "Do you ship to Spain?")
    assert not is_asked_again("", "")


@pytest.mark.parametrize(
    ("state", "text", "intent", "becomes"),
    [
        (ServiceState("identity"), "LL-10023 ann@example.com", "search", "order"),
        (ServiceState("identity"), "13800138000", "search", "order"),
        (ServiceState("identity"), "hiking boots please", "search", "search"),
        (ServiceState("consent"), "yes please", "smalltalk", "handoff"),
        (ServiceState("consent"), "不用了", "smalltalk", "handoff"),
        (ServiceState("consent"), "show me boots", "search", "search"),
        (ServiceState(), "yes please", "smalltalk", "smalltalk"),
        (ServiceState(), "where is order LL-10023?", "out_of_scope", "order"),
        (ServiceState(), "can I still return LL-10023", "faq", "order"),
        (ServiceState(), "headphones WH-1000", "search", "search"),
        (ServiceState("order", order_number="1"), "can it still be cancelled?", "ask_product", "order"),
        (ServiceState("order", order_number="1"), "how do I return something", "faq", "faq"),
        (ServiceState("order", order_number="1"), "is it waterproof", "ask_product", "ask_product"),
    ],
)
def test_a_message_is_heard_in_its_conversation(state, text, intent, becomes):
    found = heard(parsed(text, intent), Session("s", "guest", service=state))
    assert found.intent == becomes
    if becomes != intent:
        assert (found.filters, found.query_text) == (Filters(), "")
