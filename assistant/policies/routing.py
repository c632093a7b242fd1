"""Whether a message that was taken for something else asks about the shop's rules.

In: a parsed message, the shop's policies and encoder. Out: the message, as a question about rules where a passage
clearly answers it. Knows no session.

A parser goes by words; the shop's own rules know better what they answer ("what do you charge for postage" is no search
for postage). A message with a condition of a search in it, or that points at a product, is left alone.
"""

import re
from collections.abc import Callable, Sequence

from assistant.policies.search import find_answer
from assistant.policies.words import asking, matters_of
from assistant.types import ParsedMessage, References
from retrieval.embedder import Embedder
from retrieval.types import Filters, Policy

CLEARLY = 0.85
"""With this probability a passage answers a question that was not taken for one about rules."""

BEYOND_DOUBT = 0.95
"""As `CLEARLY`, of a message that does not ask."""

_ASKS = re.compile(
    r"[?？吗呢]|怎么|多少|几|哪|谁|什么|啥|多久|[能会要可]不|\b(?:how|what|when|where|who|which|why|can|could|do|does|is|are|will)\b"
)

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
    if answer.probability < (CLEARLY if _ASKS.search(parsed.text.lower()) else BEYOND_DOUBT):
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
