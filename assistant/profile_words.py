"""What is known of a shopper in plain words, in both languages, with where it is known from.

In: preferences and the products that they are about. Out: `Known`s. Knows no session and no database.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from assistant.sizing.noting import BY_CHART
from assistant.writing.wording import attribute_name, display, display_category, phrases_for
from ranking.features import PRODUCT
from ranking.types import AGE_GROUP, BODY, BUDGET, NO_TASTE, Preference
from retrieval.lexicon import load_lexicon
from retrieval.money import format_money, to_major
from retrieval.types import Product

_PLAIN = ("category", "department", "brand", "color", "material", "feature", "season", "condition")
"""Attributes whose values speak for themselves."""


@dataclass(frozen=True, slots=True)
class Known:
    """One thing known. `text` ("likes wool") and `origin` ("you said: …") are in the shopper's language.

    `kind`: "stated" (said), "guess" (from an earlier wish) or "interest" (from behaviour).
    """

    key: str
    text: str
    origin: str
    kind: str
    preference: Preference
    currency: str

    def editable(self) -> tuple[str, str]:
        """How it can be changed, and the value that stands there: ("value", "42") for a size or a budget (in major
        units of the shop's currency), ("taste", "") for a like or a dislike, which is turned round; ("", "") for what
        can be forgotten only."""
        item = self.preference
        if self.kind == "interest":
            return "", ""
        if item.attribute == "size":
            return "value", item.value
        if item.attribute == BUDGET and item.value.isdigit():
            return "value", f"{to_major(int(item.value), self.currency):f}".removesuffix(".00")
        is_taste = item.attribute not in (*NO_TASTE, AGE_GROUP, PRODUCT, "audience")
        return ("taste", "") if is_taste else ("", "")

    def to_dict(self) -> dict[str, Any]:
        """As plain JSON values."""
        item = self.preference
        return {
            "key": self.key, "text": self.text, "origin": self.origin, "kind": self.kind,
            "attribute": item.attribute, "value": item.value, "weight": round(item.weight, 3), "source": item.source,
            "confidence": round(item.confidence, 3), "expires": _iso(item.expires), "since": _iso(item.since),
        }  # fmt: skip


def _iso(time: datetime | None) -> str | None:
    return None if time is None else time.isoformat()


def known_of(
    preferences: Sequence[Preference], products: Mapping[str, Product], currency: str, language: str
) -> tuple[Known, ...]:
    """Preferences in words, in the order given.

    Args:
        preferences: what is known.
        products: those that are liked or disliked by name; who names one that is gone is left out.
        currency: the shop's.
        language: "en" or "zh".
    """
    found = []
    for item in preferences:
        if item.attribute == PRODUCT and item.value not in products:
            continue
        kind = "interest" if is_interest(item) else "guess" if item.inferred else "stated"
        key = f"{kind}:{item.key}" if kind == "interest" else item.key
        text = preference_text(item, products, currency, language, interest=kind == "interest")
        found.append(Known(key, text, _origin(item, kind, language), kind, item, currency))
    return tuple(found)


def is_interest(item: Preference) -> bool:
    """Whether it was read off behaviour: its source are events."""
    return item.inferred and bool(item.source) and all(len(part) == 32 for part in item.source.split())


def preference_text(
    item: Preference, products: Mapping[str, Product], currency: str, language: str, *, interest: bool = False
) -> str:
    """One preference as a few words that could stand on a button.

    >>> preference_text(Preference("material", "wool", -1.0, ""), {}, "USD", "en")
    'dislikes wool'
    >>> preference_text(Preference("budget", "5000", 1.0, ""), {}, "USD", "zh")
    '平时花US$50左右'
    """
    say = phrases_for(language).say
    if item.attribute == BUDGET and item.value.isdigit():
        return say("profile.budget", what=format_money(int(item.value), currency, language).removesuffix(".00"))
    if item.attribute == "size":
        return say("profile.size", what=display("size", item.value, language))
    if item.attribute in (AGE_GROUP, *BODY):
        move = "age" if item.attribute == AGE_GROUP else item.attribute.replace(" ", "_")
        return say(f"profile.{move}", what=display("size", item.value, language))
    what = _what(item, products, language)
    if item.attribute == "audience":
        return say("profile.audience" if item.weight > 0 else "profile.dislikes", what=what)
    if interest:
        return say("profile.interest", what=what)
    return say("profile.likes" if item.weight > 0 else "profile.dislikes", what=what)


def _what(item: Preference, products: Mapping[str, Product], language: str) -> str:
    if item.attribute == PRODUCT:
        return products[item.value].title_in(language) if item.value in products else item.value
    if item.attribute in ("category", "department"):
        return display_category(item.value, language)
    shown = display(item.attribute, item.value, language)
    if item.attribute in _PLAIN or item.attribute == "audience" or load_lexicon().canonical("attribute", item.value):
        return shown
    return phrases_for(language).say("attribute.other", name=attribute_name(item.attribute, language), values=shown)


def _origin(item: Preference, kind: str, language: str) -> str:
    say = phrases_for(language).say
    if kind == "interest":
        return say("profile.from_events", n=str(len(item.source.split())))
    if not item.source:
        return say("profile.from_you")
    if item.source.startswith(BY_CHART):
        return say("profile.from_chart", said=item.source.removeprefix(BY_CHART))
    return say("profile.from_wish" if kind == "guess" else "profile.from_words", said=item.source)
