"""What a conversation remembers of its questions: which were asked, answered, passed over or declined.

In: what was remembered, and a parsed message or the next question. Out: what is remembered then. Knows no catalog and
no wording.
"""

from dataclasses import replace

from assistant.types import Asking, ParsedMessage, Question

_WISHES = frozenset({"search", "refine"})


def heard_answer(asking: Asking, parsed: ParsedMessage) -> Asking:
    """What is remembered after a message.

    A new wish starts anew. What the shopper says does not matter is settled, asked or not, and so is the price once
    they want it cheap; a refinement that neither answers nor tells anything else of the wish passes the question over.

    >>> from retrieval.types import Filters
    >>> asked = Asking("color", ("color",))
    >>> heard_answer(asked, ParsedMessage("more", "refine", "neutral", "en", Filters(), move="more")).n_passed
    1
    """
    if parsed.intent not in _WISHES:
        return asking
    if parsed.intent == "search":
        asking = Asking()
    dropped = tuple(key for key in parsed.dropped if "=" not in key)
    cheap = ("price",) if parsed.wants_low_price else ()
    settled = tuple(dict.fromkeys((*asking.settled, *dropped, *cheap)))
    is_passed = asking.question is not None and not _tells(parsed)
    return Asking(None, settled, asking.n_passed + is_passed)


def with_question(asking: Asking, question: Question | None) -> Asking:
    """What is remembered after a reply that asks this, or nothing."""
    if question is None:
        return replace(asking, question=None)
    return replace(asking, question=question.about, settled=tuple(dict.fromkeys((*asking.settled, question.about))))


def answers(asking: Asking, parsed: ParsedMessage) -> bool:
    """Whether a message says what was asked for.

    >>> from retrieval.types import Filters
    >>> red = ParsedMessage("red", "refine", "neutral", "en", Filters(include={"color": ("red",)}))
    >>> answers(Asking("color"), red), answers(Asking("size"), red)
    (True, False)
    """
    said = parsed.filters
    if parsed.intent != "refine":
        return False
    if asking.question == "price":
        return said.price_min_minor is not None or said.price_max_minor is not None
    if asking.question == "category":
        return said.category is not None
    return asking.question in said.include


def _tells(parsed: ParsedMessage) -> bool:
    """Whether a message says anything of the wish, the answer or something else."""
    said = parsed.indifferent or parsed.dropped or parsed.lifted or parsed.preferences or parsed.query_text
    return bool(said) or not parsed.filters.is_empty
