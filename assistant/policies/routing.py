"""Whether a message that was taken for something else asks about the shop's rules.

In: a parsed message, the shop's policies and encoder. Out: the message, as a question about rules where a passage
clearly answers it. Knows no session.

A parser goes by words; the shop's own rules know better what they answer ("what do you charge for postage" is no search
for postage). A message with a condition of a search in it, or that points at a product, is left alone.
"""

from collections.abc import Callable, Sequence

from assistant.policies.search import find_answer
from assistant.policies.words import asking, matters_of
from assistant.types import ParsedMessage, References
from retrieval.embedder import Embedder
from retrieval.types import Filters, Policy

CLEARLY = 0.85
"""With this probability a passage answers a message that was not taken for a question about rules."""

_OTHER = frozenset({"search", "refine", "ask_product", "out_of_scope", "feedback"})


def as_question(parsed: ParsedMessage, policies: Callable[[], Sequence[Policy]], embedder: Embedder) -> ParsedMessage:
    """The message with the intent "faq" where one of the policies clearly answers it; else as it is.

    Args:
        parsed: as the parser reads it.
        policies: gives all of the shop's; asked only where the message speaks of a matter of customer service.
        embedder: the shop's.
    """
    if not _may_ask(parsed):
        return parsed
    answer = find_answer(parsed.text, policies(), parsed.language, embedder)
    if answer.probability < CLEARLY:
        return parsed
    return ParsedMessage(
        parsed.text, "faq", parsed.sentiment, parsed.language, Filters(), parsed.query_text, parsed.semantic_text
    )


def _may_ask(parsed: ParsedMessage) -> bool:
    in_stock = parsed.filters.in_stock_only
    plain = (
        parsed.filters.is_empty
        and in_stock
        and parsed.move is None
        and parsed.references == References()
        and parsed.body.is_empty
    )
    changes = parsed.dropped or parsed.lifted or parsed.replaces or parsed.preferences or parsed.recipient
    return parsed.intent in _OTHER and plain and not changes and bool(matters_of(parsed.text) - asking())
