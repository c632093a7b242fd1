import pytest

from assistant.policies.routing import as_question
from assistant.types import ParsedMessage, References
from retrieval.embedder import Embedder, open_embedder
from retrieval.types import Filters, Policy

RULES = (
    Policy("ship", "shipping", "en", "How much is shipping?", "$4.90, free from $50.", "faq"),
    Policy("back", "returns", "en", "Returns", "Unused things can be returned within 30 days."),
    Policy("zh", "shipping", "zh", "运费多少钱？", "4.90美元，满50美元包邮。", "faq"),
)


@pytest.fixture(scope="module")
def embedder() -> Embedder:
    return open_embedder()


def message(text: str, intent: str, language: str = "en", **said: object) -> ParsedMessage:
    return ParsedMessage(text, intent, "neutral", language, **({"filters": Filters()} | said))


@pytest.mark.parametrize(
    ("text", "intent", "language"),
    [("what do you charge for postage", "search", "en"), ("寄快递运费怎么收", "search", "zh")],
)
def test_what_a_rule_clearly_answers_is_a_question_about_rules(text, intent, language, embedder):
    assert as_question(message(text, intent, language), lambda: RULES, embedder).intent == "faq"


@pytest.mark.parametrize(
    "parsed",
    [
        message("waterproof boots", "search"),
        message("tell me a joke", "out_of_scope"),
        message("where is my parcel", "order"),
        message("what do you charge for postage", "search", filters=Filters(category="scales")),
        message("what do you charge for postage", "ask_product", references=References(focus=True)),
        message("what do you charge for postage", "refine", dropped=("price",)),
    ],
)
def test_wishes_and_what_points_at_products_are_left_alone(parsed, embedder):
    assert as_question(parsed, lambda: RULES, embedder) == parsed


def test_rules_are_not_even_read_for_a_message_without_a_matter(embedder):
    def fail() -> tuple[Policy, ...]:
        raise AssertionError("the rules were read")

    assert as_question(message("waterproof boots", "search"), fail, embedder).intent == "search"
