"""Where in a message the shopper speaks of themselves: "I love wool", "我平时穿42码".

In: folded text and its items. Out: `Region`s, stretches with what they do (like, dislike, size, budget) and for whom.
Knows the phrases of `preferences.toml` and nothing of the catalog. Likes and dislikes in other words: `stances`.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from assistant.parsing.data import load_preferences
from assistant.parsing.senses import Item

KINDS = ("dislike", "like", "budget", "size")
"""Of phrases that begin at one place the longest counts, then the earlier kind."""

_STOP = re.compile(r"[;!?。…\n]|(?<!(?<![a-z])[a-z])\.(?!\d)")
_COMMA = re.compile(r"[,、]")
_BREAK = re.compile(r"[,、;:!?。…\n.]")
_AROUND = ' .!?,;《》"“”'
_TURN = re.compile(
    r"(?<![a-z])(?:but (?:i )?(?:really |definitely )?(?:not|no|don't like|do not like|hate|never)|except(?: for)?"
    r"|just not|not|never)(?![a-z])"
    r"|但(?:是)?不(?:太|怎么)?(?:喜欢|爱|要|包括)?|不过不(?:喜欢|爱|要)|除了|不喜欢|不要|讨厌"
)


@dataclass(frozen=True, slots=True)
class Region:
    """A stretch that speaks of the shopper, or of the person bought for (`other`).

    `kinds` are those of `KINDS` that the phrase may be ("I usually buy"); what is spoken of stands from `begin` to
    `end`, the phrase itself from `start`. `mild`: "I prefer", which beside a wish is part of it. `turns`: from there
    on a like is a dislike ("but not"). `until`: where what is spoken of ends, if the phrase comes after it.
    `names_title`: what is spoken of is a product by its title.
    """

    kinds: tuple[str, ...]
    start: int
    begin: int
    end: int
    other: bool = False
    mild: bool = False
    turns: int | None = None
    until: int | None = None
    names_title: bool = False

    def holds(self, start: int, end: int) -> bool:
        """Whether a place is inside."""
        return self.start <= start and end <= self.end

    def likes(self, start: int) -> bool | None:
        """Whether what stands at `start` is liked or disliked; None where neither is said."""
        if "dislike" in self.kinds:
            return False
        if "like" not in self.kinds:
            return None
        return self.turns is None or start < self.turns


IsName = Callable[[str], bool]
"""Whether a text is the title of a product."""


def find_regions(text: str, items: Sequence[Item], is_title: IsName = lambda _: False) -> list[Region]:
    """The regions of a folded message in order, none within another."""
    found: list[Region] = []
    backwards = _backwards(text, items, is_title)
    for kinds, match, other in _phrases(text):
        if any(match.start() < region.end and region.begin < match.end() for region in backwards):
            continue
        region = _forward(kinds, match, text, items, is_title, other=other)
        if region is not None:
            if found and region.start < found[-1].end:
                found[-1] = _cut(found[-1], region.start)
            found.append(region)
    found += [region for region in backwards if not any(_meet(region, other) for other in found)]
    return sorted((region for region in found if region.begin < region.end), key=lambda region: region.start)


def has_wish(text: str) -> bool:
    """Whether folded text asks for something.

    >>> has_wish("i love wool"), has_wish("show me some"), has_wish("推荐几款")
    (False, True, True)
    """
    return _wish().search(text) is not None


def _meet(one: Region, other: Region) -> bool:
    return one.start < other.end and other.start < one.end


def _cut(region: Region, end: int) -> Region:
    turns = region.turns if region.turns is not None and region.turns < end else None
    return Region(region.kinds, region.start, region.begin, end, region.other, region.mild, turns)


def _phrases(text: str) -> list[tuple[tuple[str, ...], re.Match[str], bool]]:
    """(kinds, match, of another person) of the phrases that do not overlap, in order."""
    hits = [
        (match.start(), -match.end(), kind, match, other)
        for other, patterns in ((False, _patterns()), (True, _other_patterns()))
        for kind, pattern in patterns.items()
        for match in pattern.finditer(text)
        if match["fan"] is None or _fan().search(_clause(text, match.end()))
    ]
    hits.sort(key=lambda hit: (hit[0], hit[1], KINDS.index(hit[2])))
    kept: list[tuple[tuple[str, ...], re.Match[str], bool]] = []
    for start, minus_end, kind, match, other in hits:
        if kept and kept[-1][1].span() == (start, -minus_end):
            kept[-1] = ((*kept[-1][0], kind), *kept[-1][1:])
        elif not kept or start >= kept[-1][1].end():
            kept.append(((kind,), match, other))
    return kept


def _clause(text: str, begin: int) -> str:
    stop = re.compile(rf"{_STOP.pattern}|{_COMMA.pattern}").search(text, begin)
    return text[begin : stop.start() if stop else len(text)]


def _forward(
    kinds: tuple[str, ...], match: re.Match[str], text: str, items: Sequence[Item], is_title: IsName, *, other: bool
) -> Region | None:
    begin = match.end()
    speaks = bool({"like", "dislike"} & set(kinds))
    mild = "like" in kinds and ("prefer" in match[0] or "ones" in _clause(text, begin).split())
    title_end = _title_end(text, begin, is_title) if speaks else None
    if title_end is not None:
        # More things may be named behind it; what the title itself says means nothing else.
        end = _scope_end(text, title_end, items, is_title)
        turn = _TURN.search(text, title_end, end) if "like" in kinds else None
        return Region(kinds, match.start(), begin, end, other, mild, turn.start() if turn else None, names_title=True)
    names_title = any(is_title(piece) or is_title(bare(piece)) for piece in pieces(_clause(text, begin)))
    if speaks and not names_title and _points(text[begin:].lstrip()):
        return None
    end = _scope_end(text, begin, items, is_title)
    turn = _TURN.search(text[begin:end]) if "like" in kinds else None
    return Region(kinds, match.start(), begin, end, other, mild, begin + turn.start() if turn else None)


def _title_end(text: str, begin: int, is_title: IsName) -> int | None:
    """Where a title ends that begins here; one may hold commas and full stops."""
    for end in (len(text), *reversed([stop.start() for stop in _BREAK.finditer(text, begin)])):
        piece = text[begin:end].strip(_AROUND)
        if is_title(piece) or is_title(bare(piece)):
            return end
    return None


def _title_begin(text: str, end: int, is_title: IsName) -> int | None:
    """Where a title begins that ends here, what opens the sentence left out."""
    for start in (0, *(stop.end() for stop in _BREAK.finditer(text, 0, end))):
        opened = _opening().match(text, start, end)
        begin = opened.end() if opened else start
        if is_title(text[begin:end].strip(_AROUND)):
            return begin
    return None


def _scope_end(text: str, begin: int, items: Sequence[Item], is_title: IsName) -> int:
    """Where what is said of the shopper ends: at a full stop, a wish, or a comma that no list goes on after."""
    stop = _STOP.search(text, begin)
    end = stop.start() if stop else len(text)
    wish = _wish().search(text, begin, end)
    end = wish.start() if wish else end
    for comma in _COMMA.finditer(text, begin, end):
        following = _COMMA.search(text, comma.end(), end)
        segment_end = following.start() if following else end
        if not _goes_on(text, comma.end(), segment_end, items, is_title):
            return comma.start()
    return end


def _goes_on(text: str, start: int, end: int, items: Sequence[Item], is_title: IsName) -> bool:
    """Whether a segment after a comma holds nothing but things of the list and what joins them."""
    if not text[start:end].strip():
        return True
    if all(is_title(piece) for piece in pieces(text[start:end])):
        return True
    between = _words("between")
    inside = [item for item in items if start <= item.start and item.end <= end]
    known = any(item.is_mention for item in inside)
    return known and all(
        item.is_mention or item.norm in between or item.said.strip().lower() in between or not item.norm[:1].isalnum()
        for item in inside
    )


_JOINTS = re.compile(r"\s*(?:,|、|;|/|&|\+)\s*|\s+(?:and|or|as well as|nor|but not|plus)\s+|和|与|以及|还有|或者|跟")


def pieces(text: str) -> list[str]:
    """The parts of a list, as said.

    >>> pieces("toy story, heat and alien")
    ['toy story', 'heat', 'alien']
    """
    return [piece.strip() for piece in _JOINTS.split(text) if piece and piece.strip()]


def bare(piece: str) -> str:
    """A part of a list without what Chinese puts behind a name: particles, and what a follower of it is called.

    >>> bare("toy story了"), bare("toy story的铁粉"), bare("toy story")
    ('toy story', 'toy story', 'toy story')
    """
    return _behind().sub("", piece).strip()


@lru_cache
def _behind() -> re.Pattern[str]:
    fans = "|".join(_longest(load_preferences()["zh"]["fan"]))
    return re.compile(rf"(?:的?(?:铁杆|忠实|铁|骨灰级)?(?:{fans}))?[了啊呀呢哦的]*$")


def _backwards(text: str, items: Sequence[Item], is_title: IsName) -> list[Region]:
    """ "Horror isn't my thing", 皮革我不喜欢: what stands before the phrase in its clause."""
    found: list[Region] = []
    for kind in ("dislike_back", "like_back", "praise_back"):
        for match in _pattern(kind).finditer(text):
            region = _backward(kind, match, text, items, is_title)
            if region is not None and not any(_meet(region, other) for other in found):
                found.append(region)
    return found


def _backward(kind: str, match: re.Match[str], text: str, items: Sequence[Item], is_title: IsName) -> Region | None:
    title = _title_begin(text, match.start(), is_title)
    if title is not None:
        liked = "dislike" if kind == "dislike_back" else "like"
        return Region((liked,), title, title, match.end(), until=match.start(), names_title=True)
    if kind == "praise_back":
        return None
    before = [*_STOP.finditer(text, 0, match.start()), *_COMMA.finditer(text, 0, match.start())]
    start = max((stop.end() for stop in before), default=0)
    opened = _opening().match(text, start, match.start())
    begin = opened.end() if opened else start
    end = match.end() + len(_clause(text, match.end()))
    said = text[begin : match.start()].strip()
    names_titles = any(is_title(piece) for piece in pieces(said))
    if not said or (not names_titles and (_points(said) or _wish().search(said))):
        return None
    if any(item.is_mention and match.end() <= item.start and item.end <= end for item in items):
        return None
    return Region((kind.removesuffix("_back"),), start, begin, match.end(), until=match.start())


def _points(rest: str) -> bool:
    en = load_preferences()["en"]
    if any(_begins(rest, phrase) for phrase in en["not_pointing"]):
        return False
    return any(_begins(rest, word) for word in (*en["pointing"], *load_preferences()["zh"]["pointing"]))


def _begins(text: str, phrase: str) -> bool:
    return text.startswith(phrase) and (not phrase.isascii() or not text[len(phrase) : len(phrase) + 1].isalpha())


@lru_cache
def _words(name: str) -> frozenset[str]:
    table: Mapping[str, Any] = load_preferences()
    return frozenset((*table["en"][name], *table["zh"][name]))


@lru_cache
def _wish() -> re.Pattern[str]:
    table = load_preferences()
    english = "|".join(re.escape(phrase) for phrase in sorted(table["en"]["wish"], key=len, reverse=True))
    chinese = "|".join(re.escape(phrase) for phrase in sorted(table["zh"]["wish"], key=len, reverse=True))
    return re.compile(rf"(?<![a-z'])(?:and |so |but )?(?:{english})(?![a-z])|{chinese}")


@lru_cache
def _opening() -> re.Pattern[str]:
    phrases = sorted(_words("opening"), key=len, reverse=True)
    return re.compile(r"\s*(?:" + "|".join(re.escape(phrase) for phrase in phrases) + r")\s*")


@lru_cache
def _fan() -> re.Pattern[str]:
    table = load_preferences()
    english = "|".join(re.escape(word) for word in table["en"]["fan"])
    return re.compile(rf"(?<![a-z])(?:{english})(?![a-z])(?!\sof)|(?:{'|'.join(table['zh']['fan'])})(?:$|\W|了|呀|啊)")


@lru_cache
def _patterns() -> Mapping[str, re.Pattern[str]]:
    return {kind: _pattern(kind) for kind in KINDS}


@lru_cache
def _other_patterns() -> Mapping[str, re.Pattern[str]]:
    table = load_preferences()["other"]
    return {
        kind: re.compile("|".join(_phrase(phrase) for phrase in _longest(table[kind])) + "(?P<fan>(?!))?")
        for kind in ("dislike", "like", "size")
    }


@lru_cache
def _pattern(kind: str) -> re.Pattern[str]:
    table = load_preferences()
    alternatives = [_phrase(phrase) for phrase in _longest([*table["en"].get(kind, ()), *table["zh"].get(kind, ())])]
    openings = table["zh"].get(f"{kind}_start", ())
    alternatives += [rf"(?:(?<=^)|(?<=[,;!?。、\s]))(?:{_phrase(phrase)})" for phrase in _longest(openings)]
    fans = "|".join(_phrase(phrase) for phrase in _longest([*table["en"]["fan_of"], *table["zh"]["fan_of"]]))
    fan = f"(?P<fan>{fans})" if kind == "like" else "(?P<fan>(?!))"
    return re.compile("|".join([*alternatives, fan]))


def _longest(phrases: Sequence[str]) -> list[str]:
    return sorted(phrases, key=len, reverse=True)


def _phrase(phrase: str) -> str:
    """A phrase of the data as a pattern."""
    language = "en" if phrase.isascii() else "zh"
    english = language == "en"
    table = load_preferences()[language]
    adverbs = "|".join(re.escape(word) for word in _longest(table["adverbs"]))
    habits = "|".join(re.escape(word) for word in _longest(table["habit"]))
    things = "|".join(re.escape(word) for word in _longest(table["things"]))
    any_adverbs = rf"(?:\s+(?:{adverbs}))*\s+" if english else rf"(?:{adverbs})*"
    some_habit = rf"(?:\s+(?:{adverbs}))*\s+(?:{habits})(?:\s+(?:{adverbs}))*\s+" if english else (
        rf"(?:{adverbs})*(?:{habits})(?:{adverbs})*"
    )  # fmt: skip
    body = re.escape(phrase).replace(r"\{thing\}", f"(?:{things})").replace(r"\ ", r"\s+")
    body = body.replace("_", any_adverbs).replace(r"\~", some_habit).replace("~", some_habit)
    return rf"(?<![a-z']){body}(?![a-z])" if english else body
