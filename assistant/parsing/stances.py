"""What lasting stance a message takes towards things it names: "wool is my thing", "皮革我碰都不碰".

In: folded text, the places of things that can be liked, and of those already spoken for. Out: `Stance`s, each with the
things that are liked or disliked. Knows the words of `stances.toml`, no catalog and no session.

A clause is read as a row of marks: things named, words that tell a stance, persons, negations, and what rules a stance
out (a wish, a question, an "if", another person's words). Words that only strengthen or soften are left out of the row.
A stance counts where the one who speaks takes it and nothing rules it out; all else is left to the other rules.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise, product

from rapidfuzz import process
from rapidfuzz.distance import OSA

from assistant.parsing.data import load_fillers, load_stances
from retrieval.lexicon.matching import Token, norms, tokenize
from retrieval.vocabulary import ordinary_words

THING = "{x}"
"""Stands for a thing named, in the data and in a row."""

_SENTENCE = re.compile(r"[;!…\n。]+|(?<!(?<![a-z])[a-z])\.(?!\d)")
_NEAR = 3
"""So many words may stand between a negation and what it negates."""
_LOOSE = 1
"""So many unknown words may open a clause that leaves its "I" out."""
_FUZZY_LETTERS = 5
_LONGEST_ADVERB = 8
_STRENGTH = {"like": 3, "dislike": 3, "likes": 2, "dislikes": 2, "likes_said": 2, "habit": 2, "good": 1, "bad": 1}
_SIGN = {"like": 1, "likes": 1, "likes_said": 1, "good": 1, "dislike": -1, "dislikes": -1, "bad": -1}
_RULES_OUT = frozenset({"wish", "occasion", "pass"})
_RULES_ALL_OUT = frozenset({"question", "hypothetical", "quote"})


@dataclass(frozen=True, slots=True)
class Thing:
    """A place of folded text that names something which can be liked, by its title or not."""

    start: int
    end: int
    is_title: bool = False


@dataclass(frozen=True, slots=True)
class Stance:
    """Things that a clause from `start` to `end` takes one stance towards."""

    likes: bool
    things: tuple[Thing, ...]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class _Mark:
    """One word or phrase of a row: `kind` as in the data, "thing", "break" or "" (unknown)."""

    kind: str
    start: int
    end: int
    thing: Thing | None = None


_Row = list[_Mark]


def find_stances(text: str, things: Sequence[Thing]) -> list[Stance]:
    """The lasting stances of a folded message towards things in it.

    >>> [(s.likes, [text[t.start : t.end] for t in s.things])
    ...  for text in ["wool is my thing, plastic isn't"] for s in find_stances(text, [Thing(0, 4), Thing(18, 25)])]
    [(True, ['wool']), (False, ['plastic'])]
    """
    if not things:
        return []
    found: list[Stance] = []
    for start, end in _sentences(text, things):
        inside = [thing for thing in things if start <= thing.start and thing.end <= end]
        if inside:
            found += _of_sentence(_row(text, start, end, inside))
    return found


def states_something(text: str) -> bool:
    """Whether a folded message takes a lasting stance, of itself and by one who speaks of themselves.

    >>> states_something("i can't stand loud places"), states_something("a loud place")
    (True, False)
    """
    return any(
        _sign(clause, with_title=False) is not None and any(mark.kind == "i" for mark in clause)
        for start, end in _sentences(text, ())
        for row in [_row(text, start, end, ())]
        if not any(mark.kind in _RULES_ALL_OUT for mark in row)
        for clause in _clauses(row)
    )


def may_state(text: str) -> bool:
    """Whether a folded message has a word that tells a stance, at the least.

    >>> may_state("i can't stand it"), may_state("two red chairs")
    (True, False)
    """
    return _sign_of_marks(_marks(_tokens(text), ()))


def is_grammar(word: str) -> bool:
    """Whether a token's norm is a word of the data or a filler, which names nothing by itself.

    >>> is_grammar("love"), is_grammar("oak")
    (True, False)
    """
    return word in _vocabulary() or word in load_fillers()[0] or word in _adverbs()


def _sentences(text: str, things: Sequence[Thing]) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end; a full stop in a title ends none."""
    begin = 0
    for stop in _SENTENCE.finditer(text):
        if not any(thing.start < stop.end() and stop.start() < thing.end for thing in things):
            yield begin, stop.start()
            begin = stop.end()
    yield begin, len(text)


def _row(text: str, start: int, end: int, things: Sequence[Thing]) -> _Row:
    """The marks of a sentence. A thing inside a longer phrase of the data is none (the black of 黑名单)."""
    tokens = [token for token in _tokens(text) if start <= token.start and token.end <= end]
    phrases = [mark for mark in _marks(tokens, ()) if mark.kind not in ("", "break")]
    real = [t for t in things if not any(_holds(mark, t) for mark in phrases)]
    return _marks(tokens, real)


def _holds(mark: _Mark, thing: Thing) -> bool:
    longer = mark.end - mark.start > thing.end - thing.start
    return longer and mark.start <= thing.start and thing.end <= mark.end and not thing.is_title


@lru_cache(maxsize=8)
def _tokens(text: str) -> tuple[Token, ...]:
    return tuple(tokenize(text))


def _marks(tokens: Sequence[Token], things: Sequence[Thing]) -> _Row:
    words = list(_words(tokens, things))
    marks: _Row = []
    place = 0
    while place < len(words):
        norm, start, end, thing = words[place]
        found = _longest(words, place)
        if thing is not None and (found is None or found[1] == place + 1):
            marks.append(_Mark("thing", start, end, thing))
            place += 1
        elif found is not None:
            kind, last = found
            marks += [_Mark("thing", w[1], w[2], w[3]) for w in words[place:last] if w[3] is not None]
            marks.append(_Mark(kind, start, words[last - 1][2]))
            place = last
        else:
            marks.append(_Mark("break" if norm in ",?:、" else "", start, end))
            place += 1
    return marks


_Word = tuple[str, int, int, Thing | None]


def _words(tokens: Sequence[Token], things: Sequence[Thing]) -> Iterator[_Word]:
    """What a row is made of: things, and words but those that only strengthen or soften."""
    skipped = 0
    for place, token in enumerate(tokens):
        thing = next((thing for thing in things if thing.start <= token.start < thing.end), None)
        if thing is not None:
            if token.start == thing.start or place == 0 or tokens[place - 1].start < thing.start:
                yield THING, thing.start, thing.end, thing
            continue
        if place < skipped:
            continue
        length = _adverb([token.norm for token in tokens[place : place + _LONGEST_ADVERB]])
        if length:
            skipped = place + length
            continue
        yield _known(token), token.start, token.end, None


def _adverb(words: Sequence[str]) -> int:
    """How many of the words make a phrase that only strengthens or softens."""
    return next((len(p) for p in _adverbs().get(words[0], ()) if tuple(words[: len(p)]) == p), 0)


def _longest(words: Sequence[_Word], place: int) -> tuple[str, int] | None:
    """(kind, place behind) of the longest phrase of the data that begins at a place."""
    for phrase, kind in _lexicon().get(words[place][0], ()):
        if len(phrase) <= len(words) - place and all(
            phrase[i] == words[place + i][0] for i in range(1, len(phrase))
        ):
            return kind, place + len(phrase)
    return None


def _of_sentence(row: _Row) -> Iterator[Stance]:
    if any(mark.kind in _RULES_ALL_OUT for mark in row):
        return
    clauses = [clause for clause in _clauses(row) if clause]
    before: int | None = None
    for place, clause in enumerate(clauses):
        things = [mark.thing for mark in clause if mark.thing is not None]
        if not things:
            continue
        extent = _extent(clauses, place)
        if _is_ruled_out(extent):
            before = None
            continue
        pieces = list(_parted(extent, before))
        before = pieces[-1].likes * 2 - 1 if pieces else None
        yield from pieces


def _clauses(row: _Row) -> list[_Row]:
    """The sentence between its commas and buts; a question mark behind no more than a thing is like a comma."""
    clauses: list[_Row] = [[]]
    for mark in row:
        if mark.kind in ("break", "but"):
            clauses.append([])
        if mark.kind != "break":
            clauses[-1].append(mark)
    return clauses


def _extent(clauses: Sequence[_Row], place: int) -> _Row:
    """A clause, with those beside it that name nothing where it takes no stance itself."""
    own = clauses[place]
    if _sign_of_marks(own):
        return own
    extent = list(own)
    for following in clauses[place + 1 :]:
        if any(mark.thing is not None for mark in following):
            break
        extent += following
    if not _sign_of_marks(extent) and place and not any(mark.thing is not None for mark in clauses[place - 1]):
        extent = [*clauses[place - 1], *extent]
    return extent


def _sign_of_marks(row: _Row) -> bool:
    return any(mark.kind in _STRENGTH for mark in row)


def _is_ruled_out(row: _Row) -> bool:
    """Whether it wishes, speaks of one occasion, or points at something shown."""
    if any(mark.kind in _RULES_OUT for mark in row):
        return True
    return any(
        one.kind == "point" and two.kind == "thing" and not (two.thing and two.thing.is_title)
        or one.kind == "thing" and two.kind == "point" and not (one.thing and one.thing.is_title)
        for one, two in pairwise(row)
    )


def _parted(row: _Row, before: int | None) -> Iterator[Stance]:
    """The stances of a clause: one, or where it takes two, each with its things."""
    parts = _parts(row)
    for part in parts:
        things = tuple(mark.thing for mark in part if mark.thing is not None)
        sign = _sign(part, with_title=any(thing.is_title for thing in things))
        if sign is None and before is not None and _only_goes_on(part):
            sign = -before if any(mark.kind == "not" for mark in part) else before
        if sign is not None and things:
            yield Stance(sign > 0, things, row[0].start, row[-1].end)
            before = sign


def _only_goes_on(row: _Row) -> bool:
    return all(mark.kind in ("thing", "not", "and", "but") for mark in row)


def _parts(row: _Row) -> list[_Row]:
    """A clause in two where it takes opposite stances towards several things (I love wool and hate leather)."""
    places = [i for i, mark in enumerate(row) if mark.kind in _STRENGTH]
    things = [i for i, mark in enumerate(row) if mark.thing is not None]
    if len(places) < 2 or len(things) < 2:
        return [row]
    opens_with_thing = things[0] < places[0]
    cut = next((things[i] for i in range(1, len(things)) if things[i] > places[0]), None) if opens_with_thing else (
        next((place for place in places[1:] if place > things[0] and place < things[-1]), None)
    )  # fmt: skip
    if cut is None:
        return [row]
    while not opens_with_thing and cut > 0 and row[cut - 1].kind in ("not", "i", "seldom", "always"):
        cut -= 1
    return [row[:cut], row[cut:]]


def _sign(row: _Row, *, with_title: bool) -> int | None:
    """1 where the one who speaks likes it, -1 where they dislike it; None where neither or both are said."""
    said = [(strength, sign) for strength, sign in _said(row, with_title=with_title)]
    if not said:
        return None
    strongest = max(strength for strength, _ in said)
    signs = {sign for strength, sign in said if strength == strongest}
    return signs.pop() if len(signs) == 1 else None


def _said(row: _Row, *, with_title: bool) -> Iterator[tuple[int, int]]:
    """(strength, sign) of what counts in a clause."""
    for place, mark in enumerate(row):
        if mark.kind not in _STRENGTH or not _speaks(row, place, with_title=with_title):
            continue
        denied = _is_denied(row, place)
        if mark.kind == "habit":
            if denied or any(other.kind == "seldom" for other in row):
                yield _STRENGTH[mark.kind], -1
            elif any(other.kind == "always" for other in row):
                yield _STRENGTH[mark.kind], 1
            continue
        sign = _SIGN[mark.kind]
        if not denied:
            yield _STRENGTH[mark.kind], sign
        elif sign > 0:
            yield _STRENGTH[mark.kind], -1


def _is_denied(row: _Row, place: int) -> bool:
    """Whether a negation stands closely before; "not" behind a thing denies what follows the thing."""
    near = row[max(0, place - _NEAR) : place]
    return sum(mark.kind in ("not", "seldom") for mark in near) % 2 == 1


def _speaks(row: _Row, place: int, *, with_title: bool) -> bool:
    """Whether it is the one who speaks that takes the stance at a place."""
    kind = row[place].kind
    persons = [mark.kind for mark in row[:place] if mark.kind in ("i", "other")]
    if kind in ("like", "dislike"):
        return not persons or persons[-1] == "i"
    if kind in ("good", "bad"):
        return "other" not in persons and (with_title or any(mark.kind == "eye" for mark in row))
    if persons:
        return persons[-1] == "i"
    if kind == "likes_said":
        return False
    return sum(mark.kind == "" for mark in row[:place]) <= _LOOSE


def _known(token: Token) -> str:
    """A token's norm, a misspelt word of the data put right."""
    word = token.norm
    if len(word) < _FUZZY_LETTERS or not word.isascii() or not word.isalpha() or word in _vocabulary():
        return word
    return word if word in ordinary_words() else _closest(word)


@lru_cache(maxsize=4096)
def _closest(word: str) -> str:
    found = process.extractOne(word, _choices(), scorer=OSA.distance, score_cutoff=1)
    return found[0] if found is not None and found[0][0] == word[0] else word


@lru_cache
def _choices() -> tuple[str, ...]:
    return tuple(sorted(word for word in _vocabulary() if len(word) >= _FUZZY_LETTERS and word.isascii()))


@lru_cache
def _vocabulary() -> frozenset[str]:
    return frozenset(word for entries in _lexicon().values() for phrase, _ in entries for word in phrase)


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
            for entry in entries if kind != "adverbs" else ():
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
        row = [norm for word in words for norm in _split(word)]
        yield tuple(_without_adverbs(row)) or tuple(row)


def _without_adverbs(words: Sequence[str]) -> Iterator[str]:
    place = 0
    while place < len(words):
        length = _adverb(words[place:])
        if not length:
            yield words[place]
        place += length or 1


def _split(text: str) -> Iterator[str]:
    for piece in re.split(r"(\{x\})", text):
        if piece == THING:
            yield THING
        else:
            yield from norms(piece)
