"""What simulated shoppers say, in their own words: for `benchmarks.dialogue`.

In: what is meant, a language, and a random generator. Out: a message by the phrasings in `phrasings/dialogue.toml`.
Knows neither parser nor catalog.
"""

import tomllib
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np

from assistant.writing.wording import display, display_category
from benchmarks.personas import WORDS, Condition
from retrieval.money import to_major

PHRASINGS = Path(__file__).parent / "phrasings" / "dialogue.toml"
_PLACES = ("category", "department")
_AMOUNTS = {"en": ("${x}", "{x} dollars", "{x} bucks", "{x} USD"), "zh": ("{x}美元", "{x}刀", "{x}美金", "${x}")}
"""Of US dollars; of other currencies the amount and the currency's code."""

_OTHER = "other"
"""Phrasings for attributes that have none of their own."""


class Voice:
    """One shopper's way of speaking."""

    def __init__(self, language: str, rng: np.random.Generator, currency: str = "USD") -> None:
        self.language, self.currency = language, currency
        self._table: dict[str, Any] = _phrasings()[language]
        self._rng = rng

    def opening(self, scope: Condition, told: Sequence[tuple[str, str]]) -> str:
        """A first message: the kind of thing, and what else is told of it, as (kind of phrase, words)."""
        kind, thing = scope[0], self.word(scope)
        if kind not in (*_PLACES, WORDS):
            thing = self._pick(f"theme_{kind}").format(x=thing)
        clauses = [self._pick(f"with_{phrase}").format(x=words) for phrase, words in told]
        joint = "，" if self.language == "zh" else " "
        return self._pick("open").format(x=joint.join([thing, *clauses]))

    def say(self, move: str, words: str = "") -> str:
        """A message of one thing."""
        kind, _, attribute = move.partition("_")
        known = move in self._table or kind not in ("say", "answer") or not attribute
        return self._pick(move if known else f"{kind}_{_OTHER}").format(x=words)

    def word(self, condition: Condition) -> str:
        """What a value is called."""
        kind, value = condition
        if kind == WORDS:
            return value
        own = self._table["words"].get(value)
        if own and kind != "size":
            return str(self._choice(own))
        return display_category(value, self.language) if kind in _PLACES else display(kind, value, self.language)

    def name(self, attribute: str) -> str:
        """What an attribute is called."""
        return str(self._choice(self._table["names"].get(attribute, (attribute,))))

    def amount(self, minor: int) -> str:
        """An amount of the shop's currency."""
        amount = f"{to_major(minor, self.currency).normalize():f}"
        ways = _AMOUNTS[self.language] if self.currency == "USD" else (f"{{x}} {self.currency}",)
        return str(self._choice(ways)).format(x=amount)

    def price_range(self, low_minor: int | None, high_minor: int | None) -> str:
        """A price range; at least one bound is given."""
        ranges = self._table["ranges"]
        low, high = (None if bound is None else self.amount(bound) for bound in (low_minor, high_minor))
        kind = "under" if low is None else "above" if high is None else "between"
        return str(self._choice(ranges[kind])).format(low=low, high=high)

    def _pick(self, move: str) -> str:
        return str(self._choice(self._table[move]))

    def _choice(self, items: Sequence[str]) -> str:
        return items[int(self._rng.integers(len(items)))]


@lru_cache
def _phrasings() -> dict[str, Any]:
    return tomllib.loads(PHRASINGS.read_text("utf-8"))


def n_phrasings(language: str) -> int:
    """How many phrasings there are in a language."""
    return sum(len(each) for each in _phrasings()[language].values() if isinstance(each, list))
