"""Whether a message answers a question with nothing but "that doesn't matter".

In: the folded message and what was asked about. Out: yes or no. Knows no session and no catalog.
"""

import re
from functools import lru_cache

from assistant.parsing.data import load_grammar
from retrieval.text import has_cjk

_EMPHASIS = re.compile(r"\b(?:really|particularly|honestly|too much) ")
"""Stands inside the phrases: I don't really care."""


def is_indifferent(folded: str, about: str) -> bool:
    """Whether the shopper has no wish where they were asked about `about`, and says nothing else.

    >>> [is_indifferent(text, "color") for text in ("any color is fine", "颜色我都可以", "any in blue", "no")]
    [True, True, False, True]
    >>> is_indifferent("i don't really care about that", "price")
    True
    """
    plain = _EMPHASIS.sub("", folded.replace("’", "'"))
    left, n_phrases = _phrases().subn(" ", plain)
    if not n_phrases:
        return False
    left = _about(about).sub(" ", left)
    return not re.search(r"\w", _ends().sub(" ", left))


@lru_cache
def _phrases() -> re.Pattern[str]:
    return _any_of(load_grammar()["answers"]["phrases"])


@lru_cache
def _ends() -> re.Pattern[str]:
    return _any_of(load_grammar()["answers"]["ends"])


@lru_cache
def _about(about: str) -> re.Pattern[str]:
    """The words that name what was asked about."""
    grammar = load_grammar()
    return _any_of([about, *grammar["keys"].get(about, ()), *grammar["answers"]["words"].get(about, ())])


def _any_of(surfaces: list[str]) -> re.Pattern[str]:
    """Any of these, the longest first; English ones as whole words."""
    longest = sorted(surfaces, key=len, reverse=True)
    each = (re.escape(one) if has_cjk(one) else rf"(?<![a-z0-9]){re.escape(one)}(?![a-z0-9'])" for one in longest)
    return re.compile("|".join(each))
