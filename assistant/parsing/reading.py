"""Everything that was read off one message, and what of it speaks for an intent.

In: the results of the single rules. Out: the names of observations that `cues.toml` gives points for.
"""

import re
from dataclasses import dataclass, field

from assistant.parsing.body import BodyRead
from assistant.parsing.comparatives import asked_comparison
from assistant.parsing.money import PriceSaid
from assistant.parsing.moves import is_dear
from assistant.parsing.preferences import Said
from assistant.parsing.senses import Item, Sense
from assistant.parsing.slots import Slots
from assistant.state import WISH_WORD
from assistant.types import Comparison, References, Session
from retrieval.lexicon.matching import Token

_ARITHMETIC = re.compile(
    r"\d+\s?(?:times|plus|minus|divided by|[*×÷+]|乘以?|加上?|减去?|除以)\s?\d+(?!\s?(?:gb|g\b|tb|mah|cm))"
)


@dataclass(frozen=True, slots=True)
class Reading:
    """One message as the rules see it. `wish` are its words without prices, refused things and fillers.
    `sold_out`: whether what is sold out shall be shown; None = not said. `said` is what it says of persons, `usual` the
    amount beside it, `comparison` what it wants more or less of than something shown has, `body` what it says of
    bodies."""

    folded: str
    tokens: tuple[Token, ...]
    items: tuple[Item, ...]
    head: Sense | None
    slots: Slots
    price: PriceSaid
    references: References
    move: str | None
    asks: bool
    wish: str
    sold_out: bool | None = None
    said: Said = field(default_factory=Said)
    usual: PriceSaid = field(default_factory=PriceSaid)
    comparison: Comparison | None = None
    body: BodyRead = field(default_factory=BodyRead)

    @property
    def refused_words(self) -> tuple[str, ...]:
        """Words that are refused and rule out no value ("wish=oolong"), as keys to drop."""
        named = {value for values in self.slots.exclude.values() for value in values}
        refused = [item for item in self.items if item.polarity == "excluded" and not item.of("key")]
        free = [item for item in refused if not any(named & {*sense.values} for sense in item.senses)]
        words: list[str] = []
        end = -1
        for item in free:
            joined = end == item.start and words and not item.said.isascii()
            words[-1:] = [words[-1] + item.said] if joined else [*words[-1:], item.said.lower()]
            end = item.end
        return tuple(f"{WISH_WORD}={word}" for word in words)


def observe(reading: Reading, session: Session) -> frozenset[str]:
    """The observations of a message, by name."""
    slots = reading.slots
    head = reading.head
    facts = {
        "category": head is not None and head.kind == "category" and bool(head.values),
        "uncarried": head is not None and not head.values,
        "department": head is not None and head.kind == "department" and bool(head.values),
        "value": any(name not in ("size", "brand") for name in slots.include) or bool(slots.unknown),
        "price": not reading.price.is_empty,
        "dear_beside_limit": reading.price.maximum is not None and is_dear(reading.folded),
        "size": "size" in slots.include,
        "brand": "brand" in slots.include,
        "quantity": slots.quantity is not None,
        "sort": slots.sort is not None,
        "exclusion": bool(slots.exclude),
        "refuses": bool(slots.exclude) and not (reading.references.ordinals or reading.references.product_ids),
        "dropped": bool(slots.dropped),
        "stock": reading.sold_out is not None,
        "kind_never_shown": head is not None and not session.shown,
        "two_brands": len(slots.include.get("brand", ())) > 1,
        "comparison": reading.comparison is not None,
        "compares_shown": bool(session.shown) and asked_comparison(reading.folded) is not None,
        "lifted": bool(slots.lifted),
        "same_budget": slots.same_budget,
        "words_only": bool(reading.wish),
        "question": reading.asks,
        "nothing_said": not reading.wish
        and not any(token.kind in ("word", "number", "cjk") for token in reading.tokens),
        "arithmetic": _ARITHMETIC.search(reading.folded) is not None,
        "asks_why": reading.move in ("why", "why_not"),
        "never_shown": not session.shown and session.focus_id is None,
    }
    stated = any(
        facts[name] for name in ("category", "uncarried", "department", "value", "price", "size", "brand", "sort")
    )
    pointed = bool(
        reading.references.ordinals
        or reading.references.product_ids
        or (reading.references.focus and (session.shown or session.focus_id))
    )
    facts["plain_kind"] = (facts["category"] or facts["department"]) and not reading.asks and not pointed
    facts["foreign_question"] = reading.asks and not stated and not pointed and facts["words_only"]
    facts |= _about_references(reading.references, asks=reading.asks)
    return frozenset(name for name, holds in facts.items() if holds)


def is_idle(session: Session) -> bool:
    """Whether the session has no wish that a message could add to."""
    return session.filters.is_empty and not session.wish


def _about_references(references: References, *, asks: bool) -> dict[str, bool]:
    points_at = bool(references.ordinals or (references.product_ids and not references.focus))
    return {
        "reference": points_at,
        "two_references": len(references.ordinals) >= 2,
        "focus_reference": references.focus,
        "question_about_reference": asks and len(references.ordinals) < 2 and (points_at or references.focus),
    }
