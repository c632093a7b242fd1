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

_SENTENCE = re.compile(r"[;!…\n。?]+|(?<!(?<![a-z])[a-z])\.(?!\d)")
_NEAR = 3
"""So many words may stand between a negation and what it negates."""
_LOOSE = 1
"""So many unknown words may open a clause that leaves its "I" out."""
_LETTER = 0.25
"""So much of a word is one letter or Chinese character."""
_FUZZY_LETTERS = 5
_BARE_LETTERS = 6
_ASKING = ("吗", "么")
_BREAKS = frozenset(",:、")
_STRENGTH = {"like": 3, "dislike": 3, "likes": 2, "dislikes": 2, "likes_said": 2, "habit": 2, "habitual": 2, "good": 1, "bad": 1, "eye": 0}
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
        if not _is_out(row)
        for clause in _clauses(row)
    )


def may_state(text: str) -> bool:
    """Whether a folded message has a word that tells a stance, at the least.

    >>> may_state("i can't stand it"), may_state("two red chairs")
    (True, False)
    """
    tokens = _tokens(text)
    return any(mark.kind in _STRENGTH for mark in _marks(tokens, ())) or any(
        token.norm in _after_thing() for token in tokens
    )


def is_grammar(word: str) -> bool:
    """Whether a token's norm is a word of the data or a filler, which names nothing by itself.

    >>> is_grammar("love"), is_grammar("oak")
    (True, False)
    """
    return word in _vocabulary() or word in load_fillers()[0] or word in _adverbs()


def is_anothers(text: str, start: int, end: int) -> bool:
    """Whether what stands between two places of a folded message is asked, quoted, or said of somebody else.

    >>> is_anothers("he said i love wool", 8, 19), is_anothers("i love wool", 0, 11)
    (True, False)
    """
    for begin, stop in _sentences(text, (), questions=True):
        if begin <= start < stop:
            row = _row(text, begin, stop, ())
            persons = [mark.kind for mark in row if mark.start < end and mark.kind in ("i", "other")]
            asks = text[stop : stop + 1] == "?" or text[begin:stop].rstrip("了 ").endswith(_ASKING)
            quotes = any(mark.kind in ("quote", "question") and mark.start <= start for mark in row)
            return asks or quotes or _opens_question(row) or persons[-1:] == ["other"]
    return False


def _sentences(text: str, things: Sequence[Thing], *, questions: bool = False) -> Iterator[tuple[int, int]]:
    """Where sentences begin and end, questions left out. No mark within a title ends one, nor a question mark behind
    no more than a thing (wool? love it)."""
    begin = 0
    for stop in _SENTENCE.finditer(text):
        if any(thing.start < stop.end() and stop.start() < thing.end for thing in things):
            continue
        asks = "?" in stop.group()
        if asks and any(_is_bare(text[begin : thing.start] + text[thing.end : stop.start()]) for thing in things):
            continue
        if questions or not asks:
            yield begin, stop.start()
        begin = stop.end()
    yield begin, len(text)


def _is_bare(around: str) -> bool:
    """Whether no more than a word or two of one syllable stands around a thing."""
    return len(around.strip()) <= _BARE_LETTERS


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
        kind, last = _longest(words, place)
        adverb = _adverb(words, place)
        if adverb > last - place:
            place += adverb
        elif kind and (thing is None or last > place + 1):
            marks += [_Mark("thing", w[1], w[2], w[3]) for w in words[place:last] if w[3] is not None]
            marks.append(_Mark(kind, start, words[last - 1][2]))
            place = last
        elif thing is not None:
            marks.append(_Mark("thing", start, end, thing))
            place += 1
        else:
            marks.append(_Mark("break" if norm in _BREAKS else "", start, end))
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
    for part in phrase[1:]:
        while place < len(words) and words[place][0] != part:
            adverb = _adverb(words, place)
            if not adverb:
                return 0
            place += adverb
        if place >= len(words):
            return 0
        place += 1
    return place


def _of_sentence(row: _Row) -> Iterator[Stance]:
    if _is_out(row):
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
        pieces = list(_parted(extent, before, _end_of_said(clauses, place)))
        before = pieces[-1].likes * 2 - 1 if pieces else None
        yield from pieces


def _is_out(row: _Row) -> bool:
    """Whether a sentence asks, supposes or quotes."""
    return any(mark.kind in _RULES_ALL_OUT for mark in row) or _opens_question(row)


def _opens_question(row: _Row) -> bool:
    opens = len(row) > 1 and row[0].kind == "asks_first"
    return opens and row[1].kind in ("thing", "i", "other", "point", "asks_next")


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
    with_title = any(mark.thing is not None and mark.thing.is_title for mark in own)
    if _sign(own, with_title=with_title) is not None or len(_parts(own)) > 1:
        return own
    extent = list(own)
    for following in clauses[place + 1 :]:
        if any(mark.thing is not None for mark in following):
            break
        extent += following
    if not _sign_of_marks(extent) and place and not any(mark.thing is not None for mark in clauses[place - 1]):
        extent = [*clauses[place - 1], *extent]
    return extent


def _end_of_said(clauses: Sequence[_Row], place: int) -> int:
    """Where the clauses behind one end that name nothing and wish for nothing: they go on about it."""
    end = clauses[place][-1].end
    for following in clauses[place + 1 :]:
        if any(mark.thing is not None for mark in following) or _is_ruled_out(following):
            break
        end = following[-1].end
    return end


def _sign_of_marks(row: _Row) -> bool:
    return any(mark.kind in _STRENGTH and mark.kind != "eye" for mark in row)


def _is_ruled_out(row: _Row) -> bool:
    """Whether it wishes, speaks of one occasion, or points at something shown."""
    if any(mark.kind in _RULES_OUT for mark in row):
        return True
    row = [mark for mark in row if mark.kind or mark.end - mark.start <= 1]
    return any(
        one.kind == "point" and two.kind == "thing" and not (two.thing and two.thing.is_title)
        or one.kind == "thing" and two.kind == "point" and not (one.thing and one.thing.is_title)
        for one, two in pairwise(row)
    )


def _parted(row: _Row, before: int | None, end: int) -> Iterator[Stance]:
    """The stances of a clause: one, or where it takes two, each with its things; `end` is where what is said ends."""
    for part in _parts(row):
        things = tuple(mark.thing for mark in part if mark.thing is not None)
        sign = _sign(part, with_title=any(thing.is_title for thing in things))
        if sign is None and before is not None and _only_goes_on(part):
            sign = -before if any(mark.kind == "not" for mark in part) else before
        if sign is not None and things:
            yield Stance(sign > 0, things, row[0].start, max(row[-1].end, end))
            before = sign


def _only_goes_on(row: _Row) -> bool:
    return all(mark.kind in ("thing", "not", "and", "but") for mark in row)


def _parts(row: _Row) -> list[_Row]:
    """A clause in two where it takes opposite stances towards several things (I love wool and hate leather)."""
    places = [i for i, mark in enumerate(row) if mark.kind in _SIGN or mark.kind in ("habit", "habitual")]
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
        if mark.kind in ("habit", "habitual"):
            if denied or any(other.kind == "seldom" for other in row):
                yield _STRENGTH[mark.kind], -1
            elif any(other.kind == "always" for other in row) or _is_habitual(row, place):
                yield _STRENGTH[mark.kind], 1
            continue
        if mark.kind == "eye":
            if _is_judged(row, place):
                yield _STRENGTH[mark.kind], -1 if any(other.kind in ("not", "seldom") for other in row) else 1
            continue
        sign = _SIGN[mark.kind]
        if not denied:
            yield _STRENGTH[mark.kind], sign
        elif sign > 0:
            yield _STRENGTH[mark.kind], -1


def _is_judged(row: _Row, place: int) -> bool:
    """Whether something is said of a thing before "to me": more than that it shall be (a jacket for me)."""
    things = [i for i, mark in enumerate(row[:place]) if mark.thing is not None]
    always = any(mark.kind == "always" for mark in row[:place])
    return always or (bool(things) and any(mark.kind not in ("aside", "and") for mark in row[things[-1] + 1 : place]))


def _describes(row: _Row, place: int) -> bool:
    """Whether a judgement only tells which of a kind (a great jacket, 好看的裙子)."""
    following = [mark for mark in row[place + 1 : place + 3] if mark.kind or mark.end - mark.start > 1]
    return bool(following) and following[0].thing is not None and not following[0].thing.is_title


def _is_habitual(row: _Row, place: int) -> bool:
    """Whether it is said plainly of oneself (I wear wool)."""
    around = row[place - 1 : place] + row[place + 1 : place + 2]
    return row[place].kind == "habitual" and [mark.kind for mark in around] == ["i", "thing"]


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
    if kind == "eye":
        return "other" not in persons
    if kind in ("good", "bad"):
        own = with_title or any(mark.kind in ("eye", "i") for mark in row)
        return own and "other" not in persons and not _describes(row, place)
    if persons:
        return persons[-1] == "i"
    if kind == "likes_said":
        return False
    unknown = [mark.end - mark.start for mark in row[:place] if not mark.kind]
    return sum(1 if length > 1 else _LETTER for length in unknown) <= _LOOSE


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
def _after_thing() -> frozenset[str]:
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
        yield tuple(norm for word in words for norm in _split(word))


def _split(text: str) -> Iterator[str]:
    for piece in re.split(r"(\{x\})", text):
        if piece == THING:
            yield THING
        else:
            yield from norms(piece)
