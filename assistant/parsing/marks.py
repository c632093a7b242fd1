"""A sentence as a row of marks: things named, words that tell a stance, persons, negations and the like.

In: the text and the places of things. Out: `Mark`s in order. Knows the words of `stances.toml`, and nothing of what a
row means. Words that only strengthen or soften are left out; misspelt words of the data are put right.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.parsing.data import load_fillers, load_stances
from assistant.parsing.senses import is_slip
from retrieval.lexicon.matching import Token, norms, tokenize
from retrieval.vocabulary import ordinary_words

THING = "{x}"
"""Stands for a thing named, in the data and among the words."""

_FUZZY_LETTERS = 5
_BREAKS = frozenset(",:、")
_NO_KINDS = frozenset({"adverbs", "speaker", "mild"})


@dataclass(frozen=True, slots=True)
class Thing:
    """A place of folded text that names something which can be liked, by its title or not."""

    start: int
    end: int
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Mark:
    """One word or phrase of a row: `kind` as in the data, "thing", "break" or "" (unknown)."""

    kind: str
    start: int
    end: int
    thing: Thing | None = None


Row = list[Mark]


def is_grammar(word: str) -> bool:
    """Whether a token's norm is a word of the data or a filler, which names nothing by itself.

    >>> is_grammar("love"), is_grammar("oak")
    (True, False)
    """
    return word in _vocabulary() or word in load_fillers()[0] or word in _adverbs()


def marks_of(text: str) -> tuple[Row, frozenset[str]]:
    """The marks of folded text where nothing in it is a thing, and its words as they are compared."""
    tokens = _tokens(text)
    return _marks(tokens, ()), frozenset(token.norm for token in tokens)


def row_of(text: str, start: int, end: int, things: Sequence[Thing]) -> Row:
    """The marks of a sentence. A thing inside a longer phrase of the data is none (the black of 黑名单)."""
    tokens = [token for token in _tokens(text) if start <= token.start and token.end <= end]
    phrases = [mark for mark in _marks(tokens, ()) if mark.kind not in ("", "break")]
    real = [t for t in things if not any(_holds(mark, t) for mark in phrases)]
    return _marks(tokens, real)


def _holds(mark: Mark, thing: Thing) -> bool:
    longer = mark.end - mark.start > thing.end - thing.start
    return longer and mark.start <= thing.start and thing.end <= mark.end and not thing.is_title


@lru_cache(maxsize=8)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(tokenize(text))


def _marks(tokens: Sequence[Token], things: Sequence[Thing]) -> Row:
    words = list(_words(tokens, things))
    marks: Row = []
    place = 0
    while place < len(words):
        norm, start, end, thing = words[place]
        kind, last = _longest(words, place)
        adverb = _adverb(words, place)
        if adverb > last - place:
            place += adverb
        elif kind and (thing is None or last > place + 1):
            marks += [Mark("thing", w[1], w[2], w[3]) for w in words[place:last] if w[3] is not None]
            marks.append(Mark(kind, start, words[last - 1][2]))
            place = last
        elif thing is not None:
            marks.append(Mark("thing", start, end, thing))
            place += 1
        else:
            marks.append(Mark("break" if norm in _BREAKS else "", start, end))
            place += 1
    return marks


_Word = tuple[str, int, int, Thing | None]


def _words(tokens: Sequence[Token], things: Sequence[Thing]) -> Iterator[_Word]:
    """What a row is made of: each thing in one, and the words between."""
    behind = -1
    for token in tokens:
        thing = next((thing for thing in things if thing.start <= token.start < thing.end), None)
        if thing is None:
            yield _known(token), token.start, token.end, None
        elif thing.start != behind:
            behind = thing.start
            yield THING, thing.start, thing.end, thing


def _adverb(words: Sequence[_Word], place: int) -> int:
    """How many words from a place on make a phrase that only strengthens or softens."""
    for phrase in _adverbs().get(words[place][0], ()):
        if all(word[0] == part for word, part in zip(words[place:], phrase, strict=False)) and (
            len(phrase) <= len(words) - place
        ):
            return len(phrase)
    return 0


def _longest(words: Sequence[_Word], place: int) -> tuple[str, int]:
    """(kind, place behind) of the longest phrase of the data that begins at a place; ("", place) where none does."""
    for phrase, kind in _lexicon().get(words[place][0], ()):
        last = _matched(words, place, phrase)
        if last:
            return kind, last
    return "", place


def _matched(words: Sequence[_Word], place: int, phrase: tuple[str, ...]) -> int:
    """The place behind a phrase that begins at a place, adverbs between its words let through; 0 where it doesn't."""
    place += 1
    adverbs = _adverbs()
    for part in phrase[1:]:
        while place < len(words) and words[place][0] != part:
            adverb = _adverb(words, place) if words[place][0] in adverbs else 0
            if not adverb:
                return 0
            place += adverb
        if place >= len(words):
            return 0
        place += 1
    return place


def _known(token: Token) -> str:
    """A token's norm, a misspelt word of the data put right."""
    word = token.norm
    if len(word) < _FUZZY_LETTERS or not word.isascii() or not word.isalpha() or word in _vocabulary():
        return word
    return word if word in ordinary_words() else _closest(word)


@lru_cache(maxsize=4096)
def _closest(word: str) -> str:
    found = process.extract(word, _choices(), scorer=OSA.distance, score_cutoff=1, limit=3)
    return next((choice for choice, _, _ in found if is_slip(word, choice)), word)


@lru_cache
def _choices() -> tuple[str, ...]:
    return tuple(sorted(word for word in _vocabulary() if len(word) >= _FUZZY_LETTERS and word.isascii()))


@lru_cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for entries in _lexicon().values() for phrase, _ in entries for word in phrase)


@lru_cache
def speaker() -> re.Pattern[str]:
    """Words of whoever speaks."""
    english = "|".join(re.escape(word) for word in load_stances()["en"]["speaker"])
    return re.compile(rf"(?<![a-z])(?:{english})(?![a-z])|{'|'.join(load_stances()['zh']['speaker'])}")


@lru_cache
def after_thing() -> frozenset[str]:
    """What may follow a thing in a phrase that holds one ("{x} lover")."""
    phrases = [phrase for entries in _lexicon().values() for phrase, _ in entries if THING in phrase[:-1]]
    return frozenset(phrase[phrase.index(THING) + 1] for phrase in phrases)


@lru_cache
def _adverbs() -> Mapping[str, list[tuple[str, ...]]]:
    found: dict[str, list[tuple[str, ...]]] = {}
    for table in load_stances().values():
        for phrase in table["adverbs"]:
            words = norms(phrase)
            found.setdefault(words[0], []).append(words)
    return {first: sorted(phrases, key=len, reverse=True) for first, phrases in found.items()}


@lru_cache
def _lexicon() -> Mapping[str, list[tuple[tuple[str, ...], str]]]:
    """First word -> (phrase, kind), the longest first."""
    kinds: dict[tuple[str, ...], str] = {}
    for table in load_stances().values():
        for kind, entries in table.items():
            for entry in entries if kind not in _NO_KINDS else ():
                for phrase in _spelt_out(entry):
                    kinds.setdefault(phrase, kind)
    found: dict[str, list[tuple[tuple[str, ...], str]]] = {}
    for phrase, kind in kinds.items():
        found.setdefault(phrase[0], []).append((phrase, kind))
    return {first: sorted(phrases, key=lambda entry: -len(entry[0])) for first, phrases in found.items()}


def _spelt_out(entry: str) -> Iterator[tuple[str, ...]]:
    """The phrases of an entry of the data, as they stand in a row.

    >>> sorted(_spelt_out("am|'m mad about"))
    [('am', 'mad', 'about'), ('m', 'mad', 'about')]
    """
    choices = [word.split("|") for word in entry.split()] if entry[0].isascii() else [[entry]]
    for words in product(*choices):
        yield tuple(norm for word in words for norm in _split(word))


def _split(text: str) -> Iterator[str]:
    for piece in re.split(r"(\{x\})", text):
        if piece == THING:
            yield THING
        else:
            yield from norms(piece)
