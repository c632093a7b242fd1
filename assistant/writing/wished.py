"""Where in a message the shopper names a property that a thing is to have: "with a solar panel", "bulletproof".

Comes in: the words of one message, and the category of what is wished. Goes out: the words that stand where a wish for
a property stands. Knows no product, no session and no reply; words of talk ("poss", "my flatmate") stand nowhere.
"""

import re
import tomllib
from collections.abc import Iterator, Sequence
from functools import lru_cache
from importlib import resources
from typing import Any

from assistant.parsing.data import load_fillers
from assistant.writing.checks.tables import chinese_prose, chinese_things, concrete, prose, things
from retrieval.lexicon import load_lexicon
from retrieval.lexicon.matching import fold
from retrieval.text import STOP_WORDS, has_cjk, tokens

_CLAUSE = re.compile(r"[^,.;:!?…()\n，。！？；：、]+")
_WORD = re.compile(r"(?<![\da-z])[a-z]+(?:['’-][a-z]+)*", re.IGNORECASE)
_REACH = 3
"""So many words may stand between a thing and what it is said to have."""
_NAMED = 4
"""So many words name one property at most."""
_SHORTEST = 2


@lru_cache
def _table(language: str) -> dict[str, Any]:
    file = resources.files("assistant.writing").joinpath("wished.toml")
    table: dict[str, Any] = tomllib.loads(file.read_text(encoding="utf-8"))[language]
    return table


@lru_cache
def _words(name: str) -> frozenset[str]:
    return frozenset(_table("en")[name].split())


def is_chat(word: str) -> bool:
    """Whether an English word is shorthand, an interjection or a filler of chat.

    >>> is_chat("poss"), is_chat("turmeric")
    (True, False)
    """
    return fold(word) in _words("chat")


def wished_properties(message: str, category: str) -> tuple[str, ...]:
    """The English phrases that stand where a property of the thing is named.

    >>> wished_properties("any tea with turmeric poss? my flatmate drums", "teas")
    ('turmeric',)
    >>> wished_properties("a bulletproof backpack with a solar panel, without logos", "backpacks")
    ('bulletproof', 'solar panel')
    """
    nouns = _nouns(category)
    found: dict[str, None] = {}
    for clause in _CLAUSE.finditer(fold(message)):
        said = _WORD.findall(message[clause.start() : clause.end()])
        words = [fold(word) for word in said]
        own = {place for place, word in enumerate(words) if set(tokens(word)) & _stems(category)}
        around = {*_before(words, nouns), *_alone(words, nouns)} - own
        places = {*_had(words, nouns), *around, *_shaped(words)}
        named = sorted(place for place in places if _may_name(words, place))
        for first, last in _runs(named):
            found[" ".join(said[first : last + 1])] = None
    return tuple(found)


def _may_name(words: Sequence[str], place: int) -> bool:
    return not (_is_negated(words, place) or is_chat(words[place]) or words[place] in STOP_WORDS)


def _runs(places: Sequence[int]) -> Iterator[tuple[int, int]]:
    """The first and the last of places that follow each other.

    >>> list(_runs([1, 2, 4]))
    [(1, 2), (4, 4)]
    """
    start = 0
    for at in range(1, len(places) + 1):
        if at == len(places) or places[at] != places[at - 1] + 1:
            yield places[start], places[at - 1]
            start = at


def clauses_of(message: str) -> list[str]:
    """The parts of a message between its marks, in lower case.

    >>> clauses_of("Do you sell kayaks? Mine sank.")
    ['do you sell kayaks', ' mine sank']
    """
    return _CLAUSE.findall(fold(message))


@lru_cache
def _nouns(category: str) -> frozenset[str]:
    """The stems of what a thing of the category is called by: the last words of its names."""
    names = (name for name in _names(category) if not has_cjk(name))
    return frozenset(stems[-1] for name in names if (stems := tokens(name)))


@lru_cache
def _stems(category: str) -> frozenset[str]:
    """The stems of all words of a thing's names: "desk" and "lamp"."""
    return frozenset(stem for name in _names(category) if not has_cjk(name) for stem in tokens(name))


@lru_cache
def _names(category: str) -> tuple[str, ...]:
    lexicon = load_lexicon()
    known = lexicon.canonical("category", category)
    same = [one for one in lexicon.concepts if one.kind == "category" and one.value == known]
    return (category, *(name for one in same for name in one.surfaces))


def _is_noun(word: str, nouns: frozenset[str]) -> bool:
    return any(stem in nouns for stem in tokens(word))


def _had(words: Sequence[str], nouns: frozenset[str]) -> Iterator[int]:
    """What follows "with", "that contains" or "made of", and "in" at once after the thing."""
    for place, word in enumerate(words):
        before = words[max(0, place - _REACH) : place]
        at_once = bool(before) and (_is_noun(before[-1], nouns) or before[-1] in _words("anchors"))
        near = not words[:place] or at_once or any(_is_noun(one, nouns) or one in _words("anchors") for one in before)
        has = (word in _words("with") and near) or (word in _words("has") and at_once)
        placed = word in _words("placed") and bool(before)
        if has or (placed and (_is_noun(before[-1], nouns) or before[-1] in _words("made") | _words("somewhere"))):
            yield from _phrase(words, place + 1, nouns)


def _phrase(words: Sequence[str], first: int, nouns: frozenset[str]) -> Iterator[int]:
    """The places of the words that name what is had; none where that is a person, or the thing itself."""
    while first < len(words) and words[first] in _words("determiners"):
        first += 1
    if first < len(words) and words[first] in _words("nobody"):
        return
    for place in range(first, min(first + _NAMED, len(words))):
        if words[place] in _words("ends") or _is_noun(words[place], nouns):
            return
        yield place


def _before(words: Sequence[str], nouns: frozenset[str]) -> Iterator[int]:
    """What stands at once before the thing: words for properties, and any others after a determiner."""
    for noun in (place for place, word in enumerate(words) if _is_noun(word, nouns)):
        chain = []
        place = noun - 1
        while place >= 0 and not _is_barrier(words[place]):
            chain.append(place)
            place -= 1
        # With no determiner before it, the first word may as well be a verb: "scrap breakfast".
        introduced = place >= 0 and words[place] in _words("determiners")
        yield from (at for at in chain if introduced or any(_names_property(words[n]) for n in chain if n >= at))
    for place in (place for place in range(1, len(words) - 1) if words[place : place + 2] == ["would", "be"]):
        if set(words[place + 2 :]) & _words("welcome"):
            yield from _until_barrier(words, place - 1)


def _until_barrier(words: Sequence[str], place: int) -> Iterator[int]:
    while place >= 0 and not _is_barrier(words[place]):
        yield place
        place -= 1


def _is_barrier(word: str) -> bool:
    """Whether a word is none of what is named: one that builds sentences, or says nothing of a product."""
    idle = word in STOP_WORDS | load_fillers()[0] | _words("ends") | _words("with") | _words("determiners") or is_chat(
        word
    )
    return idle or word.endswith("'s") or (word in prose() and not _names_property(word))


def _alone(words: Sequence[str], nouns: frozenset[str]) -> Iterator[int]:
    """Words for properties in a clause that holds nothing else: "brass or gold looking"."""
    known = [word for word in words if _names_property(word)]
    rest = [word for word in words if word not in known and word not in _words("beside") and not is_chat(word)]
    if known and not [word for word in rest if not _is_noun(word, nouns)]:
        yield from (place for place, word in enumerate(words) if word in known)


def _shaped(words: Sequence[str]) -> Iterator[int]:
    """Words that are formed as words for properties: "fireproof", "acid-free"."""
    for place, word in enumerate(words):
        stem, _, ending = word.rpartition("-")
        if (stem and ending in _words("property_endings")) or re.fullmatch(r".{2,}(?:proof|resistant)", word):
            yield place


def _names_property(word: str) -> bool:
    return word in things() or word in concrete()


def _is_negated(words: Sequence[str], place: int) -> bool:
    return bool(set(words[max(0, place - _REACH) : place]) & _words("negators"))


def wished_properties_zh(message: str, category: str) -> tuple[str, ...]:
    """The Chinese words that stand where a property of the thing is named, without what says nothing.

    >>> wished_properties_zh("有没有带收音机的台灯", "desk lamps"), wished_properties_zh("防弹背包", "backpacks")
    (('收音机',), ('防弹',))
    >>> wished_properties_zh("我室友想要个帐篷，急需", "tents")
    ()
    """
    table = _table("zh")
    called = "|".join(sorted(map(re.escape, filter(has_cjk, _names(category))), key=len, reverse=True)) or "(?!)"
    found: dict[str, None] = {}
    for pattern in table["patterns"]:
        for match in re.finditer(pattern.replace("{noun}", f"(?:{called})"), message):
            if not _is_denied(message[: match.start()]) and not _is_way(match["what"]):
                found.update(dict.fromkeys(_told(match["what"])))
    for match in re.finditer(table["bare"].replace("{noun}", f"(?:{called})"), message):
        whole = match["what"]
        last = next(reversed(_told(whole)), "")
        if last and whole.endswith(last) and _is_property(last) and not _is_denied(whole[: len(whole) - len(last)]):
            found[last] = None
    return tuple(word for word in found if not any(word != other and word in other for other in found))


def _is_denied(before: str) -> bool:
    """Whether what follows these words is what is not wanted."""
    return re.search(rf"(?:{_table('zh')['negators']})$", before) is not None


def _is_way(what: str) -> bool:
    """Whether what is taken along is a person, or the words say where to: 带去工地的, 带孩子玩的."""
    people = (surface for concept in load_lexicon().relatives for surface in concept.surfaces if has_cjk(surface))
    return what[0] in _table("zh")["ways"] or any(person in what for person in people)


def _is_property(word: str) -> bool:
    table = _table("zh")
    shaped = word[0] in table["begins"] or word.endswith(tuple(table["ends"]))
    return shaped or bool(chinese_things().fullmatch(word))


def _told(text: str) -> list[str]:
    """The runs of two or more characters that no idle word covers; a word for a property covers itself.

    >>> _told("要一个记忆棉")
    ['记忆棉']
    """
    runs: list[str] = []
    run, place = "", 0
    while place < len(text):
        idle = _idle_at(text, place)
        if idle and not (run and len(idle) == 1 and not _is_denied(idle)):
            runs, run = [*runs, run], ""
            place += len(idle)
        else:
            run += text[place]
            place += 1
    return [run for run in (*runs, run) if len(run) >= _SHORTEST]


def _idle_at(text: str, place: int) -> str:
    """The longest idle word that begins here, unless a word for a property begins here too."""
    known = chinese_things().match(text, place)
    longest = next((n for n in range(6, 0, -1) if _is_idle(text[place : place + n])), 0)
    return "" if known and len(known[0]) >= longest else text[place : place + longest]


def _is_idle(word: str) -> bool:
    """Single characters of prose are parts of names more often than words of their own: 天 of 天窗."""
    return (len(word) > 1 and word in chinese_prose()) or word in load_fillers()[1]
