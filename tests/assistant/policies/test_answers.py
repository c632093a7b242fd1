import pytest
from writing_examples import POLICIES

from assistant.policies.search import find_policies
from retrieval.embedder import Embedder, open_embedder
from retrieval.types import Policy

RULES = (
    *POLICIES,
    Policy("p5", "shipping", "en", "Shipping", "Standard delivery takes 3 to 5 working days and costs $4.90."),
    Policy("p6", "shipping", "en", "Where is my parcel?", "The email on dispatch holds a tracking link.", "faq"),
    Policy("p7", "payment", "en", "Payment", "We take credit cards and PayPal."),
    Policy("p8", "warranty", "en", "Warranty", "Two years, for faults in material and workmanship."),
    Policy("p9", "shipping", "zh", "配送", "美国境内3至5个工作日，运费4.90美元。"),
    Policy("p10", "payment", "zh", "支付方式", "支持信用卡、支付宝和微信支付。"),
    Policy("p11", "warranty", "zh", "保修", "自收货起保修两年。"),
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("can I send it back if I don't like it?", "en", "p1"),
        ("What is your return policy?", "en", "p1"),
        ("how long until my package gets here", "en", "p5"),
        ("where is my parcel", "en", "p6"),
        ("do you take american express", "en", "p7"),
        ("what if it breaks", "en", "p8"),
        ("let me talk to a human", "en", "p3"),
        ("不喜欢可以退吗", "zh", "p2"),
        ("快递几天能到", "zh", "p9"),
        ("能用支付宝吗", "zh", "p10"),
        ("坏了怎么办", "zh", "p11"),
        ("转人工", "zh", "p4"),
    ],
)
def test_the_passage_that_answers_is_found(question, language, expected, embedder):
    assert [policy.id for policy in find_policies(question, RULES, language, embedder)] == [expected]


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("who won the world cup", "en"),
        ("what is the meaning of life", "en"),
        ("do you price match", "en"),
        ("", "en"),
        ("when", "en"),
        ("今天天气怎么样", "zh"),
        ("你们老板是谁", "zh"),
    ],
)
def test_nothing_is_found_where_nothing_answers(question, language, embedder):
    assert find_policies(question, RULES, language, embedder) == []


def test_the_other_language_is_searched_where_the_shop_has_no_rules_in_ones_own(embedder):
    english = [policy for policy in RULES if policy.language == "en"]
    assert [policy.id for policy in find_policies("可以退货吗", english, "zh", embedder)] == ["p1"]
    assert find_policies("returns", (), "en", embedder) == []
