"""What a reply to a brief may go on with: only facts that exist, each product named once, in order and whole.

Comes in: a brief, then the pieces of a reply one by one. Goes out: whether a piece may come next. Knows no tokens and
no weights, so that the same rules measure what a model writes without them.

- A placeholder of the brief may stand once, no other at all.
- Titles stand in the brief's order; a comparison, whose table names the products, may leave some out.
- A fact of a product stands in its own part: after its title and before the next, or right before its title in the
  same sentence.
- A reply ends when every product is named and every fact that must be told is.
"""

import re
from dataclasses import dataclass, field

from assistant.builtin.brief import END, RECOMMENDING, Brief

MUST_TELL = ("table", "question", "offer", "steps", "shop")
"""Shared facts that are lost to the shopper when the reply leaves them out."""
_FACT = re.compile(r"\{p(\d+)\.([a-z_]+)\}|\{([a-z_]+)\}")
_ENDS = re.compile(r"[.!。！\n]")


@dataclass(slots=True)
class Progress:
    """How far a reply to `brief` has come."""

    brief: Brief
    used: set[str] = field(default_factory=set)
    named: int = 0
    pending: bool = False
    """Facts of the next product stand before its title."""
    at_line: bool = False
    """The text so far ends a line."""

    def allows(self, piece: str) -> bool:
        """Whether `piece`, a placeholder, a mark or a run of text, may come next."""
        if piece == END:
            return self.is_complete()
        if piece.startswith("<|"):
            return False
        fact = _FACT.fullmatch(piece)
        if fact is None:
            return not (self.pending and ends_sentence(piece)) and not (self.lists_no_more() and self._lists(piece))
        if piece in self.used:
            return False
        if fact[3]:
            return fact[3] in self.brief.shared and not self.pending
        return self._allows_of_product(int(fact[1]), fact[2])

    def _allows_of_product(self, place: int, name: str) -> bool:
        if place > len(self.brief.products) or name not in self.brief.products[place - 1]:
            return False
        if name == "title":
            return place == self.named + 1 or (self._may_skip() and place > self.named and not self.pending)
        if self.pending:
            return place == self.named + 1
        return place in (self.named, self.named + 1) and place > 0

    def add(self, piece: str) -> None:
        """Takes `piece` as written."""
        fact = _FACT.fullmatch(piece)
        self.at_line = piece.endswith("\n")
        if fact is None:
            return
        self.used.add(piece)
        if fact[1]:
            place = int(fact[1])
            if fact[2] == "title":
                self.named, self.pending = place, False
            elif place > self.named:
                self.pending = True

    def is_complete(self) -> bool:
        """Whether the reply may end here."""
        told = all(f"{{{name}}}" in self.used for name in MUST_TELL if name in self.brief.shared)
        return told and not self.pending and (self._may_skip() or self._all_named())

    def lists_no_more(self) -> bool:
        """Whether no further product may begin a line."""
        return self.brief.move in RECOMMENDING and self._all_named()

    def _lists(self, piece: str) -> bool:
        return "\n-" in piece or (self.at_line and piece.startswith("-"))

    def _all_named(self) -> bool:
        return self.named == len(self.brief.products)

    def _may_skip(self) -> bool:
        return self.brief.move == "compare"


def ends_sentence(text: str) -> bool:
    """Whether a run of text holds the end of a sentence; a question may go on to what it asks about."""
    return _ENDS.search(text) is not None


def faults(brief: Brief, pieces: list[str]) -> list[str]:
    """What a reply written without these rules breaks them with; empty for a sound one.

    >>> faults(Brief("en", "more", (), (("title", "price"),)), ["At ", "{p1.stock}", END])
    ['{p1.stock}', '<|end|>']
    """
    progress = Progress(brief)
    found = []
    for piece in pieces:
        if not progress.allows(piece):
            found.append(piece)
        progress.add(piece)
    return found
