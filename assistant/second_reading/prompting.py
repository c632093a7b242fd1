"""What a language model is told when it is asked to read a message.

In: a message, the session, what is in doubt, and the shop's vocabulary. Out: the system and the user message. Words of
shoppers and suppliers enter as capped data; of the conversation so far only the state enters. Knows no model.
"""

import json
import re
from collections.abc import Iterable, Mapping

from assistant.parsing.doubts import Doubts
from assistant.second_reading.claims import MAX_CLAIMS
from assistant.serialize import filters_to_dict
from assistant.types import Session
from prompts import as_data, load_prompt
from retrieval.vocabulary import Vocabulary

MESSAGE_LIMIT, STATE_LIMIT, WORDS_LIMIT, LINE_LIMIT = 500, 400, 200, 600
MAX_CATEGORIES, MAX_ATTRIBUTES, MAX_VALUES = 120, 15, 25

_INTENTS: Mapping[str, str] = {
    "wish": "looks for products, or adds to, changes or drops part of a wish",
    "compare": "which of the products shown is better, how they differ",
    "ask_product": "a question about a product that was shown",
    "feedback": "likes or dislikes a product or a kind of product",
    "bundle": "what goes with a product",
    "faq": "the shop's rules: delivery, returns, payment, warranty",
    "order": "the shopper's own order",
    "handoff": "wants a person",
    "smalltalk": "is polite or thinks aloud",
    "out_of_scope": "wants what is none of a shop's business",
}
_PRIVATE = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+|\+?\d(?:[\s()-]?\d){7,}")
"""Addresses, and numbers as long as those of telephones, cards and orders: no wish needs them."""


def system_message(vocabulary: Vocabulary) -> str:
    """What holds for every message of a shop."""
    return load_prompt("parse").render(max_claims=str(MAX_CLAIMS), shop_values=shop_values(vocabulary))


def user_message(message: str, session: Session, doubts: Doubts, currency: str) -> str:
    """One message, and what is in doubt of it."""
    return load_prompt("parse_message").render(
        state=as_data(state_summary(session, currency), STATE_LIMIT),
        message=as_data(masked(message), MESSAGE_LIMIT),
        intents="; ".join(f"{name} ({_INTENTS[name]})" for name in doubts.intents) or "none",
        words=as_data(masked(", ".join(doubts.words)), WORDS_LIMIT) or "none",
    )


def masked(message: str) -> str:
    """The message without addresses and long numbers.

    >>> masked("mail me at ann@example.org or +44 20 7946 0018, boots under 120")
    'mail me at *** or ***, boots under 120'
    """
    return _PRIVATE.sub("***", message)


def state_summary(session: Session, currency: str) -> str:
    """The wish as it stands, what was shown and asked last; no message."""
    state = {
        "conditions": filters_to_dict(session.filters, currency),
        "wish": session.wish,
        "products_shown": len(session.last_shown()),
        "asked_for": session.asking.question,
    }
    said = {name: value for name, value in state.items() if value}
    return json.dumps(said, ensure_ascii=False) if said else "nothing yet"


def shop_values(vocabulary: Vocabulary) -> str:
    """One line per attribute: its values, the most frequent first.

    >>> print(shop_values(Vocabulary(2, {"teas": 2}, attributes={"color": {"red": 2, "blue": 1}, "size": {"5 m": 1}})))
    category: teas
    color: red; blue
    """
    counted = {name: values for name, values in vocabulary.attributes.items() if name != "size"}
    widest = sorted(counted, key=lambda name: -sum(counted[name].values()))[:MAX_ATTRIBUTES]
    lines = {
        "department": _most(vocabulary.departments, MAX_VALUES),
        "category": _most(vocabulary.categories, MAX_CATEGORIES),
        **{name: _most(counted[name], MAX_VALUES) for name in widest},
    }
    limits = {"category": 4 * LINE_LIMIT}
    return "\n".join(
        f"{as_data(name, 40)}: {as_data('; '.join(values), limits.get(name, LINE_LIMIT))}"
        for name, values in lines.items()
        if values
    )


def _most(counts: Mapping[str, int], n: int) -> Iterable[str]:
    return sorted(counts, key=lambda value: (-counts[value], value))[:n]
