"""What lasting stance a message takes towards things it names: "wool is my thing", "皮革我碰都不碰".

In: folded text, the places of things that can be liked, and of those already spoken for. Out: `Stance`s, each with the
things that are liked or disliked. Knows the words of `stances.toml`, no catalog and no session.

A clause is read as a row of marks: things named, words that tell a stance, persons, negations, and what rules a stance
out (a wish, a question, an "if", another person's words). Words that only strengthen or soften are left out of the row.
A stance counts where the one who speaks takes it and nothing rules it out; all else is left to the other rules.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from assistant.parsing.data import load_stances
from assistant.parsing.marks import Row, Thing, after_thing, marks_of, row_of, speaker

_SENTENCE = re.compile(r"[;!…\n。?()]+|(?<!(?<![a-z])[a-z])\.(?!\d)")
_NEAR = 3
"""So many words may stand between a negation and what it negates."""
_LOOSE = 1
"""So many unknown words may open a clause that leaves its "I" out."""
_LETTER = 0.25
"""So much of a word is one letter or Chinese character."""
_BARE_LETTERS = 6
_ASKING = ("吗", "么")
_STRENGTH = {
    "like": 3, "dislike": 3, "likes": 2, "dislikes": 2, "likes_said": 2, "habit": 2, "habitual": 2,
    "good": 1, "bad": 1, "eye": 0, "me": 0,
}  # fmt: skip
_SIGN = {"like": 1, "likes": 1, "likes_said": 1, "good": 1, "dislike": -1, "dislikes": -1, "bad": -1}
_LASTING = frozenset({"like", "dislike", "likes", "dislikes", "likes_said"})
_PERSONS = frozenset({"i", "me", "other"})
_RULES_OUT = frozenset({"wish", "occasion", "pass"})
_RULES_ALL_OUT = frozenset({"question", "hypothetical", "quote"})


@dataclass(frozen=True, slots=True)
class Stance:
    """Things that a clause from `start` to `end` takes one stance towards."""

    likes: bool
    things: tuple[Thing, ...]
    start: int
    end: int


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
            found += _of_sentence(row_of(text, start, end, inside))
    return found


def states_taste(text: str) -> bool | None:
    """Whether the one who speaks likes something (True) or dislikes it (False) that need not be known; None where a
    folded message says neither, or both.

    >>> states_taste("violins are my thing"), states_taste("i can't stand loud places"), states_taste("a loud place")
    (True, False, None)
    """
    if not speaker().search(text):
        return None
    signs = {
        _sign(clause, with_title=False)
        for start, end in _sentences(text, ())
        for row in [row_of(text, start, end, ())]
        if not _is_out(row)
        for clause in _clauses(row)
        if any(mark.kind in _LASTING for mark in clause) and not _is_ruled_out(clause)
    }
    return signs.pop() == 1 if len(signs) == 1 and None not in signs else None


def is_mild(text: str) -> bool:
    """Whether folded text prefers: beside a wish that is a part of it.

    >>> is_mild("i prefer long sleeves"), is_mild("i love violins")
    (True, False)
    """
    return any(word in text for table in load_stances().values() for word in table["mild"])


def may_state(text: str) -> bool:
    """Whether a folded message has a word that tells a stance, at the least.

    >>> may_state("i can't stand it"), may_state("two red chairs")
    (True, False)
    """
    marks, words = marks_of(text)
    return any(mark.kind in _STRENGTH for mark in marks) or not words.isdisjoint(after_thing())


def is_anothers(text: str, start: int, end: int) -> bool:
    """Whether what stands between two places of a folded message is asked, supposed, quoted, or said of somebody else.

    >>> is_anothers("he said i love wool", 8, 19), is_anothers("i love wool", 0, 11)
    (True, False)
    """
    for begin, stop in _sentences(text, (), questions=True):
        if begin <= start < stop:
            row = row_of(text, begin, stop, ())
            persons = [mark.kind for mark in row if mark.start < end and mark.kind in _PERSONS]
            asks = text[stop : stop + 1] == "?" or text[begin:stop].rstrip("了 ").endswith(_ASKING)
            rules_out = any(mark.kind in _RULES_ALL_OUT and mark.start < end for mark in row)
            return asks or rules_out or _opens_question(row) or persons[-1:] == ["other"]
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


def _of_sentence(row: Row) -> Iterator[Stance]:
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


def _is_out(row: Row) -> bool:
    """Whether a sentence asks, supposes or quotes."""
    return any(mark.kind in _RULES_ALL_OUT for mark in row) or _opens_question(row)


def _opens_question(row: Row) -> bool:
    opens = len(row) > 1 and row[0].kind == "asks_first"
    return opens and row[1].kind in ("thing", "i", "me", "other", "point", "asks_next")


def _clauses(row: Row) -> list[Row]:
    """The sentence between its commas and buts; a question mark behind no more than a thing is like a comma."""
    clauses: list[Row] = [[]]
    for mark in row:
        if mark.kind in ("break", "but"):
            clauses.append([])
        if mark.kind != "break":
            clauses[-1].append(mark)
    return clauses


def _extent(clauses: Sequence[Row], place: int) -> Row:
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


def _end_of_said(clauses: Sequence[Row], place: int) -> int:
    """Where the clauses behind one end that name nothing and wish for nothing: they go on about it."""
    end = clauses[place][-1].end
    for following in clauses[place + 1 :]:
        if any(mark.thing is not None for mark in following) or _is_ruled_out(following):
            break
        end = following[-1].end
    return end


def _sign_of_marks(row: Row) -> bool:
    return any(_STRENGTH.get(mark.kind) for mark in row)


def _is_ruled_out(row: Row) -> bool:
    """Whether it wishes, speaks of one occasion, or points at something shown."""
    if any(mark.kind in _RULES_OUT for mark in row):
        return True
    row = [mark for mark in row if mark.kind or mark.end - mark.start <= 1]
    return any(
        (one.kind == "point" and two.kind == "thing" and not (two.thing and two.thing.is_title))
        or (one.kind == "thing" and two.kind == "point" and not (one.thing and one.thing.is_title))
        for one, two in pairwise(row)
    )


def _parted(row: Row, before: int | None, end: int) -> Iterator[Stance]:
    """The stances of a clause: one, or where it takes two, each with its things; `end` is where what is said ends."""
    for part in _parts(row):
        things = tuple(mark.thing for mark in part if mark.thing is not None)
        sign = _sign(part, with_title=any(thing.is_title for thing in things))
        if sign is None and before is not None and _only_goes_on(part):
            sign = -before if any(mark.kind == "not" for mark in part) else before
        if sign is not None and things:
            yield Stance(sign > 0, things, row[0].start, max(row[-1].end, end))
            before = sign


def _only_goes_on(row: Row) -> bool:
    return all(mark.kind in ("thing", "not", "and", "but") for mark in row)


def _parts(row: Row) -> list[Row]:
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
    while not opens_with_thing and cut > 0 and row[cut - 1].kind in ("not", "i", "me", "seldom", "always"):
        cut -= 1
    return [row[:cut], row[cut:]]


def _sign(row: Row, *, with_title: bool) -> int | None:
    """1 where the one who speaks likes it, -1 where they dislike it; None where neither or both are said."""
    said = [(strength, sign) for strength, sign in _said(row, with_title=with_title)]
    if not said:
        return None
    strongest = max(strength for strength, _ in said)
    signs = {sign for strength, sign in said if strength == strongest}
    return signs.pop() if len(signs) == 1 else None


def _said(row: Row, *, with_title: bool) -> Iterator[tuple[int, int]]:
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
        if mark.kind in ("eye", "me"):
            turned = any(other.kind in ("not", "seldom") for other in row)
            if _is_judged(row, place) and not (turned and any(_SIGN.get(other.kind, 1) < 0 for other in row)):
                yield _STRENGTH[mark.kind], -1 if turned else 1
            continue
        sign = _SIGN[mark.kind]
        if not denied:
            yield _STRENGTH[mark.kind], sign
        elif sign > 0:
            yield _STRENGTH[mark.kind], -1


def _is_judged(row: Row, place: int) -> bool:
    """Whether something is said of a thing before "to me": more than that it shall be (a jacket for me)."""
    things = [i for i, mark in enumerate(row[:place]) if mark.thing is not None]
    if row[place].kind == "eye" and any(mark.kind == "always" for mark in row[:place]):
        return True
    between = [mark for mark in row[things[-1] + 1 : place] if mark.kind != "aside"] if things else []
    return bool(between) and between[0].kind not in ("join", "and", "point", "i")


def _describes(row: Row, place: int) -> bool:
    """Whether a judgement only tells which of a kind (a great jacket, 好看的裙子)."""
    following = [mark for mark in row[place + 1 : place + 3] if mark.kind or mark.end - mark.start > 1]
    return bool(following) and following[0].thing is not None and not following[0].thing.is_title


def _is_habitual(row: Row, place: int) -> bool:
    """Whether it is said plainly of oneself (I wear wool)."""
    around = row[place - 1 : place] + row[place + 1 : place + 2]
    return row[place].kind == "habitual" and [mark.kind for mark in around] == ["i", "thing"]


def _is_denied(row: Row, place: int) -> bool:
    """Whether a negation stands closely before; "not" behind a thing denies what follows the thing."""
    near = row[max(0, place - _NEAR) : place]
    return sum(mark.kind in ("not", "seldom") for mark in near) % 2 == 1


def _speaks(row: Row, place: int, *, with_title: bool) -> bool:
    """Whether it is the one who speaks that takes the stance at a place."""
    kind = row[place].kind
    persons = ["i" if mark.kind == "me" else mark.kind for mark in row[:place] if mark.kind in _PERSONS]
    if kind in ("like", "dislike"):
        return not persons or persons[-1] == "i"
    if kind in ("eye", "me"):
        return not any(mark.kind == "other" for mark in row)
    if kind in ("good", "bad"):
        own = with_title or any(mark.kind in ("eye", "i", "me") for mark in row)
        return own and "other" not in persons and not _describes(row, place)
    if persons:
        return persons[-1] == "i"
    if kind == "likes_said":
        return False
    unknown = [mark.end - mark.start for mark in row[:place] if not mark.kind]
    return sum(1 if length > 1 else _LETTER for length in unknown) <= _LOOSE
