"""What of a message the rules and the classifier are not sure of.

In: what was read and how the intent was chosen. Out: `Doubts`. Knows nothing of who may settle them.
"""

from dataclasses import dataclass

from assistant.parsing.choosing import Choice
from assistant.parsing.data import load_fillers
from assistant.parsing.reading import Reading
from retrieval.lexicon import load_lexicon
from retrieval.vocabulary import Vocabulary, ordinary_words

UNSURE = 2.0
"""An intent that leads by less, in logits, is in doubt: of our labelled messages seven in ten are then right."""
POSSIBLE = 3.0
"""Intents that lie less than this behind are what a doubtful one may be instead; the right one is mostly among them."""
_MIN_LETTERS = 3
_MAX_WORDS = 12


@dataclass(frozen=True, slots=True)
class Doubts:
    """`intents`: what the intent may be, the chosen one first; empty where it is sure ("wish" for search and refine).
    `words`: words of a wish that neither rules, lexicon nor catalog know, as written."""

    intents: tuple[str, ...] = ()
    words: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        return not (self.intents or self.words)


def doubts_of(reading: Reading, choice: Choice, vocabulary: Vocabulary) -> Doubts:
    """What is in doubt of a message that was read so."""
    possible = choice.near(POSSIBLE) if choice.near(UNSURE) else ()
    intents = (choice.intent, *possible) if possible else ()
    if choice.intent != "wish" and "wish" not in intents:
        return Doubts(intents)
    return Doubts(intents, unread_words(reading, vocabulary))


def unread_words(reading: Reading, vocabulary: Vocabulary) -> tuple[str, ...]:
    """Words of the wish, or refused, that nothing here knows; of Chinese the stretches left between known words."""
    wish = reading.wish.lower()
    refused = [key.partition("=")[2] for key in reading.refused_words]
    latin = [
        item.said
        for item in reading.items
        if not item.senses
        and _is_unknown(item.norm, vocabulary)
        and (item.polarity == "excluded" or item.said.lower() in wish)
    ]
    known = {item.said for item in reading.items if item.senses and len(item.said) > 1}
    chinese = [
        said
        for text in (reading.wish, *refused)
        for said, meaning in load_lexicon().pieces(text)
        if not meaning and len(said) > 1 and not any(name in said for name in known)
    ]
    return tuple(dict.fromkeys((*latin, *chinese)))[:_MAX_WORDS]


def _is_unknown(norm: str, vocabulary: Vocabulary) -> bool:
    if len(norm) < _MIN_LETTERS or not (norm.isascii() and norm.isalpha()):
        return False
    return norm not in load_fillers()[0] and norm not in ordinary_words() and not vocabulary.words.get(norm)
