"""Quick replies: three or four next messages, in the shopper's language and in words that the parser understands.

Comes in: a turn. Goes out: short texts. Knows no page.
"""

from collections.abc import Iterator

from assistant.writing import questions, relaxing
from assistant.writing.answering import topic_of
from assistant.writing.plain import Turn
from assistant.writing.wording import display, display_category
from prompts.untrusted import clean

MAX_QUICK_REPLIES = 4
_FREED = ("color", "material", "brand", "size")


MAX_BESIDE_ANSWERS = 2
"""So many further ones stand beside the answers to a question."""


def follow_ups(turn: Turn) -> tuple[str, ...]:
    """The answers to the reply's question, then follow-ups, the most useful first, without repeats.

    At most `MAX_QUICK_REPLIES`; beside answers, `MAX_BESIDE_ANSWERS`.
    """
    said = _bare(turn.step.parsed.text)
    question = turn.evidence.question
    answers = tuple(questions.replies(question)) if question else ()
    offered = [text for text in dict.fromkeys(_offered(turn)) if _bare(text) != said and text not in answers]
    return (*answers, *offered[: MAX_BESIDE_ANSWERS if answers else MAX_QUICK_REPLIES])


def _offered(turn: Turn) -> Iterator[str]:
    action = turn.step.action
    yield from _service(turn)
    if action in ("recommend", "bundle"):
        yield from _after_products(turn) if turn.recommendations else _after_nothing(turn)
    elif action == "ask_product":
        topic = topic_of(turn, turn.step.parsed.text)
        yield from (turn.say(f"quick.{move}") for move in ("reviews", "stock", "similar") if move != topic)
    elif action == "size_advice":
        yield from _after_size(turn)
    elif action == "compare":
        yield from (turn.say(f"quick.{move}") for move in ("reviews_first", "about_first", "more"))
    elif action == "feedback":
        yield turn.say("quick.similar")
        yield turn.say("quick.more")
    elif action in ("faq", "order", "handoff"):
        yield from (turn.say(f"quick.{move}") for move in ("contact", "returns", "shipping"))
    if action in ("smalltalk", "out_of_scope", "nothing_to_refer_to", "noted"):
        yield from turn.evidence.starters
        yield from (turn.say(f"quick.{move}") for move in ("shipping", "returns"))
    elif turn.step.session.shown and action in ("faq", "order", "handoff", "ask_rate"):
        yield turn.say("quick.more")


def _service(turn: Turn) -> Iterator[str]:
    """What answers the offer of a person, or which order is meant."""
    service = turn.evidence.service
    if service.handoff is not None and service.handoff.state in ("asked", "offered"):
        yield turn.say("quick.consent")
        yield turn.say("quick.no_consent")
    if service.order is not None and service.order.kind == "which":
        yield from (turn.say("quick.order", number=clean(order.number)) for order in service.order.orders)
    elif service.order is not None and service.order.kind in ("failed", "too_many", "not_found", "none"):
        yield turn.say("quick.person")


def _after_products(turn: Turn) -> Iterator[str]:
    n_shown = len(turn.recommendations)
    if turn.evidence.n_matched > n_shown:
        yield turn.say("quick.more")
    if n_shown >= 2:
        yield turn.say("quick.compare")
    if turn.step.session.filters.sort is None and turn.evidence.n_matched > 1:
        yield turn.say("quick.cheaper")
    yield from _freed(turn)
    yield turn.say("quick.reviews_first")
    yield turn.say("quick.about_first")


def _after_size(turn: Turn) -> Iterator[str]:
    """The category in that size, where it has it; else what else may be asked of the product."""
    advice = turn.step.advice
    if advice and advice.advised and advice.advised.in_stock and advice.category:
        size = display("size", advice.advised.listed or advice.advised.size, turn.language)
        yield turn.say("quick.in_size", category=display_category(advice.category, turn.language), size=size)
    if turn.evidence.products:
        yield from (turn.say(f"quick.{move}") for move in ("stock", "reviews", "similar"))


def _after_nothing(turn: Turn) -> Iterator[str]:
    if turn.evidence.absent:
        yield from turn.evidence.starters
        return
    yield from relaxing.messages(turn)
    yield from _freed(turn)
    yield turn.say("quick.restart")


def _freed(turn: Turn) -> Iterator[str]:
    filters = turn.step.session.filters
    for key in _FREED:
        if filters.include.get(key):
            yield turn.say(f"quick.on_{key}")


def _bare(text: str) -> str:
    return "".join(char for char in text.casefold() if char.isalnum())
