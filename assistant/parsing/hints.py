"""What somebody else than the rules says of a message, as far as it was checked: places in it and what they mean.

In: items of a message and hints. Out: the items with the hinted meanings, where the rules knew none. Knows nothing of
who gave the hints.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from assistant.parsing.senses import Item, Sense


@dataclass(frozen=True, slots=True)
class SpanHint:
    """Words of the message, from `start` to `end` of the folded text, that mean `sense`."""

    start: int
    end: int
    sense: Sense
    refused: bool = False


@dataclass(frozen=True, slots=True)
class Gloss:
    """Words of the message and what they mean in words of the catalog: to search by, never a condition."""

    said: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Hints:
    """`intent` is one of the chooser's ("wish" for search and refine)."""

    spans: tuple[SpanHint, ...] = ()
    intent: str | None = None
    glosses: tuple[Gloss, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.spans or self.intent or self.glosses)


NO_HINTS = Hints()


def with_hints(items: Sequence[Item], hints: Sequence[SpanHint], text: str) -> list[Item]:
    """The items, those that mean nothing to the rules joined to what a hint says they are.

    A hint that covers part of an item, or one that means something already, is left out.
    """
    found = list(items)
    for hint in hints:
        inside = [i for i, item in enumerate(found) if hint.start <= item.start and item.end <= hint.end]
        if not inside or any(found[i].senses for i in inside):
            continue
        first, last = found[inside[0]], found[inside[-1]]
        if (first.start, last.end) != (hint.start, hint.end):
            continue
        joined = Item(
            (hint.sense,), first.first, last.last, hint.start, hint.end, first.norm, text[hint.start : hint.end]
        )
        found[inside[0] : inside[-1] + 1] = [joined]
    return found


def glossed(wish: str, glosses: Sequence[Gloss]) -> str:
    """The words of a wish with what some of them mean beside them.

    >>> glossed("oxblood wellies", [Gloss("wellies", "rain boots"), Gloss("for the garden", "outdoor")])
    'outdoor oxblood wellies rain boots'
    """
    for gloss in glosses:
        if gloss.said in wish:
            wish = wish.replace(gloss.said, f"{gloss.said} {gloss.meaning}", 1)
        else:
            wish = f"{gloss.meaning} {wish}".strip()
    return wish
