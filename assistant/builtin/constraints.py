"""What a part of a reply may go on with: only facts that exist, each once, a product by its name.

Comes in: a part, then the pieces of its text one by one. Goes out: whether a piece may come next. Knows no tokens and
no weights, so that the same rules measure what a model writes without them.

- A placeholder of the part may stand once, no other at all.
- What is said of a product before its title is said in the title's sentence.
- No phrase of `RETIRED` stands.
- A part ends when its product is named and every fact that must be told is.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from assistant.builtin.brief import END, Part

MUST_TELL = frozenset({"title", "table", "question", "offer", "steps", "shop"})
"""Facts that are lost to the shopper when a part leaves them out."""
RETIRED = {"steps": re.compile(r"(?:^|\s)A(?:\s|$)")}
"""Fact -> how phrases about it begin that the model learnt and readers found wrong: "A small step away: {steps}"."""
_TAIL = 8
_FACT = re.compile(r"\{([a-z_]+)\}")
_ENDS = re.compile(r"[.!。！\n]")


@dataclass(slots=True)
class Progress:
    """How far a part of a reply has come."""

    part: Part
    used: set[str] = field(default_factory=set)
    tail: str = ""

    @property
    def pending(self) -> bool:
        """Facts of a product stand before its title."""
        return "title" in self.part.facts and "title" not in self.used and bool(self.used)

    def allows(self, piece: str) -> bool:
        """Whether `piece`, a placeholder, a mark or a run of text, may come next."""
        if piece == END:
            return self.is_complete()
        if piece.startswith("<|"):
            return False
        fact = _FACT.fullmatch(piece)
        if fact is not None:
            return fact[1] in self.part.facts and fact[1] not in self.used
        return not (self.pending and ends_sentence(piece)) and not self.is_retired(piece)

    def is_retired(self, piece: str) -> bool:
        """Whether the text, with `piece` after it, would hold a phrase of `RETIRED`."""
        text = self.tail + piece
        return any(fact in self.part.facts and phrase.search(text) for fact, phrase in RETIRED.items())

    def add(self, piece: str) -> None:
        """Takes `piece` as written."""
        fact = _FACT.fullmatch(piece)
        if fact is not None:
            self.used.add(fact[1])
        self.tail = (self.tail + piece)[-_TAIL:]

    def is_complete(self) -> bool:
        """Whether the part may end here."""
        return self.used >= MUST_TELL & set(self.part.facts)


def ends_sentence(text: str) -> bool:
    """Whether a run of text holds the end of a sentence; a question may go on to what it asks about."""
    return _ENDS.search(text) is not None


def faults(part: Part, text: str) -> list[str]:
    """What a part written without these rules breaks them with, `END` where it is not whole; empty for a sound one.

    >>> faults(Part("next", ("title", "price"), 2), " At {stock}, {title}.")
    ['{stock}']
    """
    progress = Progress(part)
    found = []
    for piece in [*_pieces(text), END]:
        if not progress.allows(piece):
            found.append(piece)
        progress.add(piece)
    return found


def _pieces(text: str) -> Sequence[str]:
    return [piece for piece in re.split(r"(\{[a-z_]+\})", text) if piece]
