"""The plain writer: short replies from phrases and facts, without any language model.

Comes in: a step, recommendations and evidence. Goes out: sentences (or lines) that, joined, are the reply. Knows
nothing the catalog does not state; every amount and name is a fact.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from assistant.parsing.objections import likes_but
from assistant.types import Recommendation, Step
from assistant.writing.evidence import Evidence
from assistant.writing.grounding import foreign_matter
from assistant.writing.mentions import holds_value
from assistant.writing.wording import display, phrases_for, quoted
from prompts import Phrases
from prompts.untrusted import clean
from retrieval.lexicon.matching import fold

NOTES = ("weighed", "converted", "objection", "uncompared", "unstated", "unseen")
"""What a reply may have to mention."""


@dataclass(frozen=True, slots=True)
class Turn:
    """What the plain writer knows while it writes one reply. `seed` decides which variant of a phrase is said."""

    step: Step
    recommendations: Sequence[Recommendation]
    evidence: Evidence
    phrases: Phrases
    seed: str

    @property
    def language(self) -> str:
        return self.phrases.language

    def say(self, move: str, /, **values: str) -> str:
        """One way of saying `move` in the reply's language."""
        return self.phrases.say(move, self.seed, **values)


def turn_of(step: Step, recommendations: Sequence[Recommendation], evidence: Evidence) -> Turn:
    """The turn that the plain writer writes about."""
    seed = f"{step.session.id}/{step.session.turn}"
    return Turn(step, recommendations, evidence, phrases_for(step.session.language), seed)


def join(sentences: Iterator[str], language: str) -> Iterator[str]:
    """Sentences as pieces of one text: lines of lists and tables, and headings of them, stand alone.

    >>> "".join(join(iter(["Two of them.", "- one", "- two", "Done."]), "en"))
    'Two of them.\\n- one\\n- two\\nDone.'
    """
    previous = ""
    for sentence in sentences:
        if previous:
            apart = _is_line(sentence) or _is_line(previous) or sentence.endswith((":", "："))
            yield "\n" if apart else ("" if language == "zh" else " ")
        yield sentence
        previous = sentence


def _is_line(sentence: str) -> bool:
    return sentence.startswith(("- ", "| ")) or (sentence[:1].isdigit() and sentence[1:3] == ". ")


def notes(turn: Turn, n_shown: int, kinds: Sequence[str] = NOTES) -> Iterator[str]:
    """What must be mentioned: what the dialogue decided, and words of the wish that no shown product mentions."""
    parsed = turn.step.parsed
    if "objection" in kinds and parsed.objection is not None and turn.evidence.products:
        yield from _disliked(turn)
    for kind, arguments in turn.step.notes:
        if kind == "converted" and kind in kinds:
            yield turn.say("note.converted", **{"from": arguments["from"], "to": arguments["to"]})
        if kind == "weighed" and kind in kinds and n_shown:
            yield turn.say("note.weighed")
        if kind == "objection" and kind in kinds:
            how = turn.say(f"objection.{arguments['how']}")
            yield turn.say("objection.say" if n_shown else "objection.nothing", how=how)
        if kind == "uncompared" and kind in kinds and n_shown:
            yield turn.say(f"note.uncompared_{arguments['attribute']}")
        if kind == "unstated" and kind in kinds and n_shown and not _is_mentioned(turn, arguments["wish"]):
            wish = display("feature", arguments["wish"], turn.language)
            yield turn.say("note.unstated_one" if n_shown == 1 else "note.unstated", wish=wish)
    if "unseen" in kinds and n_shown and is_absent(turn):
        yield turn.say("note.absent_one" if n_shown == 1 else "note.absent", words=unseen_words(turn))
    elif "unseen" in kinds and n_shown and (words := unseen_words(turn)):
        yield turn.say("note.unseen_one" if n_shown == 1 else "note.unseen", words=words)


def _disliked(turn: Turn) -> Iterator[str]:
    """That a dislike was heard, of one product by its name; nothing where it is liked but for one thing."""
    parsed = turn.step.parsed
    if parsed.sentiment == "positive" or likes_but(fold(parsed.text)):
        return
    if len(turn.evidence.products) != 1:
        yield turn.say("feedback.negative")
    else:
        yield turn.say("feedback.disliked", title=clean(turn.evidence.products[0].title_in(turn.language)))


def is_absent(turn: Turn) -> bool:
    """Whether the shop carries nothing that fits the wish, as far as can be told."""
    return turn.evidence.absent and bool(unseen_words(turn))


def unseen_words(turn: Turn) -> str:
    """The wish's words that no shown product mentions, as they may be quoted; empty where there are none."""
    words = [word for word in turn.evidence.unseen if foreign_matter(word) is None]
    return quoted(("、" if turn.language == "zh" else " ").join(words))


def _is_mentioned(turn: Turn, wish: str) -> bool:
    """Whether a shown product's own words hold what no attribute states."""
    shown = display("feature", wish, turn.language)
    return any(holds_value(item.ranked.product, wish, shown) for item in turn.recommendations)
