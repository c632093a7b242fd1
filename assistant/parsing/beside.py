"""Loose words that mean something beside a category or a condition in force, and nothing alone.

In: folded text, what is spoken of, and what is known. Out: features that are asked for, conditions that are taken away.
Knows no item and no polarity.
"""

import re
from collections.abc import Container, Iterable, Mapping

from assistant.parsing.data import load_grammar
from retrieval.lexicon.matching import norms
from retrieval.types import Attributes, Filters
from retrieval.vocabulary import Vocabulary

_REFUSED_BEFORE = re.compile(
    r"\b(?:no|not|without|don't|doesn't|isn't|aren't|never|allergic to|hate)\b[^,.;!?]*$|[不没无别唔冇勿][^,。;]{0,3}$"
)
_REFUSED_AFTER = re.compile(r"不去|不来|不带|不要|去掉|取消|唔|isn't|not com|aren't|stays? home")
_NEAR_BEFORE, _NEAR_AFTER = 14, 8
_TAKES_AWAY = re.compile(
    r"\b(?:remove|drop|delete|lose|clear|lift|scrap|cancel|forget|take off)\b.*"
    r"\b(?:condition|requirement|filter|constraint|criterion|bit|part|thing)\b"
)


def features_beside(
    text: str, categories: Iterable[str], vocabulary: Vocabulary, gone: Container[str] = ()
) -> dict[str, tuple[str, ...]]:
    """Features that loose words ask for beside a category: a hotel and a dog, one that lets the dog in.

    Args:
        text: folded text.
        categories: canonical ones that are spoken of.
        vocabulary: what the catalog states.
        gone: "attribute=value" of what the message refuses or drops.

    Returns:
        Attribute -> values, in the catalog's spelling.
    """
    found: dict[str, tuple[str, ...]] = {}
    for category in sorted(categories):
        for feature, words in load_grammar()["beside"].get(category, {}).items():
            stated = vocabulary.values_for("feature", feature)
            if stated is None or f"{stated[0]}={feature}" in gone:
                continue
            if any(_is_asked(text, word) for word in words):
                found[stated[0]] = (*found.get(stated[0], ()), *stated[1])
    return found


def _is_asked(text: str, word: str) -> bool:
    """Whether a text holds a word that no negation stands before or behind."""
    pattern = rf"(?<![a-z]){re.escape(word)}(?![a-z])" if word.isascii() else re.escape(word)
    for match in re.finditer(pattern, text) if word in text else ():
        before = text[max(0, match.start() - _NEAR_BEFORE) : match.start()]
        after = text[match.end() : match.end() + _NEAR_AFTER]
        if not _REFUSED_BEFORE.search(before) and not _REFUSED_AFTER.search(after):
            return True
    return False


def named_conditions(text: str, filters: Filters, said: Mapping[str, Container[str]]) -> list[str]:
    """The keys of conditions in force that are taken away by a word of theirs.

    Args:
        text: folded text.
        filters: the conditions in force.
        said: attribute -> values that the message itself wishes for.

    >>> wish = Filters(include={"feature": ("long battery life",)})
    >>> named_conditions("remove the battery condition", wish, {})
    ['feature=long battery life']
    """
    if not _TAKES_AWAY.search(text):
        return []
    words = set(norms(text))
    values: Attributes = filters.include
    return [
        f"{name}={value}"
        for name, stated in values.items()
        for value in stated
        if words & set(norms(value)) and value not in said.get(name, ())
    ]
