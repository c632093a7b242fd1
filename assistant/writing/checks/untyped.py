"""Amounts in other words, stock, reductions, standing, promises and other models, none of which a writer may type.

Comes in: a sentence whose placeholders have been replaced by `MARK`. Goes out: the class of what is wrong with it, or
None. Knows no product.
"""

import re

from assistant.writing.checks.tables import untyped_patterns

MARK = "☐"
EVIDENCE = f"{MARK}★"
"""The mark of a fact of what buyers say."""
LESS = f"{MARK}↓"
"""The mark of how much less a product costs than it did."""
_REFERS = re.compile(
    rf"{MARK}|\b(?:it|its|it's|itself|this|that|these|those|they|them|their|both|all(?! (?:of )?(?:your|my|our)| right)"
    r"|each|either|neither|ones?|first|second|third|last|former|latter)\b|[这那它]|前者|后者|第[一二三]|两[款个者]|都",
    re.IGNORECASE,
)
_SPOKEN_TO = re.compile(
    r"\b(?:i|i'\w+|we|we'\w+|you|you'\w+|yours?|me|my|us|our|let|let's|please|may|thanks?)\b|[您你我咱]",
    re.IGNORECASE,
)
_PROPOSES = re.compile(
    r"\b(?:recommend|suggest|pair|combine|consider(?:ed)?|try(?! to)|thought (?:about|of)|heard of)\b"
    r"|推荐|建议|搭配|试试|考虑过|听说过|看过|用过|适合|换成|感兴趣|我们的|店里的",
    re.IGNORECASE,
)
_FORGED = re.compile(
    rf"{MARK}[\d.,]*\d|\d{MARK}|{MARK}\s?(?:k|thousand|million|percent|per cent|off|[千万百亿折成])(?![a-z])", re.I
)


def refers(text: str) -> bool:
    """Whether a sentence speaks of a product: by a placeholder or by a word that stands for one.

    >>> refers("It comes in grey."), refers("Which colour do you like?")
    (True, False)
    """
    return bool(_REFERS.search(text))


def is_open_question(text: str) -> bool:
    """Whether a sentence asks and neither speaks of a product nor proposes one, so that it states nothing."""
    asks = text.rstrip("\"'”’」』)） ").endswith(("?", "？"))
    return asks and not refers(text) and not proposes(text)


def proposes(text: str) -> bool:
    """Whether a sentence proposes something to the shopper.

    >>> proposes("Have you considered it?"), proposes("您喜欢哪一款？")
    (True, False)
    """
    return bool(_PROPOSES.search(text))


def is_about_product(text: str) -> bool:
    """Whether a sentence could state something of a product: it names or proposes one, or speaks neither to nor of the
    shopper."""
    return refers(text) or proposes(text) or not _SPOKEN_TO.search(text)


def untyped(text: str) -> str | None:
    """The class of the first thing in a folded sentence that only data or rules of the shop can prove.

    >>> untyped("It costs next to nothing."), untyped("月底前补货。"), untyped("A fine pair.")
    ('amount', 'stock', None)
    """
    if _FORGED.search(text):
        return "amount"
    return _class_of(text, "always") or (None if is_open_question(text) else _class_of(text, "stated"))


def unsupported(text: str) -> str | None:
    """The class of what a folded sentence says of buyers where it holds no fact of what they say.

    >>> unsupported("Nobody has ever regretted it."), unsupported(f"Buyers give it {EVIDENCE}.")
    ('standing', None)
    """
    return None if EVIDENCE in text or is_open_question(text) else _class_of(text, "unsupported")


def _class_of(text: str, when: str) -> str | None:
    return next((name for name, pattern in untyped_patterns(when).items() if pattern.search(text)), None)
