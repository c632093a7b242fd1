"""How a question that narrows a wish is put, and what its answers are called.

Comes in: a question, or what it is about. Goes out: one sentence, and short texts that the parser understands. Knows
no catalog: counts and amounts are given.
"""

from collections.abc import Iterator, Sequence

from assistant.types import Option, Question, Session
from assistant.writing.plain import Turn
from assistant.writing.wording import attribute_name, display, display_category, limit_money, number, phrases_for
from prompts import Phrases

_PRICE, _CATEGORY = "price", "category"


def sentence(turn: Turn) -> Iterator[str]:
    """The question of this turn with its answers and how many products each leaves; nothing where there is none."""
    question = turn.evidence.question
    if question is None:
        return
    move = f"clarify.ask_{question.about}"
    options = _either([_counted(turn, question.about, option) for option in question.options], turn.phrases)
    if move in turn.phrases.variants:
        yield turn.say(move, options=options)
    else:
        yield turn.say("clarify.ask", name=attribute_name(question.about, turn.language), options=options)


def replies(question: Question) -> Iterator[str]:
    """Its answers as messages."""
    yield from (option.text for option in question.options)
    yield question.indifferent


def indifferent(session: Session) -> str:
    """What says that it does not matter."""
    return phrases_for(session.language).say("clarify.indifferent", session.id)


def answer(session: Session, about: str, value: str, low_minor: int | None, high_minor: int | None, shop: str) -> str:
    """An answer as the shopper would write it.

    Args:
        session: for its language.
        about: what was asked.
        value: the value wanted, "" for a price.
        low_minor: a price's lower bound, in minor units of `shop`; None = none.
        high_minor: its upper bound.
        shop: the shop's currency.
    """
    phrases = phrases_for(session.language)
    if about == _PRICE:
        return _range("quick_relax", low_minor, high_minor, shop, phrases)
    move = f"quick_relax.value_{about}"
    if about == _CATEGORY or (about == "size" and " " in value):
        # A kind of thing stands for itself, and a measure (36 l) is no size that something is "in".
        move = "clarify.answer_bare"
    elif move not in phrases.variants:
        move = "clarify.answer"
    text = phrases.say(move, session.id, value=_shown(about, value, session.language))
    return text[:1].upper() + text[1:]


def _shown(about: str, value: str, language: str) -> str:
    return display_category(value, language) if about == _CATEGORY else display(about, value, language)


def _counted(turn: Turn, about: str, option: Option) -> str:
    if about == _PRICE:
        said = _range("relax", option.low_minor, option.high_minor, turn.evidence.currency, turn.phrases)
    else:
        said = _shown(about, option.value, turn.language)
    return turn.say("clarify.counted", value=said, n=number(option.n_products, turn.language))


def _range(table: str, low_minor: int | None, high_minor: int | None, currency: str, phrases: Phrases) -> str:
    low, high = (None if a is None else limit_money(a, currency, phrases.language) for a in (low_minor, high_minor))
    if low is None:
        return phrases.say(f"{table}.under", high=high or "")
    return phrases.say(f"{table}.above", low=low) if high is None else phrases.say(f"{table}.range", low=low, high=high)


def _either(said: Sequence[str], phrases: Phrases) -> str:
    """Answers in a row, any of which will do."""
    return phrases.say("clarify.either", first=phrases.say("clarify.comma").join(said[:-1]), last=said[-1])
