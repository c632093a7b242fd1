"""What the plain writer says when no product is to be found: the shop's rules, orders, people, thanks and small talk.

Comes in: a turn. Goes out: sentences. What the shop's rules say is quoted, never put in other words.
"""

import re
from collections.abc import Iterator

from babel.numbers import get_currency_name

from assistant.profile_words import known_of
from assistant.writing.plain import Turn
from assistant.writing.serving import handoff_reply, order_reply
from prompts.untrusted import clean
from retrieval.money import LOCALES
from retrieval.text import has_cjk
from retrieval.types import Policy

MAX_POLICY = 700


def faq(turn: Turn) -> Iterator[str]:
    """The passage of the rules that answers, word for word; else an honest no."""
    yield from _sorry(turn)
    if turn.evidence.policies:
        yield _passage(turn, "faq.found", turn.evidence.policies[0])
    else:
        yield turn.say("faq.unknown")
        if not turn.evidence.service.can_hand_off:
            yield turn.say("faq.ask_people")


def _sorry(turn: Turn) -> Iterator[str]:
    """An apology first, to one who sounds annoyed."""
    if turn.step.parsed.sentiment == "negative":
        yield turn.say("tone.sorry")


def _passage(turn: Turn, move: str, policy: Policy) -> str:
    text = clean(policy.text).replace("“", "‘").replace("”", "’")
    shown = text if len(text) <= MAX_POLICY else text[: MAX_POLICY - 1].rstrip() + "…"
    return turn.say(move, title=clean(policy.title), text=shown)


def order(turn: Turn) -> Iterator[str]:
    """What the order system says; without one, what the rules say about it, or how to reach the shop."""
    yield from _sorry(turn)
    if turn.evidence.service.order is not None:
        yield from order_reply(turn, turn.evidence.service.order)
        return
    yield turn.say("order.say")
    if turn.evidence.policies:
        yield _passage(turn, "order.rules", turn.evidence.policies[0])
    else:
        yield turn.say("order.no_contact")


def handoff(turn: Turn) -> Iterator[str]:
    """A person is wanted: asks whether to hand over, or does; else how to reach one according to the rules."""
    if turn.evidence.service.handoff is not None:
        yield from handoff_reply(turn)
        return
    yield turn.say("handoff.say")
    if turn.evidence.policies:
        yield _passage(turn, "faq.found", turn.evidence.policies[0])
    else:
        yield turn.say("handoff.no_contact")


def feedback(turn: Turn) -> Iterator[str]:
    """Thanks for praise, and takes note of dislike; of what has the wrong size, says which there are."""
    sizes = next((arguments["sizes"] for kind, arguments in turn.step.notes if kind == "sizes"), None)
    if sizes is not None:
        yield turn.say("objection.sizes", sizes=clean(sizes))
        return
    sentiment = turn.step.parsed.sentiment
    product = next(iter(turn.evidence.products), None)
    if product is not None and sentiment != "neutral":
        move = "liked" if sentiment == "positive" else "disliked"
        yield turn.say(f"feedback.{move}", title=clean(product.title_in(turn.language)))
    else:
        yield turn.say(f"feedback.{sentiment}")
    liked = product is not None and sentiment == "positive"
    if liked or sentiment == "negative":
        yield turn.say("feedback.next_liked" if liked else "feedback.next_other")


def noted(turn: Turn) -> Iterator[str]:
    """One line that says what was understood of the shopper, or why nothing is kept of it."""
    session = turn.step.session
    if not session.personalised:
        yield turn.say("noted.off")
        return
    profile = session.recipient_profile if session.recipient else session.profile
    said = [item for item in profile.stated if item.source == turn.step.parsed.text and item.weight]
    products = {product.id: product for product in turn.evidence.products}
    words = [item.text for item in known_of(said, products, turn.evidence.currency, turn.language)]
    if words:
        yield turn.say("noted.say", what=("，" if turn.language == "zh" else ", ").join(map(clean, words)))
    else:
        yield turn.say("noted.nothing")


def smalltalk(turn: Turn) -> Iterator[str]:
    """One line, and back to the matter."""
    kind = kind_of_smalltalk(turn)
    if kind == "who":
        yield turn.say("smalltalk.who", shop=clean(turn.evidence.shop_name))
    else:
        yield turn.say(f"smalltalk.{kind}")


def kind_of_smalltalk(turn: Turn) -> str:
    """ "restart", "who", "thanks", "bye", "hello", "resume" (products are on the table) or "other"."""
    if turn.step.parsed.move == "restart":
        return "restart"
    kind = _kind(turn)
    return "resume" if kind in ("other", "hello") and turn.step.session.shown else kind


def _kind(turn: Turn) -> str:
    text = turn.step.parsed.text.lower()
    for kind in ("who", "thanks", "bye", "hello"):
        for word in turn.phrases.words(f"smalltalk_words.{kind}"):
            if word in text if has_cjk(word) else re.search(rf"\b{re.escape(word)}\b", text):
                return kind
    return "other"


def out_of_scope(turn: Turn) -> Iterator[str]:
    """Says what this assistant is for."""
    yield turn.say("out_of_scope.say")


def ask_rate(turn: Turn) -> Iterator[str]:
    """The budget's currency cannot be converted: asks for the amount in the shop's."""
    currency = turn.step.parsed.filters.currency or turn.step.session.filters.currency
    shop_currency = _currency_name(turn.evidence.currency, turn.language)
    if currency is None:
        yield turn.say("ask_rate.unknown", shop_currency=shop_currency)
    else:
        named = _currency_name(currency, turn.language)
        yield turn.say("ask_rate.say", currency=named, shop_currency=shop_currency)


def _currency_name(currency: str, language: str) -> str:
    """The currency in the plural, e.g. "US dollars".

    >>> _currency_name("USD", "en"), _currency_name("THB", "zh")
    ('US dollars', '泰铢')
    """
    return str(get_currency_name(currency, count=2, locale=LOCALES.get(language, "en_US")))


def nothing_to_refer_to(turn: Turn) -> Iterator[str]:
    """A "that one" that points at nothing."""
    yield turn.say("nothing_to_refer_to.say")
